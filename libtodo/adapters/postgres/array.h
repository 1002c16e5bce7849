/* One-dimensional arrays in PostgreSQL's binary format. */
#ifndef TODO_ADAPTERS_POSTGRES_ARRAY_H
#define TODO_ADAPTERS_POSTGRES_ARRAY_H

#include <todo/fields.h>

/* The types of elements, by their fixed OIDs (pg_type.dat). */
typedef enum todo__pg_type {
    TODO__PG_BOOL = 16,
    TODO__PG_INT8 = 20,
    TODO__PG_TEXT = 25,
    TODO__PG_TIMESTAMPTZ = 1184,
    TODO__PG_UUID = 2950
} todo__pg_type;

/* An array under construction. Zeroed, it is without memory; todo__pg_array_free ends its life. */
typedef struct todo__pg_array {
    uint8_t *bytes;
    size_t length;
    size_t size;
    uint32_t count; /* of elements */
    bool failed;    /* out of memory: further elements are dropped */
} todo__pg_array;

/* Begins an array, in the memory of the one before. */
void todo__pg_array_begin(todo__pg_array *array, todo__pg_type type);

/* Completes it: `bytes` and `length` are a parameter now, unless `failed`. */
void todo__pg_array_end(todo__pg_array *array);

/* Each appends an element. */
void todo__pg_array_bytes(todo__pg_array *array, const void *bytes, size_t length);
void todo__pg_array_null(todo__pg_array *array);
void todo__pg_array_uuid(todo__pg_array *array, const todo_uuid *uuid);
void todo__pg_array_text(todo__pg_array *array, const char *text); /* NULL: null */
void todo__pg_array_bool(todo__pg_array *array, bool value);
void todo__pg_array_int(todo__pg_array *array, int64_t value);
void todo__pg_array_time(todo__pg_array *array, todo_time time);
void todo__pg_array_field(todo__pg_array *array, const todo_field *field, const todo_item *item);

/* The type of a field's column. */
todo__pg_type todo__pg_type_of(const todo_field *field);

void todo__pg_array_free(todo__pg_array *array);

#endif
