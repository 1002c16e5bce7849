/* The three ports over pools. Each handle is the caller's; pools and what they have seen must outlive it. */
#ifndef TODO_ADAPTERS_POSTGRES_PORTS_H
#define TODO_ADAPTERS_POSTGRES_PORTS_H

#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>

#include "adapters/postgres/pool.h"
#include "adapters/postgres/seen.h"

/* Where reads go. */
typedef struct todo__pg_sources {
    todo__pg_pool *primary;
    todo__pg_pool *standby; /* NULL: there is none */
    todo__pg_seen *seen;    /* with a standby */
    bool primary_first;     /* reads come from the primary as long as it answers */
} todo__pg_sources;

/*
 * A reader that answers from the first source whose state is late enough: of the user's sequence, as the answer tells it
 * itself. UNAVAILABLE, code "sequence_unavailable", when none has it within a second.
 */
todo_status todo__pg_reader_new(todo__pg_sources sources, todo_reader **ret_reader, todo_error *error);

/* Notes the states that changes leave behind, unless `seen` is NULL. */
todo_status todo__pg_writer_new(todo__pg_pool *pool, todo__pg_seen *seen, todo_writer **ret_writer,
                                todo_error *error);

/* Notes removals, unless `seen` is NULL. */
todo_status todo__pg_users_new(todo__pg_pool *pool, todo__pg_seen *seen, todo_users **ret_users,
                               todo_error *error);

#endif
