#include "quota.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096 /* a power of two */

struct entry {
    quota_key key;
    unsigned count;
    struct entry *next;
};

struct quota {
    unsigned each_max;
    pthread_mutex_t mutex;
    uint64_t salt;
    struct entry *buckets[BUCKETS];
};

static quota_key key_of_four(const struct in_addr *address)
{
    return UINT64_C(1) << 32 | address->s_addr;
}

static quota_key key_of_six(const struct in6_addr *address)
{
    struct in_addr four;
    uint64_t half;

    if (IN6_IS_ADDR_V4MAPPED(address)) {
        memcpy(&four, &address->s6_addr[12], sizeof(four));
        return key_of_four(&four);
    }
    memcpy(&half, address->s6_addr, sizeof(half));
    return half != 0 ? half : 1;
}

quota_key quota_key_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET)
        return key_of_four(&((const struct sockaddr_in *)address)->sin_addr);
    if (address->ss_family == AF_INET6)
        return key_of_six(&((const struct sockaddr_in6 *)address)->sin6_addr);
    return 0;
}

quota_key quota_key_from(const char *text, size_t length)
{
    char copy[INET6_ADDRSTRLEN + 8];
    struct in_addr four;
    struct in6_addr six;

    if (length > 0 && text[0] == '[') {
        const char *end = memchr(text, ']', length);
        length = end == NULL ? 0 : (size_t)(end - ++text);
    } else if (memchr(text, '.', length) != NULL && memchr(text, ':', length) != NULL) {
        length = (size_t)((const char *)memchr(text, ':', length) - text);
    }
    if (length == 0 || length >= sizeof(copy))
        return 0;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (inet_pton(AF_INET, copy, &four) == 1)
        return key_of_four(&four);
    return inet_pton(AF_INET6, copy, &six) == 1 ? key_of_six(&six) : 0;
}

struct quota *quota_new(unsigned each_max)
{
    struct quota *quota = calloc(1, sizeof(*quota));

    if (quota == NULL)
        return NULL;
    quota->each_max = each_max;
    quota->salt = (uint64_t)(uintptr_t)quota; /* where chains become long is not to be known from outside */
    pthread_mutex_init(&quota->mutex, NULL);
    return quota;
}

void quota_free(struct quota *quota)
{
    if (quota == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (quota->buckets[i] != NULL) {
            struct entry *next = quota->buckets[i]->next;
            free(quota->buckets[i]);
            quota->buckets[i] = next;
        }
    pthread_mutex_destroy(&quota->mutex);
    free(quota);
}

/* Where the key's entry is, or would be appended. */
static struct entry **find(struct quota *quota, quota_key key)
{
    uint64_t hash = (key ^ quota->salt) * UINT64_C(0x9e3779b97f4a7c15);
    struct entry **at = &quota->buckets[hash >> 52];

    while (*at != NULL && (*at)->key != key)
        at = &(*at)->next;
    return at;
}

bool quota_take(struct quota *quota, quota_key key)
{
    struct entry **at;
    bool taken = true;

    if (key == 0)
        return true;
    pthread_mutex_lock(&quota->mutex);
    at = find(quota, key);
    if (*at == NULL && (*at = calloc(1, sizeof(**at))) != NULL)
        (*at)->key = key;
    if (*at == NULL || (*at)->count >= quota->each_max)
        taken = false;
    else
        (*at)->count++;
    pthread_mutex_unlock(&quota->mutex);
    return taken;
}

void quota_give(struct quota *quota, quota_key key)
{
    struct entry **at;

    if (key == 0)
        return;
    pthread_mutex_lock(&quota->mutex);
    at = find(quota, key);
    if (--(*at)->count == 0) {
        struct entry *entry = *at;
        *at = entry->next;
        free(entry);
    }
    pthread_mutex_unlock(&quota->mutex);
}
