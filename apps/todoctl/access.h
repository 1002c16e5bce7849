/*
 * How commands get at the store and at what is in it. Functions that return
 * an int return 0, or an exit code after a line on stderr.
 */
#ifndef TODOCTL_ACCESS_H
#define TODOCTL_ACCESS_H

#include "command.h"

/* The settings of the store, kept until they are wiped. */
typedef struct store_settings {
    config_value store, reader, cache;
    const char *path; /* of the embedded store's file; NULL for another store or one in memory */
    bool embedded;
    todo_store_options options; /* points into the above */
} store_settings;

/* Finds the settings, which the caller wipes. False: there is none to wipe, and `problem` says why. */
bool store_settings_find(const ctl_context *context, store_settings *ret_settings, char *problem,
                         size_t size);
void store_settings_wipe(store_settings *settings);

/* Opens the store into `context->store` as it is, without applying a migration. */
int access_open_raw(ctl_context *context, todo_store_mode mode);

/* The same to read; if there is no embedded store, an empty one in memory. */
int access_open_or_none(ctl_context *context);

/*
 * Opens the store for use: TODO_STORE_READ for a command that changes nothing, else TODO_STORE_EXISTING. A store that lacks
 * a migration is refused: todoctl migrate applies it.
 */
int access_open(ctl_context *context, todo_store_mode mode);

/* Ends a command that succeeded: whether what it read of an embedded store was right. */
int access_finish(ctl_context *context);

/*
 * For a command whose one call takes as long as there is much to do: from now on calls have a day, unless --timeout says
 * otherwise. Before the store is opened.
 */
void access_allow_long(ctl_context *context);

/* A call with the deadline of --timeout from now. */
todo_call access_call(const ctl_context *context);

/* The user of an e-mail or an id; the caller owns the reference. Opens nothing. */
int access_user(ctl_context *context, const char *who, const todo_user **ret_user);

/* The user whose todos a command is about: that of --user, which may be NULL, else the one of the settings. */
int access_owner(ctl_context *context, const char *option, const todo_user **ret_user);

/* Ids of users, gathered before their todos are read, which would need another connection meanwhile. */
typedef struct access_ids {
    todo_uuid *ids; /* the caller frees them */
    size_t count;
    size_t room;
} access_ids;

void access_add_id(access_ids *users, const todo_uuid *id);
int access_all_users(ctl_context *context, access_ids *users);

/* Asks before something is destroyed: --yes answers, else the terminal has to; without either it is refused. */
int access_confirm(const ctl_context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
