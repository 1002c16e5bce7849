#include "adapters/postgres/row.h"

#include <string.h>

#include "adapters/postgres/params.h"
#include "adapters/sql/sql.h"
#include "domain/entity.h"

bool todo__pg_row_bool(const PGresult *result, int row, int column)
{
    return *PQgetvalue(result, row, column) != 0;
}

int64_t todo__pg_row_int(const PGresult *result, int row, int column)
{
    return (int64_t)todo__pg_get64((const uint8_t *)PQgetvalue(result, row, column));
}

todo_time todo__pg_row_time(const PGresult *result, int row, int column)
{
    return todo__pg_to_time(todo__pg_row_int(result, row, column));
}

const char *todo__pg_row_text(const PGresult *result, int row, int column)
{
    /* libpq ends every value with a NUL, binary ones too. */
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

todo_uuid todo__pg_row_uuid(const PGresult *result, int row, int column)
{
    todo_uuid uuid;

    memcpy(uuid.bytes, PQgetvalue(result, row, column), sizeof(uuid.bytes));
    return uuid;
}

/* A null number or time is 0. */
static void read_field(const PGresult *result, int row, int column, const todo_field *field, todo_item *item)
{
    if (field->kind == TODO_KIND_TEXT) {
        TODO__MEMBER(const char *, item, field->item) = todo__pg_row_text(result, row, column);
        return;
    }
    if ((field->uses & TODO_USE_NULLABLE) != 0 && PQgetisnull(result, row, column))
        return;
    switch (field->kind) {
    case TODO_KIND_UUID:
        TODO__MEMBER(todo_uuid, item, field->item) = todo__pg_row_uuid(result, row, column);
        return;
    case TODO_KIND_FLAG:
        TODO__MEMBER(bool, item, field->item) = todo__pg_row_bool(result, row, column);
        return;
    case TODO_KIND_INTEGER:
        TODO__MEMBER(int64_t, item, field->item) = todo__pg_row_int(result, row, column);
        return;
    case TODO_KIND_TIME:
        TODO__MEMBER(todo_time, item, field->item) = todo__pg_row_time(result, row, column);
        return;
    case TODO_KIND_TEXT:
        return;
    }
}

todo_item todo__pg_row_item(const PGresult *result, int row, const todo_uuid *user)
{
    todo_item item = {.user_id = *user};
    int column = 0;

    for (TODO__EACH_FIELD(each))
        if (todo__sql_selects(TODO__SQL_ITEM, &each->field))
            read_field(result, row, column++, &each->field, &item);
    return item;
}

bool todo__pg_row_sequence(const PGresult *result, int row, int column, todo_sequence *ret_sequence)
{
    *ret_sequence = (todo_sequence){0, 0};
    if (PQgetisnull(result, row, column))
        return false;
    ret_sequence->epoch = (uint64_t)todo__pg_row_int(result, row, column);
    ret_sequence->number = (uint64_t)todo__pg_row_int(result, row, column + 1);
    return true;
}

todo_status todo__pg_build_item(const PGresult *result, int row, const todo_uuid *user,
                                const todo_item **ret_item, todo_error *error)
{
    todo_item item = todo__pg_row_item(result, row, user);

    return todo__item_new(&item, ret_item, error);
}

todo_status todo__pg_build_user(const PGresult *result, int row, const todo_user **ret_user,
                                todo_error *error)
{
    todo_user_fields fields;

    todo_user_fields_init(&fields, sizeof(fields));
    fields.id = todo__pg_row_uuid(result, row, 0);
    fields.email = todo__pg_row_text(result, row, 1);
    fields.display_name = todo__pg_row_text(result, row, 2);
    fields.password_hash = todo__pg_row_text(result, row, 3);
    fields.created_at = todo__pg_row_time(result, row, 4);
    return todo_user_build(&fields, ret_user, error);
}
