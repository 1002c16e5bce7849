#include "key_checks.h"
#include <bearssl_ec.h>
#include <private/ed25519_ref10.h>
#include <stdint.h>

#define RSA_BITS_MIN     2048
#define RSA_BITS_MAX     4096
#define EXPONENT_MAX     8   /* bytes */
#define FACTOR_END       752 /* factors below this are tried */
#define ROCA_PRIME_MAX   167 /* the last of the primes that every ROCA key has to do with */
#define ROCA_GENERATOR   65537u
#define WORD_PRODUCT_MAX UINT32_MAX

bool key_p256_valid(const char point[P256_POINT_SIZE])
{
    unsigned char copy[P256_POINT_SIZE];
    static const unsigned char one = 1;

    memcpy(copy, point, sizeof copy);
    return br_ec_p256_m31.mul(copy, sizeof copy, &one, 1, BR_EC_secp256r1) == 1;
}

bool key_ed25519_valid(const char key[ED25519_SIZE])
{
    const unsigned char *bytes = (const unsigned char *)key;
    ge25519_p3 point;

    return ge25519_is_canonical(bytes) != 0 && ge25519_has_small_order(bytes) == 0 &&
           ge25519_frombytes_negate_vartime(&point, bytes) == 0;
}

static size_t bits_of(struct str number)
{
    size_t bits = number.len * 8;

    for (unsigned char first = (unsigned char)number.ptr[0]; bits > 0 && (first & 0x80) == 0;
         first = (unsigned char)(first << 1)) {
        bits--;
    }
    return bits;
}

static uint32_t remainder_of(struct str number, uint32_t divisor)
{
    uint64_t remainder = 0;

    for (size_t i = 0; i < number.len; i++) {
        remainder = remainder << 8 | (unsigned char)number.ptr[i];
        /* Four bytes a division, from the end. */
        if ((number.len - 1 - i) % 4 == 0) {
            remainder %= divisor;
        }
    }
    return (uint32_t)remainder;
}

/* Whether a remainder is a power of the generator. Those of all primes are in a ROCA key. */
static bool is_roca_remainder(uint32_t remainder, uint32_t prime)
{
    uint32_t power = 1;

    do {
        if (power == remainder) {
            return true;
        }
        power = power * (ROCA_GENERATOR % prime) % prime;
    } while (power != 1);
    return false;
}

/* What the primes up to the last tried one say about a modulus. */
struct trial {
    bool has_factor, is_roca;
};

/* Several primes a division of the long number: their product is below 2^32. */
static void try_primes(struct str modulus, const uint32_t *primes, size_t count, uint32_t product,
                       struct trial *trial)
{
    uint32_t rest = remainder_of(modulus, product);

    for (size_t i = 0; i < count; i++) {
        uint32_t remainder = rest % primes[i];
        trial->has_factor |= remainder == 0;
        trial->is_roca =
            trial->is_roca && (primes[i] > ROCA_PRIME_MAX || is_roca_remainder(remainder, primes[i]));
    }
}

static struct trial try_modulus(struct str modulus)
{
    bool composite[FACTOR_END] = {false};
    struct trial trial = {.has_factor = (modulus.ptr[modulus.len - 1] & 1) == 0, .is_roca = true};
    uint32_t primes[16], product = 1;
    size_t count = 0;

    for (uint32_t prime = 3; prime < FACTOR_END; prime += 2) {
        if (composite[prime]) {
            continue;
        }
        for (uint32_t multiple = prime * prime; multiple < FACTOR_END; multiple += 2 * prime) {
            composite[multiple] = true;
        }
        if (product > WORD_PRODUCT_MAX / prime) {
            try_primes(modulus, primes, count, product, &trial);
            product = 1;
            count = 0;
        }
        product *= prime;
        primes[count++] = prime;
    }
    try_primes(modulus, primes, count, product, &trial);
    return trial;
}

bool key_rsa_modulus_valid(struct str modulus)
{
    if (modulus.len == 0 || modulus.ptr[0] == 0) {
        return false;
    }
    size_t bits = bits_of(modulus);
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX) {
        return false;
    }
    struct trial trial = try_modulus(modulus);
    return !trial.has_factor && !trial.is_roca;
}

bool key_rsa_exponent_valid(struct str exponent)
{
    return exponent.len > 0 && exponent.len <= EXPONENT_MAX && exponent.ptr[0] != 0 &&
           (exponent.ptr[exponent.len - 1] & 1) != 0 && !(exponent.len == 1 && exponent.ptr[0] == 1);
}
