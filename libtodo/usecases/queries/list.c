#include "usecases/queries/queries.h"

#include "domain/entity.h"
#include "util/structs.h"

/* Passes on a page's items and notices the one behind it, which tells that a page follows. */
typedef struct page {
    todo_item_visit visit;
    void *arg;
    todo_sort_key sort;
    uint32_t room;    /* items still to pass on */
    todo_cursor last; /* where the last one that was passed on is */
    bool has_next;
} page;

static todo_status visit_page(void *arg, const todo_item *item)
{
    page *this = arg;

    if (this->room == 0) {
        this->has_next = true;
        return TODO_OK;
    }
    this->room--;
    this->last = todo__item_cursor(item, this->sort);
    return this->visit(this->arg, item);
}

static todo_status check_query(const todo_list_query *query, todo_list_query *ret_known, todo_error *error)
{
    todo_status status = TODO_OK;

    *ret_known = (todo_list_query)TODO_LIST_QUERY_INIT;
    if (query != NULL)
        status = todo__struct_take(ret_known, sizeof(*ret_known), query, error);
    if (status != TODO_OK)
        return status;
    if (ret_known->limit == 0)
        ret_known->limit = TODO_LIST_DEFAULT;
    if (ret_known->limit > TODO_LIST_MAX)
        return todo_error_set(error, TODO_ERR_INVALID, "limit_invalid", "limit", "limit must be 1 to 1000");
    if (ret_known->sort != TODO_SORT_CREATED_AT && ret_known->sort != TODO_SORT_UPDATED_AT)
        return todo_error_set(error, TODO_ERR_INVALID, "sort_invalid", "sort", "unknown sort key");
    return TODO_OK;
}

todo_status todo_queries_each(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                              const todo_list_query *query, todo_item_visit visit, void *arg,
                              bool *ret_has_next, todo_cursor *ret_next, todo_error *error)
{
    todo_list_query known;
    page this;
    todo_status status = check_query(query, &known, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, queries, user, visit))
        return TODO_ERR_INVALID;
    this = (page){.visit = visit, .arg = arg, .sort = known.sort, .room = known.limit};
    known.limit++;
    status = todo_reader_list(queries->reader, call, user, &known, visit_page, &this, error);
    if (status != TODO_OK)
        return status;
    if (ret_has_next != NULL)
        *ret_has_next = this.has_next;
    if (ret_next != NULL && this.has_next)
        *ret_next = this.last;
    return TODO_OK;
}

static todo_status keep(void *arg, const todo_item *item)
{
    const todo_item *kept = todo_item_ref(item);
    todo_status status = kept != NULL ? todo__item_list_push(arg, kept, NULL) : TODO_ERR_NOMEM;

    if (status != TODO_OK)
        todo_item_unref(kept);
    return status;
}

todo_status todo_queries_list(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                              const todo_list_query *query, todo_item_list **ret_list, todo_error *error)
{
    todo_item_list *list = NULL;
    bool has_next = false;
    todo_cursor next;
    todo_status status;

    if (!todo__given(error, ret_list))
        return TODO_ERR_INVALID;
    status = todo__item_list_new(&list, error);
    if (status != TODO_OK)
        return status;
    status = todo_queries_each(queries, call, user, query, keep, list, &has_next, &next, error);
    if (status != TODO_OK) {
        todo_item_list_free(list);
        return status;
    }
    if (has_next)
        todo__item_list_set_next(list, next);
    *ret_list = list;
    return TODO_OK;
}
