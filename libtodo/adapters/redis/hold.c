#include "adapters/redis/hold.h"

#include <utlist.h>

#include "util/alloc.h"
#include "util/monotonic.h"

#define LARGEST_SHARE 8u

struct todo__hold {
    size_t limit;
    atomic_size_t bytes;
    todo__shelf *shelves;
    atomic_uint_fast64_t era; /* odd: changes are heard of; each loss begins another one */
    atomic_int_fast64_t lease;
};

todo_status todo__hold_new(size_t bytes, todo__hold **ret_hold, todo_error *error)
{
    todo__hold *hold = todo__calloc(1, sizeof(*hold));

    if (hold == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    hold->limit = bytes;
    *ret_hold = hold;
    return TODO_OK;
}

void todo__hold_free(todo__hold *hold)
{
    todo__free(hold);
}

void todo__shelf_init(todo__shelf *shelf, todo__hold *hold,
                      void (*drop)(todo__shelf *shelf, todo__held *thing), void (*empty)(todo__shelf *shelf))
{
    shelf->hold = hold;
    shelf->drop = drop;
    shelf->empty = empty;
    pthread_mutex_init(&shelf->lock, NULL);
    atomic_store(&shelf->least_recent, INT64_MAX);
    LL_PREPEND(hold->shelves, shelf);
}

static void empty_shelf(todo__shelf *shelf)
{
    pthread_mutex_lock(&shelf->lock);
    shelf->empty(shelf);
    pthread_mutex_unlock(&shelf->lock);
}

void todo__shelf_clear(todo__shelf *shelf)
{
    empty_shelf(shelf);
    pthread_mutex_destroy(&shelf->lock);
}

/* ---- the bound ---- */

size_t todo__hold_largest(const todo__hold *hold)
{
    return hold->limit / LARGEST_SHARE;
}

static void note_last(todo__shelf *shelf)
{
    atomic_store_explicit(&shelf->least_recent,
                          shelf->things != NULL ? shelf->things->prev->used_at : INT64_MAX,
                          memory_order_relaxed);
}

void todo__shelf_put(todo__shelf *shelf, todo__held *thing)
{
    thing->used_at = todo__monotonic_us();
    DL_PREPEND(shelf->things, thing);
    note_last(shelf);
    shelf->bytes += thing->bytes;
    atomic_fetch_add(&shelf->hold->bytes, thing->bytes);
}

void todo__shelf_use(todo__shelf *shelf, todo__held *thing, int64_t now)
{
    DL_DELETE(shelf->things, thing);
    thing->used_at = now;
    DL_PREPEND(shelf->things, thing);
    note_last(shelf);
}

void todo__shelf_take(todo__shelf *shelf, todo__held *thing)
{
    DL_DELETE(shelf->things, thing);
    note_last(shelf);
    shelf->bytes -= thing->bytes;
    atomic_fetch_sub(&shelf->hold->bytes, thing->bytes);
}

/* There may be none any more. */
static void drop_last(todo__shelf *shelf)
{
    pthread_mutex_lock(&shelf->lock);
    if (shelf->things != NULL)
        shelf->drop(shelf, shelf->things->prev);
    pthread_mutex_unlock(&shelf->lock);
}

void todo__hold_trim(todo__hold *hold)
{
    while (atomic_load(&hold->bytes) > hold->limit) {
        int64_t least_recent = INT64_MAX;
        todo__shelf *chosen = NULL;

        for (todo__shelf *shelf = hold->shelves; shelf != NULL; shelf = shelf->next) {
            int64_t last = atomic_load_explicit(&shelf->least_recent, memory_order_relaxed);

            if (last < least_recent) {
                least_recent = last;
                chosen = shelf;
            }
        }
        if (chosen == NULL)
            return;
        drop_last(chosen);
    }
}

/* ---- the lease ---- */

void todo__hold_trust(todo__hold *hold)
{
    if (atomic_load(&hold->era) % 2 == 0)
        atomic_fetch_add(&hold->era, 1);
}

/* The era ends first: who publishes after that finds it over, and what was held before that is dropped below. */
void todo__hold_distrust(todo__hold *hold)
{
    atomic_store(&hold->lease, 0);
    if (atomic_load(&hold->era) % 2 == 1)
        atomic_fetch_add(&hold->era, 1);
    for (todo__shelf *shelf = hold->shelves; shelf != NULL; shelf = shelf->next)
        empty_shelf(shelf);
}

void todo__hold_renew(todo__hold *hold, int64_t until)
{
    atomic_store_explicit(&hold->lease, until, memory_order_release);
}

bool todo__hold_serves(const todo__hold *hold, int64_t now)
{
    return now < atomic_load_explicit(&hold->lease, memory_order_acquire);
}

uint64_t todo__hold_era(const todo__hold *hold)
{
    return atomic_load(&hold->era);
}

bool todo__hold_lasts(const todo__hold *hold, uint64_t era)
{
    return era % 2 == 1 && era == atomic_load(&hold->era);
}
