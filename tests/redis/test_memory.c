/*
 * Every allocation of the library failed in turn while the Redis cache works: no crash, no leak, and never an older
 * state after a newer one.
 */
#include "testing.h"

#include "redis_testing.h"

#include "failing_memory.h"

#include "adapters/redis/cache.h"

/* A change, or a read, of the todo fake_id(1), which has version 1 before. */
typedef void (*operation)(todo_cache *cache, const todo_uuid *id);

static void make_change(todo_cache *cache, const todo_uuid *id)
{
    tell(cache, id, commit(id));
}

static void make_batch(todo_cache *cache, const todo_uuid *id)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_item items[3];
    const todo_item *pointers[3];

    for (uint8_t i = 0; i < 3; i++) {
        todo_uuid each = fake_id(i + 1);
        uint64_t number = commit(&each);

        items[i] = (todo_item){.id = each, .user_id = fake_id(101), .title = "milk", .description = "0"};
        items[i].version = items[i].modseq = (int64_t)number;
        pointers[i] = &items[i];
    }
    (void)id;
    items[0].description = "2";
    change.user = fake_id(101);
    change.sequence = (todo_sequence){DATABASE_EPOCH, database.number};
    change.count = change.item_count = 3;
    change.items = pointers;
    todo_cache_note_change(cache, NULL, &change, NULL);
}

static void remove_todo(todo_cache *cache, const todo_uuid *id)
{
    tell_removal(cache, id, commit_removal(id));
}

static void doubt(todo_cache *cache, const todo_uuid *id)
{
    commit(id);
    tell_doubt(cache);
}

/* A cache without memory is no reason to fail. */
static void load(todo_cache *cache, const todo_uuid *id)
{
    assert_int_equal(version_in(cache, id), database.versions[1]);
}

/* The operation with its n-th allocation failed. True when none was left to fail. */
static bool fails_at(operation operate, long n, bool for_good)
{
    todo_uuid id = fake_id(1);
    todo_cache *cache = patient_cache_at(redis_url("", ""));
    bool failed;

    database_reset();
    change(cache, &id);
    failing_memory_arm(FAILING_LIBRARY, n, for_good);
    operate(cache, &id);
    failed = failing_memory_disarm();
    if (database.number > 1)
        assert_int_not_equal(held_version(cache, &id), 1);
    assert_int_equal(version_in(cache, &id), database.versions[1]);
    todo_cache_unref(cache);
    raw_do("FLUSHALL");
    return !failed;
}

static void fail_each(operation operate)
{
    for (int for_good = 0; for_good < 2; for_good++) {
        long alive = failing_memory_alive();
        long n = 0;

        while (!fails_at(operate, n, for_good))
            n++;
        assert_in_range(n, 1, 1000);
        assert_int_equal(failing_memory_alive(), alive);
    }
}

static void a_change_without_memory_leaves_nothing_older_behind(void **state)
{
    (void)state;
    fail_each(make_change);
}

static void a_batch_without_memory_leaves_nothing_older_behind(void **state)
{
    (void)state;
    fail_each(make_batch);
}

static void a_removal_without_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    fail_each(remove_todo);
}

static void a_doubt_without_memory_is_one(void **state)
{
    (void)state;
    fail_each(doubt);
}

static void a_read_without_memory_still_reads(void **state)
{
    (void)state;
    fail_each(load);
}

/* Lists, changes and lists again with the n-th allocation failed. True when none was left to fail. */
static bool list_fails_at(long n, bool for_good)
{
    todo_uuid id = fake_id(1);
    todo_cache *cache =
        cache_with((todo__redis_options){.local_bytes = 1024 * 1024, .listen = true, .replicated = true});
    int64_t sum;
    bool failed;

    database_reset();
    EVENTUALLY(atomic_load(&stats_of(cache)->listening));
    commit(&id);
    failing_memory_arm(FAILING_LIBRARY, n, for_good);
    assert_int_equal(list_for(cache, NULL, NULL, NULL), 1);
    tell(cache, &id, commit(&id));
    list_for(cache, NULL, NULL, &sum);
    assert_int_equal(sum, 2);
    failed = failing_memory_disarm();
    list_for(cache, NULL, NULL, &sum);
    assert_int_equal(sum, 2);
    todo_cache_unref(cache);
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

static void flush(todo_cache *cache, const todo_uuid *id)
{
    (void)id;
    todo__redis_flush(cache, NULL, NULL, NULL);
}

static void a_flush_without_memory_leaves_nothing_of_the_library_behind(void **state)
{
    (void)state;
    fail_each(flush);
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
        cmocka_unit_test(a_change_without_memory_leaves_nothing_older_behind),
        cmocka_unit_test(a_batch_without_memory_leaves_nothing_older_behind),
        cmocka_unit_test(a_removal_without_memory_leaves_nothing_behind),
        cmocka_unit_test(a_doubt_without_memory_is_one),
        cmocka_unit_test(a_read_without_memory_still_reads),
        cmocka_unit_test(a_list_without_memory_is_read_and_never_an_older_one),
        cmocka_unit_test(a_flush_without_memory_leaves_nothing_of_the_library_behind),
        cmocka_unit_test(a_cache_without_memory_is_not_made),
    };

    failing_memory_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
