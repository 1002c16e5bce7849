#include "fields.h"

struct str fields_get(const struct fields *fields, struct str name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (str_equal_nocase(fields->at[i].name, name)) {
            return fields->at[i].value;
        }
    }
    return (struct str){NULL, 0};
}

size_t fields_count(const struct fields *fields, struct str name)
{
    size_t count = 0;

    for (size_t i = 0; i < fields->count; i++) {
        count += str_equal_nocase(fields->at[i].name, name);
    }
    return count;
}

size_t fields_size(const struct fields *fields)
{
    size_t size = 0;

    for (size_t i = 0; i < fields->count; i++) {
        size += fields->at[i].name.len + fields->at[i].value.len + 4; /* ": ", CR LF */
    }
    return size;
}

void fields_drop(struct fields *fields, struct str name)
{
    size_t kept = 0;

    for (size_t i = 0; i < fields->count; i++) {
        if (!str_equal_nocase(fields->at[i].name, name)) {
            fields->at[kept++] = fields->at[i];
        }
    }
    fields->count = kept;
}

void fields_add(struct fields *fields, struct str name, struct str value)
{
    fields->at[fields->count++] = (struct field){name, value};
}

static bool is_for_one_connection(struct str name)
{
    static const struct str names[] = {
        {"connection", 10},
        {"keep-alive", 10},
        {"proxy-connection", 16},
        {"te", 2},
        {"trailer", 7},
        {"transfer-encoding", 17},
        {"upgrade", 7},
        {"proxy-authenticate", 18},
        {"proxy-authorization", 19},
        {"http2-settings", 14},
        {"proxy-authentication-info", 25},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_equal_nocase(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* CGI and its heirs turn every character but letters and digits into `_`, so that many spellings become one name. */
static bool reads_as(struct str name, struct str pattern, bool prefix)
{
    if (prefix ? name.len < pattern.len : name.len != pattern.len) {
        return false;
    }
    for (size_t i = 0; i < pattern.len; i++) {
        char c = ascii_lower(name.ptr[i]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if ((plain ? c : '-') != pattern.ptr[i]) {
            return false;
        }
    }
    return true;
}

static bool is_the_edges_own(struct str name)
{
    return reads_as(name, STR("x-user-id"), false) || reads_as(name, STR("x-request-id"), false) ||
           reads_as(name, STR("x-edge-"), true);
}

static bool is_named_by(struct str list, struct str name)
{
    while (list.len > 0) {
        size_t length = str_span_until(list, ',');
        struct str option = str_trim((struct str){list.ptr, length});

        if (option.len == name.len) {
            size_t i = 0;
            while (i < name.len && ascii_lower(option.ptr[i]) == ascii_lower(name.ptr[i])) {
                i++;
            }
            if (i == name.len) {
                return true;
            }
        }
        list = str_from(list, length == list.len ? length : length + 1);
    }
    return false;
}

static bool is_named_by_connection(const struct fields *fields, struct str name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (str_equal_nocase(fields->at[i].name, STR("connection")) &&
            is_named_by(fields->at[i].value, name)) {
            return true;
        }
    }
    return false;
}

void fields_drop_unforwarded(struct fields *fields)
{
    bool has_connection = fields_get(fields, STR("connection")).ptr != NULL;
    size_t kept = 0;

    /* Names given by `Connection` first, while it is still there: compaction would overwrite it. */
    for (size_t i = 0; has_connection && i < fields->count; i++) {
        if (is_named_by_connection(fields, fields->at[i].name) &&
            !str_equal_nocase(fields->at[i].name, STR("connection"))) {
            fields->at[i].name = STR("connection");
            fields->at[i].value = STR("");
        }
    }
    for (size_t i = 0; i < fields->count; i++) {
        if (!is_for_one_connection(fields->at[i].name) && !is_the_edges_own(fields->at[i].name)) {
            fields->at[kept++] = fields->at[i];
        }
    }
    fields->count = kept;
}

void fields_drop_said_by_proxies(struct fields *fields)
{
    size_t kept = 0;

    for (size_t i = 0; i < fields->count; i++) {
        struct str name = fields->at[i].name;
        if (!reads_as(name, STR("x-forwarded-"), true) && !reads_as(name, STR("x-real-ip"), false) &&
            !reads_as(name, STR("forwarded"), false)) {
            fields->at[kept++] = fields->at[i];
        }
    }
    fields->count = kept;
}
