#include "testing.h"

#include <stdio.h>

#include <todo/json.h>

static todo_json *parsed(const char *text)
{
    todo_json *json = NULL;

    assert_int_equal(todo_json_parse(text, strlen(text), &json, NULL), TODO_OK);
    return json;
}

static void a_draft_is_read(void **state)
{
    todo_json *json =
        parsed("{\"description\":\"oat\",\"title\":\" Milk \\u0026 h\xC3\xB6ney \",\"unknown\":[1]}");
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;

    (void)state;
    assert_int_equal(todo_json_read_draft(json, &draft, NULL), TODO_OK);
    assert_string_equal(draft.title, " Milk & h\xC3\xB6ney ");
    assert_string_equal(draft.description, "oat");
    assert_null(draft.id);
    todo_json_free(json);
}

static void absent_and_null_are_the_same_for_what_a_draft_may_lack(void **state)
{
    static const char *const texts[] = {"{\"title\":\"a\"}",
                                        "{\"title\":\"a\",\"description\":null,\"id\":null}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        todo_json *json = parsed(texts[i]);
        todo_item_draft draft = TODO_ITEM_DRAFT_INIT;

        assert_int_equal(todo_json_read_draft(json, &draft, NULL), TODO_OK);
        assert_null(draft.description);
        assert_null(draft.id);
        todo_json_free(json);
    }
}

static void a_draft_may_bring_its_id(void **state)
{
    todo_json *json = parsed("{\"title\":\"a\",\"id\":\"0190D2A4-7f3b-7cde-8f01-23456789abcd\"}");
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    char text[TODO_UUID_TEXT_SIZE];

    (void)state;
    assert_int_equal(todo_json_read_draft(json, &draft, NULL), TODO_OK);
    assert_non_null(draft.id);
    todo_uuid_format(draft.id, text);
    assert_string_equal(text, "0190d2a4-7f3b-7cde-8f01-23456789abcd");
    todo_json_free(json);
}

/* A body, and how it is refused. */
typedef struct refusal {
    const char *text;
    todo_status status;
    const char *code, *field, *message;
} refusal;

static void assert_refusal(const refusal *expected, todo_status status, const todo_error *error)
{
    if (status != expected->status || strcmp(error->code, expected->code) != 0 ||
        strcmp(error->field, expected->field) != 0 || strcmp(error->message, expected->message) != 0)
        fail_msg("%s: status %d, code %s, field %s, message %s", expected->text, status, error->code,
                 error->field, error->message);
}

#define TYPE(text, field, message)                                   \
    {                                                                \
        text, TODO_ERR_UNPROCESSABLE, "type_invalid", field, message \
    }
#define MISSING(text, field, message)                                  \
    {                                                                  \
        text, TODO_ERR_UNPROCESSABLE, "member_missing", field, message \
    }

static void a_draft_of_the_wrong_shape_is_refused_with_its_field(void **state)
{
    static const refusal refusals[] = {
        TYPE("null", "", "the value must be an object"),
        TYPE("1", "", "the value must be an object"),
        TYPE("\"title\"", "", "the value must be an object"),
        TYPE("[{\"title\":\"a\"}]", "", "the value must be an object"),
        MISSING("{}", "title", "title is required"),
        MISSING("{\"Title\":\"a\"}", "title", "title is required"),
        TYPE("{\"title\":null}", "title", "title must be a string"),
        TYPE("{\"title\":1}", "title", "title must be a string"),
        TYPE("{\"title\":true}", "title", "title must be a string"),
        TYPE("{\"title\":[\"a\"]}", "title", "title must be a string"),
        TYPE("{\"title\":{}}", "title", "title must be a string"),
        TYPE("{\"title\":\"a\",\"description\":1.5}", "description", "description must be a string"),
        TYPE("{\"title\":\"a\",\"description\":false}", "description", "description must be a string"),
        TYPE("{\"title\":\"a\",\"id\":7}", "id", "id must be a string"),
        TYPE("{\"title\":\"a\",\"completed\":1}", "completed", "completed must be true or false"),
        {"{\"title\":\"a\",\"completed\":null}", TODO_ERR_INVALID, "completed_null", "completed",
         "completed cannot be null"},
        {"{\"title\":\"a\\u0000b\"}", TODO_ERR_INVALID, "text_nul", "title",
         "a text cannot have U+0000 in it"},
        {"{\"title\":\"a\",\"description\":\"\\u0000\"}", TODO_ERR_INVALID, "text_nul", "description",
         "a text cannot have U+0000 in it"},
        {"{\"title\":\"a\",\"id\":\"7\"}", TODO_ERR_INVALID, "uuid_invalid", "id", "id must be a UUID"},
        {"{\"title\":\"a\",\"version\":2}", TODO_ERR_UNPROCESSABLE, "read_only", "version",
         "version cannot be set"},
        {"{\"title\":\"a\",\"created_at\":\"2026-01-01T00:00:00Z\"}", TODO_ERR_UNPROCESSABLE, "read_only",
         "created_at", "created_at cannot be set"},
        {"{\"title\":\"a\",\"updated_at\":\"soon\"}", TODO_ERR_INVALID, "time_invalid", "updated_at",
         "updated_at must be a time of RFC 3339"},
        TYPE("{\"title\":\"a\",\"version\":\"2\"}", "version", "version must be an integer"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        todo_json *json = parsed(refusals[i].text);
        todo_item_draft draft = {sizeof(draft), NULL, "before", NULL, false, 0};
        todo_error error = TODO_ERROR_INIT;

        assert_refusal(&refusals[i], todo_json_read_draft(json, &draft, &error), &error);
        assert_string_equal(draft.title, "before");
        todo_json_free(json);
    }
}

static void a_batch_is_read_in_order(void **state)
{
    todo_json *json = parsed("{\"todos\":[{\"title\":\"a\"},{\"title\":\"b\",\"description\":\"B\","
                             "\"id\":\"00000000-0000-0000-0000-000000000002\"},{\"title\":\"c\"}]}");
    const todo_item_draft *const *drafts = NULL, *const *again = NULL;
    size_t count = 0;

    (void)state;
    assert_int_equal(todo_json_read_batch(json, &drafts, &count, NULL), TODO_OK);
    assert_int_equal(count, 3);
    assert_int_equal(drafts[0]->size, sizeof(todo_item_draft));
    assert_string_equal(drafts[0]->title, "a");
    assert_null(drafts[0]->id);
    assert_string_equal(drafts[1]->title, "b");
    assert_string_equal(drafts[1]->description, "B");
    assert_int_equal(drafts[1]->id->bytes[15], 2);
    assert_string_equal(drafts[2]->title, "c");
    assert_int_equal(todo_json_read_batch(json, &again, &count, NULL), TODO_OK);
    assert_ptr_equal(again, drafts);
    todo_json_free(json);
}

static void an_empty_batch_is_well_formed(void **state)
{
    todo_json *json = parsed("{\"todos\":[]}");
    const todo_item_draft *const *drafts = NULL;
    size_t count = 7;

    (void)state;
    assert_int_equal(todo_json_read_batch(json, &drafts, &count, NULL), TODO_OK);
    assert_int_equal(count, 0);
    todo_json_free(json);
}

static void a_bad_batch_names_the_draft(void **state)
{
    static const refusal refusals[] = {
        TYPE("[]", "", "the value must be an object"),
        MISSING("{}", "todos", "todos is required"),
        TYPE("{\"todos\":null}", "todos", "todos must be an array"),
        TYPE("{\"todos\":{}}", "todos", "todos must be an array"),
        TYPE("{\"todos\":[{\"title\":\"a\"},null]}", "todos[1]", "the value must be an object"),
        TYPE("{\"todos\":[\"a\"]}", "todos[0]", "the value must be an object"),
        MISSING("{\"todos\":[{\"title\":\"a\"},{\"title\":\"b\"},{}]}", "todos[2].title",
                "title is required"),
        TYPE("{\"todos\":[{\"title\":7}]}", "todos[0].title", "title must be a string"),
        {"{\"todos\":[{\"title\":\"a\",\"id\":\"x\"}]}", TODO_ERR_INVALID, "uuid_invalid", "todos[0].id",
         "id must be a UUID"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        todo_json *json = parsed(refusals[i].text);
        const todo_item_draft *const *drafts = NULL;
        size_t count = 7;
        todo_error error = TODO_ERROR_INIT;

        assert_refusal(&refusals[i], todo_json_read_batch(json, &drafts, &count, &error), &error);
        assert_int_equal(count, 7);
        todo_json_free(json);
    }
}

static todo_status read_batch_of(size_t size, size_t *count, todo_error *error)
{
    static char text[(TODO_BATCH_MAX + 1) * 16 + 32];
    char *end = text + sprintf(text, "{\"todos\":[");
    const todo_item_draft *const *drafts = NULL;
    todo_json *json;
    todo_status status;

    for (size_t i = 0; i < size; i++)
        end += sprintf(end, "%s{\"title\":\"a\"}", i == 0 ? "" : ",");
    strcpy(end, "]}");
    json = parsed(text);
    status = todo_json_read_batch(json, &drafts, count, error);
    todo_json_free(json);
    return status;
}

static void a_batch_has_a_limit(void **state)
{
    todo_error error = TODO_ERROR_INIT;
    size_t count = 0;

    (void)state;
    assert_int_equal(read_batch_of(TODO_BATCH_MAX, &count, &error), TODO_OK);
    assert_int_equal(count, TODO_BATCH_MAX);
    assert_int_equal(read_batch_of(TODO_BATCH_MAX + 1, &count, &error), TODO_ERR_TOO_LARGE);
    assert_string_equal(error.code, "batch_too_large");
}

static void a_patch_tells_absent_null_and_value_apart(void **state)
{
    todo_json *json = parsed("{\"description\":null,\"completed\":true}");
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    (void)state;
    patch.if_version = 5;
    assert_int_equal(todo_json_read_patch(json, &patch, NULL), TODO_OK);
    assert_int_equal(patch.title.presence, TODO_ABSENT);
    assert_int_equal(patch.description.presence, TODO_NULL);
    assert_int_equal(patch.completed.presence, TODO_VALUE);
    assert_true(patch.completed.value);
    assert_int_equal(patch.if_version, 5);
    todo_json_free(json);
    json = parsed("{\"title\":\"\",\"completed\":null}");
    assert_int_equal(todo_json_read_patch(json, &patch, NULL), TODO_OK);
    assert_int_equal(patch.title.presence, TODO_VALUE);
    assert_string_equal(patch.title.value, "");
    assert_int_equal(patch.description.presence, TODO_ABSENT);
    assert_int_equal(patch.completed.presence, TODO_NULL);
    todo_json_free(json);
}

static void a_whole_todo_can_be_sent_back(void **state)
{
    todo_json *json = parsed("{\"id\":\"00000000-0000-0000-0000-000000000002\",\"user_id\":\"00000000-0000-"
                             "0000-0000-000000000003\","
                             "\"title\":\"a\",\"description\":\"b\",\"completed\":false,\"created_at\":"
                             "\"2026-01-01T00:00:00.000000Z\","
                             "\"updated_at\":\"2026-01-01T00:00:00.000000Z\",\"version\":3}");
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    (void)state;
    assert_int_equal(todo_json_read_patch(json, &patch, NULL), TODO_OK);
    assert_string_equal(patch.title.value, "a");
    assert_string_equal(patch.description.value, "b");
    assert_false(patch.completed.value);
    assert_int_equal(patch.if_version, 3);
    todo_json_free(json);
}

static void a_patch_of_the_wrong_shape_is_refused_with_its_field(void **state)
{
    static const refusal refusals[] = {
        TYPE("[]", "", "the value must be an object"),
        TYPE("null", "", "the value must be an object"),
        TYPE("{\"title\":0}", "title", "title must be a string"),
        TYPE("{\"description\":{}}", "description", "description must be a string"),
        TYPE("{\"completed\":1}", "completed", "completed must be true or false"),
        TYPE("{\"completed\":\"true\"}", "completed", "completed must be true or false"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        todo_json *json = parsed(refusals[i].text);
        todo_item_patch patch = TODO_ITEM_PATCH_INIT;
        todo_error error = TODO_ERROR_INIT;

        assert_refusal(&refusals[i], todo_json_read_patch(json, &patch, &error), &error);
        todo_json_free(json);
    }
}

static void a_registration_is_read(void **state)
{
    todo_json *json = parsed("{\"email\":\"a@b.c\",\"password\":\"p\\u00e4ssword\",\"display_name\":\"A\"}");
    todo_registration registration = TODO_REGISTRATION_INIT;

    (void)state;
    assert_int_equal(todo_json_read_registration(json, &registration, NULL), TODO_OK);
    assert_string_equal(registration.email, "a@b.c");
    assert_string_equal(registration.password, "p\xC3\xA4ssword");
    assert_string_equal(registration.display_name, "A");
    todo_json_free(json);
    json = parsed("{\"email\":\"a@b.c\",\"password\":\"password\"}");
    assert_int_equal(todo_json_read_registration(json, &registration, NULL), TODO_OK);
    assert_null(registration.display_name);
    todo_json_free(json);
}

static void a_registration_of_the_wrong_shape_is_refused_with_its_field(void **state)
{
    static const refusal refusals[] = {
        TYPE("true", "", "the value must be an object"),
        MISSING("{\"password\":\"p\"}", "email", "email is required"),
        MISSING("{\"email\":\"e\"}", "password", "password is required"),
        TYPE("{\"email\":\"e\",\"password\":12345678}", "password", "password must be a string"),
        TYPE("{\"email\":[],\"password\":\"p\"}", "email", "email must be a string"),
        TYPE("{\"email\":\"e\",\"password\":\"p\",\"display_name\":0}", "display_name",
             "display_name must be a string"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        todo_json *json = parsed(refusals[i].text);
        todo_registration registration = TODO_REGISTRATION_INIT;
        todo_error error = TODO_ERROR_INIT;

        assert_refusal(&refusals[i], todo_json_read_registration(json, &registration, &error), &error);
        todo_json_free(json);
    }
}

static void a_string_member_is_read_by_name(void **state)
{
    todo_json *json = parsed("{\"email\":\"a@b.c\",\"age\":7}");
    const char *text = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_json_read_string(json, "email", &text, NULL), TODO_OK);
    assert_string_equal(text, "a@b.c");
    assert_int_equal(todo_json_read_string(json, "age", &text, &error), TODO_ERR_UNPROCESSABLE);
    assert_string_equal(error.code, "type_invalid");
    assert_int_equal(todo_json_read_string(json, "name", &text, &error), TODO_ERR_UNPROCESSABLE);
    assert_string_equal(error.code, "member_missing");
    assert_string_equal(text, "a@b.c");
    todo_json_free(json);
}

static void null_and_wrong_sizes_are_refused(void **state)
{
    todo_json *json = parsed("{\"title\":\"a\",\"todos\":[],\"email\":\"e\",\"password\":\"p\"}");
    todo_item_draft draft = TODO_ITEM_DRAFT_INIT;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_registration registration = TODO_REGISTRATION_INIT;
    const todo_item_draft *const *drafts = NULL;
    const char *text = NULL;
    size_t count = 0;

    (void)state;
    assert_int_equal(todo_json_read_draft(NULL, &draft, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_draft(json, NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_patch(NULL, &patch, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_patch(json, NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_registration(NULL, &registration, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_registration(json, NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_batch(NULL, &drafts, &count, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_batch(json, NULL, &count, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_batch(json, &drafts, NULL, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_string(NULL, "email", &text, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_string(json, NULL, &text, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_string(json, "email", NULL, NULL), TODO_ERR_INVALID);
    draft.size = patch.size = registration.size = 0;
    assert_int_equal(todo_json_read_draft(json, &draft, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_patch(json, &patch, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_json_read_registration(json, &registration, NULL), TODO_ERR_INVALID);
    todo_json_free(json);
}

static void an_older_draft_is_written_no_further_than_it_reaches(void **state)
{
    todo_json *json = parsed("{\"title\":\"a\",\"description\":\"b\"}");
    todo_item_draft draft = {offsetof(todo_item_draft, description), NULL, NULL, "beyond", true, 0};

    (void)state;
    assert_int_equal(todo_json_read_draft(json, &draft, NULL), TODO_OK);
    assert_string_equal(draft.title, "a");
    assert_string_equal(draft.description, "beyond");
    todo_json_free(json);
}

/* What a client cannot change is honoured where it says what is so, and refused by its name where it does not. */
static void read_only_members_must_say_what_is_so(void **state)
{
    static const refusal refusals[] = {
        {"{\"version\":8}", TODO_ERR_PRECONDITION, "precondition_failed", "version",
         "the version is not the current one"},
        {"{\"version\":8,\"updated_at\":\"2026-01-01T00:00:00Z\"}", TODO_ERR_PRECONDITION,
         "precondition_failed", "version", "the version is not the current one"},
        {"{\"created_at\":\"2026-01-01T00:00:00Z\"}", TODO_ERR_UNPROCESSABLE, "read_only", "created_at",
         "created_at cannot be set"},
        {"{\"id\":\"00000000-0000-0000-0000-000000000002\"}", TODO_ERR_UNPROCESSABLE, "read_only", "id",
         "id cannot be set"},
        {"{\"deleted_at\":\"2026-01-01T00:00:00Z\"}", TODO_ERR_UNPROCESSABLE, "read_only", "deleted_at",
         "deleted_at cannot be set"},
        {"{\"version\":null}", TODO_ERR_PRECONDITION, "precondition_failed", "version",
         "the version is not the current one"},
        TYPE("{\"user_id\":1}", "user_id", "user_id must be a string"),
    };
    const todo_item item = {.title = "a", .created_at = 1, .updated_at = 2, .version = 7};
    todo_buffer *buffer = NULL;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_json *json;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        todo_error error = TODO_ERROR_INIT;

        json = parsed(refusals[i].text);
        assert_true(todo_json_has_read_only(json));
        assert_refusal(&refusals[i], todo_json_check_read_only(json, &item, &error), &error);
        todo_json_free(json);
    }
    json = parsed("{\"title\":\"b\",\"unknown\":1}");
    assert_false(todo_json_has_read_only(json));
    todo_json_free(json);
    /* A whole todo that is sent back. */
    assert_int_equal(todo_buffer_new(&buffer, NULL), TODO_OK);
    assert_int_equal(todo_json_write_item(buffer, &item, NULL), TODO_OK);
    json = parsed(todo_buffer_data(buffer));
    assert_int_equal(todo_json_check_read_only(json, &item, NULL), TODO_OK);
    assert_int_equal(todo_json_read_patch(json, &patch, NULL), TODO_OK);
    assert_int_equal(patch.if_version, 7);
    todo_json_free(json);
    todo_buffer_free(buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_only_members_must_say_what_is_so),
        cmocka_unit_test(a_draft_is_read),
        cmocka_unit_test(absent_and_null_are_the_same_for_what_a_draft_may_lack),
        cmocka_unit_test(a_draft_may_bring_its_id),
        cmocka_unit_test(a_draft_of_the_wrong_shape_is_refused_with_its_field),
        cmocka_unit_test(a_batch_is_read_in_order),
        cmocka_unit_test(an_empty_batch_is_well_formed),
        cmocka_unit_test(a_bad_batch_names_the_draft),
        cmocka_unit_test(a_batch_has_a_limit),
        cmocka_unit_test(a_patch_tells_absent_null_and_value_apart),
        cmocka_unit_test(a_whole_todo_can_be_sent_back),
        cmocka_unit_test(a_patch_of_the_wrong_shape_is_refused_with_its_field),
        cmocka_unit_test(a_registration_is_read),
        cmocka_unit_test(a_registration_of_the_wrong_shape_is_refused_with_its_field),
        cmocka_unit_test(a_string_member_is_read_by_name),
        cmocka_unit_test(null_and_wrong_sizes_are_refused),
        cmocka_unit_test(an_older_draft_is_written_no_further_than_it_reaches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
