#!/usr/bin/env python3
"""Embeds a Lua script as a C string, with the SHA-1 by which EVALSHA names it.

usage: embed_script.py NAME OUTPUT FILE
"""
import hashlib
import sys

name, output, path = sys.argv[1:]
with open(path, "rb") as script_file:
    script = script_file.read()
lines = [
    '    "' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in line) + '"'
    for line in script.splitlines(keepends=True)
]
with open(output, "w") as out:
    out.write('#include "adapters/redis/scripts.h"\n\n')
    out.write(f"const char {name}[] =\n" + "\n".join(lines) + ";\n\n")
    out.write(f'const char {name}_sha1[] = "{hashlib.sha1(script).hexdigest()}";\n')
