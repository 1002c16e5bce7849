#include "handlers.h"

#include <stdio.h>
#include <string.h>

#include "../etag.h"

#define PAGE_BYTES_MAX 4194304u /* a page of large todos ends early, so that memory stays bounded */

/* What the query asks for, with the memory that it points to. */
typedef struct list_request {
    todo_list_query query;
    todo_cursor after;
} list_request;

/* A page on its way into the answer. */
typedef struct page {
    todo_buffer *body;
    const todo_list_query *query;
    bool empty;
    bool ended_early;
    todo_cursor last;
    todo_error *error;
} page;

static todo_status invalid(const char *code, const char *field, const char *message, todo_error *error)
{
    return todo_error_set(error, TODO_ERR_INVALID, code, field, message);
}

static todo_status read_completed(const http_request *request, todo_list_query *query, todo_error *error)
{
    char value[8];

    if (!http_query(request, "completed", value, sizeof(value)))
        return TODO_OK;
    if (strcmp(value, "true") == 0)
        query->completed = TODO_ONLY_TRUE;
    else if (strcmp(value, "false") == 0)
        query->completed = TODO_ONLY_FALSE;
    else
        return invalid("completed_invalid", "completed", "completed must be true or false", error);
    return TODO_OK;
}

static todo_status read_deleted(const http_request *request, todo_list_query *query, todo_error *error)
{
    char value[8];

    if (!http_query(request, "deleted", value, sizeof(value)))
        return TODO_OK;
    query->deleted = strcmp(value, "true") == 0;
    if (!query->deleted && strcmp(value, "false") != 0)
        return invalid("deleted_invalid", "deleted", "deleted must be true or false", error);
    return TODO_OK;
}

static todo_status read_limit(const http_request *request, todo_list_query *query, todo_error *error)
{
    char value[16];
    unsigned long long limit;

    query->limit = TODO_LIST_DEFAULT;
    if (!http_query(request, "limit", value, sizeof(value)))
        return TODO_OK;
    if (!text_to_number((text_slice){value, strlen(value)}, TODO_LIST_MAX, &limit) || limit == 0)
        return invalid("limit_invalid", "limit", "limit must be a number from 1 to 1000", error);
    query->limit = (uint32_t)limit;
    return TODO_OK;
}

static const char *sort_name(const todo_list_query *query)
{
    return query->sort == TODO_SORT_UPDATED_AT ? "updated_at" : "created_at";
}

static todo_status read_sort(const http_request *request, todo_list_query *query, todo_error *error)
{
    char value[32];
    const char *key = value;

    if (!http_query(request, "sort", value, sizeof(value)))
        return TODO_OK;
    query->ascending = *key != '-';
    if (*key == '-')
        key++;
    if (strcmp(key, "updated_at") == 0)
        query->sort = TODO_SORT_UPDATED_AT;
    else if (strcmp(key, "created_at") == 0)
        query->sort = TODO_SORT_CREATED_AT;
    else
        return invalid("sort_invalid", "sort", "sort must be created_at or updated_at, with - for descending",
                       error);
    return TODO_OK;
}

static todo_status read_cursor(const http_request *request, list_request *list, todo_error *error)
{
    char value[TODO_CURSOR_TEXT_SIZE];
    todo_status status;

    if (!http_query(request, "cursor", value, sizeof(value)))
        return TODO_OK;
    status = todo_cursor_parse(value, &list->after, error);
    list->query.after = &list->after;
    return status;
}

static todo_status read_request(const http_request *request, list_request *ret_list, todo_error *error)
{
    todo_status status;

    todo_list_query_init(&ret_list->query, sizeof(ret_list->query));
    status = read_completed(request, &ret_list->query, error);
    if (status == TODO_OK)
        status = read_deleted(request, &ret_list->query, error);
    if (status == TODO_OK)
        status = read_limit(request, &ret_list->query, error);
    if (status == TODO_OK)
        status = read_sort(request, &ret_list->query, error);
    if (status == TODO_OK)
        status = read_cursor(request, ret_list, error);
    return status;
}

/* A relative reference: which scheme and host the client used only the client knows. */
static void add_next(http_request *request, const todo_list_query *query, const todo_cursor *next)
{
    static const char *const completed[] = {"", "&completed=true", "&completed=false"};
    char cursor[TODO_CURSOR_TEXT_SIZE], link[256];

    todo_cursor_format(next, cursor);
    snprintf(link, sizeof(link), "</api/todos?limit=%u%s%s&sort=%s%s&cursor=%s>; rel=\"next\"", query->limit,
             completed[query->completed], query->deleted ? "&deleted=true" : "", query->ascending ? "" : "-",
             sort_name(query), cursor);
    http_add_field(request, "Link", link);
}

static todo_status write_item(void *arg, const todo_item *item)
{
    page *out = arg;
    todo_status status = todo_buffer_append(out->body, out->empty ? "[" : ",", 1, out->error);

    if (status == TODO_OK)
        status = todo_json_write_item(out->body, item, out->error);
    if (status != TODO_OK)
        return status;
    out->empty = false;
    if (todo_buffer_length(out->body) < PAGE_BYTES_MAX)
        return TODO_OK;
    out->ended_early = true;
    out->last.key = out->query->sort == TODO_SORT_UPDATED_AT ? item->updated_at : item->created_at;
    out->last.id = item->id;
    return TODO_ERR_TOO_LARGE;
}

todo_status todos_list(http_request *request, todo_error *error)
{
    list_request list;
    page out = {http_body(request), &list.query, true, false, {0}, error};
    bool has_next = false;
    todo_cursor next;
    todo_status status = read_request(request, &list, error);

    if (status == TODO_OK)
        status = todo_queries_each(request->app->queries, &request->call, &request->user, &list.query,
                                   write_item, &out, &has_next, &next, error);
    if (out.ended_early) {
        status = TODO_OK;
        has_next = true;
        next = out.last;
    }
    if (status == TODO_OK)
        status = todo_buffer_append(out.body, out.empty ? "[]" : "]", out.empty ? 2 : 1, error);
    if (status != TODO_OK)
        return status;
    request->status = 200;
    request->cache_control = TODOS_CACHE_CONTROL;
    if (has_next)
        add_next(request, &list.query, &next);
    return TODO_OK;
}
