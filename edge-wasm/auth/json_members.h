/**
 * @file json_members.h
 * A strict reading of one JSON object (RFC 8259): its own members, in order, with what is nested in them checked too.
 *
 * Refused: anything but one object, duplicate member names at any depth, text that is not UTF-8, escapes of a NUL or of half a
 * surrogate pair, integers beyond 64 bits, other numbers beyond a double, nesting deeper than 32. The grammar is YAJL's to check;
 * the rest is what libtodo's parser refuses (`todo/json.h`), so that both judge a token alike.
 */
#ifndef EDGE_JSON_MEMBERS_H
#define EDGE_JSON_MEMBERS_H

#include "../shared/str.h"

enum json_type { JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/** A value as it is met. `text` is a string's decoded content or a number's literal, valid during the call only. */
struct json_value {
    enum json_type type;
    struct str text;
    /** How deep it lies: 1 is a member of the object itself, 2 an element or member of that, and so on. */
    unsigned depth;
    /** An element of an array; otherwise a member of an object. */
    bool is_element;
};

/** Whether the value is a member of the document itself, not of anything nested in it. */
static inline bool json_is_top_member(const struct json_value *value)
{
    return value->depth == 1;
}

/** Whether the value is an element of an array that is a member of the document itself. */
static inline bool json_is_top_element(const struct json_value *value)
{
    return value->depth == 2 && value->is_element;
}

/**
 * Called for every value, containers before what is in them. `name` is the member's name, or the name of the member that
 * the array is in. Returns false to refuse the document. A member of a nested object comes with a name of its own, which may be
 * that of a member at the top: look at the value's place, too.
 */
typedef bool json_visit(void *context, struct str name, const struct json_value *value);

/** True when the text is acceptable and every visit was. */
bool json_read_object(struct str text, json_visit *visit, void *context);

#endif
