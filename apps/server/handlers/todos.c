#include "handlers.h"

#include "../etag.h"

#define ROOT "/api/todos/"

static todo_status answer_item(http_request *request, int status, const todo_item *item, todo_error *error)
{
    request->status = status;
    etag_add(request, item);
    return todo_json_write_item(http_body(request), item, error);
}

todo_status todos_get(http_request *request, todo_error *error)
{
    const todo_item *item;
    todo_status status = todo_queries_get(request->app->queries, &request->call, &request->user,
                                          &request->path_id, &item, error);

    if (status != TODO_OK)
        return status;
    if (etag_none_match(request, item)) {
        request->status = 304;
        etag_add(request, item);
    } else {
        status = answer_item(request, 200, item, error);
    }
    todo_item_unref(item);
    return status;
}

todo_status todos_create(http_request *request, todo_error *error)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item;
    char location[sizeof(ROOT) + TODO_UUID_TEXT_SIZE] = ROOT;
    todo_status status = todo_json_read_draft(request->json, &draft, error);

    if (status == TODO_OK)
        status = todo_commands_create(request->app->commands, &request->call, &request->user, &draft, &item,
                                      error);
    if (status != TODO_OK)
        return status;
    todo_uuid_format(&item->id, location + sizeof(ROOT) - 1);
    http_add_field(request, "Location", location);
    status = answer_item(request, 201, item, error);
    todo_item_unref(item);
    return status;
}

static todo_status write_list(todo_buffer *body, const todo_item_list *list, todo_error *error)
{
    todo_status status = todo_buffer_append(body, "[", 1, error);

    for (size_t i = 0; status == TODO_OK && i < todo_item_list_count(list); i++) {
        if (i > 0)
            status = todo_buffer_append(body, ",", 1, error);
        if (status == TODO_OK)
            status = todo_json_write_item(body, todo_item_list_at(list, i), error);
    }
    return status == TODO_OK ? todo_buffer_append(body, "]", 1, error) : status;
}

todo_status todos_create_batch(http_request *request, todo_error *error)
{
    const todo_item_draft *const *drafts;
    size_t count;
    todo_item_list *list;
    todo_status status = todo_json_read_batch(request->json, &drafts, &count, error);

    if (status == TODO_OK)
        status = todo_commands_create_batch(request->app->commands, &request->call, &request->user, drafts,
                                            count, &list, error);
    if (status != TODO_OK)
        return status;
    request->status = 201;
    status = write_list(http_body(request), list, error);
    todo_item_list_free(list);
    return status;
}

/* A member that cannot be changed must say what the todo has. Only a body with such members costs the look. */
static todo_status check_read_only(http_request *request, todo_error *error)
{
    const todo_item *item;
    todo_status status;

    if (!todo_json_has_read_only(request->json))
        return TODO_OK;
    status = todo_queries_get(request->app->queries, &request->call, &request->user, &request->path_id, &item,
                              error);
    if (status != TODO_OK)
        return status;
    status = todo_json_check_read_only(request->json, item, error);
    todo_item_unref(item);
    return status;
}

todo_status todos_update(http_request *request, todo_error *error)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    int64_t if_match = 0;
    const todo_item *item;
    todo_status status = todo_json_read_patch(request->json, &patch, error);

    if (status == TODO_OK)
        status = etag_if_match(request, &if_match, error);
    if (status == TODO_OK)
        status = check_read_only(request, error);
    if (if_match != 0)
        patch.if_version = if_match;
    if (status == TODO_OK)
        status = todo_commands_update(request->app->commands, &request->call, &request->user,
                                      &request->path_id, &patch, &item, error);
    if (status != TODO_OK)
        return status;
    status = answer_item(request, 200, item, error);
    todo_item_unref(item);
    return status;
}

todo_status todos_remove(http_request *request, todo_error *error)
{
    int64_t version;
    todo_status status = etag_if_match(request, &version, error);

    if (status == TODO_OK)
        status = todo_commands_remove(request->app->commands, &request->call, &request->user,
                                      &request->path_id, version, error);
    if (status == TODO_OK)
        request->status = 204;
    return status;
}

todo_status todos_restore(http_request *request, todo_error *error)
{
    int64_t version;
    const todo_item *item;
    todo_status status = etag_if_match_in_trash(request, &version, error);

    if (status == TODO_OK)
        status = todo_commands_restore(request->app->commands, &request->call, &request->user,
                                       &request->path_id, version, &item, error);
    if (status != TODO_OK)
        return status;
    status = answer_item(request, 200, item, error);
    todo_item_unref(item);
    return status;
}
