#include "testing.h"

#include <todo/commands.h>
#include <todo/port/build.h>
#include <todo/queries.h>

#include "fakes.h"

/* bcrypt of "password123" at cost 4, as older implementations of the contract stored it. */
#define OLD_HASH "$2b$04$abcdefghijklmnopqrstuuK7Sjs7rFYArh/ytIZsOeM/z4RV2Fw2i"

typedef struct fixture {
    fake_store store;
    todo_users *users;
    todo_commands *commands;
    todo_queries *queries;
    todo_error error;
} fixture;

static int set_up(void **state)
{
    fixture *f = test_calloc(1, sizeof(*f));
    todo_commands_options commands = TODO_COMMANDS_OPTIONS_INIT;
    todo_queries_options queries = TODO_QUERIES_OPTIONS_INIT;

    fake_store_init(&f->store);
    f->users = fake_store_users(&f->store);
    commands.writer = fake_store_writer(&f->store);
    commands.users = f->users;
    queries.reader = fake_store_reader(&f->store);
    queries.users = f->users;
    assert_int_equal(todo_commands_new(&commands, &f->commands, NULL), TODO_OK);
    assert_int_equal(todo_queries_new(&queries, &f->queries, NULL), TODO_OK);
    todo_writer_unref(commands.writer);
    todo_reader_unref(queries.reader);
    todo_error_init(&f->error, sizeof(f->error));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    todo_commands_free(f->commands);
    todo_queries_free(f->queries);
    todo_users_unref(f->users);
    fake_store_clear(&f->store);
    test_free(f);
    return 0;
}

static todo_status sign_up(fixture *f, const char *email, const char *password, const char *name,
                           const todo_user **ret_user)
{
    todo_registration registration = TODO_REGISTRATION_INIT;

    registration.email = email;
    registration.password = password;
    registration.display_name = name;
    return todo_commands_register(f->commands, NULL, &registration, ret_user, &f->error);
}

static todo_status log_in(fixture *f, const char *email, const char *password, const todo_user **ret_user)
{
    return todo_commands_login(f->commands, NULL, email, password, ret_user, &f->error);
}

static void who_registers_can_log_in(void **state)
{
    fixture *f = *state;
    const todo_user *user = NULL, *logged_in = NULL;

    assert_int_equal(sign_up(f, " Ann@Example.org ", "password123", "  Ann ", &user), TODO_OK);
    assert_string_equal(user->email, "ann@example.org");
    assert_string_equal(user->display_name, "Ann");
    assert_memory_equal(todo_user_password_hash(user), "$y$", 3);
    assert_int_equal(log_in(f, "ANN@example.org", "password123", &logged_in), TODO_OK);
    assert_int_equal(todo_uuid_compare(&user->id, &logged_in->id), 0);
    todo_user_unref(logged_in);
    todo_user_unref(user);
}

static void an_email_is_taken_only_once(void **state)
{
    fixture *f = *state;
    const todo_user *user = NULL, *again = NULL;

    assert_int_equal(sign_up(f, "ann@example.org", "password123", NULL, &user), TODO_OK);
    assert_null(user->display_name);
    assert_int_equal(sign_up(f, "ANN@example.org", "password456", NULL, &again), TODO_ERR_CONFLICT);
    assert_string_equal(f->error.message, "email already exists");
    assert_null(again);
    todo_user_unref(user);
}

/* Former versions lower-cased ASCII only: such an account is found, and taken, as it is stored. */
static void an_account_of_a_former_version_keeps_its_email(void **state)
{
    fixture *f = *state;
    todo_user_fields fields = {.size = sizeof(fields),
                               .id = fake_id(7),
                               .email = "\u00C4rger@example.org",
                               .password_hash = OLD_HASH,
                               .created_at = 1};
    const todo_user *stored = NULL, *user = NULL;

    assert_int_equal(todo_user_build(&fields, &stored, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(f->users, NULL, stored, NULL), TODO_OK);
    todo_user_unref(stored);
    assert_int_equal(
        todo_commands_login(f->commands, NULL, "\u00C4RGER@example.org", "password123", &user, &f->error),
        TODO_OK);
    assert_string_equal(user->email, "\u00C4rger@example.org");
    todo_user_unref(user);
    assert_int_equal(sign_up(f, "\u00C4rger@Example.org", "password123", NULL, &user), TODO_ERR_CONFLICT);
    assert_string_equal(f->error.code, "email_exists");
}

static void wrong_passwords_and_unknown_emails_look_alike(void **state)
{
    fixture *f = *state;
    const todo_user *user = NULL, *nobody = NULL;

    assert_int_equal(sign_up(f, "ann@example.org", "password123", NULL, &user), TODO_OK);
    assert_int_equal(log_in(f, "ann@example.org", "password124", &nobody), TODO_ERR_UNAUTHENTICATED);
    assert_string_equal(f->error.message, "invalid credentials");
    assert_int_equal(log_in(f, "bob@example.org", "password123", &nobody), TODO_ERR_UNAUTHENTICATED);
    assert_string_equal(f->error.message, "invalid credentials");
    assert_int_equal(log_in(f, "no address", "password123", &nobody), TODO_ERR_UNAUTHENTICATED);
    assert_int_equal(log_in(f, "ann@example.org", "", &nobody), TODO_ERR_UNAUTHENTICATED);
    assert_null(nobody);
    todo_user_unref(user);
}

static void an_old_hash_is_upgraded_at_login(void **state)
{
    fixture *f = *state;
    todo_user_fields fields = {
        .size = sizeof(fields), .id = {{7}}, .email = "old@example.org", .password_hash = OLD_HASH};
    const todo_user *user = NULL, *found = NULL;

    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    assert_int_equal(todo_users_insert(f->users, NULL, user, NULL), TODO_OK);
    todo_user_unref(user);
    assert_int_equal(log_in(f, "old@example.org", "password124", &user), TODO_ERR_UNAUTHENTICATED);
    assert_int_equal(log_in(f, "old@example.org", "password123", &user), TODO_OK);
    todo_user_unref(user);
    assert_int_equal(todo_users_find_by_email(f->users, NULL, "old@example.org", &found, NULL), TODO_OK);
    assert_memory_equal(todo_user_password_hash(found), "$y$", 3);
    todo_user_unref(found);
    assert_int_equal(log_in(f, "old@example.org", "password123", &user), TODO_OK);
    todo_user_unref(user);
}

static void a_changed_password_replaces_the_old_one(void **state)
{
    fixture *f = *state;
    const todo_user *user = NULL, *logged_in = NULL;
    todo_uuid nobody = fake_id(42);

    assert_int_equal(sign_up(f, "ann@example.org", "password123", NULL, &user), TODO_OK);
    assert_int_equal(todo_commands_set_password(f->commands, NULL, &user->id, "short", &f->error),
                     TODO_ERR_INVALID);
    assert_int_equal(todo_commands_set_password(f->commands, NULL, &user->id, "password456", NULL), TODO_OK);
    assert_int_equal(todo_commands_set_password(f->commands, NULL, &nobody, "password456", NULL),
                     TODO_ERR_NOT_FOUND);
    assert_int_equal(log_in(f, "ann@example.org", "password123", &logged_in), TODO_ERR_UNAUTHENTICATED);
    assert_int_equal(log_in(f, "ann@example.org", "password456", &logged_in), TODO_OK);
    todo_user_unref(logged_in);
    assert_int_equal(todo_commands_remove_user(f->commands, NULL, &user->id, NULL), TODO_OK);
    assert_int_equal(todo_commands_remove_user(f->commands, NULL, &user->id, NULL), TODO_ERR_NOT_FOUND);
    todo_user_unref(user);
}

static void registrations_are_checked(void **state)
{
    static const struct {
        const char *email, *password, *message;
    } bad[] = {
        {"", "password123", "email cannot be empty"},
        {NULL, "password123", "email cannot be empty"},
        {"ann", "password123", "invalid email format"},
        {"ann@example.org", "1234567", "password must be at least 8 characters"},
        {"ann@example.org", NULL, "password must be at least 8 characters"},
    };
    fixture *f = *state;
    const todo_user *user = NULL;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(sign_up(f, bad[i].email, bad[i].password, NULL, &user), TODO_ERR_INVALID);
        assert_string_equal(f->error.message, bad[i].message);
    }
    assert_int_equal(f->store.user_count, 0);
}

static todo_status count_user(void *arg, const todo_user *user)
{
    size_t *count = arg;

    assert_non_null(user->email);
    ++*count;
    return TODO_OK;
}

static void users_are_found_by_id_and_email(void **state)
{
    fixture *f = *state;
    const todo_user *user = NULL, *found = NULL;
    size_t count = 0;

    assert_int_equal(sign_up(f, "ann@example.org", "password123", NULL, &user), TODO_OK);
    assert_int_equal(todo_queries_user(f->queries, NULL, &user->id, &found, NULL), TODO_OK);
    todo_user_unref(found);
    assert_int_equal(todo_queries_user_by_email(f->queries, NULL, " ANN@example.org", &found, NULL), TODO_OK);
    todo_user_unref(found);
    assert_int_equal(todo_queries_user_by_email(f->queries, NULL, "nonsense", &found, NULL),
                     TODO_ERR_NOT_FOUND);
    assert_int_equal(todo_queries_each_user(f->queries, NULL, count_user, &count, NULL), TODO_OK);
    assert_int_equal(count, 1);
    todo_user_unref(user);
}

static void without_users_the_account_use_cases_are_unsupported(void **state)
{
    fixture *f = *state;
    todo_commands_options options = TODO_COMMANDS_OPTIONS_INIT;
    todo_commands *commands = NULL;
    const todo_user *user = NULL;

    options.writer = fake_store_writer(&f->store);
    assert_int_equal(todo_commands_new(&options, &commands, NULL), TODO_OK);
    todo_writer_unref(options.writer);
    assert_int_equal(todo_commands_login(commands, NULL, "a@b.c", "password123", &user, NULL),
                     TODO_ERR_UNSUPPORTED);
    todo_commands_free(commands);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_registers_can_log_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_email_is_taken_only_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_account_of_a_former_version_keeps_its_email, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_passwords_and_unknown_emails_look_alike, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_old_hash_is_upgraded_at_login, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_password_replaces_the_old_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(registrations_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(users_are_found_by_id_and_email, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_users_the_account_use_cases_are_unsupported, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
