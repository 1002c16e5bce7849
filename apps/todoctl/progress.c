#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define INTERVAL  100000 /* microseconds */

static bool drawn; /* there is one terminal */

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void progress_begin(ctl_progress *progress, const char *verb, uint64_t total)
{
    memset(progress, 0, sizeof(*progress));
    progress->shown = isatty(STDERR_FILENO);
    progress->verb = verb;
    progress->total = total;
    progress->start = now();
    progress->drawn = progress->start; /* nothing for what is over at once */
}

void progress_update(ctl_progress *progress, uint64_t bytes, uint64_t todos)
{
    if (!progress->shown)
        return;
    int64_t time = now();
    if (time - progress->drawn < INTERVAL)
        return;
    double seconds = (double)(time - progress->start) / 1e6;
    char bar[BAR_WIDTH + 1] = "";
    progress->drawn = time;
    drawn = true;
    fputs("\r\033[K", stderr);
    if (progress->total > 0) {
        double part = (double)bytes / (double)progress->total;
        size_t filled = (size_t)(part * BAR_WIDTH);
        memset(bar, '#', filled < BAR_WIDTH ? filled : BAR_WIDTH);
        fprintf(stderr, "[%-*s] %3.0f %%  ", BAR_WIDTH, bar, part * 100);
    }
    fprintf(stderr, "%llu todos %s, %.0f/s", (unsigned long long)todos, progress->verb,
            seconds > 0 ? (double)todos / seconds : 0);
    fflush(stderr);
}

void progress_end(ctl_progress *progress)
{
    progress_make_room();
    progress->shown = false;
}

void progress_make_room(void)
{
    if (drawn)
        fputs("\r\033[K", stderr);
    drawn = false;
}
