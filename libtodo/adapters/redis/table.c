#include "adapters/redis/table.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "util/monotonic.h"

#define KEY_MAX 64u /* what lies behind does not count */

static unsigned char secret[KEY_MAX];
static pthread_once_t secret_once = PTHREAD_ONCE_INIT;

static void make_secret(void)
{
    if (getrandom(secret, sizeof(secret), GRND_NONBLOCK) < 0)
        memcpy(secret, &(int64_t){todo__monotonic_us()}, sizeof(int64_t));
}

unsigned todo__table_hash(const void *key, size_t length)
{
    const unsigned char *bytes = key;
    unsigned char mixed[KEY_MAX];
    unsigned hash;

    pthread_once(&secret_once, make_secret);
    length = length < KEY_MAX ? length : KEY_MAX;
    for (size_t i = 0; i < length; i++)
        mixed[i] = bytes[i] ^ secret[i];
    HASH_JEN(mixed, length, hash);
    return hash;
}
