"""export and import: nothing is lost, nothing comes twice, and memory stays bounded."""

import csv
import io
import json
import os
import re
import signal
import stat
import subprocess
import threading
import time
import uuid

import cli

FORMATS = ("jsonl", "csv", "icalendar")
NASTY = (
    ("Plain", None),
    ("Empty description", ""),
    ('Quotes " and "" and , and ; and \\ and \\n', 'a "quoted", text; with \\ and \\n and \\N'),
    ("Lines\nin a title", "one\ntwo\n\nfour\n"),
    ("CRLF", "one\r\ntwo\rthree"),
    ("Tab\tand \x01\x1b[31m controls \x7f", "\x02\x1f"),
    ("日本語のとても長い題名" * 18, "Ünïcödé 🎉 " * 40),
    ("=1+1", "@x"),
    ("x" * 200, "y" * 5000),
    ("BEGIN:VTODO", "END:VTODO\nBEGIN:VTODO"),
    ("﻿byte order mark inside", " blanks around "),
)


def fill(world):
    """A user with one todo of each kind of trouble, two of them changed since."""
    user = world.user()
    for title, description in NASTY:
        world.todo(user, title, *([] if description is None else ["-D", description]))
    for item in world.json("todo", "list", "-u", user["id"])[:2]:
        world.ok("todo", "done", "-u", user["id"], item["id"])
    return user


def export(world, user, form="jsonl", *arguments):
    done = subprocess.run([cli.TODOCTL, "export", "-u", user["id"], "-f", form, *arguments], env=world.env,
                          cwd=world.folder, capture_output=True, check=True)
    assert done.stderr == b"", done
    return re.sub(rb',"modseq":\d+(?=}\n)', b"", done.stdout)  # the store's own number of the change


def without_modseq(items):
    return [{name: value for name, value in item.items() if name != "modseq"} for item in items]


def load(world, data, *arguments, **keywords):
    path = world.path("import.data")
    with open(path, "wb") as out:
        out.write(data)
    return world.json("import", path, *arguments, **keywords)


def empty(world, user):
    ids = [item["id"] for item in world.json("todo", "list", "-u", user["id"], "--all")]
    if ids:
        world.ok("todo", "rm", "-y", "--purge", "-u", user["id"], *ids)


def rows(user, count, start=1700000000):
    """So many todos as JSON Lines, as an export would have them."""
    lines, base = [], (uuid.UUID(user["id"]).int ^ start << 40) >> 32 << 32
    for number in range(count):
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(start + number // 1000))
        stamp = f"{seconds}.{number % 1000 * 1000:06d}Z"
        lines.append(json.dumps({
            "id": str(uuid.UUID(int=base | number)), "user_id": user["id"],
            "title": f"Todo {number}", "description": None, "completed": number % 2 == 0, "created_at": stamp,
            "updated_at": stamp, "version": 1}, separators=(",", ":")))
    return ("\n".join(lines) + "\n").encode("utf-8")


def test_export_import_export_is_byte_identical_in_every_format(world):
    user = fill(world)
    before = {form: export(world, user, form) for form in FORMATS}
    for form in FORMATS:
        empty(world, user)
        assert load(world, before[form], "-f", form) == {"added": len(NASTY), "known": 0, "dry_run": False}
        for other in FORMATS:
            assert export(world, user, other) == before[other], (form, other)


def test_the_trash_is_exported_only_if_asked_for_and_comes_back_as_it_was(world):
    user = fill(world)
    items = world.json("todo", "list", "-u", user["id"])
    world.ok("todo", "rm", "-y", "-u", user["id"], *(item["id"] for item in items[::2]))
    live = {form: export(world, user, form) for form in FORMATS}
    before = {form: export(world, user, form, "--deleted") for form in FORMATS}
    trashed = world.json("todo", "list", "-u", user["id"], "--deleted")
    assert live["jsonl"].count(b"\n") == len(items) // 2 and before["jsonl"].startswith(live["jsonl"])
    for form in FORMATS:
        empty(world, user)
        world.ok("todo", "rm", "-y", "--purge", "-u", user["id"], *(item["id"] for item in trashed))
        assert load(world, before[form], "-f", form) == {"added": len(items), "known": 0, "dry_run": False}
        assert without_modseq(world.json("todo", "list", "-u", user["id"], "--deleted")) == without_modseq(trashed)
        for other in FORMATS:
            assert export(world, user, other, "--deleted") == before[other], (form, other)
            assert export(world, user, other) == live[other], (form, other)
        assert load(world, before[form], "-f", form) == {"added": 0, "known": len(items), "dry_run": False}


def test_what_is_in_the_trash_is_let_be_and_said(world):
    user = world.user()
    kept, lost = world.todo(user, "Kept"), world.todo(user, "Lost")
    data = export(world, user)
    world.ok("todo", "rm", "-y", "-u", user["id"], lost["id"])
    said = {"added": 0, "known": 2, "trashed": 1}
    assert load(world, data, "-n") == {**said, "dry_run": True}
    assert load(world, data) == {**said, "dry_run": False}
    text = world.ok("import", world.path("import.data")).out
    assert text == "Imported 0 todos; 2 were there already, 1 in the trash.\n", text
    assert world.json("todo", "list", "-u", user["id"]) == [kept]
    world.ok("todo", "restore", "-u", user["id"], lost["id"])
    assert load(world, data) == {"added": 0, "known": 2, "dry_run": False}


def test_what_is_exported_is_what_todo_show_shows(world):
    user = fill(world)
    lines = export(world, user).decode("utf-8").split("\n")
    assert lines.pop() == "" and len(lines) == len(NASTY)
    items = [json.loads(line) for line in lines]
    assert [(item["title"], item["description"]) for item in items] == [
        (title.strip(), description) for title, description in NASTY]
    for item in items[:3]:
        assert without_modseq([world.json("todo", "show", "-u", user["id"], item["id"])]) == [item]


def test_csv_is_what_other_programs_read(world):
    user = fill(world)
    table = list(csv.DictReader(io.StringIO(export(world, user, "csv").decode("utf-8"), newline="")))
    assert [(row["title"], row["description"]) for row in table] == [
        (title, description or "") for title, description in NASTY]
    assert {row["completed"] for row in table} == {"true", "false"}


def test_icalendar_is_folded_and_escaped_as_the_standard_has_it(world):
    data = export(world, fill(world), "icalendar")
    assert data.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:") and data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"") and b"\r" not in data.replace(b"\r\n", b"")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75, line
        line.decode("utf-8")  # no character is cut in two
    unfolded = data.replace(b"\r\n ", b"").decode("utf-8")
    assert re.search(r'\r\nSUMMARY:Quotes " and "" and \\, and \\; and \\\\ and \\\\n\r\n', unfolded), unfolded
    assert re.search(r"\r\nDESCRIPTION:one\\ntwo\\n\\nfour\\n\r\n", unfolded), unfolded
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", unfolded), unfolded
    assert len(re.findall(r"\r\nUID:[0-9a-f-]{36}\r\n", unfolded)) == len(NASTY)


def test_icalendar_of_another_program_is_read(world):
    user = world.user()
    data = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Else//EN\r\nBEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE\r\n"
            "BEGIN:VTODO\r\nuid:0190A1B2-0000-7000-8000-00000000ABCD\r\nDTSTAMP:20260102T030405Z\r\n"
            'SUMMARY;LANGUAGE=en;ALTREP="cid:x:y;z":Call\\, then\r\n  write\\; then \r\n\trest\r\n'
            "DUE;VALUE=DATE:20261224\r\nCOMPLETED:20260103T000000Z\r\nCREATED:20260102T030405Z\r\n"
            "BEGIN:VALARM\r\nSUMMARY:not this one\r\nDESCRIPTION:nor this\r\nEND:VALARM\r\n"
            "END:VTODO\r\nEND:VCALENDAR\r\n")
    assert load(world, data.encode(), "-f", "icalendar", "-u", user["id"])["added"] == 1
    item = world.json("todo", "list", "-u", user["id"])[0]
    assert item["title"] == "Call, then write; then rest" and item["completed"] is True, item
    assert item["description"] is None and item["created_at"].startswith("2026-01-02T03:04:05"), item


def test_csv_of_another_program_is_read(world):
    user = world.user()
    data = "\ufeffTitle is ignored,title,id,completed\n1,\"With, comma\",0190a1b2-0000-7000-8000-00000000abce,true\n"
    assert load(world, data.encode("utf-8"), "-f", "csv", "-u", user["email"])["added"] == 1
    item = world.json("todo", "list", "-u", user["id"])[0]
    assert (item["title"], item["completed"], item["version"]) == ("With, comma", True, 1), item


def test_files_of_spreadsheets_are_read_or_their_header_is_named(world):
    user = world.user()
    mark, key = b"\xef\xbb\xbf", b"3a1f6f00-0000-4000-8000-"
    for number, (data, done) in enumerate((
            (b"id,title\r%s,T\r", False), (mark + b"id;title;completed\r\n%s;T;true\r\n", True),
            (b"id\ttitle\tcompleted\n%s\tT\tFALSE\n", False), (b"ID, Title ,Completed\r\n%s,T,TRUE\r\n", True),
            (mark + b'"id","title"\r\n"%s","T"\r\n', False))):
        name = key + b"%012d" % number
        assert load(world, data % name, "-f", "csv", "-u", user["id"])["added"] == 1, data
        item = world.json("todo", "show", "-u", user["id"], name.decode())
        assert (item["title"], item["completed"]) == ("T", done), (data, item)
    assert load(world, b"title\r\nBuy milk\r\nCall Ann\r\n", "-f", "csv", "-u", user["id"])["added"] == 2
    for data, says in ((b"", "no column title"), (b"id,name\n1,2\n", "no column title: id, name"),
                       (b"id|title\n", "no column title: id|title"), (b"title,Title\n", "two columns title")):
        with open(world.path("bad.csv"), "wb") as out:
            out.write(data)
        world.fails(2, "import", "-u", user["id"], "bad.csv", says=says)


def test_a_byte_order_mark_and_a_missing_id_are_no_hindrance(world):
    user = world.user()
    mark = b"\xef\xbb\xbf"
    for form, data in (("jsonl", b'{"title":"T"}\n'),
                       ("icalendar", b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:T\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"),
                       ("csv", b"title\nT\n")):
        assert load(world, mark + data, "-f", form, "-u", user["id"])["added"] == 1, form
    assert len({item["id"] for item in world.json("todo", "list", "-u", user["id"])}) == 3


def calendar_of(*todos, end=True):
    """An iCalendar object; each todo is a list of its lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN"]
    for todo in todos:
        lines += ["BEGIN:VTODO", "DTSTAMP:20260502T070000Z", *todo, "END:VTODO"]
    return "\r\n".join(lines + ["END:VCALENDAR"] * end + [""]).encode("utf-8")


def imported(world, user, data, *arguments, form="icalendar"):
    """What an import into an account without todos makes; a second one finds all of it."""
    empty(world, user)
    first = load(world, data, "-f", form, "-u", user["id"], *arguments)
    items = world.json("todo", "list", "-u", user["id"])
    again = load(world, data, "-f", form, "-u", user["id"], *arguments)
    assert first["added"] == len(items) == again["known"] and again["added"] == 0, (first, again)
    return items


def test_ids_of_other_programs_become_ids_of_their_own(world):
    user, other = world.user(), world.user()
    host = "0aa6c1c2-6e4c-4d6b-8a77-1f2d3c4b5a75@example.org"
    for name in (host, "4839201748392017483"):
        data = calendar_of([f"UID:{name}", "SUMMARY:T"])
        item = imported(world, user, data)[0]
        assert item["id"] == str(uuid.uuid5(uuid.UUID(user["id"]), name)), item
        theirs = imported(world, other, data)[0]
        assert theirs["id"] == str(uuid.uuid5(uuid.UUID(other["id"]), name)), theirs
    items = imported(world, user, calendar_of(["SUMMARY:No UID"], ["SUMMARY:Nor here"], ["UID:", "SUMMARY:Empty"]))
    assert len({item["id"] for item in items}) == 3
    moved = calendar_of(["SUMMARY:Nor here"]).replace(b"DTSTAMP:20260502", b"DTSTAMP:20260503")
    assert load(world, moved, "-f", "icalendar", "-u", user["id"])["known"] == 1


def test_the_times_of_zones_are_read_and_floating_ones_are_utc(world):
    user = world.user()
    for line, time_of in ((";TZID=Europe/Berlin:20260911T141530", "12:15:30"), (":20260911T141530", "14:15:30"),
                          (';TZID="Europe/Berlin":20260111T141530', "13:15:30"), (":20260911T141530Z", "14:15:30"),
                          (";TZID=/example.org/2026a/America/New_York:20260911T081530", "12:15:30"),
                          (";X=\"a;b:c\";TZID=UTC:20260911T141530", "14:15:30")):
        item = imported(world, user, calendar_of([f"UID:{uuid.uuid4()}", "SUMMARY:T", "CREATED" + line]))[0]
        assert item["created_at"][11:19] == time_of, (line, item)


def test_a_percentage_of_100_means_done_unless_the_status_says_otherwise(world):
    user = world.user()
    for lines, done in ((["PERCENT-COMPLETE:100"], True), (["PERCENT-COMPLETE:99"], False),
                        (["PERCENT-COMPLETE:100", "STATUS:IN-PROCESS"], False), (["STATUS:COMPLETED"], True)):
        item = imported(world, user, calendar_of([f"UID:{uuid.uuid4()}", "SUMMARY:T", *lines]))[0]
        assert item["completed"] is done, lines


def test_changed_occurrences_are_told_as_what_they_are(world):
    user, name = world.user(), f"UID:{uuid.uuid4()}"
    data = calendar_of([name, "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY"],
                       [name, "RECURRENCE-ID:20260509T070000Z", "SUMMARY:Moved", "STATUS:COMPLETED"])
    assert load(world, data, "-f", "icalendar", "-u", user["id"]) == {
        "added": 1, "known": 0, "occurrences": 1, "dry_run": False}
    said = world.ok("import", "-f", "icalendar", "-u", user["id"], world.path("import.data")).out
    assert said == ("Imported 0 todos; 1 was there already, "
                    "1 changed occurrence of a recurring todo was passed over.\n"), said
    item, = world.json("todo", "list", "-u", user["id"])
    assert (item["title"], item["completed"]) == ("Weekly", False)


def test_a_calendar_that_was_cut_off_is_warned_of(world):
    user = world.user()
    for data, warned in ((calendar_of(["SUMMARY:T"]), False), (calendar_of(["SUMMARY:T"], end=False), True),
                         (calendar_of(["SUMMARY:T"]) + calendar_of(["SUMMARY:U"], end=False), True)):
        path = world.file("cut.ics", data.decode("utf-8"))
        result = world.run("import", "-u", user["id"], path)
        assert result.code == 0 and ("has no END:VCALENDAR" in result.err) == warned, result
        assert warned or result.err == "", result


def test_an_array_of_json_is_read(world):
    user, keys = world.user(), [str(uuid.uuid4()) for _ in range(3)]
    rows_of = [{"id": key, "title": 'Braces ] } in "text" \\', "more": {"ignored": [1, {}]}} for key in keys]
    for text in (json.dumps(rows_of), json.dumps(rows_of, indent=2) + "\n", "\n " + json.dumps(rows_of)):
        items = imported(world, user, text.encode("utf-8"), form="jsonl")
        assert {item["id"] for item in items} == set(keys)
        assert {item["title"] for item in items} == {rows_of[0]["title"]}
    assert load(world, b"[]", "-u", user["id"])["added"] == 0
    one = json.dumps(rows_of[0])
    for bad, says, line in ((f"[{one}", "does not end", 1), (f"[{one}\n{one}]", "no comma", 2),
                            (f"[{one},]", "no JSON object", 1), (f"[{one},\n7]", "no JSON object", 2),
                            (f"[{one}] x", "behind the array", 1), (f"[\n{one},\n{{]", "no JSON object", 3),
                            (f'[{one},\n{{"title": "x', "does not end", 3)):
        result = world.run("import", "-u", user["id"], world.file("bad.json", bad))
        assert result.code == 2 and says in result.err, (bad, result)


def test_what_is_invalid_is_passed_over_on_request(world):
    user = world.user()
    long = "word " * 60
    good = json.dumps({"title": "Good"})
    files = {
        "a.jsonl": f"{good}\n{{\n{json.dumps({'title': long})}\n{good}\n",
        "b.csv": f"title,completed\r\nGood,true\r\n{long},true\r\nx,maybe\r\nGood,false\r\n",
        "c.ics": calendar_of(["SUMMARY:Good"], ["SUMMARY:" + long], ["nonsense", "SUMMARY:x"],
                             ["SUMMARY:Good", "X:2"]).decode("utf-8"),
        "d.json": f"[{good},\n{{\"title\": 7}},\n{json.dumps({'title': long})},{good}]",
    }
    for name, text in files.items():
        path = world.file(name, text)
        world.fails(2, "import", "-u", user["id"], path, says="--skip-invalid")
        empty(world, user)
        result = world.run("--json", "import", "-u", user["id"], "--skip-invalid", path)
        assert result.code == 0 and result.json() == {"added": 2, "known": 0, "invalid": 2, "dry_run": False}, result
        assert len(re.findall(r"line \d+: [^\n]*; passed over\n", result.err)) == 2, result
        empty(world, user)
        result = world.run("--json", "import", "-u", user["id"], "--skip-invalid", "--truncate", path)
        assert result.json() == {"added": 3, "known": 0, "shortened": 1, "invalid": 1, "dry_run": False}, result
        titles = sorted(item["title"] for item in world.json("todo", "list", "-u", user["id"]))
        assert titles == ["Good", "Good", long[:200].strip()], titles
    world.fails(2, "import", "-u", user["id"], "--skip-invalid", world.file("e.csv", 'title\r\n"never ends'),
                says="does not end")


def test_titles_are_cut_between_characters(world):
    user = world.user()
    for title, cut in (("é" * 201, "é" * 200), ("  " + "🎉" * 300, "🎉" * 200), ("x" * 200, "x" * 200)):
        empty(world, user)
        load(world, json.dumps({"title": title}, ensure_ascii=False).encode("utf-8"), "-u", user["id"], "--truncate")
        item, = world.json("todo", "list", "-u", user["id"])
        assert item["title"] == cut


def test_every_field_is_in_csv_and_json_lines(world):
    user = fill(world)
    header = export(world, user, "csv").split(b"\r\n")[0].decode().split(",")
    item = json.loads(export(world, user).split(b"\n")[0])
    assert set(item) - {"modseq"} == set(header) - {"deleted_at", "priority"}
    item["priority"] = 3
    item["modseq"] = 10**6  # the store's own: it is no value that a file may set
    item["id"] = str(uuid.uuid4())
    load(world, json.dumps(item).encode("utf-8"))
    shown = world.json("todo", "show", "-u", user["id"], item["id"])
    assert shown.get("modseq", 0) < 10**6 and shown["priority"] == 3
    copied = world.user()
    load(world, export(world, user, "csv"), "-u", copied["id"], "-f", "csv")
    assert sum(todo.get("priority", 0) for todo in world.json("todo", "list", "-u", copied["id"])) == 3


def test_a_version_that_could_not_be_raised_is_refused(world):
    user = world.user()
    for version, good in ((2**53 - 1, True), (2**53, False), (2**63 - 1, False), (2**63, False)):
        row = json.dumps({"id": str(uuid.uuid4()), "title": "T", "version": version}).encode()
        if good:
            assert load(world, row, "-u", user["id"])["added"] == 1
        else:
            world.fails(2, "import", "-u", user["id"], world.file("v.jsonl", row.decode()), says="version")


def test_a_second_import_changes_nothing(world):
    user = fill(world)
    data = export(world, user)
    count = len(NASTY)
    assert load(world, data) == {"added": 0, "known": count, "dry_run": False}
    assert load(world, data + data) == {"added": 0, "known": 2 * count, "dry_run": False}
    assert export(world, user) == data
    empty(world, user)
    assert load(world, data + data) == {"added": count, "known": count, "dry_run": False}
    assert export(world, user) == data


def test_a_todo_that_was_changed_since_is_let_be(world):
    user = world.user()
    item = world.todo(user, "Old")
    data = export(world, user)
    changed = world.json("todo", "edit", "-u", user["id"], item["id"], "--title", "New")
    assert load(world, data)["known"] == 1
    assert world.json("todo", "show", "-u", user["id"], item["id"]) == changed


def test_the_todo_of_another_user_is_never_touched(world):
    owner, other = world.user(), world.user()
    world.todo(owner, "Mine")
    data = export(world, owner)
    assert load(world, data.replace(b"Mine", b"Theirs"), "-u", other["id"])["added"] == 1
    assert export(world, owner) == data
    assert export(world, other) == data.replace(b"Mine", b"Theirs").replace(
        owner["id"].encode(), other["id"].encode())


def test_import_for_another_user_makes_them_theirs(world):
    owner, other = world.user(), world.user()
    world.todo(owner, "Handed over")
    data = export(world, owner)
    empty(world, owner)
    assert load(world, data, "-u", other["email"])["added"] == 1
    assert world.json("todo", "list", "-u", other["id"])[0]["title"] == "Handed over"
    assert export(world, other) == data.replace(owner["id"].encode(), other["id"].encode())


def test_all_users_are_exported_and_imported_together(world):
    first, second = fill(world), fill(world)
    data = re.sub(r',"modseq":\d+(?=}\n)', "", world.ok("export", "--all-users").out).encode("utf-8")
    parts = [export(world, first), export(world, second)]
    assert all(part in data for part in parts)
    empty(world, first)
    empty(world, second)
    assert load(world, data)["added"] == 2 * len(NASTY)
    assert [export(world, first), export(world, second)] == parts


def test_a_todo_of_nobody_is_denied(world):
    world.user()
    nobody = {"id": str(uuid.uuid4())}
    path = world.file("nobody.jsonl", rows(nobody, 1).decode("utf-8"))
    for dry_run in ([], ["-n"]):
        world.fails(3, "import", *dry_run, path, says=f"there is no user {nobody['id']}; try: --user")


def test_what_is_wrong_is_told_with_its_line_and_what_was_before_it_is_kept(world):
    user = world.user()
    good = rows(user, 2).decode("utf-8")
    head = json.loads(good.split("\n", maxsplit=1)[0])

    def line(**members):
        return json.dumps({**head, "id": str(uuid.uuid4()), **members}) + "\n"

    for bad, says in (
            ("{\n", "no JSON object"), ("[]\n", "no JSON object"), ("{} {}\n", "no JSON object"),
            (line(title=" "), "title cannot be empty"), (line(title="x" * 201), "at most 200"),
            (line(title=7), "title is of the wrong type"), (line(title=None), "the title is missing"),
            (line(title="nul \0 inside"), "title is of the wrong type"), (line(id="17"), 'id must be a UUID, but is "17"'),
            (line(user_id="17"), 'user_id must be a UUID, but is "17"'),
            (line(user_id=None), "has no user_id"), (line(completed="yes"), "completed is of the wrong type"),
            (line(created_at="yesterday"), "must be a time of RFC 3339"), (line(version=0), "version must be"),
            (line(version="1"), "version is of the wrong type"), ("\0\n", "a NUL byte")):
        path = world.file("bad.jsonl", good + bad + rows(user, 4).decode("utf-8"))
        result = world.fails(2, "import", path, says=says)
        assert "bad.jsonl, line 3: " in result.err, result
        assert export(world, user).decode("utf-8") == good, bad
    with open(world.path("bad.jsonl"), "wb") as out:
        out.write(good.encode("utf-8") + line(title="invalid UTF-8: ?").encode("utf-8").replace(b"?", b"\xff"))
    world.fails(2, "import", world.path("bad.jsonl"), says="line 3: ")


def test_bad_csv_is_told_with_its_line(world):
    user = world.user()
    head = "id,title,description\r\n"
    row = str(uuid.uuid4()) + ",Fine,\"two\r\nlines\"\r\n"
    for bad, says in ((str(uuid.uuid4()) + ',"y" z,\r\n', "not quoted"), (str(uuid.uuid4()) + ",T\r\n", "fewer fields"),
                      ("a,b,c\r\n", "must be a UUID"), ("a,b,c,d\r\n", "more fields"), (str(uuid.uuid4()) + ",T,D,E\r\n", "more fields"),
                      ('a"b,c,d\r\n', "not quoted"), (str(uuid.uuid4()) + ',"never ends', "does not end")):
        path = world.file("bad.csv", head + row + bad)
        result = world.fails(2, "import", "-u", user["id"], path, says=says)
        assert "bad.csv, line 4: " in result.err, result


def test_bad_icalendar_is_told_with_its_line(world):
    user = world.user()

    def calendar(*lines):
        return "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\n" + "".join(each + "\r\n" for each in lines)

    known = f"UID:{uuid.uuid4()}"
    for bad, says in (("hello\r\n", "no iCalendar object"), ("", "no iCalendar object"),
                      (calendar(known, "END:VTODO"), "title is missing"), (calendar(known, "SUMMARY:x"), "not end"),
                      (calendar(known, "nonsense", "END:VTODO"), "no content line"),
                      (calendar(known, "SUMMARY:x", "CREATED:20260101T0000", "END:VTODO"), "no date with a time"),
                      (calendar(known, "SUMMARY:x", "CREATED;TZID=No/Where:20260101T000000", "END:VTODO"), "time zone"),
                      (calendar(known, "SUMMARY:x", "END:VEVENT"), "END:VEVENT inside a VTODO"),
                      (calendar(known, "SUMMARY:x", "X-TODO-TITLE:7", "END:VTODO"), "no JSON string")):
        path = world.file("bad.ics", bad)
        world.fails(2, "import", "-u", user["id"], path, says=says)


def test_a_dry_run_reads_and_checks_all_but_changes_nothing(world):
    user = world.user()
    world.todo(user, "There already")
    data = export(world, user)
    more = data + rows(user, 5)
    assert load(world, more, "--dry-run") == {"added": 5, "known": 1, "dry_run": True}
    assert export(world, user) == data
    path = world.file("bad.jsonl", more.decode("utf-8") + "{\n")
    world.fails(2, "import", "-n", path, says="line 7: ")
    world.file("good.jsonl", more.decode("utf-8"))
    assert world.ok("import", "-n", world.path("good.jsonl")).out == "Would import 5 todos; 1 was there already.\n"


def test_the_format_is_known_by_the_name_of_the_file(world):
    user = fill(world)
    for name, start in (("a.csv", b"id,user_id"), ("a.ics", b"BEGIN:VCALENDAR"), ("a.jsonl", b"{"), ("a.txt", b"{")):
        assert world.json("export", "-u", user["id"], "-O", world.path(name)) == {"exported": len(NASTY)}
        with open(world.path(name), "rb") as file:
            assert file.read().startswith(start)
        assert world.json("import", world.path(name))["known"] == len(NASTY)
    world.fails(2, "export", "-u", user["id"], "-f", "xml", says="there is no format xml")
    world.fails(2, "import", "-f", "xml", says="there is no format xml")
    world.fails(2, "import", world.path("nowhere"), says="No such file")


def test_an_exported_file_is_private_and_never_half_there(world):
    user = fill(world)
    path = world.file("out.jsonl", "precious")
    world.fails(3, "export", "-u", "nobody@example.org", "-O", path)
    with open(path, encoding="utf-8") as file:
        assert file.read() == "precious"
    assert world.ok("export", "-u", user["id"], "-O", path).out == f"Exported {len(NASTY)} todos.\n"
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert not [name for name in os.listdir(world.folder) if name.startswith("out.jsonl.")]
    world.fails(1, "export", "-u", user["id"], "-O", world.path("no/such/folder"), says="No such file")


def test_what_is_no_regular_file_is_written_into_and_links_are_followed(world):
    user = fill(world)
    data = world.ok("export", "-u", user["id"]).out.encode("utf-8")
    os.mkfifo(world.path("fifo"))
    with subprocess.Popen(["timeout", "20", "cat", world.path("fifo")], stdout=subprocess.PIPE) as reader:
        world.ok("export", "-u", user["id"], "-O", world.path("fifo"))
        assert reader.stdout.read() == data
    assert stat.S_ISFIFO(os.lstat(world.path("fifo")).st_mode)
    master, slave = os.openpty()  # a device of our own
    os.symlink(os.ttyname(slave), world.path("device"))
    drained = threading.Thread(target=lambda: os.read(master, 65536))
    drained.start()
    world.ok("export", "-u", world.user()["id"], "-f", "csv", "-O", world.path("device"))
    drained.join()
    assert os.path.islink(world.path("device")) and stat.S_ISCHR(os.stat(world.path("device")).st_mode)
    os.close(master)
    os.close(slave)
    os.mkdir(world.path("elsewhere"))
    for target, link in (("target", "link"), ("elsewhere/target", "far"), (world.path("new"), "dangling")):
        if link != "dangling":
            world.file(target, "old")
        os.symlink(target, world.path(link))
        os.symlink(link, world.path(link + "2"))
        world.ok("export", "-u", user["id"], "-O", link + "2")
        assert os.readlink(world.path(link)) == target and os.readlink(world.path(link + "2")) == link
        with open(world.path(link), "rb") as file:
            assert file.read() == data
    os.symlink("loop", world.path("loop"))
    world.fails(1, "export", "-u", user["id"], "-O", world.path("loop"), says="cannot write")
    world.fails(1, "export", "-u", user["id"], "-O", world.path("elsewhere"), says="Is a directory")
    assert not [name for name in os.listdir(world.folder) if re.search(r"\.\w{6}$", name)]
    for path in ("/dev/stdout", "/proc/self/fd/1"):
        assert world.ok("export", "-u", user["id"], "-O", path).out.encode("utf-8") == data
        with open(world.path("redirected"), "wb") as out:
            subprocess.run([cli.TODOCTL, "export", "-u", user["id"], "-O", path], env=world.env, cwd=world.folder,
                           stdout=out, check=True)
        with open(world.path("redirected"), "rb") as file:
            assert file.read() == data


def test_an_export_that_is_interrupted_leaves_nothing_behind(world):
    user = world.user()
    world.json("import", stdin=rows(user, 20000).decode("utf-8"))
    before = sorted(os.listdir(world.folder))
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for _ in range(20):
            running = subprocess.Popen([cli.TODOCTL, "export", "-u", user["id"], "-O", "out"], env=world.env,
                                       cwd=world.folder, stdout=subprocess.DEVNULL,
                                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            while running.poll() is None and sorted(os.listdir(world.folder)) == before:
                pass
            running.send_signal(each)
            if running.wait() == -each:
                break
            os.remove(world.path("out"))  # it was done first
        else:
            raise AssertionError("it was never interrupted")
        assert sorted(os.listdir(world.folder)) == before, each


def test_a_pipe_carries_it_from_end_to_end(world):
    user = fill(world)
    data = export(world, user)
    empty(world, user)
    assert world.json("import", stdin=data.decode("utf-8"))["added"] == len(NASTY)
    empty(world, user)
    assert world.json("import", "-", stdin=data.decode("utf-8"))["added"] == len(NASTY)
    assert export(world, user) == data


def test_progress_is_drawn_on_a_terminal_only(world):
    user = world.user()
    path = world.file("rows.jsonl", rows(user, 20000).decode("utf-8"))
    shown = world.on_terminal("import", path)
    assert shown.code == 0 and "Imported 20000 todos; 0 were there already." in shown.out, shown
    assert re.search(r"\r\033\[K\[#* *\] +\d+ %  \d+ todos imported, \d+/s", shown.out), shown
    assert world.run("import", path).err == ""
    shown = world.on_terminal("export", "-u", user["id"])
    assert "exported" not in shown.out and len(shown.out.splitlines()) == 20000, shown.out[:1000]


def test_an_import_that_was_killed_is_taken_up_by_the_same_command(world):
    user = world.user()
    data = rows(user, 30000)
    head = world.file("head.jsonl", data[: data.rindex(b"\n", 0, -1) + 1].decode("utf-8"))
    # The last line does not come, nor does the end, so that it can't be done before it is killed.
    with subprocess.Popen(["cat", head, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as feeder:
        killed = subprocess.Popen([cli.TODOCTL, "import"], env=world.env, cwd=world.folder, stdin=feeder.stdout,
                                  stdout=subprocess.DEVNULL)
        feeder.stdout.close()
        deadline = time.monotonic() + 60
        while len(world.json("todo", "list", "-u", user["id"], "-l", "3000")) < 3000:
            assert time.monotonic() < deadline and killed.poll() is None
        killed.send_signal(signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL, "it ended before it was killed"
        feeder.stdin.close()
    part = export(world, user)
    assert data.startswith(part) and len(part) < len(data)
    again = world.json("import", stdin=data.decode("utf-8"))
    assert again["added"] + again["known"] == 30000 and again["known"] == part.count(b"\n"), again
    assert export(world, user) == data


def test_memory_is_bounded_whatever_the_size(world):
    user = world.user()

    # Under a sanitizer freed memory is not kept back.
    env = {**world.env, "ASAN_OPTIONS": world.env.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}

    def peak(*arguments):
        child = subprocess.Popen([cli.TODOCTL, *arguments], env=env, cwd=world.folder,
                                 stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        return usage.ru_maxrss

    few = world.file("few.jsonl", rows(user, 2000).decode("utf-8"))
    many = world.file("many.jsonl", rows(user, 30000, start=1710000000).decode("utf-8"))
    before = peak("import", few), peak("export", "-u", user["id"])
    after = peak("import", many), peak("export", "-u", user["id"])
    # 28,000 todos more take several MiB if they are kept; the caches of the store may take some of it.
    assert after[0] - before[0] < 6000 and after[1] - before[1] < 6000, (before, after)


cli.main()
