#include "usecases/commands/commands.h"

#include "domain/call.h"
#include "util/alloc.h"
#include "util/structs.h"

#define HASH_SLOTS 1u
#define HASH_QUEUE 16u

void todo_commands_options_init(todo_commands_options *options, size_t size)
{
    todo__struct_init(options, size);
}

todo_status todo_commands_new(const todo_commands_options *options, todo_commands **ret_commands,
                              todo_error *error)
{
    todo_commands_options known;
    todo_commands *commands;
    todo_status status = todo__struct_take(&known, sizeof(known), options, error);

    if (status != TODO_OK)
        return status;
    if (!todo__given(error, known.writer, ret_commands))
        return TODO_ERR_INVALID;
    commands = todo__calloc(1, sizeof(*commands));
    if (commands == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    commands->writer = todo_writer_ref(known.writer);
    commands->users = todo_users_ref(known.users);
    commands->clock = todo_clock_ref(known.clock);
    todo__gate_init(&commands->hashing, known.hash_slots != 0 ? known.hash_slots : HASH_SLOTS,
                    known.hash_queue != 0 ? known.hash_queue : HASH_QUEUE);
    *ret_commands = commands;
    return TODO_OK;
}

void todo_commands_free(todo_commands *commands)
{
    if (commands == NULL)
        return;
    todo_writer_unref(commands->writer);
    todo_users_unref(commands->users);
    todo_clock_unref(commands->clock);
    todo__gate_destroy(&commands->hashing);
    todo__free(commands);
}

todo_status todo__commands_need_users(const todo_commands *commands, todo_error *error)
{
    if (!todo__given(error, commands))
        return TODO_ERR_INVALID;
    if (commands->users == NULL)
        return todo_error_set(error, TODO_ERR_UNSUPPORTED, "users_missing", NULL, NULL);
    return TODO_OK;
}

todo_status todo__commands_begin_hashing(todo_commands *commands, const todo_call *call, todo_error *error)
{
    todo_call room;
    todo_status status = todo__take_call(&call, &room, error);

    return status == TODO_OK ? todo__gate_enter(&commands->hashing, call, "hash_queue_full", error) : status;
}

void todo__commands_end_hashing(todo_commands *commands, const todo_call *call)
{
    todo_call room;

    if (todo__take_call(&call, &room, NULL) != TODO_OK)
        call = NULL;
    todo__gate_leave(&commands->hashing, call);
}

todo_status todo__commands_hash(todo_commands *commands, const todo_call *call, const char *password,
                                char ret_hash[TODO__PASSWORD_HASH_SIZE], todo_error *error)
{
    todo_status status = todo__commands_begin_hashing(commands, call, error);

    if (status != TODO_OK)
        return status;
    status = todo__password_hash(password, ret_hash, error);
    todo__commands_end_hashing(commands, call);
    return status;
}
