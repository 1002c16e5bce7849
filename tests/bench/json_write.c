/*
 * What a list of todos costs to encode: our writer against json-c's serializer, on a tree made with the cheapest calls
 * json-c has. Prints nanoseconds per todo. `meson test --benchmark`.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>

#include <todo/json.h>

enum { TODOS = 1000 };

static const char *const titles[] = {"Buy milk and bread", "Call the plumber about the leaking kitchen tap",
                                     "Pr\xC3\xBC"
                                     "fung \xC3\xBC"
                                     "ben",
                                     "\xE7\x89\x9B\xE4\xB9\xB3\xE3\x82\x92\xE8\xB2\xB7\xE3\x81\x86",
                                     "Say \"hello\""};
static const char *const descriptions[] = {
    NULL, "two litres, and the dark one if they have it", NULL,
    "Line one\nLine two\nLine three, which is a good deal longer than the two before it", NULL};

static void fill(todo_item *items)
{
    memset(items, 0, TODOS * sizeof(*items));
    for (int i = 0; i < TODOS; i++) {
        if (todo_uuid_generate(&items[i].id, NULL) != TODO_OK)
            abort();
        items[i].user_id = items[0].id;
        items[i].title = titles[i % 5];
        items[i].description = descriptions[i % 5];
        items[i].completed = i % 3 == 0;
        items[i].created_at = items[i].updated_at = INT64_C(1795000000123456) + i;
        items[i].version = 1 + i % 7;
    }
}

static void add(json_object *object, const char *name, json_object *value)
{
    json_object_object_add_ex(object, name, value,
                              JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

static void json_c_write(todo_buffer *buffer, const todo_item *item)
{
    json_object *object = json_object_new_object();
    char id[TODO_UUID_TEXT_SIZE], time[TODO_TIME_TEXT_SIZE];
    size_t length;
    const char *text;

    todo_uuid_format(&item->id, id);
    add(object, "id", json_object_new_string_len(id, sizeof(id) - 1));
    todo_uuid_format(&item->user_id, id);
    add(object, "user_id", json_object_new_string_len(id, sizeof(id) - 1));
    add(object, "title", json_object_new_string(item->title));
    add(object, "description", item->description != NULL ? json_object_new_string(item->description) : NULL);
    add(object, "completed", json_object_new_boolean(item->completed));
    todo_time_format(item->created_at, time);
    add(object, "created_at", json_object_new_string_len(time, sizeof(time) - 1));
    todo_time_format(item->updated_at, time);
    add(object, "updated_at", json_object_new_string_len(time, sizeof(time) - 1));
    add(object, "version", json_object_new_int64(item->version));
    text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
                                             &length);
    if (todo_buffer_append(buffer, text, length, NULL) != TODO_OK)
        abort();
    json_object_put(object);
}

static void own_write(todo_buffer *buffer, const todo_item *item)
{
    if (todo_json_write_item(buffer, item, NULL) != TODO_OK)
        abort();
}

typedef void write_function(todo_buffer *buffer, const todo_item *item);

static double encode(const todo_item *items, size_t count, int rounds, write_function *write_item)
{
    todo_buffer *buffer = NULL;
    struct timespec start, end;

    if (todo_buffer_new(&buffer, NULL) != TODO_OK)
        abort();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    for (int round = 0; round < rounds; round++) {
        todo_buffer_truncate(buffer, 0);
        for (size_t i = 0; i < count; i++)
            write_item(buffer, &items[i]);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    todo_buffer_free(buffer);
    return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) /
           ((double)rounds * (double)count);
}

int main(void)
{
    static todo_item items[TODOS];

    fill(items);
    for (int run = 0; run < 3; run++)
        for (size_t count = 20; count <= TODOS; count *= 50)
            printf("list of %4zu: json-c %6.0f ns, own %6.0f ns a todo\n", count,
                   encode(items, count, (int)(200000 / count), json_c_write),
                   encode(items, count, (int)(200000 / count), own_write));
    return 0;
}
