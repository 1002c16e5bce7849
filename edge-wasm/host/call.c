#include "call.h"

#include <poll.h>
#include <stdlib.h>

struct piece {
    struct piece *next;
};

void call_begin(struct call *call, struct wire *client, const struct host_config *config)
{
    call->client = client;
    call->config = config;
    call->answered = false;
    call->answer = NULL;
    call->resources_end = 0;
    call->exchanges_count = call->sinks_count = call->arena_used = 0;
    call->arena_more = NULL;
}

/* A connection whose request and answer both ended where they should can serve another. */
static void end_exchange(struct exchange *exchange)
{
    struct core_link *link = exchange->link;

    if (link == NULL)
        return;
    if (exchange->answered && wire_is_read(&link->wire) && exchange->up->finished &&
        sink_flush(exchange->up) && !exchange->up->broken && wire_keeps_alive(&link->wire))
        core_link_give(link);
    else
        core_link_close(link);
}

bool call_end(struct call *call)
{
    bool clean = true;

    for (uint32_t i = 0; i < call->resources_end; i++)
        clean = clean && call->resources[i].type == RESOURCE_FREE;
    for (size_t i = 0; i < call->exchanges_count; i++)
        end_exchange(&call->exchanges[i]);
    for (size_t i = 0; i < call->sinks_count; i++)
        sink_free(&call->sinks[i]);
    for (struct piece *piece = call->arena_more; piece != NULL;) {
        struct piece *next = piece->next;
        free(piece);
        piece = next;
    }
    return clean;
}

void *call_alloc(struct call *call, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (size <= ARENA_SIZE - call->arena_used) {
        void *at = call->arena + call->arena_used;
        call->arena_used += size;
        return at;
    }
    struct piece *piece = malloc(16 + size);
    if (piece == NULL)
        return NULL;
    piece->next = call->arena_more;
    call->arena_more = piece;
    return (char *)piece + 16;
}

char *call_text(struct call *call, const char *text, size_t length)
{
    char *copy = call_alloc(call, length + 1);

    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *call_bytes(struct call *call, const value *list)
{
    const wasmtime_component_vallist_t *members = &list->of.list;
    char *bytes = call_alloc(call, members->size);

    for (size_t i = 0; bytes != NULL && i < members->size; i++)
        bytes[i] = (char)members->data[i].of.u8;
    return bytes;
}

struct resource *call_new(struct call *call, enum resource_type type)
{
    uint32_t i = 0;

    while (i < call->resources_end && call->resources[i].type != RESOURCE_FREE)
        i++;
    if (i == RESOURCES_MAX)
        return NULL;
    if (i == call->resources_end)
        call->resources_end++;
    memset(&call->resources[i], 0, sizeof(call->resources[i]));
    call->resources[i].type = type;
    return &call->resources[i];
}

value call_own(struct call *call, const struct resource *resource)
{
    value made = {.kind = WASMTIME_COMPONENT_RESOURCE};
    wasmtime_component_resource_host_t *host =
        wasmtime_component_resource_host_new(true, (uint32_t)(resource - call->resources), resource->type);
    wasmtime_error_t *error = wasmtime_component_resource_host_to_any(call->context, host, &made.of.resource);

    wasmtime_component_resource_host_delete(host);
    if (error != NULL) /* only for a store that is full: as hopeless as being out of memory */
        abort();
    return made;
}

struct resource *call_get(struct call *call, const value *handle, enum resource_type type)
{
    wasmtime_component_resource_host_t *host;
    wasmtime_error_t *error =
        wasmtime_component_resource_any_to_host(call->context, handle->of.resource, &host);

    if (error != NULL) {
        wasmtime_error_delete(error);
        return NULL;
    }
    uint32_t at = wasmtime_component_resource_host_rep(host);
    wasmtime_component_resource_host_delete(host);
    return at < call->resources_end && call->resources[at].type == type ? &call->resources[at] : NULL;
}

struct sink *call_sink(struct call *call)
{
    if (call->sinks_count == SINKS_MAX)
        return NULL;
    sink_init(&call->sinks[call->sinks_count]);
    return &call->sinks[call->sinks_count++];
}

bool call_drain(struct call *call, struct sink *sink)
{
    while (!sink_flush(sink)) {
        struct pollfd wait = {sink->fd, POLLOUT, 0};
        if (sink->fd < 0 || poll(&wait, 1, (int)call->config->idle_ms) <= 0)
            sink->broken = true;
    }
    return !sink->broken;
}

wasmtime_error_t *call_trap(const char *message)
{
    return wasmtime_error_new(message);
}
