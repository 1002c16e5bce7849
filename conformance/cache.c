/* port/cache.h, for a cache that its backend serves */
#include "fixture.h"

#include <stdlib.h>

static todo_status put(test_fixture *fixture, const todo_item *item)
{
    return todo_cache_put(fixture->cache, NULL, item, &fixture->error);
}

/* `wanted` NULL: the cache does not hold it. */
static void expect_cached(test_fixture *fixture, const todo_uuid *id, const todo_item *wanted)
{
    const todo_item *item = (const todo_item *)fixture;

    expect(fixture, TODO_OK, todo_cache_get(fixture->cache, NULL, id, &item, &fixture->error));
    if (wanted == NULL)
        expect_that(fixture, item == NULL);
    else
        expect_item(fixture, item, wanted);
    todo_item_unref(item);
}

static void what_was_never_put_is_no_error(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "never", 1);

    expect_cached(fixture, &item.id, NULL);
}

static void holds_an_item_with_every_member(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "held \xF0\x9F\x98\x80 \" \\ \n", -5);

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

static void an_older_version_never_replaces_a_newer_one(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "newer", 1), older = item;

    item.version = 10;
    item.updated_at = 10;
    older.version = 9;
    older.title = "older";
    older.updated_at = 20; /* it is the version that counts */
    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, put(fixture, &older));
    expect_cached(fixture, &item.id, &item);
}

static void a_removed_item_is_not_put_back(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "removed", 1), never = item;

    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, todo_cache_remove(fixture->cache, NULL, &item.id, &fixture->error));
    expect_cached(fixture, &item.id, NULL);
    expect(fixture, TODO_OK, put(fixture, &item));
    expect_cached(fixture, &item.id, NULL);
    item.version = 1000;
    expect(fixture, TODO_OK, put(fixture, &item));
    expect_cached(fixture, &item.id, NULL);
    expect(fixture, TODO_OK, todo_cache_remove(fixture->cache, NULL, &item.id, &fixture->error));
    never.id = new_id(fixture);
    expect(fixture, TODO_OK, todo_cache_remove(fixture->cache, NULL, &never.id, &fixture->error));
    expect(fixture, TODO_OK, put(fixture, &never)); /* removed before it was ever put */
    expect_cached(fixture, &never.id, NULL);
}

/* Whether a restored one gets in at once is for the cache to say; nothing older ever does. */
static void a_trashed_item_is_not_put_back_but_a_restored_one_may(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "trashed", 1), restored = item;
    const todo_item *got = NULL;

    item.version = 4;
    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, todo_cache_remove_at(fixture->cache, NULL, &item.id, 5, &fixture->error));
    expect_cached(fixture, &item.id, NULL);
    expect(fixture, TODO_OK, put(fixture, &item));
    expect_cached(fixture, &item.id, NULL);
    restored.version = 6;
    expect(fixture, TODO_OK, put(fixture, &restored));
    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, todo_cache_get(fixture->cache, NULL, &item.id, &got, &fixture->error));
    if (got != NULL)
        expect_item(fixture, got, &restored);
    todo_item_unref(got);
    expect(fixture, TODO_OK, todo_cache_remove_at(fixture->cache, NULL, &item.id, 7, &fixture->error));
    expect(fixture, TODO_OK, put(fixture, &restored));
    expect_cached(fixture, &item.id, NULL);
}

static void holds_a_description_of_a_mebibyte_or_nothing(test_fixture *fixture)
{
    enum { SIZE = 1 << 20 };
    todo_item item = make_item(fixture, &fixture->alice, "long", 1);
    const todo_item *got = NULL;
    char *description = malloc(SIZE + 1);

    memset(description, 'x', SIZE);
    description[SIZE] = '\0';
    item.description = description;
    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, todo_cache_get(fixture->cache, NULL, &item.id, &got, &fixture->error));
    if (got != NULL)
        expect_item(fixture, got, &item);
    todo_item_unref(got);
    free(description);
}

enum { ROUNDS = 200 };

typedef struct race {
    test_fixture *fixture;
    todo_item item;
    size_t wrong[THREADS];
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

static void never_goes_back_for_any_of_many_threads(test_fixture *fixture)
{
    race this = {.fixture = fixture, .item = make_item(fixture, &fixture->alice, "race", 1)};

    in_threads(fixture, put_or_watch, &this);
    for (size_t i = 0; i < THREADS; i++)
        expect_equal(fixture, this.wrong[i], 0);
    this.item.version = ROUNDS;
    expect_cached(fixture, &this.item.id, &this.item);
}

/* A database with one item, which counts who reads it. */
typedef struct source {
    const todo_item *item; /* NULL: there is none */
    unsigned reads;
} source;

static todo_status read_source(void *arg, const todo_item **ret_item, todo_error *error)
{
    source *this = arg;

    this->reads++;
    if (this->item == NULL)
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    *ret_item = todo_item_ref(this->item);
    return TODO_OK;
}

static todo_status load(test_fixture *fixture, const todo_uuid *id, source *from, const todo_item **ret_item)
{
    return todo_cache_load(fixture->cache, NULL, id, read_source, from, ret_item, &fixture->error);
}

static void loads_what_it_does_not_hold(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "loaded", 1);
    source from = {.item = &item};
    const todo_item *got = NULL;

    expect(fixture, TODO_OK, load(fixture, &item.id, &from, &got));
    expect_item(fixture, got, &item);
    expect_equal(fixture, from.reads, 1);
    todo_item_unref(got);
}

static void loads_nothing_that_it_holds(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "held", 1);
    source from = {.item = NULL};
    const todo_item *got = NULL;

    expect(fixture, TODO_OK, put(fixture, &item));
    expect(fixture, TODO_OK, load(fixture, &item.id, &from, &got));
    expect_item(fixture, got, &item);
    expect_equal(fixture, from.reads, 0);
    todo_item_unref(got);
}

static void what_there_is_not_is_what_the_loader_says(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "nowhere", 1);
    source from = {.item = NULL};
    const todo_item *got = NULL;

    expect(fixture, TODO_ERR_NOT_FOUND, load(fixture, &item.id, &from, &got));
    expect_equal(fixture, from.reads, 1);
    expect_cached(fixture, &item.id, NULL);
}

static void a_removed_item_is_loaded_but_not_held(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "read before it was removed", 1);
    source from = {.item = &item};
    const todo_item *got = NULL;

    expect(fixture, TODO_OK, todo_cache_remove(fixture->cache, NULL, &item.id, &fixture->error));
    expect(fixture, TODO_OK, load(fixture, &item.id, &from, &got));
    todo_item_unref(got);
    expect_cached(fixture, &item.id, NULL);
}

static void holds_many_at_once_and_none_that_is_older(test_fixture *fixture)
{
    enum { MANY = 100 };
    todo_item items[MANY], newer;
    const todo_item *pointers[MANY];

    for (size_t i = 0; i < MANY; i++) {
        items[i] = make_item(fixture, &fixture->alice, "one of many", 1);
        pointers[i] = &items[i];
    }
    newer = items[7];
    newer.version = 2;
    expect(fixture, TODO_OK, put(fixture, &newer));
    expect(fixture, TODO_OK, todo_cache_put_many(fixture->cache, NULL, pointers, MANY, &fixture->error));
    for (size_t i = 0; i < MANY; i++)
        expect_cached(fixture, &items[i].id, i == 7 ? &newer : &items[i]);
}

static const conformance_case cases[] = {
    CASE(what_was_never_put_is_no_error, "TODO_OK with NULL when the cache does not hold it."),
    CASE(holds_an_item_with_every_member, "TODO_OK with an item (a reference for the caller)"),
    CASE(an_older_version_never_replaces_a_newer_one,
         "Holds the item, unless a newer version or a removal of it is known."),
    CASE(a_removed_item_is_not_put_back,
         "Forgets the id and keeps late `put`s of it out: it was removed, and ids are never used again."),
    CASE(a_trashed_item_is_not_put_back_but_a_restored_one_may,
         "Forgets the id and keeps late `put`s of versions below `version` out"),
    CASE(holds_a_description_of_a_mebibyte_or_nothing, "A cache may forget at any time, but never goes back"),
    CASE(loads_what_it_does_not_hold, "an item that the cache does not hold comes from `loader`, which is "
                                      "called in this thread, at most once"),
    CASE(loads_nothing_that_it_holds, "As `get`"),
    CASE(what_there_is_not_is_what_the_loader_says, "Returns what the loader does"),
    CASE(a_removed_item_is_loaded_but_not_held,
         "it is held then unless it was overtaken by a `put` or `remove`"),
    CASE(holds_many_at_once_and_none_that_is_older, "As `put` for each of the items"),
    CASE(never_goes_back_for_any_of_many_threads,
         "after `put` of version N or `remove` at version N, no `get` returns a lower version, and a later "
         "`put` of a lower version is ignored."),
};

const conformance_cases conformance_cache = {"cache", cases, COUNT_OF(cases)};
