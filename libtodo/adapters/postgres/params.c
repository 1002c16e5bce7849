#include "adapters/postgres/params.h"

#include <endian.h>
#include <string.h>

#define EPOCH          INT64_C(946684800000000)     /* 2000-01-01 in Unix microseconds */
#define MIN_TIMESTAMP  INT64_C(-211813488000000000) /* PostgreSQL's own limits, from its epoch */
#define END_TIMESTAMP  INT64_C(9223371331200000000)
#define PLUS_INFINITY  INT64_MAX
#define MINUS_INFINITY INT64_MIN

const int todo__pg_binary[TODO__PG_PARAMS_MAX] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

void todo__pg_put32(uint8_t *target, uint32_t value)
{
    value = htobe32(value);
    memcpy(target, &value, sizeof(value));
}

void todo__pg_put64(uint8_t *target, uint64_t value)
{
    value = htobe64(value);
    memcpy(target, &value, sizeof(value));
}

uint64_t todo__pg_get64(const uint8_t *source)
{
    uint64_t value;

    memcpy(&value, source, sizeof(value));
    return be64toh(value);
}

int64_t todo__pg_from_time(todo_time time)
{
    if (time < MIN_TIMESTAMP + EPOCH)
        return MINUS_INFINITY;
    return time - EPOCH < END_TIMESTAMP ? time - EPOCH : PLUS_INFINITY;
}

todo_time todo__pg_to_time(int64_t value)
{
    if (value == MINUS_INFINITY)
        return INT64_MIN;
    return value > INT64_MAX - EPOCH ? INT64_MAX : value + EPOCH;
}

void todo__pg_add_bytes(todo__pg_params *params, const void *bytes, size_t length)
{
    params->values[params->count] = bytes;
    params->lengths[params->count] = (int)length;
    params->count++;
}

void todo__pg_add_null(todo__pg_params *params)
{
    todo__pg_add_bytes(params, NULL, 0);
}

void todo__pg_add_uuid(todo__pg_params *params, const todo_uuid *uuid)
{
    todo__pg_add_bytes(params, uuid->bytes, sizeof(uuid->bytes));
}

void todo__pg_add_text(todo__pg_params *params, const char *text)
{
    todo__pg_add_bytes(params, text, text != NULL ? strlen(text) : 0);
}

void todo__pg_add_bool(todo__pg_params *params, bool value)
{
    uint8_t *number = params->numbers[params->count];

    number[0] = value;
    todo__pg_add_bytes(params, number, 1);
}

void todo__pg_add_int(todo__pg_params *params, int64_t value)
{
    uint8_t *number = params->numbers[params->count];

    todo__pg_put64(number, (uint64_t)value);
    todo__pg_add_bytes(params, number, sizeof(value));
}

void todo__pg_add_time(todo__pg_params *params, todo_time time)
{
    todo__pg_add_int(params, todo__pg_from_time(time));
}
