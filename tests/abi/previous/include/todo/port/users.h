/**
 * @file port/users.h
 * TodoUsers: the port through which accounts are kept. For those who implement or decorate one.
 *
 * Duties of an implementation: as port/reader.h and port/writer.h. A user read by a port carries its password's
 * hash (`todo_user_password_hash` of port/build.h).
 */
#ifndef TODO_PORT_USERS_H
#define TODO_PORT_USERS_H

#include <todo/user.h>

TODO_BEGIN_DECLS

/** A handle on the users: opaque and reference-counted. */
typedef struct todo_users todo_users;

/** An implementation's functions; todo_users_new takes them. Zero-initialize it. */
typedef struct todo_users_ops {
    size_t
        size; /**< sizeof(todo_users_ops) as the implementer compiled it; functions beyond it count as absent */

    /** Releases `self` when the last reference goes. NULL when there is nothing to release. */
    void (*destroy)(void *self);

    /** Stores a new user as it is, hash included. CONFLICT, code "email_exists", when the e-mail is taken. */
    todo_status (*insert)(void *self, const todo_call *call, const todo_user *user, todo_error *error);

    /** The user of this e-mail (compared byte by byte; callers pass it lower-case), or NOT_FOUND. */
    todo_status (*find_by_email)(void *self, const todo_call *call, const char *email,
                                 const todo_user **ret_user, todo_error *error);

    /** The user of this id, or NOT_FOUND. */
    todo_status (*find_by_id)(void *self, const todo_call *call, const todo_uuid *id,
                              const todo_user **ret_user, todo_error *error);

    /** Calls `visit` for each user, oldest first (by created_at, then id). */
    todo_status (*list)(void *self, const todo_call *call, todo_user_visit visit, void *arg,
                        todo_error *error);

    /**
     * Sets the password's hash. With `old_hash` (not NULL) only if that is still the stored one, else CONFLICT:
     * an upgrade of a hash never undoes a change of the password. NOT_FOUND when there is no such user.
     */
    todo_status (*set_password_hash)(void *self, const todo_call *call, const todo_uuid *id,
                                     const char *old_hash, const char *new_hash, todo_error *error);

    /**
     * Removes the user and everything that is theirs, in one transaction. NOT_FOUND when there is none.
     * Calls `removed` (may be NULL) with the id of each todo that goes along, so that caches can forget them; it may
     * do so although the removal fails in the end.
     */
    todo_status (*remove)(void *self, const todo_call *call, const todo_uuid *id, todo_uuid_visit removed,
                          void *arg, todo_error *error);
} todo_users_ops;

/** As todo_reader_new. */
TODO_API todo_status todo_users_new(const todo_users_ops *ops, void *self, todo_users **ret_users,
                                    todo_error *error);

/** As todo_reader_ref. Thread-safe. */
TODO_API todo_users *todo_users_ref(todo_users *users);

/** As todo_reader_unref. Thread-safe. */
TODO_API void todo_users_unref(todo_users *users);

/** Calls `insert` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_users_insert(todo_users *users, const todo_call *call, const todo_user *user,
                                       todo_error *error);

/** Calls `find_by_email` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_users_find_by_email(todo_users *users, const todo_call *call, const char *email,
                                              const todo_user **ret_user, todo_error *error);

/** Calls `find_by_id` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_users_find_by_id(todo_users *users, const todo_call *call, const todo_uuid *id,
                                           const todo_user **ret_user, todo_error *error);

/** Calls `list` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_users_list(todo_users *users, const todo_call *call, todo_user_visit visit,
                                     void *arg, todo_error *error);

/** Calls `set_password_hash` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_users_set_password_hash(todo_users *users, const todo_call *call,
                                                  const todo_uuid *id, const char *old_hash,
                                                  const char *new_hash, todo_error *error);

/** Calls `remove` of the implementation; UNSUPPORTED when it has none. */
TODO_API todo_status todo_users_remove(todo_users *users, const todo_call *call, const todo_uuid *id,
                                       todo_uuid_visit removed, void *arg, todo_error *error);

TODO_END_DECLS

#endif
