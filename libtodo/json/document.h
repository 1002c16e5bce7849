/* A parsed JSON text. */
#ifndef TODO_JSON_DOCUMENT_H
#define TODO_JSON_DOCUMENT_H

#include <json-c/json_object.h>

#include <todo/json.h>

struct todo_json {
    json_object *root; /* NULL is JSON's null */
    todo_uuid draft_id;
    struct todo__json_batch *batch; /* NULL until todo_json_read_batch */
};

#endif
