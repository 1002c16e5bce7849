/**
 * @file commands.h
 * The use cases that change something. Each validates what it is given, then asks the ports.
 *
 * All may be called from any thread at once. Besides the errors named at each function, every one may return what
 * the ports return: UNAVAILABLE, TIMEOUT, NOMEM, INTERNAL.
 */
#ifndef TODO_COMMANDS_H
#define TODO_COMMANDS_H

#include <todo/item.h>
#include <todo/port/clock.h>
#include <todo/port/users.h>
#include <todo/port/writer.h>
#include <todo/user.h>

TODO_BEGIN_DECLS

/** The use cases that change something, over the ports that they were made with. */
typedef struct todo_commands todo_commands;

/** What the commands stand on. */
typedef struct todo_commands_options {
    size_t size;         /**< sizeof(todo_commands_options) as the caller compiled it */
    todo_writer *writer; /**< required; the commands take their own reference */
    todo_users *users;   /**< needed by the account commands only, which are UNSUPPORTED without it */
    todo_clock *clock;   /**< NULL: the system's clock */
    unsigned hash_slots; /**< passwords hashed at the same time, each 0.1 to 0.3 s of a core; 0 = 1 */
    unsigned hash_queue; /**< calls that may wait for a slot; one more is RATE_LIMITED; 0 = 16 */
} todo_commands_options;

/** An initializer: every member at its default. */
#define TODO_COMMANDS_OPTIONS_INIT                            \
    {                                                         \
        sizeof(todo_commands_options), NULL, NULL, NULL, 0, 0 \
    }

/** Sets every member to its default. `size` is sizeof(todo_commands_options) as the caller compiled it. */
TODO_API void todo_commands_options_init(todo_commands_options *options, size_t size);

/** Makes the commands over the given ports. INVALID without a writer, NOMEM. */
TODO_API todo_status todo_commands_new(const todo_commands_options *options, todo_commands **ret_commands,
                                       todo_error *error);

/** Frees the commands and their references; no call may be under way. NULL is fine. */
TODO_API void todo_commands_free(todo_commands *commands);

/**
 * Creates a todo of `user`. The caller owns the reference in `ret_item`.
 * INVALID (code "title_empty", "title_too_long", "utf8_invalid"), CONFLICT ("id_exists"), UNAUTHENTICATED
 * (no such user).
 */
TODO_API todo_status todo_commands_create(todo_commands *commands, const todo_call *call,
                                          const todo_uuid *user, const todo_item_draft *draft,
                                          const todo_item **ret_item, todo_error *error);

/**
 * Creates `count` todos of `user` in one transaction: all or none. The list, owned by the caller, is in the order
 * of the drafts. Errors as todo_commands_create, and INVALID ("todos_empty") for none, TOO_LARGE
 * ("batch_too_large") for more than TODO_BATCH_MAX. `error->field` names the draft, such as "todos[3].title".
 */
TODO_API todo_status todo_commands_create_batch(todo_commands *commands, const todo_call *call,
                                                const todo_uuid *user, const todo_item_draft *const *drafts,
                                                size_t count, todo_item_list **ret_list, todo_error *error);

/**
 * Changes a todo. A patch without members, or with the values that the todo has, changes nothing: version and
 * updated_at stay. `if_version` is checked all the same.
 * The caller owns the reference in `ret_item`.
 * INVALID as todo_commands_create and for TODO_NULL where null makes no sense ("title_null",
 * "completed_null"), NOT_FOUND, PRECONDITION, UNAUTHENTICATED.
 */
TODO_API todo_status todo_commands_update(todo_commands *commands, const todo_call *call,
                                          const todo_uuid *user, const todo_uuid *id,
                                          const todo_item_patch *patch, const todo_item **ret_item,
                                          todo_error *error);

/**
 * Removes a todo: moves it to the trash, from where todo_commands_restore gets it back until todo_commands_purge removes it
 * for good. Over a writer that has no trash it is removed for good at once. `if_version`: only this version, 0 for any.
 * NOT_FOUND (also for one that is in the trash), PRECONDITION, UNAUTHENTICATED.
 */
TODO_API todo_status todo_commands_remove(todo_commands *commands, const todo_call *call,
                                          const todo_uuid *user, const todo_uuid *id, int64_t if_version,
                                          todo_error *error);

/**
 * Removes a todo for good, whether it is in the trash or not. `if_version`: only this version, 0 for any.
 * NOT_FOUND, PRECONDITION, UNAUTHENTICATED.
 */
TODO_API todo_status todo_commands_erase(todo_commands *commands, const todo_call *call,
                                         const todo_uuid *user, const todo_uuid *id, int64_t if_version,
                                         todo_error *error);

/**
 * Takes a todo out of the trash. `if_version`: only the version that it has there, 0 for any. The caller owns the
 * reference in `ret_item`.
 * NOT_FOUND when it is not in the trash of `user`, PRECONDITION, UNAUTHENTICATED, UNSUPPORTED (the writer has no trash).
 */
TODO_API todo_status todo_commands_restore(todo_commands *commands, const todo_call *call,
                                           const todo_uuid *user, const todo_uuid *id, int64_t if_version,
                                           const todo_item **ret_item, todo_error *error);

/**
 * Removes for good what was moved to the trash before `deleted_before`, of one user or (`user` NULL) of all, with the files
 * that were attached to it: at most `limit` todos (0: TODO_PURGE_MAX) in one transaction, so that a large trash does not
 * keep others waiting. `ret_purged` becomes how many; call it again until that is less than the limit.
 * INVALID ("limit_invalid") for a limit above TODO_PURGE_MAX, UNSUPPORTED (the writer has no trash).
 */
TODO_API todo_status todo_commands_purge(todo_commands *commands, const todo_call *call,
                                         const todo_uuid *user, todo_time deleted_before, uint32_t limit,
                                         uint32_t *ret_purged, todo_error *error);

/**
 * Opens an account; the password is hashed with the strongest scheme of crypt(3), which takes 0.1 to 0.3 s.
 * The caller owns the reference in `ret_user`.
 * INVALID ("email_empty", "email_invalid", "email_too_long", "password_too_short", "password_too_long",
 * "display_name_too_long", "utf8_invalid"), CONFLICT ("email_exists"), RATE_LIMITED ("hash_queue_full").
 */
TODO_API todo_status todo_commands_register(todo_commands *commands, const todo_call *call,
                                            const todo_registration *registration, const todo_user **ret_user,
                                            todo_error *error);

/**
 * Checks an e-mail and a password. An unknown e-mail takes as long as a wrong password and gives the same error.
 * A hash of an older scheme is replaced by one of the strongest. The caller owns the reference in `ret_user`.
 * UNAUTHENTICATED ("invalid_credentials"), RATE_LIMITED ("hash_queue_full").
 */
TODO_API todo_status todo_commands_login(todo_commands *commands, const todo_call *call, const char *email,
                                         const char *password, const todo_user **ret_user, todo_error *error);

/** Sets a user's password. NOT_FOUND; INVALID and RATE_LIMITED as todo_commands_register. */
TODO_API todo_status todo_commands_set_password(todo_commands *commands, const todo_call *call,
                                                const todo_uuid *user, const char *password,
                                                todo_error *error);

/** Removes a user with everything that is theirs. NOT_FOUND. */
TODO_API todo_status todo_commands_remove_user(todo_commands *commands, const todo_call *call,
                                               const todo_uuid *user, todo_error *error);

TODO_END_DECLS

#endif
