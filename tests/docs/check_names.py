#!/usr/bin/env python3
"""usage: check_names.py ROOT PAGE...

Where a page says "`this` and `that` in `file.c`", there are such functions in a file of that name. TAP.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
FOLDERS = ("apps", "edge-wasm", "libtodo", "tests")
PLACES = re.compile(r"((?:`\w+`(?:, | and )?)+) in `(\w+\.(?:c|py))`")
files = {}
for folder in FOLDERS:
    for path in (root / folder).rglob("*"):
        files.setdefault(path.name, []).append(path)

print(f"1..{len(sys.argv) - 2}")
failed = 0
for number, page in enumerate(sys.argv[2:], 1):
    text = re.sub(r"\s+", " ", pathlib.Path(page).read_text(encoding="utf-8"))
    places = PLACES.findall(text)
    problems = [] if places else ["it names nothing"]
    for names, file in places:
        sources = "".join(path.read_text(encoding="utf-8") for path in files.get(file, []))
        for name in re.findall(r"`(\w+)`", names):
            if not re.search(rf"\b{name}\(", sources):
                problems.append(f"{name} is not in {file}")
    failed += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {number} - what {pathlib.Path(page).name} names is there")
    for problem in problems:
        print("# " + problem)
sys.exit(1 if failed else 0)
