#include "token/openssl_errors.h"

#include <openssl/err.h>

void todo__openssl_begin(void)
{
    ERR_set_mark();
}

void todo__openssl_end(void)
{
    /* Without a mark, which an empty queue can't hold, all that is there now is ours. */
    ERR_pop_to_mark();
}

bool todo__openssl_out_of_memory(void)
{
    return ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
}

todo_status todo__openssl_fail(todo_status status, const char *code, const char *message, todo_error *error)
{
    if (todo__openssl_out_of_memory())
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    return todo_error_set(error, status, code, NULL, message);
}
