/* How far a standby must be for everybody to see what anybody wrote a second ago. */
#ifndef TODO_ADAPTERS_POSTGRES_LAG_H
#define TODO_ADAPTERS_POSTGRES_LAG_H

#include "adapters/postgres/pool.h"

/*
 * Notes every now and then where in its log the primary is. A standby that is not yet where the primary was nearly a
 * second ago is too late for anybody. Thread-safe.
 */
typedef struct todo__pg_lag todo__pg_lag;

/* Of the primary's pool, which must outlive it. NULL when out of memory. */
todo__pg_lag *todo__pg_lag_new(todo__pg_pool *primary);

/* NULL is fine. */
void todo__pg_lag_free(todo__pg_lag *lag);

/*
 * The position that a standby must have reached for a read that begins now: UINT64_MAX while nobody knows where the
 * primary is, 0 when the primary can't be asked. Asks it if its last answer is some time ago, until `deadline` at most.
 */
uint64_t todo__pg_lag_floor(todo__pg_lag *lag, int64_t deadline);

/*
 * Whether what a standby shows that is no further than `position` the primary surely shows too. True when the primary
 * can't be asked: then there is nobody to be ahead of.
 */
bool todo__pg_lag_settled(todo__pg_lag *lag, uint64_t position);

#endif
