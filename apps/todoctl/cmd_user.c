/* todoctl user: accounts. */
#include "access.h"
#include "output.h"
#include "report.h"

static const char *name;
static const char *password_file;
static bool dry_run;

static int run_add(ctl_context *context, int count, char **arguments)
{
    (void)count;
    ctl_secret password = {NULL, 0};
    int code = access_open(context, TODO_STORE_EXISTING);
    code = code != 0 ? code : secret_get("Password: ", password_file, "password-file", true, &password);
    if (code != 0)
        return code;
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    todo_registration registration = TODO_REGISTRATION_INIT;
    registration.email = arguments[0];
    registration.password = password.text;
    registration.display_name = name;
    const todo_user *user = NULL;
    todo_status status =
        todo_commands_register(todo_store_commands(context->store), &call, &registration, &user, &error);
    secret_wipe(&password);
    if (status != TODO_OK) {
        return fail_error(&error, status == TODO_ERR_CONFLICT ? "todoctl user list" : NULL, "cannot add %s",
                          arguments[0]);
    }
    if (context->json) {
        print_user(user);
    } else {
        char id[TODO_UUID_TEXT_SIZE];
        todo_uuid_format(&user->id, id);
        printf("Added %s, id %s.\n", user->email, id);
    }
    todo_user_unref(user);
    return 0;
}

static todo_status add_user(void *arg, const todo_user *user)
{
    list_output *list = arg;
    if (list->json) {
        list_add_user(list, user);
        return TODO_OK;
    }
    char id[TODO_UUID_TEXT_SIZE];
    char created[TIME_TEXT_SIZE];
    todo_uuid_format(&user->id, id);
    time_for_people(user->created_at, created);
    table_add(list->table, (const char *const[]){id, created, user->email,
                                                 user->display_name != NULL ? user->display_name : ""});
    return TODO_OK;
}

static int run_list(ctl_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    int code = access_open(context, TODO_STORE_READ);
    if (code != 0)
        return code;
    static const char *const headers[] = {"ID", "CREATED", "E-MAIL", "NAME"};
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    list_output list;
    list_begin(&list, context->json, headers, 4);
    todo_status status =
        todo_queries_each_user(todo_store_queries(context->store), &call, add_user, &list, &error);
    list_end(&list);
    return status == TODO_OK ? 0 : fail_error(&error, NULL, "cannot list the users");
}

static int set_password(ctl_context *context, const todo_user *user)
{
    ctl_secret password = {NULL, 0};
    char prompt[300];
    snprintf(prompt, sizeof(prompt), "New password for %s: ", user->email);
    make_printable(prompt);
    int code = secret_get(prompt, password_file, "password-file", true, &password);
    if (code != 0)
        return code;
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    todo_status status = todo_commands_set_password(todo_store_commands(context->store), &call, &user->id,
                                                    password.text, &error);
    secret_wipe(&password);
    if (status != TODO_OK)
        return fail_error(&error, NULL, "cannot set the password of %s", user->email);
    if (context->json)
        print_user(user);
    else
        printf("Changed the password of %s.\n", user->email);
    return 0;
}

static int run_passwd(ctl_context *context, int count, char **arguments)
{
    (void)count;
    const todo_user *user = NULL;
    int code = access_open(context, TODO_STORE_EXISTING);
    code = code != 0 ? code : access_user(context, arguments[0], &user);
    code = code != 0 ? code : set_password(context, user);
    todo_user_unref(user);
    return code;
}

static int delete_user(ctl_context *context, const todo_user *user)
{
    if (dry_run) {
        if (context->json)
            print_user(user);
        else
            printf("Would delete %s and everything that is theirs.\n", user->email);
        return 0;
    }
    int code = access_confirm(context, "Delete %s and everything that is theirs?", user->email);
    if (code != 0)
        return code;
    todo_error error = TODO_ERROR_INIT;
    todo_call call = access_call(context);
    if (todo_commands_remove_user(todo_store_commands(context->store), &call, &user->id, &error) != TODO_OK)
        return fail_error(&error, NULL, "cannot delete %s", user->email);
    if (context->json)
        print_user(user);
    else
        printf("Deleted %s.\n", user->email);
    return 0;
}

static int run_delete(ctl_context *context, int count, char **arguments)
{
    (void)count;
    const todo_user *user = NULL;
    access_allow_long(context); /* a user may have a million todos */
    int code = access_open(context, dry_run ? TODO_STORE_READ : TODO_STORE_EXISTING);
    code = code != 0 ? code : access_user(context, arguments[0], &user);
    code = code != 0 ? code : delete_user(context, user);
    todo_user_unref(user);
    return code;
}

#define PASSWORD_FILE                                                                                    \
    {                                                                                                    \
        "password-file", 0, "FILE", "read the password from FILE (- is standard input)", &password_file, \
            NULL                                                                                         \
    }

static const option_spec add_options[] = {
    {"name", 0, "NAME", "the name to show", &name, NULL},
    PASSWORD_FILE,
    OPTION_END,
};
static const option_spec delete_options[] = {
    {"dry-run", 'n', NULL, "only say what would be deleted", NULL, &dry_run},
    OPTION_END,
};
static const option_spec passwd_options[] = {PASSWORD_FILE, OPTION_END};

static const ctl_command commands[] = {
    {"add", "EMAIL", "Open an account", "Asks for the password, twice, unless a file has it.", add_options, 1,
     1, run_add},
    {"list", "", "List the accounts, oldest first", NULL, NULL, 0, 0, run_list},
    {"passwd", "USER", "Set the password of a user",
     "USER is an e-mail or an id. Asks for the password, twice, unless a file has it.", passwd_options, 1, 1,
     run_passwd},
    {"delete", "USER", "Delete a user and everything that is theirs",
     "USER is an e-mail or an id. Asks first, unless told --yes.", delete_options, 1, 1, run_delete},
    {.run = NULL},
};

const command_group group_user = {"user", "Accounts", false, commands, true, false};
