/*
 * Every allocation of every operation failed in turn, over a real SQLite file: the library's own allocations and
 * SQLite's, one alone and all from there on. Each time: no crash, NOMEM, nothing leaked, nothing changed; and the same
 * operation goes through once there is memory again.
 */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#include <todo/port/build.h>
#include <todo/port/decorators.h>
#include <todo/todo.h>

#include "failing_memory.h"

typedef struct world {
    char folder[64];
    todo_store *store;
    todo_uuid user, item;
    const todo_item *borrowed;
    todo_token_key *key;
    char *token;
    todo_buffer *buffer;
    unsigned serial;
    char email[64];
} world;

static const char long_text[] =
    "a text that is long enough to make a buffer grow: \x01\x02\x03\x04\x05\x06\x07\x08\x0B\x0E\x0F";

/* Of "password": bcrypt, so outdated, and quick to check. */
static const char old_hash[] = "$2b$04$CCCCCCCCCCCCCCCCCCCCC.FXJHjF.8tyWAsIeGLxC7hC/nyX4QxgC";

/* ---- operations that need no store ---- */

static todo_status item_build(world *w, todo_error *error)
{
    todo_item members = {.title = "Milk", .description = "oat"};
    const todo_item *item = NULL;
    todo_status status = todo_item_build(&members, sizeof(members), &item, error);

    (void)w;
    todo_item_unref(item);
    return status;
}

static todo_status item_keep(world *w, todo_error *error)
{
    todo_item borrowed = {.title = "Milk"};
    const todo_item *item = todo_item_ref(&borrowed);

    (void)w;
    todo_item_unref(item);
    return item != NULL ? TODO_OK : todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

static todo_status item_apply(world *w, todo_error *error)
{
    todo_item item = {.title = "Milk", .version = 1};
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *changed = NULL;
    todo_status status = todo_item_apply(&item, &patch, 5, &changed, error);

    (void)w;
    todo_item_unref(changed);
    return status;
}

static todo_status user_build(world *w, todo_error *error)
{
    todo_user_fields fields = {.size = sizeof(fields), .email = "a@b.c", .password_hash = old_hash};
    const todo_user *user = NULL;
    todo_status status = todo_user_build(&fields, &user, error);

    (void)w;
    todo_user_unref(user);
    return status;
}

static todo_status buffer_use(world *w, todo_error *error)
{
    todo_buffer *buffer = NULL;
    todo_status status = todo_buffer_new(&buffer, error);

    (void)w;
    for (int i = 0; i < 100 && status == TODO_OK; i++)
        status = todo_buffer_append(buffer, long_text, sizeof(long_text) - 1, error);
    todo_buffer_free(buffer);
    return status;
}

static todo_status json_parse(world *w, todo_error *error)
{
    static const char text[] = "{\"todos\":[{\"title\":\"a\"},{\"title\":\"b\"}]}";
    const todo_item_draft *const *drafts;
    size_t count;
    todo_json *json = NULL;
    todo_status status = todo_json_parse(text, sizeof(text) - 1, &json, error);

    (void)w;
    if (status == TODO_OK)
        status = todo_json_read_batch(json, &drafts, &count, error);
    todo_json_free(json);
    return status;
}

/* A buffer that begins with "before" and, in failure, ends with it. */
static todo_status json_write(world *w, todo_error *error)
{
    todo_item item = {.title = long_text, .description = long_text};
    todo_user user = {.email = long_text, .display_name = long_text};
    todo_buffer *buffer = NULL;
    todo_status status = todo_buffer_new(&buffer, error);
    size_t length = 0;

    (void)w;
    for (int i = 0; i < 20 && status == TODO_OK; i++) {
        length = todo_buffer_length(buffer);
        status = i % 3 == 0   ? todo_json_write_item(buffer, &item, error)
                 : i % 3 == 1 ? todo_json_write_user(buffer, &user, error)
                              : todo_json_write_string(buffer, long_text, error);
    }
    if (status != TODO_OK) {
        assert_int_equal(todo_buffer_length(buffer), length);
        assert_int_equal(strlen(todo_buffer_data(buffer)), length);
    }
    todo_buffer_free(buffer);
    return status;
}

static todo_status token_key(world *w, todo_error *error)
{
    todo_token_key *key = NULL;
    todo_status status = todo_token_key_new_hs256("secret", 6, &key, error);

    (void)w;
    todo_token_key_free(key);
    return status;
}

static todo_status token_mint(world *w, todo_error *error)
{
    todo_token_claims claims = {.size = sizeof(claims), .expires_at = 2000000000};
    char *token = NULL;
    todo_status status = todo_token_mint(w->key, &claims, &token, error);

    todo_free(token);
    return status;
}

static todo_status token_verify(world *w, todo_error *error)
{
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;

    return todo_token_verify(w->key, w->token, 1900000000, &claims, error);
}

static todo_status token_generate(world *w, todo_error *error)
{
    static const todo_token_algorithm algorithms[] = {TODO_TOKEN_HS256, TODO_TOKEN_ES256, TODO_TOKEN_EDDSA};
    todo_status status = TODO_OK;

    (void)w;
    for (size_t i = 0; i < COUNT_OF(algorithms) && status == TODO_OK; i++) {
        todo_token_key *key = NULL;

        status = todo_token_key_generate(algorithms[i], NULL, &key, error);
        todo_token_key_free(key);
    }
    return status;
}

/* More keys than the first room for them; private ones, so that they mint. */
static todo_status token_keys(world *w, todo_error *error)
{
#define ED                                                                                                \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"kid\":" \
    "\"a\","                                                                                              \
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
#define EC                                                                                                   \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"kid\":\"b\"," \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-"  \
    "E9LI\"}"
    static const char text[] = "{\"keys\":[" ED "," EC "," ED "," EC "," ED "," EC "]}";
    todo_token_keys *keys = NULL;
    char *jwks = NULL;
    todo_status status = todo_token_keys_parse(text, sizeof(text) - 1, &keys, error);

    (void)w;
    for (size_t i = 0; i < 2 && status == TODO_OK; i++) {
        todo_token_claims claims = {.size = sizeof(claims), .expires_at = 2000000000};
        char *token = NULL;

        status = todo_token_mint(todo_token_keys_at(keys, i), &claims, &token, error);
        if (status == TODO_OK)
            status = todo_token_keys_verify(keys, token, 1900000000, &claims, error);
        todo_free(token);
    }
    if (status == TODO_OK)
        status = todo_token_keys_write(keys, &jwks, error);
    todo_free(jwks);
    todo_token_keys_free(keys);
    return status;
}

static todo_status token_key_of_pem(world *w, todo_error *error)
{
    static const char text[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                               "-----END PUBLIC KEY-----\n";
    todo_token_key *key = NULL;
    todo_status status = todo_token_key_parse(text, sizeof(text) - 1, "pem", &key, error);

    (void)w;
    todo_token_key_free(key);
    return status;
}

/* ---- ports, decorators and use cases ---- */

static unsigned destroyed;

static void destroy(void *self)
{
    (void)self;
    destroyed++;
}

static todo_time no_time(void *self)
{
    (void)self;
    return 0;
}

/* A port that could not be made leaves `self` to the caller. */
static todo_status checked(todo_status status, unsigned before)
{
    assert_int_equal(destroyed - before, status == TODO_OK ? 1 : 0);
    return status;
}

static todo_status port_new(world *w, todo_error *error)
{
    const todo_reader_ops reader_ops = {.size = sizeof(reader_ops), .destroy = destroy};
    const todo_writer_ops writer_ops = {.size = sizeof(writer_ops), .destroy = destroy};
    const todo_users_ops users_ops = {.size = sizeof(users_ops), .destroy = destroy};
    const todo_cache_ops cache_ops = {.size = sizeof(cache_ops), .destroy = destroy};
    const todo_clock_ops clock_ops = {.size = sizeof(clock_ops), .destroy = destroy, .now = no_time};
    todo_reader *reader = NULL;
    todo_writer *writer = NULL;
    todo_users *users = NULL;
    todo_cache *cache = NULL;
    todo_clock *clock = NULL;
    unsigned before = destroyed;
    todo_status status = todo_reader_new(&reader_ops, w, &reader, error);

    todo_reader_unref(reader);
    if (checked(status, before) != TODO_OK)
        return status;
    before = destroyed;
    status = todo_writer_new(&writer_ops, w, &writer, error);
    todo_writer_unref(writer);
    if (checked(status, before) != TODO_OK)
        return status;
    before = destroyed;
    status = todo_users_new(&users_ops, w, &users, error);
    todo_users_unref(users);
    if (checked(status, before) != TODO_OK)
        return status;
    before = destroyed;
    status = todo_cache_new(&cache_ops, w, &cache, error);
    todo_cache_unref(cache);
    if (checked(status, before) != TODO_OK)
        return status;
    before = destroyed;
    status = todo_clock_new(&clock_ops, w, &clock, error);
    todo_clock_unref(clock);
    return checked(status, before);
}

static todo_status decorators_new(world *w, todo_error *error)
{
    const todo_cache_ops cache_ops = {.size = sizeof(cache_ops), .destroy = destroy};
    todo_reader *inner = todo_store_reader(w->store), *reader = NULL, *fallback = NULL;
    todo_writer *writer = NULL;
    todo_users *users = NULL;
    todo_cache *cache = NULL;
    todo_status status = todo_cache_new(&cache_ops, w, &cache, error);

    if (status == TODO_OK)
        status = todo_cached_reader_new(inner, cache, &reader, error);
    if (status == TODO_OK)
        status = todo_caching_writer_new(todo_store_writer(w->store), cache, &writer, error);
    if (status == TODO_OK)
        status = todo_caching_users_new(todo_store_users(w->store), cache, &users, error);
    if (status == TODO_OK)
        status = todo_fallback_reader_new(inner, inner, &fallback, error);
    todo_reader_unref(fallback);
    todo_users_unref(users);
    todo_writer_unref(writer);
    todo_reader_unref(reader);
    todo_cache_unref(cache);
    return status;
}

static todo_status use_cases_new(world *w, todo_error *error)
{
    todo_commands_options commands_options = TODO_COMMANDS_OPTIONS_INIT;
    todo_queries_options queries_options = TODO_QUERIES_OPTIONS_INIT;
    todo_commands *commands = NULL;
    todo_queries *queries = NULL;
    todo_status status;

    commands_options.writer = todo_store_writer(w->store);
    queries_options.reader = todo_store_reader(w->store);
    status = todo_commands_new(&commands_options, &commands, error);
    if (status == TODO_OK)
        status = todo_queries_new(&queries_options, &queries, error);
    todo_queries_free(queries);
    todo_commands_free(commands);
    return status;
}

/* ---- the store ---- */

static todo_status store_open_file(world *w, todo_error *error)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_store *store = NULL;
    char url[128];
    todo_status status;

    snprintf(url, sizeof(url), "sqlite:%s/other.db", w->folder);
    options.url = url;
    status = todo_store_open(&options, &store, error);
    todo_store_close(store);
    return status;
}

static todo_status store_open_memory(world *w, todo_error *error)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_store *store = NULL;
    todo_status status;

    (void)w;
    options.url = "sqlite::memory:";
    status = todo_store_open(&options, &store, error);
    todo_store_close(store);
    return status;
}

static todo_status store_migrate(world *w, todo_error *error)
{
    return todo_store_migrate(w->store, NULL, NULL, error);
}

static void see_migration(void *arg, const todo_migration *migration)
{
    (void)arg;
    (void)migration;
}

static todo_status store_migrations(world *w, todo_error *error)
{
    return todo_store_migrations(w->store, NULL, see_migration, NULL, error);
}

static todo_status store_revert(world *w, todo_error *error)
{
    todo_revert_options options = TODO_REVERT_OPTIONS_INIT;

    options.dry_run = true;
    return todo_store_revert(w->store, NULL, &options, see_migration, NULL, error);
}

/* ---- commands ---- */

static todo_status create(world *w, todo_error *error)
{
    todo_item_draft draft = {.size = sizeof(draft), .title = " Milk ", .description = "oat"};
    const todo_item *item = NULL;
    todo_status status =
        todo_commands_create(todo_store_commands(w->store), NULL, &w->user, &draft, &item, error);

    todo_item_unref(item);
    return status;
}

static todo_status create_batch(world *w, todo_error *error)
{
    const todo_item_draft a = {.size = sizeof(a), .title = "a"}, b = {.size = sizeof(b), .title = "b"};
    const todo_item_draft *const drafts[] = {&a, &b, &a, &b};
    todo_item_list *list = NULL;
    todo_status status = todo_commands_create_batch(todo_store_commands(w->store), NULL, &w->user, drafts,
                                                    COUNT_OF(drafts), &list, error);

    todo_item_list_free(list);
    return status;
}

static todo_status update(world *w, todo_error *error)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;
    todo_status status;

    patch.description = (todo_patch_text){TODO_VALUE, long_text};
    patch.title = (todo_patch_text){TODO_VALUE, "Bread"};
    status =
        todo_commands_update(todo_store_commands(w->store), NULL, &w->user, &w->item, &patch, &item, error);
    todo_item_unref(item);
    return status;
}

static void prepare_remove(world *w)
{
    todo_item_draft draft = {.size = sizeof(draft), .title = "to go"};
    const todo_item *item = NULL;

    assert_int_equal(todo_commands_create(todo_store_commands(w->store), NULL, &w->user, &draft, &item, NULL),
                     TODO_OK);
    w->item = item->id;
    todo_item_unref(item);
}

static todo_status remove_item(world *w, todo_error *error)
{
    return todo_commands_remove(todo_store_commands(w->store), NULL, &w->user, &w->item, 0, error);
}

static void prepare_trashed(world *w)
{
    prepare_remove(w);
    assert_int_equal(remove_item(w, NULL), TODO_OK);
}

static todo_status erase_item(world *w, todo_error *error)
{
    return todo_commands_erase(todo_store_commands(w->store), NULL, &w->user, &w->item, 0, error);
}

static todo_status restore_item(world *w, todo_error *error)
{
    const todo_item *item = NULL;
    todo_status status =
        todo_commands_restore(todo_store_commands(w->store), NULL, &w->user, &w->item, 0, &item, error);

    todo_item_unref(item);
    return status;
}

static todo_status purge_of(world *w, const todo_uuid *user, todo_error *error)
{
    uint32_t purged = 0;
    todo_status status =
        todo_commands_purge(todo_store_commands(w->store), NULL, user, INT64_MAX, 0, &purged, error);

    assert_true(status != TODO_OK || purged > 0);
    return status;
}

static todo_status purge(world *w, todo_error *error)
{
    return purge_of(w, NULL, error);
}

static todo_status purge_of_one(world *w, todo_error *error)
{
    return purge_of(w, &w->user, error);
}

static void prepare_register(world *w)
{
    snprintf(w->email, sizeof(w->email), "new%u@example.org", w->serial++);
}

static todo_status register_user(world *w, todo_error *error)
{
    todo_registration registration = {sizeof(registration), w->email, "password", "New"};
    const todo_user *user = NULL;
    todo_status status =
        todo_commands_register(todo_store_commands(w->store), NULL, &registration, &user, error);

    todo_user_unref(user);
    return status;
}

/* A user whose hash a login would replace. */
static void prepare_login(world *w)
{
    assert_int_equal(
        todo_users_set_password_hash(todo_store_users(w->store), NULL, &w->user, NULL, old_hash, NULL),
        TODO_OK);
}

static todo_status login(world *w, todo_error *error)
{
    const todo_user *user = NULL;
    todo_status status =
        todo_commands_login(todo_store_commands(w->store), NULL, "ada@example.org", "password", &user, error);

    todo_user_unref(user);
    return status;
}

static todo_status set_password(world *w, todo_error *error)
{
    return todo_commands_set_password(todo_store_commands(w->store), NULL, &w->user, "another one", error);
}

static todo_uuid leaving;

static void prepare_remove_user(world *w)
{
    todo_user_fields fields = {.size = sizeof(fields), .email = w->email, .password_hash = old_hash};
    const todo_user *user = NULL;

    prepare_register(w);
    assert_int_equal(todo_uuid_generate(&leaving, NULL), TODO_OK);
    fields.id = leaving;
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(todo_store_users(w->store), NULL, user, NULL), TODO_OK);
    todo_user_unref(user);
}

static todo_status remove_user(world *w, todo_error *error)
{
    return todo_commands_remove_user(todo_store_commands(w->store), NULL, &leaving, error);
}

/* ---- queries ---- */

static todo_status get(world *w, todo_error *error)
{
    const todo_item *item = NULL;
    todo_status status =
        todo_queries_get(todo_store_queries(w->store), NULL, &w->user, &w->item, &item, error);

    todo_item_unref(item);
    return status;
}

static todo_status count_trash(world *w, todo_error *error)
{
    uint64_t of_all, of_one;
    todo_status status =
        todo_queries_count_trash(todo_store_queries(w->store), NULL, NULL, INT64_MAX, &of_all, error);

    if (status == TODO_OK)
        status =
            todo_queries_count_trash(todo_store_queries(w->store), NULL, &w->user, INT64_MAX, &of_one, error);
    return status;
}

static todo_status get_trashed(world *w, todo_error *error)
{
    const todo_item *item = NULL;
    todo_status status =
        todo_queries_get_trashed(todo_store_queries(w->store), NULL, &w->user, &w->item, &item, error);

    todo_item_unref(item);
    return status;
}

static todo_status list(world *w, todo_error *error)
{
    todo_item_list *found = NULL;
    todo_status status = todo_queries_list(todo_store_queries(w->store), NULL, &w->user, NULL, &found, error);

    todo_item_list_free(found);
    return status;
}

/* What a visit returns ends the list, and is the visitor's to explain. */
static todo_status keep_and_drop(void *error, const todo_item *item)
{
    const todo_item *kept = todo_item_ref(item);

    todo_item_unref(kept);
    return kept != NULL ? TODO_OK : todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

static todo_status each(world *w, todo_error *error)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;
    bool has_next = false;
    todo_cursor next;

    query.limit = 2;
    query.completed = TODO_ONLY_FALSE;
    query.sort = TODO_SORT_UPDATED_AT;
    return todo_queries_each(todo_store_queries(w->store), NULL, &w->user, &query, keep_and_drop, error,
                             &has_next, &next, error);
}

static todo_status user(world *w, todo_error *error)
{
    const todo_user *found = NULL;
    todo_status status = todo_queries_user(todo_store_queries(w->store), NULL, &w->user, &found, error);

    todo_user_unref(found);
    return status;
}

static todo_status user_by_email(world *w, todo_error *error)
{
    const todo_user *found = NULL;
    todo_status status =
        todo_queries_user_by_email(todo_store_queries(w->store), NULL, "Ada@Example.org", &found, error);

    todo_user_unref(found);
    return status;
}

static todo_status keep_and_drop_user(void *error, const todo_user *found)
{
    const todo_user *kept = todo_user_ref(found);

    todo_user_unref(kept);
    return kept != NULL ? TODO_OK : todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
}

static todo_status each_user(world *w, todo_error *error)
{
    return todo_queries_each_user(todo_store_queries(w->store), NULL, keep_and_drop_user, error, error);
}

/* ---- the sweep ---- */

typedef struct operation {
    const char *name;
    todo_status (*run)(world *w, todo_error *error);
    void (*prepare)(world *w);
    bool may_absorb; /* succeeds without some of its memory, by design */
} operation;

static const operation operations[] = {
    {"item_build", item_build, NULL, false},
    {"item_keep", item_keep, NULL, false},
    {"item_apply", item_apply, NULL, false},
    {"user_build", user_build, NULL, false},
    {"buffer", buffer_use, NULL, false},
    {"json_parse", json_parse, NULL, false},
    {"json_write", json_write, NULL, false},
    {"token_key", token_key, NULL, false},
    {"token_mint", token_mint, NULL, false},
    {"token_verify", token_verify, NULL, false},
    {"token_generate", token_generate, NULL, false},
    {"token_keys", token_keys, NULL, false},
    {"token_key_of_pem", token_key_of_pem, NULL, false},
    {"port_new", port_new, NULL, false},
    {"decorators_new", decorators_new, NULL, false},
    {"use_cases_new", use_cases_new, NULL, false},
    {"store_open of a file", store_open_file, NULL, false},
    {"store_open in memory", store_open_memory, NULL, false},
    {"store_migrate", store_migrate, NULL, false},
    {"store_migrations", store_migrations, NULL, false},
    {"store_revert, dry", store_revert, NULL, false},
    {"create", create, NULL, false},
    {"create_batch", create_batch, NULL, false},
    {"update", update, prepare_remove, false},
    {"remove", remove_item, prepare_remove, false},
    {"erase", erase_item, prepare_remove, false},
    {"restore", restore_item, prepare_trashed, false},
    {"purge", purge, prepare_trashed, false},
    {"purge of one user's", purge_of_one, prepare_trashed, false},
    {"count_trash", count_trash, NULL, false},
    {"get_trashed", get_trashed, prepare_trashed, false},
    {"register", register_user, prepare_register, false},
    {"login", login, prepare_login, true}, /* the upgrade of the hash waits for the next one */
    {"set_password", set_password, NULL, false},
    {"remove_user", remove_user, prepare_remove_user, false},
    {"get", get, prepare_remove, false},
    {"list", list, NULL, false},
    {"each", each, NULL, false},
    {"user", user, NULL, false},
    {"user_by_email", user_by_email, NULL, false},
    {"each_user", each_user, NULL, false},
};

static todo_status write_todo(void *arg, const todo_item *item)
{
    return todo_json_write_item(((world *)arg)->buffer, item, NULL);
}

static todo_status write_account(void *arg, const todo_user *found)
{
    world *w = arg;
    const char *hash = todo_user_password_hash(found);

    if (todo_json_write_user(w->buffer, found, NULL) != TODO_OK ||
        todo_buffer_append(w->buffer, hash, strlen(hash), NULL) != TODO_OK)
        return TODO_ERR_NOMEM;
    return TODO_OK;
}

/* All that the store holds, hashes included. */
static char *state_of(world *w)
{
    todo_list_query query = TODO_LIST_QUERY_INIT;

    query.limit = TODO_LIST_MAX;
    todo_buffer_truncate(w->buffer, 0);
    assert_int_equal(todo_queries_each_user(todo_store_queries(w->store), NULL, write_account, w, NULL),
                     TODO_OK);
    for (int trash = 0; trash < 2; trash++) {
        query.deleted = trash == 1;
        assert_int_equal(todo_queries_each(todo_store_queries(w->store), NULL, &w->user, &query, write_todo,
                                           w, NULL, NULL, NULL),
                         TODO_OK);
    }
    return strdup(todo_buffer_data(w->buffer));
}

typedef struct sweep {
    failing_memory_of which;
    bool for_good;
} sweep;

/* Fails the allocation of this number. Whether there was one. */
static bool fail_one(world *w, const operation *op, const sweep *how, long number)
{
    todo_error error = TODO_ERROR_INIT;
    todo_status status;
    bool failed;
    long alive;
    char *before, *after;

    if (op->prepare != NULL)
        op->prepare(w);
    before = state_of(w);
    alive = failing_memory_alive();
    failing_memory_arm(how->which, number, how->for_good);
    status = op->run(w, &error);
    failed = failing_memory_disarm();
    /* SQLite does without some of its memory, such as a page more in its cache. */
    if (status != TODO_ERR_NOMEM &&
        !(status == TODO_OK && (!failed || op->may_absorb || how->which == FAILING_SQLITE)))
        fail_msg("%s, allocation %ld: %d %s (%s)", op->name, number, status, error.code, error.detail);
    if (status == TODO_ERR_NOMEM) {
        assert_true(failed);
        assert_int_equal(error.status, TODO_ERR_NOMEM);
        after = state_of(w);
        if (strcmp(before, after) != 0)
            fail_msg("%s, allocation %ld: changed something", op->name, number);
        free(after);
    }
    free(before);
    if (failing_memory_alive() != alive)
        fail_msg("%s, allocation %ld: %ld more alive", op->name, number, failing_memory_alive() - alive);
    return failed;
}

static void sweep_operations(world *w, const sweep *how)
{
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        const operation *op = &operations[i];
        long number = 0;

        /* Once without failures, so that what is made once and kept is there. */
        if (op->prepare != NULL)
            op->prepare(w);
        assert_int_equal(op->run(w, NULL), TODO_OK);
        while (fail_one(w, op, how, number))
            number++;
        print_message("# %s: %ld allocations\n", op->name, number);
        if (op->prepare != NULL)
            op->prepare(w);
        assert_int_equal(op->run(w, NULL), TODO_OK);
    }
}

static void the_librarys_allocations_fail_one_by_one(void **state)
{
    sweep_operations(*state, &(sweep){FAILING_LIBRARY, false});
}

static void the_librarys_allocations_fail_from_one_on(void **state)
{
    sweep_operations(*state, &(sweep){FAILING_LIBRARY, true});
}

static void allocations_of_sqlite_fail_one_by_one(void **state)
{
    sweep_operations(*state, &(sweep){FAILING_SQLITE, false});
}

static void allocations_of_sqlite_fail_from_one_on(void **state)
{
    sweep_operations(*state, &(sweep){FAILING_SQLITE, true});
}

static int set_up(void **state)
{
    static world w;
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_user_fields fields = {.size = sizeof(fields), .email = "ada@example.org", .password_hash = old_hash};
    todo_token_claims claims = {.size = sizeof(claims), .expires_at = 2000000000};
    const todo_user *ada = NULL;
    char url[128];

    failing_memory_install();
    strcpy(w.folder, "/tmp/todo-memory-XXXXXX");
    assert_non_null(mkdtemp(w.folder));
    snprintf(url, sizeof(url), "sqlite:%s/todo.db", w.folder);
    options.url = url;
    assert_int_equal(todo_store_open(&options, &w.store, NULL), TODO_OK);
    assert_int_equal(todo_uuid_generate(&w.user, NULL), TODO_OK);
    fields.id = w.user;
    assert_int_equal(todo_user_build(&fields, &ada, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(todo_store_users(w.store), NULL, ada, NULL), TODO_OK);
    todo_user_unref(ada);
    assert_int_equal(todo_buffer_new(&w.buffer, NULL), TODO_OK);
    assert_int_equal(todo_token_key_new_hs256("secret", 6, &w.key, NULL), TODO_OK);
    claims.subject = w.user;
    assert_int_equal(todo_token_mint(w.key, &claims, &w.token, NULL), TODO_OK);
    *state = &w;
    return 0;
}

static void remove_folder(const world *w)
{
    static const char *const names[] = {"todo.db",  "todo.db-wal",  "todo.db-shm",
                                        "other.db", "other.db-wal", "other.db-shm"};
    char path[128];

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", w->folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(w->folder), 0);
}

/* Nothing may be left: neither of the library's nor of SQLite's. */
static int tear_down(void **state)
{
    world *w = *state;

    todo_free(w->token);
    todo_token_key_free(w->key);
    todo_buffer_free(w->buffer);
    todo_store_close(w->store);
    remove_folder(w);
    return failing_memory_alive() == 0 && sqlite3_memory_used() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_librarys_allocations_fail_one_by_one),
        cmocka_unit_test(the_librarys_allocations_fail_from_one_on),
        cmocka_unit_test(allocations_of_sqlite_fail_one_by_one),
        cmocka_unit_test(allocations_of_sqlite_fail_from_one_on),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
