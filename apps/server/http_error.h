/* Errors as clients see them: {"error", "code", "field"?, "request_id"}. */
#ifndef TODO_SERVER_HTTP_ERROR_H
#define TODO_SERVER_HTTP_ERROR_H

#include "http.h"

/* The HTTP status of a status of the library. */
int http_error_status(todo_status status);

/* Answers with an error of the library. Its detail goes to the log only. */
void http_error_from(http_request *request, const todo_error *error);

/* Answers with an error of HTTP itself. */
void http_error_answer(http_request *request, int status, const char *code, const char *message);

#endif
