/* The sequence of each user's changes: todo/call.h, port/writer.h and port/reader.h */
#include "fixture.h"

#include <pthread.h>
#include <stdlib.h>

enum { WRITERS = 16, ROUNDS = 12, ALL = WRITERS * ROUNDS * 2 };

static todo_status count_one(void *arg, const todo_item *item)
{
    (void)item;
    ++*(unsigned *)arg;
    return TODO_OK;
}

/* The state that a read of the user's todos shows. */
static todo_sequence shown_to(test_fixture *fixture, const todo_uuid *user)
{
    todo_sequence shown = {0, 0};
    todo_call call = TODO_CALL_INIT;
    unsigned count = 0;

    call.ret_sequence = &shown;
    expect(fixture, TODO_OK,
           todo_reader_list(fixture->reader, &call, user, NULL, count_one, &count, &fixture->error));
    expect_that(fixture, shown.epoch != 0);
    return shown;
}

/* A change of alice's todo by a patch; the item's number. */
static int64_t patch_title(test_fixture *fixture, const todo_uuid *id, const char *title,
                           todo_sequence *ret_sequence)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_call call = TODO_CALL_INIT;
    const todo_item *item = NULL;
    int64_t modseq;

    patch.title = (todo_patch_text){TODO_VALUE, title};
    call.ret_sequence = ret_sequence;
    expect(
        fixture, TODO_OK,
        todo_writer_update(fixture->writer, &call, &fixture->alice, id, &patch, 9, &item, &fixture->error));
    modseq = item->modseq;
    todo_item_unref(item);
    return modseq;
}

static void each_change_counts_one(test_fixture *fixture)
{
    todo_sequence before = shown_to(fixture, &fixture->alice), after = {0, 0};
    todo_call call = TODO_CALL_INIT;
    todo_item item = make_item(fixture, &fixture->alice, "first", 1);
    const todo_item *pointer = &item;

    call.ret_sequence = &after;
    expect(fixture, TODO_OK, todo_writer_insert(fixture->writer, &call, &pointer, 1, &fixture->error));
    expect_equal(fixture, after.number, before.number + 1);
    expect_equal(fixture, after.epoch, before.epoch);
    expect_equal(fixture, item.modseq, after.number);
    expect_item_stored(fixture, &item);
    expect_equal(fixture, patch_title(fixture, &item.id, "second", &after), before.number + 2);
    expect_equal(fixture, after.number, before.number + 2);
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, &call, &fixture->alice, &item.id, 0, &fixture->error));
    expect_equal(fixture, after.number, before.number + 3);
    expect_equal(fixture, shown_to(fixture, &fixture->alice).number, before.number + 3);
}

static void what_changes_nothing_counts_nothing(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "same", 1);
    todo_sequence before = shown_to(fixture, &fixture->alice), after = {0, 0};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *changed = NULL;
    todo_uuid unknown = new_id(fixture);

    expect_equal(fixture, patch_title(fixture, &item.id, "same", &after), before.number);
    expect_equal(fixture, after.number, before.number);
    patch.if_version = 7;
    expect(fixture, TODO_ERR_PRECONDITION,
           todo_writer_update(fixture->writer, NULL, &fixture->alice, &item.id, &patch, 9, &changed,
                              &fixture->error));
    expect(fixture, TODO_ERR_NOT_FOUND,
           todo_writer_remove(fixture->writer, NULL, &fixture->alice, &unknown, 0, &fixture->error));
    expect(fixture, TODO_ERR_CONFLICT, insert_item(fixture, &item));
    expect_equal(fixture, shown_to(fixture, &fixture->alice).number, before.number);
}

static void moves_and_purges_count(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "moved", 1);
    todo_sequence before = shown_to(fixture, &fixture->alice), after = {0, 0};
    todo_call call = TODO_CALL_INIT;
    const todo_item *restored = NULL;
    int64_t version = 0;
    uint32_t purged = 0;

    if ((fixture->adapter->capabilities & TODO_CONFORMANCE_TRASH) == 0)
        return;
    call.ret_sequence = &after;
    expect(
        fixture, TODO_OK,
        todo_writer_trash(fixture->writer, &call, &item.user_id, &item.id, 0, 9, &version, &fixture->error));
    expect_equal(fixture, after.number, before.number + 1);
    expect(fixture, TODO_OK,
           todo_writer_restore(fixture->writer, &call, &item.user_id, &item.id, 0, 9, &restored,
                               &fixture->error));
    expect_equal(fixture, restored->modseq, before.number + 2);
    todo_item_unref(restored);
    expect(
        fixture, TODO_OK,
        todo_writer_trash(fixture->writer, NULL, &item.user_id, &item.id, 0, 9, &version, &fixture->error));
    expect(fixture, TODO_OK,
           todo_writer_purge(fixture->writer, &call, &item.user_id, INT64_MAX, 0, NULL, NULL, &purged,
                             &fixture->error));
    expect_equal(fixture, after.number, before.number + 4);
}

static void a_batch_is_numbered_in_its_order(test_fixture *fixture)
{
    todo_sequence before = shown_to(fixture, &fixture->alice);
    todo_item items[5];
    const todo_item *pointers[COUNT_OF(items)];

    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i] = make_item(fixture, &fixture->alice, "batch", 1);
        pointers[i] = &items[i];
    }
    expect(fixture, TODO_OK,
           todo_writer_insert(fixture->writer, NULL, pointers, COUNT_OF(items), &fixture->error));
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        expect_equal(fixture, items[i].modseq, before.number + 1 + i);
        expect_item_stored(fixture, &items[i]);
    }
}

static void an_id_of_two_users_is_neither_taken_nor_seen(test_fixture *fixture)
{
    todo_item hers = add_item(fixture, "hers", 1), his = make_item(fixture, &fixture->bob, "his", 2);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *changed = NULL;

    his.id = hers.id;
    expect_item_missing(fixture, &fixture->bob, &hers.id);
    expect(fixture, TODO_OK, insert_item(fixture, &his));
    expect_item_stored(fixture, &hers);
    expect_item_stored(fixture, &his);
    patch.title = (todo_patch_text){TODO_VALUE, "changed"};
    expect(fixture, TODO_OK,
           todo_writer_update(fixture->writer, NULL, &fixture->bob, &his.id, &patch, 9, &changed,
                              &fixture->error));
    todo_item_unref(changed);
    expect_item_stored(fixture, &hers);
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &fixture->bob, &his.id, 0, &fixture->error));
    expect_item_stored(fixture, &hers);
}

static void a_state_that_is_demanded_is_shown_or_refused(test_fixture *fixture)
{
    todo_item item = add_item(fixture, "demanded", 1);
    todo_sequence demanded = shown_to(fixture, &fixture->alice), shown = {0, 0};
    todo_call call = TODO_CALL_INIT;
    const todo_item *got = NULL;

    call.at_least = &demanded;
    call.ret_sequence = &shown;
    expect(fixture, TODO_OK,
           todo_reader_get(fixture->reader, &call, &item.user_id, &item.id, &got, &fixture->error));
    todo_item_unref(got);
    expect_that(fixture, todo_sequence_compare(&shown, &demanded) >= 0);
    demanded.number++;
    expect(fixture, TODO_ERR_UNAVAILABLE,
           todo_reader_get(fixture->reader, &call, &item.user_id, &item.id, &got, &fixture->error));
    expect_text(fixture, fixture->error.code, "sequence_unavailable");
}

static void what_there_is_now_is_always_shown(test_fixture *fixture)
{
    static const todo_sequence now = TODO_SEQUENCE_NOW;
    todo_item item = add_item(fixture, "now", 1);
    todo_sequence shown = {0, 0}, made = shown_to(fixture, &fixture->alice);
    todo_call call = TODO_CALL_INIT;
    const todo_item *got = NULL;

    call.at_least = &now;
    call.ret_sequence = &shown;
    expect(fixture, TODO_OK,
           todo_reader_get(fixture->reader, &call, &item.user_id, &item.id, &got, &fixture->error));
    expect_item(fixture, got, &item);
    todo_item_unref(got);
    expect_that(fixture, todo_sequence_compare(&shown, &made) >= 0);
}

/* Many writers of one user at once, and a reader that looks on. */
typedef struct contest {
    test_fixture *fixture;
    pthread_mutex_t lock;
    unsigned char seen[ALL + 1]; /* how often each number was given */
    unsigned wrong;
    unsigned running;
} contest;

static void note(contest *this, const todo_sequence *sequence, bool sound)
{
    pthread_mutex_lock(&this->lock);
    if (!sound || sequence->number == 0 || sequence->number > ALL)
        this->wrong++;
    else
        this->seen[sequence->number]++;
    pthread_mutex_unlock(&this->lock);
}

static void *write_many(void *arg)
{
    contest *this = arg;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_sequence given = {0, 0};
    todo_call call = TODO_CALL_INIT;

    call.ret_sequence = &given;
    patch.completed = (todo_patch_flag){TODO_VALUE, true};
    for (int i = 0; i < ROUNDS; i++) {
        todo_item item = {.title = "counted", .version = 1, .user_id = this->fixture->alice};
        const todo_item *pointer = &item, *changed = NULL;
        todo_status status = todo_uuid_generate(&item.id, NULL);

        if (status == TODO_OK)
            status = todo_writer_insert(this->fixture->writer, &call, &pointer, 1, NULL);
        note(this, &given, status == TODO_OK && item.modseq == (int64_t)given.number);
        status = todo_writer_update(this->fixture->writer, &call, &item.user_id, &item.id, &patch, 9,
                                    &changed, NULL);
        note(this, &given, status == TODO_OK && changed->modseq == (int64_t)given.number);
        todo_item_unref(changed);
    }
    pthread_mutex_lock(&this->lock);
    this->running--;
    pthread_mutex_unlock(&this->lock);
    return NULL;
}

/* What one list has to say of the state that it shows. */
typedef struct view {
    unsigned char held[ALL + 1];
    uint64_t changes; /* that its todos tell of: one, or two when they are completed */
    uint64_t highest;
} view;

static todo_status look_at(void *arg, const todo_item *item)
{
    view *seen = arg;

    if (item->modseq > 0 && item->modseq <= ALL)
        seen->held[item->modseq]++;
    seen->changes += item->completed ? 2 : 1;
    if ((uint64_t)item->modseq > seen->highest)
        seen->highest = (uint64_t)item->modseq;
    return TODO_OK;
}

/* A state of number n shows exactly the first n changes: no later one, and none is missing. */
static void *look_on(void *arg)
{
    contest *this = arg;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    bool last;

    query.limit = TODO_LIST_MAX;
    do {
        todo_sequence shown = {0, 0};
        todo_call call = TODO_CALL_INIT;
        view seen = {.changes = 0};
        todo_status status;

        pthread_mutex_lock(&this->lock);
        last = this->running == 0;
        pthread_mutex_unlock(&this->lock);
        call.ret_sequence = &shown;
        status = todo_reader_list(this->fixture->reader, &call, &this->fixture->alice, &query, look_at, &seen,
                                  NULL);
        for (uint64_t i = 1; i <= ALL; i++)
            status = seen.held[i] > 1 ? TODO_ERR_INTERNAL : status;
        pthread_mutex_lock(&this->lock);
        this->wrong += status != TODO_OK || seen.changes != shown.number || seen.highest != shown.number;
        pthread_mutex_unlock(&this->lock);
    } while (!last);
    return NULL;
}

static void numbers_of_many_writers_have_no_gap_and_the_order_of_visibility(test_fixture *fixture)
{
    contest this = {.fixture = fixture, .running = WRITERS};
    pthread_t threads[WRITERS + 1];

    expect_equal(fixture, shown_to(fixture, &fixture->alice).number, 0);
    pthread_mutex_init(&this.lock, NULL);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        if (pthread_create(&threads[i], NULL, i < WRITERS ? write_many : look_on, &this) != 0)
            abort();
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&this.lock);
    expect_equal(fixture, this.wrong, 0);
    for (size_t i = 1; i <= ALL; i++)
        expect_equal(fixture, this.seen[i], 1);
    expect_equal(fixture, shown_to(fixture, &fixture->alice).number, ALL);
}

static const conformance_case cases[] = {
    CASE(each_change_counts_one, "Each change raises the user's sequence by one"),
    CASE(what_changes_nothing_counts_nothing, "What changes nothing counts nothing"),
    CASE(moves_and_purges_count, "a purge counts one for each user"),
    CASE(a_batch_is_numbered_in_its_order,
         "The items get the numbers that end with the user's sequence behind the change, in their order"),
    CASE(an_id_of_two_users_is_neither_taken_nor_seen, "what other users have does not matter"),
    CASE(a_state_that_is_demanded_is_shown_or_refused, "A state before `call->at_least` is not shown"),
    CASE(what_there_is_now_is_always_shown,
         "TODO_SEQUENCE_NOW is met by any state that the server shows which takes the writes"),
    CASE(numbers_of_many_writers_have_no_gap_and_the_order_of_visibility,
         "numbers are in the order in which changes become visible, without gaps"),
};

const conformance_cases conformance_sequence = {"sequence", cases, COUNT_OF(cases)};
