#include "adapters/postgres/positions.h"

#include <stdatomic.h>
#include <string.h>

#include "domain/consistency.h"
#include "util/alloc.h"
#include "util/guard.h"

#define ENTRIES 4096u /* 32 KiB */

struct todo__pg_positions {
    atomic_uint_least64_t entries[ENTRIES];
};

todo__pg_positions *todo__pg_positions_new(void)
{
    return todo__calloc(1, sizeof(todo__pg_positions));
}

void todo__pg_positions_free(todo__pg_positions *positions)
{
    todo__free(positions);
}

static atomic_uint_least64_t *entry_of(todo__pg_positions *positions, const todo_uuid *user)
{
    uint64_t halves[2];

    memcpy(halves, user->bytes, sizeof(halves));
    /* Fibonacci hashing: the bits that vary least in ids come to matter too. */
    return &positions->entries[((halves[0] ^ halves[1]) * UINT64_C(0x9E3779B97F4A7C15)) >> 52];
}

void todo__pg_positions_note(todo__pg_positions *positions, const todo_call *call, const todo_uuid *user,
                             uint64_t position)
{
    atomic_uint_least64_t *entry;
    uint_least64_t known;

    if (positions == NULL)
        return;
    entry = entry_of(positions, user);
    known = atomic_load_explicit(entry, memory_order_relaxed);
    while (known < position && !atomic_compare_exchange_weak(entry, &known, position))
        continue;
    todo__consistency_give(call, position);
}

uint64_t todo__pg_positions_needed(todo__pg_positions *positions, const todo_call *call,
                                   const todo_uuid *user)
{
    uint64_t own, brought;

    if (positions == NULL || !todo__guarded("position"))
        return 0;
    own = atomic_load(entry_of(positions, user));
    brought = todo__consistency_position(call);
    return own > brought ? own : brought;
}
