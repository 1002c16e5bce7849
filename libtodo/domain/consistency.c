#include "domain/consistency.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/guard.h"
#include "util/hex.h"

/* Two numbers of 16 hexadecimal digits. */
#define DIGITS 16

static bool parse_hex(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;

    for (int i = 0; i < DIGITS; i++) {
        int digit = todo__hex_lower(text[i]);

        if (digit < 0)
            return false;
        number = number << 4 | (uint64_t)digit;
    }
    *ret_number = number;
    return true;
}

todo_status todo__consistency_parse(const char *text, todo__consistency *ret_consistency, todo_error *error)
{
    uint64_t position, at;

    if (strnlen(text, TODO_CONSISTENCY_TOKEN_SIZE) != TODO_CONSISTENCY_TOKEN_SIZE - 1 ||
        text[DIGITS] != '-' || !parse_hex(text, &position) || !parse_hex(text + DIGITS + 1, &at))
        return todo_error_set(error, TODO_ERR_INVALID, "consistency_token_invalid", NULL,
                              "not a consistency token");
    *ret_consistency = (todo__consistency){position, (todo_time)at};
    return TODO_OK;
}

static void write_token(char *token, uint64_t position, todo_time at)
{
    snprintf(token, TODO_CONSISTENCY_TOKEN_SIZE, "%016" PRIx64 "-%016" PRIx64, position, (uint64_t)at);
}

void todo__consistency_give(const todo_call *call, uint64_t position)
{
    if (call != NULL && call->ret_consistency_token != NULL)
        write_token(call->ret_consistency_token, position, todo_time_now());
}

const todo_call *todo__consistency_want(const todo_call *call, todo_call *room, char *token)
{
    if (call != NULL && call->ret_consistency_token != NULL)
        return call;
    *room = call != NULL ? *call : (todo_call)TODO_CALL_INIT;
    room->ret_consistency_token = token;
    token[0] = '\0';
    return room;
}

static todo__consistency asked(const todo_call *call)
{
    todo__consistency consistency = {0, INT64_MIN};

    if (call != NULL && call->consistency_token != NULL)
        (void)todo__consistency_parse(call->consistency_token, &consistency, NULL);
    return consistency;
}

bool todo__consistency_followed(const todo_call *call)
{
    return call != NULL && call->consistency_token != NULL && call->ret_consistency_token != NULL;
}

void todo__consistency_follow(const todo_call *call, uint64_t position, todo_time at)
{
    todo__consistency brought = asked(call);

    if (todo__guarded("follow") && todo__consistency_followed(call))
        write_token(call->ret_consistency_token, position > brought.position ? position : brought.position,
                    at > brought.at ? at : brought.at);
}

bool todo__consistency_young(todo_time at)
{
    return at > todo_time_now() - TODO__COHERENCE_US;
}

uint64_t todo__consistency_position(const todo_call *call)
{
    return asked(call).position;
}

void todo__consistency_raise(todo_call *call, uint64_t position, char *token)
{
    todo__consistency brought = asked(call);

    if (position <= brought.position)
        return;
    write_token(token, position, brought.at > 0 ? brought.at : 0);
    if (call->consistency_token == NULL)
        call->ret_consistency_token = NULL;
    call->consistency_token = token;
}

bool todo__consistency_fresh(const todo_call *call)
{
    todo__consistency consistency = asked(call);

    /* One from the future is of a machine whose clock is ahead. */
    return consistency.at > 0 && todo__consistency_young(consistency.at);
}
