#include "failing_memory.h"

#include "testing.h"

#include <malloc.h>
#include <stdlib.h>

#include <sqlite3.h>

#include <todo/alloc.h>

static struct {
    bool armed, for_good, failed;
    failing_memory_of which;
    long countdown;
    long alive;
} memory;

static bool fails(failing_memory_of which)
{
    if (!memory.armed || memory.which != which || (memory.failed && !memory.for_good))
        return false;
    if (memory.countdown-- > 0)
        return false;
    memory.failed = true;
    memory.countdown = 0;
    return true;
}

static void *library_allocate(void *arg, size_t size)
{
    void *pointer = fails(FAILING_LIBRARY) ? NULL : malloc(size);

    (void)arg;
    memory.alive += pointer != NULL;
    return pointer;
}

static void *library_reallocate(void *arg, void *pointer, size_t size)
{
    void *moved = fails(FAILING_LIBRARY) ? NULL : realloc(pointer, size);

    (void)arg;
    memory.alive += moved != NULL && pointer == NULL;
    return moved;
}

static void library_release(void *arg, void *pointer)
{
    (void)arg;
    memory.alive--;
    free(pointer);
}

static void *sqlite_malloc(int size)
{
    return fails(FAILING_SQLITE) ? NULL : malloc((size_t)size);
}

static void *sqlite_realloc(void *pointer, int size)
{
    return fails(FAILING_SQLITE) ? NULL : realloc(pointer, (size_t)size);
}

static int sqlite_size(void *pointer)
{
    return (int)malloc_usable_size(pointer);
}

static int sqlite_roundup(int size)
{
    return (size + 7) & ~7;
}

static int sqlite_init(void *arg)
{
    (void)arg;
    return SQLITE_OK;
}

static void sqlite_shutdown(void *arg)
{
    (void)arg;
}

void failing_memory_install(void)
{
    static const todo_allocator allocator = {sizeof(allocator), library_allocate, library_reallocate,
                                             library_release, NULL};
    static const sqlite3_mem_methods methods = {sqlite_malloc,  free,        sqlite_realloc,  sqlite_size,
                                                sqlite_roundup, sqlite_init, sqlite_shutdown, NULL};

    assert_int_equal(todo_set_allocator(&allocator, NULL), TODO_OK);
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
}

void failing_memory_arm(failing_memory_of which, long countdown, bool for_good)
{
    memory.armed = true;
    memory.which = which;
    memory.countdown = countdown;
    memory.for_good = for_good;
    memory.failed = false;
}

bool failing_memory_disarm(void)
{
    memory.armed = false;
    return memory.failed;
}

long failing_memory_alive(void)
{
    return memory.alive;
}
