#include "adapters/postgres/array.h"

#include <string.h>

#include "adapters/postgres/params.h"
#include "util/alloc.h"

/* Room for `length` more bytes, or NULL. */
static uint8_t *extend(todo__pg_array *array, size_t length)
{
    uint8_t *room;

    if (array->failed)
        return NULL;
    if (array->length + length > array->size) {
        size_t size = 2 * array->size + length + 256;
        uint8_t *bytes = todo__realloc(array->bytes, size);

        if (bytes == NULL) {
            array->failed = true;
            return NULL;
        }
        array->bytes = bytes;
        array->size = size;
    }
    room = array->bytes + array->length;
    array->length += length;
    return room;
}

static void append32(todo__pg_array *array, uint32_t value)
{
    uint8_t *room = extend(array, sizeof(value));

    if (room != NULL)
        todo__pg_put32(room, value);
}

#define COUNT_AT 12 /* where the header has the number of elements */

void todo__pg_array_begin(todo__pg_array *array, todo__pg_type type)
{
    array->length = 0;
    array->count = 0;
    array->failed = false;
    append32(array, 1); /* dimensions */
    append32(array, 1); /* may hold nulls */
    append32(array, type);
    append32(array, 0); /* elements: see todo__pg_array_end */
    append32(array, 1); /* the first index */
}

void todo__pg_array_end(todo__pg_array *array)
{
    if (!array->failed)
        todo__pg_put32(array->bytes + COUNT_AT, array->count);
}

void todo__pg_array_bytes(todo__pg_array *array, const void *bytes, size_t length)
{
    uint8_t *room;

    append32(array, (uint32_t)length);
    room = extend(array, length);
    if (room != NULL)
        memcpy(room, bytes, length);
    array->count++;
}

void todo__pg_array_null(todo__pg_array *array)
{
    append32(array, UINT32_MAX);
    array->count++;
}

void todo__pg_array_uuid(todo__pg_array *array, const todo_uuid *uuid)
{
    todo__pg_array_bytes(array, uuid->bytes, sizeof(uuid->bytes));
}

void todo__pg_array_text(todo__pg_array *array, const char *text)
{
    if (text == NULL)
        todo__pg_array_null(array);
    else
        todo__pg_array_bytes(array, text, strlen(text));
}

void todo__pg_array_bool(todo__pg_array *array, bool value)
{
    uint8_t byte = value;

    todo__pg_array_bytes(array, &byte, 1);
}

void todo__pg_array_int(todo__pg_array *array, int64_t value)
{
    uint8_t number[8];

    todo__pg_put64(number, (uint64_t)value);
    todo__pg_array_bytes(array, number, sizeof(number));
}

void todo__pg_array_time(todo__pg_array *array, todo_time time)
{
    todo__pg_array_int(array, todo__pg_from_time(time));
}

void todo__pg_array_field(todo__pg_array *array, const todo_field *field, const todo_item *item)
{
    todo_value value;

    todo_field_get(field, item, &value);
    if (value.null) {
        todo__pg_array_null(array);
        return;
    }
    switch (field->kind) {
    case TODO_KIND_UUID:
        todo__pg_array_uuid(array, &value.uuid);
        return;
    case TODO_KIND_TEXT:
        todo__pg_array_text(array, value.text);
        return;
    case TODO_KIND_FLAG:
        todo__pg_array_bool(array, value.flag);
        return;
    case TODO_KIND_INTEGER:
        todo__pg_array_int(array, value.integer);
        return;
    case TODO_KIND_TIME:
        todo__pg_array_time(array, value.time);
        return;
    }
}

todo__pg_type todo__pg_type_of(const todo_field *field)
{
    static const todo__pg_type types[] = {[TODO_KIND_UUID] = TODO__PG_UUID,
                                          [TODO_KIND_TEXT] = TODO__PG_TEXT,
                                          [TODO_KIND_FLAG] = TODO__PG_BOOL,
                                          [TODO_KIND_INTEGER] = TODO__PG_INT8,
                                          [TODO_KIND_TIME] = TODO__PG_TIMESTAMPTZ};

    return types[field->kind];
}

void todo__pg_array_free(todo__pg_array *array)
{
    todo__free(array->bytes);
}
