#include "ledger.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct entry {
    char id[37];
    int user;
    bool created;  /* acknowledged */
    bool rejected; /* surely never stored */
    bool deleting;
    int64_t
        restored; /* the version in which it last came back from the trash: before that it may be missing */
    int moving;   /* on the way there and back, by so many */
    bool moved;   /* it ever was: who misses it does not know whether it is gone for good */
    int64_t last; /* the highest version acknowledged */
    int64_t last_of[LEDGER_CORES];    /* the same, by core */
    bool deleted_by[LEDGER_CORES];    /* the removal was acknowledged by it */
    int64_t deleted_at;               /* when it was first acknowledged; 0: not */
    int64_t at[LEDGER_VERSIONS];      /* when each version was acknowledged; 0: not */
    uint32_t titles[LEDGER_VERSIONS]; /* what each version says; 0: not known */
} entry;

struct ledger {
    pthread_mutex_t mutex;
    int64_t staleness_us;
    entry *entries;
    size_t count;
    unsigned violations;
    unsigned long checks;
    unsigned long acknowledged;
};

int64_t ledger_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

ledger *ledger_new(void)
{
    ledger *new = calloc(1, sizeof(*new));

    if (new == NULL)
        abort();
    new->entries = calloc(LEDGER_ITEMS, sizeof(*new->entries));
    if (new->entries == NULL)
        abort();
    new->staleness_us = LEDGER_STALENESS_US;
    pthread_mutex_init(&new->mutex, NULL);
    return new;
}

void ledger_bear(ledger *book, int64_t staleness_us)
{
    book->staleness_us = staleness_us;
}

void ledger_free(ledger *book)
{
    pthread_mutex_destroy(&book->mutex);
    free(book->entries);
    free(book);
}

int ledger_begin_create(ledger *book, int user, const char *id)
{
    int item = -1;

    pthread_mutex_lock(&book->mutex);
    if (book->count < LEDGER_ITEMS) {
        item = (int)book->count++;
        book->entries[item].user = user;
        strcpy(book->entries[item].id, id);
    }
    pthread_mutex_unlock(&book->mutex);
    return item;
}

static bool say_title(ledger *book, entry *each, int64_t version, uint32_t title)
{
    if (version >= LEDGER_VERSIONS)
        return true;
    if (each->titles[version] != 0 && each->titles[version] != title) {
        book->violations++;
        fprintf(stderr, "violation: todo %s version %" PRId64 " says both %u and %u\n", each->id, version,
                each->titles[version], title);
        return false;
    }
    each->titles[version] = title;
    return true;
}

static void acknowledge(ledger *book, entry *each, int core, int64_t version, uint32_t title)
{
    book->acknowledged++;
    if (version >= LEDGER_VERSIONS)
        return;
    say_title(book, each, version, title);
    each->created = true;
    each->at[version] = ledger_now();
    if (version > each->last)
        each->last = version;
    if (version > each->last_of[core])
        each->last_of[core] = version;
}

void ledger_end_create(ledger *book, int item, int core, uint32_t title, bool done)
{
    pthread_mutex_lock(&book->mutex);
    if (done)
        acknowledge(book, &book->entries[item], core, 1, title);
    else
        book->entries[item].rejected = true;
    pthread_mutex_unlock(&book->mutex);
}

void ledger_end_patch(ledger *book, int item, int core, int64_t version, uint32_t title)
{
    pthread_mutex_lock(&book->mutex);
    acknowledge(book, &book->entries[item], core, version, title);
    pthread_mutex_unlock(&book->mutex);
}

void ledger_begin_delete(ledger *book, int item)
{
    pthread_mutex_lock(&book->mutex);
    book->entries[item].deleting = true;
    pthread_mutex_unlock(&book->mutex);
}

void ledger_end_delete(ledger *book, int item, int core)
{
    pthread_mutex_lock(&book->mutex);
    book->acknowledged++;
    book->entries[item].deleted_by[core] = true;
    if (book->entries[item].deleted_at == 0)
        book->entries[item].deleted_at = ledger_now();
    pthread_mutex_unlock(&book->mutex);
}

void ledger_begin_trash(ledger *book, int item)
{
    pthread_mutex_lock(&book->mutex);
    book->entries[item].moving++;
    book->entries[item].moved = true;
    pthread_mutex_unlock(&book->mutex);
}

void ledger_end_trash(ledger *book, int item, int core, int64_t version, uint32_t title)
{
    entry *each = &book->entries[item];

    pthread_mutex_lock(&book->mutex);
    each->moving--;
    if (version == 0)
        each->deleting = true;
    else
        acknowledge(book, each, core, version, title);
    if (version > each->restored)
        each->restored = version;
    pthread_mutex_unlock(&book->mutex);
}

static bool alive(const entry *each, int user)
{
    return each->user == user && each->created && !each->deleting && each->moving == 0;
}

/* Whether somebody for whom the state of `floor` was due may find nothing. */
static bool may_be_missing(const entry *each, int64_t floor)
{
    return floor == INT64_MAX || floor < each->restored || floor == 0 || each->deleting || each->moving > 0;
}

int ledger_pick(ledger *book, int user, uint32_t random, char id[37])
{
    int picked = -1;

    pthread_mutex_lock(&book->mutex);
    for (size_t i = 0; i < book->count && picked < 0; i++) {
        size_t place = (random + i) % book->count;

        if (alive(&book->entries[place], user) && book->entries[place].last < LEDGER_VERSIONS - 64)
            picked = (int)place;
    }
    if (picked >= 0)
        strcpy(id, book->entries[picked].id);
    pthread_mutex_unlock(&book->mutex);
    return picked;
}

size_t ledger_alive(ledger *book, int user)
{
    size_t count = 0;

    pthread_mutex_lock(&book->mutex);
    for (size_t i = 0; i < book->count; i++)
        count += alive(&book->entries[i], user);
    pthread_mutex_unlock(&book->mutex);
    return count;
}

int ledger_find(ledger *book, const char *id)
{
    int found = -1;

    pthread_mutex_lock(&book->mutex);
    for (size_t i = 0; i < book->count && found < 0; i++)
        if (strcmp(book->entries[i].id, id) == 0)
            found = (int)i;
    pthread_mutex_unlock(&book->mutex);
    return found;
}

/* The highest version acknowledged by anybody before `until`. */
static int64_t last_before(const entry *each, int64_t until)
{
    for (int64_t version = each->last; version > 0; version--)
        if (each->at[version] != 0 && each->at[version] <= until)
            return version;
    return 0;
}

static int64_t floor_of(const ledger *book, int item, int core, int64_t began, const ledger_view *view)
{
    const entry *each = &book->entries[item];
    int64_t until = began - book->staleness_us;
    int64_t floor = last_before(each, until);

    if (each->deleted_by[core] || (each->deleted_at != 0 && each->deleted_at <= until))
        return INT64_MAX;
    if (each->last_of[core] > floor)
        floor = each->last_of[core];
    if (view != NULL && view->seen[item] > floor)
        floor = view->seen[item];
    return floor;
}

int64_t ledger_floor(ledger *book, int item, int core, int64_t began, const ledger_view *view)
{
    int64_t floor;

    pthread_mutex_lock(&book->mutex);
    floor = floor_of(book, item, core, began, view);
    pthread_mutex_unlock(&book->mutex);
    return floor;
}

void ledger_floors(ledger *book, int user, int core, int64_t began, const ledger_view *view, int64_t *floors)
{
    pthread_mutex_lock(&book->mutex);
    for (size_t i = 0; i < LEDGER_ITEMS; i++)
        floors[i] =
            i < book->count && book->entries[i].user == user ? floor_of(book, (int)i, core, began, view) : 0;
    pthread_mutex_unlock(&book->mutex);
}

bool ledger_expects(ledger *book, int item, int user, int64_t floor)
{
    const entry *each = &book->entries[item];
    bool expects;

    pthread_mutex_lock(&book->mutex);
    expects = each->user == user && !may_be_missing(each, floor);
    pthread_mutex_unlock(&book->mutex);
    return expects;
}

/* Whether what was due was written at this very core, and how long ago it was acknowledged. */
static void explain(const entry *each, const ledger_look *look, int64_t floor)
{
    bool removal = floor == INT64_MAX;
    bool own = removal ? each->deleted_by[look->core] : each->last_of[look->core] >= floor;
    int64_t at = removal ? each->deleted_at : floor < LEDGER_VERSIONS ? each->at[floor] : 0;

    fprintf(stderr, " (%s, of %s core%s, acknowledged %.1f ms before the request)\n",
            look->list ? "list" : "get", own ? "this" : "another", look->token ? ", token" : "",
            at != 0 ? (double)(look->began - at) / 1000.0 : -1.0);
}

static void complain(ledger *book, const entry *each, const ledger_look *look, int64_t floor)
{
    book->violations++;
    fprintf(stderr, "violation: core %d showed todo %s ", look->core, each->id);
    if (look->version == 0)
        fprintf(stderr, "missing");
    else
        fprintf(stderr, "in version %" PRId64, look->version);
    if (floor == INT64_MAX)
        fprintf(stderr, " where its removal was due");
    else
        fprintf(stderr, " where version %" PRId64 " was due", floor);
    explain(each, look, floor);
}

bool ledger_check(ledger *book, const ledger_look *look, int64_t floor, ledger_view *view)
{
    entry *each = &book->entries[look->item];
    bool good;

    pthread_mutex_lock(&book->mutex);
    book->checks++;
    if (look->version == 0)
        good = may_be_missing(each, floor);
    else
        good = look->version >= floor && !each->rejected;
    if (!good)
        complain(book, each, look, floor);
    else if (look->version > 0)
        good = say_title(book, each, look->version, look->title);
    if (view != NULL && look->version == 0 && each->created && each->deleting && !each->moved)
        view->seen[look->item] = INT64_MAX;
    else if (view != NULL && look->version > view->seen[look->item])
        view->seen[look->item] = look->version;
    pthread_mutex_unlock(&book->mutex);
    return good;
}

int64_t ledger_last(ledger *book, int item, char id[37], int *user, uint32_t *title)
{
    const entry *each = &book->entries[item];

    strcpy(id, each->id);
    *user = each->user;
    *title = each->last > 0 ? each->titles[each->last] : 0;
    return each->created && !each->deleting ? each->last : 0;
}

size_t ledger_items(ledger *book)
{
    return book->count;
}

unsigned long ledger_acknowledged(ledger *book)
{
    unsigned long acknowledged;

    pthread_mutex_lock(&book->mutex);
    acknowledged = book->acknowledged;
    pthread_mutex_unlock(&book->mutex);
    return acknowledged;
}

unsigned ledger_violations(ledger *book)
{
    return book->violations;
}

unsigned long ledger_checks(ledger *book)
{
    return book->checks;
}
