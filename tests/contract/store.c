/* store.h */
#include "contract.h"

#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static todo_store *open_another(contract_fixture *fixture)
{
    todo_store *store = NULL;

    expect(fixture, TODO_OK, todo_store_open(fixture->options, &store, &fixture->error));
    return store;
}

/* Another store's ports in place of the fixture's own. */
static contract_fixture through(const contract_fixture *fixture, todo_store *store)
{
    contract_fixture other = *fixture;

    other.store = store;
    other.reader = todo_store_reader(store);
    other.writer = todo_store_writer(store);
    other.users = todo_store_users(store);
    return other;
}

static void hands_out_everything(void **state)
{
    contract_fixture *fixture = *state;

    assert_non_null(todo_store_reader(fixture->store));
    assert_non_null(todo_store_writer(fixture->store));
    assert_non_null(todo_store_users(fixture->store));
    assert_non_null(todo_store_commands(fixture->store));
    assert_non_null(todo_store_queries(fixture->store));
}

static void keeps_its_data_when_it_is_opened_again(void **state)
{
    contract_fixture *fixture = *state;
    todo_store *store = open_another(fixture);
    contract_fixture first = through(fixture, store);
    todo_item item = contract_add(&first, "kept", 1);

    todo_store_close(store);
    store = open_another(fixture);
    first = through(fixture, store);
    contract_expect_stored(&first, &item);
    todo_store_close(store);
    contract_expect_stored(fixture, &item);
}

static void two_stores_on_the_same_database_see_each_others_writes(void **state)
{
    contract_fixture *fixture = *state;
    todo_store *store = open_another(fixture);
    contract_fixture other = through(fixture, store);
    todo_item ours = contract_add(fixture, "ours", 1), theirs = contract_add(&other, "theirs", 2);
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *changed = NULL;

    contract_expect_stored(&other, &ours);
    contract_expect_stored(fixture, &theirs);
    patch.if_version = 1;
    expect(
        &other, TODO_OK,
        todo_writer_update(other.writer, NULL, &ours.user_id, &ours.id, &patch, 9, &changed, &other.error));
    assert_int_equal(changed->version, 2);
    todo_item_unref(changed);
    expect(fixture, TODO_ERR_PRECONDITION,
           todo_writer_remove(fixture->writer, NULL, &ours.user_id, &ours.id, 1, &fixture->error));
    expect(fixture, TODO_OK,
           todo_writer_remove(fixture->writer, NULL, &ours.user_id, &ours.id, 2, &fixture->error));
    assert_int_equal(contract_count(&other, &fixture->alice), 1);
    todo_store_close(store);
}

typedef struct shared_work {
    contract_fixture fixtures[2];
    todo_item item;
    size_t wrong[CONTRACT_THREADS];
} shared_work;

static void change_through_either(void *arg, size_t index)
{
    shared_work *this = arg;
    contract_fixture *fixture = &this->fixtures[index % 2];
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *changed = NULL;

    for (int i = 0; i < 20; i++) {
        if (todo_writer_update(fixture->writer, NULL, &this->item.user_id, &this->item.id, &patch, 2,
                               &changed, NULL) == TODO_OK)
            todo_item_unref(changed);
        else
            this->wrong[index]++;
    }
}

static void no_change_is_lost_between_two_stores(void **state)
{
    contract_fixture *fixture = *state;
    todo_store *store = open_another(fixture);
    shared_work work = {.fixtures = {*fixture, through(fixture, store)},
                        .item = contract_add(fixture, "shared", 1)};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *changed = NULL;

    contract_in_threads(change_through_either, &work);
    for (size_t i = 0; i < CONTRACT_THREADS; i++)
        assert_int_equal(work.wrong[i], 0);
    expect(fixture, TODO_OK,
           todo_writer_update(fixture->writer, NULL, &work.item.user_id, &work.item.id, &patch, 2, &changed,
                              &fixture->error));
    assert_int_equal(changed->version, 2 + 20 * CONTRACT_THREADS);
    todo_item_unref(changed);
    todo_store_close(store);
}

static void a_change_survives_the_death_of_its_process(void **state)
{
    contract_fixture *fixture = *state;
    char user[TODO_UUID_TEXT_SIZE];
    char program[PATH_MAX] = "";
    char *arguments[] = {(char *)"contract", (char *)"--write-until-killed", user, NULL};
    posix_spawn_file_actions_t actions;
    todo_uuid acknowledged[20];
    int channel[2], status;
    size_t missing = 0;
    pid_t child;

    todo_uuid_format(&fixture->alice, user);
    assert_int_equal(pipe(channel), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, channel[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, channel[0]);
    posix_spawn_file_actions_addclose(&actions, channel[1]);
    /* Its name and not the link itself, which leads to valgrind when that runs us. */
    assert_true(readlink("/proc/self/exe", program, sizeof(program) - 1) > 0);
    assert_int_equal(posix_spawn(&child, program, &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(channel[1]);
    for (size_t i = 0; i < COUNT_OF(acknowledged); i++)
        missing += read(channel[0], &acknowledged[i], sizeof(acknowledged[i])) != sizeof(acknowledged[i]);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(channel[0]);
    assert_int_equal(missing, 0);
    assert_true(WIFSIGNALED(status));
    for (size_t i = 0; i < COUNT_OF(acknowledged); i++) {
        const todo_item *item = NULL;

        expect(fixture, TODO_OK,
               todo_reader_get(fixture->reader, NULL, &fixture->alice, &acknowledged[i], &item,
                               &fixture->error));
        assert_string_equal(item->title, "survivor");
        todo_item_unref(item);
    }
    contract_add(fixture, "life goes on", 1);
}

int contract_write_until_killed(const todo_store_options *options, const char *user)
{
    todo_item item = {.title = "survivor", .version = 1};
    const todo_item *pointer = &item;
    todo_store *store = NULL;

    if (todo_uuid_parse(user, &item.user_id, NULL) != TODO_OK ||
        todo_store_open(options, &store, NULL) != TODO_OK)
        return EXIT_FAILURE;
    while (todo_uuid_generate(&item.id, NULL) == TODO_OK &&
           todo_writer_insert(todo_store_writer(store), NULL, &pointer, 1, NULL) == TODO_OK &&
           write(STDOUT_FILENO, &item.id, sizeof(item.id)) == sizeof(item.id))
        ;
    return EXIT_FAILURE;
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
    contract_fixture *fixture = *state;
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
    contract_fixture *fixture = *state;
    seen_parts seen = {0};

    expect(fixture, TODO_OK, todo_store_probe(fixture->store, NULL, see_part, &seen, &fixture->error));
    assert_int_equal(seen.writers, 1);
    assert_int_equal(seen.caches, fixture->options->cache_url != NULL);
    assert_true(seen.readers <= 1);
    assert_int_equal(seen.faults, 0);
    assert_int_equal(seen.others, 0);
    expect(fixture, TODO_OK, todo_store_probe(fixture->store, NULL, NULL, NULL, &fixture->error));
}

static void refuses_a_url_that_makes_no_sense(void **state)
{
    static const char *const urls[] = {"", "nonsense", "mysql://localhost/todo", "sqlite:", "sqlite"};
    contract_fixture *fixture = *state;
    todo_store *untouched = (todo_store *)fixture, *store = untouched;
    todo_store_options options = *fixture->options;

    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        options.url = urls[i];
        expect(fixture, TODO_ERR_INVALID, todo_store_open(&options, &store, &fixture->error));
        assert_string_equal(fixture->error.code, "store_url_invalid");
        assert_ptr_equal(store, untouched);
    }
}

static void the_use_cases_work_on_it(void **state)
{
    contract_fixture *fixture = *state;
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

static const struct CMUnitTest tests[] = {
    CONTRACT_CASE(hands_out_everything),
    CONTRACT_CASE(keeps_its_data_when_it_is_opened_again),
    CONTRACT_CASE(two_stores_on_the_same_database_see_each_others_writes),
    CONTRACT_CASE(no_change_is_lost_between_two_stores),
    CONTRACT_CASE(a_change_survives_the_death_of_its_process),
    CONTRACT_CASE(every_migration_was_applied_once_when_it_was_opened),
    CONTRACT_CASE(a_probe_reports_every_part_without_its_password),
    CONTRACT_CASE(refuses_a_url_that_makes_no_sense),
    CONTRACT_CASE(the_use_cases_work_on_it),
};

const contract_cases contract_store = {tests, COUNT_OF(tests)};
