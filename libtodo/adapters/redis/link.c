#include "adapters/redis/link.h"

#include <string.h>

#include "adapters/redis/breaker.h"
#include "adapters/redis/connection.h"
#include "util/alloc.h"
#include "util/monotonic.h"
#include "util/queue.h"

struct todo__redis_request {
    todo__redis_request *next;
    todo__waiter waiter; /* its caller, once that waits; the deadline is when it gives up */
    char *command;       /* formatted by hiredis */
    size_t length;
    redisReply *reply;
    todo_status status;
    bool done;
    bool abandoned;     /* its caller is gone: it is freed when it is completed */
    bool sent_before;   /* on a connection that was lost */
    int64_t sent_at;    /* 0: not yet */
    int64_t call_limit; /* the call's deadline */
};

typedef struct request_queue {
    todo__redis_request *first;
    todo__redis_request *last;
} request_queue;

struct todo__redis_link {
    todo__redis_link_options options;
    todo__queue queue;                  /* of callers; its lock guards all that follows */
    request_queue waiting;              /* not sent yet */
    request_queue sent;                 /* in the order of their replies */
    todo__redis_connection *connection; /* used by the leader, without the lock */
    bool connecting;
    bool worn; /* the connection leads to a server that can't serve: drop it when nothing is under way */
    todo__redis_state state;
    todo__breaker breaker;
    todo_error last_error; /* why the last connection failed */
};

/* ---- queues and requests ---- */

static void push(request_queue *queue, todo__redis_request *request)
{
    request->next = NULL;
    if (queue->last != NULL)
        queue->last->next = request;
    else
        queue->first = request;
    queue->last = request;
}

static todo__redis_request *pop(request_queue *queue)
{
    todo__redis_request *request = queue->first;

    if (request == NULL)
        return NULL;
    queue->first = request->next;
    if (queue->first == NULL)
        queue->last = NULL;
    return request;
}

/* Takes a request out of the middle, if it is there. */
static bool take_out(request_queue *queue, todo__redis_request *request)
{
    request_queue rest = {NULL, NULL};
    todo__redis_request *other;
    bool found = false;

    while ((other = pop(queue)) != NULL) {
        if (other == request)
            found = true;
        else
            push(&rest, other);
    }
    *queue = rest;
    return found;
}

static void free_request(todo__redis_request *request)
{
    if (request->reply != NULL)
        freeReplyObject(request->reply);
    redisFreeCommand(request->command);
    todo__free(request);
}

static todo__redis_request *new_request(int argc, const char **argv, const size_t *lengths)
{
    todo__redis_request *request = todo__calloc(1, sizeof(*request));
    int length;

    if (request == NULL)
        return NULL;
    length = redisFormatCommandArgv(&request->command, argc, argv, lengths);
    if (length < 0) {
        todo__free(request);
        return NULL;
    }
    request->length = (size_t)length;
    return request;
}

static void finish(todo__redis_link *link, todo__redis_request *request, todo_status status,
                   redisReply *reply)
{
    request->status = status;
    request->reply = reply;
    request->done = true;
    if (request->abandoned)
        free_request(request);
    else
        todo__wake(todo__queue_end(&link->queue, &request->waiter));
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Gives a request the full time for a command from now on. */
static void put_off_limit(const todo__redis_link *link, todo__redis_request *request, int64_t now)
{
    int64_t limit = sooner(now + (int64_t)link->options.command_timeout_ms * 1000, request->call_limit);

    atomic_store_explicit(&request->waiter.deadline, limit, memory_order_relaxed);
}

static int64_t limit_of(const todo__redis_request *request)
{
    return atomic_load_explicit(&request->waiter.deadline, memory_order_relaxed);
}

/* ---- success and failure of the connection ---- */

static void note_success(todo__redis_link *link)
{
    todo__breaker_succeeded(&link->breaker);
    atomic_store_explicit(&link->options.stats->breaker_open, false, memory_order_relaxed);
}

static void note_failure(todo__redis_link *link)
{
    if (!todo__breaker_failed(&link->breaker, todo__monotonic_us()))
        return;
    todo__count(&link->options.stats->breaker_opened);
    atomic_store_explicit(&link->options.stats->breaker_open, true, memory_order_relaxed);
}

static void fail_waiting(todo__redis_link *link, todo_status status)
{
    todo__redis_request *request;

    while ((request = pop(&link->waiting)) != NULL)
        finish(link, request, status, NULL);
}

/*
 * Gives the connection up. What was under way on one that was closed goes out once more on the next, which is how a
 * restart of Redis passes unnoticed; what was not answered in time has failed.
 */
static void drop_connection(todo__redis_link *link, todo_status status)
{
    request_queue again = {NULL, NULL};
    todo__redis_request *request;
    bool failed = status == TODO_ERR_TIMEOUT;

    todo__redis_disconnect(link->connection);
    link->connection = NULL;
    link->worn = false;
    while ((request = pop(&link->sent)) != NULL) {
        if (status != TODO_ERR_UNAVAILABLE || request->sent_before || request->abandoned) {
            failed = failed || !request->abandoned;
            finish(link, request, status, NULL);
            continue;
        }
        request->sent_before = true;
        request->sent_at = 0;
        push(&again, request);
    }
    while ((request = pop(&link->waiting)) != NULL)
        push(&again, request);
    link->waiting = again;
    if (failed)
        note_failure(link);
}

/* The leader is about to wait for Redis, without the lock. */
static void begin_waiting(todo__redis_link *link, const todo__redis_request *leader)
{
    todo__queue_unlock(&link->queue);
    todo__blocking(leader->waiter.parking, true);
}

static void end_waiting(todo__redis_link *link, const todo__redis_request *leader)
{
    todo__blocking(leader->waiter.parking, false);
    todo__queue_lock(&link->queue);
}

/* Connects for the leader's request. The requests that wait get their full time from here on. */
static bool reconnect(todo__redis_link *link, const todo__redis_request *leader)
{
    int64_t limit = todo__monotonic_us() + (int64_t)link->options.connect_timeout_ms * 1000;
    todo__redis_connection *connection = NULL;
    todo_error error = TODO_ERROR_INIT;
    todo_status status;
    int64_t now;

    link->connecting = true;
    begin_waiting(link, leader);
    status = todo__redis_connect(link->options.url, sooner(limit, leader->call_limit), &connection, &error);
    end_waiting(link, leader);
    link->connecting = false;
    now = todo__monotonic_us();
    if (status != TODO_OK) {
        link->last_error = error;
        /* That this call was in a hurry says nothing about Redis: the next one tries. */
        if (now < leader->call_limit) {
            note_failure(link);
            fail_waiting(link, TODO_ERR_UNAVAILABLE);
        }
        return false;
    }
    todo__count(&link->options.stats->connects);
    link->connection = connection;
    link->state = (todo__redis_state){link->state.epoch + 1, todo__redis_run(connection), now};
    for (todo__redis_request *request = link->waiting.first; request != NULL; request = request->next)
        put_off_limit(link, request, now);
    return true;
}

/* ---- leading ---- */

static void send_waiting(todo__redis_link *link)
{
    int64_t now = todo__monotonic_us();
    todo__redis_request *request;

    while ((request = pop(&link->waiting)) != NULL) {
        if (todo__redis_append(link->connection, request->command, request->length) != TODO_OK) {
            finish(link, request, TODO_ERR_NOMEM, NULL);
            continue;
        }
        request->sent_at = now;
        put_off_limit(link, request, now);
        push(&link->sent, request);
    }
}

/* A former master that is a replica now, or a server that is still loading: another connection may lead elsewhere. */
static bool is_worn(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_ERROR && (strncmp(reply->str, "READONLY", strlen("READONLY")) == 0 ||
                                                strncmp(reply->str, "LOADING", strlen("LOADING")) == 0);
}

static todo_status hand_out_replies(todo__redis_link *link, todo_error *error)
{
    for (;;) {
        redisReply *reply = NULL;
        todo_status status = todo__redis_next(link->connection, &reply, error);

        if (status != TODO_OK || reply == NULL)
            return status;
        if (link->sent.first == NULL) {
            freeReplyObject(reply);
            return TODO_ERR_UNAVAILABLE;
        }
        link->worn = link->worn || is_worn(reply);
        finish(link, pop(&link->sent), TODO_OK, reply);
        note_success(link);
    }
}

/* When the oldest command under way is overdue, and with it the connection. */
static int64_t overdue_at(const todo__redis_link *link)
{
    if (link->sent.first == NULL)
        return TODO__NO_DEADLINE;
    return link->sent.first->sent_at + (int64_t)link->options.command_timeout_ms * 1000;
}

/* One turn of the leader: what came in is looked at before the connection is judged. */
static void take_turn(todo__redis_link *link, const todo__redis_request *leader, int64_t limit)
{
    todo_error error = TODO_ERROR_INIT;
    int64_t overdue = overdue_at(link);
    todo_status status;

    begin_waiting(link, leader);
    status = todo__redis_turn(link->connection, sooner(limit, overdue), &error);
    end_waiting(link, leader);
    if (status == TODO_OK)
        status = hand_out_replies(link, &error);
    if (status == TODO_ERR_TIMEOUT && todo__monotonic_us() < overdue)
        return;
    if (status != TODO_OK) {
        link->last_error = error;
        drop_connection(link, status);
    } else if (link->worn && link->sent.first == NULL) {
        drop_connection(link, TODO_ERR_UNAVAILABLE);
    }
}

/* Called and returns with the lock. Leads until the request is done or out of time. */
static void lead(todo__redis_link *link, todo__redis_request *request)
{
    while (!request->done && todo__monotonic_us() < limit_of(request)) {
        if (link->connection == NULL && !reconnect(link, request))
            break;
        if (overdue_at(link) <= todo__monotonic_us()) {
            take_turn(link, request, 0);
            continue;
        }
        send_waiting(link);
        if (!request->done)
            take_turn(link, request, limit_of(request));
    }
}

/* ---- the interface ---- */

static todo_status unavailable(todo__redis_link *link, todo_status status, todo_error *error)
{
    todo_error last;

    todo__queue_lock(&link->queue);
    last = link->last_error;
    todo__queue_unlock(&link->queue);
    todo_error_set(error, status, last.code[0] != '\0' ? last.code : "cache_unavailable", NULL, NULL);
    todo_error_set_detail(error, last.detail);
    return status;
}

/* Puts a request into the queue, unless the link stands aside. */
static bool enqueue(todo__redis_link *link, todo__redis_request *request, bool urgent)
{
    int64_t now = todo__monotonic_us();
    bool welcome;

    todo__queue_lock(&link->queue);
    /* After a failure, one call waits for the next connection; the others need not. */
    welcome = urgent || (todo__breaker_allows(&link->breaker, now) &&
                         !(link->connecting && link->breaker.failures > 0));
    if (welcome) {
        put_off_limit(link, request, now);
        push(&link->waiting, request);
    }
    todo__queue_unlock(&link->queue);
    return welcome;
}

todo_status todo__redis_submit(todo__redis_link *link, const todo_call *call, bool urgent, int argc,
                               const char **argv, const size_t *lengths, todo__redis_request **ret_request,
                               todo_error *error)
{
    todo__redis_request *request;

    if (todo_call_remaining(call) == 0)
        return todo_error_set(error, TODO_ERR_TIMEOUT, NULL, NULL, NULL);
    request = new_request(argc, argv, lengths);
    if (request == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    request->call_limit = call != NULL && call->deadline != 0 ? call->deadline : TODO__NO_DEADLINE;
    todo__waiter_init(&request->waiter, todo__parking_of(call), request->call_limit);
    if (!enqueue(link, request, urgent)) {
        free_request(request);
        return unavailable(link, TODO_ERR_UNAVAILABLE, error);
    }
    *ret_request = request;
    return TODO_OK;
}

todo__redis_state todo__redis_state_of(todo__redis_link *link)
{
    todo__redis_state state;

    todo__queue_lock(&link->queue);
    state = link->state;
    todo__queue_unlock(&link->queue);
    return state;
}

/*
 * Waits for the turn of a request. Callers that were just woken go first, so that their commands share one round trip
 * with this one.
 */
static todo__turn await(todo__redis_link *link, todo__redis_request *request)
{
    todo__yield(request->waiter.parking);
    todo__queue_lock(&link->queue);
    if (!request->done)
        return todo__queue_wait(&link->queue, &request->waiter);
    todo__queue_unlock(&link->queue);
    return TODO__TURN_END;
}

/* Leads if it is the request's turn, or gives it up. False: the leader that completes it frees it. */
static bool lead_or_leave(todo__redis_link *link, todo__redis_request *request, todo__turn turn)
{
    bool ours;

    todo__queue_lock(&link->queue);
    if (turn == TODO__TURN_LEAD)
        lead(link, request);
    ours = request->done || take_out(&link->waiting, request);
    if (!request->done)
        request->status = TODO_ERR_TIMEOUT;
    request->abandoned = !ours;
    if (turn == TODO__TURN_LEAD)
        todo__queue_hand_over(&link->queue);
    else
        todo__queue_unlock(&link->queue);
    return ours;
}

/* A request whose wait has ended is its caller's alone: the lock, which the leader may hold, is not needed. */
todo_status todo__redis_wait(todo__redis_link *link, todo__redis_request *request, redisReply **ret_reply,
                             todo_error *error)
{
    todo__turn turn = await(link, request);
    todo_status status = TODO_ERR_TIMEOUT;

    if (turn == TODO__TURN_END || lead_or_leave(link, request, turn)) {
        status = request->status;
        if (status == TODO_OK) {
            *ret_reply = request->reply;
            request->reply = NULL;
        }
        free_request(request);
    }
    return status == TODO_OK ? TODO_OK : unavailable(link, status, error);
}

todo_status todo__redis_link_new(const todo__redis_link_options *options, todo__redis_link **ret_link,
                                 todo_error *error)
{
    todo__redis_link *link = todo__calloc(1, sizeof(*link));

    if (link == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    link->options = *options;
    todo__queue_init(&link->queue, &(todo__queue_rules){.leaders = 1}, NULL);
    todo_error_init(&link->last_error, sizeof(link->last_error));
    *ret_link = link;
    return TODO_OK;
}

void todo__redis_link_free(todo__redis_link *link)
{
    todo__redis_request *request;

    if (link == NULL)
        return;
    todo__redis_disconnect(link->connection);
    while ((request = pop(&link->sent)) != NULL)
        free_request(request);
    todo__queue_destroy(&link->queue);
    todo__free(link);
}
