/*
 * Every allocation of the library failed in turn while the Redis cache works: no crash, no leak, and never an older
 * state after a newer one.
 */
#include "testing.h"

#include "redis_testing.h"

#include "failing_memory.h"

#include "adapters/redis/cache.h"

typedef void (*operation)(todo_cache *cache, const todo_uuid *id, const todo_item *item);

static void put(todo_cache *cache, const todo_uuid *id, const todo_item *item)
{
    (void)id;
    todo_cache_put(cache, NULL, item, NULL);
}

static void put_many(todo_cache *cache, const todo_uuid *id, const todo_item *item)
{
    const todo_item *const items[] = {item, item, item};

    (void)id;
    todo_cache_put_many(cache, NULL, items, COUNT_OF(items), NULL);
}

static void get(todo_cache *cache, const todo_uuid *id, const todo_item *item)
{
    const todo_item *found = NULL;

    (void)item;
    todo_cache_get(cache, NULL, id, &found, NULL);
    todo_item_unref(found);
}

static todo_status read_item(void *arg, const todo_item **ret_item, todo_error *error)
{
    (void)error;
    *ret_item = todo_item_ref(arg);
    return TODO_OK;
}

static void load(todo_cache *cache, const todo_uuid *id, const todo_item *item)
{
    const todo_item *found = NULL;
    todo_status status = todo_cache_load(cache, NULL, id, read_item, (void *)(uintptr_t)item, &found, NULL);

    assert_int_equal(status, TODO_OK); /* a cache without memory is no reason to fail */
    todo_item_unref(found);
}

static void remove_item(todo_cache *cache, const todo_uuid *id, const todo_item *item)
{
    (void)item;
    todo_cache_remove(cache, NULL, id, NULL);
}

/* The operation with its n-th allocation failed, on a cache that knew version 1 before. True when none was left to fail. */
static bool fails_at(operation operate, long n, bool for_good, bool writes)
{
    todo_uuid id = fake_id(1);
    const todo_item *item = item_of_version(&id, 2);
    todo_cache *cache = patient_cache_at(redis_url("", ""));
    bool failed;
    int64_t version;

    put_version(cache, &id, 1);
    failing_memory_arm(FAILING_LIBRARY, n, for_good);
    operate(cache, &id, item);
    failed = failing_memory_disarm();
    version = held_version(cache, &id);
    if (writes)
        assert_int_not_equal(version, 1);
    todo_cache_unref(cache);
    todo_item_unref(item);
    raw_do("FLUSHALL");
    return !failed;
}

static void fail_each(operation operate, bool writes)
{
    for (int for_good = 0; for_good < 2; for_good++) {
        long alive = failing_memory_alive();
        long n = 0;

        while (!fails_at(operate, n, for_good, writes))
            n++;
        assert_in_range(n, 1, 1000);
        assert_int_equal(failing_memory_alive(), alive);
    }
}

static void a_put_without_memory_leaves_nothing_older_behind(void **state)
{
    (void)state;
    fail_each(put, true);
}

static void a_batch_without_memory_leaves_nothing_older_behind(void **state)
{
    (void)state;
    fail_each(put_many, true);
}

static void a_removal_without_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    fail_each(remove_item, true);
}

static void a_look_without_memory_finds_the_item_or_nothing(void **state)
{
    (void)state;
    fail_each(get, false);
}

static void a_load_without_memory_still_loads(void **state)
{
    (void)state;
    fail_each(load, false);
}

/* The list of a user, whose one todo is at the version that the source says. */
static todo_status read_list(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                             todo_error *error)
{
    (void)call, (void)error;
    return visit(visit_arg, *(const todo_item *const *)arg);
}

static todo_status see(void *arg, const todo_item *item)
{
    *(int64_t *)arg = item->version;
    return TODO_OK;
}

static int64_t listed_version(todo_cache *cache, const todo_item *const *source)
{
    int64_t version = 0;

    /* A cache without memory is no reason to fail. */
    assert_int_equal(todo_cache_list(cache, NULL, &(*source)->user_id, NULL, read_list,
                                     (void *)(uintptr_t)source, see, &version, NULL),
                     TODO_OK);
    return version;
}

/* Lists, changes and lists again with the n-th allocation failed. True when none was left to fail. */
static bool list_fails_at(long n, bool for_good)
{
    todo_uuid id = fake_id(1);
    const todo_item *old = item_of_version(&id, 1), *new = item_of_version(&id, 2), *source = old;
    todo_cache *cache =
        cache_with((todo__redis_options){.local_bytes = 1024 * 1024, .listen = true, .replicated = true});
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    bool failed;

    EVENTUALLY(atomic_load(&stats_of(cache)->listening));
    change.user = old->user_id;
    change.items = &new;
    change.item_count = 1;
    change.sequence = &(todo_sequence){1, 1};
    failing_memory_arm(FAILING_LIBRARY, n, for_good);
    assert_int_equal(listed_version(cache, &source), 1);
    source = new;
    todo_cache_note_change(cache, NULL, &change, NULL);
    assert_int_equal(listed_version(cache, &source), 2);
    failed = failing_memory_disarm();
    assert_int_equal(listed_version(cache, &source), 2);
    todo_cache_unref(cache);
    todo_item_unref(old);
    todo_item_unref(new);
    raw_do("FLUSHALL");
    return !failed;
}

static void a_list_without_memory_is_read_and_never_an_older_one(void **state)
{
    (void)state;
    for (int for_good = 0; for_good < 2; for_good++) {
        long alive = failing_memory_alive();
        long n = 0;

        while (!list_fails_at(n, for_good))
            n++;
        assert_in_range(n, 10, 1000);
        assert_int_equal(failing_memory_alive(), alive);
    }
}

static void flush(todo_cache *cache, const todo_uuid *id, const todo_item *item)
{
    (void)id, (void)item;
    todo__redis_flush(cache, NULL, NULL, NULL);
}

static void a_flush_without_memory_leaves_nothing_of_the_library_behind(void **state)
{
    (void)state;
    fail_each(flush, false);
}

static void a_cache_without_memory_is_not_made(void **state)
{
    long alive = failing_memory_alive();
    bool failed = true;

    (void)state;
    for (long n = 0; failed; n++) {
        const todo__redis_options options = {.url = "redis://user:pass%20word@[::1]:7/3"};
        todo_cache *cache = NULL;
        todo_status status;

        failing_memory_arm(FAILING_LIBRARY, n, false);
        status = todo__redis_cache_new(&options, &cache, NULL);
        failed = failing_memory_disarm();
        assert_int_equal(status, failed ? TODO_ERR_NOMEM : TODO_OK);
        todo_cache_unref(cache);
    }
    assert_int_equal(failing_memory_alive(), alive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_put_without_memory_leaves_nothing_older_behind),
        cmocka_unit_test(a_batch_without_memory_leaves_nothing_older_behind),
        cmocka_unit_test(a_removal_without_memory_leaves_nothing_behind),
        cmocka_unit_test(a_look_without_memory_finds_the_item_or_nothing),
        cmocka_unit_test(a_load_without_memory_still_loads),
        cmocka_unit_test(a_list_without_memory_is_read_and_never_an_older_one),
        cmocka_unit_test(a_flush_without_memory_leaves_nothing_of_the_library_behind),
        cmocka_unit_test(a_cache_without_memory_is_not_made),
    };

    failing_memory_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
