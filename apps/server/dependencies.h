/*
 * Watches what the core depends on: the writer, the reader and the cache. A thread probes them, and the log gets one line
 * when the state of one changes, however many requests meet it.
 */
#ifndef TODO_SERVER_DEPENDENCIES_H
#define TODO_SERVER_DEPENDENCIES_H

#include <todo/store.h>

typedef struct dependencies dependencies;

/* Starts to watch the store, which must outlive the watch. NOMEM, INTERNAL. */
todo_status dependencies_watch(todo_store *store, dependencies **ret_watch, todo_error *error);

/* Ends it; a probe under way is waited for. NULL is fine. */
void dependencies_forget(dependencies *watch);

/*
 * Tries each of them once, for --check: a line on standard error for each that fails. False when the store can't serve, or
 * when an operator has to mend something; a reader or a cache that is only down is no reason.
 */
bool dependencies_try(todo_store *store, const todo_call *call);

#endif
