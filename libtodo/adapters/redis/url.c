#include "adapters/redis/url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "domain/text.h"
#include "util/alloc.h"
#include "util/hex.h"

#define DEFAULT_HOST "127.0.0.1"
#define DEFAULT_PORT 6379
#define DATABASE_MAX 99999

static todo_status invalid(todo_error *error, const char *message)
{
    return todo_error_set(error, TODO_ERR_INVALID, "cache_url_invalid", "cache_url", message);
}

/* Decodes %XX (RFC 3986, 2.1) in place; false for a broken escape or an encoded NUL. */
static bool percent_decode(char *text)
{
    char *out = text;

    for (; *text != '\0'; text++) {
        int byte;

        if (*text != '%') {
            *out++ = *text;
            continue;
        }
        byte = todo__hex_byte(text + 1);
        if (byte <= 0)
            return false;
        *out++ = (char)byte;
        text += 2;
    }
    *out = '\0';
    return true;
}

/* A plain number from `low` to `high` that is the whole slice. */
static bool read_number(todo__slice digits, int low, int high, int *ret_number)
{
    int number = 0;

    if (digits.length == 0 || digits.length > 5)
        return false;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.text[i] < '0' || digits.text[i] > '9')
            return false;
        number = number * 10 + (digits.text[i] - '0');
    }
    if (number < low || number > high)
        return false;
    *ret_number = number;
    return true;
}

static todo_status take_decoded(todo__slice raw, char **ret_text, todo_error *error)
{
    *ret_text = todo__strndup(raw.text, raw.length);
    if (*ret_text == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    if (!percent_decode(*ret_text))
        return invalid(error, "the cache URL has a broken percent escape");
    return TODO_OK;
}

static todo_status read_userinfo(todo__slice userinfo, todo__redis_url *url, todo_error *error)
{
    const char *colon = memchr(userinfo.text, ':', userinfo.length);
    todo__slice user, password;
    todo_status status = TODO_OK;

    if (colon == NULL)
        return invalid(error, "the cache URL names a user without a password");
    user = (todo__slice){userinfo.text, (size_t)(colon - userinfo.text)};
    password = (todo__slice){colon + 1, userinfo.length - user.length - 1};
    if (user.length > 0)
        status = take_decoded(user, &url->user, error);
    if (status == TODO_OK)
        status = take_decoded(password, &url->password, error);
    return status;
}

/* Splits `host[:port]`, where an IPv6 address stands in brackets (RFC 3986, 3.2.2). */
static todo_status read_hostport(todo__slice hostport, todo__redis_url *url, todo_error *error)
{
    todo__slice host = hostport, port = {NULL, 0};
    const char *end = hostport.text + hostport.length;
    const char *colon;

    if (hostport.length > 0 && hostport.text[0] == '[') {
        const char *bracket = memchr(hostport.text, ']', hostport.length);

        if (bracket == NULL || (bracket + 1 != end && bracket[1] != ':'))
            return invalid(error, "the cache URL has a broken IPv6 address");
        host = (todo__slice){hostport.text + 1, (size_t)(bracket - hostport.text) - 1};
        colon = bracket + 1 == end ? NULL : bracket + 1;
    } else {
        colon = memchr(hostport.text, ':', hostport.length);
        if (colon != NULL)
            host.length = (size_t)(colon - hostport.text);
    }
    if (colon != NULL) {
        port = (todo__slice){colon + 1, (size_t)(end - colon) - 1};
        if (!read_number(port, 1, 65535, &url->port))
            return invalid(error, "the cache URL has an invalid port");
    }
    if (host.length == 0)
        host = (todo__slice){DEFAULT_HOST, strlen(DEFAULT_HOST)};
    return take_decoded(host, &url->host, error);
}

static todo_status read_url(const char *text, todo__redis_url *url, todo_error *error)
{
    size_t length = strcspn(text, "/?#");
    todo__slice authority = {text, length};
    const char *at = memrchr(text, '@', length);
    const char *path = text + length;
    todo_status status = TODO_OK;

    if (at != NULL) {
        status = read_userinfo((todo__slice){text, (size_t)(at - text)}, url, error);
        authority = (todo__slice){at + 1, length - (size_t)(at + 1 - text)};
    }
    if (status == TODO_OK)
        status = read_hostport(authority, url, error);
    if (status != TODO_OK || *path == '\0' || strcmp(path, "/") == 0)
        return status;
    if (*path != '/' ||
        !read_number((todo__slice){path + 1, strlen(path + 1)}, 0, DATABASE_MAX, &url->database))
        return invalid(error, "the path of a cache URL is a database number");
    return TODO_OK;
}

todo_status todo__redis_url_parse(const char *text, todo__redis_url *ret_url, todo_error *error)
{
    static const char scheme[] = "redis://";
    todo__redis_url url = {.port = DEFAULT_PORT};
    todo_status status;

    if (strncasecmp(text, "rediss://", strlen("rediss://")) == 0)
        return todo_error_set(error, TODO_ERR_UNSUPPORTED, "cache_url_unsupported", "cache_url",
                              "rediss:// needs TLS, which this build's Redis client does not have");
    if (strncasecmp(text, scheme, strlen(scheme)) != 0)
        return invalid(error, "a cache URL begins with redis://");
    status = read_url(text + strlen(scheme), &url, error);
    if (status != TODO_OK) {
        todo__redis_url_clear(&url);
        return status;
    }
    *ret_url = url;
    return TODO_OK;
}

void todo__redis_url_clear(todo__redis_url *url)
{
    if (url->password != NULL)
        explicit_bzero(url->password, strlen(url->password));
    todo__free(url->host);
    todo__free(url->user);
    todo__free(url->password);
    *url = (todo__redis_url){0};
}

char *todo__redis_url_redacted(const todo__redis_url *url)
{
    bool bracketed = strchr(url->host, ':') != NULL;
    size_t size =
        strlen(url->host) + (url->user != NULL ? strlen(url->user) : 0) + sizeof("redis://@[]:65535/99999");
    char *text = todo__malloc(size);

    if (text == NULL)
        return NULL;
    snprintf(text, size, "redis://%s%s%s%s%s:%d/%d", url->user != NULL ? url->user : "",
             url->user != NULL ? "@" : "", bracketed ? "[" : "", url->host, bracketed ? "]" : "", url->port,
             url->database);
    return text;
}
