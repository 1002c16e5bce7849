/* The reader of key sets, and a verification by whatever keys it found. */
#include "../../../edge-wasm/auth/jwks.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A set's keys are kept for good; here they are not, so that a leak elsewhere would show. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:jwks_read\n";
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
    keyring_clear(&keyring);
    return 0;
}
