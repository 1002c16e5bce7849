/* The adapters from outside: todo_store_register. */
#include "adapters/registered.h"

#include <pthread.h>
#include <string.h>

#include "ports/port.h"
#include "util/alloc.h"
#include "util/structs.h"

typedef struct registered {
    struct registered *next;
    todo_store_ops ops;
    char scheme[TODO__SCHEME_MAX];
} registered;

/* Entries are never removed, so that one that was found may be used without the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static registered *first;

static void no_close(void *self)
{
    (void)self;
}

static todo_status no_migrate(void *self, const todo_call *call, uint32_t *ret_applied, todo_error *error)
{
    (void)self, (void)call, (void)error;
    if (ret_applied != NULL)
        *ret_applied = 0;
    return TODO_OK;
}

static todo_status no_migrations(void *self, const todo_call *call, todo_migration_visit visit, void *arg,
                                 todo_error *error)
{
    (void)self, (void)call, (void)visit, (void)arg, (void)error;
    return TODO_OK;
}

static todo_status no_revert(void *self, const todo_call *call, const todo_revert_options *options,
                             todo_migration_visit visit, void *arg, todo_error *error)
{
    (void)self, (void)call, (void)options, (void)visit, (void)arg;
    return todo__port_unsupported(error);
}

static todo_status no_probe(void *self, const todo_call *call, todo_store_part_visit visit, void *arg,
                            todo_error *error)
{
    (void)self, (void)call, (void)visit, (void)arg, (void)error;
    return TODO_OK;
}

static todo_status no_check(void *self, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                            todo_error *error)
{
    (void)self, (void)call, (void)visit, (void)arg;
    return todo__port_unsupported(error);
}

static todo_status no_vacuum(void *self, const todo_call *call, todo_error *error)
{
    (void)self, (void)call;
    return todo__port_unsupported(error);
}

static void complete(todo_store_ops *ops)
{
    ops->close = ops->close != NULL ? ops->close : no_close;
    ops->migrate = ops->migrate != NULL ? ops->migrate : no_migrate;
    ops->migrations = ops->migrations != NULL ? ops->migrations : no_migrations;
    ops->revert = ops->revert != NULL ? ops->revert : no_revert;
    ops->probe = ops->probe != NULL ? ops->probe : no_probe;
    ops->check = ops->check != NULL ? ops->check : no_check;
    ops->vacuum = ops->vacuum != NULL ? ops->vacuum : no_vacuum;
}

static const registered *find(const char *scheme)
{
    const registered *entry = first;

    while (entry != NULL && strcmp(entry->scheme, scheme) != 0)
        entry = entry->next;
    return entry;
}

const todo_store_ops *todo__registered(const char *scheme)
{
    const registered *entry;

    pthread_mutex_lock(&lock);
    entry = find(scheme);
    pthread_mutex_unlock(&lock);
    return entry != NULL ? &entry->ops : NULL;
}

static bool is_scheme(const char *scheme)
{
    size_t length = strspn(scheme, "abcdefghijklmnopqrstuvwxyz0123456789");

    return scheme[0] >= 'a' && scheme[length] == '\0' && length < TODO__SCHEME_MAX;
}

/* Puts an entry into the list if its scheme is free. */
static bool add(registered *entry)
{
    bool is_free;

    pthread_mutex_lock(&lock);
    is_free = find(entry->scheme) == NULL;
    if (is_free) {
        entry->next = first;
        first = entry;
    }
    pthread_mutex_unlock(&lock);
    return is_free;
}

todo_status todo_store_register(const char *scheme, const todo_store_ops *ops, todo_error *error)
{
    todo_store_ops known;
    todo_status status = TODO_ERR_INVALID;
    registered *entry;

    if (todo__given(error, scheme, ops))
        status = todo__ops_take(&known, sizeof(known), ops, error);
    if (status != TODO_OK)
        return status;
    if (known.open == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", "open", NULL);
    if (!is_scheme(scheme))
        return todo_error_set(error, TODO_ERR_INVALID, "scheme_invalid", "scheme",
                              "a scheme is 1 to 31 lower-case letters and digits, a letter first");
    entry = todo__calloc(1, sizeof(*entry));
    if (entry == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    complete(&known);
    entry->ops = known;
    strcpy(entry->scheme, scheme);
    if (!todo__scheme_is_own(scheme) && add(entry))
        return TODO_OK;
    todo__free(entry);
    return todo_error_set(error, TODO_ERR_CONFLICT, "scheme_taken", "scheme",
                          "there is an adapter for this scheme already");
}
