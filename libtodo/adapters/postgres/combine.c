#include "adapters/postgres/combine.h"

#include <pthread.h>

#include "adapters/postgres/row.h"
#include "util/alloc.h"
#include "util/monotonic.h"

#define COST_MAX  2000  /* rows of a statement, unless a single request asks for more */
#define TURNS_MAX 4     /* statements under way when the server is slow */
#define PATIENCE  10000 /* microseconds after which the server counts as slow */

/* Of a request. */
enum { WAITING, DRIVING, ALONE, DONE };

struct todo__pg_shared {
    atomic_uint holders;
    PGresult *result;
};

/* A statement that is being filled or is under way. */
typedef struct todo__pg_batch {
    struct todo__pg_batch *next;
    todo__pg_request *members[TODO__PG_BATCH_MAX]; /* NULL: gave up meanwhile */
    int first[TODO__PG_BATCH_MAX];
    int rows[TODO__PG_BATCH_MAX];
    int count;
    uint32_t cost;
    todo__pg_statement_id statement;
    todo__pg_log log;
    todo__pg_array columns[TODO__PG_PARAMS_MAX];

    /* The outcome, for all. */
    todo_status status;
    bool divide; /* each member is to be carried out alone */
    todo__pg_shared *shared;
    todo_error error;
} batch;

struct todo__pg_combiner {
    todo__pg_pool *pool;
    const todo__pg_kind *kind;
    bool positions;
    pthread_mutex_t lock;   /* guards what follows, and which members a batch has */
    todo__pg_request *head; /* those that wait for a turn */
    todo__pg_request **tail;
    batch *free;     /* turns that nobody has */
    unsigned turns;  /* those that somebody has */
    int64_t started; /* when the last of them began */
};

static todo__sleeper sleeper_of(todo__pg_request *request)
{
    return (todo__sleeper){&request->state, request->parking};
}

static batch *new_batch(void)
{
    return todo__calloc(1, sizeof(batch));
}

static void free_batch(batch *old)
{
    for (int i = 0; i < TODO__PG_PARAMS_MAX; i++)
        todo__pg_array_free(&old->columns[i]);
    todo__free(old);
}

todo_status todo__pg_combiner_new(todo__pg_pool *pool, const todo__pg_kind *kind, bool positions,
                                  todo__pg_combiner **ret_combiner, todo_error *error)
{
    todo__pg_combiner *combiner = todo__calloc(1, sizeof(*combiner));

    if (combiner == NULL)
        return todo__pg_nomem(error);
    combiner->pool = pool;
    combiner->kind = kind;
    combiner->positions = positions;
    combiner->tail = &combiner->head;
    pthread_mutex_init(&combiner->lock, NULL);
    for (unsigned i = 0; i < TURNS_MAX; i++) {
        batch *turn = new_batch();

        if (turn == NULL) {
            todo__pg_combiner_free(combiner);
            return todo__pg_nomem(error);
        }
        turn->next = combiner->free;
        combiner->free = turn;
    }
    *ret_combiner = combiner;
    return TODO_OK;
}

void todo__pg_combiner_free(todo__pg_combiner *combiner)
{
    if (combiner == NULL)
        return;
    while (combiner->free != NULL) {
        batch *turn = combiner->free;

        combiner->free = turn->next;
        free_batch(turn);
    }
    pthread_mutex_destroy(&combiner->lock);
    todo__free(combiner);
}

static void begin(const todo__pg_kind *kind, batch *filled)
{
    filled->count = 0;
    filled->cost = 0;
    filled->log = (todo__pg_log){.least = UINT64_MAX};
    for (int i = 0; i < kind->column_count; i++)
        todo__pg_array_begin(&filled->columns[i], kind->columns[i]);
}

/* Whether a request may join those that the batch has. */
static bool fits(const todo__pg_kind *kind, const batch *filled, const todo__pg_request *request)
{
    if (filled->count == 0)
        return true;
    if (filled->count == TODO__PG_BATCH_MAX || filled->statement != request->statement ||
        filled->cost + request->cost > COST_MAX)
        return false;
    for (int i = 0; kind->conflict != NULL && i < filled->count; i++)
        if (kind->conflict(filled->members[i]->subject, request->subject))
            return false;
    return true;
}

static void join(const todo__pg_kind *kind, batch *filled, todo__pg_request *request)
{
    request->batch = filled;
    request->index = filled->count;
    filled->statement = request->statement;
    filled->members[filled->count++] = request;
    filled->cost += request->cost;
    if (request->position < filled->log.least)
        filled->log.least = request->position;
    if (request->position > filled->log.most)
        filled->log.most = request->position;
    filled->log.wanted = filled->log.wanted || request->wants_position;
    kind->add(filled->columns, request->subject);
}

/* Moves those who wait into the batch, as many as fit, and gives the one among them who drives. The lock is held. */
static todo__pg_request *fill(todo__pg_combiner *combiner, batch *filled)
{
    todo__pg_request **at = &combiner->head, *driver = NULL;

    begin(combiner->kind, filled);
    while (*at != NULL) {
        todo__pg_request *request = *at;

        if (!fits(combiner->kind, filled, request)) {
            at = &request->next;
            continue;
        }
        *at = request->next;
        join(combiner->kind, filled, request);
        if (driver == NULL || request->deadline > driver->deadline)
            driver = request;
    }
    combiner->tail = at;
    return driver;
}

/* Which rows of the result belong to whom: the last column is the number of the array's element. */
static void assign_rows(batch *done, const PGresult *result)
{
    int column = PQnfields(result) - 1;

    for (int i = 0; i < done->count; i++)
        done->rows[i] = 0;
    for (int row = 0; row < PQntuples(result); row++) {
        int index = (int)todo__pg_row_int(result, row, column) - 1;

        if (done->rows[index]++ == 0)
            done->first[index] = row;
    }
}

/* The columns as parameters; false when they are not complete for want of memory. */
static bool complete(const todo__pg_kind *kind, batch *filled, todo__pg_params *params)
{
    bool failed = false;

    for (int i = 0; i < kind->column_count; i++) {
        todo__pg_array *column = &filled->columns[i];

        todo__pg_array_end(column);
        failed = failed || column->failed;
        todo__pg_add_bytes(params, column->bytes, column->length);
    }
    return !failed;
}

/*
 * Sends the statement and reads its result. A write of many that surely was not carried out is not repeated: each of
 * them is then carried out alone, for it failed because of one of them, and nobody else is to suffer for that.
 */
static void run(todo__pg_combiner *combiner, batch *under_way, const todo__pg_request *driver)
{
    int64_t deadline = driver->deadline;
    todo__pg_verdict verdict = TODO__PG_LOST;
    todo__pg_params params = {0};
    PGresult *result = NULL;
    todo_error *error = &under_way->error;

    todo_error_init(error, sizeof(*error));
    todo__blocking(driver->parking, true);
    under_way->log.wanted = under_way->log.wanted || combiner->positions;
    under_way->shared = todo__malloc(sizeof(*under_way->shared));
    if (under_way->shared == NULL || !complete(combiner->kind, under_way, &params))
        under_way->status = todo__pg_nomem(error);
    else if (combiner->kind->writes && under_way->count > 1)
        under_way->status = todo__pg_try(combiner->pool, deadline, under_way->statement, &params,
                                         &under_way->log, &result, &verdict, error);
    else
        under_way->status = todo__pg_run(combiner->pool, deadline, under_way->statement, &params,
                                         &under_way->log, &result, error);
    todo__blocking(driver->parking, false);
    under_way->divide = under_way->status != TODO_OK && verdict != TODO__PG_LOST;
    if (under_way->shared != NULL)
        under_way->shared->result = result;
    if (result != NULL)
        assign_rows(under_way, result);
}

/* Whether a read asked for a later state than the server had reached: others in the statement may not have. */
static bool behind(const batch *done, const todo__pg_request *member)
{
    return done->status == TODO_OK && member->position > done->log.reached;
}

/* Hands the outcome to a member, who may be gone as soon as the lock is. */
static void deliver(const batch *done, todo__pg_request *member)
{
    member->status = done->status;
    if (behind(done, member)) {
        member->status = todo_error_set(member->error, TODO_ERR_UNAVAILABLE, "replica_behind", NULL, NULL);
    } else if (done->status == TODO_OK) {
        member->position = done->log.behind;
        member->shared = done->shared;
        member->result = done->shared->result;
        member->first = done->first[member->index];
        member->count = done->rows[member->index];
    } else if (!done->divide) {
        todo_error_set(member->error, done->status, done->error.code, NULL, done->error.message);
        todo_error_set_detail(member->error, done->error.detail);
    }
    atomic_store_explicit(&member->state, done->divide ? ALONE : DONE, memory_order_release);
}

/* Delivers to all who are still there, and gives those to wake; the lock is held. */
static int deliver_all(batch *done, const todo__pg_request *driver, todo__sleeper *ret_woken)
{
    unsigned holders = 0;
    int woken = 0;

    for (int i = 0; i < done->count; i++)
        holders += done->members[i] != NULL && !behind(done, done->members[i]);
    if (done->status == TODO_OK && holders > 0) {
        atomic_init(&done->shared->holders, holders);
    } else {
        if (done->status == TODO_OK)
            PQclear(done->shared->result);
        todo__free(done->shared);
    }
    for (int i = 0; i < done->count; i++) {
        todo__pg_request *member = done->members[i];

        if (member == NULL)
            continue;
        if (member != driver)
            ret_woken[woken++] = sleeper_of(member);
        deliver(done, member);
    }
    return woken;
}

/*
 * Begins a turn for those who wait, if one may begin now: true when somebody else than `self` is its driver, who is to
 * be woken and may be gone as soon as the lock is. The lock is held. As a rule there are no more turns at once than the
 * kind has use for; when the server is slow to answer, be it that one statement waits for a lock or that its disk takes
 * long, others go beside.
 */
static bool start_turn(todo__pg_combiner *combiner, const todo__pg_request *self, todo__sleeper *ret_driver)
{
    batch *turn = combiner->free;
    todo__pg_request *driver;
    int64_t now = todo__monotonic_us();

    if (combiner->head == NULL || turn == NULL)
        return false;
    if (combiner->turns >= combiner->kind->turns && now - combiner->started < PATIENCE)
        return false;
    combiner->free = turn->next;
    combiner->turns++;
    combiner->started = now;
    driver = fill(combiner, turn);
    *ret_driver = sleeper_of(driver);
    atomic_store_explicit(&driver->state, DRIVING, memory_order_release);
    return driver != self;
}

static void end_turn(todo__pg_combiner *combiner, batch *turn)
{
    turn->next = combiner->free;
    combiner->free = turn;
    combiner->turns--;
}

/* Drives a statement for all its members, then passes the turn on. */
static void drive(todo__pg_combiner *combiner, batch *turn, todo__pg_request *driver)
{
    todo__sleeper woken[TODO__PG_BATCH_MAX];
    todo__sleeper successor;
    bool succeeded;
    int count;

    run(combiner, turn, driver);
    pthread_mutex_lock(&combiner->lock);
    count = deliver_all(turn, driver, woken);
    end_turn(combiner, turn);
    succeeded = start_turn(combiner, NULL, &successor);
    pthread_mutex_unlock(&combiner->lock);
    /* First the one for whom others wait. */
    if (succeeded)
        todo__wake(successor);
    for (int i = 0; i < count; i++)
        todo__wake(woken[i]);
}

/* Gives up, unless it is too late for that. */
static void withdraw(todo__pg_combiner *combiner, todo__pg_request *request)
{
    pthread_mutex_lock(&combiner->lock);
    if (atomic_load_explicit(&request->state, memory_order_relaxed) == WAITING) {
        if (request->batch != NULL) {
            request->batch->members[request->index] = NULL;
        } else {
            todo__pg_request **at = &combiner->head;

            while (*at != request)
                at = &(*at)->next;
            *at = request->next;
            if (*at == NULL)
                combiner->tail = at;
        }
        request->status = todo__pg_timeout(request->error);
        atomic_store_explicit(&request->state, DONE, memory_order_relaxed);
    }
    pthread_mutex_unlock(&combiner->lock);
}

/* Gives a turn to one of those who wait, if one may begin: to `request` itself, or to another, who is woken. Unlocks. */
static void offer_turn(todo__pg_combiner *combiner, const todo__pg_request *request)
{
    todo__sleeper driver;
    bool other = start_turn(combiner, request, &driver);

    pthread_mutex_unlock(&combiner->lock);
    if (other)
        todo__wake(driver);
}

/* Waits until somebody has seen to the request, or it is its turn to drive. */
static void await(todo__pg_combiner *combiner, todo__pg_request *request)
{
    while (atomic_load_explicit(&request->state, memory_order_acquire) == WAITING) {
        int64_t now = todo__monotonic_us(), until = now + PATIENCE;

        if (now >= request->deadline) {
            withdraw(combiner, request);
            continue;
        }
        todo__sleep(sleeper_of(request), WAITING, until < request->deadline ? until : request->deadline);
        if (atomic_load_explicit(&request->state, memory_order_acquire) != WAITING)
            break;
        pthread_mutex_lock(&combiner->lock);
        offer_turn(combiner, request);
    }
    if (atomic_load_explicit(&request->state, memory_order_relaxed) == DRIVING)
        drive(combiner, request->batch, request);
}

/* Puts the request among those who wait, and begins a turn if one may begin. */
static void enter(todo__pg_combiner *combiner, todo__pg_request *request)
{
    request->shared = NULL;
    request->batch = NULL;
    request->next = NULL;
    atomic_init(&request->state, WAITING);
    pthread_mutex_lock(&combiner->lock);
    *combiner->tail = request;
    combiner->tail = &request->next;
    offer_turn(combiner, request);
}

static void carry_out_alone(todo__pg_combiner *combiner, todo__pg_request *request)
{
    batch *own = new_batch();
    todo__sleeper nobody;

    if (own == NULL) {
        request->status = todo__pg_nomem(request->error);
        return;
    }
    begin(combiner->kind, own);
    join(combiner->kind, own, request);
    run(combiner, own, request);
    deliver_all(own, request, &nobody);
    free_batch(own);
}

todo_status todo__pg_combine(todo__pg_combiner *combiner, todo__pg_request *request)
{
    enter(combiner, request);
    await(combiner, request);
    if (atomic_load_explicit(&request->state, memory_order_relaxed) == ALONE)
        carry_out_alone(combiner, request);
    return request->status;
}

void todo__pg_request_end(todo__pg_request *request)
{
    todo__pg_shared *shared = request->shared;

    if (shared == NULL || atomic_fetch_sub_explicit(&shared->holders, 1, memory_order_acq_rel) != 1)
        return;
    PQclear(shared->result);
    todo__free(shared);
}
