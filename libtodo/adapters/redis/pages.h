/*
 * The pages of users' lists that this process holds, under the lease and within the bound of what is held at all
 * (hold.h). A hit takes a reference: it copies and allocates nothing, and no lock is held while the page is looked at.
 *
 * Any change of a user's todos may change any of their lists, so all pages of the user go with it. A load is registered
 * before anybody is asked (the placeholder), and what it finds is held only if nobody said meanwhile that something of
 * the user has changed.
 *
 * As long as pages of a user are held, so is what Redis says of the position of the user's last change.
 *
 * Thread-safe.
 */
#ifndef TODO_ADAPTERS_REDIS_PAGES_H
#define TODO_ADAPTERS_REDIS_PAGES_H

#include "adapters/redis/hold.h"
#include "adapters/redis/page.h"

typedef struct todo__pages todo__pages;

/* `hold` must outlive it. NOMEM. */
todo_status todo__pages_new(todo__hold *hold, todo__pages **ret_pages, todo_error *error);

/* No load may be under way. NULL is fine. */
void todo__pages_free(todo__pages *pages);

/* What is known of a page that is held. */
typedef struct todo__page_facts {
    int64_t position;   /* no change of the user's is behind it in the database's log; 0: that is not known */
    int64_t read_at;    /* when the reading began (todo__monotonic_us) */
    int64_t expires_at; /* the same for when it goes */
} todo__page_facts;

/* The page, with a reference for the caller, or NULL. */
todo__page *todo__pages_get(todo__pages *pages, const todo_uuid *user, const todo_list_query *query,
                            todo__page_facts *ret_facts);

/* The user's todos have changed: forgets all pages, and what is being loaded of the user will not be held. */
void todo__pages_forget(todo__pages *pages, const todo_uuid *user);

/* A load under way, of the caller's. */
typedef struct todo__page_load {
    todo_uuid user;
    struct todo__account *account;
    uint64_t era;
    uint64_t changes;
    todo__page *page;  /* what was read so far; NULL: it will not be held */
    bool has_position; /* what was known of the user when the load began */
    int64_t position;
} todo__page_load;

/* Registers a load; todo__pages_end must follow. False when nothing could be held now: then nothing must follow. */
bool todo__pages_begin(todo__pages *pages, const todo_uuid *user, todo__page_load *load);

/* Notes what Redis says of the user's last change. */
void todo__pages_learn(todo__pages *pages, const todo__page_load *load, int64_t position);

/* Adds a todo to what was read. */
void todo__pages_add(todo__page_load *load, const todo_item *item);

/* What is read will not be held. */
void todo__pages_give_up(todo__page_load *load);

/* Holds what was read. */
void todo__pages_publish(todo__pages *pages, todo__page_load *load, const todo_list_query *query,
                         const todo__page_facts *facts);

/* Ends a load, published or not. */
void todo__pages_end(todo__pages *pages, todo__page_load *load);

/* How many pages are held, and what they take. */
typedef struct todo__pages_usage {
    uint64_t pages;
    uint64_t bytes;
} todo__pages_usage;

todo__pages_usage todo__pages_usage_of(todo__pages *pages);

#endif
