#include "adapters/postgres/combine.h"
#include "adapters/postgres/ports.h"
#include "adapters/postgres/row.h"
#include "domain/consistency.h"
#include "util/alloc.h"

#define TURNS 2 /* while the server works on one statement, the threads see to the other */

typedef struct reader {
    todo__pg_source get_source;
    todo__pg_source list_source;
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

static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    reader *from = self;
    get_subject asked = {user, id};
    todo__pg_request request = {.subject = &asked,
                                .statement = TODO__PG_TODO_GET,
                                .cost = 1,
                                .deadline = todo__pg_deadline(from->get_source.pool, call),
                                .parking = todo__parking_of(call),
                                .position = todo__pg_positions_needed(from->get_source.positions, call, user),
                                .wants_position = wants_position(&from->get_source, call),
                                .error = error};
    todo_status status = todo__pg_combine(from->gets, &request);

    if (status != TODO_OK)
        return status;
    if (request.count == 0)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else
        status = todo__pg_build_item(request.result, request.first, user, ret_item, error);
    /* What is not there may have been removed a moment ago. */
    if (status == TODO_OK)
        todo__consistency_follow(call, request.position, (*ret_item)->updated_at);
    else if (status == TODO_ERR_NOT_FOUND)
        todo__consistency_follow(call, request.position, todo_time_now());
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

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    reader *from = self;
    list_subject asked = {user, query, list_start(query)};
    todo__pg_request request = {.subject = &asked,
                                .statement = list_statement(query),
                                .cost = query->limit,
                                .deadline = todo__pg_deadline(from->list_source.pool, call),
                                .parking = todo__parking_of(call),
                                .position =
                                    todo__pg_positions_needed(from->list_source.positions, call, user),
                                .wants_position = wants_position(&from->list_source, call),
                                .error = error};
    todo_time newest = 0;
    todo_status status;

    /* Beyond all that a standby may have reached: it need not be asked. */
    if (request.position == UINT64_MAX)
        return todo_error_set(error, TODO_ERR_UNAVAILABLE, "replica_behind", NULL, NULL);
    status = todo__pg_combine(from->lists, &request);
    if (status != TODO_OK)
        return status;
    for (int i = 0; i < request.count && status == TODO_OK; i++) {
        todo_item item = todo__pg_row_item(request.result, request.first + i, user);

        newest = item.updated_at > newest ? item.updated_at : newest;
        status = visit(arg, &item);
    }
    if (status == TODO_OK)
        todo__consistency_follow(call, request.position, newest);
    todo__pg_request_end(&request);
    return status;
}

/* Runs a read of its own, of a user or (NULL) of all; how far the server was is in the log. */
static todo_status read_alone(const todo__pg_source *source, const todo_call *call, const todo_uuid *user,
                              todo__pg_statement_id statement, const todo__pg_params *params,
                              todo__pg_log *ret_log, PGresult **ret_result, todo_error *error)
{
    uint64_t needed = user != NULL ? todo__pg_positions_needed(source->positions, call, user) : 0;

    *ret_log = (todo__pg_log){.least = needed, .most = needed, .wanted = wants_position(source, call)};
    return todo__pg_run(source->pool, todo__pg_deadline(source->pool, call), statement, params, ret_log,
                        ret_result, error);
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
    status = read_alone(&from->list_source, call, user,
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
    status =
        read_alone(&from->get_source, call, user, TODO__PG_TODO_GET_TRASHED, &params, &log, &result, error);
    if (status != TODO_OK)
        return status;
    if (PQntuples(result) == 0)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else
        status = todo__pg_build_item(result, 0, user, ret_item, error);
    PQclear(result);
    /* What is not there may have left it a moment ago. */
    if (status == TODO_OK)
        todo__consistency_follow(call, log.behind, (*ret_item)->updated_at);
    else if (status == TODO_ERR_NOT_FOUND)
        todo__consistency_follow(call, log.behind, todo_time_now());
    return status;
}

static void destroy(void *self)
{
    reader *from = self;

    todo__pg_combiner_free(from->gets);
    todo__pg_combiner_free(from->lists);
    todo__free(from);
}

todo_status todo__pg_reader_new(todo__pg_source get_source, todo__pg_source list_source,
                                todo_reader **ret_reader, todo_error *error)
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
    made->get_source = get_source;
    made->list_source = list_source;
    status = todo__pg_combiner_new(get_source.pool, &gets, false, &made->gets, error);
    if (status == TODO_OK)
        status = todo__pg_combiner_new(list_source.pool, &lists, false, &made->lists, error);
    if (status == TODO_OK)
        status = todo_reader_new(&ops, made, ret_reader, error);
    if (status != TODO_OK)
        destroy(made);
    return status;
}
