/* port/reader.h */
#include "contract.h"

#include <stdlib.h>

enum { MANY = 60 };

static void gets_an_item_with_every_member(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_item(&fixture->alice, "buy milk", 1700000000123456);

    item.description = "two litres";
    item.completed = true;
    item.updated_at = 1700000000654321;
    item.version = 7;
    expect(fixture, TODO_OK, contract_insert(fixture, &item));
    contract_expect_stored(fixture, &item);
}

static void tells_no_description_from_an_empty_one(void **state)
{
    contract_fixture *fixture = *state;
    todo_item none = contract_add(fixture, "none", 1);
    todo_item empty = contract_item(&fixture->alice, "empty", 1);

    empty.description = "";
    expect(fixture, TODO_OK, contract_insert(fixture, &empty));
    contract_expect_stored(fixture, &none);
    contract_expect_stored(fixture, &empty);
}

static void keeps_any_text(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_item(&fixture->alice,
                                   "\xE2\x82\xAC \xF0\x9F\x98\x80 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D "
                                   "e\xCC\x81 ' \" \\ % _ ; -- {} \x7F",
                                   1);

    item.description = "line\r\nline\ttab\x01\xEF\xBF\xBF\xF4\x8F\xBF\xBF $1 ?1 :a @b \\x00 \\N";
    expect(fixture, TODO_OK, contract_insert(fixture, &item));
    contract_expect_stored(fixture, &item);
}

static void keeps_a_description_of_a_mebibyte(void **state)
{
    enum { SIZE = 1 << 20 };
    contract_fixture *fixture = *state;
    todo_item item = contract_item(&fixture->alice, "long", 1);
    char *description = malloc(SIZE + 1);
    contract_page page;

    for (size_t i = 0; i < SIZE; i++)
        description[i] = (char)('!' + i % 90);
    description[SIZE] = '\0';
    item.description = description;
    expect(fixture, TODO_OK, contract_insert(fixture, &item));
    contract_expect_stored(fixture, &item);
    contract_list(fixture, &fixture->alice, NULL, &page);
    assert_int_equal(page.count, 1);
    contract_expect_item(page.items[0], &item);
    contract_page_release(&page);
    free(description);
}

static void keeps_times_to_the_microsecond_far_from_today(void **state)
{
    static const todo_time times[] = {
        -1, 0, 1, -62135596800000000 /* 0001 */, 253402300799999999 /* 9999 */, 1700000000999999};
    contract_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(times); i++) {
        todo_item item = contract_add(fixture, "time", times[i]);

        contract_expect_stored(fixture, &item);
    }
}

static void an_unknown_id_is_not_found(void **state)
{
    contract_fixture *fixture = *state;
    todo_uuid id;

    assert_int_equal(todo_uuid_generate(&id, NULL), TODO_OK);
    contract_expect_missing(fixture, &fixture->alice, &id);
}

static void another_users_item_is_not_found(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_add(fixture, "alice's", 1);

    contract_expect_missing(fixture, &fixture->bob, &item.id);
    contract_expect_stored(fixture, &item);
    contract_expect_missing(fixture, &fixture->bob, &item.id); /* nor after its owner has read it */
    assert_int_equal(contract_count(fixture, &fixture->bob), 0);
}

static void an_unknown_user_has_nothing(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_add(fixture, "alice's", 1);
    todo_uuid nobody;

    assert_int_equal(todo_uuid_generate(&nobody, NULL), TODO_OK);
    contract_expect_missing(fixture, &nobody, &item.id);
    assert_int_equal(contract_count(fixture, &nobody), 0);
}

/* Items with ties in both keys, in an order that is none of those asked for. */
static void add_many(contract_fixture *fixture, todo_item items[MANY])
{
    for (unsigned i = 0; i < MANY; i++) {
        items[i] = contract_item(&fixture->alice, "many", 1000 + i * 7 % 13);
        items[i].updated_at = 2000 + i * 11 % 17;
        items[i].completed = i * 5 % 3 == 0;
        items[i].version = 1 + i;
        if (i % 4 == 0) /* ids that are not in the order of time */
            items[i].id.bytes[0] ^= 0x80;
        expect(fixture, TODO_OK, contract_insert(fixture, &items[i]));
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
static void expect_pages(contract_fixture *fixture, todo_list_query query, uint32_t size,
                         const todo_item *const *wanted, size_t count)
{
    todo_cursor after;
    contract_page page;
    size_t seen = 0;

    query.limit = size;
    do {
        contract_list(fixture, &fixture->alice, &query, &page);
        assert_true(page.count <= size);
        for (size_t i = 0; i < page.count; i++) {
            assert_true(seen < count);
            contract_expect_item(page.items[i], wanted[seen++]);
        }
        if (page.count > 0)
            after =
                (todo_cursor){key_of(page.items[page.count - 1], query.sort), page.items[page.count - 1]->id};
        query.after = &after;
        size = (uint32_t)page.count;
        contract_page_release(&page);
    } while (size > 0);
    assert_int_equal(seen, count);
}

static void lists_in_every_order_with_every_filter_in_pages_of_any_size(void **state)
{
    static const uint32_t sizes[] = {1, 7, MANY, 1001};
    contract_fixture *fixture = *state;
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

static void the_default_list_is_the_newest_hundred(void **state)
{
    contract_fixture *fixture = *state;
    todo_item items[TODO_LIST_DEFAULT + 5];
    const todo_item *pointers[COUNT_OF(items)];
    contract_page page;

    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i] = contract_item(&fixture->alice, "default", 5000 + (todo_time)i);
        pointers[i] = &items[i];
    }
    expect(fixture, TODO_OK,
           todo_writer_insert(fixture->writer, NULL, pointers, COUNT_OF(items), &fixture->error));
    contract_list(fixture, &fixture->alice, NULL, &page);
    assert_int_equal(page.count, TODO_LIST_DEFAULT);
    for (size_t i = 0; i < page.count; i++)
        contract_expect_item(page.items[i], &items[COUNT_OF(items) - 1 - i]);
    contract_page_release(&page);
}

static void a_cursor_is_a_position_and_not_an_item(void **state)
{
    contract_fixture *fixture = *state;
    todo_item old = contract_add(fixture, "old", 10), gone = contract_add(fixture, "gone", 20);
    todo_cursor after = {20, gone.id};
    todo_list_query query = TODO_LIST_QUERY_INIT;
    contract_page page;

    contract_add(fixture, "new", 30);
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &fixture->alice, &gone.id, 0, &fixture->error));
    query.after = &after;
    contract_list(fixture, &fixture->alice, &query, &page);
    assert_int_equal(page.count, 1);
    contract_expect_item(page.items[0], &old);
    contract_page_release(&page);
    after.key = 10;
    memset(&after.id, 0, sizeof(after.id));
    contract_list(fixture, &fixture->alice, &query, &page);
    assert_int_equal(page.count, 0);
    after.key = INT64_C(253402300799999999);
    contract_list(fixture, &fixture->alice, &query, &page);
    assert_int_equal(page.count, 2);
    contract_page_release(&page);
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

static void a_visit_may_end_the_list_with_any_status(void **state)
{
    static const todo_status statuses[] = {TODO_ERR_TOO_LARGE, TODO_ERR_NOMEM, TODO_ERR_NOT_FOUND,
                                           TODO_ERR_UNAVAILABLE};
    contract_fixture *fixture = *state;

    for (int i = 0; i < 5; i++)
        contract_add(fixture, "visited", i);
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        early_end end = {0, i + 1, statuses[i]};

        assert_int_equal(
            todo_reader_list(fixture->reader, NULL, &fixture->alice, NULL, end_early, &end, NULL),
            statuses[i]);
        assert_int_equal(end.calls, i + 1);
        assert_int_equal(contract_count(fixture, &fixture->alice), 5); /* and the reader is none the worse */
    }
}

static void a_passed_deadline_is_a_timeout(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_add(fixture, "late", 1);
    todo_call late = contract_late_call();
    early_end end = {0, 0, TODO_OK};
    const todo_item *untouched = &item, *got = untouched;

    expect(fixture, TODO_ERR_TIMEOUT,
           todo_reader_get(fixture->reader, &late, &fixture->alice, &item.id, &got, &fixture->error));
    assert_ptr_equal(got, untouched);
    assert_true(fixture->error.retryable);
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_reader_list(fixture->reader, &late, &fixture->alice, NULL, end_early, &end, &fixture->error));
    assert_int_equal(end.calls, 0);
}

static void a_deadline_ahead_and_a_request_id_change_nothing(void **state)
{
    contract_fixture *fixture = *state;
    todo_item item = contract_add(fixture, "in time", 1);
    todo_call call = TODO_CALL_INIT;
    const todo_item *got = NULL;
    early_end end = {0, 0, TODO_OK};

    todo_call_set_timeout(&call, 20000);
    call.request_id = "3f0c; DROP TABLE todos; --";
    expect(fixture, TODO_OK,
           todo_reader_get(fixture->reader, &call, &fixture->alice, &item.id, &got, &fixture->error));
    contract_expect_item(got, &item);
    todo_item_unref(got);
    expect(fixture, TODO_OK,
           todo_reader_list(fixture->reader, &call, &fixture->alice, NULL, end_early, &end, &fixture->error));
    assert_int_equal(end.calls, 1);
}

typedef struct reading {
    contract_fixture *fixture;
    const todo_item *items;
    size_t wrong[CONTRACT_THREADS];
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

static void many_threads_may_read_at_once(void **state)
{
    contract_fixture *fixture = *state;
    todo_item items[MANY];
    reading this = {fixture, items, {0}};

    add_many(fixture, items);
    contract_in_threads(read_all, &this);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        assert_int_equal(this.wrong[i], 0);
}

static const struct CMUnitTest tests[] = {
    CONTRACT_CASE(gets_an_item_with_every_member),
    CONTRACT_CASE(tells_no_description_from_an_empty_one),
    CONTRACT_CASE(keeps_any_text),
    CONTRACT_CASE(keeps_a_description_of_a_mebibyte),
    CONTRACT_CASE(keeps_times_to_the_microsecond_far_from_today),
    CONTRACT_CASE(an_unknown_id_is_not_found),
    CONTRACT_CASE(another_users_item_is_not_found),
    CONTRACT_CASE(an_unknown_user_has_nothing),
    CONTRACT_CASE(lists_in_every_order_with_every_filter_in_pages_of_any_size),
    CONTRACT_CASE(the_default_list_is_the_newest_hundred),
    CONTRACT_CASE(a_cursor_is_a_position_and_not_an_item),
    CONTRACT_CASE(a_visit_may_end_the_list_with_any_status),
    CONTRACT_CASE(a_passed_deadline_is_a_timeout),
    CONTRACT_CASE(a_deadline_ahead_and_a_request_id_change_nothing),
    CONTRACT_CASE(many_threads_may_read_at_once),
};

const contract_cases contract_reader = {tests, COUNT_OF(tests)};
