#!/usr/bin/env python3
"""Compares docs/errors.md with the codes that library, core and edge give: each code of the sources has a row with its
statuses, and each row is a code of the sources.

usage: check_errors.py SOURCE_ROOT
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
CODE = re.compile(r'"([a-z][a-z0-9]*(?:_[a-z0-9]+)*)"')
FOLDERS = ("libtodo", "apps/server", "edge-wasm/gateway", "edge-wasm/host")


def arguments(text, start):
    """The arguments of the call whose first one begins at `start`."""
    found, depth, quoted, at = [""], 1, False, start
    while at < len(text):
        c = text[at]
        if quoted and c == "\\":
            found[-1] += text[at : at + 2]
            at += 2
            continue
        if c == '"':
            quoted = not quoted
        elif not quoted and c in "([{":
            depth += 1
        elif not quoted and c in ")]}":
            depth -= 1
            if depth == 0:
                break
        elif not quoted and c == "," and depth == 1:
            found.append("")
            at += 1
            continue
        found[-1] += c
        at += 1
    return [argument.strip() for argument in found]


def code_parameters(text):
    """Functions that take a code: name -> (index of the code, index of the status or None)."""
    found = {}
    for match in re.finditer(r"\b(\w+)\(", text):
        parameters = arguments(text, match.end())
        names = [re.split(r"[ *]", parameter)[-1] for parameter in parameters]
        if "code" in names and re.match(r"(const char|struct str) \*?code$", parameters[names.index("code")]):
            found[match[1]] = (names.index("code"), names.index("status") if "status" in names else None)
    return found


def http_statuses():
    """todo_status -> HTTP status, as the core has it."""
    body = (ROOT / "apps/server/http_error.c").read_text().split("http_error_status", 1)[1].split("\n}", 1)[0]
    found, waiting = {}, []
    for case, answer in re.findall(r"case (\w+):|return (\d+);", body):
        if case:
            waiting.append(case)
        else:
            found.update({name: answer for name in waiting} or {"": answer})
            waiting = []
    return found


def codes_of_sources():
    """code -> the HTTP statuses that the sources give beside it; a status that is no constant is left out."""
    found, http = {}, http_statuses()
    files = [f for folder in FOLDERS for f in sorted((ROOT / folder).rglob("*.[ch]"))]
    shared = {}
    for file in files:
        if file.suffix == ".h":
            shared.update(code_parameters(file.read_text()))
    shared.update(code_parameters((ROOT / "include/todo/error.h").read_text()))
    for file in files:
        text = file.read_text()
        takers = {**shared, **code_parameters(text)}
        for match in re.finditer(r"\b(" + "|".join(takers) + r")\(", text):
            code, status = takers[match[1]]
            given = arguments(text, match.end())
            if len(given) <= code:
                continue
            number = given[status] if status is not None and len(given) > status else ""
            if number.startswith("TODO_ERR_"):
                number = http.get(number, http[""])
            for name in CODE.findall(given[code]):
                found.setdefault(name, set()).update({number} if number.isdigit() else ())
        for number, name in re.findall(r'\{(\d{3}), "(\w+)",', text):
            found.setdefault(name, set()).add(number)
        for ending in re.findall(r'snprintf\(code, sizeof\(code\), "%s_(\w+)"', text):
            found.setdefault("FIELD_" + ending, set())
        for assignment in re.findall(r"\bcode\s*=([^;]*);", text):
            for name in CODE.findall(assignment):
                found.setdefault(name, set())
    names = (ROOT / "libtodo/domain/status.c").read_text()
    for status, name in re.findall(r'case (TODO_ERR_\w+):\s*return "(\w+)";', names):
        found.setdefault(name, set()).add(http.get(status, http[""]))
    return found


def main():
    rows = {}
    for line in (ROOT / "docs/errors.md").read_text().splitlines():
        match = re.match(r"\| `(\w+)` \| ([\d, ]+|-) \| (.+) \|$", line)
        if match:
            rows[match[1]] = set(re.findall(r"\d{3}", match[2]))
    codes = codes_of_sources()
    lacking = sorted(set(codes) - set(rows))
    idle = sorted(set(rows) - set(codes))
    wrong = sorted(
        f"{code}: {' '.join(sorted(codes[code]))}" for code in codes if code in rows and not codes[code] <= rows[code]
    )
    results = [
        ("every_code_of_the_sources_is_described", len(codes) > 80 and not lacking, lacking),
        ("every_code_that_is_described_is_in_the_sources", not idle, idle),
        ("every_status_of_the_sources_is_named", not wrong, wrong),
    ]
    print(f"1..{len(results)}")
    for number, (name, good, list_of) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        for item in [] if good else list_of:
            print(f"# {item}")
    if "--codes" in sys.argv:
        for code in sorted(codes):
            print(f"# {code} {' '.join(sorted(codes[code]))}")
    return 0 if all(good for _, good, _ in results) else 1


sys.exit(main())
