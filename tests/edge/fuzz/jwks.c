/* The reader of key sets, and a verification by whatever keys it found. */
#include "../../../edge-wasm/auth/jwks.h"

#include "kept.h"

#include <stdint.h>

#undef malloc
#undef free

/* More than an input of 4 KiB makes the reader keep. */
#define BLOCKS_MAX 65536

static void *blocks[BLOCKS_MAX];
static size_t block_count;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void *kept_malloc(size_t size)
{
    void *block = malloc(size);

    if (block_count == BLOCKS_MAX)
        abort();
    blocks[block_count++] = block;
    return block;
}

void kept_free(void *block)
{
    for (size_t i = block_count; i-- > 0;) {
        if (blocks[i] == block) {
            blocks[i] = blocks[--block_count];
            free(block);
            return;
        }
    }
    if (block != NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char signature[512] = "not the signature of anything";
    struct keyring keyring = {NULL};

    if (jwks_read((struct str){(const char *)data, size}, &keyring)) {
        static const size_t lengths[] = {32, 64, 256, 512};
        for (int algorithm = 0; algorithm < ALGORITHM_COUNT; algorithm++) {
            for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
                if (keyring_verify(&keyring, (enum algorithm)algorithm, STR("a"), STR("signed"),
                                   (struct str){signature, lengths[i]}))
                    abort();
            }
        }
    }
    while (block_count > 0)
        free(blocks[--block_count]);
    return 0;
}
