#include "testing.h"

#include <stdio.h>

#include <todo/queries.h>

#include "fakes.h"

typedef struct fixture {
    fake_store store;
    todo_queries *queries;
    todo_uuid user;
    todo_error error;
} fixture;

/* Seven todos, "todo 1" the oldest. */
static int set_up(void **state)
{
    fixture *f = test_calloc(1, sizeof(*f));
    todo_queries_options options = TODO_QUERIES_OPTIONS_INIT;
    todo_writer *writer;

    fake_store_init(&f->store);
    f->user = fake_id(200);
    fake_store_add_user(&f->store, &f->user);
    writer = fake_store_writer(&f->store);
    for (uint8_t i = 1; i <= 7; i++) {
        char title[16];
        todo_uuid id = fake_id(i);
        const todo_item *item;

        snprintf(title, sizeof(title), "todo %d", i);
        item = fake_item(&f->user, &id, title);
        assert_int_equal(todo_writer_insert(writer, NULL, &item, 1, NULL), TODO_OK);
        todo_item_unref(item);
    }
    todo_writer_unref(writer);
    options.reader = fake_store_reader(&f->store);
    assert_int_equal(todo_queries_new(&options, &f->queries, NULL), TODO_OK);
    todo_reader_unref(options.reader);
    todo_error_init(&f->error, sizeof(f->error));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    todo_queries_free(f->queries);
    fake_store_clear(&f->store);
    test_free(f);
    return 0;
}

static void a_todo_is_its_owners_alone(void **state)
{
    fixture *f = *state;
    todo_uuid id = fake_id(3), other = fake_id(201);
    const todo_item *item = NULL;

    assert_int_equal(todo_queries_get(f->queries, NULL, &f->user, &id, &item, NULL), TODO_OK);
    assert_string_equal(item->title, "todo 3");
    todo_item_unref(item);
    assert_int_equal(todo_queries_get(f->queries, NULL, &other, &id, &item, NULL), TODO_ERR_NOT_FOUND);
    assert_int_equal(todo_queries_get(f->queries, NULL, NULL, &id, &item, NULL), TODO_ERR_INVALID);
}

static void pages_follow_each_other_without_gap_or_repeat(void **state)
{
    fixture *f = *state;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_cursor after;
    char seen[8] = "", expected[] = "7654321";

    query.limit = 3;
    for (int pages = 0;; pages++) {
        todo_item_list *list = NULL;
        const todo_cursor *next;

        assert_true(pages < 3);
        assert_int_equal(todo_queries_list(f->queries, NULL, &f->user, &query, &list, NULL), TODO_OK);
        for (size_t i = 0; i < todo_item_list_count(list); i++)
            strncat(seen, todo_item_list_at(list, i)->title + strlen("todo "), 1);
        next = todo_item_list_next(list);
        if (next != NULL)
            after = *next;
        todo_item_list_free(list);
        if (next == NULL)
            break;
        query.after = &after;
    }
    assert_string_equal(seen, expected);
}

static void a_page_that_holds_the_rest_has_no_next(void **state)
{
    fixture *f = *state;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_item_list *list = NULL;

    query.limit = 7;
    assert_int_equal(todo_queries_list(f->queries, NULL, &f->user, &query, &list, NULL), TODO_OK);
    assert_int_equal(todo_item_list_count(list), 7);
    assert_null(todo_item_list_next(list));
    todo_item_list_free(list);
    assert_int_equal(todo_queries_list(f->queries, NULL, &f->user, NULL, &list, NULL), TODO_OK);
    assert_int_equal(todo_item_list_count(list), 7);
    todo_item_list_free(list);
}

static void an_unknown_user_has_an_empty_list(void **state)
{
    fixture *f = *state;
    todo_uuid nobody = fake_id(99);
    todo_item_list *list = NULL;

    assert_int_equal(todo_queries_list(f->queries, NULL, &nobody, NULL, &list, NULL), TODO_OK);
    assert_int_equal(todo_item_list_count(list), 0);
    todo_item_list_free(list);
    assert_int_equal(todo_item_list_count(NULL), 0);
    todo_item_list_free(NULL);
}

static void limits_and_sorts_are_checked(void **state)
{
    fixture *f = *state;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_item_list *list = NULL;

    query.limit = TODO_LIST_MAX + 1;
    assert_int_equal(todo_queries_list(f->queries, NULL, &f->user, &query, &list, &f->error),
                     TODO_ERR_INVALID);
    assert_string_equal(f->error.code, "limit_invalid");
    query.limit = 1;
    query.sort = (todo_sort_key)77;
    assert_int_equal(todo_queries_list(f->queries, NULL, &f->user, &query, &list, &f->error),
                     TODO_ERR_INVALID);
    assert_string_equal(f->error.code, "sort_invalid");
    assert_int_equal(f->store.lists, 0);
}

static todo_status stop_at_once(void *arg, const todo_item *item)
{
    (void)item;
    ++*(int *)arg;
    return TODO_ERR_CONFLICT;
}

static void a_visit_can_end_the_list(void **state)
{
    fixture *f = *state;
    int visits = 0;

    assert_int_equal(
        todo_queries_each(f->queries, NULL, &f->user, NULL, stop_at_once, &visits, NULL, NULL, NULL),
        TODO_ERR_CONFLICT);
    assert_int_equal(visits, 1);
}

static void a_failing_port_fails_the_query(void **state)
{
    fixture *f = *state;
    todo_item_list *list = NULL;

    f->store.state.fail = TODO_ERR_UNAVAILABLE;
    assert_int_equal(todo_queries_list(f->queries, NULL, &f->user, NULL, &list, NULL), TODO_ERR_UNAVAILABLE);
    assert_null(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_todo_is_its_owners_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_follow_each_other_without_gap_or_repeat, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_that_holds_the_rest_has_no_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_user_has_an_empty_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_and_sorts_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_visit_can_end_the_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failing_port_fails_the_query, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
