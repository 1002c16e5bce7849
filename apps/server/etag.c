#include "etag.h"

#include "app.h"

#define NO_VERSION INT64_MAX /* which no todo ever has */

void etag_add(http_request *request, const todo_item *item)
{
    char bytes[24];
    text_out tag = {bytes, sizeof(bytes) - 1, 0, false};

    text_put(&tag, "\"");
    text_put_number(&tag, (unsigned long long)item->version);
    text_put(&tag, "\"");
    bytes[tag.length] = '\0';
    http_add_field(request, "ETag", bytes);
    request->cache_control = TODOS_CACHE_CONTROL;
}

typedef enum tag_kind { TAG_MALFORMED, TAG_STRONG, TAG_WEAK } tag_kind;

/* `ret_version` is 0 for a tag that is none of ours. */
static tag_kind read_tag(text_slice tag, int64_t *ret_version)
{
    tag_kind kind = TAG_STRONG;
    unsigned long long number;

    if (tag.length > 2 && tag.start[0] == 'W' && tag.start[1] == '/') {
        kind = TAG_WEAK;
        tag.start += 2;
        tag.length -= 2;
    }
    if (tag.length < 2 || tag.start[0] != '"' || tag.start[tag.length - 1] != '"')
        return TAG_MALFORMED;
    tag = (text_slice){tag.start + 1, tag.length - 2};
    *ret_version = text_to_number(tag, INT64_MAX - 1, &number) ? (int64_t)number : 0;
    return kind;
}

/* Weak comparison (RFC 9110, 8.8.3.2): that a tag is weak does not matter. */
bool etag_none_match(const http_request *request, const todo_item *item)
{
    text_slice list, tag;
    int64_t version;

    if (!http_field(request, FIELD_IF_NONE_MATCH, &list))
        return false;
    if (text_is(list, "*"))
        return true;
    while (text_next_element(&list, &tag))
        if (read_tag(tag, &version) != TAG_MALFORMED && version == item->version)
            return true;
    return false;
}

/* Strong comparison: weak tags and those of others are not in the result. */
static todo_status first_version(text_slice *list, int64_t *ret_version, todo_error *error)
{
    text_slice tag;
    int64_t version;

    *ret_version = NO_VERSION;
    while (text_next_element(list, &tag)) {
        tag_kind kind = read_tag(tag, &version);

        if (kind == TAG_MALFORMED)
            return todo_error_set(error, TODO_ERR_INVALID, "if_match_invalid", NULL, "invalid If-Match");
        if (kind == TAG_WEAK || version == 0)
            continue;
        *ret_version = version;
        break;
    }
    return TODO_OK;
}

/* todo_queries_get, or another that finds todos where the request is about them. */
typedef todo_status (*look_up)(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                               const todo_uuid *id, const todo_item **ret_item, todo_error *error);

/* The current version if `list` names it; the write itself still decides on it. */
static todo_status current_version(http_request *request, look_up look, text_slice list, int64_t *version,
                                   todo_error *error)
{
    const todo_item *item;
    todo_status status =
        look(request->app->queries, &request->call, &request->user, &request->path_id, &item, error);
    int64_t current;

    if (status != TODO_OK)
        return status;
    current = item->version;
    todo_item_unref(item);
    while (status == TODO_OK && *version != current && *version != NO_VERSION)
        status = first_version(&list, version, error);
    return status;
}

static todo_status if_match(http_request *request, look_up look, int64_t *ret_version, todo_error *error)
{
    text_slice list;
    int64_t version;
    todo_status status;

    *ret_version = 0;
    if (!http_field(request, FIELD_IF_MATCH, &list) || text_is(list, "*"))
        return TODO_OK;
    status = first_version(&list, &version, error);
    if (status == TODO_OK && list.length > 0)
        status = current_version(request, look, list, &version, error);
    *ret_version = version;
    return status;
}

todo_status etag_if_match(http_request *request, int64_t *ret_version, todo_error *error)
{
    return if_match(request, todo_queries_get, ret_version, error);
}

todo_status etag_if_match_in_trash(http_request *request, int64_t *ret_version, todo_error *error)
{
    return if_match(request, todo_queries_get_trashed, ret_version, error);
}
