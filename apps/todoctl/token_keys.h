/* The keys of todoctl token: where they come from, and how new ones are made. */
#ifndef TODOCTL_TOKEN_KEYS_H
#define TODOCTL_TOKEN_KEYS_H

#include "command.h"

/* What --secret-file and --key-file name; NULL for neither. */
typedef struct key_files {
    const char *secret;
    const char *key;
} key_files;

/*
 * Gets what tokens are signed with: from the file that is named, else from the settings JWT_SIGNING_KEY or JWT_SECRET,
 * else from the terminal. Returns 0, or an exit code after a line on stderr.
 */
int token_signing_key(const ctl_context *context, const key_files *files, todo_token_key **ret_key);

/*
 * Gets what tokens are verified with: the keys in the file that is named, else all that the settings JWKS,
 * JWT_SIGNING_KEY and JWT_SECRET have, else a secret from the terminal. Returns as above.
 */
int token_verifying_keys(const ctl_context *context, const key_files *files, todo_token_keys **ret_keys);

/* Reads the keys in a file. Returns as above. */
int token_keys_of_file(const char *file, todo_token_keys **ret_keys);

/* The name of an algorithm, such as "EdDSA", and the other way round. */
const char *token_algorithm_name(todo_token_algorithm algorithm);
bool token_algorithm_parse(const char *name, todo_token_algorithm *ret_algorithm);

/* token keygen and token jwks, in token_keygen.c. */
extern const option_spec token_keygen_options[];
int run_token_keygen(ctl_context *context, int count, char **arguments);
int run_token_jwks(ctl_context *context, int count, char **arguments);

#endif
