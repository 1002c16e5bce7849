/* GET /api/todos: order, filter, pages. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TODOS "/api/todos"

/* A user of this test alone, with `count` todos "n0" to "n<count-1>", made one after the other. */
static void fresh_user(api *self, const char *name, int count, char *id)
{
    char email[64], title[16], todo[40];

    snprintf(email, sizeof(email), "%s-%d@example.org", name, (int)getpid());
    api_register(self, email, id);
    for (int i = 0; i < count; i++) {
        snprintf(title, sizeof(title), "n%d", i);
        api_create(self, id, title, todo);
    }
}

/* The titles of a list, separated by blanks. */
static const char *titles_of(json_object *list)
{
    static char titles[4096];
    size_t used = 0;

    assert_int_equal(json_object_get_type(list), json_type_array);
    titles[0] = '\0';
    for (size_t i = 0; i < json_object_array_length(list); i++)
        used += (size_t)snprintf(titles + used, sizeof(titles) - used, "%s%s", i > 0 ? " " : "",
                                 json_text(json_object_array_get_idx(list, i), "title"));
    return titles;
}

static void expect_titles(api *self, const char *user, const char *path, const char *titles)
{
    json_object *list = api_call(self, user, "GET", path, NULL, 200);

    assert_string_equal(titles_of(list), titles);
    json_object_put(list);
}

static void a_user_without_todos_has_an_empty_list(void **state)
{
    api *self = *state;
    char user[40];

    fresh_user(self, "empty", 0, user);
    json_object_put(api_call(self, user, "GET", TODOS, NULL, 200));
    assert_string_equal(self->response.body, "[]");
}

static void the_newest_comes_first(void **state)
{
    api *self = *state;
    char user[40], value[8];
    json_object *list;

    fresh_user(self, "order", 4, user);
    list = api_call(self, user, "GET", TODOS, NULL, 200);
    assert_string_equal(titles_of(list), "n3 n2 n1 n0");
    for (size_t i = 0; i < 4; i++)
        check_todo(json_object_array_get_idx(list, i), user);
    assert_null(http_field(&self->response, "Link", value, sizeof(value)));
    json_object_put(list);
}

static void a_list_holds_ones_own_todos_only(void **state)
{
    api *self = *state;
    char first[40], second[40];

    fresh_user(self, "own1", 1, first);
    fresh_user(self, "own2", 2, second);
    expect_titles(self, first, TODOS, "n0");
    expect_titles(self, second, TODOS, "n1 n0");
}

static void completed_filters(void **state)
{
    api *self = *state;
    char user[40], done[40];

    fresh_user(self, "filter", 2, user);
    api_create(self, user, "done", done);
    json_object_put(api_call(self, user, "PATCH", api_path(done), "{\"completed\":true}", 200));
    expect_titles(self, user, TODOS "?completed=true", "done");
    expect_titles(self, user, TODOS "?completed=false", "n1 n0");
    expect_titles(self, user, TODOS "?other=1&completed=false", "n1 n0");
    expect_titles(self, user, TODOS, "done n1 n0");
}

static void bad_parameters_are_400(void **state)
{
    static const struct {
        const char *query, *code;
    } cases[] = {
        {"?completed=yes", "completed_invalid"},
        {"?deleted=yes", "deleted_invalid"},
        {"?deleted=", "deleted_invalid"},
        {"?deleted=trueandmore", "deleted_invalid"},
        {"?completed=", "completed_invalid"},
        {"?completed=TRUE", "completed_invalid"},
        {"?completed=trueandmuchmorethanfits", "completed_invalid"},
        {"?completed=true%00", "completed_invalid"},
        {"?limit=0", "limit_invalid"},
        {"?limit=1001", "limit_invalid"},
        {"?limit=-1", "limit_invalid"},
        {"?limit=+5", "limit_invalid"},
        {"?limit=5x", "limit_invalid"},
        {"?limit=", "limit_invalid"},
        {"?limit=99999999999999999999", "limit_invalid"},
        {"?sort=title", "sort_invalid"},
        {"?sort=--created_at", "sort_invalid"},
        {"?sort=", "sort_invalid"},
        {"?cursor=nonsense", "cursor_invalid"},
        {"?cursor=", "cursor_invalid"},
    };
    api *self = *state;
    char path[128];

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        snprintf(path, sizeof(path), TODOS "%s", cases[i].query);
        api_fails(self, self->alice, "GET", path, NULL, 400, cases[i].code, NULL);
    }
}

/* The target of the Link of the last answer; false when there is none. */
static bool next_page(api *self, char *path, size_t size)
{
    char value[512];

    if (http_field(&self->response, "Link", value, sizeof(value)) == NULL)
        return false;
    assert_int_equal(value[0], '<');
    assert_non_null(strstr(value, ">; rel=\"next\""));
    snprintf(path, size, "%.*s", (int)strcspn(value + 1, ">"), value + 1);
    return true;
}

/* Follows the links from `path`; all titles, and the number of pages. */
static void expect_pages(api *self, const char *user, const char *path, const char *titles, int pages)
{
    char all[4096] = "", next[512];
    int count = 0;

    snprintf(next, sizeof(next), "%s", path);
    do {
        json_object *list = api_call(self, user, "GET", next, NULL, 200);

        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", count > 0 ? " " : "", titles_of(list));
        json_object_put(list);
        count++;
    } while (next_page(self, next, sizeof(next)) && count < 100);
    assert_string_equal(all, titles);
    assert_int_equal(count, pages);
}

static void deleted_lists_the_trash(void **state)
{
    api *self = *state;
    json_object *list;
    char user[40];

    fresh_user(self, "trash", 5, user);
    expect_titles(self, user, TODOS "?deleted=true", "");
    list = api_call(self, user, "GET", TODOS, NULL, 200);
    for (size_t i = 0; i < 3; i++) /* n4, n3, n2 */
        api_silent(self, user, "DELETE", api_path(json_text(json_object_array_get_idx(list, i), "id")), NULL,
                   204);
    json_object_put(list);
    expect_titles(self, user, TODOS, "n1 n0");
    expect_titles(self, user, TODOS "?deleted=false", "n1 n0");
    expect_titles(self, user, TODOS "?deleted=true", "n4 n3 n2");
    expect_titles(self, user, TODOS "?deleted=true&sort=-updated_at", "n2 n3 n4");
    expect_titles(self, user, TODOS "?deleted=true&completed=true", "");
    expect_pages(self, user, TODOS "?deleted=true&limit=2", "n4 n3 n2", 2);
    list = api_call(self, user, "GET", TODOS "?deleted=true", NULL, 200);
    for (size_t i = 0; i < 3; i++) {
        json_object *item = json_object_array_get_idx(list, i);

        assert_string_equal(json_text(item, "deleted_at"), json_text(item, "updated_at"));
        assert_int_equal(json_object_get_int(json_object_object_get(item, "version")), 2);
    }
    json_object_put(list);
}

static void pages_follow_each_other(void **state)
{
    api *self = *state;
    char user[40], done[40];

    fresh_user(self, "pages", 7, user);
    expect_pages(self, user, TODOS "?limit=3", "n6 n5 n4 n3 n2 n1 n0", 3);
    expect_pages(self, user, TODOS "?limit=7", "n6 n5 n4 n3 n2 n1 n0", 1);
    expect_pages(self, user, TODOS "?limit=1&sort=created_at", "n0 n1 n2 n3 n4 n5 n6", 7);
    api_create(self, user, "done", done);
    json_object_put(api_call(self, user, "PATCH", api_path(done), "{\"completed\":true}", 200));
    expect_pages(self, user, TODOS "?completed=false&limit=4", "n6 n5 n4 n3 n2 n1 n0", 2);
}

static void lists_sort_by_change_too(void **state)
{
    api *self = *state;
    char user[40], first[40], second[40];

    fresh_user(self, "sorted", 0, user);
    api_create(self, user, "a", first);
    api_create(self, user, "b", second);
    json_object_put(api_call(self, user, "PATCH", api_path(first), "{\"completed\":true}", 200));
    expect_pages(self, user, TODOS "?sort=-updated_at&limit=1", "a b", 2);
    expect_pages(self, user, TODOS "?sort=updated_at&limit=1", "b a", 2);
    expect_pages(self, user, TODOS "?sort=-created_at&limit=1", "b a", 2);
}

static void a_new_todo_does_not_disturb_the_pages(void **state)
{
    api *self = *state;
    char user[40], next[512], late[40];

    fresh_user(self, "steady", 4, user);
    expect_titles(self, user, TODOS "?limit=2", "n3 n2");
    assert_true(next_page(self, next, sizeof(next)));
    api_create(self, user, "late", late);
    expect_titles(self, user, next, "n1 n0");
}

static void a_list_has_100_unless_asked_otherwise(void **state)
{
    api *self = *state;
    char user[40], next[512], *body = malloc(16384), *end = body + sprintf(body, "{\"todos\":[");
    json_object *list;

    fresh_user(self, "hundred", 0, user);
    for (int i = 0; i < 105; i++)
        end += sprintf(end, "%s{\"title\":\"n%d\"}", i > 0 ? "," : "", i);
    strcpy(end, "]}");
    json_object_put(api_call(self, user, "POST", "/api/todos/batch", body, 201));
    free(body);
    list = api_call(self, user, "GET", TODOS, NULL, 200);
    assert_int_equal(json_object_array_length(list), 100);
    json_object_put(list);
    assert_true(next_page(self, next, sizeof(next)));
    list = api_call(self, user, "GET", next, NULL, 200);
    assert_int_equal(json_object_array_length(list), 5);
    json_object_put(list);
}

/* So that a list needs little memory however large its todos are. */
static void a_page_of_large_todos_ends_early(void **state)
{
    enum { LARGE = 900000, COUNT = 6 };
    api *self = *state;
    char user[40], next[512] = TODOS, *body = malloc(LARGE + 64);
    size_t total = 0, pages = 0;
    json_object *list;
    int head;

    fresh_user(self, "large", 0, user);
    head = sprintf(body, "{\"title\":\"large\",\"description\":\"");
    memset(body + head, 'x', LARGE);
    strcpy(body + head + LARGE, "\"}");
    for (int i = 0; i < COUNT; i++)
        json_object_put(api_call(self, user, "POST", TODOS, body, 201));
    free(body);
    do {
        list = api_call(self, user, "GET", next, NULL, 200);
        assert_true(self->response.body_length < 6 * 1048576);
        total += json_object_array_length(list);
        json_object_put(list);
        pages++;
    } while (next_page(self, next, sizeof(next)));
    assert_int_equal(total, COUNT);
    assert_int_equal(pages, 2);
}

static void head_of_a_list_has_its_length(void **state)
{
    api *self = *state;
    char user[40];

    fresh_user(self, "headed", 0, user);
    api_silent(self, user, "HEAD", TODOS, NULL, 200);
    assert_string_equal(api_field(self, "Content-Length"), "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_without_todos_has_an_empty_list),
        cmocka_unit_test(the_newest_comes_first),
        cmocka_unit_test(a_list_holds_ones_own_todos_only),
        cmocka_unit_test(completed_filters),
        cmocka_unit_test(deleted_lists_the_trash),
        cmocka_unit_test(bad_parameters_are_400),
        cmocka_unit_test(pages_follow_each_other),
        cmocka_unit_test(lists_sort_by_change_too),
        cmocka_unit_test(a_new_todo_does_not_disturb_the_pages),
        cmocka_unit_test(a_list_has_100_unless_asked_otherwise),
        cmocka_unit_test(a_page_of_large_todos_ends_early),
        cmocka_unit_test(head_of_a_list_has_its_length),
    };

    return cmocka_run_group_tests(tests, api_setup, api_teardown);
}
