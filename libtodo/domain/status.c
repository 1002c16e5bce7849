#include <todo/status.h>

const char *todo_status_name(todo_status status)
{
    switch (status) {
    case TODO_OK:
        return "ok";
    case TODO_ERR_INVALID:
        return "invalid";
    case TODO_ERR_NOT_FOUND:
        return "not_found";
    case TODO_ERR_CONFLICT:
        return "conflict";
    case TODO_ERR_UNAUTHENTICATED:
        return "unauthenticated";
    case TODO_ERR_FORBIDDEN:
        return "forbidden";
    case TODO_ERR_PRECONDITION:
        return "precondition_failed";
    case TODO_ERR_TOO_LARGE:
        return "too_large";
    case TODO_ERR_RATE_LIMITED:
        return "rate_limited";
    case TODO_ERR_UNAVAILABLE:
        return "unavailable";
    case TODO_ERR_TIMEOUT:
        return "timeout";
    case TODO_ERR_NOMEM:
        return "out_of_memory";
    case TODO_ERR_INTERNAL:
        return "internal";
    case TODO_ERR_UNSUPPORTED:
        return "unsupported";
    case TODO_ERR_UNPROCESSABLE:
        return "unprocessable";
    }
    return "unknown";
}
