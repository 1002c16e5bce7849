/* Any bytes: refused, or a document that says the same when json-c has written it down again. */
#include "fuzz.h"

#include <math.h>

#include <json-c/json.h>
#include <json-c/json_visit.h>

#include <todo/json.h>

#include "json/document.h"

static int look_for_infinity(json_object *value, int flags, json_object *parent, const char *name,
                             size_t *index, void *found)
{
    (void)flags;
    (void)parent;
    (void)name;
    (void)index;
    if (json_object_is_type(value, json_type_double) && !isfinite(json_object_get_double(value)))
        *(bool *)found = true;
    return JSON_C_VISIT_RETURN_CONTINUE;
}

/* A number beyond what a double holds, such as 1e400, is taken in a member that is ignored, but json-c cannot write it. */
static bool has_infinity(const todo_json *json)
{
    bool found = false;

    json_c_visit(json->root, 0, look_for_infinity, &found);
    return found;
}

static void read_everything(todo_json *json)
{
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_registration registration = TODO_REGISTRATION_INIT;
    const todo_item_draft *const *drafts = NULL;
    const char *text = NULL;
    size_t count = 0;

    if (todo_json_read_draft(json, &draft, NULL) == TODO_OK)
        REQUIRE(draft.title != NULL);
    if (todo_json_read_batch(json, &drafts, &count, NULL) == TODO_OK)
        for (size_t i = 0; i < count; i++)
            REQUIRE(drafts[i]->title != NULL && drafts[i]->size == sizeof(todo_item_draft));
    if (todo_json_read_patch(json, &patch, NULL) == TODO_OK)
        REQUIRE((patch.title.presence == TODO_VALUE) == (patch.title.value != NULL));
    if (todo_json_read_registration(json, &registration, NULL) == TODO_OK)
        REQUIRE(registration.email != NULL && registration.password != NULL);
    if (todo_json_read_string(json, "email", &text, NULL) == TODO_OK)
        REQUIRE(text != NULL);
}

static void check_document(todo_json *json)
{
    const char *text = json_object_to_json_string_ext(json->root, JSON_C_TO_STRING_PLAIN);
    todo_json *again = NULL;

    REQUIRE(todo_json_parse(text, strlen(text), &again, NULL) == TODO_OK);
    REQUIRE(json_object_equal(json->root, again->root));
    todo_json_free(again);
}

/* The same document with its first member a second time, spelled in escapes: refused. */
static void check_duplicate(const todo_json *json)
{
    const char *text = json_object_to_json_string_ext(json->root, JSON_C_TO_STRING_PLAIN), *name;
    struct json_object_iterator first;
    todo_json *again = NULL;
    todo_error error = TODO_ERROR_INIT;
    char *twice, *end;

    if (!json_object_is_type(json->root, json_type_object) || json_object_object_length(json->root) == 0)
        return;
    first = json_object_iter_begin(json->root);
    name = json_object_iter_peek_name(&first);
    twice = malloc(strlen(text) + 6 * strlen(name) + 32);
    REQUIRE(twice != NULL);
    end = stpcpy(twice, text) - 1;
    end = stpcpy(end, ",\"");
    for (; *name != '\0'; name++)
        end += (unsigned char)*name < 0x80 ? sprintf(end, "\\u%04x", *name) : sprintf(end, "%c", *name);
    strcpy(end, "\":null}");
    REQUIRE(todo_json_parse(twice, strlen(twice), &again, &error) == TODO_ERR_INVALID);
    REQUIRE(strcmp(error.code, "json_duplicate_member") == 0);
    free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    todo_json *json = NULL;
    todo_error error = TODO_ERROR_INIT;
    todo_status status = todo_json_parse((const char *)data, size, &json, &error);

    if (status != TODO_OK) {
        REQUIRE(status == TODO_ERR_INVALID && error.code[0] != '\0' && error.message[0] != '\0' &&
                json == NULL);
        return 0;
    }
    if (!has_infinity(json)) {
        check_document(json);
        check_duplicate(json);
    }
    read_everything(json);
    todo_json_free(json);
    return 0;
}
