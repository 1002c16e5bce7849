/*
 * A program outside libtodo that keeps todos where it likes, here in memory by the example of an adapter, and has the
 * library do the rest: it composes the adapter's ports with the library's use cases. With exit status 0 when everything
 * went as it should, and saying what did not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <todo/todo.h>

#include "memory.h"

#define MUST(condition)                                                             \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                \
        }                                                                           \
    } while (0)

/* Ports and use cases over the example: the composition. */
static void compose(todo_commands **ret_commands, todo_queries **ret_queries)
{
    todo_commands_options for_commands = TODO_COMMANDS_OPTIONS_INIT;
    todo_queries_options for_queries = TODO_QUERIES_OPTIONS_INIT;
    todo_reader *reader = NULL;
    todo_writer *writer = NULL;
    todo_users *users = NULL;

    MUST(memory_new(&reader, &writer, &users, NULL) == TODO_OK);
    for_commands.writer = writer;
    for_commands.users = users;
    for_queries.reader = reader;
    for_queries.users = users;
    MUST(todo_commands_new(&for_commands, ret_commands, NULL) == TODO_OK);
    MUST(todo_queries_new(&for_queries, ret_queries, NULL) == TODO_OK);
    /* The use cases hold their own references. */
    todo_reader_unref(reader);
    todo_writer_unref(writer);
    todo_users_unref(users);
}

static todo_uuid add_user(todo_commands *commands, const char *email)
{
    todo_registration registration = TODO_REGISTRATION_INIT;
    const todo_user *user = NULL;
    todo_uuid id;

    registration.email = email;
    registration.password = "correct horse battery staple";
    MUST(todo_commands_register(commands, NULL, &registration, &user, NULL) == TODO_OK);
    id = user->id;
    todo_user_unref(user);
    return id;
}

static todo_uuid create(todo_commands *commands, const todo_uuid *user, const char *title)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    const todo_item *item = NULL;
    todo_uuid id;

    draft.title = title;
    MUST(todo_commands_create(commands, NULL, user, &draft, &item, NULL) == TODO_OK);
    id = item->id;
    todo_item_unref(item);
    return id;
}

static void check_rules(todo_commands *commands, const todo_uuid *user)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_error error = TODO_ERROR_INIT;
    const todo_item *item = NULL;

    draft.title = "   ";
    MUST(todo_commands_create(commands, NULL, user, &draft, &item, &error) == TODO_ERR_INVALID);
    MUST(strcmp(error.code, "title_empty") == 0);
    MUST(strcmp(error.message, "title cannot be empty") == 0);
    MUST(item == NULL);
}

static void check_list(todo_queries *queries, const todo_uuid *user, size_t count, const char *newest)
{
    todo_item_list *list = NULL;

    MUST(todo_queries_list(queries, NULL, user, NULL, &list, NULL) == TODO_OK);
    MUST(todo_item_list_count(list) == count);
    MUST(count == 0 || strcmp(todo_item_list_at(list, 0)->title, newest) == 0);
    todo_item_list_free(list);
}

static void complete(todo_commands *commands, const todo_uuid *user, const todo_uuid *id)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    const todo_item *item = NULL;

    patch.completed.presence = TODO_VALUE;
    patch.completed.value = true;
    patch.if_version = 1;
    MUST(todo_commands_update(commands, NULL, user, id, &patch, &item, NULL) == TODO_OK);
    MUST(item->completed && item->version == 2 && strcmp(item->title, "milk") == 0);
    todo_item_unref(item);
    MUST(todo_commands_update(commands, NULL, user, id, &patch, &item, NULL) == TODO_ERR_PRECONDITION);
}

int main(void)
{
    todo_commands *commands = NULL;
    todo_queries *queries = NULL;
    const todo_item *item = NULL;
    todo_uuid ann, bob, milk;

    MUST(strcmp(todo_version(), TODO_VERSION_STRING) == 0);
    compose(&commands, &queries);
    ann = add_user(commands, "ann@example.org");
    bob = add_user(commands, "bob@example.org");
    milk = create(commands, &ann, "  milk ");
    create(commands, &ann, "bread");
    check_rules(commands, &ann);
    check_list(queries, &ann, 2, "bread");
    check_list(queries, &bob, 0, NULL);
    complete(commands, &ann, &milk);
    MUST(todo_queries_get(queries, NULL, &bob, &milk, &item, NULL) == TODO_ERR_NOT_FOUND);
    MUST(todo_commands_remove(commands, NULL, &ann, &milk, 0, NULL) == TODO_OK);
    MUST(todo_queries_get(queries, NULL, &ann, &milk, &item, NULL) == TODO_ERR_NOT_FOUND);
    check_list(queries, &ann, 1, "bread");
    todo_commands_free(commands);
    todo_queries_free(queries);
    printf("libtodo %s\n", todo_version());
    return 0;
}
