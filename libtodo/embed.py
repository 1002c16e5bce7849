#!/usr/bin/env python3
"""Embeds numbered SQL migrations (0001_initial.sql, ...) as a C table, each with what takes it back
(0001_initial.down.sql), if there is any.

usage: embed.py TABLE OUTPUT FILE...

A .down.sql that loses something begins with two comments: what ("-- loses: todos in the trash"), and a query that says
how many of them there are ("-- if: SELECT ...").
"""
import hashlib
import os
import re
import sys


def c_string(sql):
    # Octal byte escapes survive any content and any compiler's limits on line length.
    return "\n".join(
        '     "' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in line) + '"'
        for line in sql.splitlines(keepends=True)
    ) or '     ""'


def read(path):
    with open(path, "rb") as sql_file:
        return sql_file.read()


def directive(sql, name):
    found = re.search(rb"^-- " + name + rb": (.*)$", sql, re.M)
    return found.group(1) if found else None


def members(path, down_path):
    sql = read(path)
    down = read(down_path) if down_path else None
    loss = directive(down, b"loses") if down else None
    query = directive(down, b"if") if down else None
    if (loss is None) != (query is None):
        sys.exit(f"{down_path}: needs both of loses and if")
    yield c_string(sql)
    yield f'     "{hashlib.sha256(sql).hexdigest()}"'
    for text in (down, loss, query):
        yield "     NULL" if text is None else c_string(text)


table, output, *files = sys.argv[1:]
down_files = {path[: -len(".down.sql")]: path for path in files if path.endswith(".down.sql")}
up_files = sorted((path for path in files if not path.endswith(".down.sql")), key=os.path.basename)
with open(output, "w") as out:
    out.write('#include <stddef.h>\n\n#include "adapters/migrations.h"\n\n')
    out.write(f"const todo__migration_source {table}[] = {{\n")
    for number, path in enumerate(up_files, 1):
        digits, name = os.path.basename(path)[: -len(".sql")].split("_", 1)
        if int(digits) != number:
            sys.exit(f"{path}: expected number {number}")
        down_path = down_files.pop(path[: -len(".sql")], None)
        out.write(f'    {{{number}, "{name}",\n' + ",\n".join(members(path, down_path)) + "},\n")
    if down_files:
        sys.exit(f"takes nothing back: {' '.join(down_files.values())}")
    out.write("};\n\n")
    out.write(f"const unsigned {table}_count = {len(up_files)};\n")
