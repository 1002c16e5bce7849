#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char name[PATH_MAX]; /* "" for none; changed only while the signals are blocked */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* SA_RESETHAND: the signal raised again ends the program, which its parent sees. */
static void clean_up(int signal)
{
    unlink(name);
    raise(signal);
}

static sigset_t block(void)
{
    sigset_t set, before;
    sigemptyset(&set);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, &before);
    return before;
}

static void unblock(const sigset_t *before)
{
    int reason = errno;
    sigprocmask(SIG_SETMASK, before, NULL);
    errno = reason;
}

/* A signal that is ignored, as under nohup(1), stays so. */
static void handle_with(void (*handler)(int))
{
    for (size_t i = 0; i < SIGNALS; i++) {
        struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND}, old;
        sigaction(signals[i], NULL, &old);
        if (old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

static int make(const char *path, bool beside)
{
    int length = snprintf(name, sizeof(name), "%s%s", path, beside ? ".XXXXXX" : "");
    sigset_t before;
    if (length < 0 || (size_t)length >= sizeof(name)) {
        name[0] = '\0';
        errno = ENAMETOOLONG;
        return -1;
    }
    before = block();
    int fd = beside ? mkostemp(name, O_CLOEXEC) : open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        handle_with(clean_up);
    else
        name[0] = '\0';
    unblock(&before);
    return fd;
}

int temporary_make(const char *path)
{
    return make(path, true);
}

int temporary_make_new(const char *path)
{
    return make(path, false);
}

static void forget(void)
{
    handle_with(SIG_DFL);
    name[0] = '\0';
}

int temporary_keep(const char *path)
{
    sigset_t before = block();
    int result = strcmp(name, path) == 0 ? 0 : rename(name, path);
    if (result == 0)
        forget();
    unblock(&before);
    return result;
}

void temporary_remove(void)
{
    sigset_t before = block();
    if (name[0] != '\0') {
        unlink(name);
        forget();
    }
    unblock(&before);
}
