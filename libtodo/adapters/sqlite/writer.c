#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "adapters/sqlite/sequence.h"
#include "domain/entity.h"
#include "util/alloc.h"

typedef struct insertion {
    todo__sqlite_write write;
    const todo_item *const *items;
    size_t count;
    todo_sequence sequence; /* of the user behind it, as in the others */
} insertion;

/* Of one todo that stays: an update, or its way into the trash or out of it. */
typedef struct change {
    todo__sqlite_write write;
    todo__sqlite_statement_id statement;
    const todo_uuid *user, *id;
    int64_t if_version;
    todo_time now;
    const todo_item_patch *patch; /* of an update */
    const todo_item *item;        /* the changed one; of use only once it is committed */
    todo_sequence sequence;
} change;

typedef struct removal {
    todo__sqlite_write write;
    const todo_uuid *user, *id;
    int64_t if_version;
    todo_sequence sequence;
} removal;

typedef struct purge {
    todo__sqlite_write write;
    const todo_uuid *user; /* NULL: of all */
    todo_time deleted_before;
    uint32_t limit;
    uint32_t purged;
    size_t user_count;
    struct {
        todo_uuid user;
        todo_sequence sequence;
    } users[TODO_PURGE_MAX];
} purge;

static todo_status insert_failed(todo__sqlite_connection *connection, int rc, todo_error *error)
{
    switch (todo__sqlite_constraint(connection->sqlite, rc)) {
    case SQLITE_CONSTRAINT_UNIQUE:
        return todo_error_set(error, TODO_ERR_CONFLICT, "id_exists", "id", "id already exists");
    default:
        return todo__sqlite_error(connection->sqlite, rc, error);
    }
}

static todo_status insert_one(todo__sqlite_connection *connection, sqlite3_stmt *statement,
                              const todo_item *item, uint64_t number, todo_error *error)
{
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    todo_item numbered = *item;
    todo_status status = TODO_OK;
    int rc;

    numbered.modseq = (int64_t)number;
    todo__sqlite_bind_fields(&binder, TODO__SQL_ALL, &numbered);
    rc = todo__sqlite_start(&binder);
    if (rc != SQLITE_DONE)
        status = insert_failed(connection, rc, error);
    todo__sqlite_done(statement);
    return status;
}

static todo_status apply_insertion(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                   todo_error *error)
{
    insertion *this = (insertion *)write;
    const todo_uuid *user = &this->items[0]->user_id;
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_sequence_read(connection, user, &this->sequence, error);

    if (status == TODO_OK)
        status = todo__sqlite_statement(connection, TODO__SQLITE_TODO_INSERT, &statement, error);
    for (size_t i = 0; status == TODO_OK && i < this->count; i++) {
        status = insert_one(connection, statement, this->items[i], ++this->sequence.number, error);
        if (status == TODO_ERR_CONFLICT)
            todo__item_id_exists(i, this->count, error);
    }
    if (status != TODO_OK)
        return status;
    return todo__sqlite_sequence_store(connection, user, this->sequence.number, false, error);
}

/* Tells the call the state that a write left behind, or has seen. */
static todo_status tell(todo_status status, const todo_call *call, const todo_sequence *sequence)
{
    if (call != NULL && call->ret_sequence != NULL &&
        (status == TODO_OK || status == TODO_ERR_NOT_FOUND || status == TODO_ERR_PRECONDITION))
        *call->ret_sequence = *sequence;
    return status;
}

static todo_status insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                          todo_error *error)
{
    insertion this = {.write.apply = apply_insertion, .items = items, .count = count};

    return tell(todo__sqlite_submit(self, &this.write, call, error), call, &this.sequence);
}

/* Where a statement looks for a todo. */
typedef enum place { LIVE = 0, IN_TRASH = 1, ANYWHERE = 2 } place;

/* Why a statement that names a todo of a user, and perhaps its version, found nothing. The user is there. */
static todo_status why_not(todo__sqlite_connection *connection, const todo_uuid *user, const todo_uuid *id,
                           place where, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_TODO_EXISTS, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, id);
    todo__sqlite_bind_uuid(&binder, user);
    if (where != ANYWHERE)
        todo__sqlite_bind_integer(&binder, where);
    else
        todo__sqlite_bind_null(&binder);
    rc = todo__sqlite_start(&binder);
    if (rc != SQLITE_ROW)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    else if (sqlite3_column_int(statement, 0) != 0)
        status = todo_error_set(error, TODO_ERR_PRECONDITION, NULL, NULL, NULL);
    else
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    todo__sqlite_done(statement);
    return status;
}

static void bind_patch(todo__sqlite_binder *binder, const todo_item_patch *patch)
{
    todo_item values;

    todo__sqlite_bind_integer(binder, todo__sql_patch(patch, &values));
    todo__sqlite_bind_fields(binder, TODO__SQL_PATCH, &values);
}

/* Runs the statement of a change that is to have this number; the item is NULL if it found none. */
static todo_status run_change(todo__sqlite_connection *connection, change *this, uint64_t number,
                              todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, this->statement, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    todo_item row;
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, this->id);
    todo__sqlite_bind_uuid(&binder, this->user);
    todo__sqlite_bind_integer(&binder, this->if_version);
    todo__sqlite_bind_integer(&binder, this->now);
    todo__sqlite_bind_integer(&binder, (int64_t)number);
    if (this->patch != NULL)
        bind_patch(&binder, this->patch);
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
    return status;
}

static todo_status apply_change(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                todo_error *error)
{
    change *this = (change *)write;
    todo_status status = todo__sqlite_sequence_read(connection, this->user, &this->sequence, error);
    uint64_t number = this->sequence.number + 1;

    if (status == TODO_OK)
        status = run_change(connection, this, number, error);
    if (status != TODO_OK)
        return status;
    if (this->item == NULL)
        return why_not(connection, this->user, this->id,
                       this->statement == TODO__SQLITE_TODO_RESTORE ? IN_TRASH : LIVE, error);
    /* A patch that changed nothing left the item its number. */
    if (this->item->modseq != (int64_t)number)
        return TODO_OK;
    this->sequence.number = number;
    return todo__sqlite_sequence_store(connection, this->user, number, false, error);
}

/* Hands the changed item on when the change is durable. */
static todo_status submit_change(void *self, const todo_call *call, change *this, const todo_item **ret_item,
                                 todo_error *error)
{
    todo_status status = todo__sqlite_submit(self, &this->write, call, error);

    if (status == TODO_OK)
        *ret_item = this->item;
    else
        todo_item_unref(this->item);
    return tell(status, call, &this->sequence);
}

static todo_status update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                          todo_error *error)
{
    change this = {.write.apply = apply_change,
                   .statement = TODO__SQLITE_TODO_UPDATE,
                   .user = user,
                   .id = id,
                   .if_version = patch->if_version,
                   .now = now,
                   .patch = patch};

    return submit_change(self, call, &this, ret_item, error);
}

static todo_status trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                         int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    change this = {.write.apply = apply_change,
                   .statement = TODO__SQLITE_TODO_TRASH,
                   .user = user,
                   .id = id,
                   .if_version = if_version,
                   .now = now};
    const todo_item *item = NULL;
    todo_status status = submit_change(self, call, &this, &item, error);

    if (status == TODO_OK)
        *ret_version = item->version;
    todo_item_unref(item);
    return status;
}

static todo_status restore(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                           int64_t if_version, todo_time now, const todo_item **ret_item, todo_error *error)
{
    change this = {.write.apply = apply_change,
                   .statement = TODO__SQLITE_TODO_RESTORE,
                   .user = user,
                   .id = id,
                   .if_version = if_version,
                   .now = now};

    return submit_change(self, call, &this, ret_item, error);
}

static todo_status run_removal(todo__sqlite_connection *connection, const removal *this, todo_error *error)
{
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
        status = why_not(connection, this->user, this->id, ANYWHERE, error);
    todo__sqlite_done(statement);
    return status;
}

static todo_status apply_removal(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                 todo_error *error)
{
    removal *this = (removal *)write;
    todo_status status = todo__sqlite_sequence_read(connection, this->user, &this->sequence, error);

    if (status == TODO_OK)
        status = run_removal(connection, this, error);
    if (status != TODO_OK)
        return status;
    this->sequence.number++;
    return todo__sqlite_sequence_store(connection, this->user, this->sequence.number, true, error);
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    removal this = {.write.apply = apply_removal, .user = user, .id = id, .if_version = if_version};

    return tell(todo__sqlite_submit(self, &this.write, call, error), call, &this.sequence);
}

static void note_user(purge *this, const todo_uuid *user)
{
    for (size_t i = 0; i < this->user_count; i++)
        if (todo_uuid_compare(&this->users[i].user, user) == 0)
            return;
    this->users[this->user_count++].user = *user;
}

static todo_status run_purge(todo__sqlite_connection *connection, purge *this, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(
        connection, this->user != NULL ? TODO__SQLITE_TODO_PURGE_USER : TODO__SQLITE_TODO_PURGE, &statement,
        error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_integer(&binder, this->deleted_before);
    todo__sqlite_bind_integer(&binder, this->limit);
    if (this->user != NULL)
        todo__sqlite_bind_uuid(&binder, this->user);
    for (rc = todo__sqlite_start(&binder); rc == SQLITE_ROW; rc = sqlite3_step(statement)) {
        todo_uuid user = todo__sqlite_uuid_of_row(statement);

        note_user(this, &user);
        this->purged++;
    }
    if (rc != SQLITE_DONE)
        status = todo__sqlite_error(connection->sqlite, rc, error);
    todo__sqlite_done(statement);
    return status;
}

/* Each user's counter rises by one for all of theirs that went. */
static todo_status apply_purge(todo__sqlite_connection *connection, todo__sqlite_write *write,
                               todo_error *error)
{
    purge *this = (purge *)write;
    todo_status status = run_purge(connection, this, error);

    for (size_t i = 0; i < this->user_count && status == TODO_OK; i++) {
        todo_sequence *sequence = &this->users[i].sequence;

        status = todo__sqlite_sequence_read(connection, &this->users[i].user, sequence, error);
        if (status == TODO_OK)
            status = todo__sqlite_sequence_store(connection, &this->users[i].user, ++sequence->number, true,
                                                 error);
    }
    return status;
}

static todo_status purge_trash(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint32_t limit, todo_sequence_visit visit, void *arg,
                               uint32_t *ret_purged, todo_error *error)
{
    purge *this = todo__calloc(1, sizeof(*this));
    todo_status status;

    if (this == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    this->write.apply = apply_purge;
    this->write.alone = true;
    this->user = user;
    this->deleted_before = deleted_before;
    this->limit = limit < TODO_PURGE_MAX ? limit : TODO_PURGE_MAX;
    status = todo__sqlite_submit(self, &this->write, call, error);
    if (status == TODO_OK)
        *ret_purged = this->purged;
    for (size_t i = 0; status == TODO_OK && i < this->user_count; i++) {
        if (visit != NULL)
            visit(arg, &this->users[i].user, &this->users[i].sequence);
        if (user != NULL)
            (void)tell(status, call, &this->users[i].sequence);
    }
    todo__free(this);
    return status;
}

const todo_writer_ops todo__sqlite_writer_ops = {
    .size = sizeof(todo_writer_ops),
    .insert = insert,
    .update = update,
    .remove = remove_item,
    .trash = trash,
    .restore = restore,
    .purge = purge_trash,
};
