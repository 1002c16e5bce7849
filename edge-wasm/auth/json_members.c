#include "json_members.h"
#include "decimal.h"
#include "utf8.h"
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#define DEPTH_MAX 32

struct member_name {
    struct member_name *previous;
    struct str name;
};

/* One object or array that is open; names are those of an object so far, the newest first. */
struct level {
    struct member_name *names;
    struct str name;
    bool is_array;
};

struct reader {
    json_visit *visit;
    void *context;
    unsigned depth; /* open containers */
    struct level levels[DEPTH_MAX + 1];
};

static int visit_value(struct reader *reader, enum json_type type, const unsigned char *text, size_t length)
{
    const struct level *level = &reader->levels[reader->depth];
    struct json_value value = {type, {(const char *)text, length}, reader->depth, level->is_array};

    if (reader->depth == 0) {
        return 0; /* a text that is no object */
    }
    return reader->visit(reader->context, level->name, &value);
}

static int on_null(void *context)
{
    return visit_value(context, JSON_NULL, NULL, 0);
}

static int on_boolean(void *context, int value)
{
    (void)value;
    return visit_value(context, JSON_BOOLEAN, NULL, 0);
}

static int on_number(void *context, const char *text, size_t length)
{
    return decimal_in_range((struct str){text, length}) &&
           visit_value(context, JSON_NUMBER, (const unsigned char *)text, length);
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    return visit_value(context, JSON_STRING, text, length);
}

static int open_level(struct reader *reader, enum json_type type)
{
    if (reader->depth > 0 && !visit_value(reader, type, NULL, 0)) {
        return 0;
    }
    if (reader->depth == DEPTH_MAX) {
        return 0;
    }
    struct str name = reader->levels[reader->depth].name;
    reader->levels[++reader->depth] = (struct level){NULL, name, type == JSON_ARRAY};
    return 1;
}

static int close_level(struct reader *reader)
{
    struct member_name *name = reader->levels[reader->depth--].names;

    while (name != NULL) {
        struct member_name *previous = name->previous;
        free(name);
        name = previous;
    }
    return 1;
}

static int on_start_object(void *context)
{
    return open_level(context, JSON_OBJECT);
}

static int on_start_array(void *context)
{
    struct reader *reader = context;

    return reader->depth > 0 && open_level(reader, JSON_ARRAY);
}

static int on_end(void *context)
{
    return close_level(context);
}

static struct member_name *new_name(const unsigned char *text, size_t length)
{
    struct member_name *name = malloc(sizeof *name + length);

    if (name != NULL) {
        memcpy(name + 1, text, length);
        name->name = (struct str){(const char *)(name + 1), length};
    }
    return name;
}

static int on_name(void *context, const unsigned char *text, size_t length)
{
    struct reader *reader = context;
    struct level *level = &reader->levels[reader->depth];

    for (struct member_name *seen = level->names; seen != NULL; seen = seen->previous) {
        if (str_equal(seen->name, (struct str){(const char *)text, length})) {
            return 0;
        }
    }
    struct member_name *name = new_name(text, length);
    if (name == NULL) {
        return 0;
    }
    name->previous = level->names;
    level->names = name;
    level->name = name->name;
    return 1;
}

/* The code unit of an escape, whose digits follow; -1 when they are none. */
static long code_unit(struct str text)
{
    long unit = 0;

    for (size_t i = 0; i < 4; i++) {
        char c = i < text.len ? ascii_lower(text.ptr[i]) : ' ';
        bool letter = c >= 'a' && c <= 'f';

        if (!letter && (c < '0' || c > '9')) {
            return -1;
        }
        unit = unit * 16 + (letter ? c - 'a' + 10 : c - '0');
    }
    return unit;
}

/* Whether no escape stands for a NUL or for half a surrogate pair. Where else a backslash may stand is YAJL's to know. */
static bool escapes_valid(struct str text)
{
    size_t at;

    while ((at = str_span_until(text, '\\')) < text.len) {
        text = str_from(text, at + 1);
        if (text.len == 0 || text.ptr[0] != 'u') {
            text = str_from(text, text.len > 0);
            continue;
        }
        long unit = code_unit(str_from(text, 1));
        if (unit <= 0 || (unit & ~0x3FFL) == 0xDC00) {
            return false;
        }
        text = str_from(text, 5);
        if ((unit & ~0x3FFL) == 0xD800) {
            if (!str_starts_with(text, STR("\\u")) || (code_unit(str_from(text, 2)) & ~0x3FFL) != 0xDC00) {
                return false;
            }
            text = str_from(text, 6);
        }
    }
    return true;
}

bool json_read_object(struct str text, json_visit *visit, void *context)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = on_null,
        .yajl_boolean = on_boolean,
        .yajl_number = on_number,
        .yajl_string = on_string,
        .yajl_start_map = on_start_object,
        .yajl_map_key = on_name,
        .yajl_end_map = on_end,
        .yajl_start_array = on_start_array,
        .yajl_end_array = on_end,
    };
    struct reader reader = {.visit = visit, .context = context};

    /* YAJL takes overlong forms and surrogates for UTF-8, and makes a question mark of half a surrogate pair. */
    if (!utf8_valid(text) || !escapes_valid(text)) {
        return false;
    }
    yajl_handle parser = yajl_alloc(&callbacks, NULL, &reader);
    if (parser == NULL) {
        return false;
    }
    bool valid = yajl_parse(parser, (const unsigned char *)text.ptr, text.len) == yajl_status_ok &&
                 yajl_complete_parse(parser) == yajl_status_ok;
    yajl_free(parser);
    while (reader.depth > 0) {
        close_level(&reader);
    }
    return valid;
}
