#include "origin.h"
#include "request_id.h"

#define HOST_LENGTH_MAX 255

static bool is_lower_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Whether `length` characters are lower-case hexadecimal digits, and not all 0 when that would mean nothing. */
static bool hex_field(const char *at, size_t length, bool zero_is_fine)
{
    bool all_zero = true;

    for (size_t i = 0; i < length; i++) {
        if (!is_lower_hex(at[i])) {
            return false;
        }
        all_zero &= at[i] == '0';
    }
    return zero_is_fine || !all_zero;
}

bool traceparent_valid(struct str value)
{
    return value.len == 55 && str_starts_with(value, STR("00-")) && hex_field(value.ptr + 3, 32, false) &&
           value.ptr[35] == '-' && hex_field(value.ptr + 36, 16, false) && value.ptr[52] == '-' &&
           hex_field(value.ptr + 53, 2, true);
}

void origin_take_request_id(struct request *request)
{
    struct str id = fields_get(&request->fields, STR("x-request-id"));
    char taken[UUID_LENGTH];

    if (id.len != UUID_LENGTH || fields_count(&request->fields, STR("x-request-id")) != 1) {
        return;
    }
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        taken[i] = ascii_lower(id.ptr[i]);
        if (dash ? taken[i] != '-' : !is_lower_hex(taken[i])) {
            return;
        }
    }
    memcpy(request->id, taken, UUID_LENGTH);
}

/* 00, the request id as the trace id, half of another random UUID as the parent id, not sampled. */
static void start_trace(const struct request *request, char traceparent[55])
{
    char parent[UUID_LENGTH];
    size_t at = 0;

    request_id_make(parent);
    memcpy(traceparent, "00-", 3);
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        if (request->id[i] != '-') {
            traceparent[3 + at++] = request->id[i];
        }
    }
    traceparent[35] = '-';
    memcpy(traceparent + 36, parent, 8);
    memcpy(traceparent + 44, parent + 24, 8);
    memcpy(traceparent + 52, "-00", 3);
}

/* A host as it may stand in a quoted string. */
static bool host_is_plain(struct str host)
{
    for (size_t i = 0; i < host.len; i++) {
        if (host.ptr[i] <= ' ' || host.ptr[i] > '~' || host.ptr[i] == '"' || host.ptr[i] == '\\') {
            return false;
        }
    }
    return host.len > 0 && host.len <= HOST_LENGTH_MAX;
}

static void add_forwarded(struct request *request, struct origin_room *room)
{
    struct str scheme = request->https ? STR("https") : STR("http");
    struct str parts[] = {STR("host=\""), request->authority, STR("\";proto="), scheme};
    size_t length = 0;

    fields_add(&request->fields, STR("x-forwarded-proto"), scheme);
    if (!host_is_plain(request->authority)) {
        return;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        memcpy(room->forwarded + length, parts[i].ptr, parts[i].len);
        length += parts[i].len;
    }
    fields_add(&request->fields, STR("x-forwarded-host"), request->authority);
    fields_add(&request->fields, STR("forwarded"), (struct str){room->forwarded, length});
}

void origin_set(struct request *request, const struct config *config, struct origin_room *room)
{
    struct fields *fields = &request->fields;
    bool told = fields_get(fields, STR("forwarded")).ptr != NULL ||
                fields_get(fields, STR("x-forwarded-proto")).ptr != NULL;

    if (!config->trust_proxy) {
        fields_drop_said_by_proxies(fields);
    }
    if (!config->trust_proxy || !told) {
        add_forwarded(request, room);
    }
    if (fields_count(fields, STR("traceparent")) != 1 ||
        !traceparent_valid(fields_get(fields, STR("traceparent")))) {
        fields_drop(fields, STR("traceparent"));
        fields_drop(fields, STR("tracestate"));
        start_trace(request, room->traceparent);
        fields_add(fields, STR("traceparent"), (struct str){room->traceparent, sizeof room->traceparent});
    }
}
