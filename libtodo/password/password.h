/* Passwords, hashed by crypt(3) of libxcrypt. Each hash or check takes 0.1 to 0.3 s of a core. */
#ifndef TODO_PASSWORD_PASSWORD_H
#define TODO_PASSWORD_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include <todo/error.h>

#define TODO__PASSWORD_HASH_SIZE 384 /* CRYPT_OUTPUT_SIZE of libxcrypt */

/* Hashes with the strongest scheme crypt(3) offers and a fresh salt. INTERNAL ("password_hash_failed"), NOMEM. */
todo_status todo__password_hash(const char *password, char ret_hash[TODO__PASSWORD_HASH_SIZE],
                                todo_error *error);

/* Whether the password is the one of the hash, compared in constant time. A hash nobody can read matches nothing. */
todo_status todo__password_verify(const char *password, const char *hash, bool *ret_match, todo_error *error);

/* Whether the hash is of a weaker scheme or cost than todo__password_hash would use today. */
bool todo__password_outdated(const char *hash);

#endif
