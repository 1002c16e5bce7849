"""A small binding of libtodo through ctypes: what the example needs, and how the rest would go.

The structures are those of the headers, member by member and in their order. A structure that callers fill begins with
its size, and the library never writes beyond it, so a binding of today keeps working with a later libtodo.
"""
import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_bool, c_char, c_char_p, c_int, c_int32, c_int64, c_size_t
from ctypes import c_ubyte, c_uint, c_uint32, c_void_p

OK, NOT_FOUND = 0, 2
lib = ctypes.CDLL("libtodo.so.0")


class Uuid(Structure):
    _fields_ = [("bytes", c_ubyte * 16)]

    def __str__(self):
        text = ctypes.create_string_buffer(37)
        lib.todo_uuid_format(byref(self), text)
        return text.value.decode()


class Error(Structure):
    _fields_ = [("size", c_size_t), ("status", c_int), ("retry_after", c_int32), ("retryable", c_bool),
                ("code", c_char * 40), ("field", c_char * 40), ("message", c_char * 160), ("detail", c_char * 256)]


class Item(Structure):
    _fields_ = [("reserved", c_void_p), ("id", Uuid), ("user_id", Uuid), ("title", c_char_p), ("description", c_char_p),
                ("completed", c_bool), ("created_at", c_int64), ("updated_at", c_int64), ("version", c_int64)]


class User(Structure):
    _fields_ = [("reserved", c_void_p), ("id", Uuid), ("email", c_char_p), ("display_name", c_char_p),
                ("created_at", c_int64)]


class Draft(Structure):
    _fields_ = [("size", c_size_t), ("id", POINTER(Uuid)), ("title", c_char_p), ("description", c_char_p)]


class Registration(Structure):
    _fields_ = [("size", c_size_t), ("email", c_char_p), ("password", c_char_p), ("display_name", c_char_p)]


class ListQuery(Structure):
    _fields_ = [("size", c_size_t), ("completed", c_int), ("sort", c_int), ("ascending", c_bool), ("limit", c_uint32),
                ("after", c_void_p)]


class StoreOptions(Structure):
    """The members that existed in the first release: the library takes the rest for unset."""
    _fields_ = [("size", c_size_t), ("url", c_char_p), ("reader_url", c_char_p), ("cache_url", c_char_p),
                ("pool_size", c_uint), ("connect_timeout_ms", c_uint), ("call_timeout_ms", c_uint),
                ("skip_migrations", c_bool), ("hash_slots", c_uint), ("hash_queue", c_uint)]


class QueriesOptions(Structure):
    _fields_ = [("size", c_size_t), ("reader", c_void_p), ("users", c_void_p)]


Visit = CFUNCTYPE(c_int, c_void_p, POINTER(Item))
Destroy = CFUNCTYPE(None, c_void_p)
Get = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(Uuid), POINTER(Uuid), POINTER(POINTER(Item)), POINTER(Error))
List = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(Uuid), POINTER(ListQuery), Visit, c_void_p, POINTER(Error))


class ReaderOps(Structure):
    _fields_ = [("size", c_size_t), ("destroy", Destroy), ("get", Get), ("list", List)]


def new(struct, **members):
    """A structure with its size set, as the …_INIT macros do."""
    value = struct(**members)
    if hasattr(value, "size"):
        value.size = ctypes.sizeof(struct)
    return value


def declare(name, result, *arguments):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments
    return function


declare("todo_version", c_char_p)
declare("todo_uuid_format", None, POINTER(Uuid), c_char_p)
declare("todo_uuid_generate", c_int, POINTER(Uuid), POINTER(Error))
declare("todo_error_set", c_int, POINTER(Error), c_int, c_char_p, c_char_p, c_char_p)
declare("todo_store_open", c_int, POINTER(StoreOptions), POINTER(c_void_p), POINTER(Error))
declare("todo_store_close", None, c_void_p)
declare("todo_store_commands", c_void_p, c_void_p)
declare("todo_store_queries", c_void_p, c_void_p)
declare("todo_commands_register", c_int, c_void_p, c_void_p, POINTER(Registration), POINTER(POINTER(User)), POINTER(Error))
declare("todo_commands_create", c_int, c_void_p, c_void_p, POINTER(Uuid), POINTER(Draft), POINTER(POINTER(Item)),
        POINTER(Error))
declare("todo_queries_each", c_int, c_void_p, c_void_p, POINTER(Uuid), POINTER(ListQuery), Visit, c_void_p,
        POINTER(c_bool), c_void_p, POINTER(Error))
declare("todo_queries_get", c_int, c_void_p, c_void_p, POINTER(Uuid), POINTER(Uuid), POINTER(POINTER(Item)),
        POINTER(Error))
declare("todo_queries_new", c_int, POINTER(QueriesOptions), POINTER(c_void_p), POINTER(Error))
declare("todo_queries_free", None, c_void_p)
declare("todo_reader_new", c_int, POINTER(ReaderOps), c_void_p, POINTER(c_void_p), POINTER(Error))
declare("todo_reader_unref", None, c_void_p)
declare("todo_item_build", c_int, POINTER(Item), c_size_t, POINTER(POINTER(Item)), POINTER(Error))
declare("todo_item_unref", None, POINTER(Item))
declare("todo_user_unref", None, POINTER(User))


class TodoError(Exception):
    """A call that failed. `code` is for programs, the text for people."""

    def __init__(self, error):
        super().__init__(error.message.decode())
        self.status, self.code = error.status, error.code.decode()


def call(function, *arguments):
    """Calls a function whose last argument is a todo_error, and raises that if it failed."""
    error = new(Error)
    if function(*arguments, byref(error)) != OK:
        raise TodoError(error)
