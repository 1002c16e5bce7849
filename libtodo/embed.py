#!/usr/bin/env python3
"""Embeds numbered SQL migrations (0001_initial.sql, ...) as a C table.

usage: embed.py TABLE OUTPUT FILE...
"""
import hashlib
import os
import sys

table, output, *files = sys.argv[1:]
with open(output, "w") as out:
    out.write('#include "adapters/migrations.h"\n\n')
    out.write(f"const todo__migration_source {table}[] = {{\n")
    for number, path in enumerate(sorted(files, key=os.path.basename), 1):
        digits, name = os.path.basename(path)[: -len(".sql")].split("_", 1)
        if int(digits) != number:
            sys.exit(f"{path}: expected number {number}")
        with open(path, "rb") as sql_file:
            sql = sql_file.read()
        checksum = hashlib.sha256(sql).hexdigest()
        # Octal byte escapes survive any content and any compiler's limits on line length.
        lines = [
            '     "' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in line) + '"'
            for line in sql.splitlines(keepends=True)
        ]
        out.write(f'    {{{number}, "{name}",\n' + "\n".join(lines) + f',\n     "{checksum}"}},\n')
    out.write("};\n\n")
    out.write(f"const unsigned {table}_count = {len(files)};\n")
