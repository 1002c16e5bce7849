/* Where Redis is and who we are there: redis://[[user]:password@]host[:port][/database]. */
#ifndef TODO_ADAPTERS_REDIS_URL_H
#define TODO_ADAPTERS_REDIS_URL_H

#include <todo/error.h>

typedef struct todo__redis_url {
    char *host; /* a name or an address, without brackets */
    char *user; /* NULL: the default user */
    char *password;
    int port;
    int database;
} todo__redis_url;

/*
 * Reads a URL; the caller clears what it got. INVALID, code "cache_url_invalid"; UNSUPPORTED, code
 * "cache_url_unsupported", for rediss://; NOMEM. No error quotes the URL, which may hold a password.
 */
todo_status todo__redis_url_parse(const char *text, todo__redis_url *ret_url, todo_error *error);

/* Wipes and frees the members. */
void todo__redis_url_clear(todo__redis_url *url);

/* The URL without its password, released with todo__free; NULL when out of memory. */
char *todo__redis_url_redacted(const todo__redis_url *url);

#endif
