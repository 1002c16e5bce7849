/**
 * @file route.h
 * Where a request may go, decided on the raw path so that edge and core can never read it differently.
 */
#ifndef EDGE_ROUTE_H
#define EDGE_ROUTE_H

#include "../shared/str.h"

enum route {
    ROUTE_OPEN,      /**< goes through without a token */
    ROUTE_HEALTH,    /**< so does this; its answer without a core is 503 instead of 502 */
    ROUTE_PROTECTED, /**< needs a token */
    ROUTE_UNKNOWN, /**< nothing that is published: 404, with a token; without one 401 as for any other path */
    ROUTE_BAD      /**< a path that two servers might read in two ways */
};

static inline bool route_needs_token(enum route route)
{
    return route == ROUTE_PROTECTED || route == ROUTE_UNKNOWN;
}

/**
 * Decides by the path and query as they came. `open_paths` is a comma-separated list of further paths that go through
 * without a token; one that ends in `*` stands for all paths that begin so.
 */
enum route route_of(struct str path_with_query, struct str open_paths);

/**
 * Whether a path means one thing only: it starts with `/`, has no empty or dot segment, no backslash, no control or
 * non-ASCII byte, and no percent-encoding that is malformed or hides one of those or a slash.
 */
bool path_is_plain(struct str path);

#endif
