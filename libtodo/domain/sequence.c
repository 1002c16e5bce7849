#include <todo/call.h>

#include <string.h>

#include "util/entry.h"
#include "util/hex.h"

/* The text is two numbers of 16 hexadecimal digits, so that it is ordered as the sequences of one user are. */
#define DIGITS 16

static void put_hex(char *text, uint64_t number)
{
    for (int i = DIGITS; i-- > 0; number >>= 4)
        text[i] = "0123456789abcdef"[number & 0x0F];
}

void todo_sequence_format(const todo_sequence *sequence, char *text)
{
    if (sequence == NULL || text == NULL)
        return;
    put_hex(text, sequence->epoch);
    text[DIGITS] = '-';
    put_hex(text + DIGITS + 1, sequence->number);
    text[2 * DIGITS + 1] = '\0';
}

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

todo_status todo_sequence_parse(const char *text, todo_sequence *ret_sequence, todo_error *error)
{
    todo_sequence sequence;

    if (!todo__given(error, ret_sequence))
        return TODO_ERR_INVALID;
    if (text == NULL || strnlen(text, TODO_SEQUENCE_TEXT_SIZE) != TODO_SEQUENCE_TEXT_SIZE - 1 ||
        text[DIGITS] != '-' || !parse_hex(text, &sequence.epoch) ||
        !parse_hex(text + DIGITS + 1, &sequence.number))
        return todo_error_set(error, TODO_ERR_INVALID, "consistency_token_invalid", NULL,
                              "not a consistency token");
    *ret_sequence = sequence;
    return TODO_OK;
}

int todo_sequence_compare(const todo_sequence *a, const todo_sequence *b)
{
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}
