#include "testing.h"

#include <stdio.h>

#include <todo/commands.h>

#include "fakes.h"

#define NOW 1700000000000000

typedef struct fixture {
    fake_store store;
    fake_clock clock;
    todo_commands *commands;
    todo_uuid user;
    todo_error error;
} fixture;

static int set_up(void **state)
{
    fixture *f = test_calloc(1, sizeof(*f));
    todo_commands_options options = TODO_COMMANDS_OPTIONS_INIT;

    fake_store_init(&f->store);
    fake_clock_init(&f->clock, NOW);
    f->user = fake_id(1);
    fake_store_add_user(&f->store, &f->user);
    options.writer = fake_store_writer(&f->store);
    options.users = fake_store_users(&f->store);
    options.clock = fake_clock_handle(&f->clock);
    assert_int_equal(todo_commands_new(&options, &f->commands, NULL), TODO_OK);
    todo_writer_unref(options.writer);
    todo_users_unref(options.users);
    todo_clock_unref(options.clock);
    todo_error_init(&f->error, sizeof(f->error));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    todo_commands_free(f->commands);
    fake_store_clear(&f->store);
    test_free(f);
    return 0;
}

static const todo_item *create(fixture *f, const char *title)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;

    draft.title = title;
    assert_int_equal(todo_commands_create(f->commands, NULL, &f->user, &draft, &item, &f->error), TODO_OK);
    return item;
}

static void creating_trims_dates_and_numbers(void **state)
{
    fixture *f = *state;
    const todo_item *item = create(f, "  milk ");

    assert_string_equal(item->title, "milk");
    assert_null(item->description);
    assert_false(item->completed);
    assert_int_equal(item->created_at, NOW);
    assert_int_equal(item->updated_at, NOW);
    assert_int_equal(item->version, 1);
    assert_int_equal(item->id.bytes[6] >> 4, 7);
    assert_int_equal(todo_uuid_compare(&item->user_id, &f->user), 0);
    assert_int_equal(f->store.item_count, 1);
    todo_item_unref(item);
}

static void a_client_may_choose_the_id_once(void **state)
{
    fixture *f = *state;
    todo_uuid id = fake_id(9);
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL, *again = NULL;

    draft.id = &id;
    draft.title = "milk";
    assert_int_equal(todo_commands_create(f->commands, NULL, &f->user, &draft, &item, NULL), TODO_OK);
    assert_int_equal(todo_uuid_compare(&item->id, &id), 0);
    assert_int_equal(todo_commands_create(f->commands, NULL, &f->user, &draft, &again, &f->error),
                     TODO_ERR_CONFLICT);
    assert_null(again);
    todo_item_unref(item);
}

static void a_bad_draft_never_reaches_the_writer(void **state)
{
    fixture *f = *state;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;

    draft.title = " \n";
    assert_int_equal(todo_commands_create(f->commands, NULL, &f->user, &draft, &item, &f->error),
                     TODO_ERR_INVALID);
    assert_string_equal(f->error.code, "title_empty");
    draft.title = "milk";
    draft.description = "\xFF";
    assert_int_equal(todo_commands_create(f->commands, NULL, &f->user, &draft, &item, &f->error),
                     TODO_ERR_INVALID);
    assert_string_equal(f->error.field, "description");
    assert_int_equal(todo_commands_create(f->commands, NULL, NULL, &draft, &item, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_commands_create(f->commands, NULL, &f->user, NULL, &item, NULL), TODO_ERR_INVALID);
    assert_int_equal(f->store.inserts, 0);
    assert_null(item);
}

static void a_write_of_nobody_is_unauthenticated(void **state)
{
    fixture *f = *state;
    todo_uuid nobody = fake_id(99);
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;

    draft.title = "milk";
    assert_int_equal(todo_commands_create(f->commands, NULL, &nobody, &draft, &item, NULL),
                     TODO_ERR_UNAUTHENTICATED);
}

static void the_call_travels_to_the_port(void **state)
{
    fixture *f = *state;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_call call = TODO_CALL_INIT;
    const todo_item *item = NULL;

    draft.title = "milk";
    call.request_id = "request-1";
    todo_call_set_timeout(&call, 60000);
    assert_int_equal(todo_commands_create(f->commands, &call, &f->user, &draft, &item, NULL), TODO_OK);
    assert_string_equal(f->store.state.last_request_id, "request-1");
    assert_int_equal(f->store.state.last_deadline, call.deadline);
    todo_item_unref(item);
}

static void a_batch_keeps_its_order(void **state)
{
    fixture *f = *state;
    todo_item_draft drafts[3] = {TODO_ITEM_DRAFT_INIT, TODO_ITEM_DRAFT_INIT, TODO_ITEM_DRAFT_INIT};
    const todo_item_draft *pointers[] = {&drafts[0], &drafts[1], &drafts[2]};
    todo_item_list *list = NULL;

    drafts[0].title = "one";
    drafts[1].title = " two ";
    drafts[2].title = "three";
    assert_int_equal(todo_commands_create_batch(f->commands, NULL, &f->user, pointers, 3, &list, NULL),
                     TODO_OK);
    assert_int_equal(todo_item_list_count(list), 3);
    assert_string_equal(todo_item_list_at(list, 0)->title, "one");
    assert_string_equal(todo_item_list_at(list, 1)->title, "two");
    assert_string_equal(todo_item_list_at(list, 2)->title, "three");
    assert_true(todo_item_list_at(list, 0)->created_at < todo_item_list_at(list, 2)->created_at);
    assert_null(todo_item_list_at(list, 3));
    assert_int_equal(f->store.inserts, 1);
    todo_item_list_free(list);
}

static void a_batch_with_one_bad_draft_stores_nothing(void **state)
{
    fixture *f = *state;
    todo_item_draft drafts[2] = {TODO_ITEM_DRAFT_INIT, TODO_ITEM_DRAFT_INIT};
    const todo_item_draft *pointers[] = {&drafts[0], &drafts[1]};
    todo_item_list *list = NULL;

    drafts[0].title = "one";
    assert_int_equal(todo_commands_create_batch(f->commands, NULL, &f->user, pointers, 2, &list, &f->error),
                     TODO_ERR_INVALID);
    assert_string_equal(f->error.field, "todos[1].title");
    assert_string_equal(f->error.message, "title cannot be empty");
    assert_int_equal(f->store.item_count, 0);
    assert_null(list);
}

static void a_batch_is_neither_empty_nor_endless(void **state)
{
    fixture *f = *state;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    static const todo_item_draft *pointers[TODO_BATCH_MAX + 1];
    todo_item_list *list = NULL;

    draft.title = "same";
    for (size_t i = 0; i < COUNT_OF(pointers); i++)
        pointers[i] = &draft;
    assert_int_equal(todo_commands_create_batch(f->commands, NULL, &f->user, NULL, 0, &list, &f->error),
                     TODO_ERR_INVALID);
    assert_string_equal(f->error.message, "todos cannot be empty");
    assert_int_equal(todo_commands_create_batch(f->commands, NULL, &f->user, pointers, TODO_BATCH_MAX + 1,
                                                &list, &f->error),
                     TODO_ERR_TOO_LARGE);
    assert_int_equal(
        todo_commands_create_batch(f->commands, NULL, &f->user, pointers, TODO_BATCH_MAX, &list, NULL),
        TODO_OK);
    todo_item_list_free(list);
}

static void updating_trims_and_counts(void **state)
{
    fixture *f = *state;
    const todo_item *item = create(f, "milk"), *changed = NULL;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    f->clock.now = NOW + 5;
    patch.title = (todo_patch_text){TODO_VALUE, "  oat milk "};
    patch.completed = (todo_patch_flag){TODO_VALUE, true};
    assert_int_equal(todo_commands_update(f->commands, NULL, &f->user, &item->id, &patch, &changed, NULL),
                     TODO_OK);
    assert_string_equal(changed->title, "oat milk");
    assert_true(changed->completed);
    assert_int_equal(changed->version, 2);
    assert_int_equal(changed->updated_at, NOW + 5);
    todo_item_unref(changed);
    todo_item_unref(item);
}

static void a_bad_patch_is_refused(void **state)
{
    fixture *f = *state;
    const todo_item *item = create(f, "milk"), *changed = NULL;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    patch.title.presence = TODO_NULL;
    assert_int_equal(
        todo_commands_update(f->commands, NULL, &f->user, &item->id, &patch, &changed, &f->error),
        TODO_ERR_INVALID);
    assert_string_equal(f->error.code, "title_null");
    patch.title = (todo_patch_text){TODO_VALUE, " "};
    assert_int_equal(
        todo_commands_update(f->commands, NULL, &f->user, &item->id, &patch, &changed, &f->error),
        TODO_ERR_INVALID);
    assert_string_equal(f->error.code, "title_empty");
    patch.title.presence = TODO_ABSENT;
    patch.completed.presence = TODO_NULL;
    assert_int_equal(
        todo_commands_update(f->commands, NULL, &f->user, &item->id, &patch, &changed, &f->error),
        TODO_ERR_INVALID);
    assert_string_equal(f->error.code, "completed_null");
    assert_int_equal(f->store.updates, 0);
    todo_item_unref(item);
}

static void updating_and_removing_mind_owner_and_version(void **state)
{
    fixture *f = *state;
    const todo_item *item = create(f, "milk"), *changed = NULL;
    todo_uuid other = fake_id(2);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    fake_store_add_user(&f->store, &other);
    assert_int_equal(todo_commands_update(f->commands, NULL, &other, &item->id, &patch, &changed, NULL),
                     TODO_ERR_NOT_FOUND);
    patch.if_version = 7;
    assert_int_equal(todo_commands_update(f->commands, NULL, &f->user, &item->id, &patch, &changed, NULL),
                     TODO_ERR_PRECONDITION);
    assert_int_equal(todo_commands_remove(f->commands, NULL, &other, &item->id, 0, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(todo_commands_remove(f->commands, NULL, &f->user, &item->id, 7, NULL),
                     TODO_ERR_PRECONDITION);
    assert_int_equal(todo_commands_remove(f->commands, NULL, &f->user, &item->id, 1, NULL), TODO_OK);
    assert_int_equal(todo_commands_remove(f->commands, NULL, &f->user, &item->id, 0, NULL),
                     TODO_ERR_NOT_FOUND);
    todo_item_unref(item);
}

static void removing_is_undone_by_restoring(void **state)
{
    fixture *f = *state;
    const todo_item *item = create(f, "milk"), *restored = NULL;

    f->clock.now = NOW + 5;
    assert_int_equal(todo_commands_remove(f->commands, NULL, &f->user, &item->id, 1, &f->error), TODO_OK);
    assert_int_equal(f->store.item_count, 1);
    assert_int_equal(f->store.items[0]->deleted_at, NOW + 5);
    assert_int_equal(todo_commands_restore(f->commands, NULL, &f->user, &item->id, 1, &restored, &f->error),
                     TODO_ERR_PRECONDITION);
    f->clock.now = NOW + 6;
    assert_int_equal(todo_commands_restore(f->commands, NULL, &f->user, &item->id, 2, &restored, &f->error),
                     TODO_OK);
    assert_int_equal(restored->version, 3);
    assert_int_equal(restored->updated_at, NOW + 6);
    assert_int_equal(restored->deleted_at, 0);
    assert_string_equal(restored->title, "milk");
    todo_item_unref(restored);
    assert_int_equal(todo_commands_restore(f->commands, NULL, &f->user, &item->id, 0, &restored, &f->error),
                     TODO_ERR_NOT_FOUND);
    todo_item_unref(item);
}

static void purging_removes_for_good_in_bounded_batches(void **state)
{
    fixture *f = *state;
    uint32_t purged = 77;

    for (int i = 0; i < 3; i++) {
        const todo_item *item = create(f, "milk");

        assert_int_equal(todo_commands_remove(f->commands, NULL, &f->user, &item->id, 0, NULL), TODO_OK);
        todo_item_unref(item);
    }
    assert_int_equal(
        todo_commands_purge(f->commands, NULL, &f->user, INT64_MAX, TODO_PURGE_MAX + 1, &purged, &f->error),
        TODO_ERR_INVALID);
    assert_string_equal(f->error.code, "limit_invalid");
    assert_int_equal(purged, 77);
    assert_int_equal(todo_commands_purge(f->commands, NULL, &f->user, NOW, 2, &purged, NULL), TODO_OK);
    assert_int_equal(purged, 0);
    assert_int_equal(todo_commands_purge(f->commands, NULL, &f->user, INT64_MAX, 2, &purged, NULL), TODO_OK);
    assert_int_equal(purged, 2);
    assert_int_equal(todo_commands_purge(f->commands, NULL, NULL, INT64_MAX, 0, &purged, NULL), TODO_OK);
    assert_int_equal(purged, 1);
    assert_int_equal(f->store.item_count, 0);
}

static void erasing_leaves_nothing_to_restore(void **state)
{
    fixture *f = *state;
    const todo_item *live = create(f, "live"), *trashed = create(f, "trashed");

    assert_int_equal(todo_commands_remove(f->commands, NULL, &f->user, &trashed->id, 0, NULL), TODO_OK);
    assert_int_equal(todo_commands_erase(f->commands, NULL, &f->user, &live->id, 7, NULL),
                     TODO_ERR_PRECONDITION);
    assert_int_equal(todo_commands_erase(f->commands, NULL, &f->user, &live->id, 1, NULL), TODO_OK);
    assert_int_equal(todo_commands_erase(f->commands, NULL, &f->user, &trashed->id, 0, NULL), TODO_OK);
    assert_int_equal(todo_commands_erase(f->commands, NULL, &f->user, &trashed->id, 0, NULL),
                     TODO_ERR_NOT_FOUND);
    assert_int_equal(f->store.item_count, 0);
    todo_item_unref(live);
    todo_item_unref(trashed);
}

/* A writer of a time before there was a trash: removals are what they were then, the rest is refused clearly. */
static void over_a_writer_without_a_trash_removing_is_for_good(void **state)
{
    fixture *f = *state;
    todo_commands_options options = TODO_COMMANDS_OPTIONS_INIT;
    todo_commands *commands = NULL;
    const todo_item *item = create(f, "milk"), *restored = NULL;
    uint32_t purged;

    f->store.without_trash = true;
    options.writer = fake_store_writer(&f->store);
    assert_int_equal(todo_commands_new(&options, &commands, NULL), TODO_OK);
    todo_writer_unref(options.writer);
    assert_int_equal(todo_commands_remove(commands, NULL, &f->user, &item->id, 7, &f->error),
                     TODO_ERR_PRECONDITION);
    todo_error_init(&f->error, sizeof(f->error));
    assert_int_equal(todo_commands_remove(commands, NULL, &f->user, &item->id, 1, &f->error), TODO_OK);
    assert_int_equal(f->error.status, TODO_OK);
    assert_string_equal(f->error.code, "");
    assert_int_equal(f->store.item_count, 0);
    assert_int_equal(todo_commands_restore(commands, NULL, &f->user, &item->id, 0, &restored, &f->error),
                     TODO_ERR_UNSUPPORTED);
    assert_string_equal(f->error.code, "port_function_missing");
    assert_int_equal(todo_commands_purge(commands, NULL, NULL, 1, 0, &purged, NULL), TODO_ERR_UNSUPPORTED);
    todo_item_unref(item);
    todo_commands_free(commands);
}

static void a_failing_port_fails_the_command(void **state)
{
    fixture *f = *state;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;

    f->store.state.fail = TODO_ERR_UNAVAILABLE;
    draft.title = "milk";
    assert_int_equal(todo_commands_create(f->commands, NULL, &f->user, &draft, &item, NULL),
                     TODO_ERR_UNAVAILABLE);
    assert_null(item);
}

static void commands_need_a_writer(void **state)
{
    todo_commands_options options = TODO_COMMANDS_OPTIONS_INIT;
    todo_commands *commands = NULL;

    (void)state;
    assert_int_equal(todo_commands_new(&options, &commands, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_commands_new(NULL, &commands, NULL), TODO_ERR_INVALID);
    todo_commands_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(creating_trims_dates_and_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_may_choose_the_id_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bad_draft_never_reaches_the_writer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_of_nobody_is_unauthenticated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_call_travels_to_the_port, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_batch_keeps_its_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_batch_with_one_bad_draft_stores_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_batch_is_neither_empty_nor_endless, set_up, tear_down),
        cmocka_unit_test_setup_teardown(updating_trims_and_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bad_patch_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(updating_and_removing_mind_owner_and_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(removing_is_undone_by_restoring, set_up, tear_down),
        cmocka_unit_test_setup_teardown(purging_removes_for_good_in_bounded_batches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(erasing_leaves_nothing_to_restore, set_up, tear_down),
        cmocka_unit_test_setup_teardown(over_a_writer_without_a_trash_removing_is_for_good, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failing_port_fails_the_command, set_up, tear_down),
        cmocka_unit_test(commands_need_a_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
