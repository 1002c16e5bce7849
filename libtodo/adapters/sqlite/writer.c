#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "domain/entity.h"

typedef struct insertion {
    todo__sqlite_write write;
    const todo_item *const *items;
    size_t count;
} insertion;

typedef struct change {
    todo__sqlite_write write;
    const todo_uuid *user, *id;
    const todo_item_patch *patch;
    todo_time now;
    const todo_item *item; /* the changed one; of use only once it is committed */
} change;

typedef struct removal {
    todo__sqlite_write write;
    const todo_uuid *user, *id;
    int64_t if_version;
} removal;

static todo_status insert_failed(todo__sqlite_connection *connection, int rc, todo_error *error)
{
    switch (todo__sqlite_constraint(connection->sqlite, rc)) {
    case SQLITE_CONSTRAINT_UNIQUE:
        return todo_error_set(error, TODO_ERR_CONFLICT, "id_exists", "id", "id already exists");
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, NULL, NULL, NULL);
    default:
        return todo__sqlite_error(connection->sqlite, rc, error);
    }
}

static todo_status insert_one(todo__sqlite_connection *connection, sqlite3_stmt *statement,
                              const todo_item *item, todo_error *error)
{
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    todo_status status = TODO_OK;
    int rc;

    todo__sqlite_bind_uuid(&binder, &item->id);
    todo__sqlite_bind_uuid(&binder, &item->user_id);
    todo__sqlite_bind_text(&binder, item->title);
    todo__sqlite_bind_text(&binder, item->description);
    todo__sqlite_bind_integer(&binder, item->completed);
    todo__sqlite_bind_integer(&binder, item->created_at);
    todo__sqlite_bind_integer(&binder, item->updated_at);
    todo__sqlite_bind_integer(&binder, item->version);
    rc = todo__sqlite_start(&binder);
    if (rc != SQLITE_DONE)
        status = insert_failed(connection, rc, error);
    todo__sqlite_done(statement);
    return status;
}

static todo_status apply_insertion(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                   todo_error *error)
{
    const insertion *this = (const insertion *)write;
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_TODO_INSERT, &statement, error);

    for (size_t i = 0; status == TODO_OK && i < this->count; i++)
        status = insert_one(connection, statement, this->items[i], error);
    return status;
}

static todo_status insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                          todo_error *error)
{
    insertion this = {.write.apply = apply_insertion, .items = items, .count = count};

    return todo__sqlite_submit(self, &this.write, call, error);
}

/* Why a statement that names a todo of a user, and perhaps its version, found nothing. */
static todo_status why_not(todo__sqlite_connection *connection, const todo_uuid *user, const todo_uuid *id,
                           todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_TODO_WHY_NOT, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, id);
    todo__sqlite_bind_uuid(&binder, user);
    rc = todo__sqlite_start(&binder);
    if (rc != SQLITE_ROW)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    else if (sqlite3_column_int(statement, 0) != 0)
        status = todo_error_set(error, TODO_ERR_PRECONDITION, NULL, NULL, NULL);
    else if (sqlite3_column_int(statement, 1) != 0)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else
        status = todo_error_set(error, TODO_ERR_UNAUTHENTICATED, NULL, NULL, NULL);
    todo__sqlite_done(statement);
    return status;
}

static void bind_patch(todo__sqlite_binder *binder, const todo_item_patch *patch, todo_time now)
{
    todo__sqlite_bind_text(binder, patch->title.presence == TODO_VALUE ? patch->title.value : NULL);
    todo__sqlite_bind_integer(binder, patch->description.presence != TODO_ABSENT);
    todo__sqlite_bind_text(binder,
                           patch->description.presence == TODO_VALUE ? patch->description.value : NULL);
    if (patch->completed.presence == TODO_VALUE)
        todo__sqlite_bind_integer(binder, patch->completed.value);
    else
        todo__sqlite_bind_null(binder);
    todo__sqlite_bind_integer(binder, now);
}

static todo_status apply_change(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                todo_error *error)
{
    change *this = (change *)write;
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_TODO_UPDATE, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    todo_item row;
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, this->id);
    todo__sqlite_bind_uuid(&binder, this->user);
    todo__sqlite_bind_integer(&binder, this->patch->if_version);
    bind_patch(&binder, this->patch, this->now);
    rc = todo__sqlite_start(&binder);
    if (rc == SQLITE_ROW) {
        status = todo__sqlite_item_of_row(statement, &row, error);
        if (status == TODO_OK)
            status = todo__item_new(&row, &this->item, error);
        rc = sqlite3_step(statement); /* the statement is complete only after its last row */
    }
    if (rc != SQLITE_DONE && status == TODO_OK)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    todo__sqlite_done(statement);
    return status == TODO_OK && this->item == NULL ? why_not(connection, this->user, this->id, error)
                                                   : status;
}

static todo_status update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                          todo_error *error)
{
    change this = {.write.apply = apply_change, .user = user, .id = id, .patch = patch, .now = now};
    todo_status status = todo__sqlite_submit(self, &this.write, call, error);

    if (status == TODO_OK)
        *ret_item = this.item;
    else
        todo_item_unref(this.item);
    return status;
}

static todo_status apply_removal(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                 todo_error *error)
{
    const removal *this = (const removal *)write;
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_TODO_DELETE, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, this->id);
    todo__sqlite_bind_uuid(&binder, this->user);
    todo__sqlite_bind_integer(&binder, this->if_version);
    rc = todo__sqlite_start(&binder);
    if (rc != SQLITE_DONE)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    else if (sqlite3_changes(connection->sqlite) == 0)
        status = why_not(connection, this->user, this->id, error);
    todo__sqlite_done(statement);
    return status;
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    removal this = {.write.apply = apply_removal, .user = user, .id = id, .if_version = if_version};

    return todo__sqlite_submit(self, &this.write, call, error);
}

const todo_writer_ops todo__sqlite_writer_ops = {
    .size = sizeof(todo_writer_ops),
    .insert = insert,
    .update = update,
    .remove = remove_item,
};
