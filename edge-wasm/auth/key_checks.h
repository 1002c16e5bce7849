/**
 * @file key_checks.h
 * Public keys that verify signatures which their owner did not make, or that nobody but an error could have made. libtodo refuses
 * the same ones (`libtodo/token/key_checks.c`, and OpenSSL); `tests/cases/keys.json` has examples for both.
 */
#ifndef EDGE_KEY_CHECKS_H
#define EDGE_KEY_CHECKS_H

#include "../shared/str.h"

#define P256_POINT_SIZE 65 /* uncompressed: 4, x, y (SEC 1, 2.3.3) */
#define ED25519_SIZE    32

/** Whether a point lies on P-256, both coordinates being less than its prime. */
bool key_p256_valid(const char point[P256_POINT_SIZE]);

/** Whether a key is the one encoding of a point of Ed25519 (RFC 8032, 5.1.3) that is not of small order. */
bool key_ed25519_valid(const char key[ED25519_SIZE]);

/**
 * Whether a modulus, without zeros in front, has 2048 to 4096 bits, no factor below 752 (what SP 800-56B, 6.4.2.3 asks to be
 * tried), and not the form of a key from the RSA generator of CVE-2017-15361 ("ROCA"), which can be factored. Whether it is a
 * prime, which takes too long for every request, is not tried here.
 */
bool key_rsa_modulus_valid(struct str modulus);

/** Whether an exponent, without zeros in front, has at most 64 bits, is odd and not 1. */
bool key_rsa_exponent_valid(struct str exponent);

#endif
