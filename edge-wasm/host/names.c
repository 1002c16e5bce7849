#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NAMES_MAX  16
#define FOUND_MS   5000 /* for which an answer is used again */
#define UNKNOWN_MS 1000

struct name {
    struct names *names;
    char host[256], port[8];
    struct addrinfo *found;
    bool pending;
    int64_t expires;
    struct job done;
    struct name_waiter *waiters;
    struct name *next;
};

/* HOST, [HOST] or either with :PORT, into two strings. */
static bool split(const char *authority, const char *default_port, char host[256], char port[8])
{
    size_t length = authority[0] == '[' ? strcspn(authority, "]") : strcspn(authority, ":");
    const char *rest = authority + length + (authority[0] == '[' && authority[length] == ']');
    size_t skip = authority[0] == '[';

    if (length <= skip || length >= 256 || (*rest != '\0' && (*rest != ':' || strlen(rest + 1) > 5)))
        return false;
    memcpy(host, authority + skip, length - skip);
    host[length - skip] = '\0';
    strcpy(port, *rest == ':' ? rest + 1 : default_port);
    return port[strspn(port, "0123456789")] == '\0' && port[0] != '\0';
}

static struct addrinfo *look_up(const struct name *name, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV}, *found = NULL;

    return getaddrinfo(name->host, name->port, &hints, &found) == 0 ? found : NULL;
}

static void settle(struct job *job)
{
    struct name *name = (struct name *)((char *)job - offsetof(struct name, done));
    struct name_waiter *waiter = name->waiters;
    struct loop *loop = name->names->loop;

    name->pending = false;
    name->expires = loop->now + (name->found != NULL ? FOUND_MS : UNKNOWN_MS);
    name->waiters = NULL;
    while (waiter != NULL) {
        struct name_waiter *next = waiter->next;
        waiter->name = NULL;
        loop_later(loop, &waiter->job);
        waiter = next;
    }
}

static void *look_up_beside(void *argument)
{
    struct name *name = argument;

    name->found = look_up(name, AI_ADDRCONFIG);
    loop_post(name->names->loop, &name->done);
    return NULL;
}

/* Asks again, on a thread of its own: one for each name at most. */
static void start(struct name *name)
{
    pthread_attr_t attributes;
    pthread_t thread;

    if (name->found != NULL)
        freeaddrinfo(name->found);
    name->found = look_up(name, AI_NUMERICHOST);
    name->expires = name->found != NULL ? INT64_MAX : 0;
    if (name->found != NULL)
        return;
    name->pending = true;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, look_up_beside, name) != 0)
        settle(&name->done);
    pthread_attr_destroy(&attributes);
}

static struct name *add(struct names *names, const char *host, const char *port)
{
    struct name *name = names->count == NAMES_MAX ? NULL : calloc(1, sizeof(*name));

    if (name == NULL)
        return NULL;
    name->names = names;
    strcpy(name->host, host);
    strcpy(name->port, port);
    name->done.run = settle;
    name->next = names->first;
    names->first = name;
    names->count++;
    return name;
}

enum name_state names_find(struct names *names, const char *authority, const char *default_port,
                           struct name_waiter *waiter, const struct addrinfo **ret_addresses)
{
    char host[256], port[8];
    struct name *name = names->first;

    if (!split(authority, default_port, host, port))
        return NAME_UNKNOWN;
    while (name != NULL && (strcmp(name->host, host) != 0 || strcmp(name->port, port) != 0))
        name = name->next;
    if (name == NULL && (name = add(names, host, port)) == NULL)
        return NAME_UNKNOWN;
    if (!name->pending && name->expires <= names->loop->now)
        start(name);
    if (name->pending) {
        waiter->name = name;
        waiter->next = name->waiters;
        name->waiters = waiter;
        return NAME_PENDING;
    }
    *ret_addresses = name->found;
    return name->found != NULL ? NAME_FOUND : NAME_UNKNOWN;
}

void names_forget(struct name_waiter *waiter)
{
    struct name_waiter **at;

    if (waiter->name == NULL)
        return;
    for (at = &waiter->name->waiters; *at != waiter; at = &(*at)->next)
        continue;
    *at = waiter->next;
    waiter->name = NULL;
}

void names_close(struct names *names)
{
    while (names->first != NULL) {
        struct name *next = names->first->next;
        if (names->first->found != NULL && !names->first->pending)
            freeaddrinfo(names->first->found);
        if (!names->first->pending) /* else a thread still has it, for as long as the process lives */
            free(names->first);
        names->first = next;
    }
}
