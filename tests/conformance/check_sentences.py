#!/usr/bin/env python3
"""usage: check_sentences.py KIT_FOLDER HEADER...

Each case of the conformance kit names the sentence of the headers that it checks: it must be there, word for word. TAP.
"""
import pathlib
import re
import sys

folder, *headers = sys.argv[1:]


def words(text):
    """A header's text without the signs of comments, in single blanks."""
    return " ".join(re.sub(r"^\s*/?\*+(?:/|<)?|/\*\*<?|\*/", " ", text, flags=re.M).split())


said = " ".join(words(pathlib.Path(header).read_text()) for header in headers)
number = failed = 0
for source in sorted(pathlib.Path(folder).glob("*.c")):
    for name, quoted in re.findall(r'CASE(?:_WITH_USERS)?\((\w+),\s*((?:"(?:\\.|[^"\\])*"\s*)+)\)', source.read_text()):
        sentence = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', quoted)).replace('\\"', '"')
        number += 1
        there = sentence != "" and sentence in said
        failed += not there
        print(f"{'ok' if there else 'not ok'} {number} - {source.stem}: {name}")
        if not there:
            print(f"# no header says: {sentence}")
if number < 50:
    number += 1
    failed += 1
    print(f"not ok {number} - the cases are found")
print(f"1..{number}")
sys.exit(failed > 0)
