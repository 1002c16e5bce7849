/*
 * A program compiled against the headers of the previous release (previous/include) and run with the library of today:
 * it uses the embedded store, and it brings tables and structs that are shorter, and longer, than the library's.
 */
#include "testing.h"

#include <stdio.h>

#include <todo/port/build.h>
#include <todo/port/reader.h>
#include <todo/todo.h>

/* ---- a reader of its own ---- */

static unsigned destroyed;

static void destroy(void *self)
{
    (void)self;
    destroyed++;
}

static todo_status get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                       const todo_item **ret_item, todo_error *error)
{
    todo_item members = {.id = *id, .user_id = *user, .title = self, .version = 7};

    (void)call;
    return todo_item_build(&members, sizeof(members), ret_item, error);
}

static todo_status list(void *self, const todo_call *call, const todo_uuid *user,
                        const todo_list_query *query, todo_item_visit visit, void *arg, todo_error *error)
{
    todo_uuid id = {{0}};
    const todo_item *item = NULL;
    todo_status status = get(self, call, user, &id, &item, error);

    (void)query;
    if (status == TODO_OK)
        status = visit(arg, item);
    todo_item_unref(item);
    return status;
}

/* Gets a todo through a reader made from this table, by way of the library's query. */
static void assert_serves(const todo_reader_ops *ops, todo_status expected_list)
{
    static char title[] = "from the old consumer";
    todo_queries_options options = TODO_QUERIES_OPTIONS_INIT;
    const todo_uuid nobody = {{0}};
    todo_queries *queries = NULL;
    const todo_item *item = NULL;
    todo_item_list *items = NULL;
    unsigned before = destroyed;

    assert_int_equal(todo_reader_new(ops, title, &options.reader, NULL), TODO_OK);
    assert_int_equal(todo_queries_new(&options, &queries, NULL), TODO_OK);
    todo_reader_unref(options.reader);
    assert_int_equal(todo_queries_get(queries, NULL, &nobody, &nobody, &item, NULL), TODO_OK);
    assert_string_equal(item->title, title);
    assert_int_equal(item->version, 7);
    todo_item_unref(item);
    assert_int_equal(todo_queries_list(queries, NULL, &nobody, NULL, &items, NULL), expected_list);
    assert_int_equal(todo_item_list_count(items), expected_list == TODO_OK ? 1 : 0);
    todo_item_list_free(items);
    todo_queries_free(queries);
    assert_int_equal(destroyed, before + 1);
}

static void a_table_of_functions_as_it_was_serves(void **state)
{
    const todo_reader_ops ops = {.size = sizeof(ops), .destroy = destroy, .get = get, .list = list};

    (void)state;
    assert_serves(&ops, TODO_OK);
}

static void functions_beyond_a_shorter_table_are_absent(void **state)
{
    /* What lies behind the size is no function: were it called, it would show. */
    const todo_reader_ops ops = {
        .size = offsetof(todo_reader_ops, list),
        .destroy = destroy,
        .get = get,
        .list = (todo_status(*)(void *, const todo_call *, const todo_uuid *, const todo_list_query *,
                                todo_item_visit, void *, todo_error *))(uintptr_t)1};

    (void)state;
    assert_serves(&ops, TODO_ERR_UNSUPPORTED);
}

static void a_longer_table_is_fine(void **state)
{
    const struct {
        todo_reader_ops known;
        void (*of_the_future)(void);
    } ops = {{.size = sizeof(ops), .destroy = destroy, .get = get, .list = list},
             (void (*)(void))(uintptr_t)1};

    (void)state;
    assert_serves(&ops.known, TODO_OK);
}

/* ---- structs ---- */

/* An options struct of a later version: the one of this version, and more behind it. */
static void a_longer_option_is_refused_only_if_it_is_set(void **state)
{
    union {
        todo_queries_options known;
        unsigned char bytes[4096];
    } options = {.bytes = {0}};
    const todo_reader_ops ops = {.size = sizeof(ops), .destroy = destroy, .get = get, .list = list};
    todo_queries *queries = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    options.known.size = sizeof(options);
    assert_int_equal(todo_reader_new(&ops, NULL, &options.known.reader, NULL), TODO_OK);
    assert_int_equal(todo_queries_new(&options.known, &queries, &error), TODO_OK);
    todo_queries_free(queries);
    queries = NULL;
    options.bytes[sizeof(options) - 1] = 1;
    assert_int_equal(todo_queries_new(&options.known, &queries, &error), TODO_ERR_UNSUPPORTED);
    assert_string_equal(error.code, "struct_member_unknown");
    assert_null(queries);
    todo_reader_unref(options.known.reader);
}

static void a_shorter_option_has_defaults_behind_it(void **state)
{
    /* The user's port lies behind the size: were it looked at, it would show. */
    todo_queries_options options = {offsetof(todo_queries_options, users), NULL, (todo_users *)(uintptr_t)8};
    const todo_reader_ops ops = {.size = sizeof(ops), .destroy = destroy, .get = get, .list = list};
    const todo_uuid nobody = {{0}};
    const todo_user *user = NULL;
    todo_queries *queries = NULL;

    (void)state;
    assert_int_equal(todo_reader_new(&ops, NULL, &options.reader, NULL), TODO_OK);
    assert_int_equal(todo_queries_new(&options, &queries, NULL), TODO_OK);
    assert_int_equal(todo_queries_user(queries, NULL, &nobody, &user, NULL), TODO_ERR_UNSUPPORTED);
    todo_queries_free(queries);
    todo_reader_unref(options.reader);
}

static void a_shorter_error_is_written_no_further_than_it_reaches(void **state)
{
    todo_error error = TODO_ERROR_INIT;
    todo_uuid id;

    (void)state;
    memset(error.message, 'x', sizeof(error.message));
    error.size = offsetof(todo_error, message);
    assert_int_equal(todo_uuid_parse("no uuid", &id, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "uuid_invalid");
    for (size_t i = 0; i < sizeof(error.message); i++)
        assert_int_equal(error.message[i], 'x');
}

static void a_shorter_draft_and_patch_work(void **state)
{
    static const char body[] = "{\"title\":\"a\",\"description\":\"b\",\"completed\":true}";
    todo_item_draft draft = {.size = offsetof(todo_item_draft, description), .description = "beyond"};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_json *json = NULL;

    (void)state;
    patch.size = offsetof(todo_item_patch, completed);
    patch.if_version = 99;
    assert_int_equal(todo_json_parse(body, sizeof(body) - 1, &json, NULL), TODO_OK);
    assert_int_equal(todo_json_read_draft(json, &draft, NULL), TODO_OK);
    assert_string_equal(draft.title, "a");
    assert_string_equal(draft.description, "beyond");
    assert_int_equal(todo_json_read_patch(json, &patch, NULL), TODO_OK);
    assert_string_equal(patch.description.value, "b");
    assert_int_equal(patch.completed.presence, TODO_ABSENT);
    assert_int_equal(patch.if_version, 99);
    todo_json_free(json);
}

/* ---- the embedded store, as a program of that time uses it ---- */

static void use(todo_commands *commands, todo_queries *queries, const todo_uuid *user)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_list_query query = TODO_LIST_QUERY_INIT;
    const todo_item *item = NULL, *changed = NULL;
    todo_item_list *items = NULL;

    draft.title = " Milk ";
    assert_int_equal(todo_commands_create(commands, NULL, user, &draft, &item, NULL), TODO_OK);
    assert_string_equal(item->title, "Milk");
    patch.completed.presence = TODO_VALUE;
    patch.completed.value = true;
    patch.if_version = item->version;
    assert_int_equal(todo_commands_update(commands, NULL, user, &item->id, &patch, &changed, NULL), TODO_OK);
    assert_true(changed->completed);
    assert_int_equal(changed->version, 2);
    query.completed = TODO_ONLY_TRUE;
    assert_int_equal(todo_queries_list(queries, NULL, user, &query, &items, NULL), TODO_OK);
    assert_int_equal(todo_item_list_count(items), 1);
    assert_int_equal(todo_uuid_compare(&todo_item_list_at(items, 0)->id, &item->id), 0);
    todo_item_list_free(items);
    assert_int_equal(todo_commands_remove(commands, NULL, user, &item->id, 2, NULL), TODO_OK);
    todo_item_unref(changed);
    todo_item_unref(item);
}

static void the_embedded_store_works_as_it_did(void **state)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_registration registration = TODO_REGISTRATION_INIT;
    const todo_user *user = NULL, *known = NULL;
    todo_store *store = NULL;

    (void)state;
    options.url = "sqlite::memory:";
    assert_int_equal(todo_store_open(&options, &store, NULL), TODO_OK);
    registration.email = "ada@example.org";
    registration.password = "correct horse";
    assert_int_equal(todo_commands_register(todo_store_commands(store), NULL, &registration, &user, NULL),
                     TODO_OK);
    assert_int_equal(todo_commands_login(todo_store_commands(store), NULL, "Ada@example.org", "correct horse",
                                         &known, NULL),
                     TODO_OK);
    assert_string_equal(known->email, "ada@example.org");
    use(todo_store_commands(store), todo_store_queries(store), &user->id);
    todo_user_unref(known);
    todo_user_unref(user);
    todo_store_close(store);
}

static void tokens_and_json_work_as_they_did(void **state)
{
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT, read = TODO_TOKEN_CLAIMS_INIT;
    todo_token_key *key = NULL;
    todo_buffer *buffer = NULL;
    char *token = NULL;

    (void)state;
    claims.expires_at = 2000000000;
    assert_int_equal(todo_token_key_new_hs256("a secret", 8, &key, NULL), TODO_OK);
    assert_int_equal(todo_token_mint(key, &claims, &token, NULL), TODO_OK);
    assert_int_equal(todo_token_verify(key, token, 1900000000, &read, NULL), TODO_OK);
    assert_int_equal(read.expires_at, 2000000000);
    todo_free(token);
    todo_token_key_free(key);
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    assert_int_equal(todo_json_write_string(buffer, "a \"b\"", NULL), TODO_OK);
    assert_string_equal(todo_buffer_data(buffer), "\"a \\\"b\\\"\"");
    todo_buffer_free(buffer);
}

static void the_library_is_at_least_as_new_as_the_headers(void **state)
{
    unsigned major = 0, minor = 0;

    (void)state;
    assert_int_equal(sscanf(todo_version(), "%u.%u", &major, &minor), 2);
    assert_int_equal(major, TODO_VERSION_MAJOR);
    assert_true(minor >= TODO_VERSION_MINOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_of_functions_as_it_was_serves),
        cmocka_unit_test(functions_beyond_a_shorter_table_are_absent),
        cmocka_unit_test(a_longer_table_is_fine),
        cmocka_unit_test(a_longer_option_is_refused_only_if_it_is_set),
        cmocka_unit_test(a_shorter_option_has_defaults_behind_it),
        cmocka_unit_test(a_shorter_error_is_written_no_further_than_it_reaches),
        cmocka_unit_test(a_shorter_draft_and_patch_work),
        cmocka_unit_test(the_embedded_store_works_as_it_did),
        cmocka_unit_test(tokens_and_json_work_as_they_did),
        cmocka_unit_test(the_library_is_at_least_as_new_as_the_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
