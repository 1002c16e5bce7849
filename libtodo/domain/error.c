#include <todo/error.h>

#include <string.h>

#include "domain/text.h"

/* Whether the caller's error is long enough to have the member. */
#define HAS(error, member) ((error)->size >= offsetof(todo_error, member) + sizeof((error)->member))

static const char *general_message(todo_status status)
{
    switch (status) {
    case TODO_ERR_NOT_FOUND:
        return "not found";
    case TODO_ERR_UNAUTHENTICATED:
        return "unauthenticated";
    case TODO_ERR_PRECONDITION:
        return "the version is not the current one";
    case TODO_ERR_UNAVAILABLE:
        return "temporarily unavailable";
    case TODO_ERR_TIMEOUT:
        return "the request took too long";
    case TODO_ERR_NOMEM:
        return "out of memory";
    case TODO_ERR_INTERNAL:
        return "internal error";
    default:
        return todo_status_name(status);
    }
}

static void set_text(char *target, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (length >= size)
        length = todo__utf8_cut(text, size - 1);
    memcpy(target, text, length);
    target[length] = '\0';
}

void todo_error_init(todo_error *error, size_t size)
{
    static const todo_error empty = TODO_ERROR_INIT;

    if (error == NULL || size < sizeof(size))
        return;
    memset(error, 0, size);
    memcpy(error, &empty, size < sizeof(empty) ? size : sizeof(empty));
    error->size = size;
}

todo_status todo_error_set(todo_error *error, todo_status status, const char *code, const char *field,
                           const char *message)
{
    if (error == NULL)
        return status;
    if (HAS(error, status))
        error->status = status;
    if (HAS(error, retryable)) {
        error->retryable =
            status == TODO_ERR_UNAVAILABLE || status == TODO_ERR_TIMEOUT || status == TODO_ERR_RATE_LIMITED;
        error->retry_after = error->retryable ? 1 : 0;
    }
    if (HAS(error, code))
        set_text(error->code, sizeof(error->code), code != NULL ? code : todo_status_name(status));
    if (HAS(error, field))
        set_text(error->field, sizeof(error->field), field != NULL ? field : "");
    if (HAS(error, message))
        set_text(error->message, sizeof(error->message), message != NULL ? message : general_message(status));
    if (HAS(error, detail))
        error->detail[0] = '\0';
    return status;
}

void todo_error_set_detail(todo_error *error, const char *detail)
{
    if (error != NULL && detail != NULL && HAS(error, detail))
        set_text(error->detail, sizeof(error->detail), detail);
}
