#include "store_testing.h"

#include <stdlib.h>

#include "testing.h"

todo_store *open_store(void)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_store *store = NULL;
    todo_error error = TODO_ERROR_INIT;

    options.url = getenv("TODO_TEST_STORE_URL");
    options.reader_url = getenv("TODO_TEST_READER_URL");
    options.cache_url = getenv("TODO_TEST_CACHE_URL");
    options.background_threads = true;
    if (todo_store_open(&options, &store, &error) != TODO_OK)
        fail_msg("%s: %s", error.message, error.detail);
    return store;
}

todo_store_stats stats_of_store(todo_store *store)
{
    todo_store_stats stats = TODO_STORE_STATS_INIT;

    todo_store_get_stats(store, &stats);
    return stats;
}

todo_uuid create(todo_store *store, const todo_uuid *user, const char *title)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;
    todo_uuid id;

    draft.title = title;
    assert_int_equal(todo_commands_create(todo_store_commands(store), NULL, user, &draft, &item, NULL),
                     TODO_OK);
    id = item->id;
    todo_item_unref(item);
    return id;
}

static todo_status count(void *arg, const todo_item *item)
{
    (void)item;
    ++*(unsigned *)arg;
    return TODO_OK;
}

unsigned listed(todo_store *store, const todo_uuid *user)
{
    unsigned seen = 0;
    todo_status status =
        todo_queries_each(todo_store_queries(store), NULL, user, NULL, count, &seen, NULL, NULL, NULL);

    if (status == TODO_ERR_UNAUTHENTICATED && seen == 0)
        return USER_UNKNOWN;
    assert_int_equal(status, TODO_OK);
    return seen;
}
