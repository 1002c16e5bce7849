/* Waiting for a word to change: one system call for who waits and one for who wakes, and no lock in between. */
#ifndef TODO_UTIL_FUTEX_H
#define TODO_UTIL_FUTEX_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/monotonic.h"

/* Sleeps while the word has this value, until `deadline` (CLOCK_MONOTONIC in microseconds); may wake for no reason. */
static inline void todo__futex_wait(atomic_uint *word, unsigned value, int64_t deadline)
{
    struct timespec until = todo__monotonic_timespec(deadline);

    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value, &until, NULL, FUTEX_BITSET_MATCH_ANY);
}

/* Wakes the one that sleeps. The word may be gone already: then nobody sleeps there, or somebody wakes for no reason. */
static inline void todo__futex_wake(atomic_uint *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

#endif
