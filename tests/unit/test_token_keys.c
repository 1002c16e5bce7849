/* Keys as text: JWK, JWK Set, PEM; what is taken, what is refused and in which words. */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <todo/token.h>

#include "token/jwk.h"

/* RFC 8037, A.1. */
#define ED_X       "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED_D       "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define ED_PUBLIC  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\"}"
#define ED_PRIVATE "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"" ED_D "\",\"x\":\"" ED_X "\"}"

/* RFC 7515, A.3.1. */
#define EC_X       "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y       "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC_D       "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
#define EC_HALVES  "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\""
#define EC_PRIVATE "{" EC_HALVES ",\"d\":\"" EC_D "\"}"

/* RFC 7515, A.1.1. */
#define OCT_K "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define OCT   "{\"kty\":\"oct\",\"k\":\"" OCT_K "\"}"

/* RFC 7638, 3.1. */
#define RSA_N                                                                                               \
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"               \
    "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"              \
    "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f" \
    "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define RSA_PUBLIC \
    "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}"

static todo_token_key *parse(const char *text, const char *id)
{
    todo_token_key *key = NULL;
    todo_error error = TODO_ERROR_INIT;

    if (todo_token_key_parse(text, strlen(text), id, &key, &error) != TODO_OK)
        fail_msg("%s: %s %s", text, error.code, error.message);
    assert_int_equal(ERR_peek_error(), 0);
    return key;
}

static char *write_key(const todo_token_key *key, bool with_private)
{
    char *text = NULL;

    assert_int_equal(todo_token_key_write(key, with_private, &text, NULL), TODO_OK);
    return text;
}

/* Refused as a key of its own and in a set, and nothing of it is repeated. */
static void assert_refused(const char *text, const char *code)
{
    todo_token_key *key = NULL;
    todo_token_keys *keys = NULL;
    todo_error error = TODO_ERROR_INIT;

    if (todo_token_key_parse(text, strlen(text), NULL, &key, &error) != TODO_ERR_INVALID)
        fail_msg("%s: taken", text);
    if (strcmp(error.code, code) != 0)
        fail_msg("%s: %s instead of %s", text, error.code, code);
    assert_null(strstr(error.message, ED_D));
    assert_string_equal(error.detail, "");
    assert_null(key);
    assert_int_equal(todo_token_keys_parse(text, strlen(text), &keys, NULL), TODO_ERR_INVALID);
    assert_null(keys);
    assert_int_equal(ERR_peek_error(), 0);
}

static void the_keys_of_the_rfcs_are_read(void **state)
{
    static const struct {
        const char *text;
        todo_token_algorithm algorithm;
        bool can_sign;
    } keys[] = {
        {ED_PUBLIC, TODO_TOKEN_EDDSA, false},         {ED_PRIVATE, TODO_TOKEN_EDDSA, true},
        {"{" EC_HALVES "}", TODO_TOKEN_ES256, false}, {EC_PRIVATE, TODO_TOKEN_ES256, true},
        {RSA_PUBLIC, TODO_TOKEN_RS256, false},        {" \r\n\t" OCT "\n", TODO_TOKEN_HS256, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        todo_token_key *key = parse(keys[i].text, NULL);

        assert_int_equal(todo_token_key_algorithm(key), keys[i].algorithm);
        assert_int_equal(todo_token_key_can_sign(key), keys[i].can_sign);
        todo_token_key_free(key);
    }
}

static void assert_thumbprint(const char *jwk, const char *expected)
{
    todo_token_key *key = parse(jwk, NULL);
    char text[TODO_TOKEN_KEY_ID_MAX + 1];

    assert_int_equal(todo__jwk_thumbprint(key, text, NULL), TODO_OK);
    assert_string_equal(text, expected);
    todo_token_key_free(key);
}

static void thumbprints_are_those_of_the_rfcs(void **state)
{
    (void)state;
    assert_thumbprint(RSA_PUBLIC, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"); /* RFC 7638, 3.1 */
    assert_thumbprint(ED_PRIVATE, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); /* RFC 8037, A.3 */
}

static void a_key_is_written_with_what_it_is_for(void **state)
{
    todo_token_key *key = parse(ED_PRIVATE, "2026-11");
    char *text = write_key(key, true);

    (void)state;
    assert_string_equal(text, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" ED_X "\",\"d\":\"" ED_D
                              "\",\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"2026-11\"}");
    todo_free(text);
    text = write_key(key, false);
    assert_string_equal(text, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" ED_X
                              "\",\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"2026-11\"}");
    todo_free(text);
    todo_token_key_free(key);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    for (todo_token_algorithm algorithm = TODO_TOKEN_HS256; algorithm <= TODO_TOKEN_RS256; algorithm++) {
        todo_token_key *key = NULL, *again;
        char *text, *same;

        assert_int_equal(todo_token_key_generate(algorithm, "a.b-c_1", &key, NULL), TODO_OK);
        assert_int_equal(ERR_peek_error(), 0);
        assert_string_equal(todo_token_key_id(key), "a.b-c_1");
        text = write_key(key, true);
        again = parse(text, NULL);
        assert_int_equal(todo_token_key_algorithm(again), algorithm);
        assert_true(todo_token_key_can_sign(again));
        same = write_key(again, true);
        assert_string_equal(text, same);
        todo_free(same);
        todo_free(text);
        todo_token_key_free(again);
        if (algorithm != TODO_TOKEN_HS256) {
            text = write_key(key, false);
            assert_null(strstr(text, "\"d\":"));
            assert_null(strstr(text, "\"p\":"));
            again = parse(text, NULL);
            assert_false(todo_token_key_can_sign(again));
            todo_free(text);
            todo_token_key_free(again);
        }
        todo_token_key_free(key);
    }
}

static void a_new_key_is_named_by_its_thumbprint(void **state)
{
    todo_token_key *key = NULL, *other = NULL;
    char text[TODO_TOKEN_KEY_ID_MAX + 1];

    (void)state;
    assert_int_equal(todo_token_key_generate(TODO_TOKEN_EDDSA, NULL, &key, NULL), TODO_OK);
    assert_int_equal(todo__jwk_thumbprint(key, text, NULL), TODO_OK);
    assert_string_equal(todo_token_key_id(key), text);
    assert_int_equal(todo_token_key_generate(TODO_TOKEN_EDDSA, NULL, &other, NULL), TODO_OK);
    assert_string_not_equal(todo_token_key_id(key), todo_token_key_id(other));
    todo_token_key_free(other);
    todo_token_key_free(key);
    assert_int_equal(todo_token_key_generate(TODO_TOKEN_HS256, NULL, &key, NULL), TODO_OK);
    assert_null(todo_token_key_id(key));
    todo_token_key_free(key);
}

static void what_is_no_key_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "x",
        "[]",
        "{}",
        "{",
        "null",
        "{\"kty\":\"oct\"}",
        "{\"kty\":1}",
        "{\"kty\":\"oct\",\"k\":\"" OCT_K "\",\"k\":\"" OCT_K "\"}",
        "{\"kty\":\"oct\",\"k\":\"" OCT_K "=\"}",
        "{\"kty\":\"oct\",\"k\":[\"" OCT_K "\"]}",
        "{\"kty\":\"oct\",\"k\":\"" OCT_K "\"} x",
        "{\"kty\":\"oct\",\"k\":\"" OCT_K "\",\"key_ops\":\"sign\"}",
        "{\"kty\":\"oct\",\"k\":\"" OCT_K "\",\"key_ops\":[1]}",
        "{\"kty\":\"oct\",\"k\":\"" OCT_K "\",\"kid\":7}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcH\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\",\"d\":\"\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"" ED_D "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}",
        "{" EC_HALVES ",\"d\":\"AA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_Y "\",\"y\":\"" EC_X "\"}", /* not on the curve */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQ\"}",                  /* 1 */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AAAB\"}",                /* a zero in front */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"Ag\"}",                  /* even */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAAAAAAAAAB\"}",        /* 65 bits and more */
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\",\"d\":\"AQAB\"}", /* without its primes */
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n",
        "-----BEGIN ",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_refused(texts[i], "key_malformed");
}

static void halves_that_do_not_belong_together_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"" EC_D "\",\"x\":\"" ED_X "\"}",
                   "key_mismatch");
    assert_refused("{" EC_HALVES ",\"d\":\"" ED_D "\"}", "key_mismatch");
}

static void weak_secrets_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"kty\":\"oct\",\"k\":\"\"}", "key_weak");
    assert_refused("{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLg\"}", "key_weak");
}

static char *pem_of(EVP_PKEY *pair, bool is_private, const char *passphrase)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes, *text;

    if (is_private)
        assert_int_equal(PEM_write_bio_PrivateKey(bio, pair, passphrase != NULL ? EVP_aes_128_cbc() : NULL,
                                                  NULL, 0, NULL, (void *)passphrase),
                         1);
    else
        assert_int_equal(PEM_write_bio_PUBKEY(bio, pair), 1);
    assert_int_equal(BIO_write(bio, "", 1), 1); /* the NUL */
    (void)BIO_get_mem_data(bio, &bytes);
    text = strdup(bytes);
    BIO_free(bio);
    return text;
}

static void assert_pem_refused(EVP_PKEY *pair, const char *code)
{
    for (int is_private = 0; is_private < 2; is_private++) {
        char *text = pem_of(pair, is_private, NULL);

        assert_refused(text, code);
        free(text);
    }
    EVP_PKEY_free(pair);
}

static void weak_and_huge_rsa_keys_are_refused(void **state)
{
    char text[2048];

    (void)state;
    assert_pem_refused(EVP_RSA_gen(1024), "key_weak");
    /* A modulus of 1,008 bits as a JWK too, one with bits left over, and one of 6,048. */
    snprintf(text, sizeof(text), "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%.168s\"}", RSA_N);
    assert_refused(text, "key_weak");
    snprintf(text, sizeof(text), "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%.171s\"}", RSA_N);
    assert_refused(text, "key_malformed");
    snprintf(text, sizeof(text), "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%.336s%.336s%.336s\"}", RSA_N,
             RSA_N, RSA_N);
    assert_refused(text, "key_too_large");
}

static void keys_of_other_kinds_are_refused(void **state)
{
    static const char *const texts[] = {
        "{\"kty\":\"new\"}",
        "{\"kty\":\"OCT\",\"k\":\"" OCT_K "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED_X "\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"}",
        "{" EC_HALVES ",\"use\":\"enc\"}",
        "{" EC_HALVES ",\"alg\":\"ES512\"}",
        "{" EC_HALVES ",\"alg\":\"HS256\"}",
        "{" EC_HALVES ",\"key_ops\":[\"sign\"]}",
        "{" EC_HALVES ",\"d\":\"" EC_D "\",\"key_ops\":[\"verify\"]}",
        "{" EC_HALVES ",\"key_ops\":[]}",
        "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\",\"alg\":\"PS256\"}",
        "{\"kty\":\"oct\",\"k\":\"" OCT_K "\",\"alg\":\"HS512\"}",
        "{\"kty\":\"oct\",\"k\":\"" OCT_K "\",\"alg\":\"none\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_refused(texts[i], "key_unsupported");
    assert_pem_refused(EVP_EC_gen("P-384"), "key_unsupported");
    assert_pem_refused(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), "key_unsupported");
    assert_refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "key_unsupported");
    todo_token_key_free(parse("{" EC_HALVES ",\"d\":\"" EC_D "\",\"key_ops\":[\"sign\"]}", NULL));
    todo_token_key_free(parse("{" EC_HALVES ",\"key_ops\":[\"x\",\"verify\"],\"use\":\"sig\"}", NULL));
    todo_token_key_free(
        parse("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\",\"alg\":\"Ed25519\"}", NULL));
}

static void pem_is_read(void **state)
{
    static const char parameters[] =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    EVP_PKEY *pairs[] = {EVP_EC_gen("P-256"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_RSA_gen(2048)};
    static const todo_token_algorithm algorithms[] = {TODO_TOKEN_ES256, TODO_TOKEN_EDDSA, TODO_TOKEN_RS256};
    char joined[8192];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        for (int is_private = 0; is_private < 2; is_private++) {
            char *text = pem_of(pairs[i], is_private, NULL);
            todo_token_key *key = parse(text, "pem");

            assert_int_equal(todo_token_key_algorithm(key), algorithms[i]);
            assert_int_equal(todo_token_key_can_sign(key), is_private);
            assert_string_equal(todo_token_key_id(key), "pem");
            todo_token_key_free(key);
            snprintf(joined, sizeof(joined), "A line of words\n%s%s", parameters, text);
            key = parse(joined, NULL);
            assert_null(todo_token_key_id(key));
            todo_token_key_free(key);
            free(text);
        }
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        EVP_PKEY_free(pairs[i]);
}

/* Also: the library never asks a terminal for it, as OpenSSL does when nobody stops it. */
static void pem_under_a_passphrase_is_refused(void **state)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    char *text = pem_of(pair, true, "open sesame");

    (void)state;
    assert_refused(text, "key_encrypted");
    free(text);
    EVP_PKEY_free(pair);
}

static void a_set_is_read_and_what_is_for_something_else_passed_over(void **state)
{
    static const char text[] = "{\"keys\":[" ED_PUBLIC ",{\"kty\":\"new\"}," RSA_PUBLIC ",{" EC_HALVES
                               ",\"use\":\"enc\"}," OCT "],\"more\":1}";
    todo_token_keys *keys = NULL;
    char *written = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_token_keys_parse(text, sizeof(text) - 1, &keys, NULL), TODO_OK);
    assert_int_equal(todo_token_keys_count(keys), 3);
    assert_string_equal(todo_token_key_id(todo_token_keys_at(keys, 1)), "2011-04-29");
    assert_int_equal(todo_token_key_algorithm(todo_token_keys_at(keys, 2)), TODO_TOKEN_HS256);
    assert_null(todo_token_keys_at(keys, 3));
    assert_int_equal(todo_token_keys_write(keys, &written, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "key_secret");
    assert_null(written);
    todo_token_keys_free(keys);
}

static void one_bad_key_refuses_a_set(void **state)
{
    static const char *const texts[] = {
        "{\"keys\":[" ED_PUBLIC ",{\"kty\":\"oct\",\"k\":\"c2hvcnQ\"}]}",
        "{\"keys\":[" ED_PUBLIC ",1]}",
        "{\"keys\":[" ED_PUBLIC ",{}]}",
        "{\"keys\":{}}",
        "{\"keys\":[],\"keys\":[]}",
    };
    todo_token_keys *keys = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(todo_token_keys_parse(texts[i], strlen(texts[i]), &keys, NULL), TODO_ERR_INVALID);
    assert_null(keys);
    assert_int_equal(todo_token_keys_parse("{\"keys\":[]}", 11, &keys, NULL), TODO_OK);
    assert_int_equal(todo_token_keys_count(keys), 0);
    todo_token_keys_free(keys);
}

static void a_set_is_written_with_public_halves_alone(void **state)
{
    todo_token_keys *keys = NULL, *again = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(todo_token_keys_new(&keys, NULL), TODO_OK);
    assert_int_equal(todo_token_keys_add(keys, parse(ED_PRIVATE, "new"), NULL), TODO_OK);
    assert_int_equal(todo_token_keys_add(keys, parse(EC_PRIVATE, "old"), NULL), TODO_OK);
    assert_int_equal(todo_token_keys_write(keys, &text, NULL), TODO_OK);
    assert_null(strstr(text, "\"d\":"));
    assert_int_equal(todo_token_keys_parse(text, strlen(text), &again, NULL), TODO_OK);
    assert_int_equal(todo_token_keys_count(again), 2);
    assert_false(todo_token_key_can_sign(todo_token_keys_at(again, 0)));
    assert_string_equal(todo_token_key_id(todo_token_keys_at(again, 1)), "old");
    todo_free(text);
    todo_token_keys_free(again);
    todo_token_keys_free(keys);
}

static void bad_key_ids_are_refused(void **state)
{
    static const char longest[] = "0123456789012345678901234567890123456789012345678901234567890123";
    static const char *const bad[] = {"", "a b", "a\"b", "a\\b", "a\nb", "\xc3\xa9", "\x7f"};
    char text[256];
    todo_token_key *key = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(todo_token_key_generate(TODO_TOKEN_EDDSA, bad[i], &key, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, "key_id");
        assert_int_equal(todo_token_key_parse(ED_PUBLIC, strlen(ED_PUBLIC), bad[i], &key, &error),
                         TODO_ERR_INVALID);
        assert_string_equal(error.code, "key_id");
        assert_int_equal(todo_token_key_parse(OCT, strlen(OCT), bad[i], &key, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, "key_id");
    }
    assert_null(key);
    snprintf(text, sizeof(text), "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\",\"kid\":\"%s\"}",
             longest);
    todo_token_key_free(parse(text, NULL));
    snprintf(text, sizeof(text), "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\",\"kid\":\"%sx\"}",
             longest);
    assert_refused(text, "key_id");
    assert_refused("{\"kty\":\"oct\",\"k\":\"" OCT_K "\",\"kid\":\"\\u001b[31m\"}", "key_id");
}

static void a_key_is_no_secret(void **state)
{
    static const char *const keys[] = {ED_PRIVATE, OCT, "-----BEGIN PUBLIC KEY-----\nAAAA\n"};
    todo_token_key *key = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        assert_int_equal(todo_token_key_new_hs256(keys[i], strlen(keys[i]), &key, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, "secret_is_key");
    }
    assert_null(key);
}

static void what_makes_no_sense_is_refused(void **state)
{
    todo_token_key *key = parse(ED_PUBLIC, NULL), *secret = parse(OCT, NULL), *other = NULL;
    char *text = NULL;
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    assert_int_equal(todo_token_key_write(key, true, &text, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "key_public");
    assert_int_equal(todo_token_key_write(secret, false, &text, &error), TODO_ERR_INVALID);
    assert_string_equal(error.code, "key_secret");
    assert_int_equal(todo_token_key_generate((todo_token_algorithm)0, NULL, &other, &error),
                     TODO_ERR_INVALID);
    assert_string_equal(error.code, "key_algorithm");
    assert_int_equal(todo_token_key_generate((todo_token_algorithm)5, NULL, &other, &error),
                     TODO_ERR_INVALID);
    assert_null(text);
    assert_null(other);
    todo_token_key_free(secret);
    todo_token_key_free(key);
}

/* The queue of OpenSSL's errors belongs to the program. */
static void what_openssl_told_the_program_stays(void **state)
{
    todo_token_key *key = NULL;

    (void)state;
    ERR_raise(ERR_LIB_USER, 42);
    assert_int_equal(todo_token_key_parse("-----BEGIN PUBLIC KEY-----\n", 27, NULL, &key, NULL),
                     TODO_ERR_INVALID);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 42);
    assert_int_equal(ERR_get_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keys_of_the_rfcs_are_read),
        cmocka_unit_test(thumbprints_are_those_of_the_rfcs),
        cmocka_unit_test(a_key_is_written_with_what_it_is_for),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_new_key_is_named_by_its_thumbprint),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(halves_that_do_not_belong_together_are_refused),
        cmocka_unit_test(weak_secrets_are_refused),
        cmocka_unit_test(weak_and_huge_rsa_keys_are_refused),
        cmocka_unit_test(keys_of_other_kinds_are_refused),
        cmocka_unit_test(pem_is_read),
        cmocka_unit_test(pem_under_a_passphrase_is_refused),
        cmocka_unit_test(a_set_is_read_and_what_is_for_something_else_passed_over),
        cmocka_unit_test(one_bad_key_refuses_a_set),
        cmocka_unit_test(a_set_is_written_with_public_halves_alone),
        cmocka_unit_test(bad_key_ids_are_refused),
        cmocka_unit_test(a_key_is_no_secret),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(what_openssl_told_the_program_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
