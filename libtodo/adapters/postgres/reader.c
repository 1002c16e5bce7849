#include "adapters/postgres/combine.h"
#include "adapters/postgres/ports.h"
#include "adapters/postgres/row.h"
#include "domain/call.h"
#include "util/alloc.h"
#include "util/guard.h"
#include "util/monotonic.h"

#include <string.h>
#include <unistd.h>

#define LONG     250     /* todos from which on a list has a statement of its own */
#define TURNS    2       /* while the server works on one statement, the threads see to the other */
#define PATIENCE 1000000 /* microseconds to wait for a state that no source shows yet */
#define INTERVAL 5000    /* between two questions meanwhile */

/* One endpoint, and what gets and lists of it share. */
typedef struct source {
    todo__pg_pool *pool;
    todo__pg_combiner *gets;
    todo__pg_combiner *lists;
} source;

typedef struct reader {
    source primary;
    source standby; /* without a pool: there is none */
    todo__pg_seen *seen;
    bool primary_first;
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

static void add_get(todo__pg_array *columns, const void *subject, int number)
{
    const get_subject *asked = subject;

    (void)number;
    todo__pg_array_uuid(&columns[0], asked->id);
    todo__pg_array_uuid(&columns[1], asked->user);
}

static void add_list(todo__pg_array *columns, const void *subject, int number)
{
    const list_subject *asked = subject;

    (void)number;
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

/* What one source answered: rows `first` to `first + count - 1`, and the state that they show. */
typedef struct answer {
    todo__pg_request request; /* of a statement for many */
    PGresult *alone;          /* of one for this read alone */
    const PGresult *result;
    int first;
    int count;
    bool user_known;
    todo_sequence shown;
} answer;

/* A read: asks one source, without handing anything on yet. */
typedef struct reading {
    const todo_call *call;
    const todo_uuid *user;
    const void *subject;
    todo__pg_statement_id statement;
    uint32_t cost;
    const todo__pg_params *params; /* NULL: the statement is one for many */
} reading;

static void end_answer(answer *given)
{
    PQclear(given->alone);
    todo__pg_request_end(&given->request);
}

static void take_rows(answer *given, const PGresult *result, int first, int count)
{
    given->result = result;
    given->first = first;
    given->count = count;
    given->user_known =
        count > 0 && todo__pg_row_sequence(result, first, TODO__PG_SEQUENCE_COLUMN, &given->shown);
    /* One row of nulls stands for none. */
    if (count == 1 && PQgetisnull(result, first, 0))
        given->count = 0;
}

/* With TODO_OK, end_answer must follow. */
static todo_status ask(const source *from, const reading *what, answer *ret_answer, todo_error *error)
{
    const todo_parking *parking = todo__parking_of(what->call);
    int64_t deadline = todo__pg_deadline(from->pool, what->call);
    todo_status status;

    *ret_answer = (answer){.request = {.subject = what->subject,
                                       .statement = what->statement,
                                       .cost = what->cost,
                                       .deadline = deadline,
                                       .parking = parking,
                                       .error = error}};
    if (what->params == NULL) {
        todo__pg_request *request = &ret_answer->request;

        status = todo__pg_combine(what->statement == TODO__PG_TODO_GET ? from->gets : from->lists, request);
        if (status == TODO_OK)
            take_rows(ret_answer, request->result, request->first, request->count);
        return status;
    }
    todo__blocking(parking, true);
    status =
        todo__pg_run(from->pool, deadline, what->statement, what->params, NULL, &ret_answer->alone, error);
    todo__blocking(parking, false);
    if (status == TODO_OK)
        take_rows(ret_answer, ret_answer->alone, 0, PQntuples(ret_answer->alone));
    return status;
}

/* What an answer must show at least. */
typedef struct demand {
    todo_sequence at_least;
    todo_sequence of_standby; /* also what this process has shown already */
    bool any_standby;         /* false: no standby will do */
} demand;

static demand demand_of(const reader *from, const todo_call *call, const todo_uuid *user)
{
    demand wanted = {.any_standby = true};

    if (call != NULL && call->at_least != NULL && todo__guarded("demand"))
        wanted.at_least = *call->at_least;
    if (todo__is_now(&wanted.at_least))
        return (demand){.any_standby = false};
    if (from->seen != NULL)
        wanted.any_standby = todo__pg_seen_demand(from->seen, user, &wanted.of_standby);
    if (todo_sequence_compare(&wanted.of_standby, &wanted.at_least) < 0)
        wanted.of_standby = wanted.at_least;
    return wanted;
}

static bool is_late_enough(const answer *given, const todo_sequence *at_least)
{
    return todo_sequence_compare(&given->shown, at_least) >= 0;
}

static todo_status too_old(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAVAILABLE, "sequence_unavailable", NULL, NULL);
}

/* UNAVAILABLE for an answer that is too old, too. A standby that does not know the user may be behind. */
static todo_status ask_standby(const reader *from, const reading *what, const demand *wanted,
                               answer *ret_answer, todo_error *error)
{
    todo_status status;

    if (from->standby.pool == NULL || !wanted->any_standby)
        return too_old(error);
    status = ask(&from->standby, what, ret_answer, error);
    if (status != TODO_OK || (ret_answer->user_known && is_late_enough(ret_answer, &wanted->of_standby)))
        return status;
    end_answer(ret_answer);
    return too_old(error);
}

/* The primary knows all users, and what this process has shown or made. */
static todo_status ask_primary(const reader *from, const reading *what, const demand *wanted,
                               answer *ret_answer, todo_error *error)
{
    todo_status status = ask(&from->primary, what, ret_answer, error);

    if (status != TODO_OK || !ret_answer->user_known || is_late_enough(ret_answer, &wanted->at_least))
        return status;
    end_answer(ret_answer);
    return too_old(error);
}

/* An error that was overcome is not to be seen. */
static void forget(todo_error *error)
{
    if (error != NULL)
        todo_error_init(error, error->size);
}

/*
 * Standby, primary, and the standby once more: it may show a change that the primary, which sends its log before it lets
 * its own readers see, does not show yet; or the primary is down.
 */
static todo_status ask_each(const reader *from, const reading *what, const demand *wanted, answer *ret_answer,
                            todo_error *error)
{
    todo_error failure = TODO_ERROR_INIT;
    todo_status status = TODO_ERR_UNAVAILABLE;

    if (from->standby.pool != NULL && !from->primary_first)
        status = ask_standby(from, what, wanted, ret_answer, NULL);
    if (status != TODO_ERR_UNAVAILABLE)
        return status == TODO_OK ? status : ask_primary(from, what, wanted, ret_answer, error);
    status = ask_primary(from, what, wanted, ret_answer, &failure);
    if (status == TODO_ERR_UNAVAILABLE && from->standby.pool != NULL &&
        ask_standby(from, what, wanted, ret_answer, NULL) == TODO_OK)
        return TODO_OK;
    return todo__pg_pass_on(status, &failure, error);
}

static bool may_wait(const todo_error *failure, int64_t until)
{
    return strcmp(failure->code, "sequence_unavailable") == 0 && todo__monotonic_us() + INTERVAL < until;
}

/* Waits a little, with the request's thread lent to others. */
static void pause_a_little(const todo_call *call)
{
    const todo_parking *parking = todo__parking_of(call);

    if (parking != NULL)
        parking->park(parking->arg, todo__monotonic_us() + INTERVAL);
    else
        usleep(INTERVAL);
}

/* Reads from the first source that is late enough. With TODO_OK, end_answer must follow. */
static todo_status read_fresh(const reader *from, const reading *what, answer *ret_answer, todo_error *error)
{
    demand wanted = demand_of(from, what->call, what->user);
    int64_t until = todo__monotonic_us() + PATIENCE,
            deadline = todo__pg_deadline(from->primary.pool, what->call);
    todo_error failure = TODO_ERROR_INIT;
    todo_status status;

    until = until < deadline ? until : deadline;
    while ((status = ask_each(from, what, &wanted, ret_answer, &failure)) == TODO_ERR_UNAVAILABLE &&
           may_wait(&failure, until)) {
        forget(&failure);
        pause_a_little(what->call);
    }
    if (status != TODO_OK)
        return todo__pg_pass_on(status, &failure, error);
    if (what->call != NULL && what->call->ret_sequence != NULL)
        *what->call->ret_sequence = ret_answer->shown;
    todo__pg_seen_note(from->seen, what->user, &ret_answer->shown);
    return TODO_OK;
}

static todo_status user_unknown(todo_error *error)
{
    return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
}

static todo_status get_by(const reader *from, const reading *what, const todo_item **ret_item,
                          todo_error *error)
{
    answer given;
    todo_status status = read_fresh(from, what, &given, error);

    if (status != TODO_OK)
        return status;
    if (!given.user_known)
        status = user_unknown(error);
    else if (given.count == 0)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else
        status = todo__pg_build_item(given.result, given.first, what->user, ret_item, error);
    end_answer(&given);
    return status;
}

static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    const get_subject asked = {user, id};
    const reading what = {
        .call = call, .user = user, .subject = &asked, .statement = TODO__PG_TODO_GET, .cost = 1};

    return get_by(self, &what, ret_item, error);
}

/* The trash is seldom looked into: no statement for many. */
static todo_status get_trashed(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               const todo_item **ret_item, todo_error *error)
{
    todo__pg_params params = {0};
    const reading what = {
        .call = call, .user = user, .statement = TODO__PG_TODO_GET_TRASHED, .params = &params};

    todo__pg_add_uuid(&params, id);
    todo__pg_add_uuid(&params, user);
    return get_by(self, &what, ret_item, error);
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

/* There is little to gain for a long list in company, and its rows are to be had for less. */
static void add_params(const list_subject *asked, todo__pg_params *params)
{
    todo__pg_add_uuid(params, asked->user);
    if (asked->query->completed == TODO_ANY)
        todo__pg_add_null(params);
    else
        todo__pg_add_bool(params, asked->query->completed == TODO_ONLY_TRUE);
    todo__pg_add_time(params, asked->after.key);
    todo__pg_add_uuid(params, &asked->after.id);
    todo__pg_add_int(params, asked->query->limit);
    todo__pg_add_bool(params, asked->query->deleted);
}

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    const todo__pg_statement_id long_list =
        TODO__PG_TODO_LONG_LIST_CREATED_DOWN - TODO__PG_TODO_LIST_CREATED_DOWN;
    const list_subject asked = {user, query, list_start(query)};
    todo__pg_params params = {0};
    reading what = {.call = call,
                    .user = user,
                    .subject = &asked,
                    .statement = list_statement(query),
                    .cost = query->limit};
    answer given;
    todo_status status;

    if (query->limit > LONG) {
        add_params(&asked, &params);
        what.statement += long_list;
        what.params = &params;
    }
    status = read_fresh(self, &what, &given, error);
    if (status != TODO_OK)
        return status;
    if (!given.user_known)
        status = user_unknown(error);
    for (int i = 0; i < given.count && status == TODO_OK; i++) {
        todo_item item = todo__pg_row_item(given.result, given.first + i, user);

        status = visit(arg, &item);
    }
    end_answer(&given);
    return status;
}

/* The trash is too seldom looked into to spread it. */
static todo_status count_trash(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    const reader *from = self;
    todo__pg_pool *pool = from->primary.pool;
    todo__pg_statement_id statement =
        user != NULL ? TODO__PG_TODO_COUNT_TRASH_USER : TODO__PG_TODO_COUNT_TRASH;
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_time(&params, deleted_before);
    if (user != NULL)
        todo__pg_add_uuid(&params, user);
    status = todo__pg_run(pool, todo__pg_deadline(pool, call), statement, &params, NULL, &result, error);
    if (status == TODO_ERR_UNAVAILABLE && from->standby.pool != NULL) {
        forget(error);
        pool = from->standby.pool;
        status = todo__pg_run(pool, todo__pg_deadline(pool, call), statement, &params, NULL, &result, error);
    }
    if (status != TODO_OK)
        return status;
    *ret_count = (uint64_t)todo__pg_row_int(result, 0, 0);
    PQclear(result);
    return TODO_OK;
}

static void destroy(void *self)
{
    reader *from = self;

    todo__pg_combiner_free(from->primary.gets);
    todo__pg_combiner_free(from->primary.lists);
    todo__pg_combiner_free(from->standby.gets);
    todo__pg_combiner_free(from->standby.lists);
    todo__free(from);
}

static todo_status open_source(source *opened, todo__pg_pool *pool, todo_error *error)
{
    todo_status status;

    opened->pool = pool;
    if (pool == NULL)
        return TODO_OK;
    status = todo__pg_combiner_new(pool, &gets, &opened->gets, error);
    return status == TODO_OK ? todo__pg_combiner_new(pool, &lists, &opened->lists, error) : status;
}

todo_status todo__pg_reader_new(todo__pg_sources sources, todo_reader **ret_reader, todo_error *error)
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
    made->seen = sources.seen;
    made->primary_first = sources.primary_first;
    status = open_source(&made->primary, sources.primary, error);
    if (status == TODO_OK)
        status = open_source(&made->standby, sources.standby, error);
    if (status == TODO_OK)
        status = todo_reader_new(&ops, made, ret_reader, error);
    if (status != TODO_OK)
        destroy(made);
    return status;
}
