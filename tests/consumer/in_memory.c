/*
 * A program outside libtodo that keeps todos where it likes, here in an array, and has the library do the rest: it
 * implements the ports TodoReader and TodoWriter and composes them with the library's use cases.
 *
 *   cc in_memory.c $(pkg-config --cflags --libs todo)
 *
 * It exits with 0 when everything went as it should, and says what did not.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <todo/port/build.h>
#include <todo/todo.h>

#define ROOM 100

/* ---- where the todos are ---- */

typedef struct memory {
    pthread_mutex_t lock;
    const todo_item *items[ROOM]; /* a reference each, oldest first */
    size_t count;
} memory;

static size_t find(const memory *store, const todo_uuid *user, const todo_uuid *id)
{
    size_t at = 0;

    while (at < store->count && (todo_uuid_compare(&store->items[at]->id, id) != 0 ||
                                 todo_uuid_compare(&store->items[at]->user_id, user) != 0))
        at++;
    return at;
}

/* ---- TodoReader ---- */

static todo_status memory_get(void *self, const todo_call *call, const todo_uuid *user, const todo_uuid *id,
                              const todo_item **ret_item, todo_error *error)
{
    memory *store = self;
    const todo_item *item = NULL;
    size_t at;

    (void)call;
    pthread_mutex_lock(&store->lock);
    at = find(store, user, id);
    if (at < store->count)
        item = todo_item_ref(store->items[at]);
    pthread_mutex_unlock(&store->lock);
    if (item == NULL)
        return todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    *ret_item = item;
    return TODO_OK;
}

/* New todos are at the end, so the newest come first when it is read backwards: the order of the default list. */
static todo_status memory_list(void *self, const todo_call *call, const todo_uuid *user,
                               const todo_list_query *query, todo_item_visit visit, void *arg,
                               todo_error *error)
{
    memory *store = self;
    todo_status status = TODO_OK;
    uint32_t visited = 0;

    (void)call;
    if (query->sort != TODO_SORT_CREATED_AT || query->ascending || query->after != NULL)
        return todo_error_set(error, TODO_ERR_UNSUPPORTED, NULL, NULL,
                              "only the newest todos are listed here");
    pthread_mutex_lock(&store->lock);
    for (size_t i = store->count; i-- > 0 && status == TODO_OK && visited < query->limit;) {
        const todo_item *item = store->items[i];

        if (todo_uuid_compare(&item->user_id, user) != 0)
            continue;
        if (query->completed != TODO_ANY && item->completed != (query->completed == TODO_ONLY_TRUE))
            continue;
        visited++;
        status = visit(arg, item);
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ---- TodoWriter ---- */

static todo_status memory_insert(void *self, const todo_call *call, const todo_item *const *items,
                                 size_t count, todo_error *error)
{
    memory *store = self;
    todo_status status = TODO_OK;

    (void)call;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < count && status == TODO_OK; i++)
        if (find(store, &items[i]->user_id, &items[i]->id) < store->count)
            status = todo_error_set(error, TODO_ERR_CONFLICT, "id_exists", NULL, NULL);
    if (status == TODO_OK && store->count + count > ROOM)
        status = todo_error_set(error, TODO_ERR_TOO_LARGE, "store_full", NULL, "the store is full");
    for (size_t i = 0; i < count && status == TODO_OK; i++)
        store->items[store->count++] = todo_item_ref(items[i]);
    pthread_mutex_unlock(&store->lock);
    return status;
}

static todo_status memory_update(void *self, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, const todo_item_patch *patch, todo_time now,
                                 const todo_item **ret_item, todo_error *error)
{
    memory *store = self;
    const todo_item *changed = NULL;
    todo_status status;
    size_t at;

    (void)call;
    pthread_mutex_lock(&store->lock);
    at = find(store, user, id);
    if (at == store->count)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else
        status = todo_item_apply(store->items[at], patch, now, &changed, error);
    if (status == TODO_OK) {
        todo_item_unref(store->items[at]);
        store->items[at] = changed;
        *ret_item = todo_item_ref(changed);
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

static todo_status memory_remove(void *self, const todo_call *call, const todo_uuid *user,
                                 const todo_uuid *id, int64_t if_version, todo_error *error)
{
    memory *store = self;
    todo_status status = TODO_OK;
    size_t at;

    (void)call;
    pthread_mutex_lock(&store->lock);
    at = find(store, user, id);
    if (at == store->count)
        status = todo_error_set(error, TODO_ERR_NOT_FOUND, NULL, NULL, NULL);
    else if (if_version != 0 && if_version != store->items[at]->version)
        status = todo_error_set(error, TODO_ERR_PRECONDITION, NULL, NULL, NULL);
    if (status == TODO_OK) {
        todo_item_unref(store->items[at]);
        store->count--;
        memmove(&store->items[at], &store->items[at + 1], (store->count - at) * sizeof(store->items[0]));
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ---- the program ---- */

#define MUST(condition)                                                             \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                \
        }                                                                           \
    } while (0)

/* Ports and use cases over the array: the composition. */
static void compose(memory *store, todo_commands **ret_commands, todo_queries **ret_queries)
{
    static const todo_reader_ops reader_ops = {
        .size = sizeof(reader_ops), .get = memory_get, .list = memory_list};
    static const todo_writer_ops writer_ops = {.size = sizeof(writer_ops),
                                               .insert = memory_insert,
                                               .update = memory_update,
                                               .remove = memory_remove};
    todo_commands_options for_commands = TODO_COMMANDS_OPTIONS_INIT;
    todo_queries_options for_queries = TODO_QUERIES_OPTIONS_INIT;
    todo_reader *reader = NULL;
    todo_writer *writer = NULL;

    MUST(todo_reader_new(&reader_ops, store, &reader, NULL) == TODO_OK);
    MUST(todo_writer_new(&writer_ops, store, &writer, NULL) == TODO_OK);
    for_commands.writer = writer;
    for_queries.reader = reader;
    MUST(todo_commands_new(&for_commands, ret_commands, NULL) == TODO_OK);
    MUST(todo_queries_new(&for_queries, ret_queries, NULL) == TODO_OK);
    /* The use cases hold their own references. */
    todo_reader_unref(reader);
    todo_writer_unref(writer);
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
    static memory store = {.lock = PTHREAD_MUTEX_INITIALIZER};
    todo_commands *commands = NULL;
    todo_queries *queries = NULL;
    const todo_item *item = NULL;
    todo_uuid ann, bob, milk;

    MUST(strcmp(todo_version(), TODO_VERSION_STRING) == 0);
    MUST(todo_uuid_generate(&ann, NULL) == TODO_OK && todo_uuid_generate(&bob, NULL) == TODO_OK);
    compose(&store, &commands, &queries);
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
    while (store.count > 0)
        todo_item_unref(store.items[--store.count]);
    printf("libtodo %s\n", todo_version());
    return 0;
}
