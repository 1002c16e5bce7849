/* Adapters from outside: todo_store_register, and what todo_store_open makes of them. */
#include "testing.h"

#include <stdio.h>

#include <todo/commands.h>
#include <todo/port/adapter.h>

#include "memory.h"

static struct {
    unsigned opened, closed, pool_size;
    char url[64];
} seen;

static todo_status open_counted(const todo_store_options *options, todo_store_ports *ret_ports,
                                todo_error *error)
{
    seen.opened++;
    seen.pool_size = options->pool_size;
    snprintf(seen.url, sizeof(seen.url), "%s", options->url);
    ret_ports->self = &seen;
    return memory_new(&ret_ports->reader, &ret_ports->writer, &ret_ports->users, error);
}

static void close_counted(void *self)
{
    assert_ptr_equal(self, &seen);
    seen.closed++;
}

static todo_status open_nothing(const todo_store_options *options, todo_store_ports *ret_ports,
                                todo_error *error)
{
    (void)options;
    ret_ports->self = &seen;
    return todo_error_set(error, TODO_OK, NULL, NULL, NULL);
}

static todo_status open_fails(const todo_store_options *options, todo_store_ports *ret_ports,
                              todo_error *error)
{
    (void)options;
    (void)ret_ports;
    return todo_error_set(error, TODO_ERR_UNAVAILABLE, "database_unavailable", NULL, NULL);
}

static todo_status open_url(const char *url, const char *cache_url, todo_store **ret_store, todo_error *error)
{
    todo_store_options options = TODO_STORE_OPTIONS_INIT;

    options.url = url;
    options.cache_url = cache_url;
    return todo_store_open(&options, ret_store, error);
}

static const todo_store_ops counted = {.size = sizeof(counted), .open = open_counted, .close = close_counted};

static void a_registered_scheme_opens_and_closes(void **state)
{
    todo_registration registration = TODO_REGISTRATION_INIT;
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_error error = TODO_ERROR_INIT;
    const todo_user *user = NULL;
    const todo_item *item = NULL;
    todo_store *store = NULL;

    (void)state;
    assert_int_equal(open_url("counted:a", NULL, &store, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "store_url_invalid");
    assert_int_equal(todo_store_register("counted", &counted, NULL), TODO_OK);
    assert_int_equal(open_url("Counted:a", NULL, &store, NULL), TODO_OK);
    assert_int_equal(seen.opened, 1);
    assert_int_equal(seen.pool_size, 16);
    assert_string_equal(seen.url, "Counted:a");
    registration.email = "ann@example.org";
    registration.password = "correct horse battery staple";
    assert_int_equal(todo_commands_register(todo_store_commands(store), NULL, &registration, &user, NULL),
                     TODO_OK);
    draft.title = "milk";
    assert_int_equal(todo_commands_create(todo_store_commands(store), NULL, &user->id, &draft, &item, NULL),
                     TODO_OK);
    todo_item_unref(item);
    todo_user_unref(user);
    assert_int_equal(seen.closed, 0);
    todo_store_close(store);
    assert_int_equal(seen.closed, 1);
}

static void what_an_adapter_lacks_is_said(void **state)
{
    todo_revert_options revert = TODO_REVERT_OPTIONS_INIT;
    todo_store *store = NULL;
    uint32_t applied = 7;

    (void)state;
    assert_int_equal(open_url("counted:", NULL, &store, NULL), TODO_OK);
    assert_int_equal(todo_store_migrate(store, NULL, &applied, NULL), TODO_OK);
    assert_int_equal(applied, 0);
    assert_int_equal(todo_store_probe(store, NULL, NULL, NULL, NULL), TODO_OK);
    assert_int_equal(todo_store_vacuum(store, NULL, NULL), TODO_ERR_UNSUPPORTED);
    assert_int_equal(todo_store_revert(store, NULL, &revert, NULL, NULL, NULL), TODO_ERR_UNSUPPORTED);
    todo_store_close(store);
}

static void a_scheme_is_taken_once(void **state)
{
    static const char *const taken[] = {"counted", "sqlite", "postgres", "postgresql", "redis"};
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        assert_int_equal(todo_store_register(taken[i], &counted, &error), TODO_ERR_CONFLICT);
        assert_string_equal(error.code, "scheme_taken");
    }
}

static void a_scheme_is_letters_and_digits(void **state)
{
    static const char *const wrong[] = {"",   "Upper", "1st", "a/b",
                                        "..", "a:",    "a+b", "abcdefghijklmnopqrstuvwxyz0123456789"};
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(todo_store_register(wrong[i], &counted, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, "scheme_invalid");
    }
    assert_int_equal(todo_store_register(NULL, &counted, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_store_register("fine", NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_store_register("fine", &(todo_store_ops){.size = sizeof(todo_store_ops)}, NULL),
                     TODO_ERR_INVALID);
}

static void a_failure_to_open_is_passed_on(void **state)
{
    static const todo_store_ops fails = {.size = sizeof(fails), .open = open_fails};
    static const todo_store_ops nothing = {.size = sizeof(nothing), .open = open_nothing};
    todo_error error = TODO_ERROR_INIT;
    todo_store *store = NULL;

    (void)state;
    assert_int_equal(todo_store_register("fails", &fails, NULL), TODO_OK);
    assert_int_equal(open_url("fails:", NULL, &store, &error), TODO_ERR_UNAVAILABLE);
    assert_string_equal(error.code, "database_unavailable");
    assert_int_equal(todo_store_register("nothing", &nothing, NULL), TODO_OK);
    assert_int_equal(open_url("nothing:", NULL, &store, &error), TODO_ERR_INTERNAL);
    assert_string_equal(error.code, "adapter_incomplete");
    assert_null(store);
}

static void a_database_is_no_cache(void **state)
{
    todo_error error = TODO_ERROR_INIT;
    todo_store *store = NULL;

    (void)state;
    assert_int_equal(open_url("counted:", "counted:", &store, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "cache_url_invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registered_scheme_opens_and_closes),
        cmocka_unit_test(what_an_adapter_lacks_is_said),
        cmocka_unit_test(a_scheme_is_taken_once),
        cmocka_unit_test(a_scheme_is_letters_and_digits),
        cmocka_unit_test(a_failure_to_open_is_passed_on),
        cmocka_unit_test(a_database_is_no_cache),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
