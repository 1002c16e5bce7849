#include "testing.h"

#include "adapters/redis/url.h"
#include "util/alloc.h"

static void assert_url(const char *text, const char *user, const char *password, const char *host, int port,
                       int database)
{
    todo__redis_url url = {0};

    assert_int_equal(todo__redis_url_parse(text, &url, NULL), TODO_OK);
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
    assert_int_equal(url.database, database);
    assert_string_equal(url.user != NULL ? url.user : "(none)", user);
    assert_string_equal(url.password != NULL ? url.password : "(none)", password);
    todo__redis_url_clear(&url);
}

static void reads_every_part(void **state)
{
    (void)state;
    assert_url("redis://localhost", "(none)", "(none)", "localhost", 6379, 0);
    assert_url("REDIS://localhost/", "(none)", "(none)", "localhost", 6379, 0);
    assert_url("redis://cache.example.org:7000/12", "(none)", "(none)", "cache.example.org", 7000, 12);
    assert_url("redis://ann:secret@10.0.0.1:1/3", "ann", "secret", "10.0.0.1", 1, 3);
    assert_url("redis://:secret@10.0.0.1", "(none)", "secret", "10.0.0.1", 6379, 0);
    assert_url("redis://", "(none)", "(none)", "127.0.0.1", 6379, 0);
    assert_url("redis://[::1]", "(none)", "(none)", "::1", 6379, 0);
    assert_url("redis://a:b@[2001:db8::7]:65535/0", "a", "b", "2001:db8::7", 65535, 0);
}

static void decodes_percent_escapes(void **state)
{
    (void)state;
    assert_url("redis://a%40b:p%3a%2F%25@h", "a@b", "p:/%", "h", 6379, 0);
    assert_url("redis://u:with:colon@h", "u", "with:colon", "h", 6379, 0);
    assert_url("redis://u:with@at@h", "u", "with@at", "h", 6379, 0);
}

static void refuses_what_is_no_redis_url(void **state)
{
    static const char *const broken[] = {
        "",
        "http://localhost",
        "redis:/localhost",
        "localhost:6379",
        "redis://localhost:0",
        "redis://localhost:65536",
        "redis://localhost:6379x",
        "redis://localhost:",
        "redis://localhost:-1",
        "redis://localhost/x",
        "redis://localhost/-1",
        "redis://localhost/1/2",
        "redis://localhost/123456",
        "redis://localhost?db=1",
        "redis://localhost#1",
        "redis://user@localhost",
        "redis://u:p%zz@localhost",
        "redis://u:p%4@localhost",
        "redis://u:p%00@localhost",
        "redis://[::1",
        "redis://[::1]x",
        "redis://[::1]:",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        todo__redis_url url = {0};
        todo_error error = TODO_ERROR_INIT;

        assert_int_equal(todo__redis_url_parse(broken[i], &url, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, "cache_url_invalid");
        assert_null(url.host);
    }
}

static void says_that_there_is_no_tls(void **state)
{
    todo__redis_url url = {0};
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo__redis_url_parse("rediss://u:secret@h", &url, &error), TODO_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "TLS"));
    assert_null(strstr(error.message, "secret"));
}

static void no_error_quotes_a_password(void **state)
{
    static const char *const broken[] = {"redis://u:secret@h:x", "redis://u:secret%zz@h",
                                         "redis://u:secret@h/x", "redis://secret@h", "redis//u:secret@h"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        todo__redis_url url = {0};
        todo_error error = TODO_ERROR_INIT;

        assert_int_equal(todo__redis_url_parse(broken[i], &url, &error), TODO_ERR_INVALID);
        assert_null(strstr(error.message, "secret"));
        assert_null(strstr(error.detail, "secret"));
    }
}

static void assert_redacted(const char *text, const char *expected)
{
    todo__redis_url url = {0};
    char *redacted;

    assert_int_equal(todo__redis_url_parse(text, &url, NULL), TODO_OK);
    redacted = todo__redis_url_redacted(&url);
    assert_string_equal(redacted, expected);
    todo__free(redacted);
    todo__redis_url_clear(&url);
}

static void redacts_the_password(void **state)
{
    (void)state;
    assert_redacted("redis://ann:secret@host:7000/2", "redis://ann@host:7000/2");
    assert_redacted("redis://:secret@[::1]", "redis://[::1]:6379/0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_part),
        cmocka_unit_test(decodes_percent_escapes),
        cmocka_unit_test(refuses_what_is_no_redis_url),
        cmocka_unit_test(says_that_there_is_no_tls),
        cmocka_unit_test(no_error_quotes_a_password),
        cmocka_unit_test(redacts_the_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
