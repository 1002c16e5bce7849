/*
 * The judge of paths: one that it lets through reads the same to a server that decodes it, merges slashes and resolves dots,
 * so that open and protected are the same to both.
 */
#include "../../../edge-wasm/gateway/route.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int hex(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* Decodes every percent-encoding, as a careless server would before it looks at the segments. */
static size_t decode(struct str path, char *decoded)
{
    size_t length = 0;

    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '%') {
            decoded[length++] = (char)(hex(path.ptr[i + 1]) * 16 + hex(path.ptr[i + 2]));
            i += 2;
        } else {
            decoded[length++] = path.ptr[i];
        }
    }
    return length;
}

static bool has(const char *text, size_t length, struct str part)
{
    for (size_t i = 0; i + part.len <= length; i++) {
        if (memcmp(text + i, part.ptr, part.len) == 0)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str whole = {(const char *)data, size};
    enum route route = route_of(whole, STR("/docs, /app/*"));
    struct str path = {whole.ptr, size == 0 ? 0 : str_span_until(whole, '?')};

    if (path_is_plain(path) != (route != ROUTE_BAD))
        abort();
    if (route == ROUTE_BAD)
        return 0;
    char *decoded = malloc(path.len + 2);
    size_t length = decode(path, decoded);
    decoded[length] = '/';
    if (has(decoded, length, STR("//")) || has(decoded, length + 1, STR("/./")) ||
        has(decoded, length + 1, STR("/../")) || has(decoded, length, STR("\\")))
        abort();
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)decoded[i] < ' ' || decoded[i] == 0x7F)
            abort();
    }
    /* As many segments as before: no slash was hidden. */
    size_t before = 0, after = 0;
    for (size_t i = 0; i < path.len; i++)
        before += path.ptr[i] == '/';
    for (size_t i = 0; i < length; i++)
        after += decoded[i] == '/';
    if (before != after)
        abort();
    free(decoded);
    return 0;
}
