/* Two stores, as of two cores, on one PostgreSQL and one Redis, through the use cases. */
#include "testing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redis_testing.h"
#include "store_testing.h"

typedef struct fixture {
    todo_store *one;
    todo_store *other;
    todo_uuid user;
} fixture;

static void retitle(todo_store *store, const todo_uuid *user, const todo_uuid *id, const char *title)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;

    patch.title = (todo_patch_text){TODO_VALUE, title};
    assert_int_equal(todo_commands_update(todo_store_commands(store), NULL, user, id, &patch, &item, NULL),
                     TODO_OK);
    todo_item_unref(item);
}

/* The title that a store gives; "" when it finds none. A read never fails for another reason. */
static const char *title_in(todo_store *store, const todo_uuid *user, const todo_uuid *id)
{
    static char title[TODO_TITLE_MAX * 4 + 1];
    const todo_item *item = NULL;
    todo_status status = todo_queries_get(todo_store_queries(store), NULL, user, id, &item, NULL);

    if (status == TODO_ERR_NOT_FOUND)
        return "";
    assert_int_equal(status, TODO_OK);
    snprintf(title, sizeof(title), "%s", item->title);
    todo_item_unref(item);
    return title;
}

static bool reads(todo_store *store, const todo_uuid *user, const todo_uuid *id, const char *title)
{
    return strcmp(title_in(store, user, id), title) == 0;
}

/* Reads until the process holds the item. */
static void until_held(todo_store *store, const todo_uuid *user, const todo_uuid *id, const char *title)
{
    uint64_t before = stats_of_store(store).cache_local_hits;

    EVENTUALLY(reads(store, user, id, title) && stats_of_store(store).cache_local_hits > before);
}

static todo_uuid new_user(todo_store *store)
{
    todo_registration registration = TODO_REGISTRATION_INIT;
    const todo_user *user = NULL;
    static unsigned number;
    char email[32];
    todo_uuid id;

    snprintf(email, sizeof(email), "ann%u@example.org", number++);
    registration.email = email;
    registration.password = "correct horse";
    assert_int_equal(todo_commands_register(todo_store_commands(store), NULL, &registration, &user, NULL),
                     TODO_OK);
    id = user->id;
    todo_user_unref(user);
    return id;
}

static int set_up(void **state)
{
    static fixture fx;

    fx.one = open_store();
    fx.other = open_store();
    fx.user = new_user(fx.one);
    EVENTUALLY(stats_of_store(fx.one).cache_listening && stats_of_store(fx.other).cache_listening);
    *state = &fx;
    return 0;
}

static int tear_down(void **state)
{
    fixture *fx = *state;

    todo_store_close(fx->one);
    todo_store_close(fx->other);
    raw_close();
    return 0;
}

static void a_change_is_seen_at_once_here_and_soon_elsewhere(void **state)
{
    fixture *fx = *state;
    todo_uuid id = create(fx->one, &fx->user, "milk");
    const todo_item *restored = NULL;

    until_held(fx->one, &fx->user, &id, "milk");
    until_held(fx->other, &fx->user, &id, "milk");
    retitle(fx->other, &fx->user, &id, "oat milk");
    assert_true(reads(fx->other, &fx->user, &id, "oat milk"));
    EVENTUALLY(reads(fx->one, &fx->user, &id, "oat milk"));
    assert_int_equal(todo_commands_remove(todo_store_commands(fx->one), NULL, &fx->user, &id, 0, NULL),
                     TODO_OK);
    assert_true(reads(fx->one, &fx->user, &id, ""));
    EVENTUALLY(reads(fx->other, &fx->user, &id, ""));
    assert_int_equal(
        todo_commands_restore(todo_store_commands(fx->other), NULL, &fx->user, &id, 0, &restored, NULL),
        TODO_OK);
    todo_item_unref(restored);
    assert_true(reads(fx->other, &fx->user, &id, "oat milk"));
    until_held(fx->one, &fx->user, &id, "oat milk");
    until_held(fx->other, &fx->user, &id, "oat milk");
}

static void what_is_held_belongs_to_its_owner(void **state)
{
    fixture *fx = *state;
    todo_uuid id = create(fx->one, &fx->user, "milk"), stranger = new_user(fx->one);

    until_held(fx->one, &fx->user, &id, "milk");
    assert_true(reads(fx->one, &stranger, &id, ""));
}

static void until_list_held(todo_store *store, const todo_uuid *user, unsigned todos)
{
    uint64_t before = stats_of_store(store).cache_list_hits;

    EVENTUALLY(listed(store, user) == todos && stats_of_store(store).cache_list_hits > before);
    assert_true(stats_of_store(store).cache_list_misses > 0);
    assert_true(stats_of_store(store).cache_local_lists > 0);
}

/* Each command of the user changes the lists, at once here and soon elsewhere. */
static void every_command_changes_the_lists(void **state)
{
    fixture *fx = *state;
    todo_item_draft eggs = TODO_ITEM_DRAFT_INIT;
    const todo_item_draft *const drafts[] = {&eggs, &eggs, &eggs};
    todo_item_list *batch = NULL;
    todo_uuid id;

    until_list_held(fx->one, &fx->user, 0);
    until_list_held(fx->other, &fx->user, 0);
    id = create(fx->one, &fx->user, "milk");
    assert_int_equal(listed(fx->one, &fx->user), 1);
    EVENTUALLY(listed(fx->other, &fx->user) == 1);
    eggs.title = "eggs";
    assert_int_equal(
        todo_commands_create_batch(todo_store_commands(fx->other), NULL, &fx->user, drafts, 3, &batch, NULL),
        TODO_OK);
    todo_item_list_free(batch);
    assert_int_equal(listed(fx->other, &fx->user), 4);
    EVENTUALLY(listed(fx->one, &fx->user) == 4);
    until_list_held(fx->one, &fx->user, 4);
    assert_int_equal(todo_commands_remove(todo_store_commands(fx->other), NULL, &fx->user, &id, 0, NULL),
                     TODO_OK);
    assert_int_equal(listed(fx->other, &fx->user), 3);
    EVENTUALLY(listed(fx->one, &fx->user) == 3);
    until_list_held(fx->one, &fx->user, 3);
    until_list_held(fx->other, &fx->user, 3);
    assert_int_equal(todo_users_remove(todo_store_users(fx->one), NULL, &fx->user, NULL, NULL, NULL),
                     TODO_OK);
    assert_int_equal(listed(fx->one, &fx->user), USER_UNKNOWN);
    EVENTUALLY(listed(fx->other, &fx->user) == USER_UNKNOWN);
}

/* No read and no write fails, and neither store goes back to the state that Redis slept through. */
static void a_paused_redis_is_not_noticed_by_anybody(void **state)
{
    fixture *fx = *state;
    todo_uuid id = create(fx->one, &fx->user, "milk");

    until_held(fx->one, &fx->user, &id, "milk");
    until_held(fx->other, &fx->user, &id, "milk");
    redis_signal(SIGSTOP);
    retitle(fx->one, &fx->user, &id, "oat milk");
    assert_true(reads(fx->one, &fx->user, &id, "oat milk"));
    EVENTUALLY(reads(fx->other, &fx->user, &id, "oat milk"));
    EVENTUALLY(!stats_of_store(fx->other).cache_listening);
    redis_signal(SIGCONT);
    for (int i = 0; i < 250; i++) {
        assert_true(reads(fx->one, &fx->user, &id, "oat milk"));
        assert_true(reads(fx->other, &fx->user, &id, "oat milk"));
        usleep(10000);
    }
    until_held(fx->one, &fx->user, &id, "oat milk");
    until_held(fx->other, &fx->user, &id, "oat milk");
    assert_int_equal(stats_of_store(fx->one).cache_pending_repairs, 0);
}

static void a_restarted_redis_is_not_noticed_by_anybody(void **state)
{
    fixture *fx = *state;
    todo_uuid id = create(fx->one, &fx->user, "milk");

    until_held(fx->other, &fx->user, &id, "milk");
    redis_control("stop");
    retitle(fx->one, &fx->user, &id, "oat milk");
    assert_true(reads(fx->one, &fx->user, &id, "oat milk"));
    EVENTUALLY(reads(fx->other, &fx->user, &id, "oat milk"));
    redis_control("start");
    for (int i = 0; i < 50; i++)
        assert_true(reads(fx->other, &fx->user, &id, "oat milk"));
    until_held(fx->other, &fx->user, &id, "oat milk");
}

static void a_flush_empties_redis_and_what_every_process_holds(void **state)
{
    fixture *fx = *state;
    todo_uuid id = create(fx->one, &fx->user, "held");
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    uint64_t flushed = 0;

    until_held(fx->one, &fx->user, &id, "held");
    until_held(fx->other, &fx->user, &id, "held");
    until_list_held(fx->other, &fx->user, 1);
    assert_int_equal(todo_store_cache_flush(fx->one, NULL, &flushed, NULL), TODO_OK);
    assert_true(flushed >= 1);
    EVENTUALLY(stats_of_store(fx->one).cache_local_items == 0);
    EVENTUALLY(stats_of_store(fx->other).cache_local_items == 0);
    EVENTUALLY(stats_of_store(fx->other).cache_local_lists == 0);
    assert_int_equal(todo_store_cache_usage(fx->other, NULL, &usage, NULL), TODO_OK);
    assert_int_equal(usage.items, 0);
    retitle(fx->other, &fx->user, &id, "changed");
    until_held(fx->one, &fx->user, &id, "changed");
}

static void without_a_cache_all_counters_are_zero_and_there_is_nothing_to_flush(void **state)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_store *store = NULL;
    todo_store_stats stats = TODO_STORE_STATS_INIT, zero = TODO_STORE_STATS_INIT;
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;

    (void)state;
    options.url = getenv("TODO_TEST_STORE_URL");
    options.background_threads = true;
    stats.cache_hits = 7;
    assert_int_equal(todo_store_open(&options, &store, NULL), TODO_OK);
    todo_store_get_stats(store, &stats);
    assert_memory_equal(&stats, &zero, sizeof(stats));
    assert_int_equal(todo_store_cache_usage(store, NULL, &usage, NULL), TODO_ERR_UNSUPPORTED);
    assert_int_equal(todo_store_cache_flush(store, NULL, NULL, NULL), TODO_ERR_UNSUPPORTED);
    todo_store_close(store);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_change_is_seen_at_once_here_and_soon_elsewhere),
        CASE(what_is_held_belongs_to_its_owner),
        CASE(every_command_changes_the_lists),
        CASE(a_paused_redis_is_not_noticed_by_anybody),
        CASE(a_restarted_redis_is_not_noticed_by_anybody),
        CASE(a_flush_empties_redis_and_what_every_process_holds),
        CASE(without_a_cache_all_counters_are_zero_and_there_is_nothing_to_flush),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
