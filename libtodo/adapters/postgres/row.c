#include "adapters/postgres/row.h"

#include <string.h>

#include "adapters/postgres/params.h"
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

todo_item todo__pg_row_item(const PGresult *result, int row, const todo_uuid *user)
{
    return (todo_item){
        .id = todo__pg_row_uuid(result, row, 0),
        .user_id = *user,
        .title = todo__pg_row_text(result, row, 1),
        .description = todo__pg_row_text(result, row, 2),
        .completed = todo__pg_row_bool(result, row, 3),
        .created_at = todo__pg_row_time(result, row, 4),
        .updated_at = todo__pg_row_time(result, row, 5),
        .version = todo__pg_row_int(result, row, 6),
        .deleted_at = PQgetisnull(result, row, 7) ? 0 : todo__pg_row_time(result, row, 7),
        .modseq = todo__pg_row_int(result, row, 8),
    };
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
