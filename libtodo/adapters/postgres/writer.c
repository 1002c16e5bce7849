#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/combine.h"
#include "adapters/postgres/ports.h"
#include "adapters/postgres/row.h"
#include "domain/entity.h"
#include "util/alloc.h"

#define TURNS 1 /* all that arrives during a commit shares the next one */

typedef struct writer {
    todo__pg_pool *pool;
    todo__pg_positions *positions; /* NULL: nobody wants to know */
    todo__pg_combiner *inserts;
    todo__pg_combiner *updates;
} writer;

enum { INSERT_COLUMNS = 9, UPDATE_COLUMNS = 8 };
_Static_assert(INSERT_COLUMNS <= TODO__PG_PARAMS_MAX, "each column is a parameter");

static const todo__pg_type insert_columns[INSERT_COLUMNS] = {
    TODO__PG_UUID,        TODO__PG_UUID,        TODO__PG_TEXT, TODO__PG_TEXT,        TODO__PG_BOOL,
    TODO__PG_TIMESTAMPTZ, TODO__PG_TIMESTAMPTZ, TODO__PG_INT8, TODO__PG_TIMESTAMPTZ,
};

/* What an insert asks for: all of the items or none. */
typedef struct insert_subject {
    const todo_item *const *items;
    size_t count;
} insert_subject;

static void add_item(todo__pg_array *columns, const todo_item *item)
{
    todo__pg_array_uuid(&columns[0], &item->id);
    todo__pg_array_uuid(&columns[1], &item->user_id);
    todo__pg_array_text(&columns[2], item->title);
    todo__pg_array_text(&columns[3], item->description);
    todo__pg_array_bool(&columns[4], item->completed);
    todo__pg_array_time(&columns[5], item->created_at);
    todo__pg_array_time(&columns[6], item->updated_at);
    todo__pg_array_int(&columns[7], item->version);
    if (item->deleted_at != 0)
        todo__pg_array_time(&columns[8], item->deleted_at);
    else
        todo__pg_array_null(&columns[8]);
}

static void add_insert(todo__pg_array *columns, const void *subject)
{
    const insert_subject *asked = subject;

    for (size_t i = 0; i < asked->count; i++)
        add_item(columns, asked->items[i]);
}

static const todo__pg_kind inserts = {insert_columns, INSERT_COLUMNS, TURNS, true, add_insert, NULL};

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
    todo_status status = todo__pg_combine(to->inserts, &request);

    if (status != TODO_OK)
        return insert_failed(status, items, count, error);
    todo__pg_positions_note(to->positions, call, &items[0]->user_id, request.position);
    todo__pg_request_end(&request);
    return TODO_OK;
}

/* Where a statement looks for a todo. */
typedef enum place { LIVE, IN_TRASH, ANYWHERE } place;

/*
 * Why a change found nothing to change. It was decided by the statement that changed nothing; this only finds the
 * words for it, so that it does not matter what others did in between.
 */
static todo_status explain_miss(todo__pg_pool *pool, int64_t deadline, const todo_uuid *user,
                                const todo_uuid *id, int64_t if_version, place where, todo_error *error)
{
    todo__pg_params params = {0};
    PGresult *result;
    bool user_exists, todo_exists;
    todo_status status;

    todo__pg_add_uuid(&params, id);
    todo__pg_add_uuid(&params, user);
    if (where != ANYWHERE)
        todo__pg_add_bool(&params, where == IN_TRASH);
    else
        todo__pg_add_null(&params);
    status = todo__pg_run(pool, deadline, TODO__PG_TODO_EXISTS, &params, NULL, &result, error);
    if (status != TODO_OK)
        return status;
    user_exists = todo__pg_row_bool(result, 0, 0);
    todo_exists = todo__pg_row_bool(result, 0, 1);
    PQclear(result);
    if (!user_exists)
        return todo_error_set(error, TODO_ERR_UNAUTHENTICATED, "user_unknown", NULL, NULL);
    if (todo_exists && if_version != 0)
        return todo_error_set(error, TODO_ERR_PRECONDITION, NULL, NULL, NULL);
    return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
}

typedef struct update_subject {
    const todo_uuid *user;
    const todo_uuid *id;
    const todo_item_patch *patch;
    todo_time now;
} update_subject;

static const todo__pg_type update_columns[UPDATE_COLUMNS] = {
    TODO__PG_UUID, TODO__PG_UUID, TODO__PG_INT8, TODO__PG_TEXT,
    TODO__PG_BOOL, TODO__PG_TEXT, TODO__PG_BOOL, TODO__PG_TIMESTAMPTZ,
};

static const char *value_of(const todo_patch_text *text)
{
    return text->presence == TODO_VALUE ? text->value : NULL;
}

static void add_update(todo__pg_array *columns, const void *subject)
{
    const update_subject *asked = subject;
    const todo_item_patch *patch = asked->patch;

    todo__pg_array_uuid(&columns[0], asked->id);
    todo__pg_array_uuid(&columns[1], asked->user);
    todo__pg_array_int(&columns[2], patch->if_version);
    todo__pg_array_text(&columns[3], value_of(&patch->title));
    todo__pg_array_bool(&columns[4], patch->description.presence != TODO_ABSENT);
    todo__pg_array_text(&columns[5], value_of(&patch->description));
    if (patch->completed.presence == TODO_VALUE)
        todo__pg_array_bool(&columns[6], patch->completed.value);
    else
        todo__pg_array_null(&columns[6]);
    todo__pg_array_time(&columns[7], asked->now);
}

/* A statement changes a row once: two changes of it need two. */
static bool same_todo(const void *subject, const void *other)
{
    return todo_uuid_compare(((const update_subject *)subject)->id, ((const update_subject *)other)->id) == 0;
}

static const todo__pg_kind updates = {update_columns, UPDATE_COLUMNS, TURNS, true, add_update, same_todo};

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
    if (request.count != 0)
        todo__pg_positions_note(to->positions, call, user, request.position);
    if (request.count == 0)
        status = explain_miss(to->pool, request.deadline, user, id, patch->if_version, LIVE, error);
    else
        status = todo__pg_build_item(request.result, request.first, user, ret_item, error);
    todo__pg_request_end(&request);
    return status;
}

/* A change by a statement of its own. */
typedef struct single {
    const todo_uuid *user;
    const todo_uuid *id;
    int64_t if_version;
    todo__pg_statement_id statement;
    place where;
    const todo_time *now; /* NULL: the statement takes none */
} single;

/* With TODO_OK, the result is the caller's to clear. */
static todo_status change_one(writer *to, const todo_call *call, const single *asked, PGresult **ret_result,
                              todo_error *error)
{
    int64_t deadline = todo__pg_deadline(to->pool, call);
    todo__pg_log log = {.wanted = to->positions != NULL};
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    todo__pg_add_uuid(&params, asked->id);
    todo__pg_add_uuid(&params, asked->user);
    todo__pg_add_int(&params, asked->if_version);
    if (asked->now != NULL)
        todo__pg_add_time(&params, *asked->now);
    status = todo__pg_run(to->pool, deadline, asked->statement, &params, &log, &result, error);
    if (status != TODO_OK)
        return status;
    if (*PQcmdTuples(result) == '0') {
        PQclear(result);
        return explain_miss(to->pool, deadline, asked->user, asked->id, asked->if_version, asked->where,
                            error);
    }
    todo__pg_positions_note(to->positions, call, asked->user, log.behind);
    *ret_result = result;
    return TODO_OK;
}

static todo_status remove_item(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               int64_t if_version, todo_error *error)
{
    const single asked = {user, id, if_version, TODO__PG_TODO_DELETE, ANYWHERE, NULL};
    PGresult *result;
    todo_status status = change_one(self, call, &asked, &result, error);

    if (status == TODO_OK)
        PQclear(result);
    return status;
}

static todo_status trash(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                         int64_t if_version, todo_time now, int64_t *ret_version, todo_error *error)
{
    const single asked = {user, id, if_version, TODO__PG_TODO_TRASH, LIVE, &now};
    PGresult *result;
    todo_status status = change_one(self, call, &asked, &result, error);

    if (status != TODO_OK)
        return status;
    *ret_version = todo__pg_row_int(result, 0, 0);
    PQclear(result);
    return TODO_OK;
}

static todo_status restore(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                           int64_t if_version, todo_time now, const todo_item **ret_item, todo_error *error)
{
    const single asked = {user, id, if_version, TODO__PG_TODO_RESTORE, IN_TRASH, &now};
    PGresult *result;
    todo_status status = change_one(self, call, &asked, &result, error);

    if (status != TODO_OK)
        return status;
    status = todo__pg_build_item(result, 0, user, ret_item, error);
    PQclear(result);
    return status;
}

static todo_status purge(void *self, const todo_call *call, const todo_uuid *user, todo_time deleted_before,
                         uint32_t limit, todo_sequence_visit visit, void *arg, uint32_t *ret_purged,
                         todo_error *error)
{
    writer *to = self;
    todo__pg_params params = {0};
    PGresult *result;
    todo_status status;

    (void)visit, (void)arg;
    todo__pg_add_time(&params, deleted_before);
    todo__pg_add_int(&params, limit);
    if (user != NULL)
        todo__pg_add_uuid(&params, user);
    status = todo__pg_run(to->pool, todo__pg_deadline(to->pool, call),
                          user != NULL ? TODO__PG_TODO_PURGE_USER : TODO__PG_TODO_PURGE, &params, NULL,
                          &result, error);
    if (status != TODO_OK)
        return status;
    *ret_purged = (uint32_t)strtoul(PQcmdTuples(result), NULL, 10);
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

todo_status todo__pg_writer_new(todo__pg_pool *pool, todo__pg_positions *positions, todo_writer **ret_writer,
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
    made->positions = positions;
    status = todo__pg_combiner_new(pool, &inserts, positions != NULL, &made->inserts, error);
    if (status == TODO_OK)
        status = todo__pg_combiner_new(pool, &updates, positions != NULL, &made->updates, error);
    if (status == TODO_OK)
        status = todo_writer_new(&ops, made, ret_writer, error);
    if (status != TODO_OK)
        destroy(made);
    return status;
}
