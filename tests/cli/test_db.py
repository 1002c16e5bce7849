"""todoctl db: what is not whole is found, the trash is emptied, and space is given back."""

import os

import cli


def test_a_whole_store_is_said_to_be_whole(world):
    world.todo(world.user(), "Fine")
    assert world.ok("db", "check").out == "The store is whole.\n"
    assert world.json("db", "check") == {"whole": True, "flaws": []}


def test_broken_rules_are_found(world):
    world.user()
    world.change("DELETE FROM todos")
    item = world.todo(world.user(), "Broken soon")
    world.change("UPDATE todos SET version = 0, title = ''")
    result = world.run("db", "check", "--json")
    key = item["id"] if cli.STORE else item["id"].replace("-", "")
    assert result.code == 1 and result.json()["whole"] is False, result
    assert sorted(result.json()["flaws"]) == [f"todo {key} has a title of 0 characters", f"todo {key} has version 0"]
    text = world.run("db", "check")
    assert text.code == 1 and text.out.count("\n") == 2 and "the store has 2 flaws; try: " in text.err, text
    world.change("DELETE FROM todos")
    world.ok("db", "check")


def test_a_todo_of_nobody_is_found(world):
    user = world.user()
    world.todo(user, "Orphan")
    world.change("DELETE FROM users")
    result = world.run("db", "check", "--json")
    assert result.code == 1 and len(result.json()["flaws"]) == 1, result
    world.change("DELETE FROM todos")


def test_a_number_beyond_its_users_is_found(world):
    user = world.user()
    world.todo(user, "Ahead")
    world.change("UPDATE user_sequences SET modseq = 0")
    result = world.run("db", "check", "--json")
    assert result.code == 1 and len(result.json()["flaws"]) == 1, result
    world.change("DELETE FROM todos")


def test_a_damaged_file_is_found(world):
    if cli.STORE:
        world.env["DATABASE_WRITER_URL"] = "sqlite:" + world.path("todo.db")
    user = world.user()
    for number in range(20):
        world.todo(user, f"Todo {number}", "-D", "x" * 3000)
    with open(world.path("todo.db"), "r+b") as file:
        file.seek(-5 * 4096, os.SEEK_END)
        file.write(b"\xa5" * 4096 * 3)
    result = world.run("db", "check")
    assert result.code == 1 and "; try: " in result.err, result


def test_vacuum_gives_space_back_and_loses_nothing(world):
    user = world.user()
    kept = world.todo(user, "Kept")
    lost = [world.todo(user, f"Lost {number}", "-D", "x" * 20000)["id"] for number in range(15)]
    world.ok("todo", "rm", "-y", "--purge", "-u", user["id"], *lost)
    before = None if cli.STORE else os.stat(world.path("todo.db")).st_size
    assert world.ok("db", "vacuum").out == "Vacuumed.\n"
    assert world.json("db", "vacuum") == {"vacuumed": True}
    if not cli.STORE:
        assert os.stat(world.path("todo.db")).st_size < before / 2
    assert world.json("todo", "list", "-u", user["id"]) == [kept]
    world.ok("db", "check")


def age(world, item, days):
    """As if the todo had been moved to the trash so many days ago."""
    if cli.STORE:
        world.change(f"UPDATE todos SET deleted_at = deleted_at - interval '{days} days' WHERE id = '{item['id']}'")
    else:
        world.change(f"UPDATE todos SET deleted_at = deleted_at - {days * 86400000000}"
                     f" WHERE id = x'{item['id'].replace('-', '')}'")


def test_purge_removes_what_has_been_in_the_trash_for_long(world):
    user, other = world.user(), world.user()
    live, late, early = (world.todo(user, title) for title in ("Live", "Late", "Early"))
    foreign = world.todo(other, "Of somebody else")
    world.ok("todo", "rm", "-y", "-u", user["id"], late["id"], early["id"])
    world.ok("todo", "rm", "-y", "-u", other["id"], foreign["id"])
    age(world, early, 31)
    age(world, foreign, 31)
    assert world.ok("db", "purge", "--dry-run").out == "Would purge 2 todos.\n"
    assert world.json("db", "purge", "-n", "-u", user["email"]) == {"purged": 1, "dry_run": True}
    world.fails(2, "db", "purge", stdin="y\n", says="try: --yes")
    world.fails(2, "db", "purge", "--older-than", "soon", says="soon is no time to keep the trash for")
    world.fails(3, "db", "purge", "-u", "nobody@example.org")
    assert world.json("db", "purge", "-y", "-u", user["id"]) == {"purged": 1, "dry_run": False}
    assert [item["id"] for item in world.json("todo", "list", "--deleted", "-u", user["id"])] == [late["id"]]
    assert world.ok("db", "purge", "--yes").out == "Purged 1 todo.\n"
    assert world.ok("db", "purge").out == "Purged 0 todos.\n"  # nothing to ask about
    assert world.json("todo", "list", "--deleted", "-u", other["id"]) == []
    assert world.json("db", "purge", "-y", "--older-than", "1h") == {"purged": 0, "dry_run": False}
    assert world.json("db", "purge", "-y", "--older-than", "0") == {"purged": 1, "dry_run": False}
    world.fails(3, "todo", "restore", "-u", user["id"], late["id"], says="try: todoctl todo list --deleted")
    assert world.json("todo", "list", "-u", user["id"]) == [live]
    world.ok("db", "check")


def test_purge_empties_a_large_trash_in_batches(world):
    user = world.user()
    if cli.STORE:
        world.change("INSERT INTO todos (id, user_id, title, completed, created_at, updated_at, deleted_at)"
                     f" SELECT gen_random_uuid(), '{user['id']}', 'x', false, now(), now(), now()"
                     " FROM generate_series(1, 2500)")
    else:
        world.change("INSERT INTO todos (id, user_id, title, completed, created_at, updated_at, version, deleted_at)"
                     " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
                     f" SELECT randomblob(16), x'{user['id'].replace('-', '')}', 'x', 0, i, i, 2, i FROM n")
    assert world.json("db", "purge", "-y", "--older-than", "0", "-u", user["id"])["purged"] == 2500
    assert world.json("todo", "list", "--deleted", "-u", user["id"]) == []


cli.main()
