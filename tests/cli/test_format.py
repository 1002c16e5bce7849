"""--format: the same results in every form."""

import csv
import io
import json

import cli

NASTY = 'a "quoted", title'


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def text_of(value):
    """A JSON value as a field of CSV."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def same(row, record):
    return row == {name: text_of(record[name]) for name in row}


def some_todos(world):
    user = world.user()
    world.env["TODO_USER"] = user["id"]
    return [world.todo(user, NASTY, "-D", "two\nlines"), world.todo(user, "plain"), world.todo(user, "日本語")]


def test_json_is_the_long_form_of_its_option(world):
    some_todos(world)
    for command in (("todo", "list"), ("user", "list"), ("migrate", "status")):
        assert world.ok(*command, "--json").out == world.ok(*command, "--format", "json").out, command


def test_a_table_is_the_default(world):
    some_todos(world)
    assert world.ok("todo", "list").out == world.ok("todo", "list", "-f", "table").out


def test_json_lines_are_the_elements_of_the_array(world):
    some_todos(world)
    for command in (("todo", "list"), ("user", "list"), ("migrate", "status")):
        lines = world.ok(*command, "-f", "jsonl").out.splitlines()
        assert [json.loads(line) for line in lines] == world.json(*command), command


def test_csv_has_the_members_as_columns(world):
    some_todos(world)
    for command in (("todo", "list"), ("user", "list"), ("migrate", "status")):
        listed = rows(world.ok(*command, "-f", "csv").out)
        records = world.json(*command)
        assert len(listed) == len(records) and all(map(same, listed, records)), (command, listed)
        assert list(listed[0]) == list(records[0]), command


def test_csv_tells_null_from_the_empty_text(world):
    user = world.user()
    world.todo(user, "none")
    world.todo(user, "empty", "-D", "")
    lines = world.ok("todo", "list", "-u", user["id"], "-f", "csv").out.splitlines()
    assert ',empty,"",false,' in lines[1] and ",none,,false," in lines[2], lines


def test_ids_feed_other_commands(world):
    todos = some_todos(world)
    ids = world.ok("todo", "list", "-f", "ids").out.split("\n")
    assert ids == [todo["id"] for todo in reversed(todos)] + [""], ids
    assert world.ok("todo", "done", "-f", "ids", *ids[:2]).out.split("\n") == ids[:2] + [""]
    assert world.ok("todo", "list", "--open", "-f", "ids").out == todos[0]["id"] + "\n"
    assert world.env["TODO_USER"] in world.ok("user", "list", "-f", "ids").out.split("\n")


def test_one_result_has_the_same_forms(world):
    user = world.user()
    world.env["TODO_USER"] = user["id"]
    id_ = world.ok("todo", "add", "One", "-f", "ids").out
    item = world.json("todo", "show", id_.strip())
    assert json.loads(world.ok("todo", "show", item["id"], "-f", "jsonl").out) == item
    row, = rows(world.ok("todo", "show", item["id"], "-f", "csv").out)
    assert same(row, item) and list(row) == list(item), row
    assert world.ok("todo", "rm", "-y", item["id"], "-f", "ids").out == id_


def test_findings_and_flaws_are_a_list_where_there_is_no_nesting(world):
    world.user()
    checks = world.run("doctor", "--json").json()["checks"]
    listed = rows(world.run("doctor", "-f", "csv").out)
    assert [row["check"] for row in listed] == [check["check"] for check in checks], listed
    assert list(listed[0]) == ["check", "finding", "message", "try"], listed
    lines = world.run("doctor", "-f", "jsonl").out.splitlines()
    assert [json.loads(line)["check"] for line in lines] == [check["check"] for check in checks], lines
    assert world.ok("db", "check", "-f", "csv").out == world.ok("db", "check", "-f", "jsonl").out == ""
    world.todo(world.user(), "Broken soon")
    world.change("UPDATE todos SET version = 0")
    flaws = world.run("db", "check", "--json").json()["flaws"]
    assert [row["flaw"] for row in rows(world.run("db", "check", "-f", "csv").out)] == flaws
    world.change("DELETE FROM todos")


def test_nothing_is_nothing_in_every_form(world):
    user = world.user()
    for name, nothing in (("table", ""), ("json", "[]\n"), ("jsonl", ""), ("csv", ""), ("ids", "")):
        assert world.ok("todo", "list", "-u", user["id"], "-f", name).out == nothing, name


def test_what_makes_no_sense_is_refused_before_anything_is_done(world):
    world.ok("migrate")
    world.fails(2, "todo", "list", "-f", "xml", says="there is no format xml; try: --format table, json, jsonl, csv")
    world.fails(2, "todo", "list", "-j", "-f", "csv", says="--json and --format csv exclude each other")
    world.ok("user", "list", "--json", "--format", "json")
    for command in (("migrate",), ("db", "vacuum"), ("doctor",), ("token", "keygen"), ("bench",), ("cache", "stats")):
        world.fails(2, *command, "-f", "ids", says="prints has no ids; try: --format json")


cli.main()
