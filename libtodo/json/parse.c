#include <limits.h>
#include <string.h>

#include <json-c/json_tokener.h>
#include <json-c/json_visit.h>

#include "util/alloc.h"
#include "util/entry.h"
#include "json/document.h"
#include "json/strict.h"

/*
 * Runs json-c over the whole text. TODO_OK with NULL is JSON's null. json-c sees the end of a number at the top only
 * when something follows, so it is given a NUL then.
 */
static todo_status run_tokener(json_tokener *tokener, const char *text, size_t length, json_object **ret_root,
                               todo_error *error)
{
    enum json_tokener_error outcome;
    todo_status status;

    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    *ret_root = json_tokener_parse_ex(tokener, text, (int)length);
    outcome = json_tokener_get_error(tokener);
    if (outcome == json_tokener_success)
        return TODO_OK;
    if (outcome == json_tokener_continue) {
        *ret_root = json_tokener_parse_ex(tokener, "", 1);
        if (json_tokener_get_error(tokener) == json_tokener_success)
            return TODO_OK;
        return todo__json_malformed(error, length);
    }
    status = todo__json_malformed(error, json_tokener_get_parse_end(tokener));
    todo_error_set_detail(error, json_tokener_error_desc(outcome));
    return status;
}

/* Whether a text that json-c accepts is JSON's null. */
static bool is_null(const char *text, size_t length)
{
    size_t start = 0;

    while (start < length && strchr(" \t\n\r", text[start]) != NULL)
        start++;
    return start < length && text[start] == 'n';
}

static todo_status tokenize(const char *text, size_t length, json_object **ret_root, todo_error *error)
{
    /* One level more than arrays and objects may make, for the value in the innermost. */
    json_tokener *tokener = json_tokener_new_ex(TODO__JSON_DEPTH_MAX + 1);
    todo_status status;

    if (tokener == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = run_tokener(tokener, text, length, ret_root, error);
    json_tokener_free(tokener);
    /* json-c reports no error when it runs out of memory, but nothing instead of a value. */
    if (status == TODO_OK && *ret_root == NULL && !is_null(text, length))
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    return status;
}

static int count_value(json_object *value, int flags, json_object *parent, const char *name, size_t *index,
                       void *arg)
{
    size_t *members = arg;

    (void)parent;
    (void)name;
    (void)index;
    if (flags & JSON_C_VISIT_SECOND)
        return JSON_C_VISIT_RETURN_CONTINUE;
    if (json_object_is_type(value, json_type_object))
        *members += (size_t)json_object_object_length(value);
    return JSON_C_VISIT_RETURN_CONTINUE;
}

/*
 * json-c keeps the last of two members of the same name and forgets the other. Names are compared as they are once
 * unescaped, which only json-c knows, so its objects are counted: with a duplicate they hold fewer members than the
 * text has.
 */
static todo_status check_values(json_object *root, size_t members, todo_error *error)
{
    size_t counted = 0;

    json_c_visit(root, 0, count_value, &counted);
    if (counted != members)
        return todo_error_set(error, TODO_ERR_INVALID, "json_duplicate_member", NULL,
                              "an object has two members of the same name");
    return TODO_OK;
}

static todo_status parse(const char *text, size_t length, json_object **ret_root, todo_error *error)
{
    json_object *root = NULL;
    size_t members = 0;
    todo_status status = todo__json_check_tokens(text, length, &members, error);

    if (status == TODO_OK)
        status = tokenize(text, length, &root, error);
    if (status == TODO_OK)
        status = check_values(root, members, error);
    if (status == TODO_OK)
        *ret_root = root;
    else
        json_object_put(root);
    return status;
}

todo_status todo_json_parse(const char *text, size_t length, todo_json **ret_json, todo_error *error)
{
    todo_json *json;
    todo_status status;

    if (!todo__given(error, text, ret_json))
        return TODO_ERR_INVALID;
    if (length == 0)
        return todo__json_malformed(error, 0);
    if (length > INT_MAX)
        return todo_error_set(error, TODO_ERR_TOO_LARGE, "json_too_large", NULL, NULL);
    json = todo__calloc(1, sizeof(*json));
    if (json == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    status = parse(text, length, &json->root, error);
    if (status != TODO_OK) {
        todo__free(json);
        return status;
    }
    *ret_json = json;
    return TODO_OK;
}

void todo_json_free(todo_json *json)
{
    if (json == NULL)
        return;
    json_object_put(json->root);
    todo__free(json->batch);
    todo__free(json);
}
