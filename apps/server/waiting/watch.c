#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "../log.h"
#include "clock.h"
#include "sockets.h"

#define IDLE_US       50000   /* a client that pauses longer between requests can do without its connection */
#define SLOW_GRACE_US 5000000 /* until which no rate is asked of a client, */
#define HURRY_US      1000000 /* and when workers run short */
#define SECOND_US     1000000

/* Earlier than connections are refused to be kept: those that come and go between two looks are not seen here. */
static bool runs_short(const workers *all)
{
    return atomic_load(&all->connections) >= all->count - all->count * 3 / 8;
}

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

uint32_t watch_count_client(workers *all, const char *address)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < all->count && address[0] != '\0'; i++)
        count += strcmp(peer_of(&all->each[i]).address, address) == 0;
    return count;
}

/*
 * civetweb limits each pause of a client, not the whole: one that sends a byte now and then, or reads one, would keep a
 * worker for ever.
 */
static bool is_overdue(const watch_limits *limits, worker *each, int64_t now)
{
    return atomic_load(&each->busy) && now - atomic_load(&each->busy_since) >= limits->request_us;
}

/* Whether the client sends a body, or takes an answer, at less than the rate that is asked for. */
static bool is_slow(const watch_limits *limits, worker *each, int64_t now, int64_t grace)
{
    int64_t since = atomic_load(&each->client_since), bytes = (int64_t)atomic_load(&each->client_bytes);

    return since != 0 && atomic_load(&each->busy) &&
           now - since >= grace + bytes * SECOND_US / limits->min_rate;
}

static void end_overdue(workers *all, uint16_t port, int64_t now, const watch_limits *limits)
{
    int64_t grace = runs_short(all) ? HURRY_US : SLOW_GRACE_US;

    for (uint32_t i = 0; i < all->count; i++) {
        worker *each = &all->each[i];
        bool overdue = is_overdue(limits, each, now), slow = is_slow(limits, each, now, grace), told;
        socket_peer peer;

        if (!overdue && !slow)
            continue;
        /* A client that sends too slowly is told so; one that does not even take that, or takes an answer slowly, is not. */
        told = atomic_exchange(&each->client_late, true);
        peer = peer_of(each);
        if (!told)
            log_message(LOG_WARN, overdue ? "a request took too long" : "a client is too slow", "peer",
                        peer.address);
        sockets_end(port, &peer, 1, overdue || told ? SOCKETS_END_ALL : SOCKETS_END_READING);
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

    if (!runs_short(all))
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

/* Whether a worker has waited for a first head for longer than may be. */
static bool heads_are_late(workers *all, int64_t now)
{
    for (uint32_t i = 0; i < all->count; i++) {
        worker *each = &all->each[i];
        int64_t since = atomic_load(&each->client_since);

        if (since != 0 && !atomic_load(&each->busy) && now - since > HURRY_US)
            return true;
    }
    return false;
}

static bool is_known(workers *all, const socket_peer *peer)
{
    for (uint32_t i = 0; i < all->count; i++) {
        socket_peer known = peer_of(&all->each[i]);

        /* Of IPv6 the port alone is known. */
        if (known.port == peer->port &&
            (known.address[0] == '\0' || strcmp(known.address, peer->address) == 0))
            return true;
    }
    return false;
}

/*
 * civetweb does not say from which connection a worker reads a first head: it is one that no worker has named, and of which all
 * that came was read. When workers run short, or the client has enough of them, it has less time.
 */
static void end_late_heads(workers *all, uint16_t port, int64_t now, const watch_limits *limits)
{
    size_t count = 0, late = 0;
    socket_peer *peers;

    if (!heads_are_late(all, now) || (peers = sockets_silent(port, HURRY_US / 1000, &count)) == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        uint32_t more = limits->client_connections;
        bool hurry = runs_short(all) || (more > 0 && watch_count_client(all, peers[i].address) >= more);

        if ((hurry || peers[i].age_ms * INT64_C(1000) >= limits->head_us) && !is_known(all, &peers[i]))
            peers[late++] = peers[i];
    }
    if (late > 0) {
        log_message(LOG_WARN, "heads of requests took too long", "peer", peers[0].address);
        sockets_end(port, peers, late, SOCKETS_END_READING);
    }
    free(peers);
}

void watch_tick(workers *all, uint16_t port, const watch_limits *limits)
{
    int64_t now = app_clock();

    workers_flush_logs(all);
    end_overdue(all, port, now, limits);
    end_late_heads(all, port, now, limits);
    make_room(all, port, now);
}
