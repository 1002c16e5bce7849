#include "adapters/postgres/seen.h"

#include <pthread.h>
#include <string.h>

#include "util/alloc.h"
#include "util/guard.h"
#include "util/monotonic.h"

#define SETS  4096u
#define WAYS  4u
#define LOCKS 64u
#define STRICT \
    60000000 /* microseconds for which a set that forgot a user lets no standby answer for unknown ones */

typedef struct entry {
    todo_uuid user;
    todo_sequence sequence; /* of epoch 0: the entry is free */
} entry;

/* The entry noted last is first. */
typedef struct set {
    entry entries[WAYS];
    int64_t strict_until;
} set;

struct todo__pg_seen {
    pthread_mutex_t locks[LOCKS];
    set sets[SETS];
};

todo__pg_seen *todo__pg_seen_new(void)
{
    todo__pg_seen *seen = todo__calloc(1, sizeof(*seen));

    for (unsigned i = 0; seen != NULL && i < LOCKS; i++)
        pthread_mutex_init(&seen->locks[i], NULL);
    return seen;
}

void todo__pg_seen_free(todo__pg_seen *seen)
{
    for (unsigned i = 0; seen != NULL && i < LOCKS; i++)
        pthread_mutex_destroy(&seen->locks[i]);
    todo__free(seen);
}

static unsigned index_of(const todo_uuid *user)
{
    uint64_t halves[2];

    memcpy(halves, user->bytes, sizeof(halves));
    /* Fibonacci hashing: the bits that vary least in ids come to matter too. */
    return (unsigned)(((halves[0] ^ halves[1]) * UINT64_C(0x9E3779B97F4A7C15)) >> 52);
}

/* The user's entry, or the last one. */
static unsigned find(const set *here, const todo_uuid *user)
{
    unsigned at = 0;

    while (at < WAYS - 1 && todo_uuid_compare(&here->entries[at].user, user) != 0)
        at++;
    return at;
}

void todo__pg_seen_note(todo__pg_seen *seen, const todo_uuid *user, const todo_sequence *sequence)
{
    unsigned index, at;
    entry noted = {*user, *sequence};
    set *here;

    if (seen == NULL || sequence->epoch == 0)
        return;
    index = index_of(user);
    here = &seen->sets[index];
    pthread_mutex_lock(&seen->locks[index % LOCKS]);
    at = find(here, user);
    if (todo_uuid_compare(&here->entries[at].user, user) != 0) {
        if (here->entries[at].sequence.epoch != 0)
            here->strict_until = todo__monotonic_us() + STRICT;
    } else if (todo_sequence_compare(&here->entries[at].sequence, sequence) > 0) {
        noted = here->entries[at];
    }
    memmove(&here->entries[1], &here->entries[0], at * sizeof(noted));
    here->entries[0] = noted;
    pthread_mutex_unlock(&seen->locks[index % LOCKS]);
}

bool todo__pg_seen_demand(todo__pg_seen *seen, const todo_uuid *user, todo_sequence *ret_sequence)
{
    unsigned index = index_of(user), at;
    const set *here = &seen->sets[index];
    bool known = true;

    *ret_sequence = (todo_sequence){0, 0};
    if (!todo__guarded("seen"))
        return true;
    pthread_mutex_lock(&seen->locks[index % LOCKS]);
    at = find(here, user);
    if (todo_uuid_compare(&here->entries[at].user, user) == 0)
        *ret_sequence = here->entries[at].sequence;
    else
        known = here->strict_until == 0 || todo__monotonic_us() >= here->strict_until;
    pthread_mutex_unlock(&seen->locks[index % LOCKS]);
    return known;
}
