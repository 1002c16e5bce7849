#include "adapters/postgres/endpoint.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "adapters/postgres/error.h"
#include "adapters/postgres/settings.h"
#include "util/alloc.h"
#include "util/monotonic.h"

#define KEYWORDS_MAX 64
#define HOSTS_MAX    16

/*
 * Hosts are tried by this file and not by libpq, which, connecting without blocking, would wait for a host that
 * does not answer until the caller gives up, and never come to the next one.
 */
typedef struct host {
    char *name; /* NULL: libpq's default */
    char *address;
    char *port;
} host;

struct todo__pg_endpoint {
    PQconninfoOption *options; /* as the URI has them; owns the strings below that are not copies */
    const char *keywords[KEYWORDS_MAX];
    const char *values[KEYWORDS_MAX];
    size_t count;        /* of keywords, without those of a host */
    size_t session;      /* where the keyword "options" is, which a pooler may refuse */
    char *given_options; /* "options" as the URI has them, or NULL */
    char *session_options;
    const char *attrs; /* target_session_attrs */
    host hosts[HOSTS_MAX];
    size_t host_count;
    atomic_size_t preferred;     /* the host that worked last */
    atomic_bool without_options; /* a pooler refused them */
    int64_t connect_timeout;     /* microseconds */
    char *url;
};

bool todo__pg_wait(PGconn *pg, short events, int64_t deadline)
{
    struct pollfd waited = {PQsocket(pg), events, 0};

    for (;;) {
        int64_t left = deadline - todo__monotonic_us();
        int ready;

        if (left <= 0)
            return false;
        ready = poll(&waited, 1, left > INT64_C(60000000) ? 60000 : (int)((left + 999) / 1000));
        if (ready > 0 || waited.fd < 0)
            return true;
    }
}

static const char *option(const todo__pg_endpoint *endpoint, const char *keyword)
{
    for (const PQconninfoOption *each = endpoint->options; each->keyword != NULL; each++)
        if (strcmp(each->keyword, keyword) == 0)
            return each->val;
    return NULL;
}

static void add(todo__pg_endpoint *endpoint, const char *keyword, const char *value)
{
    if (endpoint->count < KEYWORDS_MAX - 5) { /* the four of a host and the NULL at the end */
        endpoint->keywords[endpoint->count] = keyword;
        endpoint->values[endpoint->count++] = value;
    }
}

static void add_default(todo__pg_endpoint *endpoint, const char *keyword, const char *value)
{
    if (option(endpoint, keyword) == NULL)
        add(endpoint, keyword, value);
}

/* The keywords of every connection: those of the URI, then what the URI does not say. */
static void collect_keywords(todo__pg_endpoint *endpoint)
{
    static const char *const apart[] = {"host",    "hostaddr",       "port", "target_session_attrs",
                                        "options", "connect_timeout"};

    for (const PQconninfoOption *each = endpoint->options; each->keyword != NULL; each++) {
        bool skip = each->val == NULL;

        for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
            skip = skip || strcmp(each->keyword, apart[i]) == 0;
        if (!skip)
            add(endpoint, each->keyword, each->val);
    }
    add_default(endpoint, "application_name", "libtodo");
    add_default(endpoint, "client_encoding", "UTF8");
    /* A peer that vanished without a word is noticed within half a minute. */
    add_default(endpoint, "keepalives_idle", "15");
    add_default(endpoint, "keepalives_interval", "5");
    add_default(endpoint, "keepalives_count", "3");
    add_default(endpoint, "tcp_user_timeout", "15000");
    endpoint->session = endpoint->count;
    add(endpoint, "options", NULL);
}

/*
 * client_connection_check_interval: a statement whose caller has given up is ended by the server, once it sees that
 *   the connection is closed; statement_timeout is for connections that never close.
 * lock_timeout: nobody holds a row for long but by accident. Statements that carry many requests must not wait for
 *   such a row, and those that carry one are sent again.
 * default_transaction_isolation: statements that meet wait for each other and see what the other left; a stricter level
 *   would fail one of them.
 * enable_seqscan, plan_cache_mode: all statements go by an index. A plan made while the tables were small, or one for
 *   each length of an array, would be slow when it matters.
 */
static bool set_session_options(todo__pg_endpoint *endpoint, unsigned call_timeout_ms)
{
    const char *given = option(endpoint, "options");
    char text[1024];
    int length =
        snprintf(text, sizeof(text),
                 "-c statement_timeout=%u -c client_connection_check_interval=500 -c lock_timeout=200"
                 " -c standard_conforming_strings=on -c default_transaction_isolation=read\\ committed"
                 " -c enable_seqscan=off -c plan_cache_mode=force_generic_plan %s",
                 call_timeout_ms, given != NULL ? given : "");

    endpoint->session_options = todo__strdup(length < (int)sizeof(text) || given == NULL ? text : given);
    if (given != NULL)
        endpoint->given_options = todo__strdup(given);
    return endpoint->session_options != NULL && (given == NULL || endpoint->given_options != NULL);
}

/* The element of a list with commas, as a copy; NULL when it is empty or beyond the end. `ret_count`: how many. */
static char *list_element(const char *list, size_t index, size_t *ret_count)
{
    char *element = NULL;
    size_t count = 0;

    for (const char *at = list; at != NULL; count++) {
        size_t length = strcspn(at, ",");

        if (count == index && length > 0)
            element = todo__strndup(at, length);
        at = at[length] == ',' ? at + length + 1 : NULL;
    }
    *ret_count = count;
    return element;
}

static void split_hosts(todo__pg_endpoint *endpoint)
{
    const char *names = option(endpoint, "host"), *addresses = option(endpoint, "hostaddr");
    const char *ports = option(endpoint, "port");
    size_t name_count, address_count, port_count, count = 1;

    for (size_t i = 0; i < count && i < HOSTS_MAX; i++) {
        host *each = &endpoint->hosts[i];

        each->name = list_element(names, i, &name_count);
        each->address = list_element(addresses, i, &address_count);
        each->port = list_element(ports, i, &port_count);
        if (each->port == NULL && port_count == 1)
            each->port = list_element(ports, 0, &port_count);
        count = address_count > name_count ? address_count : name_count;
        endpoint->host_count = i + 1;
    }
}

/* postgresql://user@host:port,host:port/database */
static bool describe(todo__pg_endpoint *endpoint)
{
    const char *user = option(endpoint, "user"), *database = option(endpoint, "dbname");
    char text[1024];
    size_t length;

    length = (size_t)snprintf(text, sizeof(text), "postgresql://%.63s%s", user != NULL ? user : "",
                              user != NULL ? "@" : "");
    for (size_t i = 0; i < endpoint->host_count && length < sizeof(text) - 256; i++) {
        const host *each = &endpoint->hosts[i];
        const char *name = each->name != NULL ? each->name : each->address;

        length += (size_t)snprintf(text + length, 200, "%s%.150s%s%.10s", i > 0 ? "," : "",
                                   name != NULL ? name : "", each->port != NULL ? ":" : "",
                                   each->port != NULL ? each->port : "");
    }
    snprintf(text + length, sizeof(text) - length, "/%.63s", database != NULL ? database : "");
    endpoint->url = todo__strdup(text);
    return endpoint->url != NULL;
}

/* The first parameter of a URI's query that libpq does not know, into `name`; false if it knows all. */
static bool find_unknown_parameter(const char *url, char *name, size_t size)
{
    const char *at = strchr(url, '?');
    PQconninfoOption *known = PQconndefaults();
    bool found = false;

    while (at != NULL && known != NULL && !found) {
        size_t length = strspn(++at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

        snprintf(name, size, "%.*s", length < 40 ? (int)length : 40, at);
        found = at[length] == '=' && strcmp(name, "ssl") != 0;
        for (const PQconninfoOption *each = known; found && each->keyword != NULL; each++)
            found = strcmp(each->keyword, name) != 0;
        at = strchr(at, '&');
    }
    PQconninfoFree(known);
    return found;
}

/* libpq's own message would quote the URI, password included. */
static todo_status uri_invalid(const char *url, const char *field, todo_error *error)
{
    char name[64], message[160];

    if (!find_unknown_parameter(url, name, sizeof(name)))
        return todo_error_set(error, TODO_ERR_INVALID, "store_url_invalid", field,
                              "not a connection URI of PostgreSQL");
    snprintf(message, sizeof(message), "PostgreSQL URIs have no parameter \"%s\"%s", name,
             strcmp(name, "schema") == 0 ? "; for a schema use options=-csearch_path%3DNAME" : "");
    return todo_error_set(error, TODO_ERR_INVALID, "store_url_invalid", field, message);
}

static PGconn *start(todo__pg_endpoint *endpoint, const host *to, const char *attrs)
{
    const char *keywords[KEYWORDS_MAX], *values[KEYWORDS_MAX];
    size_t count = endpoint->count;

    memcpy(keywords, endpoint->keywords, count * sizeof(keywords[0]));
    memcpy(values, endpoint->values, count * sizeof(values[0]));
    values[endpoint->session] =
        atomic_load(&endpoint->without_options) ? endpoint->given_options : endpoint->session_options;
    keywords[count] = "host", values[count++] = to->name;
    keywords[count] = "hostaddr", values[count++] = to->address;
    keywords[count] = "port", values[count++] = to->port;
    keywords[count] = "target_session_attrs", values[count++] = attrs;
    keywords[count] = NULL, values[count] = NULL;
    return PQconnectStartParams(keywords, values, 0);
}

/*
 * libpq looks at the values of parameters (sslmode, port, ...) when it connects. So connect to a folder that there is not:
 * an error that does not name it is one of a value.
 */
static todo_status check_values(todo__pg_endpoint *endpoint, const char *field, todo_error *error)
{
    const host nowhere = {(char *)"/nonexistent/todo", NULL, endpoint->hosts[0].port};
    PGconn *pg = start(endpoint, &nowhere, endpoint->attrs);
    bool invalid;

    if (pg == NULL)
        return todo__pg_nomem(error);
    invalid = strstr(PQerrorMessage(pg), nowhere.name) == NULL;
    if (invalid) {
        todo_error_set(error, TODO_ERR_INVALID, "store_url_invalid", field,
                       "a parameter of the connection URI has a wrong value");
        todo_error_set_detail(error, PQerrorMessage(pg));
    }
    PQfinish(pg);
    return invalid ? TODO_ERR_INVALID : TODO_OK;
}

todo_status todo__pg_endpoint_new(const char *url, const char *field, bool read_write,
                                  const todo_store_options *options, todo__pg_endpoint **ret_endpoint,
                                  todo_error *error)
{
    todo__pg_endpoint *endpoint = todo__calloc(1, sizeof(*endpoint));
    todo_status status;

    if (endpoint == NULL)
        return todo__pg_nomem(error);
    endpoint->options = PQconninfoParse(url, NULL);
    if (endpoint->options == NULL) {
        todo__pg_endpoint_free(endpoint);
        return uri_invalid(url, field, error);
    }
    collect_keywords(endpoint);
    split_hosts(endpoint);
    endpoint->attrs = option(endpoint, "target_session_attrs");
    if (endpoint->attrs == NULL)
        endpoint->attrs = read_write ? "read-write" : "any";
    endpoint->connect_timeout = (int64_t)options->connect_timeout_ms * 1000;
    status = TODO_OK;
    if (!set_session_options(endpoint, options->call_timeout_ms) || !describe(endpoint))
        status = todo__pg_nomem(error);
    if (status == TODO_OK)
        status = check_values(endpoint, field, error);
    if (status == TODO_OK)
        *ret_endpoint = endpoint;
    else
        todo__pg_endpoint_free(endpoint);
    return status;
}

void todo__pg_endpoint_free(todo__pg_endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    for (size_t i = 0; i < endpoint->host_count; i++) {
        todo__free(endpoint->hosts[i].name);
        todo__free(endpoint->hosts[i].address);
        todo__free(endpoint->hosts[i].port);
    }
    PQconninfoFree(endpoint->options);
    todo__free(endpoint->given_options);
    todo__free(endpoint->session_options);
    todo__free(endpoint->url);
    todo__free(endpoint);
}

const char *todo__pg_endpoint_url(const todo__pg_endpoint *endpoint)
{
    return endpoint->url;
}

/* How connecting ended. */
typedef struct ending {
    bool late;         /* the deadline passed */
    ConnStatusType at; /* what the connection was doing last */
} ending;

/* Whether the connection comes about before the deadline. */
static bool complete(PGconn *pg, int64_t deadline, ending *ret_ending)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    *ret_ending = (ending){false, CONNECTION_BAD};
    if (PQstatus(pg) == CONNECTION_BAD)
        return false;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED)
            return false;
        if (!todo__pg_wait(pg, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
            ret_ending->late = true;
            return false;
        }
        ret_ending->at = PQstatus(pg);
        state = PQconnectPoll(pg);
    }
    return true;
}

/* libpq would print notices: a library does not. */
static void ignore_notice(void *arg, const PGresult *notice)
{
    (void)arg;
    (void)notice;
}

/* A pooler, or a server before version 14, that does not know the session's options. */
static bool refuses_options(const PGconn *pg)
{
    return strstr(PQerrorMessage(pg), "startup parameter") != NULL ||
           strstr(PQerrorMessage(pg), "client_connection_check_interval") != NULL;
}

/* Makes a connection ready for use, if the database is as it must be. */
static todo_status take_over(PGconn *pg, todo_error *error)
{
    PQsetErrorVerbosity(pg, PQERRORS_DEFAULT);
    PQsetNoticeReceiver(pg, ignore_notice, NULL);
    if (PQsetnonblocking(pg, 1) != 0)
        return todo__pg_unavailable(pg, error);
    return todo__pg_check_settings(pg, error);
}

static todo_status failure_of(const PGconn *pg, const ending *how, todo_error *error)
{
    if (!how->late)
        return todo__pg_connect_error(pg, how->at, error);
    todo__pg_unavailable(NULL, error);
    todo_error_set_detail(error, "no answer while connecting");
    return TODO_ERR_UNAVAILABLE;
}

static todo_status connect_host(todo__pg_endpoint *endpoint, const host *to, const char *attrs,
                                int64_t deadline, PGconn **ret_pg, todo_error *error)
{
    int64_t until = todo__monotonic_us() + endpoint->connect_timeout;

    if (until > deadline)
        until = deadline;
    for (;;) {
        PGconn *pg = start(endpoint, to, attrs);
        todo_status status;
        ending how;

        if (pg == NULL)
            return todo__pg_nomem(error);
        PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
        if (complete(pg, until, &how)) {
            status = take_over(pg, error);
        } else if (refuses_options(pg) && !atomic_exchange(&endpoint->without_options, true)) {
            PQfinish(pg);
            continue;
        } else {
            status = failure_of(pg, &how, error);
        }
        if (status == TODO_OK)
            *ret_pg = pg;
        else
            PQfinish(pg);
        return status;
    }
}

static todo_status connect_any(todo__pg_endpoint *endpoint, const char *attrs, int64_t deadline,
                               PGconn **ret_pg, todo_error *error)
{
    size_t first = atomic_load(&endpoint->preferred);
    todo_status status = TODO_ERR_UNAVAILABLE;

    for (size_t i = 0; i < endpoint->host_count; i++) {
        size_t index = (first + i) % endpoint->host_count;

        status = connect_host(endpoint, &endpoint->hosts[index], attrs, deadline, ret_pg, error);
        if (status == TODO_OK)
            atomic_store(&endpoint->preferred, index);
        if (status != TODO_ERR_UNAVAILABLE)
            return status;
    }
    return todo__monotonic_us() < deadline ? status : todo__pg_timeout(error);
}

todo_status todo__pg_endpoint_connect(todo__pg_endpoint *endpoint, int64_t deadline, PGconn **ret_pg,
                                      todo_error *error)
{
    todo_status status;

    if (strcmp(endpoint->attrs, "prefer-standby") != 0)
        return connect_any(endpoint, endpoint->attrs, deadline, ret_pg, error);
    status = connect_any(endpoint, "standby", deadline, ret_pg, error);
    if (status != TODO_ERR_UNAVAILABLE)
        return status;
    return connect_any(endpoint, "any", deadline, ret_pg, error);
}
