#!/usr/bin/env python3
"""usage: check_symbols.py MAP SHARED_LIBRARY STATIC_LIBRARY PLUG-IN-FOLDER HEADER...

Compares what the headers declare with what the libraries define, and looks for what a library must not do. TAP.
"""
import pathlib
import re
import subprocess
import sys

map_file, shared, static, plugins, *headers = sys.argv[1:]

# A library is a guest: it does not print, end the process, or change what belongs to the whole of it.
FORBIDDEN = """abort exit _exit _Exit quick_exit atexit __assert_fail printf puts putchar fprintf vprintf vfprintf
    fputs fputc fwrite perror psignal syslog __printf_chk __fprintf_chk __vfprintf_chk stdout stderr signal sigaction
    sigprocmask pthread_sigmask raise kill setlocale setenv putenv unsetenv chdir umask fork system popen srand rand
    random strtok localtime gmtime asctime ctime strerror getpwnam gethostbyname crypt crypt_gensalt tmpnam
    sqlite3_config curl_global_init OPENSSL_init_ssl pthread_create thrd_create""".split()

# And yet: why each is harmless is said in docs/abi.md.
EXCEPTIONS = {
    "adapters_redis_listener.c.o: pthread_create",
    "adapters_redis_listener.c.o: pthread_sigmask",
    "adapters_redis_hold.c.o: __assert_fail",
    "adapters_redis_pages.c.o: __assert_fail",
}

# Who may allocate or free by itself: the one place that does, and what gives back the memory of another library.
ALLOCATION = "malloc calloc realloc free strdup strndup asprintf vasprintf reallocarray getline getdelim".split()
ALLOCATORS = {"util_alloc.c.o", "token_mint.c.o"}

# What may change while the process runs, and is not inside something a caller made.
STATE = {
    "util_alloc.c.o: current",
    "util_alloc.c.o: given",
    "adapters_registered.c.o: first",
    "adapters_registered.c.o: lock",
    "adapters_sqlite_file.c.o: making",
    # The texts of statements, written once from the table of fields.
    "adapters_postgres_statements.c.o: once",
    "adapters_postgres_statements.c.o: texts",
    "adapters_postgres_statements.c.o: texts_length",
    "adapters_postgres_statements.c.o: todo__pg_statements",
    "adapters_redis_table.c.o: secret",
    "adapters_redis_table.c.o: secret_once",
}

results = []


def report(name, problems):
    problems = sorted(problems)
    results.append(not problems)
    print(f"{'not ok' if problems else 'ok'} {len(results)} - {name}")
    for problem in problems:
        print(f"# {problem}")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def declared():
    """The functions and objects that the headers mark TODO_API."""
    names = set()
    for header in headers:
        text = re.sub(r"/\*.*?\*/|//[^\n]*|^#[^\n]*(\\\n[^\n]*)*", "", pathlib.Path(header).read_text(), flags=re.S | re.M)
        for declaration in re.findall(r"TODO_API\s+([^;{]*);", text):
            names.add(re.search(r"(\w+)\s*(\(|$)", declaration).group(1))
    return names


def private():
    """What the shared library offers to its own plug-ins alone."""
    nodes = re.findall(r"LIBTODO_PRIVATE\s*\{(.*?)\}", pathlib.Path(map_file).read_text(), flags=re.S)
    return [name for node in nodes for name in re.findall(r"^\s+(\w+);", node, flags=re.M)]


def mapped():
    text = pathlib.Path(map_file).read_text()
    names = []
    for node in re.findall(r"LIBTODO_\d+\s*\{(.*?)\}", text, flags=re.S):
        names += re.findall(r"^\s+(\w+);", node.split("local:")[0], flags=re.M)
    return text, names


def exported():
    """Name to version, of what the shared library offers."""
    symbols = {}
    for line in run("nm", "-D", "--defined-only", "--with-symbol-versions", shared).splitlines():
        name = line.split()[-1]
        if not name.startswith("LIBTODO_"):
            name, _, version = name.partition("@@")
            symbols[name] = version
    return symbols


def asked(file):
    """What a file wants of LIBTODO_PRIVATE."""
    lines = run("nm", "-D", "--undefined-only", "--with-symbol-versions", str(file)).splitlines()
    return {line.split()[-1].split("@")[0] for line in lines if line.endswith("@LIBTODO_PRIVATE")}


def members(*options):
    """Lines of nm about the static library: member, and the rest in fields."""
    member = "?"
    for line in run("nm", *options, static).splitlines():
        if line.endswith(":"):
            member = line[:-1].split("[")[-1].rstrip("]")
        elif line.strip():
            yield member, line


def defined_globally():
    return {(member, line.split()[-1]) for member, line in members("-g", "--defined-only")}


def undefined():
    return {(member, line.split()[-1].split("@")[0]) for member, line in members("-u")}


def writable():
    """Objects in sections that are written to; tables of pointers, made read-only once relocated, are not."""
    for member, line in members("--defined-only", "--format=sysv"):
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 7 and fields[3] == "OBJECT" and re.match(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)|\*COM\*", fields[6]):
            yield f"{member}: {re.sub(r'[.][0-9]+$', '', fields[0])}"


api = declared()
map_text, map_names = mapped()
private_names = private()
symbols = exported()
report("the headers declare something", [] if len(api) > 50 else [f"only {len(api)} names found"])
report("the map names everything that the headers declare, and no more",
       [f"{name}: not in the map" for name in api - set(map_names)]
       + [f"{name}: in no header" for name in set(map_names) - api])
report("the map has no wildcard but the one that hides the rest",
       [] if map_text.count("*") == 1 and "local:\n    *;" in map_text else [map_text])
report("the map names nothing twice, and in order",
       [] if all(names == sorted(set(names)) for names in (map_names, private_names)) else ["sort it"])
report("the shared library exports exactly that, with a version",
       [f"{name}: not exported" for name in api - set(symbols)]
       + [f"{name}: exported, but in no header" for name in set(symbols) - api - set(private_names)]
       + [f"{name}: no version" for name, version in symbols.items() if not version.startswith("LIBTODO_")])
modules = sorted(pathlib.Path(plugins).glob("*.so.*[0-9]"))
wanted = set().union(*map(asked, modules)) if modules else set()
report("LIBTODO_PRIVATE has what plug-ins ask for, none of it public",
       [f"{name}: not named todo__, or in a header" for name in private_names if not name.startswith("todo__") or name in api]
       + [f"{name}: of version {symbols.get(name)}" for name in private_names if symbols.get(name) != "LIBTODO_PRIVATE"]
       + [f"{name}: not in the map" for name in wanted - set(private_names)]
       + [f"no plug-in in {plugins}"] * (not modules))
report("no program or other library asks for what is private",
       [f"{path}: {name}" for folder in ("../apps", "../conformance", "../examples")
        for path in (pathlib.Path(shared).parent / folder).rglob("*")
        if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF" and not path.suffix == ".o"
        for name in asked(path)])
report("a plug-in exports one name",
       [f"{module.name}: {exports}" for module in modules
        for exports in [run("nm", "-D", "--defined-only", str(module)).split()[2::3]] if exports != ["todo__plugin_of_this_library"]])
report("every global name begins with todo_",
       [f"{member}: {name}" for member, name in defined_globally() if not name.startswith("todo_")])
report("what the headers do not declare is named todo__",
       [f"{member}: {name}" for member, name in defined_globally() if name not in api and not name.startswith("todo__")])
report("nothing prints, ends the process or changes what belongs to all of it",
       {f"{member}: {name}" for member, name in undefined() if name in FORBIDDEN} - EXCEPTIONS)
report("everything is allocated through the one allocator",
       [f"{member}: {name}" for member, name in undefined() if name in ALLOCATION and member not in ALLOCATORS])
report("no state is hidden beside what is known", set(writable()) - STATE)
called = " ".join(path.read_text() for suite in ("unit", "contract", "abi")
                  for path in sorted((pathlib.Path(__file__).parents[1] / suite).glob("*.c")))
report("every function is called in a test of its own, with NULL among others",
       [f"{name}: add it to tests/unit/test_misuse.c at least" for name in api if not re.search(rf"\b{name}\(", called)])
print(f"1..{len(results)}")
sys.exit(0 if all(results) else 1)
