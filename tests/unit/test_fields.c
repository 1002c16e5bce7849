#include "testing.h"

#include <string.h>

#include "domain/fields.h"

static todo_item sample(void)
{
    return (todo_item){.id = {{1, 2, 3}},
                       .user_id = {{4, 5, 6}},
                       .title = "milk",
                       .description = "oat",
                       .completed = true,
                       .created_at = 10,
                       .updated_at = 20,
                       .version = 7,
                       .deleted_at = 30,
                       .modseq = 12,
                       .priority = 2};
}

static size_t size_of(const todo_field *field)
{
    switch (field->kind) {
    case TODO_KIND_UUID:
        return sizeof(todo_uuid);
    case TODO_KIND_TEXT:
        return sizeof(char *);
    case TODO_KIND_FLAG:
        return sizeof(bool);
    default:
        return sizeof(int64_t);
    }
}

/* Marks the bytes of a member, which no other row may have marked, with the padding up to the next multiple of 8. */
static void mark(unsigned char *bytes, size_t offset, size_t size)
{
    for (size_t i = 0; i < ((size + 7) & ~(size_t)7); i++)
        bytes[offset + i]++;
}

/* A member of the structs that has no row would be left out of every store, cache and file. */
static void every_member_has_a_row(void **state)
{
    unsigned char item[sizeof(todo_item)] = {0}, draft[sizeof(todo_item_draft)] = {0};
    unsigned char patch[sizeof(todo_item_patch)] = {0};

    (void)state;
    mark(item, offsetof(todo_item, reserved), sizeof(void *));
    mark(draft, offsetof(todo_item_draft, size), sizeof(size_t));
    mark(patch, offsetof(todo_item_patch, size), sizeof(size_t));
    mark(patch, offsetof(todo_item_patch, if_version), sizeof(int64_t));
    for (size_t i = 0; i < todo_item_field_count(); i++) {
        const todo_field *field = todo_item_field_at(i);

        mark(item, field->item, size_of(field));
        if (field->uses & TODO_USE_DRAFT)
            mark(draft, field->draft, field->kind == TODO_KIND_UUID ? sizeof(todo_uuid *) : size_of(field));
        if (field->uses & TODO_USE_PATCH)
            mark(patch, field->patch,
                 field->kind == TODO_KIND_FLAG ? sizeof(todo_patch_flag) : sizeof(todo_patch_text));
    }
    for (size_t i = 0; i < sizeof(item); i++)
        assert_int_equal(item[i], 1);
    for (size_t i = 0; i < sizeof(draft); i++)
        assert_int_equal(draft[i], 1);
    for (size_t i = 0; i < sizeof(patch); i++)
        assert_int_equal(patch[i], 1);
}

/* Cached records of other versions of the library have these numbers: a row may be added, none may change. */
static void numbers_are_for_ever(void **state)
{
    static const char *const names[] = {
        NULL,         "id",         "user_id", "title",      "description", "completed",
        "created_at", "updated_at", "version", "deleted_at", "modseq",      "priority",
    };

    (void)state;
    assert_int_equal(todo_item_field_count(), sizeof(names) / sizeof(names[0]) - 1);
    for (size_t i = 0; i < todo_item_field_count(); i++) {
        const todo_field *field = todo_item_field_at(i);

        assert_true(field->number > 0 && field->number < sizeof(names) / sizeof(names[0]));
        assert_string_equal(field->name, names[field->number]);
        assert_ptr_equal(todo_item_field_find(field->name), field);
    }
    assert_null(todo_item_field_at(todo_item_field_count()));
    assert_null(todo_item_field_find("none"));
    assert_null(todo_item_field_find(NULL));
}

static void a_value_becomes_text_and_comes_back(void **state)
{
    const todo_item item = sample();
    todo_item copy = {.reserved = NULL};

    (void)state;
    for (size_t i = 0; i < todo_item_field_count(); i++) {
        const todo_field *field = todo_item_field_at(i);
        char room[TODO_FIELD_TEXT_SIZE];

        assert_false(todo__field_equal(field, &item, &copy));
        assert_int_equal(todo_field_parse(field, todo_field_format(field, &item, room), &copy, NULL),
                         TODO_OK);
        assert_true(todo__field_equal(field, &item, &copy));
    }
}

static void null_is_taken_where_it_may_be(void **state)
{
    todo_item item = sample();
    char room[TODO_FIELD_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < todo_item_field_count(); i++) {
        const todo_field *field = todo_item_field_at(i);
        bool may = (field->uses & TODO_USE_NULLABLE) != 0;

        assert_int_equal(todo_field_parse(field, NULL, &item, NULL), may ? TODO_OK : TODO_ERR_INVALID);
        assert_int_equal(todo_field_format(field, &item, room) == NULL, may);
    }
}

static void what_is_no_value_is_refused_by_name(void **state)
{
    static const struct {
        const char *field, *text, *code;
    } cases[] = {
        {"id", "12", "uuid_invalid"},
        {"completed", "yes", "flag_invalid"},
        {"created_at", "yesterday", "time_invalid"},
        {"version", "", "number_invalid"},
        {"version", " 1", "number_invalid"},
        {"version", "1x", "number_invalid"},
        {"version", "9223372036854775808", "number_invalid"},
        {"version", "0", "version_invalid"},
        {"version", "9007199254740992", "version_invalid"},
        {"title", NULL, "null_invalid"},
    };
    todo_item item = sample();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        todo_error error = TODO_ERROR_INIT;
        const todo_field *field = todo_item_field_find(cases[i].field);

        assert_int_equal(todo_field_parse(field, cases[i].text, &item, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, cases[i].code);
        assert_string_equal(error.field, cases[i].field);
    }
    assert_int_equal(todo_field_parse(todo_item_field_find("completed"), "TRUE", &item, NULL), TODO_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_has_a_row),
        cmocka_unit_test(numbers_are_for_ever),
        cmocka_unit_test(a_value_becomes_text_and_comes_back),
        cmocka_unit_test(null_is_taken_where_it_may_be),
        cmocka_unit_test(what_is_no_value_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
