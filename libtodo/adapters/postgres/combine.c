#include "adapters/postgres/combine.h"

#include <stdatomic.h>

#include "adapters/postgres/row.h"
#include "util/alloc.h"

#define COST_MAX  2000  /* rows of a statement, unless a single request asks for more */
#define TURNS_MAX 4     /* statements under way when the server is slow, be it that one waits for a lock */
#define PATIENCE  10000 /* microseconds after which the server counts as slow */

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
    todo__queue queue; /* its lock guards what follows, and which members a batch has */
    batch *free;       /* as many as there may be leaders more */
};

static todo__pg_request *request_of(todo__waiter *waiter)
{
    return (todo__pg_request *)((char *)waiter - offsetof(todo__pg_request, waiter));
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

static void begin(const todo__pg_kind *kind, batch *filled)
{
    filled->count = 0;
    filled->cost = 0;
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
    kind->add(filled->columns, request->subject, filled->count);
}

/* Moves the waiting requests that fit into a batch, and gives the one among them that leads. The lock is held. */
static todo__waiter *elect(void *owner)
{
    todo__pg_combiner *combiner = owner;
    batch *filled = combiner->free;
    todo__waiter *waiter = TAILQ_FIRST(&combiner->queue.waiting), *next;
    todo__pg_request *leader = NULL;

    combiner->free = filled->next;
    begin(combiner->kind, filled);
    for (; waiter != NULL; waiter = next) {
        todo__pg_request *request = request_of(waiter);

        next = TAILQ_NEXT(waiter, next);
        if (!fits(combiner->kind, filled, request))
            continue;
        todo__queue_take(&combiner->queue, waiter);
        join(combiner->kind, filled, request);
        if (leader == NULL || request->deadline > leader->deadline)
            leader = request;
    }
    return &leader->waiter;
}

/* A request gives up: its statement goes on without it. The lock is held. */
static bool leave(void *owner, todo__waiter *waiter)
{
    todo__pg_request *request = request_of(waiter);

    (void)owner;
    request->batch->members[request->index] = NULL;
    return true;
}

todo_status todo__pg_combiner_new(todo__pg_pool *pool, const todo__pg_kind *kind,
                                  todo__pg_combiner **ret_combiner, todo_error *error)
{
    todo__pg_combiner *combiner = todo__calloc(1, sizeof(*combiner));

    if (combiner == NULL)
        return todo__pg_nomem(error);
    combiner->pool = pool;
    combiner->kind = kind;
    todo__queue_init(&combiner->queue,
                     &(todo__queue_rules){.leaders = kind->turns,
                                          .leaders_max = TURNS_MAX,
                                          .patience = PATIENCE,
                                          .elect = elect,
                                          .leave = leave},
                     combiner);
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
    todo__queue_destroy(&combiner->queue);
    todo__free(combiner);
}

/* Which rows of the result belong to which member: the last column is the number of the array's element. */
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
 * them is then carried out alone: it failed because of one of them.
 */
static void run(todo__pg_combiner *combiner, batch *under_way, const todo__pg_request *leader)
{
    int64_t deadline = leader->deadline;
    todo__pg_verdict verdict = TODO__PG_LOST;
    todo__pg_params params = {0}, users = {0};
    const todo__pg_params *locked = combiner->kind->writes ? &users : NULL;
    const todo__pg_array *column = &under_way->columns[TODO__PG_USER_COLUMN];
    PGresult *result = NULL;
    todo_error *error = &under_way->error;
    bool sound;

    todo_error_init(error, sizeof(*error));
    todo__blocking(leader->parking, true);
    under_way->shared = todo__malloc(sizeof(*under_way->shared));
    sound = complete(combiner->kind, under_way, &params);
    todo__pg_add_bytes(&users, column->bytes, column->length);
    if (under_way->shared == NULL || !sound)
        under_way->status = todo__pg_nomem(error);
    else if (combiner->kind->writes && under_way->count > 1)
        under_way->status = todo__pg_try(combiner->pool, deadline, under_way->statement, &params, locked,
                                         &result, &verdict, error);
    else
        under_way->status =
            todo__pg_run(combiner->pool, deadline, under_way->statement, &params, locked, &result, error);
    todo__blocking(leader->parking, false);
    under_way->divide = under_way->status != TODO_OK && verdict != TODO__PG_LOST;
    if (under_way->shared != NULL)
        under_way->shared->result = result;
    if (result != NULL)
        assign_rows(under_way, result);
}

/* Hands the outcome to a member. */
static void deliver(const batch *done, todo__pg_request *member)
{
    member->status = done->status;
    member->divided = done->divide;
    if (done->status == TODO_OK) {
        member->shared = done->shared;
        member->result = done->shared->result;
        member->first = done->first[member->index];
        member->count = done->rows[member->index];
    } else if (!done->divide) {
        todo_error_set(member->error, done->status, done->error.code, NULL, done->error.message);
        todo_error_set_detail(member->error, done->error.detail);
    }
}

/* Delivers to all that are still there, and gives those to wake; the lock is held. */
static int deliver_all(todo__pg_combiner *combiner, batch *done, todo__sleeper *ret_woken)
{
    unsigned holders = 0;
    int woken = 0;

    for (int i = 0; i < done->count; i++)
        holders += done->members[i] != NULL;
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
        deliver(done, member);
        ret_woken[woken++] = todo__queue_end(&combiner->queue, &member->waiter);
    }
    return woken;
}

/* Carries out a statement for all its members. The next leader is woken first, for waiters depend on it. */
static void lead(todo__pg_combiner *combiner, const todo__pg_request *leader)
{
    todo__sleeper woken[TODO__PG_BATCH_MAX];
    batch *turn = leader->batch;
    int count;

    run(combiner, turn, leader);
    todo__queue_lock(&combiner->queue);
    count = deliver_all(combiner, turn, woken);
    turn->next = combiner->free;
    combiner->free = turn;
    todo__queue_hand_over(&combiner->queue);
    for (int i = 0; i < count; i++)
        todo__wake(woken[i]);
}

static void carry_out_alone(todo__pg_combiner *combiner, todo__pg_request *request)
{
    batch *own = new_batch();
    todo__sleeper unused;

    if (own == NULL) {
        request->status = todo__pg_nomem(request->error);
        return;
    }
    begin(combiner->kind, own);
    join(combiner->kind, own, request);
    run(combiner, own, request);
    deliver_all(combiner, own, &unused);
    free_batch(own);
}

todo_status todo__pg_combine(todo__pg_combiner *combiner, todo__pg_request *request)
{
    todo__waiter_init(&request->waiter, request->parking, request->deadline);
    request->shared = NULL;
    request->divided = false;
    todo__queue_lock(&combiner->queue);
    switch (todo__queue_wait(&combiner->queue, &request->waiter)) {
    case TODO__TURN_LEAD:
        lead(combiner, request);
        break;
    case TODO__TURN_LATE:
        return request->status = todo__pg_timeout(request->error);
    default:
        break;
    }
    if (request->divided)
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
