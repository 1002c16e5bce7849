#include "util/entry.h"

#include <string.h>

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

void todo__error_clear(todo_error *error)
{
    if (error != NULL && error->size >= offsetof(todo_error, status) + sizeof(error->status) &&
        error->status != TODO_OK)
        todo_error_init(error, error->size);
}

todo_status todo__leave(todo_status status, todo_error *error)
{
    if (error == NULL || error->size < offsetof(todo_error, status) + sizeof(error->status) ||
        error->status == status)
        return status;
    if (status == TODO_OK)
        todo__error_clear(error);
    else
        todo_error_set(error, status, NULL, NULL, NULL);
    return status;
}

todo_status todo__refuse_argument(const char *code, const char *expression, todo_error *error)
{
    char name[sizeof(error->field)];
    size_t length = 0;

    expression += strspn(expression, " &*");
    for (;; expression++) {
        if (is_name(*expression) && length < sizeof(name) - 1)
            name[length++] = *expression;
        else if (*expression == '.' || *expression == '>') /* what follows is a member's name */
            length = 0;
        else if (*expression != '-' || expression[1] != '>')
            break;
    }
    name[length] = '\0';
    return todo_error_set(error, TODO_ERR_INVALID, code, name, NULL);
}

bool todo__all_given(todo_error *error, const char *names, const bool *given, size_t count)
{
    todo__error_clear(error);
    for (size_t i = 0; i < count; i++) {
        if (!given[i]) {
            todo__refuse_argument("argument_missing", names, error);
            return false;
        }
        names += strcspn(names, ",");
        names += *names != '\0';
    }
    return true;
}
