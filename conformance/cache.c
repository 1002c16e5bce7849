/* port/cache.h, for a cache that its backend serves */
#include "fixture.h"

#include <pthread.h>
#include <stdlib.h>

#define EPOCH 5u

/* A database with one todo of alice, which counts its reads. */
typedef struct source {
    test_fixture *fixture;
    pthread_mutex_t lock;
    todo_item item; /* version 0: there is none */
    uint64_t number;
    unsigned reads;
    todo_sequence demanded;                 /* by the last read */
    void (*meanwhile)(struct source *this); /* called once, behind a read and before its answer */
} source;

static source source_of(test_fixture *fixture, const char *title)
{
    return (source){.fixture = fixture,
                    .lock = PTHREAD_MUTEX_INITIALIZER,
                    .item = make_item(fixture, &fixture->alice, title, 1),
                    .number = 1};
}

static void answer_call(source *this, const todo_call *call)
{
    void (*meanwhile)(source *) = this->meanwhile;

    this->reads++;
    this->demanded = call != NULL && call->at_least != NULL ? *call->at_least : (todo_sequence){0, 0};
    if (call != NULL && call->ret_sequence != NULL)
        *call->ret_sequence = (todo_sequence){EPOCH, this->number};
    this->meanwhile = NULL;
    pthread_mutex_unlock(&this->lock);
    if (meanwhile != NULL)
        meanwhile(this);
}

static todo_status read_item(void *arg, const todo_call *call, const todo_item **ret_item, todo_error *error)
{
    source *this = arg;
    const todo_item *item;

    pthread_mutex_lock(&this->lock);
    item = this->item.version != 0 ? todo_item_ref(&this->item) : NULL;
    answer_call(this, call);
    if (item == NULL)
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    *ret_item = item;
    return TODO_OK;
}

static todo_status read_list(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                             todo_error *error)
{
    source *this = arg;
    const todo_item *item;
    todo_status status = TODO_OK;

    (void)error;
    pthread_mutex_lock(&this->lock);
    item = this->item.version != 0 ? todo_item_ref(&this->item) : NULL;
    answer_call(this, call);
    if (item != NULL)
        status = visit(visit_arg, item);
    todo_item_unref(item);
    return status;
}

/* Changes the todo in the database: what the cache is to be told. */
static todo_cache_change commit(source *this, const todo_item *const *item)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    pthread_mutex_lock(&this->lock);
    this->item.version++;
    this->item.modseq = (int64_t)++ this->number;
    change.sequence = (todo_sequence){EPOCH, this->number};
    pthread_mutex_unlock(&this->lock);
    change.user = this->item.user_id;
    change.count = change.item_count = 1;
    change.items = item;
    return change;
}

static void change_item(source *this)
{
    todo_item item;
    const todo_item *pointer = &item;
    todo_cache_change change = commit(this, &pointer);

    item = this->item;
    (void)todo_cache_note_change(this->fixture->cache, NULL, &change, NULL);
}

static void remove_item(source *this)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    this->item.version = 0;
    change.user = this->item.user_id;
    change.sequence = (todo_sequence){EPOCH, ++this->number};
    change.count = change.removed_count = 1;
    change.removed = &this->item.id;
    (void)todo_cache_note_change(this->fixture->cache, NULL, &change, NULL);
}

static const todo_item *load(source *from, const todo_call *call)
{
    const todo_item *item = NULL;

    expect(from->fixture, TODO_OK,
           todo_cache_load(from->fixture->cache, call, &from->item.user_id, &from->item.id, read_item, from,
                           &item, &from->fixture->error));
    return item;
}

static void expect_current(source *from)
{
    const todo_item *item = load(from, NULL);

    expect_item(from->fixture, item, &from->item);
    todo_item_unref(item);
}

static void expect_missing(source *from)
{
    const todo_item *item = NULL;

    expect(from->fixture, TODO_ERR_NOT_FOUND,
           todo_cache_load(from->fixture->cache, NULL, &from->item.user_id, &from->item.id, read_item, from,
                           &item, &from->fixture->error));
}

/* ---- todos ---- */

static void loads_what_it_has_not_kept(test_fixture *fixture)
{
    source from = source_of(fixture, "loaded");

    expect_current(&from);
    expect_equal(fixture, from.reads, 1);
}

static void keeps_an_item_with_every_member(test_fixture *fixture)
{
    source from = source_of(fixture, "held \xF0\x9F\x98\x80 \" \\ \n");

    from.item.completed = true;
    from.item.created_at = -5;
    from.item.updated_at = 1700000000123456;
    from.item.version = INT64_C(1) << 40;
    change_item(&from);
    expect_current(&from);
    from.item.description = "";
    from.item.completed = false;
    change_item(&from);
    expect_current(&from);
    from.item.description = "more\r\n\x01";
    change_item(&from);
    expect_current(&from);
    expect_equal(fixture, from.reads, 0);
}

static void an_equal_id_of_another_user_is_another_todo(test_fixture *fixture)
{
    source from = source_of(fixture, "of alice"), other = from;

    change_item(&from);
    other.item.user_id = fixture->bob;
    other.item.title = "of bob";
    expect_current(&other);
    expect_current(&from);
    expect_current(&other);
}

static void no_answer_is_older_than_a_change(test_fixture *fixture)
{
    source from = source_of(fixture, "changed");

    for (int i = 0; i < 50; i++) {
        change_item(&from);
        expect_current(&from);
        expect_current(&from);
    }
}

static void what_was_removed_is_gone_until_it_is_there_again(test_fixture *fixture)
{
    source from = source_of(fixture, "removed");

    change_item(&from);
    expect_current(&from);
    remove_item(&from);
    expect_missing(&from);
    change_item(&from); /* from version 1 on, as one that was made again */
    expect_current(&from);
}

static void what_is_not_there_is_what_the_loader_says(test_fixture *fixture)
{
    source from = source_of(fixture, "nowhere");

    from.item.version = 0;
    expect_missing(&from);
    expect_equal(fixture, from.reads, 1);
}

static void what_a_change_overtook_is_not_kept(test_fixture *fixture)
{
    source from = source_of(fixture, "read before the change");
    const todo_item *item;

    for (int i = 0; i < 20; i++) {
        from.item.id = new_id(fixture);
        from.meanwhile = change_item;
        item = load(&from, NULL);
        todo_item_unref(item);
        expect_current(&from);
    }
    from.item.id = new_id(fixture);
    from.meanwhile = remove_item;
    item = load(&from, NULL);
    todo_item_unref(item);
    expect_missing(&from);
}

static void an_answer_shows_what_the_call_demands(test_fixture *fixture)
{
    source from = source_of(fixture, "demanded");
    todo_sequence demand, got = {0, 0};
    todo_call call = TODO_CALL_INIT;
    const todo_item *item;

    change_item(&from);
    expect_current(&from);
    from.number++; /* a change of another todo, of which the cache has not heard yet */
    demand = (todo_sequence){EPOCH, from.number};
    call.at_least = &demand;
    call.ret_sequence = &got;
    item = load(&from, &call);
    expect_item(fixture, item, &from.item);
    todo_item_unref(item);
    expect_that(fixture, todo_sequence_compare(&got, &demand) >= 0);
    expect_equal(fixture, from.reads, 1);
}

static void a_todo_in_the_trash_is_not_kept(test_fixture *fixture)
{
    source from = source_of(fixture, "trashed");

    from.item.deleted_at = 5;
    change_item(&from);
    from.item.version = 0;
    expect_missing(&from);
}

/* The change may still come, so what was read before it must not stay. */
static void after_a_change_of_unknown_outcome_the_database_is_asked(test_fixture *fixture)
{
    source from = source_of(fixture, "in doubt");
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    change_item(&from);
    expect_current(&from);
    change.user = from.item.user_id;
    (void)todo_cache_note_change(fixture->cache, NULL, &change, NULL);
    expect_current(&from);
    from.item.version++;
    from.number++;
    expect_current(&from);
}

static void keeps_a_description_of_a_mebibyte_or_nothing(test_fixture *fixture)
{
    enum { SIZE = 1 << 20 };
    source from = source_of(fixture, "long");
    char *description = malloc(SIZE + 1);

    memset(description, 'x', SIZE);
    description[SIZE] = '\0';
    from.item.description = description;
    change_item(&from);
    expect_current(&from);
    free(description);
}

static void many_todos_of_one_change_are_as_it_made_them(test_fixture *fixture)
{
    enum { MANY = 100 };
    source from = source_of(fixture, "one of many");
    todo_item items[MANY];
    const todo_item *pointers[MANY];
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;

    for (size_t i = 0; i < MANY; i++) {
        items[i] = make_item(fixture, &fixture->alice, "one of many", 1);
        items[i].modseq = (int64_t)++from.number;
        pointers[i] = &items[i];
    }
    change.user = fixture->alice;
    change.sequence = (todo_sequence){EPOCH, from.number};
    change.count = change.item_count = MANY;
    change.items = pointers;
    (void)todo_cache_note_change(fixture->cache, NULL, &change, NULL);
    for (size_t i = 0; i < MANY; i++) {
        from.item = items[i];
        expect_current(&from);
    }
}

/* ---- lists ---- */

static todo_status see(void *arg, const todo_item *item)
{
    *(int64_t *)arg = item->version;
    return TODO_OK;
}

static int64_t listed_version(source *from, const todo_call *call)
{
    int64_t version = 0;

    expect(from->fixture, TODO_OK,
           todo_cache_list(from->fixture->cache, call, &from->item.user_id, NULL, read_list, from, see,
                           &version, &from->fixture->error));
    return version;
}

static void no_list_is_older_than_a_change(test_fixture *fixture)
{
    source from = source_of(fixture, "listed");

    for (int i = 0; i < 20; i++) {
        expect_equal(fixture, listed_version(&from, NULL), from.item.version);
        expect_equal(fixture, listed_version(&from, NULL), from.item.version);
        from.meanwhile = i % 2 == 0 ? change_item : NULL;
        listed_version(&from, NULL);
        expect_equal(fixture, listed_version(&from, NULL), from.item.version);
        change_item(&from);
    }
}

static void a_list_shows_what_the_call_demands(test_fixture *fixture)
{
    source from = source_of(fixture, "listed");
    todo_sequence demand, got = {0, 0};
    todo_call call = TODO_CALL_INIT;

    listed_version(&from, NULL);
    listed_version(&from, NULL);
    from.item.version++;
    from.number++;
    demand = (todo_sequence){EPOCH, from.number};
    call.at_least = &demand;
    call.ret_sequence = &got;
    expect_equal(fixture, listed_version(&from, &call), from.item.version);
    expect_that(fixture, todo_sequence_compare(&got, &demand) >= 0);
}

/* ---- many threads ---- */

enum { ROUNDS = 200 };

typedef struct race {
    source from;
    size_t wrong[THREADS];
} race;

/* Half of the threads change the todo, the others watch that no answer goes back. */
static void change_or_watch(void *arg, size_t index)
{
    race *this = arg;
    int64_t highest = 0;

    for (size_t i = 0; i < ROUNDS; i++) {
        const todo_item *item = NULL;
        todo_item own;
        const todo_item *pointer = &own;

        if (index % 2 == 0) {
            todo_cache_change change = TODO_CACHE_CHANGE_INIT;

            pthread_mutex_lock(&this->from.lock);
            this->from.item.version++;
            this->from.item.modseq = (int64_t)++ this->from.number;
            own = this->from.item;
            pthread_mutex_unlock(&this->from.lock);
            change.user = own.user_id;
            change.sequence = (todo_sequence){EPOCH, (uint64_t)own.modseq};
            change.count = change.item_count = 1;
            change.items = &pointer;
            (void)todo_cache_note_change(this->from.fixture->cache, NULL, &change, NULL);
            highest = own.version;
        }
        if (todo_cache_load(this->from.fixture->cache, NULL, &this->from.item.user_id, &this->from.item.id,
                            read_item, &this->from, &item, NULL) != TODO_OK) {
            this->wrong[index]++;
            continue;
        }
        this->wrong[index] += item->version < highest;
        highest = item->version;
        todo_item_unref(item);
    }
}

static void never_goes_back_for_any_of_many_threads(test_fixture *fixture)
{
    race this = {.from = source_of(fixture, "race")};

    in_threads(fixture, change_or_watch, &this);
    for (size_t i = 0; i < THREADS; i++)
        expect_equal(fixture, this.wrong[i], 0);
    expect_current(&this.from);
}

static const conformance_case cases[] = {
    CASE(loads_what_it_has_not_kept,
         "one that was kept, or else what `loader` says, which is called in this thread"),
    CASE(keeps_an_item_with_every_member, "Gives the user's todo: one that was kept"),
    CASE(an_equal_id_of_another_user_is_another_todo,
         "A todo is named by its user and its id: another user's equal id is another todo."),
    CASE(no_answer_is_older_than_a_change, "once `change` has returned, whatever it returned, no answer of "
                                           "this process is older than the change."),
    CASE(what_was_removed_is_gone_until_it_is_there_again, "those that are in the trash now, or gone"),
    CASE(what_is_not_there_is_what_the_loader_says, "A failure is the loader's."),
    CASE(what_a_change_overtook_is_not_kept, "What the database said may be kept only if no change of the "
                                             "user came between the beginning of the call "
                                             "and the keeping."),
    CASE(an_answer_shows_what_the_call_demands, "An answer shows the state that the call demands "
                                                "(todo_call.at_least) or a later one, and says which"),
    CASE(a_todo_in_the_trash_is_not_kept,
         "Todos that are in the trash are not kept, also where `items` has such."),
    CASE(after_a_change_of_unknown_outcome_the_database_is_asked,
         "it is unknown whether the change has come about, or still will"),
    CASE(keeps_a_description_of_a_mebibyte_or_nothing, "A cache may forget at any time, but never goes back"),
    CASE(many_todos_of_one_change_are_as_it_made_them,
         "the new states of those that are there, in the order of their numbers"),
    CASE(no_list_is_older_than_a_change, "Lists as a reader's `list` does"),
    CASE(a_list_shows_what_the_call_demands, "from what was kept, or through `lister`"),
    CASE(never_goes_back_for_any_of_many_threads, "Thread-safe; never blocks for long"),
};

const conformance_cases conformance_cache = {"cache", cases, COUNT_OF(cases)};
