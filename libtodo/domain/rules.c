#include "domain/rules.h"

#include <string.h>

static todo_status check_utf8(const char *text, const char *field, todo_error *error)
{
    if (!todo__utf8_valid(text, strlen(text)))
        return todo_error_set(error, TODO_ERR_INVALID, "utf8_invalid", field, "invalid UTF-8");
    return TODO_OK;
}

todo_status todo__rule_title(const char *text, todo__slice *ret_title, todo_error *error)
{
    todo__slice title;
    todo_status status = check_utf8(text != NULL ? text : "", "title", error);

    if (status != TODO_OK)
        return status;
    title = todo__utf8_trim(text != NULL ? text : "");
    if (!todo__utf8_is_visible(title))
        return todo_error_set(error, TODO_ERR_INVALID, "title_empty", "title", "title cannot be empty");
    if (todo__utf8_count(title.text, title.length) > TODO_TITLE_MAX)
        return todo_error_set(error, TODO_ERR_INVALID, "title_too_long", "title",
                              "title must be at most 200 characters");
    *ret_title = title;
    return TODO_OK;
}

todo_status todo__rule_display_name(const char *text, todo__slice *ret_name, todo_error *error)
{
    todo__slice name;
    todo_status status = check_utf8(text, "display_name", error);

    if (status != TODO_OK)
        return status;
    name = todo__utf8_trim(text);
    if (todo__utf8_count(name.text, name.length) > TODO_DISPLAY_NAME_MAX)
        return todo_error_set(error, TODO_ERR_INVALID, "display_name_too_long", "display_name",
                              "display name must be at most 200 characters");
    *ret_name = name;
    return TODO_OK;
}

todo_status todo__rule_password(const char *text, todo_error *error)
{
    size_t length = text != NULL ? strlen(text) : 0;
    todo_status status = check_utf8(text != NULL ? text : "", "password", error);

    if (status != TODO_OK)
        return status;
    if (text == NULL || todo__utf8_count(text, length) < TODO_PASSWORD_MIN)
        return todo_error_set(error, TODO_ERR_INVALID, "password_too_short", "password",
                              "password must be at least 8 characters");
    if (length > TODO_PASSWORD_MAX_BYTES)
        return todo_error_set(error, TODO_ERR_INVALID, "password_too_long", "password",
                              "password must be at most 511 bytes");
    return TODO_OK;
}
