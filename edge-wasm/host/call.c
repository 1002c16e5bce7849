#include "call.h"

#include <stdlib.h>

struct piece {
    struct piece *next;
};

/* Host is told as the authority, and how the body came is between us and the client. */
static bool show_fields(struct call *call)
{
    const struct wire *client = call->client;
    struct field *shown = call_alloc(call, (client->fields_count + 1) * sizeof(*shown));
    size_t count = 0;

    for (size_t i = 0; shown != NULL && i < client->fields_count; i++)
        if (!field_is(&client->fields[i], "host") && !field_is(&client->fields[i], "transfer-encoding"))
            shown[count++] = client->fields[i];
    call->fields = (struct fields){shown, count};
    return shown != NULL;
}

static void on_time(struct timer *timer)
{
    struct call *call = (struct call *)((char *)timer - offsetof(struct call, timer));

    call->wake(call);
}

bool call_begin(struct call *call)
{
    call->answered = call->wants_body = false;
    call->waiting = (struct waiting){.until = TIMER_NEVER};
    call->timer = (struct timer){.run = on_time, .due = TIMER_NEVER};
    call->resources_end = 0;
    call->exchanges_count = call->sinks_count = call->arena_used = 0;
    call->arena_more = NULL;
    return show_fields(call);
}

/* A connection whose request and answer both ended where they should can serve another. */
static void end_exchange(struct exchange *exchange)
{
    struct core_link *link = exchange->link;

    if (link == NULL)
        return;
    if (exchange->answered && exchange->error == NULL && wire_is_read(&link->wire) &&
        exchange->up->finished && sink_flush(exchange->up) && !exchange->up->broken &&
        wire_keeps_alive(&link->wire))
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
    timer_remove(&call->loop->timers, &call->timer);
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
    memset(&call->sinks[call->sinks_count], 0, sizeof(*call->sinks));
    return &call->sinks[call->sinks_count++];
}

bool call_reads_client(const struct call *call)
{
    for (uint32_t i = 0; i < call->resources_end; i++) {
        const struct resource *resource = &call->resources[i];
        if ((resource->type == RESOURCE_INCOMING_BODY || resource->type == RESOURCE_INPUT_STREAM) &&
            resource->source.exchange == NULL)
            return true;
    }
    return false;
}

wasmtime_error_t *call_trap(const char *message)
{
    return wasmtime_error_new(message);
}
