#include "testing.h"

#include <todo/port/build.h>

static const todo_item *build(const char *description)
{
    todo_item members = {.id = {{1}},
                         .user_id = {{2}},
                         .title = "milk",
                         .description = description,
                         .created_at = 10,
                         .updated_at = 20,
                         .version = 1};
    const todo_item *item = NULL;

    assert_int_equal(todo_item_build(&members, sizeof(members), &item, NULL), TODO_OK);
    return item;
}

static void an_item_keeps_copies_of_its_strings(void **state)
{
    char title[] = "milk";
    todo_item members = {.title = title};
    const todo_item *item = NULL;

    (void)state;
    assert_int_equal(todo_item_build(&members, sizeof(members), &item, NULL), TODO_OK);
    title[0] = 'X';
    assert_string_equal(item->title, "milk");
    assert_null(item->description);
    assert_ptr_equal(todo_item_ref(item), item);
    todo_item_unref(item);
    todo_item_unref(item);
    todo_item_unref(NULL);
}

static void a_reference_of_a_borrowed_item_is_a_copy(void **state)
{
    todo_item borrowed = {.title = "milk", .description = "two litres", .version = 3};
    const todo_item *kept = todo_item_ref(&borrowed);

    (void)state;
    assert_ptr_not_equal(kept, &borrowed);
    assert_string_equal(kept->title, "milk");
    assert_string_equal(kept->description, "two litres");
    assert_int_equal(kept->version, 3);
    todo_item_unref(&borrowed);
    todo_item_unref(kept);
}

static void an_item_needs_a_title(void **state)
{
    todo_item members = {0};
    const todo_item *item = NULL;

    (void)state;
    assert_int_equal(todo_item_build(&members, sizeof(members), &item, NULL), TODO_ERR_INVALID);
    assert_int_equal(todo_item_build(NULL, sizeof(members), &item, NULL), TODO_ERR_INVALID);
    assert_null(item);
}

static void an_item_from_outside_obeys_the_rules(void **state)
{
    todo_error error = TODO_ERROR_INIT;
    todo_item members = {0};
    const todo_item *item = NULL;

    (void)state;
    members.title = " Buy milk ";
    members.completed = true;
    members.created_at = 1;
    members.updated_at = 2;
    members.version = 3;
    assert_int_equal(todo_item_admit(&members, sizeof(members), &item, &error), TODO_OK);
    assert_string_equal(item->title, "Buy milk");
    assert_null(item->description);
    assert_true(item->completed && item->created_at == 1 && item->updated_at == 2 && item->version == 3);
    todo_item_unref(item);

    members.version = 0;
    assert_int_equal(todo_item_admit(&members, sizeof(members), &item, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "version_invalid");
    members.version = 1;
    members.description = "\xff";
    assert_int_equal(todo_item_admit(&members, sizeof(members), &item, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "utf8_invalid");
    members.title = " ";
    assert_int_equal(todo_item_admit(&members, sizeof(members), &item, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "title_empty");
    members.title = NULL;
    assert_int_equal(todo_item_admit(&members, sizeof(members), &item, &error), TODO_ERR_INVALID);
    assert_int_equal(todo_item_admit(NULL, sizeof(members), &item, &error), TODO_ERR_INVALID);
}

static void a_patch_tells_absent_from_null_from_value(void **state)
{
    const todo_item *item = build("two litres"), *changed = NULL;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    (void)state;
    patch.completed = (todo_patch_flag){TODO_VALUE, true};
    assert_int_equal(todo_item_apply(item, &patch, 30, &changed, NULL), TODO_OK);
    assert_string_equal(changed->title, "milk");
    assert_string_equal(changed->description, "two litres");
    assert_true(changed->completed);
    assert_int_equal(changed->version, 2);
    assert_int_equal(changed->created_at, 10);
    assert_int_equal(changed->updated_at, 30);
    todo_item_unref(changed);

    patch.description.presence = TODO_NULL;
    patch.title = (todo_patch_text){TODO_VALUE, "oat milk"};
    assert_int_equal(todo_item_apply(item, &patch, 5, &changed, NULL), TODO_OK);
    assert_string_equal(changed->title, "oat milk");
    assert_null(changed->description);
    assert_int_equal(changed->updated_at, 21);
    todo_item_unref(changed);
    todo_item_unref(item);
}

static void a_patch_of_another_version_is_refused(void **state)
{
    const todo_item *item = build(NULL), *changed = NULL;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    (void)state;
    patch.if_version = 2;
    assert_int_equal(todo_item_apply(item, &patch, 30, &changed, NULL), TODO_ERR_PRECONDITION);
    assert_null(changed);
    patch.if_version = 1;
    assert_int_equal(todo_item_apply(item, &patch, 30, &changed, NULL), TODO_OK);
    todo_item_unref(changed);
    todo_item_unref(item);
}

static void a_patch_that_changes_no_value_changes_nothing(void **state)
{
    const todo_item *item = build(NULL), *same = NULL;
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;

    (void)state;
    assert_int_equal(todo_item_apply(item, &patch, 30, &same, NULL), TODO_OK);
    assert_true(same->version == item->version && same->updated_at == item->updated_at);
    todo_item_unref(same);
    patch.title = (todo_patch_text){TODO_VALUE, "milk"};
    patch.description = (todo_patch_text){TODO_NULL, NULL};
    patch.completed = (todo_patch_flag){TODO_VALUE, false};
    assert_int_equal(todo_item_apply(item, &patch, 30, &same, NULL), TODO_OK);
    assert_true(same->version == item->version && same->updated_at == item->updated_at);
    todo_item_unref(same);
    patch.description = (todo_patch_text){TODO_VALUE, ""};
    assert_int_equal(todo_item_apply(item, &patch, 30, &same, NULL), TODO_OK);
    assert_true(same->version == item->version + 1 && same->updated_at == 30);
    todo_item_unref(same);
    todo_item_unref(item);
}

static void a_user_hides_its_hash_from_all_but_implementers(void **state)
{
    todo_user_fields fields = {
        .size = sizeof(fields), .email = "a@b.c", .display_name = "Ann", .password_hash = "$y$hash"};
    const todo_user *user = NULL, *kept;
    todo_user borrowed = {.email = "a@b.c"};

    (void)state;
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_OK);
    assert_string_equal(user->email, "a@b.c");
    assert_string_equal(user->display_name, "Ann");
    assert_string_equal(todo_user_password_hash(user), "$y$hash");
    assert_null(todo_user_password_hash(&borrowed));
    kept = todo_user_ref(&borrowed);
    assert_string_equal(kept->email, "a@b.c");
    todo_user_unref(kept);
    todo_user_unref(user);
    fields.password_hash = NULL;
    assert_int_equal(todo_user_build(&fields, &user, NULL), TODO_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_from_outside_obeys_the_rules),
        cmocka_unit_test(an_item_keeps_copies_of_its_strings),
        cmocka_unit_test(a_reference_of_a_borrowed_item_is_a_copy),
        cmocka_unit_test(an_item_needs_a_title),
        cmocka_unit_test(a_patch_tells_absent_from_null_from_value),
        cmocka_unit_test(a_patch_of_another_version_is_refused),
        cmocka_unit_test(a_patch_that_changes_no_value_changes_nothing),
        cmocka_unit_test(a_user_hides_its_hash_from_all_but_implementers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
