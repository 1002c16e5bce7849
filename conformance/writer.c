/* port/writer.h */
#include "fixture.h"

#include <stdio.h>

static void a_batch_is_stored_whole(test_fixture *fixture)
{
    todo_item items[TODO_BATCH_MAX];
    const todo_item *pointers[TODO_BATCH_MAX];

    for (size_t i = 0; i < TODO_BATCH_MAX; i++) {
        items[i] = make_item(fixture, &fixture->alice, "batch", (todo_time)i);
        pointers[i] = &items[i];
    }
    expect(fixture, TODO_OK,
           todo_writer_insert(fixture->writer, NULL, pointers, TODO_BATCH_MAX, &fixture->error));
    expect_equal(fixture, count_items(fixture, &fixture->alice), TODO_BATCH_MAX);
    expect_item_stored(fixture, &items[0]);
    expect_item_stored(fixture, &items[TODO_BATCH_MAX - 1]);
}

static void a_taken_id_is_a_conflict(test_fixture *fixture)
{
    todo_item first = add_item(fixture, "first", 1);
    todo_item second = make_item(fixture, &fixture->alice, "second", 2);

    second.id = first.id;
    expect(fixture, TODO_ERR_CONFLICT, insert_item(fixture, &second));
    expect_text(fixture, fixture->error.code, "id_exists");
    expect_item_stored(fixture, &first);
}

static void a_batch_with_a_taken_id_stores_none(test_fixture *fixture)
{
    todo_item taken = add_item(fixture, "taken", 1);
    todo_item items[5];
    const todo_item *pointers[COUNT_OF(items)];

    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i] = make_item(fixture, &fixture->alice, "none", 1);
        pointers[i] = &items[i];
    }
    items[3].id = taken.id;
    expect(fixture, TODO_ERR_CONFLICT,
           todo_writer_insert(fixture->writer, NULL, pointers, COUNT_OF(items), &fixture->error));
    expect_text(fixture, fixture->error.code, "id_exists");
    expect_equal(fixture, count_items(fixture, &fixture->alice), 1);
    items[3].id = items[1].id; /* taken within the batch itself */
    expect(fixture, TODO_ERR_CONFLICT,
           todo_writer_insert(fixture->writer, NULL, pointers, COUNT_OF(items), &fixture->error));
    expect_text(fixture, fixture->error.code, "id_exists");
    expect_equal(fixture, count_items(fixture, &fixture->alice), 1);
    expect_item_missing(fixture, &fixture->alice, &items[0].id);
    expect_item_stored(fixture, &taken);
}

static void writes_of_an_unknown_user_are_unauthenticated(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "alice's", 1);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_item items[3];
    const todo_item *pointers[COUNT_OF(items)], *got = NULL;
    todo_uuid nobody;

    nobody = new_id(fixture);
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i] = make_item(fixture, &nobody, "nobody's", 1);
        pointers[i] = &items[i];
    }
    expect(fixture, TODO_ERR_UNAUTHENTICATED, insert_item(fixture, &items[0]));
    expect(fixture, TODO_ERR_UNAUTHENTICATED,
           todo_writer_insert(fixture->writer, NULL, pointers, COUNT_OF(items), &fixture->error));
    expect(fixture, TODO_ERR_UNAUTHENTICATED,
           todo_writer_update(fixture->writer, NULL, &nobody, &item.id, &patch, 2, &got, &fixture->error));
    expect(fixture, TODO_ERR_UNAUTHENTICATED,
           todo_writer_remove(fixture->writer, NULL, &nobody, &item.id, 0, &fixture->error));
    expect_that(fixture, got == NULL);
    expect_item_stored(fixture, &item);
}

/* Patches alice's item, compares the answer and what is stored with `wanted`. */
static void expect_update(test_fixture *fixture, const todo_item_patch *patch, todo_time now,
                          const todo_item *wanted)
{
    const todo_item *changed = NULL;

    expect(fixture, TODO_OK,
           todo_writer_update(fixture->writer, NULL, &wanted->user_id, &wanted->id, patch, now, &changed,
                              &fixture->error));
    expect_item(fixture, changed, wanted);
    todo_item_unref(changed);
    expect_item_stored(fixture, wanted);
}

static void a_patch_tells_absent_from_null_from_value(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "before", 100);
    todo_item_patch description = TODO_ITEM_PATCH_INIT, title = TODO_ITEM_PATCH_INIT,
                    flag = TODO_ITEM_PATCH_INIT, number = TODO_ITEM_PATCH_INIT, all = TODO_ITEM_PATCH_INIT;

    description.description = (todo_patch_text){TODO_VALUE, "words"};
    item.description = "words";
    item.updated_at = 200;
    item.version = 2;
    expect_update(fixture, &description, 200, &item);

    title.title = (todo_patch_text){TODO_VALUE, "after"};
    item.title = "after";
    item.updated_at = 300;
    item.version = 3;
    expect_update(fixture, &title, 300, &item);

    flag.completed = (todo_patch_flag){TODO_VALUE, true};
    item.completed = true;
    item.updated_at = 400;
    item.version = 4;
    expect_update(fixture, &flag, 400, &item);

    number.priority = (todo_patch_integer){TODO_VALUE, 3};
    item.priority = 3;
    item.updated_at = 450;
    item.version = 5;
    expect_update(fixture, &number, 450, &item);

    description.description = (todo_patch_text){TODO_NULL, NULL};
    item.description = NULL;
    item.updated_at = 500;
    item.version = 6;
    expect_update(fixture, &description, 500, &item);

    description.description = (todo_patch_text){TODO_VALUE, ""};
    item.description = "";
    item.updated_at = 600;
    item.version = 7;
    expect_update(fixture, &description, 600, &item);

    all.title = (todo_patch_text){TODO_VALUE, "all"};
    all.description = (todo_patch_text){TODO_VALUE, "at once"};
    all.completed = (todo_patch_flag){TODO_VALUE, false};
    all.priority = (todo_patch_integer){TODO_VALUE, 1};
    item.title = "all";
    item.description = "at once";
    item.completed = false;
    item.priority = 1;
    item.updated_at = 700;
    item.version = 8;
    expect_update(fixture, &all, 700, &item);
}

/* Each member alone and all together, with the value that it has, and with each version guard. */
static void expect_idle(test_fixture *fixture, const todo_item *item)
{
    todo_patch_text title = {TODO_VALUE, item->title},
                    description = {item->description != NULL ? TODO_VALUE : TODO_NULL, item->description};
    todo_patch_flag completed = {TODO_VALUE, item->completed};
    todo_patch_integer priority = {TODO_VALUE, item->priority};

    for (unsigned members = 0; members < 16; members++) {
        for (int64_t if_version = 0; if_version <= item->version; if_version += item->version) {
            todo_item_patch patch = TODO_ITEM_PATCH_INIT;

            patch.if_version = if_version;
            if (members & 1)
                patch.title = title;
            if (members & 2)
                patch.description = description;
            if (members & 4)
                patch.completed = completed;
            if (members & 8)
                patch.priority = priority;
            expect_update(fixture, &patch, 9000, item);
        }
    }
}

static void a_patch_that_changes_no_value_changes_nothing(test_fixture *fixture)
{
    todo_item bare = add_item(fixture, "bare", 100), full = make_item(fixture, &fixture->alice, "full", 200);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *untouched = &bare, *got = untouched;

    full.description = "";
    full.completed = true;
    full.priority = 2;
    full.version = 7;
    expect(fixture, TODO_OK, insert_item(fixture, &full));
    expect_idle(fixture, &bare);
    expect_idle(fixture, &full);
    patch.if_version = 6;
    expect(fixture, TODO_ERR_PRECONDITION,
           todo_writer_update(fixture->writer, NULL, &fixture->alice, &full.id, &patch, 9000, &got,
                              &fixture->error));
    expect_that(fixture, got == untouched);
    expect_item_stored(fixture, &full);
}

/* One member that differs is a change, whatever the others are; case and null against "" are differences. */
static void a_patch_that_changes_one_value_counts_once(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "Same", 100);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    patch.title = (todo_patch_text){TODO_VALUE, "Same"};
    patch.description = (todo_patch_text){TODO_VALUE, ""};
    patch.completed = (todo_patch_flag){TODO_VALUE, false};
    item.description = "";
    item.updated_at = 200;
    item.version = 2;
    expect_update(fixture, &patch, 200, &item);
    expect_update(fixture, &patch, 300, &item);
    patch.title.value = "same";
    item.title = "same";
    item.updated_at = 400;
    item.version = 3;
    expect_update(fixture, &patch, 400, &item);
    patch.completed.value = true;
    item.completed = true;
    item.updated_at = 500;
    item.version = 4;
    expect_update(fixture, &patch, 500, &item);
    patch.priority = (todo_patch_integer){TODO_VALUE, 2};
    item.priority = 2;
    item.updated_at = 550;
    item.version = 5;
    expect_update(fixture, &patch, 550, &item);
    expect_update(fixture, &patch, 600, &item);
}

static void an_idle_patch_leaves_the_order_of_changes(test_fixture *fixture)
{
    todo_item first = add_item(fixture, "first", 1), second = add_item(fixture, "second", 2);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    item_page page;

    expect_update(fixture, &patch, 3, &first);
    query.sort = TODO_SORT_UPDATED_AT;
    list_items(fixture, &fixture->alice, &query, &page);
    expect_equal(fixture, page.count, 2);
    expect_item(fixture, page.items[0], &second);
    expect_item(fixture, page.items[1], &first);
    page_release(&page);
}

/* A patch that changes whatever it is applied to: the flag is turned round. */
static todo_item_patch turn(todo_item *item)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    item->completed = !item->completed;
    patch.completed = (todo_patch_flag){TODO_VALUE, item->completed};
    return patch;
}

static void the_time_of_a_change_never_goes_back(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "time", 1000);
    todo_item_patch patch = turn(&item);

    item.version = 2;
    item.updated_at = 1001;
    expect_update(fixture, &patch, 1000, &item);
    patch = turn(&item);
    item.version = 3;
    item.updated_at = 1002;
    expect_update(fixture, &patch, 5, &item);
    patch = turn(&item);
    item.version = 4;
    item.updated_at = 1003;
    expect_update(fixture, &patch, 1003, &item);
    patch = turn(&item);
    item.version = 5;
    item.updated_at = 2000;
    expect_update(fixture, &patch, 2000, &item);
}

static void a_change_moves_the_item_in_the_order_of_changes(test_fixture *fixture)
{
    todo_item first = add_item(fixture, "first", 1), second = add_item(fixture, "second", 2);
    todo_item_patch patch = turn(&first);
    todo_list_query query = TODO_LIST_QUERY_INIT;
    item_page page;

    first.version = 2;
    first.updated_at = 3;
    expect_update(fixture, &patch, 3, &first);
    query.sort = TODO_SORT_UPDATED_AT;
    list_items(fixture, &fixture->alice, &query, &page);
    expect_equal(fixture, page.count, 2);
    expect_item(fixture, page.items[0], &first);
    expect_item(fixture, page.items[1], &second);
    page_release(&page);
    list_items(fixture, &fixture->alice, NULL, &page);
    expect_item(fixture, page.items[0], &second);
    page_release(&page);
}

static void a_wrong_version_is_a_failed_precondition(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "versioned", 1);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *untouched = &item, *got = untouched;

    patch.if_version = 2;
    expect(fixture, TODO_ERR_PRECONDITION,
           todo_writer_update(fixture->writer, NULL, &fixture->alice, &item.id, &patch, 9, &got,
                              &fixture->error));
    expect_that(fixture, got == untouched);
    expect(fixture, TODO_ERR_PRECONDITION,
           todo_writer_remove(fixture->writer, NULL, &fixture->alice, &item.id, 2, &fixture->error));
    expect_item_stored(fixture, &item);
    patch = turn(&item);
    patch.if_version = 1;
    item.version = 2;
    item.updated_at = 9;
    expect_update(fixture, &patch, 9, &item);
    expect(fixture, TODO_ERR_PRECONDITION,
           todo_writer_remove(fixture->writer, NULL, &fixture->alice, &item.id, 1, &fixture->error));
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &fixture->alice, &item.id, 2, &fixture->error));
    expect_item_missing(fixture, &fixture->alice, &item.id);
}

/* The user is known, the todo is not theirs or not at all: with and without a version it is not found. */
static void expect_no_write(test_fixture *fixture, const todo_uuid *user, const todo_uuid *id)
{
    for (int64_t version = 0; version <= 1; version++) {
        todo_item_patch patch = TODO_ITEM_PATCH_INIT;
        const todo_item *untouched = (const todo_item *)fixture, *got = untouched;

        patch.if_version = version;
        patch.title = (todo_patch_text){TODO_VALUE, "stolen"};
        expect(fixture, TODO_ERR_NOT_FOUND,
               todo_writer_update(fixture->writer, NULL, user, id, &patch, 9, &got, &fixture->error));
        expect_that(fixture, got == untouched);
        expect(fixture, TODO_ERR_NOT_FOUND,
               todo_writer_remove(fixture->writer, NULL, user, id, version, &fixture->error));
    }
}

static void what_is_not_there_or_not_theirs_is_not_found(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "alice's", 1);
    todo_uuid id;

    id = new_id(fixture);
    expect_no_write(fixture, &fixture->alice, &id);
    expect_no_write(fixture, &fixture->bob, &item.id);
    expect_item_stored(fixture, &item);
}

static void a_removed_item_is_gone(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "gone", 1), other = add_item(fixture, "stays", 1);

    expect_item_stored(fixture, &item);
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &fixture->alice, &item.id, 0, &fixture->error));
    expect_item_missing(fixture, &fixture->alice, &item.id);
    expect_no_write(fixture, &fixture->alice, &item.id);
    expect_equal(fixture, count_items(fixture, &fixture->alice), 1);
    expect_item_stored(fixture, &other);
}

static void a_passed_deadline_is_a_timeout_and_changes_nothing(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "late", 1), other = make_item(fixture, &fixture->alice, "never", 1);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_call late = late_call();
    const todo_item *pointer = &other, *untouched = &item, *got = untouched;

    expect(fixture, TODO_ERR_TIMEOUT,
           todo_writer_insert(fixture->writer, &late, &pointer, 1, &fixture->error));
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_writer_update(fixture->writer, &late, &fixture->alice, &item.id, &patch, 2, &got,
                              &fixture->error));
    expect_that(fixture, got == untouched);
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_writer_remove(fixture->writer, &late, &fixture->alice, &item.id, 0, &fixture->error));
    expect_that(fixture, fixture->error.retryable);
    expect_item_stored(fixture, &item);
    expect_item_missing(fixture, &fixture->alice, &other.id);
}

enum { CHANGES = 25 };

typedef struct contest {
    test_fixture *fixture;
    todo_item item;
    size_t won[THREADS], lost[THREADS], wrong[THREADS];
    unsigned char seen[THREADS * CHANGES + 2]; /* versions that were answered */
} contest;

static size_t sum(const size_t numbers[THREADS])
{
    size_t total = 0;

    for (size_t i = 0; i < THREADS; i++)
        total += numbers[i];
    return total;
}

static void change_often(void *arg, size_t index)
{
    contest *this = arg;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    for (int i = 0; i < CHANGES; i++) {
        const todo_item *changed = NULL;
        char title[32];

        snprintf(title, sizeof(title), "%zu.%d", index, i);
        patch.title = (todo_patch_text){TODO_VALUE, title};
        if (todo_writer_update(this->fixture->writer, NULL, &this->item.user_id, &this->item.id, &patch, 2,
                               &changed, NULL) != TODO_OK ||
            changed->version >= (int64_t)sizeof(this->seen))
            this->wrong[index]++;
        else
            this->seen[changed->version]++;
        todo_item_unref(changed);
    }
}

static void every_one_of_many_changes_at_once_counts(test_fixture *fixture)
{
    contest this = {.fixture = fixture, .item = add_item(fixture, "changed", 1)};
    const todo_item *item = NULL;

    in_threads(fixture, change_often, &this);
    expect_equal(fixture, sum(this.wrong), 0);
    expect(fixture, TODO_OK,
           todo_reader_get(fixture->reader, NULL, &fixture->alice, &this.item.id, &item, &fixture->error));
    expect_equal(fixture, item->version, 1 + THREADS * CHANGES);
    expect_equal(fixture, item->updated_at, 1 + THREADS * CHANGES);
    todo_item_unref(item);
    for (size_t version = 2; version < sizeof(this.seen); version++)
        expect_equal(fixture, this.seen[version], 1);
}

/* Reads, then changes only what it has read, until it has won CHANGES times. */
static void compare_and_change(void *arg, size_t index)
{
    contest *this = arg;
    todo_writer *writer = this->fixture->writer;
    const todo_item *item = NULL;

    while (this->won[index] < CHANGES && this->wrong[index] == 0) {
        todo_item_patch patch = TODO_ITEM_PATCH_INIT;
        todo_status status =
            todo_reader_get(this->fixture->reader, NULL, &this->item.user_id, &this->item.id, &item, NULL);

        if (status == TODO_OK) {
            patch.if_version = item->version;
            patch.completed = (todo_patch_flag){TODO_VALUE, !item->completed};
            todo_item_unref(item);
            status =
                todo_writer_update(writer, NULL, &this->item.user_id, &this->item.id, &patch, 2, &item, NULL);
        }
        if (status == TODO_OK) {
            this->wrong[index] += item->version != patch.if_version + 1;
            this->won[index]++;
            todo_item_unref(item);
        } else if (status == TODO_ERR_PRECONDITION) {
            this->lost[index]++;
        } else {
            this->wrong[index]++;
        }
    }
}

static void of_many_who_change_the_same_version_one_wins(test_fixture *fixture)
{
    contest this = {.fixture = fixture, .item = add_item(fixture, "contested", 1)};

    in_threads(fixture, compare_and_change, &this);
    expect_equal(fixture, sum(this.wrong), 0);
    this.item.version = 1 + THREADS * CHANGES;
    this.item.updated_at = this.item.version;
    expect_item_stored(fixture, &this.item);
}

static void insert_the_same(void *arg, size_t index)
{
    contest *this = arg;
    const todo_item *item = &this->item;
    todo_status status = todo_writer_insert(this->fixture->writer, NULL, &item, 1, NULL);

    this->won[index] = status == TODO_OK;
    this->lost[index] = status == TODO_ERR_CONFLICT;
}

static void remove_the_same(void *arg, size_t index)
{
    contest *this = arg;
    todo_status status = todo_writer_remove(this->fixture->writer, NULL, &this->item.user_id, &this->item.id,
                                            this->item.version, NULL);

    this->won[index] = status == TODO_OK;
    this->lost[index] = status == TODO_ERR_NOT_FOUND;
}

static void of_many_who_insert_or_remove_the_same_item_one_wins(test_fixture *fixture)
{
    contest this = {.fixture = fixture, .item = make_item(fixture, &fixture->alice, "once", 1)};

    in_threads(fixture, insert_the_same, &this);
    expect_equal(fixture, sum(this.won), 1);
    expect_equal(fixture, sum(this.lost), THREADS - 1);
    expect_item_stored(fixture, &this.item);
    in_threads(fixture, remove_the_same, &this);
    expect_equal(fixture, sum(this.won), 1);
    expect_equal(fixture, sum(this.lost), THREADS - 1);
    expect_item_missing(fixture, &fixture->alice, &this.item.id);
}

/* Each thread writes and reads its own item: what it reads is what it wrote, however busy the others are. */
static void write_and_read(void *arg, size_t index)
{
    contest *this = arg;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_item own = this->item;
    const todo_item *pointer = &own, *item = NULL;

    if (todo_uuid_generate(&own.id, NULL) != TODO_OK ||
        todo_writer_insert(this->fixture->writer, NULL, &pointer, 1, NULL) != TODO_OK)
        this->wrong[index]++;
    for (int64_t version = 1; version <= CHANGES; version++) {
        if (todo_reader_get(this->fixture->reader, NULL, &own.user_id, &own.id, &item, NULL) != TODO_OK) {
            this->wrong[index]++;
            return;
        }
        this->wrong[index] += item->version != version;
        patch.completed = (todo_patch_flag){TODO_VALUE, !item->completed};
        todo_item_unref(item);
        if (todo_writer_update(this->fixture->writer, NULL, &own.user_id, &own.id, &patch, 2, &item, NULL) !=
            TODO_OK) {
            this->wrong[index]++;
            return;
        }
        todo_item_unref(item);
    }
    if (todo_writer_remove(this->fixture->writer, NULL, &own.user_id, &own.id, 0, NULL) != TODO_OK)
        this->wrong[index]++;
    if (todo_reader_get(this->fixture->reader, NULL, &own.user_id, &own.id, &item, NULL) !=
        TODO_ERR_NOT_FOUND)
        this->wrong[index]++;
}

static void whoever_wrote_reads_what_they_wrote(test_fixture *fixture)
{
    contest this = {.fixture = fixture, .item = make_item(fixture, &fixture->alice, "own", 1)};

    in_threads(fixture, write_and_read, &this);
    expect_equal(fixture, sum(this.wrong), 0);
    expect_equal(fixture, count_items(fixture, &fixture->alice), 0);
}

static const conformance_case cases[] = {
    CASE(a_batch_is_stored_whole, "Stores `count` (1 or more) new items, all of one user, as they are: all "
                                  "or none, in one transaction."),
    CASE(a_taken_id_is_a_conflict, "CONFLICT, code \"id_exists\", when the user has a todo of an id already"),
    CASE(a_batch_with_a_taken_id_stores_none, "A change that failed left nothing behind."),
    CASE_WITH_USERS(writes_of_an_unknown_user_are_unauthenticated,
                    "A write of a user that does not exist is UNAUTHENTICATED."),
    CASE(a_patch_tells_absent_from_null_from_value,
         "Whether a member of a patch is there at all, is null, or has a value (RFC 7396)."),
    CASE(a_patch_that_changes_no_value_changes_nothing,
         "A patch that leaves every member as it is changes nothing: `updated_at` and `version` stay"),
    CASE(a_patch_that_changes_one_value_counts_once, "`version` rises by one"),
    CASE(an_idle_patch_leaves_the_order_of_changes,
         "So an item that was changed has an `updated_at` of `now` or later, and one with an earlier "
         "`updated_at` was not changed."),
    CASE(the_time_of_a_change_never_goes_back,
         "`updated_at` becomes `now` (or one microsecond past its old value, whichever is later)"),
    CASE(a_change_moves_the_item_in_the_order_of_changes,
         "What orders a list; the id decides among equals, in the same direction."),
    CASE(a_wrong_version_is_a_failed_precondition,
         "PRECONDITION when `patch->if_version` is neither 0 nor the current version."),
    CASE(what_is_not_there_or_not_theirs_is_not_found, "NOT_FOUND when the user has no such todo"),
    CASE(a_removed_item_is_gone, "Removes the user's todo; errors as `update`."),
    CASE(a_passed_deadline_is_a_timeout_and_changes_nothing, "the deadline of the call passed (503)"),
    CASE(every_one_of_many_changes_at_once_counts,
         "`version` rises by one; decided and done in one atomic step."),
    CASE(of_many_who_change_the_same_version_one_wins,
         "apply only to this version, else PRECONDITION; 0 = to any"),
    CASE(of_many_who_insert_or_remove_the_same_item_one_wins,
         "CONFLICT, code \"id_exists\", when the user has a todo of an id already"),
    CASE(whoever_wrote_reads_what_they_wrote, "A change that returned TODO_OK is durable"),
};

const conformance_cases conformance_writer = {"writer", cases, COUNT_OF(cases)};
