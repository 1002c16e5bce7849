/* Parameters of a statement, in PostgreSQL's binary formats. */
#ifndef TODO_ADAPTERS_POSTGRES_PARAMS_H
#define TODO_ADAPTERS_POSTGRES_PARAMS_H

#include <todo/types.h>

#define TODO__PG_PARAMS_MAX 24

/*
 * Filled in the order of $1, $2, ... Texts, ids and arrays are only pointed to and must outlive it. It points into
 * itself, so it may not be copied.
 */
typedef struct todo__pg_params {
    int count;
    const char *values[TODO__PG_PARAMS_MAX];
    int lengths[TODO__PG_PARAMS_MAX];
    uint8_t numbers[TODO__PG_PARAMS_MAX][8];
} todo__pg_params;

/* What libpq takes as formats: all binary. */
extern const int todo__pg_binary[TODO__PG_PARAMS_MAX];

void todo__pg_add_null(todo__pg_params *params);
void todo__pg_add_bytes(todo__pg_params *params, const void *bytes, size_t length);
void todo__pg_add_uuid(todo__pg_params *params, const todo_uuid *uuid);
void todo__pg_add_text(todo__pg_params *params, const char *text); /* NULL: null */
void todo__pg_add_bool(todo__pg_params *params, bool value);
void todo__pg_add_int(todo__pg_params *params, int64_t value);
void todo__pg_add_time(todo__pg_params *params, todo_time time);

/* A number in network byte order. */
void todo__pg_put32(uint8_t *target, uint32_t value);
void todo__pg_put64(uint8_t *target, uint64_t value);
uint64_t todo__pg_get64(const uint8_t *source);

/* To and from PostgreSQL's time, which counts from 2000. Times beyond its range become its infinities. */
int64_t todo__pg_from_time(todo_time time);
todo_time todo__pg_to_time(int64_t value);

#endif
