/**
 * @file json_members.h
 * A strict reading of one JSON object (RFC 8259): its own members, in order, with what is nested in them checked too.
 *
 * Refused: anything but one object, duplicate member names at any depth, text that is not UTF-8, nesting deeper than 8.
 * The grammar is YAJL's to check; this adds what RFC 8725 asks beyond it.
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
};

/**
 * Called for every value, containers before what is in them. `name` is the member's name, or the name of the member that
 * the array is in. Returns false to refuse the document.
 */
typedef bool json_visit(void *context, struct str name, const struct json_value *value);

/** True when the text is acceptable and every visit was. */
bool json_read_object(struct str text, json_visit *visit, void *context);

#endif
