/* Which of the endpoints a read goes to. */
#include "adapters/postgres/ports.h"
#include "domain/consistency.h"
#include "util/alloc.h"

typedef struct route {
    todo_reader *exact;
    todo_reader *spread;
    bool gets_are_exact;
} route;

static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    route *way = self;
    bool exact = way->gets_are_exact || todo__consistency_fresh(call);

    return todo_reader_get(exact ? way->exact : way->spread, call, user, id, ret_item, error);
}

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    route *way = self;
    todo_reader *to = todo__consistency_fresh(call) ? way->exact : way->spread;

    return todo_reader_list(to, call, user, query, visit, arg, error);
}

/* The trash is too seldom looked into to spread it. */
static todo_status count_trash(void *self, const todo_call *call, const todo_uuid *user,
                               todo_time deleted_before, uint64_t *ret_count, todo_error *error)
{
    return todo_reader_count_trash(((route *)self)->exact, call, user, deleted_before, ret_count, error);
}

static todo_status get_trashed(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                               const todo_item **ret_item, todo_error *error)
{
    return todo_reader_get_trashed(((route *)self)->exact, call, user, id, ret_item, error);
}

static void destroy(void *self)
{
    route *way = self;

    todo_reader_unref(way->exact);
    todo_reader_unref(way->spread);
    todo__free(way);
}

todo_status todo__pg_route_new(todo_reader *exact, todo_reader *spread, bool gets_are_exact,
                               todo_reader **ret_reader, todo_error *error)
{
    static const todo_reader_ops ops = {.size = sizeof(ops),
                                        .destroy = destroy,
                                        .get = get,
                                        .list = list,
                                        .count_trash = count_trash,
                                        .get_trashed = get_trashed};
    route *made = todo__calloc(1, sizeof(*made));
    todo_status status;

    if (made == NULL)
        return todo__pg_nomem(error);
    made->exact = todo_reader_ref(exact);
    made->spread = todo_reader_ref(spread);
    made->gets_are_exact = gets_are_exact;
    status = todo_reader_new(&ops, made, ret_reader, error);
    if (status != TODO_OK)
        destroy(made);
    return status;
}
