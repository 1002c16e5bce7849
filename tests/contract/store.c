/*
 * What store.h asks of a store, besides what the conformance kit asks of its ports. TODO_TEST_STORE_URL and, where there
 * are any, TODO_TEST_READER_URL and TODO_TEST_CACHE_URL name it.
 */
#include "testing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <todo/port/build.h>
#include <todo/store.h>

typedef struct store_fixture {
    todo_store_options options;
    todo_store *store;
    todo_uuid alice;
    todo_error error; /* of the last call */
} store_fixture;

/* Fails, with the error's texts, unless a call that reports to the fixture's error returned `wanted`. */
static void expect_status(const store_fixture *fixture, todo_status got, todo_status wanted, const char *what,
                          int line)
{
    const todo_error *error = &fixture->error;

    if (got != wanted) {
        print_error("%s\n is %s, not %s: %s (%s) %s\n", what, todo_status_name(got), todo_status_name(wanted),
                    error->message, error->code, error->detail);
        _fail(__FILE__, line);
    }
}

#define expect(fixture, wanted, got) expect_status((fixture), (got), (wanted), #got, __LINE__)

static void add_alice(store_fixture *fixture)
{
    todo_user_fields fields;
    const todo_user *user = NULL;

    todo_user_fields_init(&fields, sizeof(fields));
    assert_int_equal(todo_uuid_generate(&fields.id, NULL), TODO_OK);
    fields.email = "alice@example.org";
    fields.password_hash = "$y$j9T$not.a.hash";
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    expect(fixture, TODO_OK,
           todo_users_insert(todo_store_users(fixture->store), NULL, user, &fixture->error));
    todo_user_unref(user);
    fixture->alice = fields.id;
}

/* Opens the store with a new user in it. */
static int open_fixture(void **state)
{
    static store_fixture fixture = {.options = TODO_STORE_OPTIONS_INIT, .error = TODO_ERROR_INIT};

    fixture.options.url = getenv("TODO_TEST_STORE_URL");
    fixture.options.reader_url = getenv("TODO_TEST_READER_URL");
    fixture.options.cache_url = getenv("TODO_TEST_CACHE_URL");
    assert_non_null(fixture.options.url);
    expect(&fixture, TODO_OK, todo_store_open(&fixture.options, &fixture.store, &fixture.error));
    add_alice(&fixture);
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    store_fixture *fixture = *state;

    todo_store_close(fixture->store);
    return 0;
}

static void hands_out_everything(void **state)
{
    store_fixture *fixture = *state;

    assert_non_null(todo_store_reader(fixture->store));
    assert_non_null(todo_store_writer(fixture->store));
    assert_non_null(todo_store_users(fixture->store));
    assert_non_null(todo_store_commands(fixture->store));
    assert_non_null(todo_store_queries(fixture->store));
}

typedef struct seen_migrations {
    uint32_t count;
    bool in_order, all_applied, all_named;
} seen_migrations;

static void see_migration(void *arg, const todo_migration *migration)
{
    seen_migrations *this = arg;

    this->in_order = this->in_order && migration->number == ++this->count;
    this->all_applied = this->all_applied && migration->applied && migration->applied_at > 1600000000000000 &&
                        migration->applied_at <= todo_time_now();
    this->all_named = this->all_named && migration->name != NULL && migration->name[0] != '\0';
}

static void every_migration_was_applied_once_when_it_was_opened(void **state)
{
    store_fixture *fixture = *state;
    seen_migrations seen = {0, true, true, true};
    uint32_t applied = 99;

    expect(fixture, TODO_OK,
           todo_store_migrations(fixture->store, NULL, see_migration, &seen, &fixture->error));
    assert_true(seen.count > 0);
    assert_true(seen.in_order);
    assert_true(seen.all_applied);
    assert_true(seen.all_named);
    expect(fixture, TODO_OK, todo_store_migrate(fixture->store, NULL, &applied, &fixture->error));
    assert_int_equal(applied, 0);
    expect(fixture, TODO_OK, todo_store_migrate(fixture->store, NULL, NULL, &fixture->error));
}

typedef struct seen_parts {
    unsigned writers, readers, caches, others, faults;
    const char *password;
} seen_parts;

static void see_part(void *arg, const todo_store_part *part)
{
    seen_parts *this = arg;

    this->writers += strcmp(part->name, "writer") == 0;
    this->readers += strcmp(part->name, "reader") == 0;
    this->caches += strcmp(part->name, "cache") == 0;
    this->faults += part->status != TODO_OK || part->latency_us < 0 || part->version[0] == '\0' ||
                    part->detail[0] != '\0' || part->url[0] == '\0';
    this->others += strstr(part->url, "secret") != NULL;
}

static void a_probe_reports_every_part_without_its_password(void **state)
{
    store_fixture *fixture = *state;
    seen_parts seen = {0};

    expect(fixture, TODO_OK, todo_store_probe(fixture->store, NULL, see_part, &seen, &fixture->error));
    assert_int_equal(seen.writers, 1);
    assert_int_equal(seen.caches, fixture->options.cache_url != NULL);
    assert_true(seen.readers <= 1);
    assert_int_equal(seen.faults, 0);
    assert_int_equal(seen.others, 0);
    expect(fixture, TODO_OK, todo_store_probe(fixture->store, NULL, NULL, NULL, &fixture->error));
}

static void refuses_a_url_that_makes_no_sense(void **state)
{
    static const char *const urls[] = {"", "nonsense", "mysql://localhost/todo", "sqlite:", "sqlite"};
    store_fixture *fixture = *state;
    todo_store *untouched = (todo_store *)fixture, *store = untouched;
    todo_store_options options = fixture->options;

    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        options.url = urls[i];
        expect(fixture, TODO_ERR_INVALID, todo_store_open(&options, &store, &fixture->error));
        assert_string_equal(fixture->error.code, "store_url_invalid");
        assert_ptr_equal(store, untouched);
    }
}

static void the_use_cases_work_on_it(void **state)
{
    store_fixture *fixture = *state;
    todo_commands *commands = todo_store_commands(fixture->store);
    todo_queries *queries = todo_store_queries(fixture->store);
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    const todo_item *item = NULL;
    todo_item_list *list = NULL;
    todo_cursor next;

    for (int i = 0; i < 3; i++) {
        draft.title = i == 2 ? "  third  " : "first or second";
        expect(fixture, TODO_OK,
               todo_commands_create(commands, NULL, &fixture->alice, &draft, &item, &fixture->error));
        todo_item_unref(item);
    }
    query.limit = 2;
    expect(fixture, TODO_OK,
           todo_queries_list(queries, NULL, &fixture->alice, &query, &list, &fixture->error));
    assert_int_equal(todo_item_list_count(list), 2);
    assert_string_equal(todo_item_list_at(list, 0)->title, "third");
    next = *todo_item_list_next(list);
    todo_item_list_free(list);
    query.after = &next;
    expect(fixture, TODO_OK,
           todo_queries_list(queries, NULL, &fixture->alice, &query, &list, &fixture->error));
    assert_int_equal(todo_item_list_count(list), 1);
    assert_null(todo_item_list_next(list));
    todo_item_list_free(list);
}

/* ---- looking after what is stored ---- */

/* Puts an item past the use cases, as the library itself never would. */
static void store_item(store_fixture *fixture, const char *title, int64_t version)
{
    todo_item members = {0};
    const todo_item *item = NULL;

    assert_int_equal(todo_uuid_generate(&members.id, NULL), TODO_OK);
    members.user_id = fixture->alice;
    members.title = title;
    members.created_at = members.updated_at = todo_time_now();
    members.version = version;
    assert_int_equal(todo_item_build(&members, sizeof(members), &item, NULL), TODO_OK);
    expect(fixture, TODO_OK,
           todo_writer_insert(todo_store_writer(fixture->store), NULL, &item, 1, &fixture->error));
    todo_item_unref(item);
}

/* How many todos alice has, and what their versions are together. */
typedef struct tally {
    unsigned count;
    int64_t versions;
} tally;

static todo_status add_to_tally(void *arg, const todo_item *item)
{
    tally *this = arg;

    this->count++;
    this->versions += item->version;
    return TODO_OK;
}

static tally take_tally(store_fixture *fixture)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    tally taken = {0, 0};
    bool more = true;
    todo_cursor next;

    query.limit = TODO_LIST_MAX;
    while (more) {
        expect(fixture, TODO_OK,
               todo_queries_each(todo_store_queries(fixture->store), NULL, &fixture->alice, &query,
                                 add_to_tally, &taken, &more, &next, &fixture->error));
        query.after = &next;
    }
    return taken;
}

typedef struct seen_flaws {
    unsigned titles, versions, others;
} seen_flaws;

static void see_flaw(void *arg, const char *flaw)
{
    seen_flaws *this = arg;

    if (strstr(flaw, "has a title of 0 characters") != NULL)
        this->titles++;
    else if (strstr(flaw, "has version 0") != NULL)
        this->versions++;
    else
        this->others++;
}

static void what_the_library_stored_is_whole_and_a_check_changes_nothing(void **state)
{
    store_fixture *fixture = *state;
    seen_flaws seen = {0};
    tally before, after;

    store_item(fixture, "whole", 1);
    before = take_tally(fixture);
    expect(fixture, TODO_OK, todo_store_check(fixture->store, NULL, see_flaw, &seen, &fixture->error));
    assert_int_equal(seen.titles + seen.versions + seen.others, 0);
    after = take_tally(fixture);
    assert_int_equal(after.count, before.count);
    assert_int_equal(after.versions, before.versions);
}

static void a_check_reports_a_hundred_flaws_of_a_kind_and_every_kind(void **state)
{
    store_fixture *fixture = *state;
    seen_flaws seen = {0};

    for (int i = 0; i < 120; i++)
        store_item(fixture, "", 1);
    store_item(fixture, "never changed, nor created", 0);
    expect(fixture, TODO_OK, todo_store_check(fixture->store, NULL, see_flaw, &seen, &fixture->error));
    assert_int_equal(seen.titles, 100);
    assert_int_equal(seen.versions, 1);
    assert_int_equal(seen.others, 0);
}

static void a_vacuum_loses_nothing(void **state)
{
    store_fixture *fixture = *state;
    tally before = take_tally(fixture), after;

    assert_true(before.count > 0);
    expect(fixture, TODO_OK, todo_store_vacuum(fixture->store, NULL, &fixture->error));
    after = take_tally(fixture);
    assert_int_equal(after.count, before.count);
    assert_int_equal(after.versions, before.versions);
}

typedef struct busy_writer {
    store_fixture *fixture;
    atomic_bool stop;
    unsigned written, refused;
} busy_writer;

static void *write_meanwhile(void *arg)
{
    busy_writer *this = arg;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;

    draft.title = "meanwhile";
    while (!atomic_load(&this->stop) || this->written + this->refused == 0) {
        const todo_item *item = NULL;
        todo_status status = todo_commands_create(todo_store_commands(this->fixture->store), NULL,
                                                  &this->fixture->alice, &draft, &item, NULL);

        this->written += status == TODO_OK;
        this->refused += status != TODO_OK;
        todo_item_unref(item);
    }
    return NULL;
}

static void changes_go_on_beside_checks_and_vacuums(void **state)
{
    store_fixture *fixture = *state;
    busy_writer writer = {.fixture = fixture};
    tally before = take_tally(fixture);
    seen_flaws seen = {0};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, write_meanwhile, &writer), 0);
    for (int i = 0; i < 3; i++) {
        expect(fixture, TODO_OK, todo_store_vacuum(fixture->store, NULL, &fixture->error));
        expect(fixture, TODO_OK, todo_store_check(fixture->store, NULL, see_flaw, &seen, &fixture->error));
    }
    atomic_store(&writer.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(writer.refused, 0);
    assert_true(writer.written > 0);
    assert_int_equal(seen.others, 0);
    assert_int_equal(take_tally(fixture).count, before.count + writer.written);
}

static void neither_goes_on_beyond_its_deadline(void **state)
{
    store_fixture *fixture = *state;
    todo_call call = TODO_CALL_INIT;
    seen_flaws seen = {0};

    call.deadline = 1; /* a microsecond after the machine began */
    expect(fixture, TODO_ERR_TIMEOUT,
           todo_store_check(fixture->store, &call, see_flaw, &seen, &fixture->error));
    expect(fixture, TODO_ERR_TIMEOUT, todo_store_vacuum(fixture->store, &call, &fixture->error));
    expect(fixture, TODO_OK, todo_store_vacuum(fixture->store, NULL, &fixture->error));
}

/* ---- the schema, back and forth ---- */

typedef struct seen_reverts {
    uint32_t count, last;
    bool descending, applied;
    unsigned losses;
} seen_reverts;

static void see_revert(void *arg, const todo_migration *migration)
{
    seen_reverts *this = arg;

    this->descending = this->descending && (this->count++ == 0 || migration->number == this->last - 1);
    this->last = migration->number;
    this->applied = this->applied && migration->applied;
    this->losses += migration->loss != NULL;
}

static void count_applied(void *arg, const todo_migration *migration)
{
    *(uint32_t *)arg += migration->applied;
}

static uint32_t applied_now(store_fixture *fixture)
{
    uint32_t applied = 0;

    expect(fixture, TODO_OK,
           todo_store_migrations(fixture->store, NULL, count_applied, &applied, &fixture->error));
    return applied;
}

static void what_would_be_taken_back_is_told_without_doing_it(void **state)
{
    store_fixture *fixture = *state;
    todo_revert_options options = TODO_REVERT_OPTIONS_INIT;
    uint32_t applied = applied_now(fixture);
    seen_reverts seen = {0, 0, true, true, 0};
    tally before = take_tally(fixture);

    options.dry_run = true;
    expect(fixture, TODO_OK,
           todo_store_revert(fixture->store, NULL, &options, see_revert, &seen, &fixture->error));
    assert_int_equal(seen.count, applied);
    assert_int_equal(seen.last, 1);
    assert_true(seen.descending && seen.applied);
    assert_true(seen.losses > 0); /* the first one makes the tables */
    assert_int_equal(applied_now(fixture), applied);
    assert_int_equal(take_tally(fixture).count, before.count);
}

static void nothing_is_taken_back_that_data_goes_with(void **state)
{
    store_fixture *fixture = *state;
    todo_revert_options options = TODO_REVERT_OPTIONS_INIT;
    uint32_t applied = applied_now(fixture);
    tally before = take_tally(fixture);

    expect(fixture, TODO_ERR_PRECONDITION,
           todo_store_revert(fixture->store, NULL, &options, NULL, NULL, &fixture->error));
    assert_string_equal(fixture->error.code, "migration_loses_data");
    assert_non_null(strstr(fixture->error.detail, "migration "));
    assert_int_equal(applied_now(fixture), applied);
    assert_int_equal(take_tally(fixture).count, before.count);
    options.target = applied;
    expect(fixture, TODO_OK, todo_store_revert(fixture->store, NULL, &options, NULL, NULL, &fixture->error));
    assert_int_equal(applied_now(fixture), applied);
}

static void note_the_trash(void *arg, const todo_migration *migration)
{
    if (strcmp(migration->name, "trash") == 0)
        *(uint32_t *)arg = migration->number;
}

static uint64_t trashed(store_fixture *fixture)
{
    uint64_t count = 0;

    expect(fixture, TODO_OK,
           todo_queries_count_trash(todo_store_queries(fixture->store), NULL, &fixture->alice, INT64_MAX,
                                    &count, &fixture->error));
    return count;
}

static void create_and_remove(store_fixture *fixture)
{
    todo_item_draft draft = {.size = sizeof(draft), .title = "removed"};
    todo_commands *commands = todo_store_commands(fixture->store);
    const todo_item *item = NULL;

    expect(fixture, TODO_OK,
           todo_commands_create(commands, NULL, &fixture->alice, &draft, &item, &fixture->error));
    expect(fixture, TODO_OK,
           todo_commands_remove(commands, NULL, &fixture->alice, &item->id, 0, &fixture->error));
    todo_item_unref(item);
}

static void without_the_migration_of_the_trash_what_is_in_it_is_lost_and_nothing_else(void **state)
{
    store_fixture *fixture = *state;
    todo_revert_options options = TODO_REVERT_OPTIONS_INIT;
    tally before = take_tally(fixture);

    create_and_remove(fixture);
    assert_int_equal(trashed(fixture), 1);
    expect(fixture, TODO_OK,
           todo_store_migrations(fixture->store, NULL, note_the_trash, &options.target, &fixture->error));
    assert_true(options.target-- > 0);
    expect(fixture, TODO_ERR_PRECONDITION,
           todo_store_revert(fixture->store, NULL, &options, NULL, NULL, &fixture->error));
    assert_int_equal(trashed(fixture), 1);
    options.lose_data = true;
    expect(fixture, TODO_OK, todo_store_revert(fixture->store, NULL, &options, NULL, NULL, &fixture->error));
    todo_store_close(fixture->store);
    expect(fixture, TODO_OK, todo_store_open(&fixture->options, &fixture->store, &fixture->error));
    assert_int_equal(trashed(fixture), 0);
    assert_int_equal(take_tally(fixture).count, before.count);
    assert_int_equal(take_tally(fixture).versions, before.versions);
    create_and_remove(fixture);
    assert_int_equal(trashed(fixture), 1);
}

static void all_is_taken_back_and_made_again(void **state)
{
    store_fixture *fixture = *state;
    todo_revert_options options = TODO_REVERT_OPTIONS_INIT;
    uint32_t applied = applied_now(fixture), again = 0;
    seen_reverts seen = {0, 0, true, true, 0};

    options.lose_data = true;
    expect(fixture, TODO_OK,
           todo_store_revert(fixture->store, NULL, &options, see_revert, &seen, &fixture->error));
    assert_int_equal(seen.count, applied);
    assert_true(seen.descending && !seen.applied && seen.losses > 0);
    assert_int_equal(applied_now(fixture), 0);
    /* Nothing is left to lose: back again one by one, and without a word about data. */
    expect(fixture, TODO_OK, todo_store_migrate(fixture->store, NULL, &again, &fixture->error));
    assert_int_equal(again, applied);
    options.lose_data = false;
    for (options.target = applied; options.target-- > 0;)
        expect(fixture, TODO_OK,
               todo_store_revert(fixture->store, NULL, &options, NULL, NULL, &fixture->error));
    assert_int_equal(applied_now(fixture), 0);
    expect(fixture, TODO_OK, todo_store_migrate(fixture->store, NULL, NULL, &fixture->error));
    /* Another store, for what this one prepared was for tables that are gone. */
    todo_store_close(fixture->store);
    expect(fixture, TODO_OK, todo_store_open(&fixture->options, &fixture->store, &fixture->error));
    add_alice(fixture);
    store_item(fixture, "made again", 1);
    assert_int_equal(take_tally(fixture).count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_everything),
        cmocka_unit_test(every_migration_was_applied_once_when_it_was_opened),
        cmocka_unit_test(a_probe_reports_every_part_without_its_password),
        cmocka_unit_test(refuses_a_url_that_makes_no_sense),
        cmocka_unit_test(the_use_cases_work_on_it),
        cmocka_unit_test(what_the_library_stored_is_whole_and_a_check_changes_nothing),
        cmocka_unit_test(a_check_reports_a_hundred_flaws_of_a_kind_and_every_kind),
        cmocka_unit_test(a_vacuum_loses_nothing),
        cmocka_unit_test(changes_go_on_beside_checks_and_vacuums),
        cmocka_unit_test(neither_goes_on_beyond_its_deadline),
        cmocka_unit_test(what_would_be_taken_back_is_told_without_doing_it),
        cmocka_unit_test(nothing_is_taken_back_that_data_goes_with),
        cmocka_unit_test(without_the_migration_of_the_trash_what_is_in_it_is_lost_and_nothing_else),
        cmocka_unit_test(all_is_taken_back_and_made_again),
    };

    return cmocka_run_group_tests_name("store", tests, open_fixture, close_fixture);
}
