/*
 * An adapter for libtodo that keeps todos and users in memory, written against the public headers alone: where to look
 * when you write one of your own. ../../docs/guide/4-your-own-adapter.md explains it.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>

/* Makes an empty store and its three ports; the last one to be unreferenced takes the store along. NOMEM. */
todo_status memory_new(todo_reader **ret_reader, todo_writer **ret_writer, todo_users **ret_users,
                       todo_error *error);

/* Registers the adapter for the scheme "memory". Each "memory:" that is opened is a new store. CONFLICT the second time. */
todo_status memory_register(todo_error *error);

#endif
