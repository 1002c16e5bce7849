/**
 * @file claims.h
 * The claims of a JWT (RFC 7519, 4.1) and the times in them.
 */
#ifndef EDGE_CLAIMS_H
#define EDGE_CLAIMS_H

#include "token.h"

/**
 * Judges the payload of a token whose signature is good. Returns NULL, with the subject in canonical spelling in
 * `ret_user_id`, or why it is refused.
 */
const char *claims_judge(struct str payload, const struct expectations *expectations, int64_t now,
                         char ret_user_id[36]);

/** Reads a UUID in its usual form (RFC 9562, 4) and spells it canonically, in lower case. */
bool uuid_read(struct str text, char ret_uuid[36]);

#endif
