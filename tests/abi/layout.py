#!/usr/bin/env python3
"""usage: layout.py INCLUDE_FOLDER... < frozen.inc > new.inc

Lists the layout of every public struct and the number of every public enumerator, for the 64-bit platforms, as lines
of layout.inc. What is frozen already has to be there still, unchanged: appending is fine, anything else ends with exit
code 1 and the reasons. --incompatible: accepts it (before a release of a new SONAME, or before the first).
"""
import pathlib
import re
import subprocess
import sys
import tempfile

arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
incompatible = "--incompatible" in sys.argv


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)


def member_name(declaration):
    function = re.search(r"\(\s*\*\s*(\w+)\s*\)", declaration)
    return function.group(1) if function else re.search(r"(\w+)\s*(\[[^\]]*\])*\s*$", declaration).group(1)


def structs_and_enumerators():
    structs, enumerators = [], []
    headers = sorted(header for folder in arguments for header in pathlib.Path(folder).rglob("todo/**/*.h")
                     if header.name != "conformance.h")  # of another library
    for header in headers:
        text = without_comments(header.read_text())
        for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\n\} \1;", text, flags=re.S):
            declarations = [part.strip() for part in body.split(";") if part.strip()]
            structs.append((name, [member_name(declaration) for declaration in declarations]))
        for body in re.findall(r"typedef enum \w+ \{(.*?)\}", text, flags=re.S):
            enumerators += re.findall(r"\b(TODO_\w+)\s*=", body)
    return structs, enumerators


def measured(structs, enumerators):
    """The lines, as a program compiled against the headers prints them."""
    statements = []
    for name, members in structs:
        # What begins with its size, or is made by the library only, may grow; what is embedded by value may not.
        kind = "GROWS" if members[0] in ("size", "reserved") else "FIXED"
        statements.append(f'printf("{kind}({name}, %zu)\\n", sizeof({name}));')
        for member in members:
            place = f"offsetof({name}, {member}), sizeof((({name} *)0)->{member})"
            statements.append(f'printf("MEMBER({name}, {member}, %zu, %zu)\\n", {place});')
    statements += [f'printf("NUMBER({name}, %d)\\n", {name});' for name in enumerators]
    with tempfile.TemporaryDirectory() as folder:
        source, program = f"{folder}/layout.c", f"{folder}/layout"
        includes = sorted({str(path.relative_to(base)) for base in arguments for path in pathlib.Path(base).rglob("todo/**/*.h")})
        pathlib.Path(source).write_text(
            "#include <stdio.h>\n" + "".join(f"#include <{path}>\n" for path in includes)
            + "int main(void)\n{\n" + "\n".join(statements) + "\nreturn 0;\n}\n")
        subprocess.run(["cc", "-std=c11", *(f"-I{base}" for base in arguments), source, "-o", program], check=True)
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()


def fields(line):
    kind, rest = line[:-1].split("(")
    return [kind, *rest.split(", ")]


def sizes(lines):
    return {fields(line)[1]: int(fields(line)[2]) for line in lines if line.startswith("GROWS")}


def broken(frozen, lines):
    now = sizes(lines)
    then = sizes(frozen)
    for name, size in then.items():
        if now.get(name, 0) < size:
            yield f"{name}: {size} bytes, now {now.get(name, 'gone')}"
    for line in frozen:
        if not line.startswith("GROWS") and line not in lines:
            yield f"{line}: changed or gone"
    for line in set(lines) - set(frozen):
        kind, name, *rest = fields(line)
        # An old caller's padding holds anything: what it does not know must begin behind its size.
        if kind == "MEMBER" and name in then and int(rest[1]) < then[name]:
            yield f"{name}.{rest[0]}: lies within the {then[name]} bytes of older callers"


frozen = [line for line in sys.stdin.read().splitlines() if re.match(r"[A-Z]+\(", line)]
lines = measured(*structs_and_enumerators())
problems = list(broken(frozen, lines))
if problems and not incompatible:
    sys.exit("The ABI would break:\n  " + "\n  ".join(problems))
print("/* Made by tests/abi/update. On the 64-bit platforms. */")
print("\n".join(lines))
