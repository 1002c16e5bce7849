/* port/cache.h, for a cache that its backend serves */
#include "contract.h"

#include <stdlib.h>

static todo_status put(contract_fixture *fixture, const todo_item *item)
{
    return todo_cache_put(fixture->cache, NULL, item, &fixture->error);
}

/* `wanted` NULL: the cache does not hold it. */
static void expect_cached(contract_fixture *fixture, const todo_uuid *id, const todo_item *wanted)
{
    const todo_item *item = (const todo_item *)fixture;

    expect(fixture, TODO_OK, todo_cache_get(fixture->cache, NULL, id, &item, &fixture->error));
    if (wanted == NULL)
        assert_null(item);
    else
        contract_expect_item(item, wanted);
    todo_item_unref(item);
}

static void what_was_never_put_is_no_error(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_item(&fixture->alice, "never", 1);

    expect_cached(fixture, &item.id, NULL);
}

static void holds_an_item_with_every_member(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_item(&fixture->alice, "held \xF0\x9F\x98\x80 \" \\ \n", -5);

    item.completed = true;
    item.updated_at = 1700000000123456;
    item.version = INT64_C(1) << 40;
    expect(fixture, TODO_OK, put(fixture, &item));
    expect_cached(fixture, &item.id, &item);
    item.version++;
    item.description = "";
    item.completed = false;
    expect(fixture, TODO_OK, put(fixture, &item));
    expect_cached(fixture, &item.id, &item);
    item.version++;
    item.description = "more\r\n\x01";
    expect(fixture, TODO_OK, put(fixture, &item));
    expect_cached(fixture, &item.id, &item);
}

static void an_older_version_never_replaces_a_newer_one(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_item(&fixture->alice, "newer", 1), older = item;

    item.version = 10;
    item.updated_at = 10;
    older.version = 9;
    older.title = "older";
    older.updated_at = 20; /* it is the version that counts */
    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, put(fixture, &older));
    expect_cached(fixture, &item.id, &item);
}

static void a_removed_item_is_not_put_back(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_item(&fixture->alice, "removed", 1), never = item;

    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, todo_cache_remove(fixture->cache, NULL, &item.id, &fixture->error));
    expect_cached(fixture, &item.id, NULL);
    expect(fixture, TODO_OK, put(fixture, &item));
    expect_cached(fixture, &item.id, NULL);
    item.version = 1000;
    expect(fixture, TODO_OK, put(fixture, &item));
    expect_cached(fixture, &item.id, NULL);
    expect(fixture, TODO_OK, todo_cache_remove(fixture->cache, NULL, &item.id, &fixture->error));
    assert_int_equal(todo_uuid_generate(&never.id, NULL), TODO_OK);
    expect(fixture, TODO_OK, todo_cache_remove(fixture->cache, NULL, &never.id, &fixture->error));
    expect(fixture, TODO_OK, put(fixture, &never)); /* removed before it was ever put */
    expect_cached(fixture, &never.id, NULL);
}

static void holds_a_description_of_a_mebibyte_or_nothing(void **state)
{
    enum { SIZE = 1 << 20 };
    contract_fixture *fixture = *state;
    todo_item item = contract_item(&fixture->alice, "long", 1);
    const todo_item *got = NULL;
    char *description = malloc(SIZE + 1);

    memset(description, 'x', SIZE);
    description[SIZE] = '\0';
    item.description = description;
    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, todo_cache_get(fixture->cache, NULL, &item.id, &got, &fixture->error));
    if (got != NULL)
        contract_expect_item(got, &item);
    todo_item_unref(got);
    free(description);
}

enum { ROUNDS = 200 };

typedef struct race {
    contract_fixture *fixture;
    todo_item item;
    size_t wrong[CONTRACT_THREADS];
} race;

/* Half of the threads put versions in an order of their own, the others watch that none goes back. */
static void put_or_watch(void *arg, size_t index)
{
    race *this = arg;
    todo_item own = this->item;
    int64_t highest = 0;

    for (size_t i = 0; i < ROUNDS; i++) {
        const todo_item *item = NULL;

        own.version = 1 + (int64_t)((i * 37 + index * 11) % ROUNDS);
        if (index % 2 == 0)
            this->wrong[index] += todo_cache_put(this->fixture->cache, NULL, &own, NULL) != TODO_OK;
        if (todo_cache_get(this->fixture->cache, NULL, &own.id, &item, NULL) != TODO_OK)
            this->wrong[index]++;
        if (item == NULL)
            continue;
        this->wrong[index] += item->version < highest;
        this->wrong[index] += index % 2 == 0 && item->version < own.version;
        highest = item->version;
        todo_item_unref(item);
    }
}

static void never_goes_back_for_any_of_many_threads(void **state)
{
    contract_fixture *fixture = *state;
    race this = {.fixture = fixture, .item = contract_item(&fixture->alice, "race", 1)};

    contract_in_threads(put_or_watch, &this);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        assert_int_equal(this.wrong[i], 0);
    this.item.version = ROUNDS;
    expect_cached(fixture, &this.item.id, &this.item);
}

static const struct CMUnitTest tests[] = {
    CONTRACT_CASE(what_was_never_put_is_no_error),
    CONTRACT_CASE(holds_an_item_with_every_member),
    CONTRACT_CASE(an_older_version_never_replaces_a_newer_one),
    CONTRACT_CASE(a_removed_item_is_not_put_back),
    CONTRACT_CASE(holds_a_description_of_a_mebibyte_or_nothing),
    CONTRACT_CASE(never_goes_back_for_any_of_many_threads),
};

const contract_cases contract_cache = {tests, COUNT_OF(tests)};
