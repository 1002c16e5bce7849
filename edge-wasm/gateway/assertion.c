#include "assertion.h"
#include "../shared/hmac.h"
#include <sodium/utils.h>

static struct str method_name(const wasi_http_types_method_t *method)
{
    static const struct str names[] = {STR_INIT("GET"),     STR_INIT("HEAD"),   STR_INIT("POST"),
                                       STR_INIT("PUT"),     STR_INIT("DELETE"), STR_INIT("CONNECT"),
                                       STR_INIT("OPTIONS"), STR_INIT("TRACE"),  STR_INIT("PATCH")};

    if (method->tag == WASI_HTTP_TYPES_METHOD_OTHER) {
        return (struct str){(char *)method->val.other.ptr, method->val.other.len};
    }
    return names[method->tag];
}

static void sign_line(br_hmac_context *hmac, struct str line)
{
    hmac_add(hmac, line);
    hmac_add(hmac, STR("\n"));
}

static struct str decimal(uint64_t number, char room[20])
{
    size_t at = 20;

    do {
        room[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (struct str){room + at, 20 - at};
}

struct str assertion_make(const struct request *request, struct str user_id, struct str secret, uint64_t now,
                          char room[ASSERTION_LENGTH_MAX])
{
    br_hmac_context hmac;
    unsigned char signature[HMAC_SIZE];
    char digits[20];
    struct str time = decimal(now, digits);

    hmac_begin(&hmac, secret);
    sign_line(&hmac, method_name(&request->method));
    sign_line(&hmac, request->path_with_query);
    sign_line(&hmac, user_id);
    sign_line(&hmac, (struct str){request->id, UUID_LENGTH});
    sign_line(&hmac, time);
    hmac_end(&hmac, signature);

    memcpy(room, "v1.", 3);
    memcpy(room + 3, time.ptr, time.len);
    room[3 + time.len] = '.';
    sodium_bin2base64(room + 4 + time.len, ASSERTION_LENGTH_MAX - 4 - time.len, signature, sizeof signature,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return (struct str){room, 4 + time.len + 43};
}
