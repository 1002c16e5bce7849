/*
 * The guards of coherence, each of which a test build (meson's -Dbreakable=true) can leave out by the environment
 * variable TODO_TEST_GUARD_OFF: that is how tests/fault/coherence proves that it would notice. In any other build a
 * guard is a constant, and nothing of this is left.
 */
#ifndef TODO_UTIL_GUARD_H
#define TODO_UTIL_GUARD_H

#include <stdbool.h>

#ifdef TODO_BREAKABLE
bool todo__guarded(const char *guard);
/* Waits here for some milliseconds if TODO_TEST_PAUSE names the place: races that are rare become frequent. */
void todo__pause(const char *place);
#else
#define todo__guarded(guard) true
#define todo__pause(place)   ((void)0)
#endif

#endif
