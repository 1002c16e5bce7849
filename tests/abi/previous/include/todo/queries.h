/**
 * @file queries.h
 * The use cases that only read.
 *
 * All may be called from any thread at once. Besides the errors named at each function, every one may return what
 * the ports return: UNAVAILABLE, TIMEOUT, NOMEM, INTERNAL.
 */
#ifndef TODO_QUERIES_H
#define TODO_QUERIES_H

#include <todo/item.h>
#include <todo/port/reader.h>
#include <todo/port/users.h>
#include <todo/user.h>

TODO_BEGIN_DECLS

/** The use cases that only read, over the ports that they were made with. */
typedef struct todo_queries todo_queries;

/** What the queries stand on. */
typedef struct todo_queries_options {
    size_t size;         /**< sizeof(todo_queries_options) as the caller compiled it */
    todo_reader *reader; /**< required; the queries take their own reference */
    todo_users *users;   /**< needed by the account queries only, which are UNSUPPORTED without it */
} todo_queries_options;

/** An initializer: every member at its default. */
#define TODO_QUERIES_OPTIONS_INIT                \
    {                                            \
        sizeof(todo_queries_options), NULL, NULL \
    }

/** Sets every member to its default. `size` is sizeof(todo_queries_options) as the caller compiled it. */
TODO_API void todo_queries_options_init(todo_queries_options *options, size_t size);

/** Makes the queries over the given ports. INVALID without a reader, NOMEM. */
TODO_API todo_status todo_queries_new(const todo_queries_options *options, todo_queries **ret_queries,
                                      todo_error *error);

/** Frees the queries and their references; no call may be under way. NULL is fine. */
TODO_API void todo_queries_free(todo_queries *queries);

/** The user's todo of this id. The caller owns the reference in `ret_item`. NOT_FOUND, also for one in the trash;
 * UNAUTHENTICATED ("user_unknown") when there is no such user. */
TODO_API todo_status todo_queries_get(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                                      const todo_uuid *id, const todo_item **ret_item, todo_error *error);

/**
 * One page of the user's todos, owned by the caller. `query` NULL asks for the newest TODO_LIST_DEFAULT.
 * INVALID ("limit_invalid", "sort_invalid"), UNAUTHENTICATED ("user_unknown") when there is no such user.
 */
TODO_API todo_status todo_queries_list(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                                       const todo_list_query *query, todo_item_list **ret_list,
                                       todo_error *error);

/**
 * As todo_queries_list, but hands each item to `visit` as it arrives, so that a page need not be held in memory.
 * `ret_has_next` tells whether a page follows, and `ret_next` (written only then) where it begins; both may be NULL.
 */
TODO_API todo_status todo_queries_each(todo_queries *queries, const todo_call *call, const todo_uuid *user,
                                       const todo_list_query *query, todo_item_visit visit, void *arg,
                                       bool *ret_has_next, todo_cursor *ret_next, todo_error *error);

/**
 * The todo of this id in the user's trash. The caller owns the reference in `ret_item`. NOT_FOUND,
 * UNAUTHENTICATED ("user_unknown"), UNSUPPORTED (the reader's store has no trash).
 */
TODO_API todo_status todo_queries_get_trashed(todo_queries *queries, const todo_call *call,
                                              const todo_uuid *user, const todo_uuid *id,
                                              const todo_item **ret_item, todo_error *error);

/**
 * How many todos, of one user or (`user` NULL) of all, were moved to the trash before `deleted_before` and are still there:
 * what todo_commands_purge would remove. UNSUPPORTED (the reader's store has no trash).
 */
TODO_API todo_status todo_queries_count_trash(todo_queries *queries, const todo_call *call,
                                              const todo_uuid *user, todo_time deleted_before,
                                              uint64_t *ret_count, todo_error *error);

/** The user of this id. The caller owns the reference in `ret_user`. NOT_FOUND. */
TODO_API todo_status todo_queries_user(todo_queries *queries, const todo_call *call, const todo_uuid *id,
                                       const todo_user **ret_user, todo_error *error);

/** The user of this e-mail, in any case and with blanks around it. As todo_queries_user. */
TODO_API todo_status todo_queries_user_by_email(todo_queries *queries, const todo_call *call,
                                                const char *email, const todo_user **ret_user,
                                                todo_error *error);

/** Hands every user to `visit`, oldest first. */
TODO_API todo_status todo_queries_each_user(todo_queries *queries, const todo_call *call,
                                            todo_user_visit visit, void *arg, todo_error *error);

TODO_END_DECLS

#endif
