/* How much one client's address may have at a time. Thread-safe. */
#ifndef EDGE_HOST_QUOTA_H
#define EDGE_HOST_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* An IPv4 address, or the first half of an IPv6 address, which is what one client has. 0: none. */
typedef uint64_t quota_key;

quota_key quota_key_of(const struct sockaddr_storage *address);

/* The key of an address in text; 0 if it is none. A port or brackets are passed over. */
quota_key quota_key_from(const char *text, size_t length);

struct quota;

struct quota *quota_new(unsigned each_max);
void quota_free(struct quota *quota);

/* One more. False, and nothing taken, when that is too many. */
bool quota_take(struct quota *quota, quota_key key);
void quota_give(struct quota *quota, quota_key key);

#endif
