#include "token/key_checks.h"

#include <stddef.h>
#include <string.h>

#include <openssl/bn.h>

#define ROCA_GENERATOR 65537u

/* RFC 8032, 5.1: the prime, and d of the curve -x^2 + y^2 = 1 + d x^2 y^2. */
static const char prime_text[] = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
static const char d_text[] = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3";

/* The y of the points of order 1, 2, 4 and 8. */
static const char *const small_orders[] = {
    "1",
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
    "0",
    "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
    "5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
};

static bool has_small_order(const BIGNUM *y)
{
    BIGNUM *small = NULL;
    bool found = false;

    for (size_t i = 0; i < sizeof(small_orders) / sizeof(small_orders[0]) && !found; i++)
        found = BN_hex2bn(&small, small_orders[i]) == 0 || BN_cmp(y, small) == 0;
    BN_free(small);
    return found;
}

/* Whether x^2 = (y^2 - 1) / (d y^2 + 1) has a root other than 0, that is, whether numerator times denominator is a square. */
static bool has_x(const BIGNUM *y, const BIGNUM *prime, const BIGNUM *d, BN_CTX *context)
{
    BIGNUM *numerator = BN_CTX_get(context), *denominator = BN_CTX_get(context),
           *square = BN_CTX_get(context);

    return square != NULL && BN_mod_sqr(square, y, prime, context) == 1 &&
           BN_mod_sub(numerator, square, BN_value_one(), prime, context) == 1 &&
           BN_mod_mul(denominator, d, square, prime, context) == 1 &&
           BN_mod_add(denominator, denominator, BN_value_one(), prime, context) == 1 &&
           BN_mod_mul(square, numerator, denominator, prime, context) == 1 &&
           BN_kronecker(square, prime, context) == 1;
}

bool todo__key_ed25519_valid(const unsigned char key[TODO__ED25519_KEY_SIZE])
{
    unsigned char bytes[TODO__ED25519_KEY_SIZE];
    BN_CTX *context = BN_CTX_new();
    BIGNUM *prime = NULL, *d = NULL, *y;
    bool valid;

    memcpy(bytes, key, sizeof(bytes));
    bytes[sizeof(bytes) - 1] &= 0x7f; /* the sign of x, which is 0 only in points of small order */
    y = BN_lebin2bn(bytes, sizeof(bytes), NULL);
    valid = context != NULL && y != NULL && BN_hex2bn(&prime, prime_text) != 0 &&
            BN_hex2bn(&d, d_text) != 0 && BN_cmp(y, prime) < 0 && !has_small_order(y) &&
            has_x(y, prime, d, context);
    BN_free(y);
    BN_free(d);
    BN_free(prime);
    BN_CTX_free(context);
    return valid;
}

/* Whether a remainder is a power of the generator. */
static bool is_power(BN_ULONG remainder, unsigned prime)
{
    unsigned power = 1;

    do {
        if (power == remainder)
            return true;
        power = power * (ROCA_GENERATOR % prime) % prime;
    } while (power != 1);
    return false;
}

bool todo__key_is_roca(const BIGNUM *modulus)
{
    /* Those that every key of that generator has to do with, whatever its size. */
    static const unsigned primes[] = {3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                      47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                      107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

    for (size_t i = 0; i < sizeof(primes) / sizeof(primes[0]); i++)
        if (!is_power(BN_mod_word(modulus, primes[i]), primes[i]))
            return false;
    return true;
}
