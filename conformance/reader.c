/* port/reader.h */
#include "fixture.h"

#include <stdlib.h>

enum { MANY = 60 };

static todo_status keep_none(void *arg, const todo_item *item)
{
    (void)item;
    ((item_page *)arg)->count++;
    return TODO_OK;
}

static void gets_an_item_with_every_member(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice, "buy milk", 1700000000123456);

    item.description = "two litres";
    item.completed = true;
    item.updated_at = 1700000000654321;
    item.version = 7;
    expect(fixture, TODO_OK, insert_item(fixture, &item));
    expect_item_stored(fixture, &item);
}

static void tells_no_description_from_an_empty_one(test_fixture *fixture)
{
    todo_item none = add_item(fixture, "none", 1);
    todo_item empty = make_item(fixture, &fixture->alice, "empty", 1);

    empty.description = "";
    expect(fixture, TODO_OK, insert_item(fixture, &empty));
    expect_item_stored(fixture, &none);
    expect_item_stored(fixture, &empty);
}

static void keeps_any_text(test_fixture *fixture)
{
    todo_item item = make_item(fixture, &fixture->alice,
                               "\xE2\x82\xAC \xF0\x9F\x98\x80 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D "
                               "e\xCC\x81 ' \" \\ % _ ; -- {} \x7F",
                               1);

    item.description = "line\r\nline\ttab\x01\xEF\xBF\xBF\xF4\x8F\xBF\xBF $1 ?1 :a @b \\x00 \\N";
    expect(fixture, TODO_OK, insert_item(fixture, &item));
    expect_item_stored(fixture, &item);
}

static void keeps_a_description_of_a_mebibyte(test_fixture *fixture)
{
    enum { SIZE = 1 << 20 };
    todo_item item = make_item(fixture, &fixture->alice, "long", 1);
    char *description = malloc(SIZE + 1);
    item_page page;

    for (size_t i = 0; i < SIZE; i++)
        description[i] = (char)('!' + i % 90);
    description[SIZE] = '\0';
    item.description = description;
    expect(fixture, TODO_OK, insert_item(fixture, &item));
    expect_item_stored(fixture, &item);
    list_items(fixture, &fixture->alice, NULL, &page);
    expect_equal(fixture, page.count, 1);
    expect_item(fixture, page.items[0], &item);
    page_release(&page);
    free(description);
}

static void keeps_times_to_the_microsecond_far_from_today(test_fixture *fixture)
{
    static const todo_time times[] = {
        -1, 0, 1, -62135596800000000 /* 0001 */, 253402300799999999 /* 9999 */, 1700000000999999};

    for (size_t i = 0; i < COUNT_OF(times); i++) {
        todo_item item = add_item(fixture, "time", times[i]);

        expect_item_stored(fixture, &item);
    }
}

static void an_unknown_id_is_not_found(test_fixture *fixture)
{
    todo_uuid id;

    id = new_id(fixture);
    expect_item_missing(fixture, &fixture->alice, &id);
}

static void another_users_item_is_not_found(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "alice's", 1);

    expect_item_missing(fixture, &fixture->bob, &item.id);
    expect_item_stored(fixture, &item);
    expect_item_missing(fixture, &fixture->bob, &item.id); /* nor after its owner has read it */
    expect_equal(fixture, count_items(fixture, &fixture->bob), 0);
}

/* A list, small and large, with and without a filter and a position, in and out of the trash. */
static void expect_no_list(test_fixture *fixture, const todo_uuid *user)
{
    static const uint32_t limits[] = {1, 100, 1001};
    const todo_cursor after = {1, *user};

    for (unsigned i = 0; i < 48; i++) {
        todo_list_query query = TODO_LIST_QUERY_INIT;
        item_page page = {.count = 0};

        query.limit = limits[i % COUNT_OF(limits)];
        query.completed = i & 1 ? TODO_ONLY_TRUE : TODO_ANY;
        query.after = i & 2 ? &after : NULL;
        query.sort = i & 4 ? TODO_SORT_UPDATED_AT : TODO_SORT_CREATED_AT;
        query.deleted = (i & 8) != 0;
        query.ascending = (i & 16) != 0;
        expect(fixture, TODO_ERR_UNAUTHENTICATED,
               todo_reader_list(fixture->reader, NULL, user, &query, keep_none, &page, &fixture->error));
        expect_text(fixture, fixture->error.code, "user_unknown");
        expect_equal(fixture, page.count, 0);
    }
}

static void reads_of_an_unknown_user_are_unauthenticated(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "alice's", 1);
    todo_uuid unknown = new_id(fixture);

    expect_user_unknown(fixture, &unknown, &item.id);
    expect_no_list(fixture, &unknown);
    expect_equal(fixture, count_items(fixture, &fixture->bob), 0);
}

static void reads_of_a_removed_user_are_unauthenticated(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "alice's", 1);

    expect_item_stored(fixture, &item);
    expect_equal(fixture, count_items(fixture, &fixture->alice), 1);
    expect(fixture, TODO_OK,
           todo_users_remove(fixture->users, NULL, &fixture->alice, NULL, NULL, &fixture->error));
    expect_user_unknown(fixture, &fixture->alice, &item.id);
    expect_no_list(fixture, &fixture->alice);
}

/* Items with ties in both keys, in an order that is none of those asked for. */
static void add_many(test_fixture *fixture, todo_item items[MANY])
{
    for (unsigned i = 0; i < MANY; i++) {
        items[i] = make_item(fixture, &fixture->alice, "many", 1000 + i * 7 % 13);
        items[i].updated_at = 2000 + i * 11 % 17;
        items[i].completed = i * 5 % 3 == 0;
        items[i].version = 1 + i;
        if (i % 4 == 0) /* ids that are not in the order of time */
            items[i].id.bytes[0] ^= 0x80;
        expect(fixture, TODO_OK, insert_item(fixture, &items[i]));
    }
}

static int64_t key_of(const todo_item *item, todo_sort_key sort)
{
    return sort == TODO_SORT_UPDATED_AT ? item->updated_at : item->created_at;
}

/* What the order asked for is, written down a second time. */
static bool comes_before(const todo_item *a, const todo_item *b, const todo_list_query *query)
{
    int64_t a_key = key_of(a, query->sort), b_key = key_of(b, query->sort);
    int order = a_key < b_key ? -1 : a_key > b_key ? 1 : todo_uuid_compare(&a->id, &b->id);

    return query->ascending ? order < 0 : order > 0;
}

static size_t expected_list(const todo_item items[MANY], const todo_list_query *query,
                            const todo_item *wanted[MANY])
{
    size_t count = 0;

    for (size_t i = 0; i < MANY; i++) {
        size_t place = count;

        if (query->completed != TODO_ANY && items[i].completed != (query->completed == TODO_ONLY_TRUE))
            continue;
        for (; place > 0 && comes_before(&items[i], wanted[place - 1], query); place--)
            wanted[place] = wanted[place - 1];
        wanted[place] = &items[i];
        count++;
    }
    return count;
}

/* Reads the whole list in pages of `size` and compares. */
static void expect_pages(test_fixture *fixture, todo_list_query query, uint32_t size,
                         const todo_item *const *wanted, size_t count)
{
    todo_cursor after;
    item_page page;
    size_t seen = 0;

    query.limit = size;
    do {
        list_items(fixture, &fixture->alice, &query, &page);
        expect_that(fixture, page.count <= size);
        for (size_t i = 0; i < page.count; i++) {
            expect_that(fixture, seen < count);
            expect_item(fixture, page.items[i], wanted[seen++]);
        }
        if (page.count > 0)
            after =
                (todo_cursor){key_of(page.items[page.count - 1], query.sort), page.items[page.count - 1]->id};
        query.after = &after;
        size = (uint32_t)page.count;
        page_release(&page);
    } while (size > 0);
    expect_equal(fixture, seen, count);
}

static void lists_in_every_order_with_every_filter_in_pages_of_any_size(test_fixture *fixture)
{
    static const uint32_t sizes[] = {1, 7, MANY, 1001};
    todo_item items[MANY];
    const todo_item *wanted[MANY];

    add_many(fixture, items);
    for (unsigned variant = 0; variant < 12; variant++) {
        todo_list_query query = TODO_LIST_QUERY_INIT;
        size_t count;

        query.completed = (todo_flag_filter)(variant % 3);
        query.sort = variant / 3 % 2 == 0 ? TODO_SORT_CREATED_AT : TODO_SORT_UPDATED_AT;
        query.ascending = variant >= 6;
        count = expected_list(items, &query, wanted);
        for (size_t i = 0; i < COUNT_OF(sizes); i++)
            expect_pages(fixture, query, sizes[i], wanted, count);
    }
}

static void the_default_list_is_the_newest_hundred(test_fixture *fixture)
{
    todo_item items[TODO_LIST_DEFAULT + 5];
    const todo_item *pointers[COUNT_OF(items)];
    item_page page;

    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i] = make_item(fixture, &fixture->alice, "default", 5000 + (todo_time)i);
        pointers[i] = &items[i];
    }
    expect(fixture, TODO_OK,
           todo_writer_insert(fixture->writer, NULL, pointers, COUNT_OF(items), &fixture->error));
    list_items(fixture, &fixture->alice, NULL, &page);
    expect_equal(fixture, page.count, TODO_LIST_DEFAULT);
    for (size_t i = 0; i < page.count; i++)
        expect_item(fixture, page.items[i], &items[COUNT_OF(items) - 1 - i]);
    page_release(&page);
}

static void a_cursor_is_a_position_and_not_an_item(test_fixture *fixture)
{
    todo_item old = add_item(fixture, "old", 10), gone = add_item(fixture, "gone", 20);
    todo_cursor after = {20, gone.id};
    todo_list_query query = TODO_LIST_QUERY_INIT;
    item_page page;

    add_item(fixture, "new", 30);
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &fixture->alice, &gone.id, 0, &fixture->error));
    query.after = &after;
    list_items(fixture, &fixture->alice, &query, &page);
    expect_equal(fixture, page.count, 1);
    expect_item(fixture, page.items[0], &old);
    page_release(&page);
    after.key = 10;
    memset(&after.id, 0, sizeof(after.id));
    list_items(fixture, &fixture->alice, &query, &page);
    expect_equal(fixture, page.count, 0);
    after.key = INT64_C(253402300799999999);
    list_items(fixture, &fixture->alice, &query, &page);
    expect_equal(fixture, page.count, 2);
    page_release(&page);
}

typedef struct early_end {
    size_t calls, end_at;
    todo_status status;
} early_end;

static todo_status end_early(void *arg, const todo_item *item)
{
    early_end *this = arg;

    (void)item;
    return ++this->calls == this->end_at ? this->status : TODO_OK;
}

static void a_visit_may_end_the_list_with_any_status(test_fixture *fixture)
{
    static const todo_status statuses[] = {TODO_ERR_TOO_LARGE, TODO_ERR_NOMEM, TODO_ERR_NOT_FOUND,
                                           TODO_ERR_UNAVAILABLE};

    for (int i = 0; i < 5; i++)
        add_item(fixture, "visited", i);
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        early_end end = {0, i + 1, statuses[i]};

        expect_equal(fixture,
                     todo_reader_list(fixture->reader, NULL, &fixture->alice, NULL, end_early, &end, NULL),
                     statuses[i]);
        expect_equal(fixture, end.calls, i + 1);
        expect_equal(fixture, count_items(fixture, &fixture->alice),
                     5); /* and the reader is none the worse */
    }
}

static void a_passed_deadline_is_a_timeout(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "late", 1);
    todo_call late = late_call();
    early_end end = {0, 0, TODO_OK};
    const todo_item *untouched = &item, *got = untouched;

    expect(fixture, TODO_ERR_TIMEOUT,
           todo_reader_get(fixture->reader, &late, &fixture->alice, &item.id, &got, &fixture->error));
    expect_that(fixture, got == untouched);
    expect_that(fixture, fixture->error.retryable);
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_reader_list(fixture->reader, &late, &fixture->alice, NULL, end_early, &end, &fixture->error));
    expect_equal(fixture, end.calls, 0);
}

static void a_deadline_ahead_and_a_request_id_change_nothing(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "in time", 1);
    todo_call call = TODO_CALL_INIT;
    const todo_item *got = NULL;
    early_end end = {0, 0, TODO_OK};

    todo_call_set_timeout(&call, 20000);
    call.request_id = "3f0c; DROP TABLE todos; --";
    expect(fixture, TODO_OK,
           todo_reader_get(fixture->reader, &call, &fixture->alice, &item.id, &got, &fixture->error));
    expect_item(fixture, got, &item);
    todo_item_unref(got);
    expect(fixture, TODO_OK,
           todo_reader_list(fixture->reader, &call, &fixture->alice, NULL, end_early, &end, &fixture->error));
    expect_equal(fixture, end.calls, 1);
}

typedef struct reading {
    test_fixture *fixture;
    const todo_item *items;
    size_t wrong[THREADS];
} reading;

static void read_all(void *arg, size_t index)
{
    reading *this = arg;
    todo_list_query query = TODO_LIST_QUERY_INIT;

    query.limit = MANY;
    for (size_t i = 0; i < MANY; i++) {
        const todo_item *wanted = &this->items[(i + index * 7) % MANY], *item = NULL;
        early_end end = {0, 0, TODO_OK};

        if (todo_reader_get(this->fixture->reader, NULL, &wanted->user_id, &wanted->id, &item, NULL) !=
                TODO_OK ||
            item->version != wanted->version || todo_uuid_compare(&item->id, &wanted->id) != 0)
            this->wrong[index]++;
        todo_item_unref(item);
        if (todo_reader_list(this->fixture->reader, NULL, &wanted->user_id, &query, end_early, &end, NULL) !=
                TODO_OK ||
            end.calls != MANY)
            this->wrong[index]++;
    }
}

static void many_threads_may_read_at_once(test_fixture *fixture)
{
    todo_item items[MANY];
    reading this = {fixture, items, {0}};

    add_many(fixture, items);
    in_threads(fixture, read_all, &this);
    for (size_t i = 0; i < THREADS; i++)
        expect_equal(fixture, this.wrong[i], 0);
}

static const conformance_case cases[] = {
    CASE(gets_an_item_with_every_member, "The user's todo of this id."),
    CASE(tells_no_description_from_an_empty_one, "NULL when there is none"),
    CASE(keeps_any_text, "Strings are UTF-8 and NUL-terminated unless a length is passed beside them."),
    CASE(keeps_a_description_of_a_mebibyte, "The caller gets a reference in `ret_item`."),
    CASE(keeps_times_to_the_microsecond_far_from_today,
         "Microseconds since 1970-01-01T00:00:00Z, UTC, leap seconds not counted."),
    CASE(an_unknown_id_is_not_found, "NOT_FOUND when there is none, or when it belongs to another user."),
    CASE(another_users_item_is_not_found,
         "NOT_FOUND when there is none, or when it belongs to another user."),
    CASE_WITH_USERS(reads_of_an_unknown_user_are_unauthenticated,
                    "A read that finds nothing for a user that does not exist is UNAUTHENTICATED, code "
                    "\"user_unknown\"."),
    CASE_WITH_USERS(reads_of_a_removed_user_are_unauthenticated,
                    "A read that finds nothing for a user that does not exist is UNAUTHENTICATED, code "
                    "\"user_unknown\"."),
    CASE(lists_in_every_order_with_every_filter_in_pages_of_any_size,
         "Calls `visit` for each of the user's todos that `query` asks for, in its order, at most "
         "`query->limit` (never 0 here) of them."),
    CASE(the_default_list_is_the_newest_hundred, "Default: the newest TODO_LIST_DEFAULT."),
    CASE(a_cursor_is_a_position_and_not_an_item, "only items behind this position in the order asked for"),
    CASE(a_visit_may_end_the_list_with_any_status,
         "Ends early with what `visit` returned when that is not TODO_OK."),
    CASE(a_passed_deadline_is_a_timeout, "It may block, but not beyond `call`'s deadline by more than a few "
                                         "milliseconds: then it returns TIMEOUT."),
    CASE(a_deadline_ahead_and_a_request_id_change_nothing, "for the backend's own log, or NULL"),
    CASE(many_threads_may_read_at_once, "Every function may be called from any number of threads at once."),
};

const conformance_cases conformance_reader = {"reader", cases, COUNT_OF(cases)};
