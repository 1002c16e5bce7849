#include "random.h"

#include <stddef.h>
#include <sys/random.h>

bool random_u64(uint64_t *ret_number)
{
    static _Thread_local uint64_t pool[32]; /* 256 bytes are never cut short by a signal: getrandom(2) */
    static _Thread_local size_t left;

    if (left == 0) {
        if (getrandom(pool, sizeof(pool), 0) != sizeof(pool))
            return false;
        left = sizeof(pool) / sizeof(*pool);
    }
    *ret_number = pool[--left];
    pool[left] = 0;
    return true;
}

void random_uuid(char ret_text[UUID_LENGTH])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t halves[2] = {0, 0};

    if (random_u64(&halves[0]) && random_u64(&halves[1])) {
        halves[0] = (halves[0] & ~(uint64_t)0xF000) | 0x4000;                 /* version 4 */
        halves[1] = (halves[1] & ~((uint64_t)3 << 62)) | ((uint64_t)2 << 62); /* variant of RFC 9562 */
    }
    for (int nibble = 0, at = 0; nibble < 32; nibble++) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20)
            ret_text[at++] = '-';
        ret_text[at++] = digits[halves[nibble / 16] >> (60 - nibble % 16 * 4) & 15];
    }
}
