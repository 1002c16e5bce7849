#!/usr/bin/env python3
"""usage: guide.py GUIDE_FOLDER EXAMPLES_FOLDER

Does what a reader of the guide does: writes down each program, runs each command, and compares what that prints with
what the guide says. TAP. PKG_CONFIG_PATH and LD_LIBRARY_PATH tell where the library is.

    ```c NAME     a file; it has to be compiled by a command
    ```sh         commands; a first one that fails ends it
    ```text       what the commands before it print
    ```sh ignore  only for whoever reads it
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.M)
WARNINGS = "cc -Wall -Wextra -Werror "
guide, examples = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
number = failed = 0


def report(name, problem):
    global number, failed
    number += 1
    failed += bool(problem)
    print(f"{'not ok' if problem else 'ok'} {number} - {name}", flush=True)
    for line in problem.splitlines():
        print(f"# {line}")


def run(commands, folder):
    # The reader's compiler does not make errors of warnings; here none is to be.
    commands = re.sub(r"^cc ", WARNINGS, commands, flags=re.M)
    return subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=100)


def check_commands(commands, expected, folder):
    done = run(commands, folder)
    if done.returncode:
        return f"ended with {done.returncode}:\n{done.stdout}"
    return "\n".join(difflib.unified_diff(expected.splitlines(), done.stdout.splitlines(), "the guide", "in truth", lineterm=""))


def read_chapter(chapter, folder):
    blocks = [(match.group(1).split(), match.group(2)) for match in BLOCK.finditer(chapter.read_text())]
    used = " ".join(text for kind, text in blocks if kind == ["sh"])
    for index, (kind, text) in enumerate(blocks):
        if kind[:1] == ["c"] and len(kind) == 2:
            (folder / kind[1]).write_text(text)
            report(f"{chapter.name}: {kind[1]} is compiled", "" if f" {kind[1]} " in used else "by no command")
        elif kind == ["sh"]:
            expected = blocks[index + 1][1] if index + 1 < len(blocks) and blocks[index + 1][0] == ["text"] else ""
            report(f"{chapter.name}: {text.splitlines()[-1]}", check_commands(text, expected, folder))
        elif kind == ["text"] and index > 0 and blocks[index - 1][0] == ["sh"]:
            continue  # compared already
        elif kind != ["sh", "ignore"]:
            report(f"{chapter.name}: a block is of a known kind", f"```{' '.join(kind)}\n{text}")


def links(chapter):
    targets = re.findall(r"\]\(([^)#]+)\)", chapter.read_text())
    missing = [target for target in targets if "://" not in target and not (guide / target).exists()]
    report(f"{chapter.name}: its links lead somewhere", "\n".join(missing))


chapters = sorted(guide.glob("*.md"))
for page in chapters:
    with tempfile.TemporaryDirectory(prefix="todo-guide.") as work:
        os.symlink(examples, os.path.join(work, "examples"))
        links(page)
        read_chapter(page, pathlib.Path(work))
report("there are chapters", "" if len(chapters) > 3 else str(chapters))
print(f"1..{number}")
sys.exit(failed > 0)
