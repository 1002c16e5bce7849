/*
 * Memory that runs out at a chosen moment: allocators for the library and for SQLite which count what is alive and can
 * be told to fail. One thread only.
 */
#ifndef TODO_TESTS_FAILING_MEMORY_H
#define TODO_TESTS_FAILING_MEMORY_H

#include <stdbool.h>

/* Which allocations are counted and can fail. */
typedef enum failing_memory_of { FAILING_LIBRARY, FAILING_SQLITE } failing_memory_of;

/* Sets both allocators. Before anything else is done with the library or with SQLite. */
void failing_memory_install(void);

/*
 * Lets `countdown` more allocations pass, then fails: the next one only, or, with `for_good`, all that follow.
 * Allocations of the other kind are not touched.
 */
void failing_memory_arm(failing_memory_of which, long countdown, bool for_good);

/* Lets every allocation pass again. Whether any failed since it was armed. */
bool failing_memory_disarm(void);

/* How many allocations of the library are alive. */
long failing_memory_alive(void);

#endif
