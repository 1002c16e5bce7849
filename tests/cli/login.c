/* login URL EMAIL: whether the library accepts the password on standard input (0) or not (1). For the tests. */
#include <stdio.h>

#include <todo/todo.h>

int main(int argc, char **argv)
{
    char password[512] = "";
    todo_error error = TODO_ERROR_INIT;
    todo_store_options options = TODO_STORE_OPTIONS_INIT;
    todo_store *store = NULL;
    const todo_user *user = NULL;

    if (argc != 3 || fgets(password, sizeof(password), stdin) == NULL)
        return 2;
    options.url = argv[1];
    todo_status status = todo_store_open(&options, &store, &error);
    if (status == TODO_OK)
        status = todo_commands_login(todo_store_commands(store), NULL, argv[2], password, &user, &error);
    if (status != TODO_OK && status != TODO_ERR_UNAUTHENTICATED)
        fprintf(stderr, "login: %s: %s\n", error.message, error.detail);
    todo_user_unref(user);
    todo_store_close(store);
    return status == TODO_OK ? 0 : status == TODO_ERR_UNAUTHENTICATED ? 1 : 2;
}
