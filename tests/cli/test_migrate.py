"""todoctl migrate down, and schemas that are newer than this version."""

import os
import subprocess

import cli

NEWER = {
    True: "INSERT INTO schema_migrations VALUES (9999, 'later', 'x', now())",
    False: "INSERT INTO schema_migrations VALUES (9999, 'later', 'x', 1)",
}


def applied(world):
    return [each["number"] for each in world.json("migrate", "status") if each["applied"]]


def take_all_back(world):
    world.ok("migrate", "down", "--to", "0", "--lose-data", "-y")


def test_status_tells_what_goes_with_each(world):
    world.ok("migrate")
    first = world.json("migrate", "status")[0]
    assert first["reversible"] is True and first["loss"].startswith("users"), first
    text = world.ok("migrate", "status").out.splitlines()
    assert text[0].endswith("LOST WHEN TAKEN BACK") and text[1].endswith(first["loss"]), text


def test_a_dry_run_tells_which_and_takes_nothing_back(world):
    world.ok("migrate")
    world.user()
    before = applied(world)
    listed = world.json("migrate", "down", "--to", "0", "--dry-run")
    assert [each["number"] for each in listed] == before[::-1], listed
    assert listed[-1]["loss"].split()[0].isdigit() and "users" in listed[-1]["loss"], listed
    assert "Nothing was taken back.\n" in world.ok("migrate", "down", "-n").out
    assert applied(world) == before


def test_nothing_is_taken_back_that_data_goes_with_unless_told_so(world):
    world.ok("migrate")
    take_all_back(world)
    world.ok("migrate")
    before = applied(world)
    user = world.user()
    world.fails(5, "migrate", "down", "--to", "0", "--yes",
                says="taking migration 1 back loses 1 users")
    assert applied(world) == before
    assert world.json("user", "list") == [user]
    take_all_back(world)
    assert applied(world) == []
    world.ok("migrate")
    assert world.json("user", "list") == []


def test_by_default_only_the_latest_is_taken_back(world):
    world.ok("migrate")
    before = applied(world)
    listed = world.json("migrate", "down", "--yes", "--lose-data")
    assert [each["number"] for each in listed] == before[-1:], listed
    assert applied(world) == before[:-1]
    assert world.json("migrate") == {"applied": 1}


def test_the_trash_goes_with_its_migration_and_nothing_else_does(world):
    world.ok("migrate")
    take_all_back(world)
    world.ok("migrate")
    trash, = [each["number"] for each in world.json("migrate", "status") if each["name"] == "trash"]
    down = ("migrate", "down", "--to", str(trash - 1), "--yes")
    user = world.user()
    kept, removed = world.todo(user, "Kept"), world.todo(user, "Removed")
    world.ok("todo", "rm", "-y", "-u", user["id"], removed["id"])
    world.fails(5, *down, says=f"taking migration {trash} back loses 1 todos in the trash")
    world.ok(*down, "--lose-data")
    world.ok("migrate")
    assert world.json("todo", "list", "-u", user["id"]) == [kept]
    world.fails(3, "todo", "restore", "-u", user["id"], removed["id"])
    assert world.ok("db", "check").out == "The store is whole.\n"
    world.ok(*down)
    world.ok("migrate")
    assert world.json("todo", "list", "-u", user["id"]) == [kept]


def test_down_to_what_is_there_does_nothing(world):
    world.ok("migrate")
    count = len(applied(world))
    assert world.ok("migrate", "down", "--to", str(count)).out == "Nothing was taken back.\n"
    take_all_back(world)
    assert world.ok("migrate", "down").out == "Nothing was taken back.\n"


def test_down_asks_first(world):
    world.ok("migrate")
    take_all_back(world)
    world.ok("migrate")
    before = applied(world)
    world.fails(2, "migrate", "down", says="there is no terminal to ask: Take back 1 migration, and lose nothing?")
    declined = world.on_terminal("migrate", "down", answers=[("[y/N]", "n\n")])
    assert declined.code == 1 and applied(world) == before, declined
    done = world.on_terminal("migrate", "down", answers=[("[y/N]", "y\n")])
    assert done.code == 0 and applied(world) == before[:-1], done


def test_the_target_is_a_migration_that_is_there(world):
    world.ok("migrate")
    for target in ("none", "-1", "9999"):
        world.fails(2, "migrate", "down", "--to=" + target, says="is no migration from 0 to ")


def test_a_schema_that_is_newer_is_refused_by_every_program(world):
    world.ok("migrate")
    world.change(NEWER[cli.STORE is not None])
    says = "the database is of a later version of this software"
    for command in (("migrate",), ("migrate", "down", "-y"), ("migrate", "status"), ("user", "list"), ("db", "check")):
        world.fails(1, *command, says=says)
    server = subprocess.run([os.environ["TODO_SERVER"], "--check"], encoding="utf-8", stderr=subprocess.PIPE,
                            env={**world.env, "JWT_SECRET": cli.SECRET, "EDGE_SECRET": cli.SECRET[::-1]}, check=False)
    assert server.returncode == 1 and says in server.stderr, server
    world.change("DELETE FROM schema_migrations WHERE number = 9999")


cli.main()
