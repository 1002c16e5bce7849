#include "adapters/postgres/combine.h"
#include "adapters/postgres/ports.h"
#include "adapters/postgres/row.h"
#include "domain/consistency.h"
#include "util/alloc.h"

#define LONG  250 /* todos from which on a list has a statement of its own */
#define TURNS 2   /* while the server works on one statement, the threads see to the other */

typedef struct reader {
    todo__pg_source source;
    todo__pg_combiner *gets;
    todo__pg_combiner *lists;
} reader;

/* What gets and lists ask for. */
typedef struct get_subject {
    const todo_uuid *user;
    const todo_uuid *id;
} get_subject;

typedef struct list_subject {
    const todo_uuid *user;
    const todo_list_query *query;
    todo_cursor after;
} list_subject;

static void add_get(todo__pg_array *columns, const void *subject)
{
    const get_subject *asked = subject;

    todo__pg_array_uuid(&columns[0], asked->id);
    todo__pg_array_uuid(&columns[1], asked->user);
}

static void add_list(todo__pg_array *columns, const void *subject)
{
    const list_subject *asked = subject;

    todo__pg_array_uuid(&columns[0], asked->user);
    if (asked->query->completed == TODO_ANY)
        todo__pg_array_null(&columns[1]);
    else
        todo__pg_array_bool(&columns[1], asked->query->completed == TODO_ONLY_TRUE);
    todo__pg_array_time(&columns[2], asked->after.key);
    todo__pg_array_uuid(&columns[3], &asked->after.id);
    todo__pg_array_int(&columns[4], asked->query->limit);
    todo__pg_array_bool(&columns[5], asked->query->deleted);
}

static const todo__pg_type get_columns[] = {TODO__PG_UUID, TODO__PG_UUID};
static const todo__pg_type list_columns[] = {TODO__PG_UUID, TODO__PG_BOOL, TODO__PG_TIMESTAMPTZ,
                                             TODO__PG_UUID, TODO__PG_INT8, TODO__PG_BOOL};
static const todo__pg_kind gets = {get_columns, 2, TURNS, false, add_get, NULL};
static const todo__pg_kind lists = {list_columns, 6, TURNS, false, add_list, NULL};

/* Only where there is a standby does it matter behind which position a read is. */
static bool wants_position(const todo__pg_source *source, const todo_call *call)
{
    return source->replicated && todo__consistency_followed(call);
}

/* The position that the source must have reached for a read: UINT64_MAX when it can't have. */
static uint64_t needed_position(const todo__pg_source *source, const todo_call *call, const todo_uuid *user)
{
    uint64_t needed = todo__pg_positions_needed(source->positions, call, user), floor = 0;

    /* Of servers that tell no position nobody can say that they are late. */
    if (source->lag != NULL && needed != UINT64_MAX && todo__pg_pool_tells_positions(source->pool))
        floor = todo__pg_lag_floor(source->lag, todo__pg_deadline(source->pool, call));
    return floor > needed ? floor : needed;
}

/*
 * A standby may show a change a moment before the primary does, which sends its log before it lets its own readers see.
 * To a client that goes on to the primary then, time would run backwards.
 */
static bool may_be_ahead(const todo__pg_source *source, const todo_call *call, todo_time newest)
{
    return source->lag != NULL && todo__consistency_followed(call) && todo__consistency_young(newest);
}

/* A list may also be ahead by what is not in it any more, which has no time: only the position tells. */
static bool list_may_be_ahead(const todo__pg_source *source, const todo_call *call, todo_time newest,
                              uint64_t position)
{
    if (source->lag == NULL || !todo__consistency_followed(call))
        return false;
    return todo__consistency_young(newest) || !todo__pg_lag_settled(source->lag, position);
}

/* No standby may have reached the position: none need be asked. */
static todo_status beyond_all(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAVAILABLE, "replica_behind", NULL, NULL);
}

static todo_status ahead(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAVAILABLE, "replica_ahead", NULL, NULL);
}

/* What a read found: so many rows of a result from `first` on, and how far the server was in the log. */
typedef struct found {
    const PGresult *result;
    int first;
    int count;
    bool user_known;
    uint64_t position;
} found;

#define KNOWN_COLUMN 8 /* behind those of a todo: whether there is such a user */

/* One row of nulls stands for none. */
static found found_rows(const PGresult *result, int first, int count, uint64_t position)
{
    found rows = {result, first, count, true, position};

    if (count == 1 && PQgetisnull(result, first, 0)) {
        rows.count = 0;
        rows.user_known = !PQgetisnull(result, first, KNOWN_COLUMN);
    }
    return rows;
}

static found found_together(const todo__pg_request *request)
{
    return found_rows(request->result, request->first, request->count, request->position);
}

static found found_alone(const PGresult *result, const todo__pg_log *log)
{
    return found_rows(result, 0, PQntuples(result), log->behind);
}

/* A standby may not have heard of the user yet. */
static todo_status user_unknown(const todo__pg_source *source, todo_error *error)
{
    if (source->positions != NULL)
        return beyond_all(error);
    return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
}

static todo_status finish_get(const todo__pg_source *source, const todo_call *call, found rows,
                              const todo_uuid *user, const todo_item **ret_item, todo_error *error)
{
    /* What is not there may have been removed a moment ago. */
    todo_time newest = todo_time_now();
    todo_status status = TODO_ERR_NOT_FOUND;

    if (!rows.user_known)
        return user_unknown(source, error);
    if (rows.count > 0) {
        status = todo__pg_build_item(rows.result, rows.first, user, ret_item, error);
        if (status != TODO_OK)
            return status;
        newest = (*ret_item)->updated_at;
    }
    if (may_be_ahead(source, call, newest)) {
        if (status == TODO_OK)
            todo_item_unref(*ret_item);
        return ahead(error);
    }
    todo__consistency_follow(call, rows.position, newest);
    return status == TODO_OK ? TODO_OK : todo_error_set(error, status, NULL, NULL, NULL);
}

static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    reader *from = self;
    get_subject asked = {user, id};
    todo__pg_request request = {.subject = &asked,
                                .statement = TODO__PG_TODO_GET,
                                .cost = 1,
                                .deadline = todo__pg_deadline(from->source.pool, call),
                                .parking = todo__parking_of(call),
                                .position = needed_position(&from->source, call, user),
                                .wants_position = wants_position(&from->source, call),
                                .error = error};
    todo_status status;

    if (request.position == UINT64_MAX)
        return beyond_all(error);
    status = todo__pg_combine(from->gets, &request);
    if (status != TODO_OK)
        return status;
    status = finish_get(&from->source, call, found_together(&request), user, ret_item, error);
    todo__pg_request_end(&request);
    return status;
}

static todo__pg_statement_id list_statement(const todo_list_query *query)
{
    if (query->sort == TODO_SORT_UPDATED_AT)
        return query->ascending ? TODO__PG_TODO_LIST_UPDATED_UP : TODO__PG_TODO_LIST_UPDATED_DOWN;
    return query->ascending ? TODO__PG_TODO_LIST_CREATED_UP : TODO__PG_TODO_LIST_CREATED_DOWN;
}

/* The position before the first item: beyond every time that is stored. */
static todo_cursor list_start(const todo_list_query *query)
{
    return query->after != NULL ? *query->after
                                : (todo_cursor){query->ascending ? INT64_MIN : INT64_MAX, {{0}}};
}

/* Hands on what a list found. */
static todo_status finish_list(const todo__pg_source *source, const todo_call *call, found rows,
                               const todo_uuid *user, todo_item_visit visit, void *arg, todo_error *error)
{
    todo_time newest = 0;
    todo_status status = TODO_OK;

    if (!rows.user_known)
        return user_unknown(source, error);
    for (int i = 0; i < rows.count && todo__consistency_followed(call); i++) {
        todo_time updated_at = todo__pg_row_item(rows.result, rows.first + i, user).updated_at;

        newest = updated_at > newest ? updated_at : newest;
    }
    if (list_may_be_ahead(source, call, newest, rows.position))
        return ahead(error);
    for (int i = 0; i < rows.count && status == TODO_OK; i++) {
        todo_item item = todo__pg_row_item(rows.result, rows.first + i, user);

        status = visit(arg, &item);
    }
    if (status == TODO_OK)
        todo__consistency_follow(call, rows.position, newest);
    return status;
}

/* Runs a read of its own, of a user or (NULL) of all; how far the server was is in the log. */
static todo_status read_alone(const todo__pg_source *source, const todo_call *call, const todo_uuid *user,
                              todo__pg_statement_id statement, const todo__pg_params *params,
                              todo__pg_log *ret_log, PGresult **ret_result, todo_error *error)
{
    uint64_t needed = user != NULL ? needed_position(source, call, user) : 0;

    if (needed == UINT64_MAX)
        return beyond_all(error);
    *ret_log = (todo__pg_log){.least = needed, .most = needed, .wanted = wants_position(source, call)};
    return todo__pg_run(source->pool, todo__pg_deadline(source->pool, call), statement, params, ret_log,
                        ret_result, error);
}

static todo_status list_together(const reader *from, const todo_call *call, const list_subject *asked,
                                 todo_item_visit visit, void *arg, todo_error *error)
{
    todo__pg_request request = {.subject = asked,
                                .statement = list_statement(asked->query),
                                .cost = asked->query->limit,
                                .deadline = todo__pg_deadline(from->source.pool, call),
                                .parking = todo__parking_of(call),
                                .position = needed_position(&from->source, call, asked->user),
                                .wants_position = wants_position(&from->source, call),
                                .error = error};
    todo_status status;

    if (request.position == UINT64_MAX)
        return beyond_all(error);
    status = todo__pg_combine(from->lists, &request);
    if (status != TODO_OK)
        return status;
    status = finish_list(&from->source, call, found_together(&request), asked->user, visit, arg, error);
    todo__pg_request_end(&request);
    return status;
}

/*
 * There is little to gain for a long list in company, and its rows are to be had for less. But an empty one does not tell
 * whether there is such a user: the statement for many does.
 */
static todo_status list_alone(const reader *from, const todo_call *call, const list_subject *asked,
                              todo_item_visit visit, void *arg, todo_error *error)
{
    const todo__pg_statement_id long_list =
        TODO__PG_TODO_LONG_LIST_CREATED_DOWN - TODO__PG_TODO_LIST_CREATED_DOWN;
    todo__pg_params params = {0};
    todo__pg_log log;
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, asked->user);
    if (asked->query->completed == TODO_ANY)
        todo__pg_add_null(&params);
    else
        todo__pg_add_bool(&params, asked->query->completed == TODO_ONLY_TRUE);
    todo__pg_add_time(&params, asked->after.key);
    todo__pg_add_uuid(&params, &asked->after.id);
    todo__pg_add_int(&params, asked->query->limit);
    todo__pg_add_bool(&params, asked->query->deleted);
    todo__blocking(todo__parking_of(call), true);
    status = read_alone(&from->source, call, asked->user, list_statement(asked->query) + long_list, &params,
                        &log, &result, error);
    todo__blocking(todo__parking_of(call), false);
    if (status != TODO_OK)
        return status;
    if (PQntuples(result) == 0)
        status = list_together(from, call, asked, visit, arg, error);
    else
        status = finish_list(&from->source, call, found_alone(result, &log), asked->user, visit, arg, error);
    PQclear(result);
    return status;
}

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    list_subject asked = {user, query, list_start(query)};

    return (query->limit > LONG ? list_alone : list_together)(self, call, &asked, visit, arg, error);
}

static todo_status count_trash(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    const reader *from = self;
    todo__pg_params params = {0};
    todo__pg_log log;
    PGresult *result;
    todo_status status;

    todo__pg_add_time(&params, deleted_before);
    if (user != NULL)
        todo__pg_add_uuid(&params, user);
    status = read_alone(&from->source, call, user,
                        user != NULL ? TODO__PG_TODO_COUNT_TRASH_USER : TODO__PG_TODO_COUNT_TRASH, &params,
                        &log, &result, error);
    if (status != TODO_OK)
        return status;
    *ret_count = (uint64_t)todo__pg_row_int(result, 0, 0);
    PQclear(result);
    return TODO_OK;
}

/* Nobody is in a hurry to look into the trash: no statement for many. */
static todo_status get_trashed(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               const todo_item **ret_item, todo_error *error)
{
    const reader *from = self;
    todo__pg_params params = {0};
    todo__pg_log log;
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, id);
    todo__pg_add_uuid(&params, user);
    status = read_alone(&from->source, call, user, TODO__PG_TODO_GET_TRASHED, &params, &log, &result, error);
    if (status != TODO_OK)
        return status;
    status = finish_get(&from->source, call, found_alone(result, &log), user, ret_item, error);
    PQclear(result);
    return status;
}

static void destroy(void *self)
{
    reader *from = self;

    todo__pg_combiner_free(from->gets);
    todo__pg_combiner_free(from->lists);
    todo__free(from);
}

todo_status todo__pg_reader_new(todo__pg_source source, todo_reader **ret_reader, todo_error *error)
{
    static const todo_reader_ops ops = {.size = sizeof(ops),
                                        .destroy = destroy,
                                        .get = get,
                                        .list = list,
                                        .count_trash = count_trash,
                                        .get_trashed = get_trashed};
    reader *made = todo__calloc(1, sizeof(*made));
    todo_status status;

    if (made == NULL)
        return todo__pg_nomem(error);
    made->source = source;
    status = todo__pg_combiner_new(source.pool, &gets, false, &made->gets, error);
    if (status == TODO_OK)
        status = todo__pg_combiner_new(source.pool, &lists, false, &made->lists, error);
    if (status == TODO_OK)
        status = todo_reader_new(&ops, made, ret_reader, error);
    if (status != TODO_OK)
        destroy(made);
    return status;
}
