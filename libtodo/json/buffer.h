/* The inside of a todo_buffer, for encoders that write into it directly. */
#ifndef TODO_JSON_BUFFER_H
#define TODO_JSON_BUFFER_H

#include <todo/buffer.h>

struct todo_buffer {
    char *data; /* NULL until something was appended; else NUL-terminated */
    size_t length;
    size_t capacity; /* bytes of data, the NUL's included */
};

/*
 * Makes sure that `extra` more bytes and the NUL fit, and returns where they go, or NULL when out of memory (the
 * buffer is as it was then). The writer adds what it wrote to `length` and puts the NUL back.
 */
char *todo__buffer_room(todo_buffer *buffer, size_t extra);

#endif
