/* Any todo: what the writer makes of it reads back, through json-c, as the same values. */
#include "fuzz.h"

#include <json-c/json.h>

#include <todo/json.h>

#include "domain/text.h"

/* Takes bytes from the front of the input; zeros when there are none left. */
static void take(const uint8_t **data, size_t *size, void *bytes, size_t length)
{
    size_t given = length < *size ? length : *size;

    memset(bytes, 0, length);
    memcpy(bytes, *data, given);
    *data += given;
    *size -= given;
}

static const char *member(json_object *object, const char *name)
{
    json_object *value = json_object_object_get(object, name);

    REQUIRE(json_object_is_type(value, json_type_string));
    REQUIRE(strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value));
    return json_object_get_string(value);
}

/* Invalid UTF-8 comes back as something valid that is no shorter. */
static void check_text(json_object *object, const char *name, const char *text)
{
    json_object *value = NULL;

    if (text == NULL) {
        REQUIRE(json_object_object_get_ex(object, name, &value) && value == NULL);
        return;
    }
    if (todo__utf8_valid(text, strlen(text)))
        REQUIRE(strcmp(member(object, name), text) == 0);
    else
        REQUIRE(strlen(member(object, name)) > strlen(text));
}

static void check_id(json_object *object, const char *name, const todo_uuid *id)
{
    todo_uuid read;

    REQUIRE(todo_uuid_parse(member(object, name), &read, NULL) == TODO_OK);
    REQUIRE(todo_uuid_compare(&read, id) == 0);
}

static void check_time(json_object *object, const char *name, todo_time time)
{
    todo_time read, first, last;

    REQUIRE(todo_time_parse("0000-01-01T00:00:00Z", &first, NULL) == TODO_OK);
    REQUIRE(todo_time_parse("9999-12-31T23:59:59.999999Z", &last, NULL) == TODO_OK);
    REQUIRE(todo_time_parse(member(object, name), &read, NULL) == TODO_OK);
    REQUIRE(read == (time < first ? first : time > last ? last : time));
}

static void check_item(json_object *object, const todo_item *item)
{
    REQUIRE(json_object_object_length(object) == 8);
    check_id(object, "id", &item->id);
    check_id(object, "user_id", &item->user_id);
    check_text(object, "title", item->title);
    check_text(object, "description", item->description);
    REQUIRE(json_object_get_boolean(json_object_object_get(object, "completed")) == item->completed);
    check_time(object, "created_at", item->created_at);
    check_time(object, "updated_at", item->updated_at);
    REQUIRE(json_object_get_int64(json_object_object_get(object, "version")) == item->version);
}

static void check(const todo_item *item)
{
    todo_buffer *buffer = NULL;
    todo_json *json = NULL;
    json_object *object;
    const char *text;

    REQUIRE(todo_buffer_new(&buffer, NULL) == TODO_OK);
    REQUIRE(todo_buffer_append(buffer, "before", 6, NULL) == TODO_OK);
    REQUIRE(todo_json_write_item(buffer, item, NULL) == TODO_OK);
    text = todo_buffer_data(buffer);
    REQUIRE(strlen(text) == todo_buffer_length(buffer) && memcmp(text, "before", 6) == 0);
    REQUIRE(todo_json_parse(text + 6, strlen(text) - 6, &json, NULL) == TODO_OK);
    object = json_tokener_parse(text + 6);
    check_item(object, item);
    json_object_put(object);
    todo_json_free(json);
    todo_buffer_free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    todo_item item = {0};
    uint8_t flags;
    char *texts = malloc(size + 2), *description;

    REQUIRE(texts != NULL);
    take(&data, &size, &flags, sizeof(flags));
    take(&data, &size, &item.id, sizeof(item.id));
    take(&data, &size, &item.user_id, sizeof(item.user_id));
    take(&data, &size, &item.created_at, sizeof(item.created_at));
    take(&data, &size, &item.updated_at, sizeof(item.updated_at));
    take(&data, &size, &item.version, sizeof(item.version));
    memcpy(texts, data, size);
    texts[size] = texts[size + 1] = '\0';
    description = texts + strlen(texts) + 1;
    item.title = texts;
    item.description = flags & 1 ? description : NULL;
    item.completed = (flags & 2) != 0;
    check(&item);
    free(texts);
    return 0;
}
