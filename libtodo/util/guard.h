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
#else
#define todo__guarded(guard) true
#endif

#endif
