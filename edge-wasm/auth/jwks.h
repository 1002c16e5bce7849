/**
 * @file jwks.h
 * Keys from a JWK Set (RFC 7517), as JWKS gives it.
 */
#ifndef EDGE_JWKS_H
#define EDGE_JWKS_H

#include "keys.h"

/**
 * Adds the set's keys that are for signatures by an algorithm known here; others are passed over (RFC 7517, 5). The key's
 * material lies in memory that is never freed. False, with some keys perhaps added, for a text that is no set, for a key that
 * is broken or too weak (RSA below 2048 or above 4096 bits, HS256 below 256), and for a private key: the edge is not to hold
 * the power to sign.
 */
bool jwks_read(struct str text, struct keyring *keyring);

#endif
