/* One todo: created, read, changed, removed, in batches, and kept from others. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>

#define TODOS   "/api/todos"
#define BATCH   "/api/todos/batch"
#define UNKNOWN "01890a5d-ac96-774b-bcce-b302099a8057"

static void creating_answers_with_the_todo(void **state)
{
    api *self = *state;
    json_object *todo, *read;
    char location[128];

    todo =
        api_call(self, self->alice, "POST", TODOS, "{\"title\":\"Milk\",\"description\":\"two pints\"}", 201);
    check_todo(todo, self->alice);
    assert_string_equal(json_text(todo, "title"), "Milk");
    assert_string_equal(json_text(todo, "description"), "two pints");
    assert_false(json_object_get_boolean(json_member(todo, "completed", json_type_boolean)));
    assert_string_equal(json_text(todo, "created_at"), json_text(todo, "updated_at"));
    assert_string_equal(api_field(self, "ETag"), "\"1\"");
    snprintf(location, sizeof(location), "%s", api_field(self, "Location"));
    read = api_call(self, self->alice, "GET", location, NULL, 200);
    assert_true(json_object_equal(todo, read));
    json_object_put(todo);
    json_object_put(read);
}

static void a_title_is_trimmed(void **state)
{
    api *self = *state;
    json_object *todo =
        api_call(self, self->alice, "POST", TODOS, "{\"title\":\" \\t\xE3\x80\x80Milk and honey \\n\"}", 201);
    json_object *description = todo;

    assert_string_equal(json_text(todo, "title"), "Milk and honey");
    assert_true(json_object_object_get_ex(todo, "description", &description));
    assert_null(description);
    json_object_put(todo);
}

static void any_text_survives(void **state)
{
    static const char text[] = "\"\\/\b\f\n\r\t<>&' \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 \x01\x7F";
    api *self = *state;
    json_object *draft = json_object_new_object(), *todo;

    json_object_object_add(draft, "title", json_object_new_string("x"));
    json_object_object_add(draft, "description", json_object_new_string(text));
    todo = api_call(self, self->alice, "POST", TODOS, json_object_to_json_string(draft), 201);
    assert_string_equal(json_text(todo, "description"), text);
    json_object_put(draft);
    json_object_put(todo);
}

static void a_title_has_at_most_200_characters(void **state)
{
    api *self = *state;
    char title[201 * 4 + 1] = "", body[1024];
    json_object *todo;

    for (int i = 0; i < 200; i++)
        strcat(title, "\xF0\x9F\x98\x80");
    snprintf(body, sizeof(body), "{\"title\":\"  %s  \"}", title);
    todo = api_call(self, self->alice, "POST", TODOS, body, 201);
    assert_string_equal(json_text(todo, "title"), title);
    json_object_put(todo);
    snprintf(body, sizeof(body), "{\"title\":\"%sx\"}", title);
    api_fails(self, self->alice, "POST", TODOS, body, 400, "title_too_long", NULL);
}

static void a_blank_title_is_400(void **state)
{
    static const char *const bodies[] = {"{\"title\":\"\"}", "{\"title\":\"   \"}",
                                         "{\"title\":\"\\t\\n\xC2\xA0\xE3\x80\x80\"}"};
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        api_fails(self, self->alice, "POST", TODOS, bodies[i], 400, "title_empty", "title cannot be empty");
}

static void missing_members_and_wrong_types_are_422(void **state)
{
    static const char *const bodies[] = {"{}",
                                         "{\"description\":\"x\"}",
                                         "{\"title\":1}",
                                         "{\"title\":null}",
                                         "{\"title\":[\"x\"]}",
                                         "{\"title\":{}}",
                                         "{\"title\":true}",
                                         "{\"title\":\"x\",\"description\":5}",
                                         "[]",
                                         "\"title\"",
                                         "null"};
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        json_object_put(api_call(self, self->alice, "POST", TODOS, bodies[i], 422));
}

static void unknown_members_are_ignored(void **state)
{
    api *self = *state;
    json_object *todo =
        api_call(self, self->alice, "POST", TODOS, "{\"title\":\"x\",\"colour\":{\"deep\":[1]}}", 201);

    check_todo(todo, self->alice);
    json_object_put(todo);
}

static void a_client_may_choose_the_id_once(void **state)
{
    api *self = *state;
    char first[40], body[128];
    json_object *todo;

    api_create(self, self->alice, "taken", first);
    first[35] = first[35] == '0' ? '1' : '0';
    snprintf(body, sizeof(body), "{\"title\":\"mine\",\"id\":\"%s\"}", first);
    todo = api_call(self, self->alice, "POST", TODOS, body, 201);
    assert_string_equal(json_text(todo, "id"), first);
    json_object_put(todo);
    api_fails(self, self->alice, "POST", TODOS, body, 409, "id_exists", NULL);
    /* What another user has is neither taken nor seen. */
    api_fails(self, self->bob, "GET", api_path(first), NULL, 404, "not_found", NULL);
    snprintf(body, sizeof(body), "{\"title\":\"his\",\"id\":\"%s\"}", first);
    json_object_put(api_call(self, self->bob, "POST", TODOS, body, 201));
    for (int i = 0; i < 2; i++) {
        todo = api_call(self, self->bob, "GET", api_path(first), NULL, 200);
        assert_string_equal(json_text(todo, "title"), "his");
        json_object_put(todo);
        todo = api_call(self, self->alice, "GET", api_path(first), NULL, 200);
        assert_string_equal(json_text(todo, "title"), "mine");
        json_object_put(todo);
    }
}

static void reading_an_unknown_todo_is_404(void **state)
{
    api *self = *state;

    api_fails(self, self->alice, "GET", api_path(UNKNOWN), NULL, 404, "not_found", "not found");
    api_fails(self, self->alice, "PATCH", api_path(UNKNOWN), "{\"completed\":true}", 404, "not_found",
              "not found");
    api_fails(self, self->alice, "DELETE", api_path(UNKNOWN), NULL, 404, "not_found", "not found");
}

static void a_path_without_a_uuid_is_404(void **state)
{
    static const char *const ids[] = {"x",
                                      "1",
                                      "01890a5d-ac96-774b-bcce-b302099a805",
                                      "",
                                      "with-files",
                                      "01890a5d-ac96-774b-bcce-b302099a80577",
                                      "01890a5dac96774bbcceb302099a8057",
                                      "01890a5d-ac96-774b-bcce-b302099a805g",
                                      UNKNOWN "/",
                                      UNKNOWN "/x",
                                      "{01890a5d-ac96-774b-bcce-b302099a8057}"};
    static const char *const methods[] = {"GET", "PATCH", "DELETE"};
    api *self = *state;

    for (size_t i = 0; i < COUNT_OF(ids); i++)
        for (size_t j = 0; j < COUNT_OF(methods); j++)
            api_fails(self, self->alice, methods[j], api_path(ids[i]), j == 1 ? "{}" : NULL, 404, "not_found",
                      "not found");
}

static void an_id_is_found_in_upper_case_too(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "upper", id);
    for (char *at = id; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'f')
            *at = (char)(*at - 'a' + 'A');
    json_object_put(api_call(self, self->alice, "GET", api_path(id), NULL, 200));
}

static void patching_changes_what_is_there_only(void **state)
{
    api *self = *state;
    json_object *todo =
        api_call(self, self->alice, "POST", TODOS, "{\"title\":\"a\",\"description\":\"b\"}", 201);
    char id[40], created[40], updated[40];

    snprintf(id, sizeof(id), "%s", json_text(todo, "id"));
    snprintf(created, sizeof(created), "%s", json_text(todo, "created_at"));
    snprintf(updated, sizeof(updated), "%s", json_text(todo, "updated_at"));
    json_object_put(todo);
    todo = api_call(self, self->alice, "PATCH", api_path(id), "{\"completed\":true}", 200);
    check_todo(todo, self->alice);
    assert_string_equal(json_text(todo, "id"), id);
    assert_string_equal(json_text(todo, "title"), "a");
    assert_string_equal(json_text(todo, "description"), "b");
    assert_true(json_object_get_boolean(json_member(todo, "completed", json_type_boolean)));
    assert_string_equal(json_text(todo, "created_at"), created);
    assert_true(strcmp(json_text(todo, "updated_at"), updated) > 0);
    assert_string_equal(api_field(self, "ETag"), "\"2\"");
    json_object_put(todo);
    todo = api_call(self, self->alice, "PATCH", api_path(id), "{\"title\":\"  c \"}", 200);
    assert_string_equal(json_text(todo, "title"), "c");
    assert_string_equal(json_text(todo, "description"), "b");
    json_object_put(todo);
}

static void a_null_description_clears_it(void **state)
{
    api *self = *state;
    json_object *todo =
        api_call(self, self->alice, "POST", TODOS, "{\"title\":\"a\",\"description\":\"b\"}", 201);
    json_object *description = todo, *changed;

    changed =
        api_call(self, self->alice, "PATCH", api_path(json_text(todo, "id")), "{\"description\":null}", 200);
    assert_true(json_object_object_get_ex(changed, "description", &description));
    assert_null(description);
    json_object_put(changed);
    changed =
        api_call(self, self->alice, "PATCH", api_path(json_text(todo, "id")), "{\"description\":\"\"}", 200);
    assert_string_equal(json_text(changed, "description"), "");
    json_object_put(changed);
    json_object_put(todo);
}

static void a_bad_patch_changes_nothing(void **state)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"{\"title\":\" \",\"completed\":true}", 400},
        {"{\"title\":null}", 400},
        {"{\"completed\":null}", 400},
        {"{\"title\":\"x\",\"completed\":\"true\"}", 422},
        {"{\"completed\":1}", 422},
        {"{\"title\":7}", 422},
        {"{\"description\":{}}", 422},
        {"[]", 422},
        {"{\"completed\":", 400},
        {"", 400},
    };
    api *self = *state;
    json_object *before, *after;
    char id[40];

    api_create(self, self->alice, "steady", id);
    before = api_call(self, self->alice, "GET", api_path(id), NULL, 200);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        json_object_put(api_call(self, self->alice, "PATCH", api_path(id), cases[i].body, cases[i].status));
    after = api_call(self, self->alice, "GET", api_path(id), NULL, 200);
    assert_true(json_object_equal(before, after));
    json_object_put(before);
    json_object_put(after);
}

static void a_whole_todo_may_be_sent_back(void **state)
{
    api *self = *state;
    json_object *todo = api_call(self, self->alice, "POST", TODOS, "{\"title\":\"round\"}", 201), *changed;

    json_object_object_add(todo, "completed", json_object_new_boolean(true));
    changed = api_call(self, self->alice, "PATCH", api_path(json_text(todo, "id")),
                       json_object_to_json_string(todo), 200);
    assert_true(json_object_get_boolean(json_member(changed, "completed", json_type_boolean)));
    json_object_put(changed);
    json_object_put(todo);
}

static void a_patch_that_changes_nothing_keeps_the_version(void **state)
{
    static const char *const bodies[] = {"{}", "{\"title\":\" idle \"}",
                                         "{\"title\":\"idle\",\"description\":null,\"completed\":false}"};
    api *self = *state;
    json_object *before, *after;
    char id[40];

    api_create(self, self->alice, "idle", id);
    before = api_call(self, self->alice, "GET", api_path(id), NULL, 200);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        after = api_send(self, self->alice, "PATCH", api_path(id), i == 1 ? "If-Match: \"1\"\r\n" : NULL,
                         bodies[i], 200);
        assert_string_equal(api_field(self, "ETag"), "\"1\"");
        assert_true(json_object_equal(before, after));
        json_object_put(after);
        json_object_put(
            api_send(self, self->alice, "PATCH", api_path(id), "If-Match: \"2\"\r\n", bodies[i], 412));
    }
    json_object_put(before);
}

/* A client may send a whole todo back; a member that it cannot change is named, not dropped. */
static void read_only_members_of_a_patch_must_say_what_is_so(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *code, *message;
    } refusals[] = {
        {"{\"title\":\"b\",\"version\":2}", 412, "precondition_failed", "the version is not the current one"},
        {"{\"created_at\":\"2020-01-01T00:00:00Z\"}", 422, "read_only", "created_at cannot be set"},
        {"{\"id\":\"00000000-0000-4000-8000-000000000000\"}", 422, "read_only", "id cannot be set"},
        {"{\"user_id\":null}", 422, "read_only", "user_id cannot be set"},
        {"{\"version\":\"1\"}", 422, "type_invalid", "version must be an integer"},
    };
    api *self = *state;
    json_object *whole, *after;
    char id[40];

    api_create(self, self->alice, "whole", id);
    for (size_t i = 0; i < COUNT_OF(refusals); i++)
        api_fails(self, self->alice, "PATCH", api_path(id), refusals[i].body, refusals[i].status,
                  refusals[i].code, refusals[i].message);
    whole = api_call(self, self->alice, "GET", api_path(id), NULL, 200);
    json_object_object_add(whole, "completed", json_object_new_boolean(true));
    after = api_call(self, self->alice, "PATCH", api_path(id), json_object_to_json_string(whole), 200);
    assert_true(json_object_get_boolean(json_object_object_get(after, "completed")));
    json_object_put(after);
    /* The same again is of an old version. */
    api_fails(self, self->alice, "PATCH", api_path(id), json_object_to_json_string(whole), 412,
              "precondition_failed", "the version is not the current one");
    json_object_put(whole);
    api_fails(self, self->alice, "POST", "/api/todos", "{\"title\":\"a\",\"version\":7}", 422, "read_only",
              "version cannot be set");
}

static int64_t priority_of(json_object *todo)
{
    int64_t priority = json_object_get_int64(json_object_object_get(todo, "priority"));

    json_object_put(todo);
    return priority;
}

static void a_priority_is_0_to_3_and_absent_when_0(void **state)
{
    api *self = *state;
    json_object *todo;
    char id[40];

    api_fails(self, self->alice, "POST", TODOS, "{\"title\":\"a\",\"priority\":4}", 400, "priority_invalid",
              "priority must be between 0 and 3");
    api_fails(self, self->alice, "POST", TODOS, "{\"title\":\"a\",\"priority\":\"high\"}", 422,
              "type_invalid", "priority must be an integer");
    todo = api_call(self, self->alice, "POST", TODOS, "{\"title\":\"a\",\"priority\":3}", 201);
    snprintf(id, sizeof(id), "%s", json_text(todo, "id"));
    assert_int_equal(priority_of(todo), 3);
    assert_int_equal(priority_of(api_call(self, self->alice, "GET", api_path(id), NULL, 200)), 3);
    assert_int_equal(priority_of(api_call(self, self->alice, "PATCH", api_path(id), "{\"priority\":1}", 200)),
                     1);
    api_fails(self, self->alice, "PATCH", api_path(id), "{\"priority\":-1}", 400, "priority_invalid",
              "priority must be between 0 and 3");
    api_fails(self, self->alice, "PATCH", api_path(id), "{\"priority\":null}", 400, "priority_null",
              "priority cannot be null");
    todo = api_call(self, self->alice, "PATCH", api_path(id), "{\"priority\":0}", 200);
    assert_null(json_object_object_get(todo, "priority"));
    json_object_put(todo);
}

static void removing_answers_204_and_then_404(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "short-lived", id);
    json_object_put(api_call(self, self->alice, "GET", api_path(id), NULL, 200));
    api_silent(self, self->alice, "DELETE", api_path(id), NULL, 204);
    api_fails(self, self->alice, "GET", api_path(id), NULL, 404, "not_found", "not found");
    api_fails(self, self->alice, "DELETE", api_path(id), NULL, 404, "not_found", "not found");
}

/* The path of a todo's restoration; valid until the next call. */
static const char *restore_path(const char *id)
{
    static char path[96];

    snprintf(path, sizeof(path), "%s/restore", api_path(id));
    return path;
}

static void a_removed_todo_can_be_restored(void **state)
{
    api *self = *state;
    json_object *before, *after;
    char id[40];

    api_create(self, self->alice, "removed by mistake", id);
    before = api_call(self, self->alice, "GET", api_path(id), NULL, 200);
    assert_false(json_object_object_get_ex(before, "deleted_at", NULL));
    api_silent(self, self->alice, "DELETE", api_path(id), NULL, 204);
    api_fails(self, self->alice, "PATCH", api_path(id), "{\"title\":\"x\"}", 404, "not_found", "not found");
    api_fails(self, self->bob, "POST", restore_path(id), NULL, 404, "not_found", "not found");
    after = api_call(self, self->alice, "POST", restore_path(id), NULL, 200);
    assert_string_equal(api_field(self, "ETag"), "\"3\"");
    assert_string_equal(json_text(after, "title"), "removed by mistake");
    assert_string_equal(json_text(after, "created_at"), json_text(before, "created_at"));
    assert_false(json_object_object_get_ex(after, "deleted_at", NULL));
    json_object_put(before);
    json_object_put(after);
    json_object_put(api_call(self, self->alice, "GET", api_path(id), NULL, 200));
    api_fails(self, self->alice, "POST", restore_path(id), NULL, 404, "not_found", "not found");
}

static void what_is_not_in_the_trash_is_not_restored(void **state)
{
    api *self = *state;
    char id[40], path[128];

    api_create(self, self->alice, "never removed", id);
    api_fails(self, self->alice, "POST", restore_path(id), NULL, 404, "not_found", "not found");
    api_fails(self, self->alice, "POST", restore_path(UNKNOWN), NULL, 404, "not_found", "not found");
    api_fails(self, self->alice, "POST", TODOS "/nonsense/restore", NULL, 404, "not_found", "not found");
    snprintf(path, sizeof(path), "%s/restored", api_path(id));
    api_fails(self, self->alice, "POST", path, NULL, 404, "not_found", "not found");
    json_object_put(api_call(self, UNKNOWN, "POST", restore_path(id), NULL, 401));
}

static void if_match_guards_a_restoration(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "guarded in the trash", id);
    api_silent(self, self->alice, "DELETE", api_path(id), "If-Match: \"1\"\r\n", 204);
    json_object_put(api_send(self, self->alice, "POST", restore_path(id), "If-Match: \"1\"\r\n", NULL, 412));
    json_object_put(
        api_send(self, self->alice, "POST", restore_path(id), "If-Match: \"1\", \"7\"\r\n", NULL, 412));
    json_object_put(api_send(self, self->alice, "POST", restore_path(id), "If-Match: 2\r\n", NULL, 400));
    json_object_put(
        api_send(self, self->alice, "POST", restore_path(id), "If-Match: \"1\", \"2\"\r\n", NULL, 200));
    api_silent(self, self->alice, "DELETE", api_path(id), NULL, 204);
    json_object_put(api_send(self, self->alice, "POST", restore_path(id), "If-Match: \"4\"\r\n", NULL, 200));
}

static void the_id_of_a_removed_todo_stays_taken(void **state)
{
    api *self = *state;
    char id[40], body[96];

    api_create(self, self->alice, "removed", id);
    api_silent(self, self->alice, "DELETE", api_path(id), NULL, 204);
    snprintf(body, sizeof(body), "{\"id\":\"%s\",\"title\":\"again\"}", id);
    api_fails(self, self->alice, "POST", TODOS, body, 409, "id_exists", "id already exists");
}

static void another_users_todo_is_404(void **state)
{
    api *self = *state;
    json_object *todo;
    char id[40];

    api_create(self, self->alice, "private", id);
    json_object_put(api_call(self, self->alice, "GET", api_path(id), NULL, 200));
    api_fails(self, self->bob, "GET", api_path(id), NULL, 404, "not_found", "not found");
    api_fails(self, self->bob, "PATCH", api_path(id), "{\"title\":\"stolen\"}", 404, "not_found",
              "not found");
    api_fails(self, self->bob, "DELETE", api_path(id), NULL, 404, "not_found", "not found");
    todo = api_call(self, self->alice, "GET", api_path(id), NULL, 200);
    assert_string_equal(json_text(todo, "title"), "private");
    json_object_put(todo);
}

static void a_write_of_an_unknown_user_is_401(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "hers", id);
    json_object_put(api_call(self, UNKNOWN, "POST", TODOS, "{\"title\":\"x\"}", 401));
    json_object_put(api_call(self, UNKNOWN, "POST", BATCH, "{\"todos\":[{\"title\":\"x\"}]}", 401));
    json_object_put(api_call(self, UNKNOWN, "PATCH", api_path(id), "{\"title\":\"x\"}", 401));
    json_object_put(api_call(self, UNKNOWN, "DELETE", api_path(id), NULL, 401));
    json_object_put(api_call(self, UNKNOWN, "POST", restore_path(id), NULL, 401));
}

static void a_read_of_an_unknown_user_is_401(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "hers", id);
    for (int twice = 0; twice < 2; twice++) {
        api_fails(self, UNKNOWN, "GET", api_path(id), NULL, 401, "user_unknown", NULL);
        api_fails(self, UNKNOWN, "GET", TODOS, NULL, 401, "user_unknown", NULL);
        api_fails(self, UNKNOWN, "GET", TODOS "?limit=1000", NULL, 401, "user_unknown", NULL);
        api_fails(self, UNKNOWN, "GET", TODOS "?deleted=true", NULL, 401, "user_unknown", NULL);
        api_fails(self, UNKNOWN, "GET", TODOS "?completed=true&sort=updated_at", NULL, 401, "user_unknown",
                  NULL);
    }
}

static void a_batch_comes_back_in_order(void **state)
{
    api *self = *state;
    json_object *list =
        api_call(self, self->alice, "POST", BATCH,
                 "{\"todos\":[{\"title\":\" one \"},{\"title\":\"two\",\"description\":\"d\"},"
                 "{\"title\":\"three\"}]}",
                 201);

    assert_int_equal(json_object_array_length(list), 3);
    for (size_t i = 0; i < 3; i++)
        check_todo(json_object_array_get_idx(list, i), self->alice);
    assert_string_equal(json_text(json_object_array_get_idx(list, 0), "title"), "one");
    assert_string_equal(json_text(json_object_array_get_idx(list, 1), "title"), "two");
    assert_string_equal(json_text(json_object_array_get_idx(list, 1), "description"), "d");
    assert_string_equal(json_text(json_object_array_get_idx(list, 2), "title"), "three");
    json_object_put(list);
}

static size_t count_todos(api *self, const char *user)
{
    json_object *list = api_call(self, user, "GET", TODOS "?limit=1000", NULL, 200);
    size_t count = json_object_array_length(list);

    json_object_put(list);
    return count;
}

static void a_batch_with_one_bad_title_stores_none(void **state)
{
    api *self = *state;
    size_t before = count_todos(self, self->bob);
    json_object *error =
        api_call(self, self->bob, "POST", BATCH,
                 "{\"todos\":[{\"title\":\"fine\"},{\"title\":\"  \"},{\"title\":\"fine\"}]}", 400);

    api_check_error(self, "title_empty", "title cannot be empty");
    assert_string_equal(json_text(error, "field"), "todos[1].title");
    json_object_put(error);
    json_object_put(
        api_call(self, self->bob, "POST", BATCH, "{\"todos\":[{\"title\":\"fine\"},{\"title\":5}]}", 422));
    json_object_put(api_call(self, self->bob, "POST", BATCH, "{\"todos\":[{\"title\":\"fine\"},{}]}", 422));
    assert_int_equal(count_todos(self, self->bob), before);
}

static void created_as_done_is_done(void **state)
{
    api *self = *state;
    json_object *todo = api_call(self, self->alice, "POST", TODOS, "{\"title\":\"done\",\"completed\":true}",
                                 201),
                *list;

    assert_true(json_object_get_boolean(json_member(todo, "completed", json_type_boolean)));
    json_object_put(todo);
    list = api_call(
        self, self->alice, "POST", BATCH,
        "{\"todos\":[{\"title\":\"a\",\"completed\":true},{\"title\":\"b\",\"completed\":false}]}", 201);
    todo = json_object_array_get_idx(list, 0);
    assert_true(json_object_get_boolean(json_member(todo, "completed", json_type_boolean)));
    todo = json_object_array_get_idx(list, 1);
    assert_false(json_object_get_boolean(json_member(todo, "completed", json_type_boolean)));
    json_object_put(list);
    json_object_put(
        api_call(self, self->alice, "POST", TODOS, "{\"title\":\"x\",\"completed\":\"yes\"}", 422));
    json_object_put(api_call(self, self->alice, "POST", TODOS, "{\"title\":\"x\",\"completed\":null}", 400));
}

static void a_title_of_nothing_visible_is_empty(void **state)
{
    static const char *const titles[] = {"\\u200b",         "\\ufeff",        "\\u3164",       "\\u00ad",
                                         "\\u2060 \\u200d", "\\u115f",        "\\uffa0",       "\\u2800",
                                         "\\ufe0f",         "\\udb40\\udc41", "\\u0001\\u007f"};
    api *self = *state;
    char body[64];

    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        snprintf(body, sizeof(body), "{\"title\":\"%s\"}", titles[i]);
        api_fails(self, self->alice, "POST", TODOS, body, 400, "title_empty", "title cannot be empty");
    }
    /* They are kept where they belong: a family of emoji is joined by them. */
    json_object_put(api_call(self, self->alice, "POST", TODOS,
                             "{\"title\":\"\\ud83d\\udc69\\u200d\\ud83d\\udc67\"}", 201));
}

/* What is ignored may be any JSON. */
static void members_that_are_no_field_may_be_anything(void **state)
{
    static const char *const values[] = {"18446744073709551615", "99999999999999999999999999", "1e400",
                                         "\"\\u0000\"", "[\"a\\u0000\",{\"y\":-9223372036854775809}]"};
    api *self = *state;
    char body[128];

    for (size_t i = 0; i < COUNT_OF(values); i++) {
        snprintf(body, sizeof(body), "{\"title\":\"a\",\"x\":%s}", values[i]);
        json_object_put(api_call(self, self->alice, "POST", TODOS, body, 201));
    }
    json_object_put(api_call(self, self->alice, "POST", TODOS, "{\"title\":\"a\",\"id\":null}", 201));
    api_fails(self, self->alice, "POST", TODOS, "{\"title\":\"a\\u0000b\"}", 400, "text_nul", NULL);
}

static void a_batch_with_a_taken_id_stores_none(void **state)
{
    api *self = *state;
    size_t before;
    char id[40], body[256];

    api_create(self, self->bob, "holder", id);
    before = count_todos(self, self->bob);
    snprintf(body, sizeof(body), "{\"todos\":[{\"title\":\"fine\"},{\"title\":\"clash\",\"id\":\"%s\"}]}",
             id);
    api_fails(self, self->bob, "POST", BATCH, body, 409, "id_exists", NULL);
    assert_non_null(strstr(self->response.body, "\"field\":\"todos[1].id\""));
    snprintf(body, sizeof(body),
             "{\"todos\":[{\"title\":\"a\"},{\"title\":\"b\",\"id\":\"" UNKNOWN
             "\"},{\"title\":\"c\",\"id\":\"" UNKNOWN "\"}]}");
    api_fails(self, self->bob, "POST", BATCH, body, 409, "id_exists", NULL);
    assert_non_null(strstr(self->response.body, "\"field\":\"todos[2].id\""));
    assert_int_equal(count_todos(self, self->bob), before);
}

static void an_empty_batch_is_400(void **state)
{
    api *self = *state;

    api_fails(self, self->alice, "POST", BATCH, "{\"todos\":[]}", 400, "todos_empty",
              "todos cannot be empty");
    json_object_put(api_call(self, self->alice, "POST", BATCH, "{}", 422));
    json_object_put(api_call(self, self->alice, "POST", BATCH, "{\"todos\":{}}", 422));
    json_object_put(api_call(self, self->alice, "POST", BATCH, "{\"todos\":[1]}", 422));
    json_object_put(api_call(self, self->alice, "POST", BATCH, "[]", 422));
}

static void a_batch_has_at_most_1000(void **state)
{
    api *self = *state;
    char *body = malloc(32768), *end = body + sprintf(body, "{\"todos\":[");
    json_object *list;

    for (int i = 0; i < 1000; i++)
        end += sprintf(end, "%s{\"title\":\"n%d\"}", i > 0 ? "," : "", i);
    strcpy(end, "]}");
    list = api_call(self, self->alice, "POST", BATCH, body, 201);
    assert_int_equal(json_object_array_length(list), 1000);
    assert_string_equal(json_text(json_object_array_get_idx(list, 999), "title"), "n999");
    json_object_put(list);
    strcpy(end, ",{\"title\":\"too many\"}]}");
    api_fails(self, self->alice, "POST", BATCH, body, 413, "batch_too_large", NULL);
    free(body);
}

static void if_match_guards_a_change(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "guarded", id);
    json_object_put(
        api_send(self, self->alice, "PATCH", api_path(id), "If-Match: \"1\"\r\n", "{\"title\":\"v2\"}", 200));
    json_object_put(
        api_send(self, self->alice, "PATCH", api_path(id), "If-Match: \"1\"\r\n", "{\"title\":\"v3\"}", 412));
    json_object_put(api_send(self, self->alice, "PATCH", api_path(id), "If-Match: W/\"2\"\r\n",
                             "{\"title\":\"v3\"}", 412));
    json_object_put(api_send(self, self->alice, "PATCH", api_path(id), "If-Match: \"other\"\r\n",
                             "{\"title\":\"v3\"}", 412));
    json_object_put(api_send(self, self->alice, "PATCH", api_path(id), "If-Match: \"9\", \"2\"\r\n",
                             "{\"title\":\"v3\"}", 200));
    json_object_put(api_send(self, self->alice, "PATCH", api_path(id), "If-Match: \"9\", \"8\"\r\n",
                             "{\"title\":\"v4\"}", 412));
    json_object_put(
        api_send(self, self->alice, "PATCH", api_path(id), "If-Match: *\r\n", "{\"title\":\"v4\"}", 200));
    json_object_put(
        api_send(self, self->alice, "PATCH", api_path(id), "If-Match: 4\r\n", "{\"title\":\"v5\"}", 400));
    json_object_put(api_send(self, self->alice, "DELETE", api_path(id), "If-Match: \"3\"\r\n", NULL, 412));
    api_silent(self, self->alice, "DELETE", api_path(id), "If-Match: \"4\"\r\n", 204);
}

static void if_none_match_saves_the_body(void **state)
{
    api *self = *state;
    char id[40];

    api_create(self, self->alice, "cached", id);
    api_silent(self, self->alice, "GET", api_path(id), "If-None-Match: \"1\"\r\n", 304);
    assert_string_equal(api_field(self, "ETag"), "\"1\"");
    api_silent(self, self->alice, "GET", api_path(id), "If-None-Match: \"7\", W/\"1\"\r\n", 304);
    api_silent(self, self->alice, "GET", api_path(id), "If-None-Match: *\r\n", 304);
    json_object_put(api_send(self, self->alice, "GET", api_path(id), "If-None-Match: \"2\"\r\n", NULL, 200));
    json_object_put(
        api_send(self, self->alice, "GET", api_path(id), "If-None-Match: nonsense\r\n", NULL, 200));
}

static void head_of_a_todo_has_its_length(void **state)
{
    api *self = *state;
    char id[40], length[32];

    api_create(self, self->alice, "headed", id);
    api_silent(self, self->alice, "HEAD", api_path(id), NULL, 200);
    snprintf(length, sizeof(length), "%s", api_field(self, "Content-Length"));
    json_object_put(api_call(self, self->alice, "GET", api_path(id), NULL, 200));
    assert_string_equal(api_field(self, "Content-Length"), length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creating_answers_with_the_todo),
        cmocka_unit_test(a_title_is_trimmed),
        cmocka_unit_test(any_text_survives),
        cmocka_unit_test(a_title_has_at_most_200_characters),
        cmocka_unit_test(a_blank_title_is_400),
        cmocka_unit_test(missing_members_and_wrong_types_are_422),
        cmocka_unit_test(unknown_members_are_ignored),
        cmocka_unit_test(a_client_may_choose_the_id_once),
        cmocka_unit_test(reading_an_unknown_todo_is_404),
        cmocka_unit_test(a_removed_todo_can_be_restored),
        cmocka_unit_test(what_is_not_in_the_trash_is_not_restored),
        cmocka_unit_test(if_match_guards_a_restoration),
        cmocka_unit_test(the_id_of_a_removed_todo_stays_taken),
        cmocka_unit_test(a_path_without_a_uuid_is_404),
        cmocka_unit_test(an_id_is_found_in_upper_case_too),
        cmocka_unit_test(patching_changes_what_is_there_only),
        cmocka_unit_test(a_null_description_clears_it),
        cmocka_unit_test(a_bad_patch_changes_nothing),
        cmocka_unit_test(a_whole_todo_may_be_sent_back),
        cmocka_unit_test(a_patch_that_changes_nothing_keeps_the_version),
        cmocka_unit_test(read_only_members_of_a_patch_must_say_what_is_so),
        cmocka_unit_test(a_priority_is_0_to_3_and_absent_when_0),
        cmocka_unit_test(removing_answers_204_and_then_404),
        cmocka_unit_test(another_users_todo_is_404),
        cmocka_unit_test(a_write_of_an_unknown_user_is_401),
        cmocka_unit_test(a_read_of_an_unknown_user_is_401),
        cmocka_unit_test(a_batch_comes_back_in_order),
        cmocka_unit_test(a_batch_with_one_bad_title_stores_none),
        cmocka_unit_test(created_as_done_is_done),
        cmocka_unit_test(a_title_of_nothing_visible_is_empty),
        cmocka_unit_test(members_that_are_no_field_may_be_anything),
        cmocka_unit_test(a_batch_with_a_taken_id_stores_none),
        cmocka_unit_test(an_empty_batch_is_400),
        cmocka_unit_test(a_batch_has_at_most_1000),
        cmocka_unit_test(if_match_guards_a_change),
        cmocka_unit_test(if_none_match_saves_the_body),
        cmocka_unit_test(head_of_a_todo_has_its_length),
    };

    return cmocka_run_group_tests(tests, api_setup, api_teardown);
}
