#!/usr/bin/env python3
"""Todos from Python: opens a store, creates and lists; then the same queries over a reader that is written in Python.

usage: example.py STORE-URL        (LD_LIBRARY_PATH names where libtodo.so.0 is, if it is not installed)
"""
import sys
from ctypes import POINTER, byref, c_void_p, sizeof

import todo


def register(commands, email):
    user = POINTER(todo.User)()
    registration = todo.new(todo.Registration, email=email, password=b"correct horse battery")
    todo.call(todo.lib.todo_commands_register, commands, None, byref(registration), byref(user))
    user_id = todo.Uuid.from_buffer_copy(user.contents.id)
    todo.lib.todo_user_unref(user)
    return user_id


def create(commands, user, title):
    item = POINTER(todo.Item)()
    draft = todo.new(todo.Draft, title=title.encode())
    todo.call(todo.lib.todo_commands_create, commands, None, byref(user), byref(draft), byref(item))
    todo.lib.todo_item_unref(item)


def titles(queries, user):
    """An item is borrowed while it is visited: what is to be kept is copied."""
    found = []

    @todo.Visit
    def visit(_arg, item):
        found.append(item.contents.title.decode())
        return todo.OK

    todo.call(todo.lib.todo_queries_each, queries, None, byref(user), None, visit, None, None, None)
    return found


class Countdown:
    """A TodoReader: each user has the same three todos, which are in no database."""

    def __init__(self):
        self.ids = [todo.Uuid() for _ in range(3)]
        for uuid in self.ids:
            todo.call(todo.lib.todo_uuid_generate, byref(uuid))
        # The library copies the table, but the functions are Python's: they have to live as long as the reader. An
        # exception does not leave a callback: what may raise has to be caught, and become a status.
        self.ops = todo.new(todo.ReaderOps, destroy=todo.Destroy(self.destroy), get=todo.Get(self.get), list=todo.List(self.list))

    def destroy(self, _self):
        print("its own reader is gone")

    def build(self, user, number, item, error):
        members = todo.Item(id=self.ids[number], user_id=user.contents, version=1, title=b"in %d" % (3 - number))
        return todo.lib.todo_item_build(byref(members), sizeof(members), item, error)

    def get(self, _self, _call, user, wanted, ret_item, error):
        for number, uuid in enumerate(self.ids):
            if bytes(uuid) == bytes(wanted.contents):
                return self.build(user, number, ret_item, error)
        return todo.lib.todo_error_set(error, todo.NOT_FOUND, None, None, None)

    def list(self, _self, _call, user, query, visit, arg, error):
        status = todo.OK
        for number in range(min(3, query.contents.limit)):
            item = POINTER(todo.Item)()
            status = status or self.build(user, number, byref(item), error) or visit(arg, item)
            todo.lib.todo_item_unref(item)
        return status


def own_reader(user):
    countdown, reader, queries, item = Countdown(), c_void_p(), c_void_p(), POINTER(todo.Item)()
    todo.call(todo.lib.todo_reader_new, byref(countdown.ops), None, byref(reader))
    options = todo.new(todo.QueriesOptions, reader=reader)
    todo.call(todo.lib.todo_queries_new, byref(options), byref(queries))
    todo.lib.todo_reader_unref(reader)  # the queries hold their own reference
    print("its own reader:", ", ".join(titles(queries, user)))
    try:
        todo.call(todo.lib.todo_queries_get, queries, None, byref(user), byref(user), byref(item))
    except todo.TodoError as error:
        print(f"refused: {error} ({error.code})")
    todo.lib.todo_queries_free(queries)


def main(url):
    print("libtodo", todo.lib.todo_version().decode())
    store = c_void_p()
    options = todo.new(todo.StoreOptions, url=url.encode())
    todo.call(todo.lib.todo_store_open, byref(options), byref(store))
    commands, queries = todo.lib.todo_store_commands(store), todo.lib.todo_store_queries(store)
    user = register(commands, b"ada@example.org")
    create(commands, user, "  Read the headers ")
    create(commands, user, "Write a binding ✓")
    try:
        create(commands, user, "   ")
    except todo.TodoError as error:
        print(f"refused: {error} ({error.code})")
    print("the store:", ", ".join(titles(queries, user)))
    own_reader(user)
    todo.lib.todo_store_close(store)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite::memory:")
