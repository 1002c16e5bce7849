#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "../log.h"
#include "clock.h"
#include "sockets.h"

#define IDLE_US 50000 /* a client that pauses longer between requests can do without its connection */

bool watch_is_crowded(const workers *all)
{
    return atomic_load_explicit(&all->connections, memory_order_relaxed) >= all->count - all->count / 4;
}

static socket_peer peer_of(worker *each)
{
    socket_peer peer;

    pthread_mutex_lock(&each->mutex);
    peer = each->peer;
    pthread_mutex_unlock(&each->mutex);
    return peer;
}

/*
 * civetweb limits each pause of a client, not the whole: one that sends a byte now and then, or reads one, would keep a
 * worker for ever.
 */
static void end_overdue(workers *all, uint16_t port, int64_t now, int64_t limit)
{
    for (uint32_t i = 0; i < all->count; i++) {
        worker *each = &all->each[i];
        socket_peer peer;

        if (!atomic_load(&each->busy) || now - atomic_load(&each->busy_since) < limit)
            continue;
        peer = peer_of(each);
        log_message(LOG_WARN, "a request took too long", "peer", peer.address);
        sockets_end(port, &peer, 1, SOCKETS_END_ALL);
    }
}

typedef struct idle_worker {
    int64_t since;
    worker *worker;
} idle_worker;

static int by_since(const void *left, const void *right)
{
    int64_t a = ((const idle_worker *)left)->since, b = ((const idle_worker *)right)->since;

    return (a > b) - (a < b);
}

/* The workers whose client pauses, longest first. */
static uint32_t find_idle(workers *all, int64_t now, idle_worker *ret_idle)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < all->count; i++) {
        worker *each = &all->each[i];
        int64_t since = atomic_load(&each->idle_since);

        if (since != 0 && now - since > IDLE_US)
            ret_idle[count++] = (idle_worker){since, each};
    }
    qsort(ret_idle, count, sizeof(*ret_idle), by_since);
    return count;
}

/*
 * A worker serves one connection at a time, so an idle connection keeps it from new ones: when workers run short, those
 * that have been idle longest are closed, as any server may close an idle connection (RFC 9112, 9.3).
 */
static void make_room(workers *all, uint16_t port, int64_t now)
{
    uint32_t threads = all->count, count, excess;
    idle_worker *idle;
    socket_peer *peers;

    /* Earlier than connections are refused to be kept: those that come and go between two looks are not seen here. */
    if (atomic_load(&all->connections) < threads - threads * 3 / 8)
        return;
    idle = malloc(threads * sizeof(*idle));
    peers = malloc(threads * sizeof(*peers));
    if (idle != NULL && peers != NULL) {
        count = find_idle(all, now, idle);
        excess = atomic_load(&all->connections) - threads / 2;
        if (count > excess)
            count = excess;
        for (uint32_t i = 0; i < count; i++)
            peers[i] = peer_of(idle[i].worker);
        if (count > 0)
            sockets_end(port, peers, count, SOCKETS_END_READING);
    }
    free(idle);
    free(peers);
}

void watch_tick(workers *all, uint16_t port, int64_t request_limit_us)
{
    int64_t now = app_clock();

    workers_flush_logs(all);
    end_overdue(all, port, now, request_limit_us);
    make_room(all, port, now);
}
