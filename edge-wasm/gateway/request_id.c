#include "request_id.h"
#include "../gen/gateway.h"

void request_id_make(char ret_id[36])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t halves[2] = {wasi_random_random_get_random_u64(), wasi_random_random_get_random_u64()};

    halves[0] = (halves[0] & ~(uint64_t)0xF000) | 0x4000;                 /* version 4 */
    halves[1] = (halves[1] & ~((uint64_t)3 << 62)) | ((uint64_t)2 << 62); /* variant of RFC 9562 */
    for (int nibble = 0, at = 0; nibble < 32; nibble++) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) {
            ret_id[at++] = '-';
        }
        ret_id[at++] = digits[halves[nibble / 16] >> (60 - nibble % 16 * 4) & 15];
    }
}
