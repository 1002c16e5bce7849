/**
 * @file port/decorators.h
 * Ports made of other ports. Each holds its own references, so the caller may drop its own at once.
 */
#ifndef TODO_PORT_DECORATORS_H
#define TODO_PORT_DECORATORS_H

#include <todo/port/cache.h>
#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>

TODO_BEGIN_DECLS

/**
 * A reader that looks into `cache` first, checks the owner on a hit too, and fills it after a miss. The cache
 * can't fail a call. Holds its own references to both. Fails with INVALID (NULL) or NOMEM.
 */
TODO_API todo_status todo_cached_reader_new(todo_reader *inner, todo_cache *cache, todo_reader **ret_reader,
                                            todo_error *error);

/**
 * A writer that passes each change to `inner` and, once it is durable, to `cache`. The cache can't fail a call.
 * Holds its own references to both. Fails with INVALID (NULL) or NOMEM.
 */
TODO_API todo_status todo_caching_writer_new(todo_writer *inner, todo_cache *cache, todo_writer **ret_writer,
                                             todo_error *error);

/**
 * Users whose removal makes `cache` forget their todos as well; everything else is `inner`'s. The cache can't fail a
 * call. Holds its own references to both. Fails with INVALID (NULL) or NOMEM.
 */
TODO_API todo_status todo_caching_users_new(todo_users *inner, todo_cache *cache, todo_users **ret_users,
                                            todo_error *error);

/**
 * A reader that asks `primary` when `replica` answers UNAVAILABLE. Fails with INVALID (NULL) or NOMEM.
 */
TODO_API todo_status todo_fallback_reader_new(todo_reader *replica, todo_reader *primary,
                                              todo_reader **ret_reader, todo_error *error);

TODO_END_DECLS

#endif
