"""todoctl db: what is not whole is found, and space is given back."""

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
    if cli.STORE:
        world.change("ALTER TABLE todos DROP CONSTRAINT todos_user_id_fkey", "DELETE FROM users")
    else:
        world.change("PRAGMA foreign_keys = off", "DELETE FROM users")
    result = world.run("db", "check", "--json")
    assert result.code == 1 and len(result.json()["flaws"]) == 1, result
    world.change("DELETE FROM todos")
    if cli.STORE:
        world.change("ALTER TABLE todos ADD CONSTRAINT todos_user_id_fkey FOREIGN KEY (user_id)"
                      " REFERENCES users ON DELETE CASCADE")


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
    world.ok("todo", "rm", "-y", "-u", user["id"], *lost)
    before = None if cli.STORE else os.stat(world.path("todo.db")).st_size
    assert world.ok("db", "vacuum").out == "Vacuumed.\n"
    assert world.json("db", "vacuum") == {"vacuumed": True}
    if not cli.STORE:
        assert os.stat(world.path("todo.db")).st_size < before / 2
    assert world.json("todo", "list", "-u", user["id"]) == [kept]
    world.ok("db", "check")


cli.main()
