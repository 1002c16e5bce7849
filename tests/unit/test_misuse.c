/*
 * What a careless caller does: NULL where something has to be, a struct that was never initialized, one that asks for
 * what this version does not have. Each gets an error, and nothing crashes or is written.
 */
#include "testing.h"

#include <stdlib.h>

#include <todo/port/adapter.h>
#include <todo/port/build.h>
#include <todo/port/decorators.h>
#include <todo/todo.h>

#include "fakes.h"

typedef struct bench {
    fake_store memory;
    fake_cache cache_memory;
    todo_reader *reader;
    todo_writer *writer;
    todo_users *users;
    todo_cache *cache;
    todo_clock *clock;
    fake_clock clock_memory;
    todo_commands *commands;
    todo_queries *queries;
    todo_uuid user, id;
    const todo_item *item;
} bench;

static bench with;

static int set_up(void **state)
{
    todo_commands_options commands = TODO_COMMANDS_OPTIONS_INIT;
    todo_queries_options queries = TODO_QUERIES_OPTIONS_INIT;

    (void)state;
    fake_store_init(&with.memory);
    fake_cache_init(&with.cache_memory);
    fake_clock_init(&with.clock_memory, 1000000);
    with.user = fake_id(1);
    with.id = fake_id(2);
    fake_store_add_user(&with.memory, &with.user);
    commands.writer = with.writer = fake_store_writer(&with.memory);
    queries.reader = with.reader = fake_store_reader(&with.memory);
    commands.users = queries.users = with.users = fake_store_users(&with.memory);
    commands.clock = with.clock = fake_clock_handle(&with.clock_memory);
    with.cache = fake_cache_handle(&with.cache_memory);
    with.item = fake_item(&with.user, &with.id, "Milk");
    assert_int_equal(todo_commands_new(&commands, &with.commands, NULL), TODO_OK);
    assert_int_equal(todo_queries_new(&queries, &with.queries, NULL), TODO_OK);
    with.memory.state.calls = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    todo_queries_free(with.queries);
    todo_commands_free(with.commands);
    todo_item_unref(with.item);
    todo_cache_unref(with.cache);
    todo_clock_unref(with.clock);
    todo_users_unref(with.users);
    todo_writer_unref(with.writer);
    todo_reader_unref(with.reader);
    fake_cache_clear(&with.cache_memory);
    fake_store_clear(&with.memory);
    return 0;
}

/* "argument_missing" and "struct_size_invalid" name the argument. */
static void assert_names_an_argument(const todo_error *said)
{
    if (strcmp(said->code, "argument_missing") == 0 || strcmp(said->code, "struct_size_invalid") == 0)
        assert_string_not_equal(said->field, "");
}

/* The call fails with INVALID, with and without somewhere to say why. */
#define ASSERT_INVALID(call_with_error)                        \
    do {                                                       \
        todo_error said = TODO_ERROR_INIT, *error = &said;     \
                                                               \
        assert_int_equal((call_with_error), TODO_ERR_INVALID); \
        assert_int_equal(said.status, TODO_ERR_INVALID);       \
        assert_string_not_equal(said.code, "");                \
        assert_names_an_argument(&said);                       \
        error = NULL;                                          \
        assert_int_equal((call_with_error), TODO_ERR_INVALID); \
    } while (0)

static todo_status see_item(void *arg, const todo_item *item)
{
    (void)arg, (void)item;
    return TODO_OK;
}

static todo_status see_user(void *arg, const todo_user *user)
{
    (void)arg, (void)user;
    return TODO_OK;
}

static void values_need_their_arguments(void **state)
{
    todo_uuid id = {{0}};
    todo_cursor cursor = {0};
    todo_time time;
    char text[64] = "before";

    (void)state;
    ASSERT_INVALID(todo_uuid_generate(NULL, error));
    ASSERT_INVALID(todo_uuid_parse(NULL, &id, error));
    ASSERT_INVALID(todo_uuid_parse("0190d2a4-7f3b-7cde-8f01-23456789abcd", NULL, error));
    ASSERT_INVALID(todo_time_parse(NULL, &time, error));
    ASSERT_INVALID(todo_time_parse("2026-11-24T00:00:00Z", NULL, error));
    ASSERT_INVALID(todo_cursor_parse(NULL, &cursor, error));
    ASSERT_INVALID(todo_cursor_parse("000000000000000000000000000000000000000000000000", NULL, error));
    todo_uuid_format(NULL, text);
    todo_uuid_format(&id, NULL);
    todo_cursor_format(NULL, text);
    todo_cursor_format(&cursor, NULL);
    todo_time_format(0, NULL);
    assert_string_equal(text, "before");
    assert_int_equal(todo_uuid_compare(NULL, NULL), 0);
    assert_true(todo_uuid_compare(NULL, &id) < 0);
    assert_true(todo_uuid_compare(&id, NULL) > 0);
    todo_call_set_timeout(NULL, 1);
    assert_int_equal(todo_call_remaining(NULL), -1);
    assert_string_equal(todo_status_name((todo_status)999), "unknown");
}

static void errors_and_initializers_take_anything(void **state)
{
    unsigned char bytes[sizeof(todo_error)];
    size_t size = 0;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    todo_error_init(NULL, sizeof(todo_error));
    todo_error_init((todo_error *)(void *)bytes, 0);
    assert_int_equal(bytes[0], 'x');
    todo_error_set_detail(NULL, "detail");
    assert_int_equal(todo_error_set(NULL, TODO_ERR_CONFLICT, NULL, NULL, NULL), TODO_ERR_CONFLICT);
    todo_call_init(NULL, 8);
    todo_commands_options_init(NULL, 8);
    todo_queries_options_init(NULL, 8);
    todo_store_options_init(NULL, 8);
    todo_store_stats_init(NULL, 8);
    todo_cache_usage_init(NULL, 8);
    todo_revert_options_init(NULL, 8);
    todo_item_draft_init(NULL, 8);
    todo_item_patch_init(NULL, 8);
    todo_user_fields_init(NULL, 8);
    todo_cache_change_init(NULL, 8);
    todo_list_query_init(NULL, 8);
    todo_registration_init(NULL, 8);
    todo_token_claims_init(NULL, 8);
    todo_allocator_init(NULL, 8);
    todo_call_init((todo_call *)(void *)&size, sizeof(size)); /* no further than the size given */
    assert_int_equal(size, sizeof(size));
}

static void nothing_is_released_or_counted_when_there_is_nothing(void **state)
{
    (void)state;
    todo_free(NULL);
    todo_buffer_free(NULL);
    todo_json_free(NULL);
    todo_token_key_free(NULL);
    todo_token_keys_free(NULL);
    assert_int_equal(todo_token_keys_count(NULL), 0);
    assert_null(todo_token_keys_at(NULL, 0));
    assert_null(todo_token_key_id(NULL));
    assert_int_equal(todo_token_key_algorithm(NULL), 0);
    assert_false(todo_token_key_can_sign(NULL));
    todo_item_unref(NULL);
    todo_user_unref(NULL);
    todo_item_list_free(NULL);
    todo_reader_unref(NULL);
    todo_writer_unref(NULL);
    todo_users_unref(NULL);
    todo_cache_unref(NULL);
    todo_clock_unref(NULL);
    todo_commands_free(NULL);
    todo_queries_free(NULL);
    todo_store_close(NULL);
    assert_null(todo_item_ref(NULL));
    assert_null(todo_user_ref(NULL));
    assert_null(todo_reader_ref(NULL));
    assert_null(todo_writer_ref(NULL));
    assert_null(todo_users_ref(NULL));
    assert_null(todo_cache_ref(NULL));
    assert_null(todo_clock_ref(NULL));
    assert_int_equal(todo_item_list_count(NULL), 0);
    assert_null(todo_item_list_at(NULL, 0));
    assert_null(todo_item_list_next(NULL));
    assert_null(todo_user_password_hash(NULL));
    assert_true(todo_clock_now(NULL) > 0);
}

static void entities_need_their_arguments(void **state)
{
    const todo_field *title = todo_item_field_find("title");
    char room[TODO_FIELD_TEXT_SIZE];
    todo_value value;
    todo_item members = {.title = "Milk", .version = 1}, untitled = {.version = 1};
    todo_user_fields user_fields = {.size = sizeof(user_fields), .email = "a@b.c", .password_hash = "x"};
    todo_user_fields nameless = {.size = sizeof(nameless), .password_hash = "x"};
    todo_user_fields open = {.size = sizeof(open), .email = "a@b.c"};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;
    const todo_user *user = NULL;

    (void)state;
    todo_field_get(NULL, with.item, &value);
    assert_true(value.null);
    todo_field_get(title, NULL, &value);
    assert_true(value.null);
    todo_field_get(title, with.item, NULL);
    assert_null(todo_field_format(NULL, with.item, room));
    ASSERT_INVALID(todo_field_parse(NULL, "x", &members, error));
    ASSERT_INVALID(todo_field_parse(title, "x", NULL, error));
    ASSERT_INVALID(todo_item_build(NULL, sizeof(members), &item, error));
    ASSERT_INVALID(todo_item_build(&members, sizeof(members), NULL, error));
    ASSERT_INVALID(todo_item_build(&untitled, sizeof(untitled), &item, error));
    ASSERT_INVALID(todo_item_build(&members, 0, &item, error));
    ASSERT_INVALID(todo_item_admit(NULL, sizeof(members), &item, error));
    ASSERT_INVALID(todo_item_admit(&members, sizeof(members), NULL, error));
    ASSERT_INVALID(todo_item_apply(NULL, &patch, 0, &item, error));
    ASSERT_INVALID(todo_item_apply(with.item, NULL, 0, &item, error));
    ASSERT_INVALID(todo_item_apply(with.item, &patch, 0, NULL, error));
    ASSERT_INVALID(todo_user_build(NULL, &user, error));
    ASSERT_INVALID(todo_user_build(&user_fields, NULL, error));
    ASSERT_INVALID(todo_user_build(&nameless, &user, error));
    ASSERT_INVALID(todo_user_build(&open, &user, error));
    assert_null(item);
    assert_null(user);
}

static void handles_need_their_functions(void **state)
{
    const todo_reader_ops reader_ops = {.size = sizeof(reader_ops)}, unsized = {.size = 0};
    const todo_writer_ops writer_ops = {.size = sizeof(writer_ops)};
    const todo_users_ops users_ops = {.size = sizeof(users_ops)};
    const todo_cache_ops cache_ops = {.size = sizeof(cache_ops)};
    const todo_clock_ops clock_ops = {.size = sizeof(clock_ops)};
    todo_reader *reader = NULL;
    todo_writer *writer = NULL;
    todo_users *users = NULL;
    todo_cache *cache = NULL;
    todo_clock *clock = NULL;

    (void)state;
    ASSERT_INVALID(todo_reader_new(NULL, NULL, &reader, error));
    ASSERT_INVALID(todo_reader_new(&unsized, NULL, &reader, error));
    ASSERT_INVALID(todo_reader_new(&reader_ops, NULL, NULL, error));
    ASSERT_INVALID(todo_writer_new(NULL, NULL, &writer, error));
    ASSERT_INVALID(todo_writer_new(&writer_ops, NULL, NULL, error));
    ASSERT_INVALID(todo_users_new(NULL, NULL, &users, error));
    ASSERT_INVALID(todo_users_new(&users_ops, NULL, NULL, error));
    ASSERT_INVALID(todo_cache_new(NULL, NULL, &cache, error));
    ASSERT_INVALID(todo_cache_new(&cache_ops, NULL, NULL, error));
    ASSERT_INVALID(todo_clock_new(NULL, NULL, &clock, error));
    ASSERT_INVALID(todo_clock_new(&clock_ops, NULL, &clock, error));
    ASSERT_INVALID(todo_cached_reader_new(NULL, with.cache, &reader, error));
    ASSERT_INVALID(todo_cached_reader_new(with.reader, NULL, &reader, error));
    ASSERT_INVALID(todo_cached_reader_new(with.reader, with.cache, NULL, error));
    ASSERT_INVALID(todo_caching_writer_new(NULL, with.cache, &writer, error));
    ASSERT_INVALID(todo_caching_writer_new(with.writer, NULL, &writer, error));
    ASSERT_INVALID(todo_caching_writer_new(with.writer, with.cache, NULL, error));
    ASSERT_INVALID(todo_caching_users_new(NULL, with.cache, &users, error));
    ASSERT_INVALID(todo_caching_users_new(with.users, NULL, &users, error));
    ASSERT_INVALID(todo_caching_users_new(with.users, with.cache, NULL, error));
    ASSERT_INVALID(todo_fallback_reader_new(NULL, with.reader, &reader, error));
    ASSERT_INVALID(todo_fallback_reader_new(with.reader, NULL, &reader, error));
    ASSERT_INVALID(todo_fallback_reader_new(with.reader, with.reader, NULL, error));
    assert_true(reader == NULL && writer == NULL && users == NULL && cache == NULL && clock == NULL);
}

static todo_status load_nothing(void *arg, const todo_call *call, const todo_item **ret_item,
                                todo_error *error)
{
    (void)arg, (void)call, (void)ret_item;
    return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
}

static todo_status list_nothing(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                                todo_error *error)
{
    (void)arg, (void)call, (void)visit, (void)visit_arg, (void)error;
    return TODO_OK;
}

static void caches_of_lists_need_their_arguments(void **state)
{
    todo_list_query unsized = {.size = 0};
    todo_cache_change change = TODO_CACHE_CHANGE_INIT, unsized_change = {.size = 0};

    (void)state;
    ASSERT_INVALID(todo_cache_list(NULL, NULL, &with.user, NULL, list_nothing, NULL, see_item, NULL, error));
    ASSERT_INVALID(todo_cache_list(with.cache, NULL, NULL, NULL, list_nothing, NULL, see_item, NULL, error));
    ASSERT_INVALID(todo_cache_list(with.cache, NULL, &with.user, NULL, NULL, NULL, see_item, NULL, error));
    ASSERT_INVALID(
        todo_cache_list(with.cache, NULL, &with.user, NULL, list_nothing, NULL, NULL, NULL, error));
    ASSERT_INVALID(
        todo_cache_list(with.cache, NULL, &with.user, &unsized, list_nothing, NULL, see_item, NULL, error));
    ASSERT_INVALID(todo_cache_note_change(NULL, NULL, &change, error));
    ASSERT_INVALID(todo_cache_note_change(with.cache, NULL, NULL, error));
    ASSERT_INVALID(todo_cache_note_change(with.cache, NULL, &unsized_change, error));
    change.item_count = 1;
    ASSERT_INVALID(todo_cache_note_change(with.cache, NULL, &change, error));
    change.item_count = 0;
    change.removed_count = 1;
    ASSERT_INVALID(todo_cache_note_change(with.cache, NULL, &change, error));
    todo_cache_change_init(&change, sizeof(change));
    assert_int_equal(change.item_count, 0);
    assert_int_equal(with.memory.state.calls + with.cache_memory.state.calls, 0);
}

static void readers_and_caches_need_their_arguments(void **state)
{
    todo_list_query unsized = {.size = 0};
    const todo_item *item = NULL;
    uint64_t count;

    (void)state;
    ASSERT_INVALID(todo_reader_get(NULL, NULL, &with.user, &with.id, &item, error));
    ASSERT_INVALID(todo_reader_get(with.reader, NULL, NULL, &with.id, &item, error));
    ASSERT_INVALID(todo_reader_get(with.reader, NULL, &with.user, NULL, &item, error));
    ASSERT_INVALID(todo_reader_get(with.reader, NULL, &with.user, &with.id, NULL, error));
    ASSERT_INVALID(todo_reader_list(NULL, NULL, &with.user, NULL, see_item, NULL, error));
    ASSERT_INVALID(todo_reader_list(with.reader, NULL, NULL, NULL, see_item, NULL, error));
    ASSERT_INVALID(todo_reader_list(with.reader, NULL, &with.user, NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_reader_list(with.reader, NULL, &with.user, &unsized, see_item, NULL, error));
    ASSERT_INVALID(todo_cache_load(NULL, NULL, &with.user, &with.id, load_nothing, NULL, &item, error));
    ASSERT_INVALID(todo_cache_load(with.cache, NULL, NULL, &with.id, load_nothing, NULL, &item, error));
    ASSERT_INVALID(todo_cache_load(with.cache, NULL, &with.user, NULL, load_nothing, NULL, &item, error));
    ASSERT_INVALID(todo_cache_load(with.cache, NULL, &with.user, &with.id, NULL, NULL, &item, error));
    ASSERT_INVALID(todo_cache_load(with.cache, NULL, &with.user, &with.id, load_nothing, NULL, NULL, error));
    ASSERT_INVALID(todo_reader_count_trash(NULL, NULL, &with.user, 1, &count, error));
    ASSERT_INVALID(todo_reader_count_trash(with.reader, NULL, &with.user, 1, NULL, error));
    ASSERT_INVALID(todo_reader_get_trashed(NULL, NULL, &with.user, &with.id, &item, error));
    ASSERT_INVALID(todo_reader_get_trashed(with.reader, NULL, NULL, &with.id, &item, error));
    ASSERT_INVALID(todo_reader_get_trashed(with.reader, NULL, &with.user, NULL, &item, error));
    ASSERT_INVALID(todo_reader_get_trashed(with.reader, NULL, &with.user, &with.id, NULL, error));
    assert_int_equal(with.memory.state.calls + with.cache_memory.state.calls, 0);
}

static void writers_need_their_arguments(void **state)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT, unsized = {.size = 0};
    const todo_item *item = NULL;
    int64_t version;
    uint32_t purged;

    (void)state;
    ASSERT_INVALID(todo_writer_insert(NULL, NULL, &with.item, 1, error));
    ASSERT_INVALID(todo_writer_insert(with.writer, NULL, NULL, 1, error));
    ASSERT_INVALID(todo_writer_insert(with.writer, NULL, &with.item, 0, error));
    ASSERT_INVALID(todo_writer_update(NULL, NULL, &with.user, &with.id, &patch, 0, &item, error));
    ASSERT_INVALID(todo_writer_update(with.writer, NULL, NULL, &with.id, &patch, 0, &item, error));
    ASSERT_INVALID(todo_writer_update(with.writer, NULL, &with.user, NULL, &patch, 0, &item, error));
    ASSERT_INVALID(todo_writer_update(with.writer, NULL, &with.user, &with.id, NULL, 0, &item, error));
    ASSERT_INVALID(todo_writer_update(with.writer, NULL, &with.user, &with.id, &unsized, 0, &item, error));
    ASSERT_INVALID(todo_writer_update(with.writer, NULL, &with.user, &with.id, &patch, 0, NULL, error));
    ASSERT_INVALID(todo_writer_remove(NULL, NULL, &with.user, &with.id, 0, error));
    ASSERT_INVALID(todo_writer_remove(with.writer, NULL, NULL, &with.id, 0, error));
    ASSERT_INVALID(todo_writer_remove(with.writer, NULL, &with.user, NULL, 0, error));
    ASSERT_INVALID(todo_writer_trash(NULL, NULL, &with.user, &with.id, 0, 1, &version, error));
    ASSERT_INVALID(todo_writer_trash(with.writer, NULL, NULL, &with.id, 0, 1, &version, error));
    ASSERT_INVALID(todo_writer_trash(with.writer, NULL, &with.user, NULL, 0, 1, &version, error));
    ASSERT_INVALID(todo_writer_trash(with.writer, NULL, &with.user, &with.id, 0, 1, NULL, error));
    ASSERT_INVALID(todo_writer_restore(NULL, NULL, &with.user, &with.id, 0, 1, &item, error));
    ASSERT_INVALID(todo_writer_restore(with.writer, NULL, NULL, &with.id, 0, 1, &item, error));
    ASSERT_INVALID(todo_writer_restore(with.writer, NULL, &with.user, NULL, 0, 1, &item, error));
    ASSERT_INVALID(todo_writer_restore(with.writer, NULL, &with.user, &with.id, 0, 1, NULL, error));
    ASSERT_INVALID(todo_writer_purge(NULL, NULL, &with.user, 1, 1, NULL, NULL, &purged, error));
    ASSERT_INVALID(todo_writer_purge(with.writer, NULL, &with.user, 1, 1, NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_item_trash(NULL, 0, 1, &item, error));
    ASSERT_INVALID(todo_item_trash(with.item, 0, 1, NULL, error));
    ASSERT_INVALID(todo_item_restore(NULL, 0, 1, &item, error));
    ASSERT_INVALID(todo_item_restore(with.item, 0, 1, NULL, error));
    assert_int_equal(with.memory.state.calls, 0);
}

static void users_need_their_arguments(void **state)
{
    const todo_user *user = NULL;

    (void)state;
    ASSERT_INVALID(todo_users_insert(NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_users_insert(with.users, NULL, NULL, error));
    ASSERT_INVALID(todo_users_find_by_email(NULL, NULL, "a@b.c", &user, error));
    ASSERT_INVALID(todo_users_find_by_email(with.users, NULL, NULL, &user, error));
    ASSERT_INVALID(todo_users_find_by_email(with.users, NULL, "a@b.c", NULL, error));
    ASSERT_INVALID(todo_users_find_by_id(NULL, NULL, &with.user, &user, error));
    ASSERT_INVALID(todo_users_find_by_id(with.users, NULL, NULL, &user, error));
    ASSERT_INVALID(todo_users_find_by_id(with.users, NULL, &with.user, NULL, error));
    ASSERT_INVALID(todo_users_list(NULL, NULL, see_user, NULL, error));
    ASSERT_INVALID(todo_users_list(with.users, NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_users_set_password_hash(NULL, NULL, &with.user, NULL, "x", error));
    ASSERT_INVALID(todo_users_set_password_hash(with.users, NULL, NULL, NULL, "x", error));
    ASSERT_INVALID(todo_users_set_password_hash(with.users, NULL, &with.user, NULL, NULL, error));
    ASSERT_INVALID(todo_users_remove(NULL, NULL, &with.user, NULL, NULL, error));
    ASSERT_INVALID(todo_users_remove(with.users, NULL, NULL, NULL, NULL, error));
    assert_int_equal(with.memory.state.calls, 0);
}

static void commands_on_todos_need_their_arguments(void **state)
{
    const todo_item_draft draft = {.size = sizeof(draft), .title = "Milk"}, unsized = {.title = "Milk"};
    const todo_item_draft *const drafts[] = {&draft, NULL};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;
    todo_item_list *list = NULL;
    uint32_t purged;

    (void)state;
    ASSERT_INVALID(todo_commands_create(NULL, NULL, &with.user, &draft, &item, error));
    ASSERT_INVALID(todo_commands_create(with.commands, NULL, NULL, &draft, &item, error));
    ASSERT_INVALID(todo_commands_create(with.commands, NULL, &with.user, NULL, &item, error));
    ASSERT_INVALID(todo_commands_create(with.commands, NULL, &with.user, &unsized, &item, error));
    ASSERT_INVALID(todo_commands_create(with.commands, NULL, &with.user, &draft, NULL, error));
    ASSERT_INVALID(todo_commands_create_batch(NULL, NULL, &with.user, drafts, 1, &list, error));
    ASSERT_INVALID(todo_commands_create_batch(with.commands, NULL, NULL, drafts, 1, &list, error));
    ASSERT_INVALID(todo_commands_create_batch(with.commands, NULL, &with.user, NULL, 1, &list, error));
    ASSERT_INVALID(todo_commands_create_batch(with.commands, NULL, &with.user, drafts, 2, &list, error));
    ASSERT_INVALID(todo_commands_create_batch(with.commands, NULL, &with.user, drafts, 1, NULL, error));
    ASSERT_INVALID(todo_commands_update(NULL, NULL, &with.user, &with.id, &patch, &item, error));
    ASSERT_INVALID(todo_commands_update(with.commands, NULL, NULL, &with.id, &patch, &item, error));
    ASSERT_INVALID(todo_commands_update(with.commands, NULL, &with.user, NULL, &patch, &item, error));
    ASSERT_INVALID(todo_commands_update(with.commands, NULL, &with.user, &with.id, NULL, &item, error));
    ASSERT_INVALID(todo_commands_update(with.commands, NULL, &with.user, &with.id, &patch, NULL, error));
    patch.title.presence = TODO_VALUE; /* and no value */
    ASSERT_INVALID(todo_commands_update(with.commands, NULL, &with.user, &with.id, &patch, &item, error));
    ASSERT_INVALID(todo_commands_remove(NULL, NULL, &with.user, &with.id, 0, error));
    ASSERT_INVALID(todo_commands_remove(with.commands, NULL, NULL, &with.id, 0, error));
    ASSERT_INVALID(todo_commands_remove(with.commands, NULL, &with.user, NULL, 0, error));
    ASSERT_INVALID(todo_commands_erase(NULL, NULL, &with.user, &with.id, 0, error));
    ASSERT_INVALID(todo_commands_erase(with.commands, NULL, NULL, &with.id, 0, error));
    ASSERT_INVALID(todo_commands_erase(with.commands, NULL, &with.user, NULL, 0, error));
    ASSERT_INVALID(todo_commands_restore(NULL, NULL, &with.user, &with.id, 0, &item, error));
    ASSERT_INVALID(todo_commands_restore(with.commands, NULL, NULL, &with.id, 0, &item, error));
    ASSERT_INVALID(todo_commands_restore(with.commands, NULL, &with.user, NULL, 0, &item, error));
    ASSERT_INVALID(todo_commands_restore(with.commands, NULL, &with.user, &with.id, 0, NULL, error));
    ASSERT_INVALID(todo_commands_purge(NULL, NULL, &with.user, 1, 1, &purged, error));
    ASSERT_INVALID(todo_commands_purge(with.commands, NULL, &with.user, 1, 1, NULL, error));
    assert_int_equal(with.memory.state.calls, 0);
    assert_null(item);
    assert_null(list);
}

static void commands_on_accounts_need_their_arguments(void **state)
{
    todo_registration registration = {sizeof(registration), "a@example.org", "password", NULL};
    todo_registration nameless = {sizeof(nameless), NULL, "password", NULL};
    todo_registration open = {sizeof(open), "a@example.org", NULL, NULL};
    todo_commands_options options = TODO_COMMANDS_OPTIONS_INIT;
    todo_commands *commands = NULL;
    const todo_user *user = NULL;

    (void)state;
    ASSERT_INVALID(todo_commands_new(NULL, &commands, error));
    ASSERT_INVALID(todo_commands_new(&options, &commands, error));
    options.writer = with.writer;
    ASSERT_INVALID(todo_commands_new(&options, NULL, error));
    ASSERT_INVALID(todo_commands_register(NULL, NULL, &registration, &user, error));
    ASSERT_INVALID(todo_commands_register(with.commands, NULL, NULL, &user, error));
    ASSERT_INVALID(todo_commands_register(with.commands, NULL, &nameless, &user, error));
    ASSERT_INVALID(todo_commands_register(with.commands, NULL, &open, &user, error));
    ASSERT_INVALID(todo_commands_register(with.commands, NULL, &registration, NULL, error));
    ASSERT_INVALID(todo_commands_login(NULL, NULL, "a@example.org", "password", &user, error));
    ASSERT_INVALID(todo_commands_login(with.commands, NULL, NULL, "password", &user, error));
    ASSERT_INVALID(todo_commands_login(with.commands, NULL, "a@example.org", NULL, &user, error));
    ASSERT_INVALID(todo_commands_login(with.commands, NULL, "a@example.org", "password", NULL, error));
    ASSERT_INVALID(todo_commands_set_password(NULL, NULL, &with.user, "password", error));
    ASSERT_INVALID(todo_commands_set_password(with.commands, NULL, NULL, "password", error));
    ASSERT_INVALID(todo_commands_set_password(with.commands, NULL, &with.user, NULL, error));
    ASSERT_INVALID(todo_commands_remove_user(NULL, NULL, &with.user, error));
    ASSERT_INVALID(todo_commands_remove_user(with.commands, NULL, NULL, error));
    assert_int_equal(with.memory.state.calls, 0);
    assert_null(user);
}

/* The name is that of the parameter, or of the member of an options struct. */
static void what_is_missing_is_named(void **state)
{
    todo_commands_options options = TODO_COMMANDS_OPTIONS_INIT;
    todo_list_query unsized = {.size = 0};
    todo_call sizeless = {.size = 1};
    todo_commands *commands = NULL;
    const todo_item *item = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    todo_queries_each(with.queries, NULL, &with.user, NULL, NULL, NULL, NULL, NULL, &error);
    assert_string_equal(error.field, "visit");
    todo_queries_each(with.queries, NULL, &with.user, &unsized, see_item, NULL, NULL, NULL, &error);
    assert_string_equal(error.code, "struct_size_invalid");
    assert_string_equal(error.field, "query");
    todo_reader_list(with.reader, &sizeless, &with.user, NULL, see_item, NULL, &error);
    assert_string_equal(error.field, "call");
    todo_writer_insert(with.writer, NULL, NULL, 1, &error);
    assert_string_equal(error.field, "items");
    todo_cache_load(with.cache, NULL, NULL, &with.id, load_nothing, NULL, &item, &error);
    assert_string_equal(error.field, "user");
    todo_reader_new(NULL, NULL, NULL, &error);
    assert_string_equal(error.field, "ret_reader");
    todo_commands_new(&options, &commands, &error);
    assert_string_equal(error.field, "writer");
    todo_commands_new(NULL, &commands, &error);
    assert_string_equal(error.code, "argument_missing");
    assert_string_equal(error.field, "options");
    todo_item_build(NULL, 0, NULL, &error);
    assert_string_equal(error.field, "members");
}

static void queries_need_their_arguments(void **state)
{
    todo_list_query unsized = {.size = 0};
    todo_queries_options options = TODO_QUERIES_OPTIONS_INIT;
    todo_queries *queries = NULL;
    const todo_item *item = NULL;
    const todo_user *user = NULL;
    todo_item_list *list = NULL;
    uint64_t count;

    (void)state;
    ASSERT_INVALID(todo_queries_count_trash(NULL, NULL, &with.user, 1, &count, error));
    ASSERT_INVALID(todo_queries_count_trash(with.queries, NULL, &with.user, 1, NULL, error));
    ASSERT_INVALID(todo_queries_get_trashed(NULL, NULL, &with.user, &with.id, &item, error));
    ASSERT_INVALID(todo_queries_get_trashed(with.queries, NULL, NULL, &with.id, &item, error));
    ASSERT_INVALID(todo_queries_get_trashed(with.queries, NULL, &with.user, NULL, &item, error));
    ASSERT_INVALID(todo_queries_get_trashed(with.queries, NULL, &with.user, &with.id, NULL, error));
    ASSERT_INVALID(todo_queries_new(NULL, &queries, error));
    ASSERT_INVALID(todo_queries_new(&options, &queries, error));
    options.reader = with.reader;
    ASSERT_INVALID(todo_queries_new(&options, NULL, error));
    ASSERT_INVALID(todo_queries_get(NULL, NULL, &with.user, &with.id, &item, error));
    ASSERT_INVALID(todo_queries_get(with.queries, NULL, NULL, &with.id, &item, error));
    ASSERT_INVALID(todo_queries_get(with.queries, NULL, &with.user, NULL, &item, error));
    ASSERT_INVALID(todo_queries_get(with.queries, NULL, &with.user, &with.id, NULL, error));
    ASSERT_INVALID(todo_queries_list(NULL, NULL, &with.user, NULL, &list, error));
    ASSERT_INVALID(todo_queries_list(with.queries, NULL, NULL, NULL, &list, error));
    ASSERT_INVALID(todo_queries_list(with.queries, NULL, &with.user, &unsized, &list, error));
    ASSERT_INVALID(todo_queries_list(with.queries, NULL, &with.user, NULL, NULL, error));
    ASSERT_INVALID(todo_queries_each(NULL, NULL, &with.user, NULL, see_item, NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_queries_each(with.queries, NULL, NULL, NULL, see_item, NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_queries_each(with.queries, NULL, &with.user, NULL, NULL, NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_queries_user(NULL, NULL, &with.user, &user, error));
    ASSERT_INVALID(todo_queries_user(with.queries, NULL, NULL, &user, error));
    ASSERT_INVALID(todo_queries_user(with.queries, NULL, &with.user, NULL, error));
    ASSERT_INVALID(todo_queries_user_by_email(NULL, NULL, "a@b.c", &user, error));
    ASSERT_INVALID(todo_queries_user_by_email(with.queries, NULL, NULL, &user, error));
    ASSERT_INVALID(todo_queries_user_by_email(with.queries, NULL, "a@b.c", NULL, error));
    ASSERT_INVALID(todo_queries_each_user(NULL, NULL, see_user, NULL, error));
    ASSERT_INVALID(todo_queries_each_user(with.queries, NULL, NULL, NULL, error));
    assert_int_equal(with.memory.state.calls, 0);
    assert_true(item == NULL && user == NULL && list == NULL && queries == NULL);
}

static void see_migration(void *arg, const todo_migration *migration)
{
    (void)arg, (void)migration;
}

static void see_flaw(void *arg, const char *flaw)
{
    (void)arg, (void)flaw;
}

static void stores_need_their_arguments(void **state)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT, unsized = {.url = "sqlite::memory:"};
    todo_store_stats stats = TODO_STORE_STATS_INIT;
    todo_cache_usage usage = TODO_CACHE_USAGE_INIT;
    todo_revert_options revert = TODO_REVERT_OPTIONS_INIT;
    todo_store *store = NULL;

    (void)state;
    options.url = "sqlite::memory:";
    ASSERT_INVALID(todo_store_open(NULL, &store, error));
    ASSERT_INVALID(todo_store_open(&options, NULL, error));
    ASSERT_INVALID(todo_store_open(&unsized, &store, error));
    options.url = "";
    ASSERT_INVALID(todo_store_open(&options, &store, error));
    options.url = "mysql://localhost";
    ASSERT_INVALID(todo_store_open(&options, &store, error));
    ASSERT_INVALID(todo_store_register("mysql", NULL, error));
    ASSERT_INVALID(todo_store_register(NULL, &(todo_store_ops){0}, error));
    ASSERT_INVALID(todo_store_check(NULL, NULL, see_flaw, NULL, error));
    ASSERT_INVALID(todo_store_vacuum(NULL, NULL, error));
    ASSERT_INVALID(todo_store_migrate(NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_store_revert(NULL, NULL, &revert, NULL, NULL, error));
    ASSERT_INVALID(todo_store_migrations(NULL, NULL, see_migration, NULL, error));
    ASSERT_INVALID(todo_store_probe(NULL, NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_store_check(NULL, NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_store_vacuum(NULL, NULL, error));
    ASSERT_INVALID(todo_store_cache_usage(NULL, NULL, &usage, error));
    ASSERT_INVALID(todo_store_cache_usage(NULL, NULL, NULL, error));
    ASSERT_INVALID(todo_store_cache_flush(NULL, NULL, NULL, error));
    stats.cache_hits = 7;
    todo_store_get_stats(NULL, &stats);
    assert_int_equal(stats.cache_hits, 0);
    todo_store_get_stats(NULL, NULL);
    assert_null(todo_store_commands(NULL));
    assert_null(todo_store_queries(NULL));
    assert_null(todo_store_reader(NULL));
    assert_null(todo_store_writer(NULL));
    assert_null(todo_store_users(NULL));
    assert_null(store);
}

/* A call as an older, a newer and a careless caller have it. */
static void calls_of_every_size_are_understood_or_refused(void **state)
{
    struct {
        todo_call call;
        uint64_t of_the_future;
    } longer = {TODO_CALL_INIT, 0};
    todo_call shorter = {.size = offsetof(todo_call, request_id), .request_id = (const char *)(uintptr_t)1};
    todo_call unsized = {0};
    const todo_item *item = NULL;
    todo_error error_text = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_writer_insert(with.writer, &shorter, &with.item, 1, NULL), TODO_OK);
    assert_string_equal(with.memory.state.last_request_id, "");
    longer.call.size = sizeof(longer);
    longer.call.request_id = "request";
    assert_int_equal(todo_queries_get(with.queries, &longer.call, &with.user, &with.id, &item, NULL),
                     TODO_OK);
    assert_string_equal(with.memory.state.last_request_id, "request");
    todo_item_unref(item);
    longer.of_the_future = 1;
    assert_int_equal(todo_queries_get(with.queries, &longer.call, &with.user, &with.id, &item, &error_text),
                     TODO_ERR_UNSUPPORTED);
    assert_string_equal(error_text.code, "struct_member_unknown");
    ASSERT_INVALID(todo_queries_get(with.queries, &unsized, &with.user, &with.id, &item, error));
    ASSERT_INVALID(
        todo_cache_load(with.cache, &unsized, &with.user, &with.id, load_nothing, NULL, &item, error));
    ASSERT_INVALID(todo_commands_set_password(with.commands, &unsized, &with.user, "password", error));
    ASSERT_INVALID(todo_commands_remove(with.commands, &unsized, &with.user, &with.id, 0, error));
}

/* An error that is shorter than the library's is not read beyond its end either. */
static void a_shorter_error_is_enough(void **state)
{
    const todo_item_draft blank = {.size = sizeof(blank), .title = " "};
    const todo_item_draft *const drafts[] = {&blank};
    todo_item_list *list = NULL;
    size_t size = offsetof(todo_error, field);
    todo_error *error = malloc(size);

    (void)state;
    assert_non_null(error);
    todo_error_init(error, size);
    assert_int_equal(todo_commands_create_batch(with.commands, NULL, &with.user, drafts, 1, &list, error),
                     TODO_ERR_INVALID);
    assert_string_equal(error->code, "title_empty");
    free(error);
}

static void keys_need_their_arguments(void **state)
{
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_token_keys *keys = NULL;
    todo_token_key *key = NULL;
    char *text = NULL;

    (void)state;
    ASSERT_INVALID(todo_token_key_generate(TODO_TOKEN_EDDSA, NULL, NULL, error));
    ASSERT_INVALID(todo_token_key_generate((todo_token_algorithm)77, NULL, &key, error));
    ASSERT_INVALID(todo_token_key_parse(NULL, 0, NULL, &key, error));
    ASSERT_INVALID(todo_token_key_parse("{}", 2, NULL, NULL, error));
    ASSERT_INVALID(todo_token_key_write(NULL, false, &text, error));
    ASSERT_INVALID(todo_token_keys_new(NULL, error));
    ASSERT_INVALID(todo_token_keys_parse(NULL, 0, &keys, error));
    ASSERT_INVALID(todo_token_keys_parse("{\"keys\":[]}", 11, NULL, error));
    assert_int_equal(todo_token_key_generate(TODO_TOKEN_HS256, NULL, &key, NULL), TODO_OK);
    assert_int_equal(todo_token_keys_new(&keys, NULL), TODO_OK);
    ASSERT_INVALID(todo_token_key_write(key, true, NULL, error));
    ASSERT_INVALID(todo_token_keys_add(NULL, key, error));
    ASSERT_INVALID(todo_token_keys_add(keys, NULL, error));
    ASSERT_INVALID(todo_token_keys_write(NULL, &text, error));
    ASSERT_INVALID(todo_token_keys_write(keys, NULL, error));
    ASSERT_INVALID(todo_token_keys_verify(NULL, "a.b.c", 0, &claims, error));
    ASSERT_INVALID(todo_token_keys_verify(keys, NULL, 0, &claims, error));
    ASSERT_INVALID(todo_token_keys_verify(keys, "a.b.c", 0, NULL, error));
    claims.size = 3;
    ASSERT_INVALID(todo_token_keys_verify(keys, "a.b.c", 0, &claims, error));
    todo_token_keys_free(keys);
    todo_token_key_free(key);
}

static todo_status end_items(void *arg, const todo_item *item)
{
    (void)arg, (void)item;
    return TODO_ERR_FORBIDDEN;
}

static todo_status end_users(void *arg, const todo_user *user)
{
    (void)arg, (void)user;
    return TODO_ERR_FORBIDDEN;
}

static todo_status load_silently(void *arg, const todo_call *call, const todo_item **ret_item,
                                 todo_error *error)
{
    (void)arg, (void)call, (void)ret_item, (void)error;
    return TODO_ERR_FORBIDDEN;
}

static todo_status list_silently(void *arg, const todo_call *call, todo_item_visit visit, void *visit_arg,
                                 todo_error *error)
{
    (void)arg, (void)call, (void)visit, (void)visit_arg, (void)error;
    return TODO_ERR_FORBIDDEN;
}

/* The call returns `expected`, and an error that holds another failure says the same afterwards. */
#define ASSERT_LEAVES(expected, call_with_error)                                                 \
    do {                                                                                         \
        todo_error said = TODO_ERROR_INIT, *error = &said;                                       \
                                                                                                 \
        todo_error_set(error, TODO_ERR_TIMEOUT, "earlier", "earlier", "earlier");                \
        assert_int_equal((call_with_error), expected);                                           \
        assert_int_equal(said.status, expected);                                                 \
        assert_string_equal(said.code, (expected) == TODO_OK ? "" : todo_status_name(expected)); \
        assert_string_equal(said.field, "");                                                     \
        assert_false(said.retryable);                                                            \
    } while (0)

/* Whatever ends a call, the error says it, also when the function that ended it said nothing. */
static void an_error_holds_what_a_visitor_returned(void **state)
{
    todo_item_list *list = NULL;
    const todo_item *item = NULL;

    (void)state;
    assert_int_equal(todo_writer_insert(with.writer, NULL, &with.item, 1, NULL), TODO_OK);
    ASSERT_LEAVES(TODO_ERR_FORBIDDEN, todo_queries_each(with.queries, NULL, &with.user, NULL, end_items, NULL,
                                                        NULL, NULL, error));
    ASSERT_LEAVES(TODO_ERR_FORBIDDEN, todo_queries_each_user(with.queries, NULL, end_users, NULL, error));
    ASSERT_LEAVES(TODO_ERR_FORBIDDEN,
                  todo_reader_list(with.reader, NULL, &with.user, NULL, end_items, NULL, error));
    ASSERT_LEAVES(TODO_ERR_FORBIDDEN, todo_users_list(with.users, NULL, end_users, NULL, error));
    ASSERT_LEAVES(TODO_ERR_FORBIDDEN,
                  todo_cache_load(with.cache, NULL, &with.user, &with.id, load_silently, NULL, &item, error));
    ASSERT_LEAVES(TODO_ERR_FORBIDDEN, todo_cache_list(with.cache, NULL, &with.user, NULL, list_silently, NULL,
                                                      see_item, NULL, error));
    assert_true(item == NULL && list == NULL);
}

#define ASSERT_CLEARS(call_with_error) ASSERT_LEAVES(TODO_OK, call_with_error)

static void a_success_leaves_no_earlier_failure_in_values(void **state)
{
    todo_item members = {.title = "Milk", .version = 1};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_user_fields fields = {.size = sizeof(fields), .email = "a@b.c", .password_hash = "x"};
    const todo_item *item = NULL;
    const todo_user *user = NULL;
    char text[TODO_CURSOR_TEXT_SIZE];
    todo_cursor cursor = {0};
    todo_sequence sequence = {0};
    char sequence_text[TODO_SEQUENCE_TEXT_SIZE];
    todo_uuid id;
    todo_time time;
    todo_date date;

    (void)state;
    todo_cursor_format(&cursor, text);
    ASSERT_CLEARS(todo_cursor_parse(text, &cursor, error));
    todo_sequence_format(&sequence, sequence_text);
    ASSERT_CLEARS(todo_sequence_parse(sequence_text, &sequence, error));
    ASSERT_CLEARS(todo_uuid_generate(&id, error));
    ASSERT_CLEARS(todo_uuid_parse("0190d2a4-7f3b-7cde-8f01-23456789abcd", &id, error));
    ASSERT_CLEARS(todo_time_parse("2026-11-24T00:00:00Z", &time, error));
    ASSERT_CLEARS(todo_date_parse("2026-11-24", &date, error));
    ASSERT_CLEARS(todo_field_parse(todo_item_field_find("title"), "x", &members, error));
    ASSERT_CLEARS(todo_item_build(&members, sizeof(members), &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_item_admit(&members, sizeof(members), &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_item_apply(with.item, &patch, 0, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_item_trash(with.item, 0, 1, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_user_build(&fields, &user, error));
    todo_user_unref(user);
    ASSERT_CLEARS(todo_set_allocator(NULL, error));
}

static void a_success_leaves_no_earlier_failure_in_ports(void **state)
{
    todo_cache_change change = TODO_CACHE_CHANGE_INIT;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_reader *reader = NULL;
    const todo_item *item = NULL;
    const todo_user *user = NULL;
    int64_t version;
    uint32_t purged;
    uint64_t count;

    (void)state;
    ASSERT_CLEARS(todo_writer_insert(with.writer, NULL, &with.item, 1, error));
    ASSERT_CLEARS(todo_writer_update(with.writer, NULL, &with.user, &with.id, &patch, 1, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_reader_get(with.reader, NULL, &with.user, &with.id, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_reader_list(with.reader, NULL, &with.user, NULL, see_item, NULL, error));
    ASSERT_CLEARS(todo_reader_count_trash(with.reader, NULL, &with.user, 0, &count, error));
    ASSERT_CLEARS(todo_writer_trash(with.writer, NULL, &with.user, &with.id, 0, 1, &version, error));
    ASSERT_CLEARS(todo_reader_get_trashed(with.reader, NULL, &with.user, &with.id, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_writer_restore(with.writer, NULL, &with.user, &with.id, 0, 1, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_writer_remove(with.writer, NULL, &with.user, &with.id, 0, error));
    ASSERT_CLEARS(todo_writer_purge(with.writer, NULL, &with.user, 1, 1, NULL, NULL, &purged, error));
    ASSERT_CLEARS(todo_users_find_by_id(with.users, NULL, &with.user, &user, error));
    todo_user_unref(user);
    ASSERT_CLEARS(todo_users_list(with.users, NULL, see_user, NULL, error));
    change.user = with.user;
    change.sequence = (todo_sequence){1, 1};
    change.count = change.item_count = 1;
    change.items = &with.item;
    ASSERT_CLEARS(todo_cache_note_change(with.cache, NULL, &change, error));
    ASSERT_CLEARS(todo_cache_load(with.cache, NULL, &with.user, &with.id, load_nothing, NULL, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(
        todo_cache_list(with.cache, NULL, &with.user, NULL, list_nothing, NULL, see_item, NULL, error));
    ASSERT_CLEARS(todo_cached_reader_new(with.reader, with.cache, &reader, error));
    todo_reader_unref(reader);
}

static void a_success_leaves_no_earlier_failure_in_use_cases(void **state)
{
    const todo_item_draft draft = {.size = sizeof(draft), .title = "Milk"};
    const todo_item_draft *const drafts[] = {&draft};
    const todo_registration ada = {.size = sizeof(ada), .email = "ada@b.c", .password = "password"};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_item_list *list = NULL;
    const todo_item *item = NULL;
    const todo_user *user = NULL;
    uint32_t purged;

    (void)state;
    ASSERT_CLEARS(todo_commands_create_batch(with.commands, NULL, &with.user, drafts, 1, &list, error));
    todo_item_list_free(list);
    ASSERT_CLEARS(todo_commands_create(with.commands, NULL, &with.user, &draft, &item, error));
    with.id = item->id;
    todo_item_unref(item);
    ASSERT_CLEARS(todo_commands_update(with.commands, NULL, &with.user, &with.id, &patch, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_queries_get(with.queries, NULL, &with.user, &with.id, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_queries_list(with.queries, NULL, &with.user, NULL, &list, error));
    todo_item_list_free(list);
    ASSERT_CLEARS(todo_commands_remove(with.commands, NULL, &with.user, &with.id, 0, error));
    ASSERT_CLEARS(todo_commands_restore(with.commands, NULL, &with.user, &with.id, 0, &item, error));
    todo_item_unref(item);
    ASSERT_CLEARS(todo_commands_erase(with.commands, NULL, &with.user, &with.id, 0, error));
    ASSERT_CLEARS(todo_commands_purge(with.commands, NULL, &with.user, 1, 1, &purged, error));
    ASSERT_CLEARS(todo_commands_register(with.commands, NULL, &ada, &user, error));
    todo_user_unref(user);
    ASSERT_CLEARS(todo_commands_login(with.commands, NULL, "ada@b.c", "password", &user, error));
    todo_user_unref(user);
    ASSERT_CLEARS(todo_queries_user_by_email(with.queries, NULL, "ada@b.c", &user, error));
    ASSERT_CLEARS(todo_commands_set_password(with.commands, NULL, &user->id, "passwords", error));
    ASSERT_CLEARS(todo_commands_remove_user(with.commands, NULL, &user->id, error));
    todo_user_unref(user);
}

static void a_success_leaves_no_earlier_failure_in_codecs(void **state)
{
    static const char json_text[] = "{\"title\":\"Milk\"}";
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_token_keys *keys = NULL;
    todo_token_key *key = NULL;
    todo_buffer *buffer = NULL;
    todo_json *json = NULL;
    const char *title;
    char *token = NULL, *jwks = NULL;

    (void)state;
    ASSERT_CLEARS(todo_buffer_new(&buffer, error));
    ASSERT_CLEARS(todo_buffer_append(buffer, "x", 1, error));
    ASSERT_CLEARS(todo_json_write_item(buffer, with.item, error));
    ASSERT_CLEARS(todo_json_write_string(buffer, "x", error));
    ASSERT_CLEARS(todo_json_parse(json_text, sizeof(json_text) - 1, &json, error));
    ASSERT_CLEARS(todo_json_read_draft(json, &draft, error));
    ASSERT_CLEARS(todo_json_read_patch(json, &patch, error));
    ASSERT_CLEARS(todo_json_read_string(json, "title", &title, error));
    todo_json_free(json);
    todo_buffer_free(buffer);
    ASSERT_CLEARS(todo_token_key_generate(TODO_TOKEN_HS256, NULL, &key, error));
    claims.subject = with.user;
    claims.expires_at = 100;
    ASSERT_CLEARS(todo_token_mint(key, &claims, &token, error));
    ASSERT_CLEARS(todo_token_verify(key, token, 1, &claims, error));
    ASSERT_CLEARS(todo_token_keys_new(&keys, error));
    ASSERT_CLEARS(todo_token_keys_add(keys, key, error));
    ASSERT_CLEARS(todo_token_keys_verify(keys, token, 1, &claims, error));
    todo_free(token);
    todo_token_keys_free(keys);
    ASSERT_CLEARS(todo_token_key_generate(TODO_TOKEN_EDDSA, "a", &key, error));
    ASSERT_CLEARS(todo_token_key_write(key, false, &jwks, error));
    todo_free(jwks);
    todo_token_key_free(key);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(values_need_their_arguments),
        CASE(errors_and_initializers_take_anything),
        CASE(nothing_is_released_or_counted_when_there_is_nothing),
        CASE(entities_need_their_arguments),
        CASE(handles_need_their_functions),
        CASE(readers_and_caches_need_their_arguments),
        CASE(caches_of_lists_need_their_arguments),
        CASE(writers_need_their_arguments),
        CASE(users_need_their_arguments),
        CASE(commands_on_todos_need_their_arguments),
        CASE(commands_on_accounts_need_their_arguments),
        CASE(queries_need_their_arguments),
        CASE(what_is_missing_is_named),
        CASE(stores_need_their_arguments),
        CASE(keys_need_their_arguments),
        CASE(calls_of_every_size_are_understood_or_refused),
        CASE(a_shorter_error_is_enough),
        CASE(an_error_holds_what_a_visitor_returned),
        CASE(a_success_leaves_no_earlier_failure_in_values),
        CASE(a_success_leaves_no_earlier_failure_in_ports),
        CASE(a_success_leaves_no_earlier_failure_in_use_cases),
        CASE(a_success_leaves_no_earlier_failure_in_codecs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
