/* The adapter as the composition root sees it. */
#include <stdio.h>
#include <string.h>

#include "adapters/backend.h"
#include "adapters/postgres/maintain.h"
#include "adapters/postgres/migrate.h"
#include "adapters/postgres/ports.h"
#include "util/alloc.h"
#include "util/guard.h"
#include "util/monotonic.h"

typedef struct postgres {
    todo__pg_pool *writer;
    todo__pg_pool *reader; /* NULL: the writer's endpoint serves reads too */
    todo__pg_seen *seen;   /* NULL without a reader */
} postgres;

static void close_backend(void *self)
{
    postgres *backend = self;

    todo__pg_pool_free(backend->reader);
    todo__pg_pool_free(backend->writer);
    todo__pg_seen_free(backend->seen);
    todo__free(backend);
}

static todo_status migrate(void *self, const todo_call *call, uint32_t *ret_applied, todo_error *error)
{
    return todo__pg_migrate(((postgres *)self)->writer, call, ret_applied, error);
}

static todo_status migrations(void *self, const todo_call *call, todo_migration_visit visit, void *arg,
                              todo_error *error)
{
    return todo__pg_migrations(((postgres *)self)->writer, call, visit, arg, error);
}

static todo_status revert(void *self, const todo_call *call, const todo_revert_options *options,
                          todo_migration_visit visit, void *arg, todo_error *error)
{
    return todo__pg_revert(((postgres *)self)->writer, call, options, visit, arg, error);
}

static todo_status check(void *self, const todo_call *call, todo_store_flaw_visit visit, void *arg,
                         todo_error *error)
{
    return todo__pg_check(((postgres *)self)->writer, call, visit, arg, error);
}

static todo_status vacuum(void *self, const todo_call *call, todo_error *error)
{
    return todo__pg_vacuum(((postgres *)self)->writer, call, error);
}

/* One round trip; `ret_version` (64 bytes) gets what the server calls itself. */
static todo_status ping(todo__pg_pool *pool, const todo_call *call, int64_t *ret_latency, char *ret_version,
                        todo_error *error)
{
    static const todo__pg_params none = {0};
    int64_t deadline = todo__pg_deadline(pool, call), start;
    todo__pg_connection *connection;
    const char *version;
    PGresult *result;
    todo_status status = todo__pg_acquire(pool, deadline, &connection, error);

    if (status != TODO_OK)
        return status;
    start = todo__monotonic_us();
    status = todo__pg_execute(connection, deadline, TODO__PG_PING, &none, &result, error);
    if (status == TODO_OK) {
        PQclear(result);
        *ret_latency = todo__monotonic_us() - start;
        version = PQparameterStatus(connection->pg, "server_version");
        version = version != NULL ? version : "";
        snprintf(ret_version, 64, "PostgreSQL %.*s", (int)strcspn(version, " "), version);
    }
    todo__pg_release(pool, connection);
    return status;
}

static todo_status probe_part(const char *name, todo__pg_pool *pool, const todo_call *call,
                              todo_store_part_visit visit, void *arg, todo_error *error)
{
    todo_error failure = TODO_ERROR_INIT;
    char version[64] = "";
    int64_t latency = 0;
    todo_status status = ping(pool, call, &latency, version, &failure);
    todo_store_part part = {sizeof(part),   name,        todo__pg_endpoint_url(todo__pg_pool_endpoint(pool)),
                            status,         latency,     version,
                            failure.detail, failure.code};

    if (visit != NULL)
        visit(arg, &part);
    return todo__pg_pass_on(status, &failure, error);
}

/* Reads can be served when either answers. */
static todo_status probe(void *self, const todo_call *call, todo_store_part_visit visit, void *arg,
                         todo_error *error)
{
    postgres *backend = self;
    todo_error failure = TODO_ERROR_INIT;
    todo_status writer = probe_part("writer", backend->writer, call, visit, arg, &failure);
    todo_status reader = writer;

    if (backend->reader != NULL)
        reader = probe_part("reader", backend->reader, call, visit, arg, NULL);
    if (writer == TODO_OK || reader == TODO_OK)
        return TODO_OK;
    if (writer != TODO_ERR_UNAVAILABLE)
        return todo__pg_unavailable(NULL, error);
    return todo__pg_pass_on(writer, &failure, error);
}

static todo_status open_pool(const char *url, const char *field, bool read_write,
                             const todo_store_options *options, todo__pg_pool **ret_pool, todo_error *error)
{
    todo__pg_endpoint *endpoint;
    todo_status status = todo__pg_endpoint_new(url, field, read_write, options, &endpoint, error);

    if (status != TODO_OK)
        return status;
    status = todo__pg_pool_new(endpoint, options, ret_pool, error);
    if (status != TODO_OK)
        todo__pg_endpoint_free(endpoint);
    return status;
}

static todo_status open_pools(postgres *backend, const todo_store_options *options, todo_error *error)
{
    bool apart = todo__is_replicated(options);
    todo__pg_connection *connection;
    todo_status status = open_pool(options->url, "url", true, options, &backend->writer, error);

    if (status == TODO_OK && apart)
        status = open_pool(options->reader_url, "reader_url", false, options, &backend->reader, error);
    if (status != TODO_OK)
        return status;
    if (apart && (backend->seen = todo__pg_seen_new()) == NULL)
        return todo__pg_nomem(error);
    /* The writer must be there from the start; the reader need not. */
    status = todo__pg_acquire(backend->writer, todo__pg_deadline(backend->writer, NULL), &connection, error);
    if (status == TODO_OK)
        todo__pg_release(backend->writer, connection);
    return status;
}

static todo_status new_ports(const postgres *backend, bool cached, todo__backend *made, todo_error *error)
{
    /* What a cache is filled with must not be older than what it was told of. */
    const todo__pg_sources sources = {backend->writer, backend->reader, backend->seen,
                                      cached && todo__guarded("fill")};
    todo_status status = todo__pg_reader_new(sources, &made->reader, error);

    if (status == TODO_OK)
        status = todo__pg_writer_new(backend->writer, backend->seen, &made->writer, error);
    if (status == TODO_OK)
        status = todo__pg_users_new(backend->writer, backend->seen, &made->users, error);
    return status;
}

todo_status todo__postgres_open(const todo_store_options *options, todo__backend *ret_backend,
                                todo_error *error)
{
    static const todo__backend_ops ops = {.close = close_backend,
                                          .migrate = migrate,
                                          .migrations = migrations,
                                          .revert = revert,
                                          .probe = probe,
                                          .check = check,
                                          .vacuum = vacuum};
    todo__backend made = {.ops = &ops, .self = todo__calloc(1, sizeof(postgres))};
    todo_status status;

    if (made.self == NULL)
        return todo__pg_nomem(error);
    status = open_pools(made.self, options, error);
    if (status == TODO_OK)
        status = new_ports(made.self, options->cache_url != NULL, &made, error);
    if (status == TODO_OK) {
        *ret_backend = made;
        return TODO_OK;
    }
    todo_reader_unref(made.reader);
    todo_writer_unref(made.writer);
    close_backend(made.self);
    return status;
}
