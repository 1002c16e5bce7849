#include <string.h>

#include "adapters/postgres/ports.h"
#include "adapters/postgres/row.h"
#include "util/alloc.h"

#define PAGE 500 /* users read at once when all are listed */

typedef struct users {
    todo__pg_pool *pool;
    todo__pg_seen *seen; /* NULL: there is no standby */
} users;

static todo__pg_pool *pool_of(void *self)
{
    return ((users *)self)->pool;
}

static todo_status not_found(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
}

static todo_status insert(void *self, const todo_call *call, const todo_user *user, todo_error *error)
{
    todo__pg_pool *pool = pool_of(self);
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, &user->id);
    todo__pg_add_text(&params, user->email);
    todo__pg_add_text(&params, user->display_name);
    todo__pg_add_text(&params, todo_user_password_hash(user));
    todo__pg_add_time(&params, user->created_at);
    todo__pg_add_int(&params, todo_time_now()); /* an account made anew is of a later epoch */
    status = todo__pg_run(pool, todo__pg_deadline(pool, call), TODO__PG_USER_INSERT, &params, NULL, &result,
                          error);
    if (status == TODO_OK)
        PQclear(result);
    return status;
}

static todo_status find(todo__pg_pool *pool, const todo_call *call, todo__pg_statement_id id,
                        const todo__pg_params *params, const todo_user **ret_user, todo_error *error)
{
    PGresult *result;
    todo_status status = todo__pg_run(pool, todo__pg_deadline(pool, call), id, params, NULL, &result, error);

    if (status != TODO_OK)
        return status;
    status = PQntuples(result) == 0 ? not_found(error) : todo__pg_build_user(result, 0, ret_user, error);
    PQclear(result);
    return status;
}

static todo_status find_by_email(void *self, const todo_call *call, const char *email,
                                 const todo_user **ret_user, todo_error *error)
{
    todo__pg_params params = {0};

    todo__pg_add_text(&params, email);
    return find(pool_of(self), call, TODO__PG_USER_BY_EMAIL, &params, ret_user, error);
}

static todo_status find_by_id(void *self, const todo_call *call, const todo_uuid *id,
                              const todo_user **ret_user, todo_error *error)
{
    todo__pg_params params = {0};

    todo__pg_add_uuid(&params, id);
    return find(pool_of(self), call, TODO__PG_USER_BY_ID, &params, ret_user, error);
}

/* Hands on one page of users behind `after`, which becomes the last of them. */
static todo_status list_page(todo__pg_pool *pool, const todo_call *call, todo_cursor *after,
                             todo_user_visit visit, void *arg, int *ret_count, todo_error *error)
{
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_time(&params, after->key);
    todo__pg_add_uuid(&params, &after->id);
    todo__pg_add_int(&params, PAGE);
    status =
        todo__pg_run(pool, todo__pg_deadline(pool, call), TODO__PG_USER_LIST, &params, NULL, &result, error);
    if (status != TODO_OK)
        return status;
    *ret_count = PQntuples(result);
    for (int row = 0; row < *ret_count && status == TODO_OK; row++) {
        const todo_user *user;

        status = todo__pg_build_user(result, row, &user, error);
        if (status != TODO_OK)
            break;
        *after = (todo_cursor){user->created_at, user->id};
        status = visit(arg, user);
        todo_user_unref(user);
    }
    PQclear(result);
    return status;
}

static todo_status list(void *self, const todo_call *call, todo_user_visit visit, void *arg,
                        todo_error *error)
{
    todo_cursor after = {INT64_MIN, {{0}}};
    todo_status status;
    int count = 0;

    do
        status = list_page(pool_of(self), call, &after, visit, arg, &count, error);
    while (status == TODO_OK && count == PAGE);
    return status;
}

static todo_status set_password_hash(void *self, const todo_call *call, const todo_uuid *id,
                                     const char *old_hash, const char *new_hash, todo_error *error)
{
    todo__pg_pool *pool = pool_of(self);
    todo__pg_params params = {0};
    const todo_user *user;
    PGresult *result;
    bool missed;
    todo_status status;

    todo__pg_add_uuid(&params, id);
    todo__pg_add_text(&params, new_hash);
    todo__pg_add_text(&params, old_hash);
    status = todo__pg_run(pool, todo__pg_deadline(pool, call), TODO__PG_USER_SET_HASH, &params, NULL, &result,
                          error);
    if (status != TODO_OK)
        return status;
    missed = *PQcmdTuples(result) == '0';
    PQclear(result);
    if (!missed)
        return TODO_OK;
    status = find_by_id(self, call, id, &user, error);
    if (status != TODO_OK)
        return status;
    todo_user_unref(user);
    return todo_error_set(error, TODO_ERR_CONFLICT, "password_changed", NULL, NULL);
}

/* Runs one statement about the user inside a transaction. */
static todo_status about_user(todo__pg_connection *connection, int64_t deadline, const char *sql,
                              const todo_uuid *id, PGresult **ret_result, todo_error *error)
{
    todo__pg_params params = {0};

    todo__pg_add_uuid(&params, id);
    return todo__pg_execute_once(connection, deadline, sql, &params, ret_result, error);
}

/* Locks the user's sequence, which keeps other changes of theirs out, and gives the state behind the removal. */
static todo_status lock_user(todo__pg_connection *connection, int64_t deadline, const todo_uuid *id,
                             todo_sequence *ret_sequence, todo_error *error)
{
    PGresult *result;
    bool found;
    todo_status status =
        about_user(connection, deadline,
                   "SELECT epoch, modseq + 1 FROM user_sequences WHERE user_id = $1::uuid FOR UPDATE", id,
                   &result, error);

    if (status != TODO_OK)
        return status;
    found = PQntuples(result) != 0 && todo__pg_row_sequence(result, 0, 0, ret_sequence);
    PQclear(result);
    return found ? TODO_OK : not_found(error);
}

static todo_status remove_locked(todo__pg_connection *connection, int64_t deadline, const todo_uuid *id,
                                 todo_uuid_visit removed, void *arg, todo_error *error)
{
    static const char *const rest[] = {"DELETE FROM user_sequences WHERE user_id = $1::uuid",
                                       "DELETE FROM users WHERE id = $1::uuid"};
    PGresult *result;
    todo_status status = about_user(
        connection, deadline, "DELETE FROM todos WHERE user_id = $1::uuid RETURNING id", id, &result, error);

    if (status != TODO_OK)
        return status;
    for (int row = 0; removed != NULL && row < PQntuples(result); row++) {
        todo_uuid todo = todo__pg_row_uuid(result, row, 0);

        removed(arg, &todo);
    }
    PQclear(result);
    for (size_t i = 0; status == TODO_OK && i < sizeof(rest) / sizeof(rest[0]); i++) {
        status = about_user(connection, deadline, rest[i], id, &result, error);
        if (status == TODO_OK)
            PQclear(result);
    }
    return status;
}

/* Lists of the user on a standby are to be empty from now on. */
static void note_removal(const users *this, const todo_call *call, const todo_uuid *id,
                         const todo_sequence *sequence)
{
    todo__pg_seen_note(this->seen, id, sequence);
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = *sequence;
}

static todo_status remove_user(void *self, const todo_call *call, const todo_uuid *id,
                               todo_uuid_visit removed, void *arg, todo_error *error)
{
    todo__pg_pool *pool = pool_of(self);
    int64_t deadline = todo__pg_deadline(pool, call);
    todo__pg_connection *connection;
    todo_sequence sequence = {0, 0};
    todo_status status = todo__pg_acquire(pool, deadline, &connection, error);

    if (status != TODO_OK)
        return status;
    status = todo__pg_execute_text(connection, deadline, "BEGIN; SET LOCAL lock_timeout = 0", error);
    if (status == TODO_OK)
        status = lock_user(connection, deadline, id, &sequence, error);
    if (status == TODO_OK)
        status = remove_locked(connection, deadline, id, removed, arg, error);
    if (status == TODO_OK)
        status = todo__pg_execute_text(connection, deadline, "COMMIT", error);
    else if (connection->verdict == TODO__PG_KEEP || connection->verdict == TODO__PG_LOCKED)
        (void)todo__pg_execute_text(connection, deadline, "ROLLBACK", NULL);
    if (status == TODO_OK)
        note_removal(self, call, id, &sequence);
    todo__pg_release(pool, connection);
    return status;
}

static void destroy(void *self)
{
    todo__free(self);
}

todo_status todo__pg_users_new(todo__pg_pool *pool, todo__pg_seen *seen, todo_users **ret_users,
                               todo_error *error)
{
    static const todo_users_ops ops = {
        .size = sizeof(ops),
        .destroy = destroy,
        .insert = insert,
        .find_by_email = find_by_email,
        .find_by_id = find_by_id,
        .list = list,
        .set_password_hash = set_password_hash,
        .remove = remove_user,
    };
    users *made = todo__calloc(1, sizeof(*made));
    todo_status status;

    if (made == NULL)
        return todo__pg_nomem(error);
    made->pool = pool;
    made->seen = seen;
    status = todo_users_new(&ops, made, ret_users, error);
    if (status != TODO_OK)
        destroy(made);
    return status;
}
