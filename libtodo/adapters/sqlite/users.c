#include "adapters/sqlite/db.h"
#include "adapters/sqlite/error.h"
#include "adapters/sqlite/sequence.h"

#include <todo/port/build.h>

typedef struct insertion {
    todo__sqlite_write write;
    const todo_user *user;
} insertion;

typedef struct hash_change {
    todo__sqlite_write write;
    const todo_uuid *id;
    const char *old_hash, *new_hash;
} hash_change;

typedef struct removal {
    todo__sqlite_write write;
    const todo_uuid *id;
    todo_uuid_visit removed; /* NULL: nobody wants to know */
    void *arg;
    todo_sequence sequence; /* of the user, behind the removal */
} removal;

static todo_status not_found(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
}

/* Runs a bound statement that finds one user. */
static todo_status find(todo__sqlite_connection *connection, const todo__sqlite_binder *binder,
                        const todo_user **ret_user, todo_error *error)
{
    int rc = todo__sqlite_start(binder);
    todo_status status;

    if (rc == SQLITE_ROW)
        status = todo__sqlite_user_of_row(binder->statement, ret_user, error);
    else if (rc == SQLITE_DONE)
        status = not_found(error);
    else
        status = todo__sqlite_error(connection->sqlite, rc, error);
    todo__sqlite_done(binder->statement);
    return status;
}

static todo_status by_email(todo__sqlite_connection *connection, const char *email,
                            const todo_user **ret_user, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_USER_BY_EMAIL, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_text(&binder, email);
    return find(connection, &binder, ret_user, error);
}

static todo_status by_id(todo__sqlite_connection *connection, const todo_uuid *id, const todo_user **ret_user,
                         todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_USER_BY_ID, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, id);
    return find(connection, &binder, ret_user, error);
}

static todo_status find_by_email(void *self, const todo_call *call, const char *email,
                                 const todo_user **ret_user, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = by_email(connection, email, ret_user, error);
    todo__sqlite_pool_give(&db->pool, connection);
    return status;
}

static todo_status find_by_id(void *self, const todo_call *call, const todo_uuid *id,
                              const todo_user **ret_user, todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = by_id(connection, id, ret_user, error);
    todo__sqlite_pool_give(&db->pool, connection);
    return status;
}

static todo_status visit_rows(todo__sqlite_connection *connection, sqlite3_stmt *statement,
                              todo_user_visit visit, void *arg, todo_error *error)
{
    const todo_user *user = NULL;
    todo_status status;
    int rc;

    for (rc = sqlite3_step(statement); rc == SQLITE_ROW; rc = sqlite3_step(statement)) {
        status = todo__sqlite_user_of_row(statement, &user, error);
        if (status != TODO_OK)
            return status;
        status = visit(arg, user);
        todo_user_unref(user);
        if (status != TODO_OK)
            return status;
    }
    return rc == SQLITE_DONE ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

static todo_status list(void *self, const todo_call *call, todo_user_visit visit, void *arg,
                        todo_error *error)
{
    todo__sqlite *db = self;
    todo__sqlite_connection *connection = NULL;
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_reader(db, call, &connection, error);

    if (status != TODO_OK)
        return status;
    status = todo__sqlite_statement(connection, TODO__SQLITE_USER_LIST, &statement, error);
    if (status == TODO_OK) {
        status = visit_rows(connection, statement, visit, arg, error);
        todo__sqlite_done(statement);
    }
    todo__sqlite_pool_give(&db->pool, connection);
    return status;
}

/* Which of the two unique members is taken: the e-mail, unless nobody has it. */
static todo_status insert_failed(todo__sqlite_connection *connection, int rc, const todo_user *user,
                                 todo_error *error)
{
    int constraint = todo__sqlite_constraint(connection->sqlite, rc);
    const todo_user *other = NULL;
    todo_status status;

    if (constraint != SQLITE_CONSTRAINT_UNIQUE && constraint != SQLITE_CONSTRAINT_PRIMARYKEY)
        return todo__sqlite_error(connection->sqlite, rc, error);
    status = by_email(connection, user->email, &other, error);
    todo_user_unref(other);
    if (status == TODO_OK)
        return todo_error_set(error, TODO_ERR_CONFLICT, "email_exists", "email", "email already exists");
    if (status == TODO_ERR_NOT_FOUND)
        return todo_error_set(error, TODO_ERR_CONFLICT, "id_exists", "id", "id already exists");
    return status;
}

/* An account made anew is of a later epoch. */
static todo_status insert_sequence(todo__sqlite_connection *connection, const todo_user *user,
                                   todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_SEQUENCE_INSERT, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, &user->id);
    todo__sqlite_bind_integer(&binder, todo_time_now());
    rc = todo__sqlite_start(&binder);
    todo__sqlite_done(statement);
    return rc == SQLITE_DONE ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

static todo_status apply_insertion(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                   todo_error *error)
{
    const todo_user *user = ((const insertion *)write)->user;
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_USER_INSERT, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, &user->id);
    todo__sqlite_bind_text(&binder, user->email);
    todo__sqlite_bind_text(&binder, user->display_name);
    todo__sqlite_bind_text(&binder, todo_user_password_hash(user));
    todo__sqlite_bind_integer(&binder, user->created_at);
    rc = todo__sqlite_start(&binder);
    todo__sqlite_done(statement);
    return rc == SQLITE_DONE ? insert_sequence(connection, user, error)
                             : insert_failed(connection, rc, user, error);
}

static todo_status insert(void *self, const todo_call *call, const todo_user *user, todo_error *error)
{
    insertion this = {.write.apply = apply_insertion, .user = user};

    if (todo_user_password_hash(user) == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", "password_hash", NULL);
    return todo__sqlite_submit(self, &this.write, call, error);
}

static todo_status apply_hash_change(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                     todo_error *error)
{
    const hash_change *this = (const hash_change *)write;
    const todo_user *user = NULL;
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, TODO__SQLITE_USER_SET_HASH, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, this->id);
    todo__sqlite_bind_text(&binder, this->new_hash);
    todo__sqlite_bind_text(&binder, this->old_hash);
    rc = todo__sqlite_start(&binder);
    todo__sqlite_done(statement);
    if (rc != SQLITE_DONE)
        return todo__sqlite_error(connection->sqlite, rc, error);
    if (sqlite3_changes(connection->sqlite) > 0)
        return TODO_OK;
    status = by_id(connection, this->id, &user, error);
    todo_user_unref(user);
    return status != TODO_OK ? status
                             : todo_error_set(error, TODO_ERR_CONFLICT, "password_changed", NULL,
                                              "the password was changed meanwhile");
}

static todo_status set_password_hash(void *self, const todo_call *call, const todo_uuid *id,
                                     const char *old_hash, const char *new_hash, todo_error *error)
{
    hash_change this = {
        .write.apply = apply_hash_change, .id = id, .old_hash = old_hash, .new_hash = new_hash};

    return todo__sqlite_submit(self, &this.write, call, error);
}

static todo_status remove_todos(todo__sqlite_connection *connection, const removal *this, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status =
        todo__sqlite_statement(connection, TODO__SQLITE_USER_DELETE_TODOS, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, this->id);
    for (rc = todo__sqlite_start(&binder); rc == SQLITE_ROW; rc = sqlite3_step(statement)) {
        todo_uuid id = todo__sqlite_uuid_of_row(statement);

        if (this->removed != NULL)
            this->removed(this->arg, &id);
    }
    todo__sqlite_done(statement);
    return rc == SQLITE_DONE ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

/* Runs a statement that deletes what has the user's id. */
static todo_status delete_by_id(todo__sqlite_connection *connection, todo__sqlite_statement_id which,
                                const todo_uuid *id, todo_error *error)
{
    sqlite3_stmt *statement = NULL;
    todo_status status = todo__sqlite_statement(connection, which, &statement, error);
    todo__sqlite_binder binder = todo__sqlite_binder_of(statement);
    int rc;

    if (status != TODO_OK)
        return status;
    todo__sqlite_bind_uuid(&binder, id);
    rc = todo__sqlite_start(&binder);
    todo__sqlite_done(statement);
    return rc == SQLITE_DONE ? TODO_OK : todo__sqlite_error(connection->sqlite, rc, error);
}

static todo_status apply_removal(todo__sqlite_connection *connection, todo__sqlite_write *write,
                                 todo_error *error)
{
    removal *this = (removal *)write;
    todo_status status = todo__sqlite_sequence_read(connection, this->id, &this->sequence, error);

    if (status == TODO_ERR_UNAUTHENTICATED)
        return not_found(error);
    this->sequence.number++;
    if (status == TODO_OK)
        status = remove_todos(connection, this, error);
    if (status == TODO_OK)
        status = delete_by_id(connection, TODO__SQLITE_SEQUENCE_DELETE, this->id, error);
    if (status == TODO_OK)
        status = delete_by_id(connection, TODO__SQLITE_USER_DELETE, this->id, error);
    return status;
}

/* Alone: everything that is the user's goes with it. */
static todo_status remove_user(void *self, const todo_call *call, const todo_uuid *id,
                               todo_uuid_visit removed, void *arg, todo_error *error)
{
    removal this = {
        .write = {.apply = apply_removal, .alone = true}, .id = id, .removed = removed, .arg = arg};
    todo_status status = todo__sqlite_submit(self, &this.write, call, error);

    if (status == TODO_OK && call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = this.sequence;
    return status;
}

const todo_users_ops todo__sqlite_users_ops = {
    .size = sizeof(todo_users_ops),
    .insert = insert,
    .find_by_email = find_by_email,
    .find_by_id = find_by_id,
    .list = list,
    .set_password_hash = set_password_hash,
    .remove = remove_user,
};
