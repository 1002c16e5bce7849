#include "adapters/postgres/lag.h"

#include <pthread.h>

#include "adapters/postgres/row.h"
#include "util/alloc.h"
#include "util/guard.h"
#include "util/monotonic.h"

#define LAG_MAX \
    900000 /* microseconds that a standby may be late: a second, less a little for the read itself */
#define LIMBO    50000  /* by which the primary shows what it has logged */
#define INTERVAL 200000 /* between two questions to the primary */
#define PATIENCE 500000 /* for its answer */
#define SAMPLES  8      /* more than there are intervals in LAG_MAX */

/* All that was committed before `at` is before `position`. */
typedef struct sample {
    int64_t at;
    uint64_t position;
} sample;

struct todo__pg_lag {
    todo__pg_pool *primary;
    pthread_mutex_t lock; /* guards what follows */
    sample samples[SAMPLES];
    unsigned next;     /* where the next sample goes; the oldest is there */
    int64_t asked;     /* when the primary was asked last */
    bool asking;       /* somebody is asking it */
    bool unanswerable; /* the last time it did not answer */
};

todo__pg_lag *todo__pg_lag_new(todo__pg_pool *primary)
{
    todo__pg_lag *lag = todo__calloc(1, sizeof(*lag));

    if (lag == NULL)
        return NULL;
    lag->primary = primary;
    lag->asked = todo__monotonic_us() - INTERVAL;
    for (unsigned i = 0; i < SAMPLES; i++)
        lag->samples[i].at = INT64_MIN;
    pthread_mutex_init(&lag->lock, NULL);
    return lag;
}

void todo__pg_lag_free(todo__pg_lag *lag)
{
    if (lag == NULL)
        return;
    pthread_mutex_destroy(&lag->lock);
    todo__free(lag);
}

static bool ask_primary(todo__pg_lag *lag, int64_t deadline, uint64_t *ret_position)
{
    static const todo__pg_params none = {0};
    int64_t until = todo__monotonic_us() + PATIENCE;
    PGresult *result;

    if (todo__pg_run(lag->primary, until < deadline ? until : deadline, TODO__PG_POSITION, &none, NULL,
                     &result, NULL) != TODO_OK)
        return false;
    *ret_position = (uint64_t)todo__pg_row_int(result, 0, 0);
    PQclear(result);
    return true;
}

/* Takes a sample, if it is time for one and nobody else does; the lock is held, but not while asking. */
static void take_sample(todo__pg_lag *lag, int64_t deadline)
{
    sample taken = {.at = todo__monotonic_us()};
    bool answered;

    if (lag->asking || taken.at - lag->asked < INTERVAL)
        return;
    lag->asking = true;
    lag->asked = taken.at;
    pthread_mutex_unlock(&lag->lock);
    answered = ask_primary(lag, deadline, &taken.position);
    pthread_mutex_lock(&lag->lock);
    lag->asking = false;
    lag->unanswerable = !answered;
    if (answered) {
        lag->samples[lag->next] = taken;
        lag->next = (lag->next + 1) % SAMPLES;
    }
}

uint64_t todo__pg_lag_floor(todo__pg_lag *lag, int64_t deadline)
{
    int64_t since = todo__monotonic_us() - LAG_MAX;
    uint64_t floor = UINT64_MAX;

    if (!todo__guarded("lag"))
        return 0;
    pthread_mutex_lock(&lag->lock);
    take_sample(lag, deadline);
    /* The oldest that is new enough asks for the least. */
    for (unsigned i = SAMPLES; i > 0; i--) {
        const sample *each = &lag->samples[(lag->next + i - 1) % SAMPLES];

        if (each->at < since)
            break;
        floor = each->position;
    }
    if (lag->unanswerable)
        floor = 0;
    pthread_mutex_unlock(&lag->lock);
    return floor;
}

bool todo__pg_lag_settled(todo__pg_lag *lag, uint64_t position)
{
    int64_t until = todo__monotonic_us() - LIMBO;
    bool settled;

    pthread_mutex_lock(&lag->lock);
    settled = lag->unanswerable;
    for (unsigned i = 0; i < SAMPLES && !settled; i++)
        settled = lag->samples[i].at <= until && lag->samples[i].position >= position;
    pthread_mutex_unlock(&lag->lock);
    return settled;
}
