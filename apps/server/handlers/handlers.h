/* The handlers. Each translates a request into a call of libtodo and the result into an answer, and does no more. */
#ifndef TODO_SERVER_HANDLERS_H
#define TODO_SERVER_HANDLERS_H

#include "../app.h"
#include "../http.h"

todo_status health_get(http_request *request, todo_error *error);
todo_status health_live(http_request *request, todo_error *error);
todo_status health_ready(http_request *request, todo_error *error);

todo_status metrics_get(http_request *request, todo_error *error);

todo_status auth_register(http_request *request, todo_error *error);
todo_status auth_login(http_request *request, todo_error *error);

todo_status todos_list(http_request *request, todo_error *error);
todo_status todos_get(http_request *request, todo_error *error);
todo_status todos_create(http_request *request, todo_error *error);
todo_status todos_create_batch(http_request *request, todo_error *error);
todo_status todos_update(http_request *request, todo_error *error);
todo_status todos_remove(http_request *request, todo_error *error);
todo_status todos_restore(http_request *request, todo_error *error);

#endif
