/* The core's routes: what a path leads to, and that it is closed unless its row says otherwise. */
#include "testing.h"

#include <todo/todo.h>

#include "route.h"

#define UUID "01890a5d-ac96-774b-bcce-b302099a8057"

static todo_status first(struct http_request *request, todo_error *error)
{
    (void)request;
    (void)error;
    return TODO_OK;
}

static todo_status second(struct http_request *request, todo_error *error)
{
    (void)request;
    (void)error;
    return TODO_OK;
}

static const route table[] = {
    {"/things", HTTP_GET, .handle = first}, /* declares nothing */
    {"/things", HTTP_POST, .handle = second, .guard = ROUTE_NEEDS_EDGE},
    {"/things/{id}/open", HTTP_GET, .handle = first, .guard = ROUTE_IS_OPEN},
    {"/things/{id}/open", HTTP_POST, .handle = second, .guard = ROUTE_NEEDS_EDGE},
    {"/open", HTTP_GET, .handle = first, .guard = ROUTE_IS_OPEN},
    {.path = "/things/..."},
};

static route_match find(http_method method, const char *path)
{
    route_match match;

    route_find(table, COUNT_OF(table), method, path, &match);
    return match;
}

static void a_route_that_declares_nothing_needs_the_edge_and_a_user(void **state)
{
    static const route bare = {0};
    route_match match = find(HTTP_GET, "/things");

    (void)state;
    assert_int_equal(bare.guard, ROUTE_NEEDS_USER);
    assert_ptr_equal(match.route, &table[0]);
    assert_int_equal(match.guard, ROUTE_NEEDS_USER);
}

static void a_route_needs_what_its_own_row_declares(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_POST, "/things").guard, ROUTE_NEEDS_EDGE);
    assert_int_equal(find(HTTP_GET, "/things/" UUID "/open").guard, ROUTE_IS_OPEN);
    assert_int_equal(find(HTTP_HEAD, "/things/" UUID "/open").guard, ROUTE_IS_OPEN);
    assert_int_equal(find(HTTP_GET, "/open").guard, ROUTE_IS_OPEN);
}

static void a_method_that_the_path_lacks_needs_the_strictest(void **state)
{
    route_match match = find(HTTP_DELETE, "/things/" UUID "/open");

    (void)state;
    assert_null(match.route);
    assert_int_equal(match.allowed, HTTP_GET | HTTP_POST);
    assert_int_equal(match.guard, ROUTE_NEEDS_USER); /* of the rows above it */
    match = find(HTTP_OPTIONS, "/open");
    assert_int_equal(match.allowed, HTTP_GET);
    assert_int_equal(match.guard, ROUTE_IS_OPEN);
}

static void below_a_guarded_path_all_is_guarded(void **state)
{
    static const char *const below[] = {"/things/", "/things/nothing", "/things/" UUID,
                                        "/things/" UUID "/more"};
    static const char *const beside[] = {"/thingsx", "/thing", "/", "", "/things.", "/Things/x"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(below); i++) {
        assert_null(find(HTTP_GET, below[i]).route);
        assert_int_equal(find(HTTP_GET, below[i]).allowed, 0);
        assert_int_equal(find(HTTP_GET, below[i]).guard, ROUTE_NEEDS_USER);
    }
    for (size_t i = 0; i < COUNT_OF(beside); i++) {
        assert_null(find(HTTP_GET, beside[i]).route);
        assert_int_equal(find(HTTP_GET, beside[i]).guard, ROUTE_IS_OPEN);
    }
}

static void an_id_is_a_whole_uuid(void **state)
{
    static const char *const others[] = {"/things/" UUID "0/open", "/things//open", "/things/x/open",
                                         "/things/" UUID "/open/", "/things/" UUID "/open/x"};
    todo_uuid id;
    route_match match = find(HTTP_POST, "/things/" UUID "/open");

    (void)state;
    assert_int_equal(todo_uuid_parse(UUID, &id, NULL), TODO_OK);
    assert_ptr_equal(match.route, &table[3]);
    assert_int_equal(todo_uuid_compare(&match.id, &id), 0);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_null(find(HTTP_GET, others[i]).route);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_that_declares_nothing_needs_the_edge_and_a_user),
        cmocka_unit_test(a_route_needs_what_its_own_row_declares),
        cmocka_unit_test(a_method_that_the_path_lacks_needs_the_strictest),
        cmocka_unit_test(below_a_guarded_path_all_is_guarded),
        cmocka_unit_test(an_id_is_a_whole_uuid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
