/* Signatures of tokens: made by libjwt, EdDSA by OpenSSL; all are verified by OpenSSL. Between todo__openssl_begin and _end. */
#ifndef TODO_TOKEN_SIGNATURE_H
#define TODO_TOKEN_SIGNATURE_H

#include <jwt.h>

#include "domain/text.h"
#include "token/key.h"

#define TODO__ED25519_SIGNATURE_SIZE 64

/* libjwt's name of an algorithm; JWT_ALG_INVAL for EdDSA, which it does not have. */
jwt_alg_t todo__libjwt_algorithm(todo_token_algorithm algorithm);

/* What libjwt signs with. */
const todo__key_text *todo__libjwt_key(const todo_token_key *key);

/* Signs with Ed25519 (RFC 8032, 5.1.6). False when OpenSSL fails. */
bool todo__ed25519_sign(const todo_token_key *key, const char *text, size_t length,
                        unsigned char ret_signature[TODO__ED25519_SIGNATURE_SIZE]);

/*
 * Whether these bytes are a signature of the text by the key and its algorithm. The text is not looked into: what it says is
 * judged only once its signature is good. NOMEM.
 */
todo_status todo__signature_check(const todo_token_key *key, todo__slice signed_text, todo__slice signature,
                                  bool *ret_genuine, todo_error *error);

/* Signs something and verifies it: whether the halves of a pair belong together. False when it can't sign at all. */
bool todo__pair_tries(EVP_PKEY *pair, todo_token_algorithm algorithm, bool *ret_genuine);

#endif
