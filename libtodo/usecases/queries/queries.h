/* What the queries share. */
#ifndef TODO_USECASES_QUERIES_H
#define TODO_USECASES_QUERIES_H

#include <todo/queries.h>

#include "util/entry.h"

struct todo_queries {
    todo_reader *reader;
    todo_users *users; /* NULL: the account queries are unsupported */
};

#endif
