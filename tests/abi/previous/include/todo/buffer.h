/**
 * @file buffer.h
 * A growing run of bytes, which the encoders append to. Not thread-safe.
 */
#ifndef TODO_BUFFER_H
#define TODO_BUFFER_H

#include <todo/error.h>

TODO_BEGIN_DECLS

/** Bytes that grow at the end. Not thread-safe: one thread at a time. */
typedef struct todo_buffer todo_buffer;

/** Makes an empty buffer; the caller frees it. NOMEM. */
TODO_API todo_status todo_buffer_new(todo_buffer **ret_buffer, todo_error *error);

/** Frees a buffer. NULL is fine. */
TODO_API void todo_buffer_free(todo_buffer *buffer);

/** The bytes so far, followed by a NUL that does not count. Valid until the buffer is changed. */
TODO_API const char *todo_buffer_data(const todo_buffer *buffer);

/** How many bytes there are. */
TODO_API size_t todo_buffer_length(const todo_buffer *buffer);

/** Appends bytes. NOMEM leaves the buffer as it was. */
TODO_API todo_status todo_buffer_append(todo_buffer *buffer, const void *bytes, size_t length,
                                        todo_error *error);

/** Cuts the buffer to `length`, if it is longer; the memory is kept for reuse. */
TODO_API void todo_buffer_truncate(todo_buffer *buffer, size_t length);

/**
 * Replaces bytes that are there already, from `offset` on: for what is known only once the rest has been written,
 * such as a length. Does nothing when `offset + length` is beyond the end.
 */
TODO_API void todo_buffer_overwrite(todo_buffer *buffer, size_t offset, const void *bytes, size_t length);

TODO_END_DECLS

#endif
