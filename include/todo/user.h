/**
 * @file user.h
 * A user account. The password's hash is kept where callers do not see it (port/build.h has it for implementers).
 */
#ifndef TODO_USER_H
#define TODO_USER_H

#include <todo/call.h>

TODO_BEGIN_DECLS

#define TODO_EMAIL_MAX          254u /**< bytes (RFC 5321, 4.5.3.1.3 less the brackets) */
#define TODO_DISPLAY_NAME_MAX   200u /**< characters */
#define TODO_PASSWORD_MIN       8u   /**< characters */
#define TODO_PASSWORD_MAX_BYTES 511u /**< bytes; what crypt(3) takes */

/** A user. Made by the library only, immutable, reference-counted; new members are appended at the end. */
typedef struct todo_user {
    const void *reserved;     /**< the library's own; never touch it */
    todo_uuid id;             /**< never used again, for whomever */
    const char *email;        /**< trimmed, in NFKC and lower case */
    const char *display_name; /**< NULL when there is none */
    todo_time created_at;     /**< when the account was opened */
} todo_user;

/** As todo_item_ref. Thread-safe. */
TODO_API const todo_user *todo_user_ref(const todo_user *user);

/** As todo_item_unref. Thread-safe. */
TODO_API void todo_user_unref(const todo_user *user);

/** Called once for each user, in the thread that asked. The user is borrowed. As todo_item_visit. */
typedef todo_status (*todo_user_visit)(void *arg, const todo_user *user);

/** What a person says to open an account. The strings are only read during the call. */
typedef struct todo_registration {
    size_t size;              /**< sizeof(todo_registration) as the caller compiled it */
    const char *email;        /**< required */
    const char *password;     /**< required, clear text */
    const char *display_name; /**< NULL for none */
} todo_registration;

/** An initializer: every member at its default. */
#define TODO_REGISTRATION_INIT                      \
    {                                               \
        sizeof(todo_registration), NULL, NULL, NULL \
    }

/** Sets every member to its default. `size` is sizeof(todo_registration) as the caller compiled it. */
TODO_API void todo_registration_init(todo_registration *registration, size_t size);

TODO_END_DECLS

#endif
