/* What port/reader.h and port/writer.h say of the trash. */
#include "fixture.h"

static todo_status trash(test_fixture *fixture, const todo_item *item, int64_t if_version, todo_time now,
                         int64_t *ret_version)
{
    return todo_writer_trash(fixture->writer, NULL, &item->user_id, &item->id, if_version, now, ret_version,
                             &fixture->error);
}

static todo_status restore(test_fixture *fixture, const todo_item *item, int64_t if_version, todo_time now,
                           const todo_item **ret_item)
{
    return todo_writer_restore(fixture->writer, NULL, &item->user_id, &item->id, if_version, now, ret_item,
                               &fixture->error);
}

static uint64_t count_trash(test_fixture *fixture, const todo_uuid *user, todo_time before)
{
    uint64_t count = UINT64_MAX;

    expect(fixture, TODO_OK,
           todo_reader_count_trash(fixture->reader, NULL, user, before, &count, &fixture->error));
    return count;
}

/* How many were purged. */
static uint32_t purge(test_fixture *fixture, const todo_uuid *user, todo_time before, uint32_t limit)
{
    uint32_t purged = UINT32_MAX;

    expect(
        fixture, TODO_OK,
        todo_writer_purge(fixture->writer, NULL, user, before, limit, NULL, NULL, &purged, &fixture->error));
    return purged;
}

/* Inserts a new todo of alice and moves it to the trash at `now`; its members there. */
static todo_item add_trashed(test_fixture *fixture, const char *title, todo_time created_at, todo_time now)
{
    todo_item item = add_item(fixture, title, created_at);

    expect(fixture, TODO_OK, trash(fixture, &item, 0, now, &item.version));
    item.updated_at = item.deleted_at = now;
    return item;
}

static size_t count_listed(test_fixture *fixture, const todo_uuid *user, bool deleted)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    item_page page;
    size_t count;

    query.limit = COUNT_OF(page.items);
    query.deleted = deleted;
    list_items(fixture, user, &query, &page);
    count = page.count;
    page_release(&page);
    return count;
}

/* Fails the case unless exactly this is the one todo in the trash of its owner, and not among the others. */
static void expect_in_trash(test_fixture *fixture, const todo_item *wanted)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    const todo_item *item = NULL;
    item_page page;

    query.deleted = true;
    list_items(fixture, &wanted->user_id, &query, &page);
    expect_equal(fixture, page.count, 1);
    expect_item(fixture, page.items[0], wanted);
    page_release(&page);
    expect(fixture, TODO_OK,
           todo_reader_get_trashed(fixture->reader, NULL, &wanted->user_id, &wanted->id, &item,
                                   &fixture->error));
    expect_item(fixture, item, wanted);
    todo_item_unref(item);
    expect_item_missing(fixture, &wanted->user_id, &wanted->id);
}

/* Fails the case unless the reader finds no todo of this user and id in the trash. */
static void expect_not_in_trash(test_fixture *fixture, const todo_uuid *user, const todo_uuid *id)
{
    const todo_item *untouched = (const todo_item *)fixture, *item = untouched;

    expect(fixture, TODO_ERR_NOT_FOUND,
           todo_reader_get_trashed(fixture->reader, NULL, user, id, &item, &fixture->error));
    expect_that(fixture, item == untouched);
}

static void only_what_is_there_is_found_in_the_trash(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "live", 1);
    const todo_item *got = NULL;

    expect_not_in_trash(fixture, &fixture->alice, &item.id);
    expect(fixture, TODO_OK, trash(fixture, &item, 0, 5, &item.version));
    expect_not_in_trash(fixture, &fixture->bob, &item.id);
    expect(fixture, TODO_OK, restore(fixture, &item, 0, 6, &got));
    todo_item_unref(got);
    expect_not_in_trash(fixture, &fixture->alice, &item.id);
}

static void a_trashed_item_is_found_in_the_trash_alone(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "removed", 10), other;

    item.description = "with all that it had";
    item.completed = true;
    item.version = 7;
    expect(fixture, TODO_OK, insert_item(fixture, &item));
    other = add_item(fixture, "stays", 1);
    expect(fixture, TODO_OK, trash(fixture, &item, 0, 50, &item.version));
    expect_equal(fixture, item.version, 8);
    item.updated_at = item.deleted_at = 50;
    expect_in_trash(fixture, &item);
    expect_equal(fixture, count_listed(fixture, &fixture->alice, false), 1);
    expect_equal(fixture, count_listed(fixture, &fixture->bob, true), 0);
    expect_item_stored(fixture, &other);
}

static void the_time_of_a_removal_never_goes_back(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "of tomorrow", 100);
    const todo_item *got = NULL;

    expect(fixture, TODO_OK, trash(fixture, &item, 0, 5, &item.version));
    item.updated_at = item.deleted_at = 101;
    expect_in_trash(fixture, &item);
    expect(fixture, TODO_OK, restore(fixture, &item, 0, 101, &got));
    item.version++;
    item.updated_at = 102;
    item.deleted_at = 0;
    expect_item(fixture, got, &item);
    todo_item_unref(got);
}

/* Whatever version is named: it is not there. */
static void what_is_in_the_trash_can_not_be_changed(test_fixture *fixture)
{
    todo_item item = add_trashed(fixture, "removed", 1, 5);

    for (int64_t version = 0; version <= item.version; version++) {
        todo_item_patch patch = TODO_ITEM_PATCH_INIT;
        const todo_item *untouched = &item, *got = untouched;
        int64_t seen = -1;

        patch.if_version = version;
        patch.title = (todo_patch_text){TODO_VALUE, "changed"};
        expect(fixture, TODO_ERR_NOT_FOUND,
               todo_writer_update(fixture->writer, NULL, &item.user_id, &item.id, &patch, 9, &got,
                                  &fixture->error));
        expect_that(fixture, got == untouched);
        expect(fixture, TODO_ERR_NOT_FOUND, trash(fixture, &item, version, 9, &seen));
        expect_equal(fixture, seen, -1);
    }
    expect_in_trash(fixture, &item);
}

static void a_restored_item_is_what_it_was(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "comes back", 10);
    const todo_item *got = NULL;

    item.description = "\xE2\x82\xAC";
    item.completed = true;
    expect(fixture, TODO_OK, insert_item(fixture, &item));
    expect(fixture, TODO_OK, trash(fixture, &item, 1, 20, &item.version));
    expect(fixture, TODO_OK, restore(fixture, &item, 0, 30, &got));
    item.version = 3;
    item.updated_at = 30;
    expect_item(fixture, got, &item);
    todo_item_unref(got);
    expect_item_stored(fixture, &item);
    expect_equal(fixture, count_listed(fixture, &fixture->alice, true), 0);
    expect(fixture, TODO_OK, trash(fixture, &item, 3, 40, &item.version));
    expect_equal(fixture, item.version, 4);
}

static void a_wrong_version_moves_nothing(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "versioned", 1);
    const todo_item *untouched = &item, *got = untouched;
    int64_t version = -1;

    expect(fixture, TODO_ERR_PRECONDITION, trash(fixture, &item, 2, 5, &version));
    expect_equal(fixture, version, -1);
    expect_item_stored(fixture, &item);
    expect(fixture, TODO_OK, trash(fixture, &item, 1, 5, &item.version));
    item.updated_at = item.deleted_at = 5;
    expect(fixture, TODO_ERR_PRECONDITION, restore(fixture, &item, 1, 6, &got));
    expect_that(fixture, got == untouched);
    expect_in_trash(fixture, &item);
    expect(fixture, TODO_OK, restore(fixture, &item, 2, 6, &got));
    todo_item_unref(got);
}

static void what_is_not_in_their_trash_is_not_restored(test_fixture *fixture)
{
    todo_item live = add_item(fixture, "live", 1), trashed = add_trashed(fixture, "trashed", 1, 5), foreign;
    const todo_item *untouched = &live, *got = untouched;
    int64_t version = -1;

    for (int64_t given = 0; given <= 2; given++) {
        expect(fixture, TODO_ERR_NOT_FOUND, restore(fixture, &live, given, 9, &got));
        foreign = trashed;
        foreign.user_id = fixture->bob;
        expect(fixture, TODO_ERR_NOT_FOUND, restore(fixture, &foreign, given, 9, &got));
        foreign.id = new_id(fixture);
        expect(fixture, TODO_ERR_NOT_FOUND, restore(fixture, &foreign, given, 9, &got));
        expect(fixture, TODO_ERR_NOT_FOUND, trash(fixture, &foreign, given, 9, &version));
        foreign.id = live.id;
        expect(fixture, TODO_ERR_NOT_FOUND, trash(fixture, &foreign, given, 9, &version));
    }
    expect_that(fixture, got == untouched);
    expect_equal(fixture, version, -1);
    expect_item_stored(fixture, &live);
    expect_in_trash(fixture, &trashed);
}

static void an_unknown_user_has_no_trash(test_fixture *fixture)
{
    todo_item item = add_trashed(fixture, "alice's", 1, 5);
    const todo_item *got = NULL;
    int64_t version;

    item.user_id = new_id(fixture);
    expect(fixture, TODO_ERR_UNAUTHENTICATED, trash(fixture, &item, 0, 9, &version));
    expect(fixture, TODO_ERR_UNAUTHENTICATED, restore(fixture, &item, 0, 9, &got));
    expect(fixture, TODO_ERR_UNAUTHENTICATED,
           todo_reader_get_trashed(fixture->reader, NULL, &item.user_id, &item.id, &got, &fixture->error));
    expect_equal(fixture, count_trash(fixture, &item.user_id, 100), 0);
    expect_equal(fixture, purge(fixture, &item.user_id, 100, 10), 0);
    item.user_id = fixture->alice;
    expect_in_trash(fixture, &item);
}

static void its_id_stays_taken(test_fixture *fixture)
{
    todo_item item = add_trashed(fixture, "first", 1, 5),
              second = make_item(fixture, &fixture->alice, "second", 2);

    second.id = item.id;
    expect(fixture, TODO_ERR_CONFLICT, insert_item(fixture, &second));
    expect_text(fixture, fixture->error.code, "id_exists");
    expect_in_trash(fixture, &item);
}

static void an_item_may_be_stored_as_a_trashed_one(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "was in the trash elsewhere", 10);

    item.version = 4;
    item.deleted_at = 1700000000123456;
    item.updated_at = item.deleted_at;
    expect(fixture, TODO_OK, insert_item(fixture, &item));
    expect_in_trash(fixture, &item);
}

static void removal_empties_the_trash_too(test_fixture *fixture)
{
    todo_item item = add_trashed(fixture, "removed for good", 1, 5);
    const todo_item *got = NULL;

    expect(fixture, TODO_ERR_PRECONDITION,
           todo_writer_remove(fixture->writer, NULL, &item.user_id, &item.id, 1, &fixture->error));
    expect_in_trash(fixture, &item);
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &item.user_id, &item.id, 2, &fixture->error));
    expect_equal(fixture, count_listed(fixture, &fixture->alice, true), 0);
    expect(fixture, TODO_ERR_NOT_FOUND, restore(fixture, &item, 0, 9, &got));
}

enum { MANY = 30 };

/* In the order of `query`, a page of `size` after the other; every third todo is in the trash. */
static void expect_pages_of(test_fixture *fixture, todo_list_query query, uint32_t size,
                            const todo_item items[MANY])
{
    todo_cursor after;
    item_page page;
    size_t at = 0, seen = 0;

    query.limit = size;
    do {
        list_items(fixture, &fixture->alice, &query, &page);
        for (size_t i = 0; i < page.count; i++, at++, seen++) {
            while (at < MANY && (items[at].deleted_at != 0) != query.deleted)
                at++;
            expect_that(fixture, at < MANY);
            expect_item(fixture, page.items[i], &items[at]);
            after = (todo_cursor){items[at].created_at, items[at].id};
        }
        query.after = &after;
        size = (uint32_t)page.count;
        page_release(&page);
    } while (size > 0);
    expect_equal(fixture, seen, query.deleted ? MANY / 3 : MANY - MANY / 3);
}

static void pages_of_the_trash_and_of_the_rest_are_apart(test_fixture *fixture)
{
    static const uint32_t sizes[] = {1, 4, MANY};
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_item items[MANY];

    for (size_t i = 0; i < MANY; i++) {
        todo_time created_at = 1000 + (todo_time)i;

        items[i] = i % 3 == 0 ? add_trashed(fixture, "trashed", created_at, 5000 - (todo_time)i)
                              : add_item(fixture, "live", created_at);
    }
    query.ascending = true;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        query.deleted = false;
        expect_pages_of(fixture, query, sizes[i], items);
        query.deleted = true;
        expect_pages_of(fixture, query, sizes[i], items);
    }
}

static void the_trash_has_every_order_and_filter(test_fixture *fixture)
{
    todo_item first = make_item(fixture, &fixture->alice, "done", 1), second;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    item_page page;

    first.completed = true;
    first.updated_at = first.deleted_at = 9;
    expect(fixture, TODO_OK, insert_item(fixture, &first));
    second = add_trashed(fixture, "open", 2, 5);
    add_item(fixture, "live", 3);
    query.deleted = true;
    for (unsigned variant = 0; variant < 12; variant++) {
        bool first_comes_first;

        query.completed = (todo_flag_filter)(variant % 3);
        query.sort = variant / 3 % 2 == 0 ? TODO_SORT_CREATED_AT : TODO_SORT_UPDATED_AT;
        query.ascending = variant >= 6;
        first_comes_first = (query.sort == TODO_SORT_CREATED_AT) == query.ascending;
        list_items(fixture, &fixture->alice, &query, &page);
        expect_equal(fixture, page.count, query.completed == TODO_ANY ? 2 : 1);
        if (query.completed == TODO_ANY)
            expect_item(fixture, page.items[first_comes_first ? 1 : 0], &second);
        if (query.completed != TODO_ONLY_FALSE)
            expect_item(fixture, page.items[page.count == 2 && !first_comes_first ? 1 : 0], &first);
        else
            expect_item(fixture, page.items[0], &second);
        page_release(&page);
    }
}

static void purges_what_was_deleted_first_in_bounded_batches(test_fixture *fixture)
{
    const todo_uuid *alice = &fixture->alice;
    todo_item kept = add_item(fixture, "live", 1), item;

    for (todo_time deleted_at = 10; deleted_at < 17; deleted_at++)
        item = add_trashed(fixture, "trashed", 20 - deleted_at, deleted_at);
    expect_equal(fixture, count_trash(fixture, alice, 16), 6);
    expect_equal(fixture, count_trash(fixture, alice, 10), 0);
    expect_equal(fixture, purge(fixture, alice, 16, 4), 4);
    expect_equal(fixture, count_trash(fixture, alice, 14), 0); /* the first four */
    expect_equal(fixture, count_trash(fixture, alice, 100), 3);
    expect_equal(fixture, purge(fixture, alice, 16, 4), 2);
    expect_equal(fixture, purge(fixture, alice, 16, 4), 0);
    expect_in_trash(fixture, &item);
    expect_item_stored(fixture, &kept);
}

static void a_purged_item_is_gone_for_good(test_fixture *fixture)
{
    todo_item item = add_trashed(fixture, "purged", 1, 5);
    const todo_item *got = NULL;

    expect_equal(fixture, purge(fixture, &fixture->alice, 6, 0), 1);
    expect(fixture, TODO_ERR_NOT_FOUND, restore(fixture, &item, 0, 9, &got));
    expect_equal(fixture, count_listed(fixture, &fixture->alice, true), 0);
    expect_not_in_trash(fixture, &fixture->alice, &item.id);
}

/* The store is shared by all cases, so there may be more in it. */
static void purges_one_users_trash_or_everybodys(test_fixture *fixture)
{
    todo_item hers = add_trashed(fixture, "alice's", 1, 5),
              his = make_item(fixture, &fixture->bob, "bob's", 1);
    todo_item late = add_item(fixture, "alice's of later", 1);

    expect(fixture, TODO_OK, trash(fixture, &late, 0, INT64_C(1) << 50, &late.version));
    expect(fixture, TODO_OK, insert_item(fixture, &his));
    expect(fixture, TODO_OK, trash(fixture, &his, 0, 5, &his.version));
    expect_that(fixture, count_trash(fixture, NULL, 6) >= 2);
    expect_equal(fixture, purge(fixture, &hers.user_id, 6, 100), 1);
    expect_equal(fixture, count_listed(fixture, &fixture->bob, true), 1);
    while (purge(fixture, NULL, 6, 100) == 100)
        ;
    expect_equal(fixture, count_trash(fixture, NULL, 6), 0);
    expect_equal(fixture, count_listed(fixture, &fixture->bob, true), 0);
    expect_equal(fixture, count_listed(fixture, &fixture->alice, true), 1);
}

static void a_passed_deadline_leaves_the_trash_alone(test_fixture *fixture)
{
    todo_item live = add_item(fixture, "live", 1), trashed = add_trashed(fixture, "trashed", 1, 5);
    const todo_item *untouched = &live, *got = untouched;
    todo_call late = late_call();
    int64_t version = -1;
    uint64_t count = 77;
    uint32_t purged = 77;

    expect(
        fixture, TODO_ERR_TIMEOUT,
        todo_writer_trash(fixture->writer, &late, &live.user_id, &live.id, 0, 9, &version, &fixture->error));
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_writer_restore(fixture->writer, &late, &trashed.user_id, &trashed.id, 0, 9, &got,
                               &fixture->error));
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_writer_purge(fixture->writer, &late, &fixture->alice, 100, 1, NULL, NULL, &purged,
                             &fixture->error));
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_reader_count_trash(fixture->reader, &late, &fixture->alice, 100, &count, &fixture->error));
    expect(
        fixture, TODO_ERR_TIMEOUT,
        todo_reader_get_trashed(fixture->reader, &late, &fixture->alice, &trashed.id, &got, &fixture->error));
    expect_that(fixture, got == untouched);
    expect_equal(fixture, version, -1);
    expect_equal(fixture, count, 77);
    expect_equal(fixture, purged, 77);
    expect_item_stored(fixture, &live);
    expect_in_trash(fixture, &trashed);
}

typedef struct contest {
    test_fixture *fixture;
    todo_item item;
    size_t won[THREADS], wrong[THREADS];
} contest;

static void trash_the_same(void *arg, size_t index)
{
    contest *this = arg;
    int64_t version = 0;
    todo_status status = todo_writer_trash(this->fixture->writer, NULL, &this->item.user_id, &this->item.id,
                                           0, 9, &version, NULL);

    this->won[index] += status == TODO_OK;
    this->wrong[index] +=
        status == TODO_OK ? version != this->item.version + 1 : status != TODO_ERR_NOT_FOUND;
}

static void restore_the_same(void *arg, size_t index)
{
    contest *this = arg;
    const todo_item *item = NULL;
    todo_status status = todo_writer_restore(this->fixture->writer, NULL, &this->item.user_id, &this->item.id,
                                             0, 9, &item, NULL);

    this->won[index] += status == TODO_OK;
    this->wrong[index] +=
        status == TODO_OK ? item->version != this->item.version + 2 : status != TODO_ERR_NOT_FOUND;
    todo_item_unref(item);
}

static void expect_one_winner(contest *this)
{
    size_t won = 0;

    for (size_t i = 0; i < THREADS; i++) {
        expect_equal(this->fixture, this->wrong[i], 0);
        won += this->won[i];
        this->won[i] = 0;
    }
    expect_equal(this->fixture, won, 1);
}

static void of_many_who_trash_or_restore_the_same_item_one_wins(test_fixture *fixture)
{
    contest this = {.fixture = fixture, .item = add_item(fixture, "contested", 1)};

    in_threads(fixture, trash_the_same, &this);
    expect_one_winner(&this);
    in_threads(fixture, restore_the_same, &this);
    expect_one_winner(&this);
}

static void see_removed(void *arg, const todo_uuid *id)
{
    (void)id;
    ++*(size_t *)arg;
}

static void a_removed_users_trash_goes_along(test_fixture *fixture)
{
    todo_item item = add_trashed(fixture, "of a user who goes", 1, 5);
    size_t removed = 0;

    add_item(fixture, "so does this", 1);
    expect(fixture, TODO_OK,
           todo_users_remove(fixture->users, NULL, &fixture->alice, see_removed, &removed, &fixture->error));
    expect_equal(fixture, removed, 2);
    expect_equal(fixture, count_trash(fixture, &fixture->alice, 100), 0);
    item.user_id = fixture->bob;
    expect(fixture, TODO_OK, insert_item(fixture, &item));
}

static const conformance_case cases[] = {
    CASE(
        a_trashed_item_is_found_in_the_trash_alone,
        "`updated_at` and `version` change as with `update`, and `deleted_at` becomes the new `updated_at`."),
    CASE(only_what_is_there_is_found_in_the_trash, "NOT_FOUND for one that is not there."),
    CASE(the_time_of_a_removal_never_goes_back, "`ret_version` becomes its version in the trash."),
    CASE(what_is_in_the_trash_can_not_be_changed,
         "NOT_FOUND when the user has no such todo, or has it in the trash"),
    CASE(a_restored_item_is_what_it_was, "Takes the user's todo out of the trash"),
    CASE(a_wrong_version_moves_nothing,
         "PRECONDITION when `if_version` is neither 0 nor the version that it has there."),
    CASE(what_is_not_in_their_trash_is_not_restored, "NOT_FOUND when the user has no such todo in the trash"),
    CASE_WITH_USERS(an_unknown_user_has_no_trash,
                    "A write of a user that does not exist is UNAUTHENTICATED."),
    CASE(its_id_stays_taken, "It keeps its id and all that belongs to it"),
    CASE(an_item_may_be_stored_as_a_trashed_one,
         "Stores `count` (1 or more) new items, all of one user, as they are"),
    CASE(removal_empties_the_trash_too, "It is gone for good, and from the trash too."),
    CASE(pages_of_the_trash_and_of_the_rest_are_apart,
         "false: todos that are not in the trash; true: those that are, and no others"),
    CASE(the_trash_has_every_order_and_filter,
         "Calls `visit` for each of the user's todos that `query` asks for, in its order"),
    CASE(purges_what_was_deleted_first_in_bounded_batches,
         "at most `limit` (never 0 here) todos, those that were deleted first, in one transaction."),
    CASE(a_purged_item_is_gone_for_good,
         "Removes for good what was moved to the trash before the given time"),
    CASE(purges_one_users_trash_or_everybodys, "How many todos, of this user or (NULL) of all, were moved to "
                                               "the trash before the given time and are "
                                               "still there."),
    CASE(a_passed_deadline_leaves_the_trash_alone, "A change that failed left nothing behind."),
    CASE(of_many_who_trash_or_restore_the_same_item_one_wins,
         "`version` rises by one; decided and done in one atomic step."),
    CASE_WITH_USERS(a_removed_users_trash_goes_along,
                    "Removes the user and everything that is theirs, in one transaction."),
};

const conformance_cases conformance_trash = {"trash", cases, COUNT_OF(cases)};
