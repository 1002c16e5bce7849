/* Public keys that verify signatures which their owner did not make; the edge has the same rules (edge-wasm/auth/key_checks.h). */
#ifndef TODO_TOKEN_KEY_CHECKS_H
#define TODO_TOKEN_KEY_CHECKS_H

#include <stdbool.h>

#include <openssl/types.h>

#define TODO__ED25519_KEY_SIZE 32

/*
 * Whether a key is the one encoding of a point of Ed25519 (RFC 8032, 5.1.3) that is not of small order: under a key of small
 * order one signature fits many texts. OpenSSL decodes a key only when it verifies. False also when memory is short.
 */
bool todo__key_ed25519_valid(const unsigned char key[TODO__ED25519_KEY_SIZE]);

/* Whether a modulus has the form of a key of the RSA generator of CVE-2017-15361 ("ROCA"), which can be factored. */
bool todo__key_is_roca(const BIGNUM *modulus);

#endif
