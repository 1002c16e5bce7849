/* What the commands share. */
#ifndef TODO_USECASES_COMMANDS_H
#define TODO_USECASES_COMMANDS_H

#include <todo/commands.h>

#include "password/password.h"
#include "util/entry.h"
#include "util/gate.h"

struct todo_commands {
    todo_writer *writer;
    todo_users *users; /* NULL: the account commands are unsupported */
    todo_clock *clock; /* NULL: the system's clock */
    todo__gate hashing;
};

/* UNSUPPORTED when there is no users port, INVALID when there are no commands. */
todo_status todo__commands_need_users(const todo_commands *commands, todo_error *error);

/* Waits, within the call's deadline, for one's turn at what few may do at a time; OK: todo__commands_end_hashing ends it. */
todo_status todo__commands_begin_hashing(todo_commands *commands, const todo_call *call, todo_error *error);
void todo__commands_end_hashing(todo_commands *commands, const todo_call *call);

/* Hashes a password in its turn. */
todo_status todo__commands_hash(todo_commands *commands, const todo_call *call, const char *password,
                                char ret_hash[TODO__PASSWORD_HASH_SIZE], todo_error *error);

#endif
