#include "json/buffer.h"

#include <string.h>

#include "util/alloc.h"
#include "util/entry.h"

#define CAPACITY_MIN 512u
#define CAPACITY_MAX ((size_t)PTRDIFF_MAX) /* no object is larger */

todo_status todo_buffer_new(todo_buffer **ret_buffer, todo_error *error)
{
    todo_buffer *buffer;

    if (!todo__given(error, ret_buffer))
        return TODO_ERR_INVALID;
    buffer = todo__calloc(1, sizeof(*buffer));
    if (buffer == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    *ret_buffer = buffer;
    return TODO_OK;
}

void todo_buffer_free(todo_buffer *buffer)
{
    if (buffer == NULL)
        return;
    todo__free(buffer->data);
    todo__free(buffer);
}

const char *todo_buffer_data(const todo_buffer *buffer)
{
    return buffer != NULL && buffer->data != NULL ? buffer->data : "";
}

size_t todo_buffer_length(const todo_buffer *buffer)
{
    return buffer != NULL ? buffer->length : 0;
}

/* Doubles, so that appending n bytes one by one copies no more than 2n. */
static size_t grown(size_t capacity, size_t needed)
{
    size_t doubled = capacity <= CAPACITY_MAX / 2 ? capacity * 2 : CAPACITY_MAX;

    if (doubled < CAPACITY_MIN)
        doubled = CAPACITY_MIN;
    return doubled > needed ? doubled : needed;
}

char *todo__buffer_room(todo_buffer *buffer, size_t extra)
{
    size_t capacity;
    char *data;

    if (extra >= CAPACITY_MAX - buffer->length)
        return NULL;
    if (buffer->length + extra < buffer->capacity)
        return buffer->data + buffer->length;
    capacity = grown(buffer->capacity, buffer->length + extra + 1);
    data = todo__realloc(buffer->data, capacity);
    if (data == NULL)
        return NULL;
    data[buffer->length] = '\0';
    buffer->data = data;
    buffer->capacity = capacity;
    return data + buffer->length;
}

todo_status todo_buffer_append(todo_buffer *buffer, const void *bytes, size_t length, todo_error *error)
{
    char *room;

    if (!todo__given(error, buffer, bytes || length == 0))
        return TODO_ERR_INVALID;
    if (length == 0)
        return TODO_OK;
    room = todo__buffer_room(buffer, length);
    if (room == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    memcpy(room, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
    return TODO_OK;
}

void todo_buffer_truncate(todo_buffer *buffer, size_t length)
{
    if (buffer == NULL || length >= buffer->length)
        return;
    buffer->length = length;
    buffer->data[length] = '\0';
}

void todo_buffer_overwrite(todo_buffer *buffer, size_t offset, const void *bytes, size_t length)
{
    if (buffer == NULL || bytes == NULL || offset > buffer->length || length > buffer->length - offset)
        return;
    memcpy(buffer->data + offset, bytes, length);
}
