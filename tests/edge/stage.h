/* What a test file plays on: an edge in front of an upstream, and what is asserted about the two again and again. */
#ifndef TODO_TESTS_STAGE_H
#define TODO_TESTS_STAGE_H

#include "testing.h"

#include "edge.h"
#include "format.h"
#include "token.h"

extern struct upstream core;
extern struct edge gate;
extern char *good_token; /* token_good(""), while the stage is open */

/* Starts both; `settings` as for edge_start. */
void stage_open(const char *const settings[]);
void stage_close(void);

/* The same without settings, as cmocka wants it. */
int stage_set_up(void **state);
int stage_tear_down(void **state);

/* Puts an edge with other settings in the place of the usual one, until stage_restore. */
void stage_replace(const char *const settings[]);
void stage_restore(void);

/* What the core got: exactly one field of that name with that value, or none at all. */
void assert_arrived(const char *name, const char *value);
void assert_not_arrived(const char *name);

/* The "error" of the answer to a request with this token: "" when it was forwarded. To be freed. */
char *stage_answer(const char *token);

/* The token is taken for TEST_USER's. */
void assert_accepted(const char *token);

/* It is refused with these words, and the core hears nothing of it. */
void assert_refused(const char *token, const char *message);

#endif
