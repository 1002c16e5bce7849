#include "timer.h"

#include <stddef.h>

static struct timer *meld(struct timer *a, struct timer *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    if (b->key < a->key) {
        struct timer *later = a;
        a = b;
        b = later;
    }
    b->previous = a;
    b->next = a->child;
    if (b->next != NULL)
        b->next->previous = b;
    a->child = b;
    return a;
}

/* Melds siblings in pairs, and the pairs from the last to the first. */
static struct timer *meld_all(struct timer *first)
{
    struct timer *pairs = NULL, *root = NULL;

    while (first != NULL) {
        struct timer *a = first, *b = a->next;
        first = b == NULL ? NULL : b->next;
        a->next = a->previous = NULL;
        if (b != NULL)
            b->next = b->previous = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct timer *next = pairs->next;
        pairs->next = NULL;
        root = meld(root, pairs);
        pairs = next;
    }
    return root;
}

void timer_remove(struct timers *timers, struct timer *timer)
{
    struct timer *rest;

    timer->due = TIMER_NEVER;
    if (!timer->in_heap)
        return;
    rest = meld_all(timer->child);
    if (timer == timers->root) {
        timers->root = rest;
    } else {
        if (timer->previous->child == timer)
            timer->previous->child = timer->next;
        else
            timer->previous->next = timer->next;
        if (timer->next != NULL)
            timer->next->previous = timer->previous;
        timers->root = meld(timers->root, rest);
    }
    timer->child = timer->next = timer->previous = NULL;
    timer->in_heap = 0;
}

void timer_set(struct timers *timers, struct timer *timer, int64_t due)
{
    if (timer->in_heap && due < timer->key)
        timer_remove(timers, timer);
    timer->due = due;
    if (timer->in_heap || due == TIMER_NEVER)
        return;
    timer->key = due;
    timer->in_heap = 1;
    timers->root = meld(timers->root, timer);
}

void timers_run(struct timers *timers, int64_t now)
{
    while (timers->root != NULL && timers->root->key <= now) {
        struct timer *timer = timers->root;
        int64_t due = timer->due;
        timer_remove(timers, timer);
        if (due <= now)
            timer->run(timer);
        else
            timer_set(timers, timer, due);
    }
}

int64_t timers_next(const struct timers *timers)
{
    return timers->root == NULL ? TIMER_NEVER : timers->root->key;
}
