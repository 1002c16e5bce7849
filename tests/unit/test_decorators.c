#include "testing.h"

#include <stdio.h>

#include "fakes.h"

#include <todo/port/decorators.h>

/* A store with one user's item of id 1, and an empty cache. */
typedef struct fixture {
    fake_store store;
    fake_store other; /* a second store: the primary behind a replica */
    fake_cache cache;
    todo_uuid ann, bob, id;
    todo_reader *store_reader;
    todo_writer *store_writer;
    todo_cache *cache_handle;
    todo_reader *reader; /* the cached reader */
    todo_writer *writer; /* the caching writer */
} fixture;

static void add(fake_store *store, const todo_uuid *user, const todo_uuid *id, const char *title)
{
    todo_writer *writer = fake_store_writer(store);
    const todo_item *item = fake_item(user, id, title);

    assert_int_equal(todo_writer_insert(writer, NULL, &item, 1, NULL), TODO_OK);
    todo_item_unref(item);
    todo_writer_unref(writer);
}

static int set_up(void **state)
{
    static fixture fx;

    memset(&fx, 0, sizeof(fx));
    fake_store_init(&fx.store);
    fake_store_init(&fx.other);
    fake_cache_init(&fx.cache);
    fx.ann = fake_id(101);
    fx.bob = fake_id(102);
    fx.id = fake_id(1);
    fake_store_add_user(&fx.store, &fx.ann);
    fake_store_add_user(&fx.store, &fx.bob);
    fake_store_add_user(&fx.other, &fx.ann);
    add(&fx.store, &fx.ann, &fx.id, "milk");
    fx.store_reader = fake_store_reader(&fx.store);
    fx.store_writer = fake_store_writer(&fx.store);
    fx.cache_handle = fake_cache_handle(&fx.cache);
    assert_int_equal(todo_cached_reader_new(fx.store_reader, fx.cache_handle, &fx.reader, NULL), TODO_OK);
    assert_int_equal(todo_caching_writer_new(fx.store_writer, fx.cache_handle, &fx.writer, NULL), TODO_OK);
    *state = &fx;
    return 0;
}

static int tear_down(void **state)
{
    fixture *fx = *state;

    todo_reader_unref(fx->reader);
    todo_writer_unref(fx->writer);
    todo_reader_unref(fx->store_reader);
    todo_writer_unref(fx->store_writer);
    todo_cache_unref(fx->cache_handle);
    fake_store_clear(&fx->store);
    fake_store_clear(&fx->other);
    fake_cache_clear(&fx->cache);
    return 0;
}

static void assert_reads(todo_reader *reader, const todo_uuid *user, const todo_uuid *id, const char *title)
{
    const todo_item *item = NULL;

    assert_int_equal(todo_reader_get(reader, NULL, user, id, &item, NULL), TODO_OK);
    assert_string_equal(item->title, title);
    todo_item_unref(item);
}

static void retitle(todo_writer *writer, fixture *fx, const char *title)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;

    patch.title = (todo_patch_text){TODO_VALUE, title};
    assert_int_equal(todo_writer_update(writer, NULL, &fx->ann, &fx->id, &patch, 2000000, &item, NULL),
                     TODO_OK);
    todo_item_unref(item);
}

static void second_read_comes_from_the_cache(void **state)
{
    fixture *fx = *state;

    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(fx->store.gets, 1);
    assert_int_equal(fx->cache.puts, 1);
}

static void what_is_held_for_one_user_is_not_found_for_another(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;
    todo_error error = TODO_ERROR_INIT;

    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->bob, &fx->id, &item, &error), TODO_ERR_NOT_FOUND);
    assert_null(item);
    assert_int_equal(fx->store.gets, 2); /* which says whether there is such a user */
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(fx->store.gets, 2);
}

static void what_is_not_there_is_not_held(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;

    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->bob, &fx->id, &item, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(fx->cache.puts, 0);
}

static void a_cache_in_trouble_fails_no_read(void **state)
{
    fixture *fx = *state;

    fx->cache.state.fail = TODO_ERR_UNAVAILABLE;
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(fx->cache.state.calls, 1);
    fx->cache.state.fail = TODO_ERR_TIMEOUT;
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    fx->cache.state.fail = TODO_OK;
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(fx->store.gets, 3);
}

static void a_cache_in_trouble_fails_no_write(void **state)
{
    fixture *fx = *state;
    todo_uuid id = fake_id(2);
    const todo_item *item = fake_item(&fx->ann, &id, "bread");

    fx->cache.state.fail = TODO_ERR_UNAVAILABLE;
    assert_int_equal(todo_writer_insert(fx->writer, NULL, &item, 1, NULL), TODO_OK);
    retitle(fx->writer, fx, "oat milk");
    assert_int_equal(todo_writer_remove(fx->writer, NULL, &fx->ann, &id, 0, NULL), TODO_OK);
    assert_int_equal(fx->store.item_count, 1);
    todo_item_unref(item);
}

static void the_call_travels_to_cache_and_store(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;
    todo_call call = {.size = sizeof(call), .deadline = 987654321, .request_id = "request-7"};

    assert_int_equal(todo_reader_get(fx->reader, &call, &fx->ann, &fx->id, &item, NULL), TODO_OK);
    assert_int_equal(fx->cache.state.last_deadline, 987654321);
    assert_string_equal(fx->cache.state.last_request_id, "request-7");
    assert_int_equal(fx->store.state.last_deadline, 987654321);
    assert_string_equal(fx->store.state.last_request_id, "request-7");
    todo_item_unref(item);
}

static void a_call_gets_what_it_demands_and_hears_what_it_got(void **state)
{
    fixture *fx = *state;
    todo_sequence sequence = {0, 0};
    todo_call call = TODO_CALL_INIT;
    const todo_item *item = NULL;

    call.ret_sequence = &sequence;
    assert_int_equal(todo_writer_remove(fx->writer, &call, &fx->ann, &fx->id, 7, NULL),
                     TODO_ERR_PRECONDITION);
    assert_true(sequence.epoch == 0);
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    item = fake_item(&fx->ann, &(todo_uuid){{2}}, "bread");
    assert_int_equal(todo_writer_insert(fx->writer, &call, &item, 1, NULL), TODO_OK);
    todo_item_unref(item);
    assert_true(sequence.epoch == 1 && sequence.number == 2);
    call.at_least = &(todo_sequence){1, 2}; /* what is held is as of 1 */
    sequence = (todo_sequence){0, 0};
    assert_int_equal(todo_reader_get(fx->reader, &call, &fx->ann, &fx->id, &item, NULL), TODO_OK);
    todo_item_unref(item);
    assert_int_equal(fx->store.gets, 2);
    assert_true(sequence.number == 2);
    sequence = (todo_sequence){0, 0};
    assert_int_equal(todo_reader_get(fx->reader, &call, &fx->ann, &fx->id, &item, NULL), TODO_OK);
    todo_item_unref(item);
    assert_int_equal(fx->store.gets, 2);
    assert_true(sequence.number == 2);
}

static void a_failed_read_passes_through(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;
    todo_error error = TODO_ERROR_INIT;

    fx->store.state.fail = TODO_ERR_UNAVAILABLE;
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->ann, &fx->id, &item, &error),
                     TODO_ERR_UNAVAILABLE);
    assert_string_equal(error.code, "fake");
    assert_int_equal(fx->cache.puts, 0);
}

static todo_status count_item(void *arg, const todo_item *item)
{
    (void)item;
    ++*(unsigned *)arg;
    return TODO_OK;
}

static void lists_pass_a_cache_of_items_by(void **state)
{
    fixture *fx = *state;
    unsigned count = 0;

    assert_int_equal(todo_reader_list(fx->reader, NULL, &fx->ann, NULL, count_item, &count, NULL), TODO_OK);
    assert_int_equal(count, 1);
    assert_int_equal(fx->store.lists, 1);
    assert_int_equal(fx->cache.state.calls, 0);
}

static void a_write_goes_through_to_the_cache(void **state)
{
    fixture *fx = *state;
    todo_uuid id = fake_id(2);
    const todo_item *item = fake_item(&fx->ann, &id, "bread");

    assert_int_equal(todo_writer_insert(fx->writer, NULL, &item, 1, NULL), TODO_OK);
    assert_reads(fx->reader, &fx->ann, &id, "bread");
    retitle(fx->writer, fx, "oat milk");
    assert_reads(fx->reader, &fx->ann, &fx->id, "oat milk");
    assert_int_equal(fx->store.gets, 0);
    todo_item_unref(item);
}

static void a_batch_goes_through_to_the_cache(void **state)
{
    fixture *fx = *state;
    todo_uuid bread = fake_id(2), butter = fake_id(3);
    const todo_item *items[] = {fake_item(&fx->ann, &bread, "bread"), fake_item(&fx->ann, &butter, "butter")};

    assert_int_equal(todo_writer_insert(fx->writer, NULL, items, 2, NULL), TODO_OK);
    assert_reads(fx->reader, &fx->ann, &bread, "bread");
    assert_reads(fx->reader, &fx->ann, &butter, "butter");
    assert_int_equal(fx->store.gets, 0);
    todo_item_unref(items[0]);
    todo_item_unref(items[1]);
}

static void a_removal_empties_the_cache(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;

    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(todo_writer_remove(fx->writer, NULL, &fx->ann, &fx->id, 0, NULL), TODO_OK);
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->ann, &fx->id, &item, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(fx->store.gets, 2);
}

static void a_refused_write_leaves_the_cache_alone(void **state)
{
    fixture *fx = *state;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;

    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    patch.if_version = 7;
    assert_int_equal(todo_writer_update(fx->writer, NULL, &fx->ann, &fx->id, &patch, 2000000, &item, NULL),
                     TODO_ERR_PRECONDITION);
    assert_int_equal(todo_writer_remove(fx->writer, NULL, &fx->bob, &fx->id, 0, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(fx->cache.puts, 1);
    assert_int_equal(fx->cache.changes, 0);
}

static void a_patch_that_changes_nothing_leaves_the_cache_alone(void **state)
{
    fixture *fx = *state;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_call call = TODO_CALL_INIT;
    todo_sequence sequence = {0, 0};
    const todo_item *item = NULL;

    call.ret_sequence = &sequence;
    patch.title = (todo_patch_text){TODO_VALUE, "milk"};
    assert_int_equal(todo_writer_update(fx->writer, &call, &fx->ann, &fx->id, &patch, 2000000, &item, NULL),
                     TODO_OK);
    assert_int_equal(item->version, 1);
    todo_item_unref(item);
    assert_int_equal(fx->cache.puts, 0);
    assert_true(sequence.epoch != 0);
    patch.title.value = "Milk";
    assert_int_equal(todo_writer_update(fx->writer, &call, &fx->ann, &fx->id, &patch, 2000000, &item, NULL),
                     TODO_OK);
    assert_int_equal(item->version, 2);
    todo_item_unref(item);
    assert_int_equal(fx->cache.puts, 1);
}

static void after_a_write_of_unknown_outcome_the_store_is_asked(void **state)
{
    fixture *fx = *state;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;

    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    fx->store.state.fail = TODO_ERR_TIMEOUT;
    assert_int_equal(todo_writer_update(fx->writer, NULL, &fx->ann, &fx->id, &patch, 2000000, &item, NULL),
                     TODO_ERR_TIMEOUT);
    fx->store.state.fail = TODO_OK;
    retitle(fx->store_writer, fx, "applied after all");
    assert_reads(fx->reader, &fx->ann, &fx->id, "applied after all");
}

static void count_removed(void *arg, const todo_uuid *id)
{
    (void)id;
    ++*(unsigned *)arg;
}

static void a_removed_user_leaves_nothing_in_the_cache(void **state)
{
    fixture *fx = *state;
    todo_users *inner = fake_store_users(&fx->store), *users = NULL;
    const todo_item *item = NULL;
    unsigned removed = 0;

    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(todo_caching_users_new(inner, fx->cache_handle, &users, NULL), TODO_OK);
    todo_users_unref(inner);
    assert_int_equal(todo_users_remove(users, NULL, &fx->ann, count_removed, &removed, NULL), TODO_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->ann, &fx->id, &item, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(todo_users_remove(users, NULL, &fx->ann, NULL, NULL, NULL), TODO_ERR_NOT_FOUND);
    todo_users_unref(users);
}

static void write_between_miss_and_put(void *arg)
{
    fixture *fx = arg;

    fx->store.after_get = NULL;
    retitle(fx->writer, fx, "oat milk");
}

static void a_reader_never_puts_back_what_a_writer_replaced(void **state)
{
    fixture *fx = *state;

    fx->store.after_get = write_between_miss_and_put;
    fx->store.after_get_arg = fx;
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(fx->cache.overtaken, 1);
    assert_reads(fx->reader, &fx->ann, &fx->id, "oat milk");
}

static void remove_between_miss_and_put(void *arg)
{
    fixture *fx = arg;

    fx->store.after_get = NULL;
    assert_int_equal(todo_writer_remove(fx->writer, NULL, &fx->ann, &fx->id, 0, NULL), TODO_OK);
}

static void a_reader_never_brings_a_removed_item_back(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;

    fx->store.after_get = remove_between_miss_and_put;
    fx->store.after_get_arg = fx;
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->ann, &fx->id, &item, NULL), TODO_ERR_NOT_FOUND);
}

static int64_t trash(todo_writer *writer, fixture *fx)
{
    int64_t version = 0;

    assert_int_equal(todo_writer_trash(writer, NULL, &fx->ann, &fx->id, 0, 3000000, &version, NULL), TODO_OK);
    return version;
}

static void restore(todo_writer *writer, fixture *fx)
{
    const todo_item *item = NULL;

    assert_int_equal(todo_writer_restore(writer, NULL, &fx->ann, &fx->id, 0, 4000000, &item, NULL), TODO_OK);
    todo_item_unref(item);
}

static void a_trashed_item_leaves_the_cache_and_a_restored_one_gets_in(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;

    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(trash(fx->writer, fx), 2);
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->ann, &fx->id, &item, NULL), TODO_ERR_NOT_FOUND);
    restore(fx->writer, fx);
    assert_int_equal(fx->store.gets, 2);
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(fx->store.gets, 2);
    assert_int_equal(fx->cache.overtaken, 0);
}

static void trash_between_miss_and_put(void *arg)
{
    fixture *fx = arg;

    fx->store.after_get = NULL;
    trash(fx->writer, fx);
}

static void trash_and_restore_between_miss_and_put(void *arg)
{
    fixture *fx = arg;

    trash_between_miss_and_put(arg);
    restore(fx->writer, fx);
    retitle(fx->writer, fx, "oat milk");
}

static void a_reader_never_brings_a_trashed_item_back(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;

    fx->store.after_get = trash_between_miss_and_put;
    fx->store.after_get_arg = fx;
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(fx->cache.overtaken, 1);
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->ann, &fx->id, &item, NULL), TODO_ERR_NOT_FOUND);
}

static void a_reader_never_undoes_a_restoration(void **state)
{
    fixture *fx = *state;

    fx->store.after_get = trash_and_restore_between_miss_and_put;
    fx->store.after_get_arg = fx;
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    assert_int_equal(fx->cache.overtaken, 1);
    assert_reads(fx->reader, &fx->ann, &fx->id, "oat milk");
}

static void of_a_move_of_unknown_outcome_the_store_is_asked(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;
    int64_t version;

    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
    fx->store.state.fail = TODO_ERR_TIMEOUT;
    assert_int_equal(todo_writer_trash(fx->writer, NULL, &fx->ann, &fx->id, 0, 3000000, &version, NULL),
                     TODO_ERR_TIMEOUT);
    fx->store.state.fail = TODO_OK;
    trash(fx->store_writer, fx);
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->ann, &fx->id, &item, NULL), TODO_ERR_NOT_FOUND);
    fx->store.state.fail = TODO_ERR_UNAVAILABLE;
    assert_int_equal(todo_writer_restore(fx->writer, NULL, &fx->ann, &fx->id, 0, 4000000, &item, NULL),
                     TODO_ERR_UNAVAILABLE);
    fx->store.state.fail = TODO_OK;
    restore(fx->store_writer, fx);
    assert_reads(fx->reader, &fx->ann, &fx->id, "milk");
}

static void what_is_stored_as_trashed_is_in_no_cache(void **state)
{
    fixture *fx = *state;
    todo_item items[5];
    const todo_item *pointers[5], *got = NULL;

    for (uint8_t i = 0; i < 5; i++) {
        items[i] = (todo_item){.id = fake_id(10 + i), .user_id = fx->ann, .title = "bread", .version = 2};
        items[i].deleted_at = i == 1 || i == 4 ? 5 : 0;
        pointers[i] = &items[i];
    }
    assert_int_equal(todo_writer_insert(fx->writer, NULL, pointers, 5, NULL), TODO_OK);
    assert_int_equal(fx->cache.puts, 3);
    assert_int_equal(todo_reader_get(fx->reader, NULL, &fx->ann, &items[4].id, &got, NULL),
                     TODO_ERR_NOT_FOUND);
    assert_reads(fx->reader, &fx->ann, &items[0].id, "bread");
    assert_reads(fx->reader, &fx->ann, &items[3].id, "bread");
    assert_int_equal(fx->store.gets, 1);
}

static void looking_into_the_trash_and_purging_pass_the_cache_by(void **state)
{
    fixture *fx = *state;
    const todo_item *item = NULL;
    uint64_t count = 0;
    uint32_t purged = 0;

    trash(fx->store_writer, fx);
    assert_int_equal(todo_reader_count_trash(fx->reader, NULL, &fx->ann, 4000000, &count, NULL), TODO_OK);
    assert_int_equal(count, 1);
    assert_int_equal(todo_reader_get_trashed(fx->reader, NULL, &fx->ann, &fx->id, &item, NULL), TODO_OK);
    assert_string_equal(item->title, "milk");
    todo_item_unref(item);
    assert_int_equal(todo_writer_purge(fx->writer, NULL, NULL, 4000000, 0, NULL, NULL, &purged, NULL),
                     TODO_OK);
    assert_int_equal(purged, 1);
    assert_int_equal(fx->cache.loads, 0);
    /* But it took a number, of which the cache hears. */
    assert_int_equal(fx->cache.changes, 1);
    assert_true(fx->cache.last_sequence.number == 3 && fx->cache.last_count == 1);
    assert_int_equal(todo_uuid_compare(&fx->cache.last_user, &fx->ann), 0);
}

static void decorators_promise_no_trash_that_there_is_not(void **state)
{
    fixture *fx = *state;
    todo_writer *inner, *writer = NULL;
    todo_reader *bare, *reader = NULL;
    const todo_item *item = NULL;
    todo_error error = TODO_ERROR_INIT;
    uint64_t count;
    uint32_t purged;
    int64_t version;

    fx->store.without_trash = true;
    inner = fake_store_writer(&fx->store);
    bare = fake_store_reader(&fx->store);
    assert_int_equal(todo_caching_writer_new(inner, fx->cache_handle, &writer, NULL), TODO_OK);
    assert_int_equal(todo_cached_reader_new(bare, fx->cache_handle, &reader, NULL), TODO_OK);
    assert_int_equal(todo_writer_trash(writer, NULL, &fx->ann, &fx->id, 0, 1, &version, &error),
                     TODO_ERR_UNSUPPORTED);
    assert_string_equal(error.code, "port_function_missing");
    assert_int_equal(todo_writer_restore(writer, NULL, &fx->ann, &fx->id, 0, 1, &item, NULL),
                     TODO_ERR_UNSUPPORTED);
    assert_int_equal(todo_writer_purge(writer, NULL, NULL, 1, 1, NULL, NULL, &purged, NULL),
                     TODO_ERR_UNSUPPORTED);
    assert_int_equal(todo_reader_count_trash(reader, NULL, NULL, 1, &count, NULL), TODO_ERR_UNSUPPORTED);
    assert_int_equal(todo_reader_get_trashed(reader, NULL, &fx->ann, &fx->id, &item, NULL),
                     TODO_ERR_UNSUPPORTED);
    assert_int_equal(fx->cache.state.calls, 0);
    todo_reader_unref(reader);
    todo_writer_unref(writer);
    todo_reader_unref(bare);
    todo_writer_unref(inner);
}

static void the_primary_answers_for_a_replica_that_is_down(void **state)
{
    fixture *fx = *state;
    todo_reader *primary = fake_store_reader(&fx->other);
    todo_reader *reader = NULL;
    const todo_item *item = NULL;
    todo_error error = TODO_ERROR_INIT;
    unsigned count = 0;
    uint64_t trashed = 77;

    add(&fx->other, &fx->ann, &fx->id, "milk of the primary");
    assert_int_equal(todo_fallback_reader_new(fx->store_reader, primary, &reader, NULL), TODO_OK);
    assert_reads(reader, &fx->ann, &fx->id, "milk");
    fx->store.state.fail = TODO_ERR_UNAVAILABLE;
    assert_int_equal(todo_reader_get(reader, NULL, &fx->ann, &fx->id, &item, &error), TODO_OK);
    assert_string_equal(item->title, "milk of the primary");
    assert_int_equal(error.status, TODO_OK);
    assert_int_equal(todo_reader_list(reader, NULL, &fx->ann, NULL, count_item, &count, &error), TODO_OK);
    assert_int_equal(count, 1);
    assert_int_equal(todo_reader_count_trash(reader, NULL, &fx->ann, 1, &trashed, &error), TODO_OK);
    assert_int_equal(trashed, 0);
    assert_int_equal(todo_reader_get_trashed(reader, NULL, &fx->ann, &fx->id, &item, NULL),
                     TODO_ERR_NOT_FOUND);
    assert_int_equal(error.status, TODO_OK);
    fx->store.state.fail = TODO_ERR_TIMEOUT;
    assert_int_equal(todo_reader_get(reader, NULL, &fx->ann, &fx->id, &item, NULL), TODO_ERR_TIMEOUT);
    assert_int_equal(todo_reader_count_trash(reader, NULL, &fx->ann, 1, &trashed, NULL), TODO_ERR_TIMEOUT);
    assert_int_equal(fx->other.gets, 1);
    todo_item_unref(item);
    todo_reader_unref(primary);
    todo_reader_unref(reader);
}

static todo_status refuse_item(void *arg, const todo_item *item)
{
    (void)item;
    ++*(unsigned *)arg;
    return TODO_ERR_UNAVAILABLE;
}

static void a_list_that_has_begun_is_not_begun_again(void **state)
{
    fixture *fx = *state;
    todo_reader *primary = fake_store_reader(&fx->other);
    todo_reader *reader = NULL;
    unsigned count = 0;

    add(&fx->other, &fx->ann, &fx->id, "milk of the primary");
    assert_int_equal(todo_fallback_reader_new(fx->store_reader, primary, &reader, NULL), TODO_OK);
    assert_int_equal(todo_reader_list(reader, NULL, &fx->ann, NULL, refuse_item, &count, NULL),
                     TODO_ERR_UNAVAILABLE);
    assert_int_equal(count, 1);
    assert_int_equal(fx->other.lists, 0);
    todo_reader_unref(primary);
    todo_reader_unref(reader);
}

static void decorators_hold_what_they_decorate(void **state)
{
    fixture *fx = *state;
    todo_reader *inner = fake_store_reader(&fx->other);
    todo_reader *reader = NULL;

    add(&fx->other, &fx->ann, &fx->id, "milk");
    assert_int_equal(todo_cached_reader_new(inner, fx->cache_handle, &reader, NULL), TODO_OK);
    fx->other.state.released = 0;
    todo_reader_unref(inner);
    assert_int_equal(fx->other.state.released, 0);
    assert_reads(reader, &fx->ann, &fx->id, "milk");
    todo_reader_unref(reader);
    assert_int_equal(fx->other.state.released, 1);
}

static void everything_else_of_users_is_passed_on(void **state)
{
    fixture *fx = *state;
    todo_users *inner = fake_store_users(&fx->store);
    todo_users *users = NULL;
    const todo_user *user = NULL;
    const todo_user *same = NULL;

    assert_int_equal(todo_caching_users_new(inner, fx->cache_handle, &users, NULL), TODO_OK);
    assert_int_equal(todo_users_find_by_id(users, NULL, &fx->ann, &user, NULL), TODO_OK);
    assert_int_equal(todo_users_find_by_email(users, NULL, user->email, &same, NULL), TODO_OK);
    assert_ptr_equal(user, same);
    assert_int_equal(todo_users_insert(users, NULL, user, NULL), TODO_ERR_CONFLICT);
    assert_int_equal(todo_users_set_password_hash(users, NULL, &fx->ann, "*", "!", NULL), TODO_OK);
    assert_int_equal(fx->cache.state.calls, 0);
    todo_user_unref(user);
    todo_user_unref(same);
    todo_users_unref(inner);
    todo_users_unref(users);
}

static void nothing_to_decorate_is_invalid(void **state)
{
    fixture *fx = *state;
    todo_reader *reader = NULL;
    todo_writer *writer = NULL;
    todo_users *users = NULL;
    todo_error error = TODO_ERROR_INIT;

    assert_int_equal(todo_caching_users_new(NULL, fx->cache_handle, &users, &error), TODO_ERR_INVALID);
    assert_null(users);
    assert_int_equal(todo_cached_reader_new(NULL, fx->cache_handle, &reader, &error), TODO_ERR_INVALID);
    assert_int_equal(todo_cached_reader_new(fx->store_reader, NULL, &reader, &error), TODO_ERR_INVALID);
    assert_int_equal(todo_caching_writer_new(NULL, fx->cache_handle, &writer, &error), TODO_ERR_INVALID);
    assert_int_equal(todo_fallback_reader_new(NULL, fx->store_reader, &reader, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "argument_missing");
    assert_null(reader);
    assert_null(writer);
}

/* ---- a cache of lists: notes what it is asked and told ---- */

typedef struct list_cache {
    unsigned lists;
    unsigned changes;
    todo_uuid user; /* of the last change */
    size_t item_count;
    bool removed;
    todo_sequence sequence; /* {0, 0}: none */
} list_cache;

static todo_status pass_list_on(void *self, const todo_call *call, const todo_uuid *user,
                                const todo_list_query *query, todo_cache_lister lister, void *lister_arg,
                                todo_item_visit visit, void *arg, todo_error *error)
{
    (void)user, (void)query;
    ((list_cache *)self)->lists++;
    return lister(lister_arg, call, visit, arg, error);
}

static todo_status note_change(void *self, const todo_call *call, const todo_cache_change *change,
                               todo_error *error)
{
    list_cache *cache = self;

    (void)call, (void)error;
    cache->changes++;
    cache->user = change->user;
    cache->item_count = change->item_count;
    cache->removed = change->removed != NULL;
    cache->sequence = change->sequence;
    return TODO_ERR_UNAVAILABLE; /* nobody is to mind */
}

static todo_cache *list_cache_handle(list_cache *cache)
{
    static const todo_cache_ops ops = {.size = sizeof(ops), .list = pass_list_on, .change = note_change};
    todo_cache *handle = NULL;

    *cache = (list_cache){0};
    assert_int_equal(todo_cache_new(&ops, cache, &handle, NULL), TODO_OK);
    return handle;
}

static void a_cache_of_lists_is_asked(void **state)
{
    fixture *fx = *state;
    list_cache cache;
    todo_cache *handle = list_cache_handle(&cache);
    todo_reader *reader = NULL;
    todo_list_query trash = TODO_LIST_QUERY_INIT;
    unsigned count = 0;

    assert_int_equal(todo_cached_reader_new(fx->store_reader, handle, &reader, NULL), TODO_OK);
    assert_int_equal(todo_reader_list(reader, NULL, &fx->ann, NULL, count_item, &count, NULL), TODO_OK);
    assert_int_equal(cache.lists, 1);
    assert_int_equal(count, 1);
    trash.deleted = true;
    assert_int_equal(todo_reader_list(reader, NULL, &fx->ann, &trash, count_item, &count, NULL), TODO_OK);
    assert_int_equal(cache.lists, 1);
    assert_int_equal(fx->store.lists, 2);
    todo_reader_unref(reader);
    todo_cache_unref(handle);
}

/* A writer that tells the cache, and holds it. */
static todo_writer *telling_writer(fixture *fx, list_cache *cache)
{
    todo_cache *handle = list_cache_handle(cache);
    todo_writer *writer = NULL;

    assert_int_equal(todo_caching_writer_new(fx->store_writer, handle, &writer, NULL), TODO_OK);
    todo_cache_unref(handle);
    return writer;
}

/* The last change was of this user and is known to have come about, or not. */
static void assert_told(const list_cache *cache, const fixture *fx, unsigned changes, bool known)
{
    assert_int_equal(cache->changes, changes);
    assert_int_equal(todo_uuid_compare(&cache->user, &fx->ann), 0);
    assert_int_equal(cache->sequence.epoch != 0, known);
}

static void each_change_is_told_with_its_user_and_token(void **state)
{
    fixture *fx = *state;
    list_cache cache;
    todo_writer *writer = telling_writer(fx, &cache);
    todo_uuid id = fake_id(2);
    const todo_item *item = fake_item(&fx->ann, &id, "bread");

    assert_int_equal(todo_writer_insert(writer, NULL, &item, 1, NULL), TODO_OK);
    assert_told(&cache, fx, 1, true);
    assert_int_equal(cache.item_count, 1);
    retitle(writer, fx, "oat milk");
    assert_told(&cache, fx, 2, true);
    assert_int_equal(cache.item_count, 1);
    assert_int_equal(todo_writer_remove(writer, NULL, &fx->ann, &id, 0, NULL), TODO_OK);
    assert_told(&cache, fx, 3, true);
    assert_int_equal(cache.item_count, 0);
    assert_true(cache.removed);
    todo_item_unref(item);
    todo_writer_unref(writer);
}

static void a_change_of_unknown_outcome_is_told_without_a_token_and_one_that_failed_is_not(void **state)
{
    fixture *fx = *state;
    list_cache cache;
    todo_writer *writer = telling_writer(fx, &cache);
    todo_uuid id = fake_id(2);
    const todo_item *item = fake_item(&fx->ann, &id, "bread");

    assert_int_equal(todo_writer_remove(writer, NULL, &fx->ann, &id, 0, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(cache.changes, 0);
    fx->store.state.fail = TODO_ERR_TIMEOUT;
    assert_int_equal(todo_writer_insert(writer, NULL, &item, 1, NULL), TODO_ERR_TIMEOUT);
    assert_told(&cache, fx, 1, false);
    assert_int_equal(cache.item_count, 0);
    assert_int_equal(todo_writer_remove(writer, NULL, &fx->ann, &fx->id, 0, NULL), TODO_ERR_TIMEOUT);
    assert_told(&cache, fx, 2, false);
    assert_true(cache.removed);
    fx->store.state.fail = TODO_OK;
    todo_item_unref(item);
    todo_writer_unref(writer);
}

static void the_removal_of_an_account_is_told_as_a_change(void **state)
{
    fixture *fx = *state;
    list_cache cache;
    todo_cache *handle = list_cache_handle(&cache);
    todo_users *inner = fake_store_users(&fx->store), *users = NULL;

    assert_int_equal(todo_caching_users_new(inner, handle, &users, NULL), TODO_OK);
    assert_int_equal(todo_users_remove(users, NULL, &(todo_uuid){{9}}, NULL, NULL, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(cache.changes, 0);
    assert_int_equal(todo_users_remove(users, NULL, &fx->ann, NULL, NULL, NULL), TODO_OK);
    assert_int_equal(cache.changes, 1);
    assert_int_equal(todo_uuid_compare(&cache.user, &fx->ann), 0);
    todo_users_unref(users);
    todo_users_unref(inner);
    todo_cache_unref(handle);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(second_read_comes_from_the_cache),
        CASE(what_is_held_for_one_user_is_not_found_for_another),
        CASE(what_is_not_there_is_not_held),
        CASE(a_cache_in_trouble_fails_no_read),
        CASE(a_cache_in_trouble_fails_no_write),
        CASE(the_call_travels_to_cache_and_store),
        CASE(a_call_gets_what_it_demands_and_hears_what_it_got),
        CASE(a_failed_read_passes_through),
        CASE(lists_pass_a_cache_of_items_by),
        CASE(a_cache_of_lists_is_asked),
        CASE(each_change_is_told_with_its_user_and_token),
        CASE(a_change_of_unknown_outcome_is_told_without_a_token_and_one_that_failed_is_not),
        CASE(the_removal_of_an_account_is_told_as_a_change),
        CASE(a_write_goes_through_to_the_cache),
        CASE(a_batch_goes_through_to_the_cache),
        CASE(a_removal_empties_the_cache),
        CASE(a_refused_write_leaves_the_cache_alone),
        CASE(a_patch_that_changes_nothing_leaves_the_cache_alone),
        CASE(after_a_write_of_unknown_outcome_the_store_is_asked),
        CASE(a_removed_user_leaves_nothing_in_the_cache),
        CASE(a_reader_never_puts_back_what_a_writer_replaced),
        CASE(a_reader_never_brings_a_removed_item_back),
        CASE(a_trashed_item_leaves_the_cache_and_a_restored_one_gets_in),
        CASE(a_reader_never_brings_a_trashed_item_back),
        CASE(a_reader_never_undoes_a_restoration),
        CASE(of_a_move_of_unknown_outcome_the_store_is_asked),
        CASE(what_is_stored_as_trashed_is_in_no_cache),
        CASE(looking_into_the_trash_and_purging_pass_the_cache_by),
        CASE(decorators_promise_no_trash_that_there_is_not),
        CASE(the_primary_answers_for_a_replica_that_is_down),
        CASE(a_list_that_has_begun_is_not_begun_again),
        CASE(decorators_hold_what_they_decorate),
        CASE(everything_else_of_users_is_passed_on),
        CASE(nothing_to_decorate_is_invalid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
