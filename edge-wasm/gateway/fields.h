/**
 * @file fields.h
 * Which header fields pass between client and core (RFC 9110, 7.6.1), as a matter of names alone.
 */
#ifndef EDGE_FIELDS_H
#define EDGE_FIELDS_H

#include "../shared/str.h"

/** A header field as wasi:http hands it out: tuple<field-key, field-value>. */
struct field {
    struct str name;
    struct str value;
};

struct fields {
    struct field *at;
    size_t count;
};

/** The value of the first field of that name, in lower case; `ptr` is NULL when there is none. */
struct str fields_get(const struct fields *fields, struct str name);

/** How many fields have that name, in lower case. */
size_t fields_count(const struct fields *fields, struct str name);

/** How many bytes all fields have in a head. */
size_t fields_size(const struct fields *fields);

/**
 * Drops what is meant for one connection only, whether by its name or by `Connection` naming it, and what only the edge
 * may say to the core or to the client: X-User-Id, X-Request-Id, X-Edge-* in any spelling that some server might read as
 * such (`x_user_id`).
 */
void fields_drop_unforwarded(struct fields *fields);

/** Drops what only a proxy in front of the edge could truly say about the client: X-Forwarded-*, X-Real-IP, Forwarded. */
void fields_drop_said_by_proxies(struct fields *fields);

/** Drops every field of that name, in lower case. */
void fields_drop(struct fields *fields, struct str name);

/** Adds a field; there must be room. */
void fields_add(struct fields *fields, struct str name, struct str value);

#endif
