#include "route.h"

#include <string.h>

#include <todo/todo.h>

/* Whether a path is `root` without its "...", or below it. */
static bool is_below(const char *path, const char *root, size_t length)
{
    return strncmp(path, root, length - 1) == 0 && (path[length - 1] == '\0' || path[length - 1] == '/');
}

/* Whether the path is the route's; reads the id in it. */
static bool matches(const route *candidate, const char *path, todo_uuid *ret_id)
{
    const char *brace = strchr(candidate->path, '{'), *dots = strstr(candidate->path, "...");
    size_t length = brace == NULL ? 0 : (size_t)(brace - candidate->path);
    char id[TODO_UUID_TEXT_SIZE];

    if (dots != NULL)
        return is_below(path, candidate->path, (size_t)(dots - candidate->path));
    if (brace == NULL)
        return strcmp(candidate->path, path) == 0;
    if (strncmp(candidate->path, path, length) != 0 || strlen(path + length) < sizeof(id) - 1)
        return false;
    memcpy(id, path + length, sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    return strcmp(path + length + sizeof(id) - 1, brace + sizeof("{id}") - 1) == 0 &&
           todo_uuid_parse(id, ret_id, NULL) == TODO_OK;
}

void route_find(const route *table, size_t count, http_method method, const char *path,
                route_match *ret_match)
{
    *ret_match = (route_match){.guard = ROUTE_IS_OPEN};
    if (method == HTTP_HEAD)
        method = HTTP_GET;
    for (const route *each = table; each < table + count; each++) {
        if (!matches(each, path, &ret_match->id))
            continue;
        if (each->handle != NULL && each->method == method) {
            ret_match->route = each;
            ret_match->guard = each->guard;
            return;
        }
        ret_match->allowed |= each->method;
        if (each->guard < ret_match->guard)
            ret_match->guard = each->guard;
    }
}
