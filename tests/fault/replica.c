/* A primary and a standby that lags: nobody misses their own changes, and one goes on without the other. */
#include "testing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <todo/port/build.h>
#include <todo/store.h>

#include "database.h"

#define ROUNDS 20

static todo_store *store, *other; /* as of two processes */
static todo_uuid user;
static char urls[256];

static todo_store *open_store(void)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_error error = TODO_ERROR_INIT;
    todo_store *opened = NULL;

    /* Both hosts: whichever takes writes. */
    snprintf(urls, sizeof(urls), "postgres://todo:todo-secret@127.0.0.1:%s,127.0.0.1:%s/todo",
             getenv("TODO_TEST_PG_PORT"), getenv("TODO_TEST_REPLICA_PORT"));
    options.url = urls;
    options.reader_url = getenv("TODO_TEST_READER_URL");
    options.pool_size = 4;
    if (todo_store_open(&options, &opened, &error) != TODO_OK)
        fail_msg("%s: %s", error.code, error.detail);
    return opened;
}

static PGconn *standby_admin(void)
{
    const char *const keywords[] = {"host", "port", "user", "dbname", NULL};
    const char *const values[] = {getenv("TODO_TEST_PG_SOCKET"), getenv("TODO_TEST_REPLICA_PORT"), "postgres",
                                  "todo", NULL};
    PGconn *admin = PQconnectdbParams(keywords, values, 0);

    assert_int_equal(PQstatus(admin), CONNECTION_OK);
    return admin;
}

/* Waits until the standby has all that the primary has. */
static void await_standby(void)
{
    PGconn *primary = database_admin("todo"), *standby = standby_admin();
    char sql[128];

    snprintf(sql, sizeof(sql), "SELECT (pg_last_wal_replay_lsn() - '0/0' >= %ld)::int",
             database_number(primary, "SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint"));
    database_await(standby, sql, 1);
    PQfinish(primary);
    PQfinish(standby);
}

static int set_up(void **state)
{
    const todo_user *made = NULL;
    todo_user_fields fields;

    (void)state;
    store = open_store();
    other = open_store();
    todo_user_fields_init(&fields, sizeof(fields));
    assert_int_equal(todo_uuid_generate(&fields.id, NULL), TODO_OK);
    fields.email = "ann@example.org";
    fields.password_hash = "x";
    user = fields.id;
    assert_int_equal(todo_user_build(&fields, &made, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(todo_store_users(store), NULL, made, NULL), TODO_OK);
    todo_user_unref(made);
    await_standby();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    todo_store_close(store);
    todo_store_close(other);
    return 0;
}

static todo_status create(todo_store *in, todo_sequence *ret_sequence, todo_uuid *ret_id)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_call call = TODO_CALL_INIT;
    const todo_item *item = NULL;
    todo_status status;

    todo_call_set_timeout(&call, 5000);
    draft.title = "milk";
    call.ret_sequence = ret_sequence;
    status = todo_commands_create(todo_store_commands(in), &call, &user, &draft, &item, NULL);
    if (status == TODO_OK)
        *ret_id = item->id;
    todo_item_unref(item);
    return status;
}

static todo_status get(todo_store *from, const todo_sequence *token, const todo_uuid *id)
{
    todo_call call = TODO_CALL_INIT;
    const todo_item *item = NULL;
    todo_status status;

    todo_call_set_timeout(&call, 5000);
    call.at_least = token;
    status = todo_queries_get(todo_store_queries(from), &call, &user, id, &item, NULL);
    todo_item_unref(item);
    return status;
}

/* Whether the newest of the user's todos is this one; an error counts as no. */
static bool lists_first(todo_store *from, const todo_sequence *token, const todo_uuid *id)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    todo_call call = TODO_CALL_INIT;
    todo_item_list *list = NULL;
    todo_sequence given = {0, 0};
    bool first;

    todo_call_set_timeout(&call, 5000);
    call.at_least = token;
    call.ret_sequence = &given;
    query.limit = 5;
    if (todo_queries_list(todo_store_queries(from), &call, &user, &query, &list, NULL) != TODO_OK)
        return false;
    first = todo_item_list_count(list) > 0 && todo_uuid_compare(&todo_item_list_at(list, 0)->id, id) == 0;
    todo_item_list_free(list);
    return first;
}

static void own_changes_are_seen_at_once(void **state)
{
    todo_uuid id;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        assert_int_equal(create(store, NULL, &id), TODO_OK);
        assert_int_equal(get(store, NULL, &id), TODO_OK);
        assert_true(lists_first(store, NULL, &id));
        assert_int_equal(todo_commands_remove(todo_store_commands(store), NULL, &user, &id, 0, NULL),
                         TODO_OK);
        assert_int_equal(get(store, NULL, &id), TODO_ERR_NOT_FOUND);
        assert_false(lists_first(store, NULL, &id));
    }
}

static void a_token_shows_them_elsewhere(void **state)
{
    int late = 0;
    todo_uuid id;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        todo_sequence token = {0, 0};

        assert_int_equal(create(store, &token, &id), TODO_OK);
        assert_true(token.epoch != 0);

        late += get(other, NULL, &id) == TODO_ERR_NOT_FOUND;
        assert_int_equal(get(other, &token, &id), TODO_OK);
        assert_true(lists_first(other, &token, &id));
    }
    /* Without it the standby was asked, and did not have them yet: it is the token that helped. */
    assert_int_not_equal(late, 0);
}

/* What somebody else wrote, and a client with a token has seen, it goes on seeing elsewhere. */
static void what_was_seen_stays_seen(void **state)
{
    todo_sequence first = {0, 0};
    todo_uuid id;

    (void)state;
    assert_int_equal(create(store, &first, &id), TODO_OK);
    await_standby();
    for (int i = 0; i < ROUNDS; i++) {
        todo_sequence token = {0, 0};
        todo_call call = TODO_CALL_INIT;
        todo_item_list *list = NULL;

        assert_int_equal(create(store, NULL, &id), TODO_OK);
        call.at_least = &first;
        call.ret_sequence = &token;
        assert_int_equal(todo_queries_list(todo_store_queries(store), &call, &user, NULL, &list, NULL),
                         TODO_OK);
        assert_int_equal(todo_uuid_compare(&todo_item_list_at(list, 0)->id, &id), 0);
        todo_item_list_free(list);
        assert_true(todo_sequence_compare(&token, &first) > 0);
        assert_true(lists_first(other, &token, &id));
        assert_int_equal(get(other, &token, &id), TODO_OK);
    }
}

/* A todo that is committed, but that the primary does not show as long as a standby that is not there is silent. */
static void insert_in_limbo(PGconn *admin, const todo_uuid *id)
{
    char sql[512], id_text[TODO_UUID_TEXT_SIZE], user_text[TODO_UUID_TEXT_SIZE];
    PGconn *standby = standby_admin();

    todo_uuid_format(id, id_text);
    todo_uuid_format(&user, user_text);
    database_run(admin, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    database_run(admin, "SELECT pg_reload_conf()");
    database_await(admin, "SELECT (current_setting('synchronous_standby_names') = 'nobody')::int", 1);
    snprintf(sql, sizeof(sql),
             "WITH s AS (UPDATE user_sequences SET modseq = modseq + 1 WHERE user_id = '%s' RETURNING *)"
             " INSERT INTO todos (id, user_id, title, modseq) SELECT '%s', user_id, 'limbo', modseq FROM s",
             user_text, id_text);
    assert_int_equal(PQsendQuery(admin, sql), 1);
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM todos WHERE id = '%s'", id_text);
    database_await(standby, sql, 1);
    PQfinish(standby);
}

/*
 * The primary sends a change to the standby before it shows it itself. A client that has seen it there goes on seeing it,
 * also through a process whose reads begin at the primary, and never meets the state before it.
 */
static void what_the_standby_shows_first_stays_seen(void **state)
{
    PGconn *limbo = database_admin("todo"), *admin = database_admin("todo");
    todo_sequence seen = {0, 0};
    todo_call call = TODO_CALL_INIT;
    const todo_item *item = NULL;
    todo_uuid id;

    (void)state;
    assert_int_equal(todo_uuid_generate(&id, NULL), TODO_OK);
    insert_in_limbo(limbo, &id);
    call.ret_sequence = &seen;
    assert_int_equal(todo_queries_get(todo_store_queries(other), &call, &user, &id, &item, NULL), TODO_OK);
    assert_int_equal(item->modseq, seen.number);
    todo_item_unref(item);
    assert_true(lists_first(other, &seen, &id));
    assert_true(lists_first(store, &seen, &id));
    assert_int_equal(get(store, &seen, &id), TODO_OK);
    database_run(admin, "ALTER SYSTEM RESET synchronous_standby_names");
    database_run(admin, "SELECT pg_reload_conf()");
    PQclear(PQgetResult(limbo));
    assert_true(lists_first(other, &seen, &id));
    PQfinish(limbo);
    PQfinish(admin);
}

/* A standby that applies nothing any more, but answers as if all were well. */
static void a_standby_that_stands_still_answers_no_client_that_has_seen_more(void **state)
{
    PGconn *standby = standby_admin();
    todo_sequence made = {0, 0}, beyond;
    todo_error error = TODO_ERROR_INIT;
    todo_call call = TODO_CALL_INIT;
    const todo_item *item = NULL;
    todo_uuid id;

    (void)state;
    await_standby();
    database_run(standby, "SELECT pg_wal_replay_pause()");
    database_await(standby, "SELECT (pg_get_wal_replay_pause_state() = 'paused')::int", 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(create(store, &made, &id), TODO_OK);
        assert_int_equal(get(store, NULL, &id), TODO_OK);
        assert_true(lists_first(other, &made, &id));
        assert_int_equal(get(other, &made, &id), TODO_OK);
    }
    /* A state that no source has. */
    beyond = (todo_sequence){made.epoch, made.number + 1};
    call.at_least = &beyond;
    assert_int_equal(todo_queries_get(todo_store_queries(other), &call, &user, &id, &item, &error),
                     TODO_ERR_UNAVAILABLE);
    assert_string_equal(error.code, "sequence_unavailable");
    database_run(standby, "SELECT pg_wal_replay_resume()");
    PQfinish(standby);
}

static void reads_go_on_while_the_primary_is_down(void **state)
{
    todo_error error = TODO_ERROR_INIT;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;
    todo_uuid id;

    (void)state;
    assert_int_equal(create(store, NULL, &id), TODO_OK);
    await_standby();
    database_control("stop -m fast");
    assert_int_equal(get(store, NULL, &id), TODO_OK);
    assert_true(lists_first(store, NULL, &id));
    draft.title = "milk";
    assert_int_equal(todo_commands_create(todo_store_commands(store), NULL, &user, &draft, &item, &error),
                     TODO_ERR_UNAVAILABLE);
    assert_true(error.retry_after > 0);
}

/* After the test before it, the primary is down. */
static void a_standby_that_is_promoted_takes_over(void **state)
{
    char command[512];
    todo_uuid id;
    todo_status status = TODO_ERR_UNAVAILABLE;

    (void)state;
    snprintf(command, sizeof(command), "%s promote >/dev/null 2>&1", getenv("TODO_TEST_REPLICA_CTL"));
    assert_int_equal(system(command), 0);
    for (int i = 0; i < 500 && status != TODO_OK; i++) {
        status = create(store, NULL, &id);
        if (status != TODO_OK)
            usleep(20000);
    }
    assert_int_equal(status, TODO_OK);
    assert_int_equal(get(store, NULL, &id), TODO_OK);
    assert_true(lists_first(store, NULL, &id));
    assert_true(lists_first(other, NULL, &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_changes_are_seen_at_once),
        cmocka_unit_test(a_token_shows_them_elsewhere),
        cmocka_unit_test(what_was_seen_stays_seen),
        cmocka_unit_test(what_the_standby_shows_first_stays_seen),
        cmocka_unit_test(a_standby_that_stands_still_answers_no_client_that_has_seen_more),
        cmocka_unit_test(reads_go_on_while_the_primary_is_down),
        cmocka_unit_test(a_standby_that_is_promoted_takes_over),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
