#include <stdio.h>
#include <string.h>

#include "adapters/postgres/combine.h"
#include "adapters/postgres/ports.h"
#include "adapters/postgres/row.h"
#include "adapters/sql/sql.h"
#include "domain/entity.h"
#include "util/alloc.h"

#define TURNS 1 /* all that arrives during a commit shares the next one */

/* The arrays of a statement. */
typedef struct columns {
    todo__pg_type types[TODO__PG_PARAMS_MAX];
    int count;
} columns;

typedef struct writer {
    todo__pg_pool *pool;
    todo__pg_seen *seen; /* NULL: there is no standby */
    columns insert_columns;
    columns update_columns;
    todo__pg_kind insert_kind;
    todo__pg_kind update_kind;
    todo__pg_combiner *inserts;
    todo__pg_combiner *updates;
} writer;

#define UPDATE_FIXED 5 /* columns of an update before the values of its patch */

_Static_assert(TODO__ITEM_FIELD_COUNT + UPDATE_FIXED <= TODO__PG_PARAMS_MAX, "each column is a parameter");

/* What an insert asks for: all of the items or none. */
typedef struct insert_subject {
    const todo_item *const *items;
    size_t count;
} insert_subject;

/* Appends each field of a class to its column, and gives the column behind. */
static todo__pg_array *add_fields(todo__pg_array *arrays, todo__sql_class selected, const todo_item *item)
{
    for (TODO__EACH_FIELD(row))
        if (todo__sql_selects(selected, &row->field))
            todo__pg_array_field(arrays++, &row->field, item);
    return arrays;
}

static void add_insert(todo__pg_array *arrays, const void *subject, int number)
{
    const insert_subject *asked = subject;

    for (size_t i = 0; i < asked->count; i++)
        todo__pg_array_int(add_fields(arrays, TODO__SQL_INSERT, asked->items[i]), number);
}

/* Which of the items it is whose id is taken, in the server's words: of two of the same id the second. */
static todo_status insert_failed(todo_status status, const todo_item *const *items, size_t count,
                                 todo_error *error)
{
    char detail[sizeof(error->detail)], id[TODO_UUID_TEXT_SIZE];

    if (status != TODO_ERR_CONFLICT || error == NULL)
        return status;
    snprintf(detail, sizeof(detail), "%s", error->detail);
    for (size_t i = count; i-- > 0;) {
        todo_uuid_format(&items[i]->id, id);
        if (strstr(detail, id) == NULL)
            continue;
        todo__item_id_exists(i, count, error);
        todo_error_set_detail(error, detail);
        break;
    }
    return status;
}

static todo_status unknown_user(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
}

/* Tells the call, and this process's own reads, of the state that a change left behind. */
static void tell(const writer *to, const todo_call *call, const todo_uuid *user,
                 const todo_sequence *sequence)
{
    todo__pg_seen_note(to->seen, user, sequence);
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = *sequence;
}

static todo_status insert(void *self, const todo_call *call, const todo_item *const *items, size_t count,
                          todo_error *error)
{
    writer *to = self;
    insert_subject asked = {items, count};
    todo__pg_request request = {.subject = &asked,
                                .statement = TODO__PG_TODO_INSERT,
                                .cost = (uint32_t)count,
                                .deadline = todo__pg_deadline(to->pool, call),
                                .parking = todo__parking_of(call),
                                .error = error};
    todo_sequence sequence;
    todo_status status = todo__pg_combine(to->inserts, &request);

    if (status != TODO_OK)
        return insert_failed(status, items, count, error);
    if (todo__pg_row_sequence(request.result, request.first, 0, &sequence))
        tell(to, call, &items[0]->user_id, &sequence);
    else
        status = unknown_user(error);
    todo__pg_request_end(&request);
    return status;
}

typedef struct update_subject {
    const todo_uuid *user;
    const todo_uuid *id;
    const todo_item_patch *patch;
    todo_time now;
} update_subject;

static void add_update(todo__pg_array *arrays, const void *subject, int number)
{
    const update_subject *asked = subject;
    todo_item values;

    (void)number;
    todo__pg_array_uuid(&arrays[0], asked->id);
    todo__pg_array_uuid(&arrays[1], asked->user);
    todo__pg_array_int(&arrays[2], asked->patch->if_version);
    todo__pg_array_time(&arrays[3], asked->now);
    todo__pg_array_int(&arrays[4], todo__sql_patch(asked->patch, &values));
    add_fields(arrays + UPDATE_FIXED, TODO__SQL_PATCH, &values);
}

/* A statement changes a row once: two changes of it need two. */
static bool same_todo(const void *subject, const void *other)
{
    const update_subject *a = subject, *b = other;

    return todo_uuid_compare(a->id, b->id) == 0 && todo_uuid_compare(a->user, b->user) == 0;
}

/* Behind the sequence: of an update whether the version fits, of others whether the todo is there. */
#define FOUND_COLUMN (TODO__PG_SEQUENCE_COLUMN + 2)

static todo_status finish_update(const writer *to, const todo_call *call, const todo__pg_request *request,
                                 const todo_uuid *user, const todo_item **ret_item, todo_error *error)
{
    const PGresult *result = request->result;
    int row = request->first;
    todo_sequence sequence;

    if (!todo__pg_row_sequence(result, row, TODO__PG_SEQUENCE_COLUMN, &sequence))
        return unknown_user(error);
    tell(to, call, user, &sequence);
    if (PQgetisnull(result, row, 0))
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    if (!todo__pg_row_bool(result, row, FOUND_COLUMN))
        return todo_error_set(error, TODO_ERR_PRECONDITION, NULL, NULL, NULL);
    return todo__pg_build_item(result, row, user, ret_item, error);
}

static todo_status update(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                          const todo_item_patch *patch, todo_time now, const todo_item **ret_item,
                          todo_error *error)
{
    writer *to = self;
    update_subject asked = {user, id, patch, now};
    todo__pg_request request = {.subject = &asked,
                                .statement = TODO__PG_TODO_UPDATE,
                                .cost = 1,
                                .deadline = todo__pg_deadline(to->pool, call),
                                .parking = todo__parking_of(call),
                                .error = error};
    todo_status status = todo__pg_combine(to->updates, &request);

    if (status != TODO_OK)
        return status;
    status = finish_update(to, call, &request, user, ret_item, error);
    todo__pg_request_end(&request);
    return status;
}

/* A change by a statement of its own. */
typedef struct single {
    const todo_uuid *user;
    const todo_uuid *id;
    int64_t if_version;
    todo__pg_statement_id statement;
    const todo_time *now; /* NULL: the statement takes none */
} single;

/* Runs a statement behind the lock of one user. */
static todo_status run_locked(writer *to, int64_t deadline, const todo_uuid *user,
                              todo__pg_statement_id statement, const todo__pg_params *params,
                              PGresult **ret_result, todo_error *error)
{
    todo__pg_array array = {NULL, 0, 0, 0, false};
    todo__pg_params users = {0};
    todo_status status;

    todo__pg_array_begin(&array, TODO__PG_UUID);
    todo__pg_array_uuid(&array, user);
    todo__pg_array_end(&array);
    todo__pg_add_bytes(&users, array.bytes, array.length);
    status = array.failed ? todo__pg_nomem(error)
                          : todo__pg_run(to->pool, deadline, statement, params, &users, ret_result, error);
    todo__pg_array_free(&array);
    return status;
}

/* What came of a change: OK when the row holds the todo as it was changed. */
static todo_status judge_change(const writer *to, const todo_call *call, const todo_uuid *user,
                                const PGresult *result, todo_error *error)
{
    todo_sequence sequence;

    if (PQntuples(result) == 0)
        return unknown_user(error);
    if (todo__pg_row_sequence(result, 0, TODO__PG_SEQUENCE_COLUMN, &sequence))
        tell(to, call, user, &sequence);
    if (!PQgetisnull(result, 0, 0))
        return TODO_OK;
    return todo_error_set(
        error, todo__pg_row_bool(result, 0, FOUND_COLUMN) ? TODO_ERR_PRECONDITION : TODO_ERR_NOT_FOUND, NULL,
        NULL, NULL);
}

/* With TODO_OK, the result is the caller's to clear. */
static todo_status change_one(writer *to, const todo_call *call, const single *asked, PGresult **ret_result,
                              todo_error *error)
{
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, asked->id);
    todo__pg_add_uuid(&params, asked->user);
    todo__pg_add_int(&params, asked->if_version);
    if (asked->now != NULL)
        todo__pg_add_time(&params, *asked->now);
    status = run_locked(to, todo__pg_deadline(to->pool, call), asked->user, asked->statement, &params,
                        &result, error);
    if (status != TODO_OK)
        return status;
    status = judge_change(to, call, asked->user, result, error);
    if (status == TODO_OK)
        *ret_result = result;
    else
        PQclear(result);
    return status;
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    const single asked = {user, id, if_version, TODO__PG_TODO_DELETE, NULL};
    PGresult *result;
    todo_status status = change_one(self, call, &asked, &result, error);

    if (status == TODO_OK)
        PQclear(result);
    return status;
}

static todo_status trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                         int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    const single asked = {user, id, if_version, TODO__PG_TODO_TRASH, &now};
    PGresult *result;
    todo_status status = change_one(self, call, &asked, &result, error);

    if (status != TODO_OK)
        return status;
    *ret_version = todo__pg_row_item(result, 0, user).version;
    PQclear(result);
    return TODO_OK;
}

static todo_status restore(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                           int64_t if_version, todo_time now, const todo_item **ret_item, todo_error *error)
{
    const single asked = {user, id, if_version, TODO__PG_TODO_RESTORE, &now};
    PGresult *result;
    todo_status status = change_one(self, call, &asked, &result, error);

    if (status != TODO_OK)
        return status;
    status = todo__pg_build_item(result, 0, user, ret_item, error);
    PQclear(result);
    return status;
}

/* Each row is a user's. */
static uint32_t count_purged(const writer *to, const todo_call *call, const todo_uuid *user,
                             const PGresult *result, todo_sequence_visit visit, void *arg)
{
    uint32_t count = 0;

    for (int row = 0; row < PQntuples(result); row++) {
        todo_uuid owner = todo__pg_row_uuid(result, row, 1);
        todo_sequence sequence;

        count += (uint32_t)todo__pg_row_int(result, row, 0);
        if (!todo__pg_row_sequence(result, row, 2, &sequence))
            continue;
        tell(to, user != NULL ? call : NULL, &owner, &sequence);
        if (visit != NULL)
            visit(arg, &owner, &sequence);
    }
    return count;
}

static todo_status purge(void *self, const todo_call *call, const todo_uuid *user, todo_time deleted_before,
                         uint32_t limit, todo_sequence_visit visit, void *arg, uint32_t *ret_purged,
                         todo_error *error)
{
    writer *to = self;
    int64_t deadline = todo__pg_deadline(to->pool, call);
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_time(&params, deleted_before);
    todo__pg_add_int(&params, limit);
    if (user != NULL) {
        todo__pg_add_uuid(&params, user);
        status = run_locked(to, deadline, user, TODO__PG_TODO_PURGE_USER, &params, &result, error);
    } else {
        status = todo__pg_run(to->pool, deadline, TODO__PG_TODO_PURGE, &params, NULL, &result, error);
    }
    if (status != TODO_OK)
        return status;
    *ret_purged = count_purged(to, call, user, result, visit, arg);
    PQclear(result);
    return TODO_OK;
}

static void destroy(void *self)
{
    writer *to = self;

    todo__pg_combiner_free(to->inserts);
    todo__pg_combiner_free(to->updates);
    todo__free(to);
}

static void add_type(columns *to, todo__pg_type type)
{
    to->types[to->count++] = type;
}

static void add_types(columns *to, todo__sql_class selected)
{
    for (TODO__EACH_FIELD(row))
        if (todo__sql_selects(selected, &row->field))
            add_type(to, todo__pg_type_of(&row->field));
}

/* In the order in which add_insert and add_update fill them. */
static void set_up_kinds(writer *made)
{
    add_types(&made->insert_columns, TODO__SQL_INSERT);
    add_type(&made->insert_columns, TODO__PG_INT8);
    made->insert_kind = (todo__pg_kind){
        made->insert_columns.types, made->insert_columns.count, TURNS, true, add_insert, NULL};

    add_type(&made->update_columns, TODO__PG_UUID);
    add_type(&made->update_columns, TODO__PG_UUID);
    add_type(&made->update_columns, TODO__PG_INT8);
    add_type(&made->update_columns, TODO__PG_TIMESTAMPTZ);
    add_type(&made->update_columns, TODO__PG_INT8);
    add_types(&made->update_columns, TODO__SQL_PATCH);
    made->update_kind = (todo__pg_kind){
        made->update_columns.types, made->update_columns.count, TURNS, true, add_update, same_todo};
}

todo_status todo__pg_writer_new(todo__pg_pool *pool, todo__pg_seen *seen, todo_writer **ret_writer,
                                todo_error *error)
{
    static const todo_writer_ops ops = {.size = sizeof(ops),
                                        .destroy = destroy,
                                        .insert = insert,
                                        .update = update,
                                        .remove = remove_item,
                                        .trash = trash,
                                        .restore = restore,
                                        .purge = purge};
    writer *made = todo__calloc(1, sizeof(*made));
    todo_status status;

    if (made == NULL)
        return todo__pg_nomem(error);
    made->pool = pool;
    made->seen = seen;
    set_up_kinds(made);
    status = todo__pg_combiner_new(pool, &made->insert_kind, &made->inserts, error);
    if (status == TODO_OK)
        status = todo__pg_combiner_new(pool, &made->update_kind, &made->updates, error);
    if (status == TODO_OK)
        status = todo_writer_new(&ops, made, ret_writer, error);
    if (status != TODO_OK)
        destroy(made);
    return status;
}
