/* What a client does through the edge with the whole path behind it: edge, todo-server, its store. */
#ifndef TODO_TESTS_WHOLE_PATH_H
#define TODO_TESTS_WHOLE_PATH_H

#include "edge.h"

#include <json-c/json.h>

/* Sends a request through the edge and expects a status; the answer's JSON, to be put, or NULL when it has no body. */
json_object *path_call(const struct edge *gate, const char *token, const char *method, const char *path,
                       const char *body, int expected);

/* A member that has to be there. */
const char *path_text(json_object *json, const char *member);

/* Opens an account and logs in to it: the token, to be freed. `ret_id` gets the user's id unless it is NULL. */
char *path_log_in(const struct edge *gate, const char *email, char ret_id[37]);

#endif
