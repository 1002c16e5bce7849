/* Rows of results, in PostgreSQL's binary formats. */
#ifndef TODO_ADAPTERS_POSTGRES_ROW_H
#define TODO_ADAPTERS_POSTGRES_ROW_H

#include <libpq-fe.h>

#include <todo/item.h>
#include <todo/port/build.h>

#include "domain/fields.h"

bool todo__pg_row_bool(const PGresult *result, int row, int column);
todo_uuid todo__pg_row_uuid(const PGresult *result, int row, int column);
int64_t todo__pg_row_int(const PGresult *result, int row, int column);
todo_time todo__pg_row_time(const PGresult *result, int row, int column);
const char *todo__pg_row_text(const PGresult *result, int row, int column); /* NULL for null */

/* A sequence in two columns from `column` on: {0, 0} and false for nulls. */
bool todo__pg_row_sequence(const PGresult *result, int row, int column, todo_sequence *ret_sequence);

#define TODO__PG_SEQUENCE_COLUMN \
    ((int)TODO__ITEM_FIELD_COUNT - 1) /* behind those of a todo, which are without the owner */

/* A todo of `user`, borrowed: its strings are those of the result. */
todo_item todo__pg_row_item(const PGresult *result, int row, const todo_uuid *user);

/* Makes an owned item of a row. */
todo_status todo__pg_build_item(const PGresult *result, int row, const todo_uuid *user,
                                const todo_item **ret_item, todo_error *error);

/* Makes an owned user of a row. */
todo_status todo__pg_build_user(const PGresult *result, int row, const todo_user **ret_user,
                                todo_error *error);

#endif
