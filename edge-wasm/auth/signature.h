/**
 * @file signature.h
 * One signature against one key, by the algorithm the key is for (RFC 7518, RFC 8037).
 */
#ifndef EDGE_SIGNATURE_H
#define EDGE_SIGNATURE_H

#include "keys.h"

/** Takes as long for a wrong signature as for a right one where the key is secret. */
bool signature_valid(const struct key *key, struct str signed_text, struct str signature);

#endif
