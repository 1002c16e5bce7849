#include "loop.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 256

int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void ignore(struct watch *watch, uint32_t events)
{
    (void)watch, (void)events;
}

static void append(struct job ***end, struct job *job)
{
    job->next = NULL;
    job->link = *end;
    **end = job;
    *end = &job->next;
}

/* What other threads sent becomes the loop's own work. */
static void take_posted(struct watch *watch, uint32_t events)
{
    struct loop *loop = (struct loop *)((char *)watch - offsetof(struct loop, wake_watch));
    eventfd_t count;

    (void)events;
    eventfd_read(loop->wake, &count);
    pthread_mutex_lock(&loop->mutex);
    if (loop->posted != NULL) {
        loop->posted->link = loop->jobs_end;
        *loop->jobs_end = loop->posted;
        loop->jobs_end = loop->posted_end;
        loop->posted = NULL;
        loop->posted_end = &loop->posted;
    }
    pthread_mutex_unlock(&loop->mutex);
}

bool loop_open(struct loop *loop)
{
    *loop = (struct loop){.now = clock_ms(), .wake_watch.ready = take_posted};
    loop->jobs_end = &loop->jobs;
    loop->posted_end = &loop->posted;
    pthread_mutex_init(&loop->mutex, NULL);
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return loop->epoll >= 0 && loop->wake >= 0 && loop_watch(loop, loop->wake, &loop->wake_watch);
}

void loop_close(struct loop *loop)
{
    close(loop->epoll);
    close(loop->wake);
    pthread_mutex_destroy(&loop->mutex);
}

bool loop_watch(struct loop *loop, int fd, struct watch *watch)
{
    struct epoll_event event = {EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = watch}};

    return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

void loop_release(struct loop *loop, struct watch *watch)
{
    watch->ready = ignore;
    watch->next_dead = loop->dead;
    loop->dead = watch;
}

void loop_later(struct loop *loop, struct job *job)
{
    if (job->queued)
        return;
    job->queued = true;
    append(&loop->jobs_end, job);
}

void loop_post(struct loop *loop, struct job *job)
{
    pthread_mutex_lock(&loop->mutex);
    append(&loop->posted_end, job);
    pthread_mutex_unlock(&loop->mutex);
    eventfd_write(loop->wake, 1);
}

void loop_cancel(struct loop *loop, struct job *job)
{
    if (!job->queued)
        return;
    job->queued = false;
    *job->link = job->next;
    if (job->next != NULL)
        job->next->link = job->link;
    else if (loop->jobs_end == &job->next)
        loop->jobs_end = job->link;
}

/* Those that are there now: what they queue comes after the next look at the sockets. */
static void run_jobs(struct loop *loop)
{
    struct job *first = loop->jobs;

    loop->jobs = NULL;
    loop->jobs_end = &loop->jobs;
    if (first != NULL)
        first->link = &first;
    while (first != NULL) {
        struct job *job = first;
        first = job->next;
        if (first != NULL)
            first->link = &first;
        job->queued = false;
        job->run(job);
    }
}

static void free_dead(struct loop *loop)
{
    while (loop->dead != NULL) {
        struct watch *next = loop->dead->next_dead;
        free(loop->dead);
        loop->dead = next;
    }
}

static int timeout_of(const struct loop *loop)
{
    int64_t next = timers_next(&loop->timers), left = next - loop->now;

    if (loop->jobs != NULL || left <= 0)
        return 0;
    return next == TIMER_NEVER ? -1 : left > 60000 ? 60000 : (int)left;
}

void loop_run(struct loop *loop)
{
    struct epoll_event events[EVENTS_MAX];

    while (!loop->ended) {
        int count = epoll_wait(loop->epoll, events, EVENTS_MAX, timeout_of(loop));
        loop->now = clock_ms();
        for (int i = 0; i < count; i++) {
            struct watch *watch = events[i].data.ptr;
            watch->ready(watch, events[i].events);
        }
        run_jobs(loop);
        timers_run(&loop->timers, loop->now);
        free_dead(loop);
    }
}

void loop_end(struct loop *loop)
{
    loop->ended = true;
}
