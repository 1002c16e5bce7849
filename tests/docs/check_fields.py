#!/usr/bin/env python3
"""usage: check_fields.py LIBTODO.SO OPENAPI.YAML

Compares the schemas of a todo in docs/openapi.yaml with the library's table of fields. Speaks TAP.
"""
import ctypes
import sys

import yaml

DRAFT, PATCH = 1, 2


class Field(ctypes.Structure):
    """The beginning of a todo_field."""
    _fields_ = [("number", ctypes.c_uint32), ("name", ctypes.c_char_p), ("kind", ctypes.c_int),
                ("uses", ctypes.c_uint32)]


def fields(library):
    at = library.todo_item_field_at
    at.restype, at.argtypes = ctypes.POINTER(Field), [ctypes.c_size_t]
    library.todo_item_field_count.restype = ctypes.c_size_t
    return [at(index).contents for index in range(library.todo_item_field_count())]


def main(library, document):
    table = fields(ctypes.CDLL(library))
    api = yaml.safe_load(open(document, encoding="utf-8"))
    schemas = api["components"]["schemas"]
    patch = api["paths"]["/api/todos/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    cases = [("a todo", schemas["Todo"], 0), ("a new todo", schemas["NewTodo"], DRAFT), ("a patch", patch, PATCH)]
    failures = 0
    print(f"1..{len(cases)}")
    for number, (what, schema, use) in enumerate(cases, 1):
        wanted = {field.name.decode() for field in table if field.uses & use == use}
        differing = sorted(wanted ^ set(schema["properties"]))
        if differing:
            print(f"# {what}: in the document or in the table alone: {', '.join(differing)}")
        failures += bool(differing)
        print(f"{'not ok' if differing else 'ok'} {number} - the document names the fields of {what}")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
