#!/usr/bin/env python3
"""usage: check_man.py PAGE COMPILER_FLAGS... -- HEADER...

libtodo(3): is clean mdoc, names every header and no other, and its example compiles. TAP.
"""
import pathlib
import re
import subprocess
import sys

page = pathlib.Path(sys.argv[1])
separator = sys.argv.index("--")
flags, headers = sys.argv[2:separator], sys.argv[separator + 1 :]
text = page.read_text()
number = failed = 0


def report(name, problem):
    global number, failed
    number += 1
    failed += bool(problem)
    print(f"{'not ok' if problem else 'ok'} {number} - {name}")
    for line in str(problem).splitlines() if problem else []:
        print(f"# {line}")


def run(*command, stdin=None):
    done = subprocess.run(command, input=stdin, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout if done.returncode or done.stdout else ""


listed = set(re.findall(r"^\.It In (todo/\S+)$", text, re.M))
there = {header[header.rindex("/todo/") + 1 :] for header in headers}
report("the page is clean mdoc", run("mandoc", "-T", "lint", "-W", "warning", str(page)))
report("it names every header", "\n".join(sorted(there - listed)))
report("it names no other", "\n".join(sorted(listed - there)))
example = text[text.index(".Bd -literal") : text.index(".Ed")].split("\n", 1)[1].replace("\\en", "\\n")
report("its example compiles", run("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *flags, "-x", "c", "-", stdin=example))
print(f"1..{number}")
sys.exit(failed > 0)
