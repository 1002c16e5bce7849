/**
 * @file decimal.h
 * Numbers of JSON, read from their literals: the component has no strtod.
 */
#ifndef EDGE_DECIMAL_H
#define EDGE_DECIMAL_H

#include "../shared/str.h"
#include <stdint.h>

/** Whether a JSON number is one that libtodo's parser takes too: an integer of 64 bits with a sign, any other below 1e308. */
bool decimal_in_range(struct str literal);

/**
 * Reads the whole part of a JSON number, whose fraction is cut off: `1.9e9` is 1,900,000,000. False when its magnitude is 2^53 or
 * more, beyond which a JSON number is not interoperable (RFC 8259, 6).
 */
bool decimal_whole(struct str literal, int64_t *ret_whole);

#endif
