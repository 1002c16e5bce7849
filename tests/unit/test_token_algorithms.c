/* Signing and verifying with each algorithm, and the attacks of RFC 8725 on the choice between them. */
#include "testing.h"

#include "format.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <todo/token.h>

#include "token/base64url.h"
#include "token/signature.h"

#define SUBJECT "0190d2a4-7f3b-7cde-8f01-23456789abcd"
#define NOW     INT64_C(1795000000)
#define CLAIMS  "{\"sub\":\"" SUBJECT "\",\"exp\":1795000001}"

/* The claims of RFC 7515, A.1 to A.3, and RFC 7519, 3.1 and 6.1. */
#define JOE "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

static todo_token_key *keys[TODO_TOKEN_RS256 + 1]; /* one of each algorithm */

static const todo_token_algorithm algorithms[] = {TODO_TOKEN_HS256, TODO_TOKEN_ES256, TODO_TOKEN_EDDSA,
                                                  TODO_TOKEN_RS256};

static todo_token_key *parse(const char *text)
{
    todo_token_key *key = NULL;

    assert_int_equal(todo_token_key_parse(text, strlen(text), NULL, &key, NULL), TODO_OK);
    return key;
}

/* The key's public half, or itself if it has none. */
static todo_token_key *public_half(const todo_token_key *key)
{
    char *text = NULL;
    todo_token_key *half;

    assert_int_equal(
        todo_token_key_write(key, todo_token_key_algorithm(key) == TODO_TOKEN_HS256, &text, NULL), TODO_OK);
    half = parse(text);
    todo_free(text);
    return half;
}

static char *mint(const todo_token_key *key)
{
    todo_token_claims claims = {.size = sizeof(claims), .issued_at = NOW, .expires_at = NOW + 60};
    char *token = NULL;

    assert_int_equal(todo_uuid_parse(SUBJECT, &claims.subject, NULL), TODO_OK);
    assert_int_equal(todo_token_mint(key, &claims, &token, NULL), TODO_OK);
    assert_int_equal(ERR_peek_error(), 0);
    return token;
}

/* A set of public halves of these keys. */
static todo_token_keys *set_of(const todo_token_key *const *members, size_t count)
{
    todo_token_keys *set = NULL;

    assert_int_equal(todo_token_keys_new(&set, NULL), TODO_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(todo_token_keys_add(set, public_half(members[i]), NULL), TODO_OK);
    return set;
}

/* What became of a token. `refusal`: the message that it is to be refused with; NULL: it is to be accepted. */
static void assert_outcome(todo_status status, const todo_error *error, const char *token,
                           const char *refusal)
{
    if (refusal == NULL ? status != TODO_OK
                        : status != TODO_ERR_UNAUTHENTICATED || strcmp(error->message, refusal) != 0)
        fail_msg("%s: status %d, %s; expected %s", token, status, error->message,
                 refusal != NULL ? refusal : "none");
    assert_int_equal(ERR_peek_error(), 0);
}

static void assert_verdict(const todo_token_keys *set, const char *token, const char *refusal)
{
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_error error = TODO_ERROR_INIT;

    assert_outcome(todo_token_keys_verify(set, token, NOW, &claims, &error), &error, token, refusal);
}

static void assert_key_verdict(const todo_token_key *key, const char *token, int64_t now, const char *refusal)
{
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_error error = TODO_ERROR_INIT;

    assert_outcome(todo_token_verify(key, token, now, &claims, &error), &error, token, refusal);
}

static char *encode(const void *bytes, size_t length)
{
    char *text = malloc(TODO__BASE64URL_SIZE(length));

    todo__base64url_encode(bytes, length, text);
    return text;
}

/* A token of these JSON texts and this signature. */
static char *assemble(const char *header, const char *payload, const void *signature, size_t length)
{
    char *first = encode(header, strlen(header)), *second = encode(payload, strlen(payload));
    char *third = encode(signature, length), *token = format("%s.%s.%s", first, second, third);

    free(first);
    free(second);
    free(third);
    return token;
}

/* Signed with HMAC, whatever it says. */
static char *sign_hmac(const char *header, const void *secret, size_t length)
{
    unsigned char mac[32];
    unsigned mac_length = 0;
    char *token = assemble(header, CLAIMS, "", 0), *whole;

    HMAC(EVP_sha256(), secret, (int)length, (unsigned char *)token, strlen(token) - 1, mac, &mac_length);
    whole = assemble(header, CLAIMS, mac, mac_length);
    free(token);
    return whole;
}

static void what_a_key_minted_its_public_half_verifies(void **state)
{
    static const char *const heads[] = {"\"alg\":\"HS256\"", "\"alg\":\"ES256\"", "\"alg\":\"EdDSA\"",
                                        "\"alg\":\"RS256\""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        todo_token_key *half = public_half(keys[algorithms[i]]);
        char *token = mint(keys[algorithms[i]]);
        char header[256] = "", kid[100];
        size_t length;

        assert_true(todo__base64url_decode(token, strcspn(token, "."), header, &length));
        assert_non_null(strstr(header, heads[i]));
        assert_non_null(strstr(header, "\"typ\":\"JWT\""));
        snprintf(kid, sizeof(kid), "\"kid\":\"%s\"", todo_token_key_id(keys[algorithms[i]]));
        assert_non_null(strstr(header, kid));
        assert_key_verdict(half, token, NOW, NULL);
        assert_key_verdict(half, token, NOW + 60, "Token expired");
        todo_free(token);
        todo_token_key_free(half);
    }
}

static void a_public_key_mints_nothing(void **state)
{
    todo_token_claims claims = {.size = sizeof(claims), .expires_at = NOW};
    todo_error error = TODO_ERROR_INIT;
    char *token = NULL;

    (void)state;
    for (size_t i = 1; i < COUNT_OF(algorithms); i++) {
        todo_token_key *half = public_half(keys[algorithms[i]]);

        assert_int_equal(todo_token_mint(half, &claims, &token, &error), TODO_ERR_INVALID);
        assert_string_equal(error.code, "key_public");
        todo_token_key_free(half);
    }
    assert_null(token);
}

/* Once the signature is genuine, what is wrong with the claims of the examples is told: their time, their subject. */
static void the_examples_of_rfc_7515_and_7519_are_genuine(void **state)
{
    static const struct {
        const char *key, *token;
    } examples[] = {
        /* RFC 7515, A.1; RFC 7519, 3.1 */
        {"{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"
         "1qS0gZH75aKtMN3Yj0iPS4hcgUuTwj"
         "AzZr1Z9CAow\"}",
         "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." JOE ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
        /* A.2 */
        {"{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
         "4qPCJr"
         "cS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
         "bSf63kpaSHSX"
         "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_"
         "I5IhlJH7aGhyxX"
         "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}",
         "eyJhbGciOiJSUzI1NiJ9." JOE ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__"
         "dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds"
         "9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
         "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRm"
         "B_eSN9383LcOLn6_dO--xi12jzDwusC-"
         "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98r"
         "qVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
        /* A.3 */
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_"
         "FEz"
         "Ru9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
         "eyJhbGciOiJFUzI1NiJ9." JOE
         ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        todo_token_key *key = parse(examples[i].key);
        char *token = strdup(examples[i].token);

        assert_key_verdict(key, token, 1300819379, "Missing subject claim");
        assert_key_verdict(key, token, 1300819380, "Token expired");
        strrchr(token, '.')[5] ^= 1;
        assert_key_verdict(key, token, 1300819379, "Invalid signature");
        free(token);
        todo_token_key_free(key);
    }
}

/* RFC 8037, A.4 and A.5. What is signed there is no JSON, and so no token. */
static void the_example_of_rfc_8037_is_genuine(void **state)
{
    static const char text[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    static const char expected[] =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    todo_token_key *key =
        parse("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDus"
              "Axyuf2A\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
    todo_token_key *half = public_half(key);
    unsigned char signature[TODO__ED25519_SIGNATURE_SIZE];
    char *encoded, *token = format("%s.%s", text, expected);
    bool genuine = false;

    (void)state;
    assert_true(todo__ed25519_sign(key, text, strlen(text), signature));
    encoded = encode(signature, sizeof(signature));
    assert_string_equal(encoded, expected);
    assert_int_equal(todo__signature_check(half, (todo__slice){text, strlen(text)},
                                           (todo__slice){(char *)signature, sizeof(signature)}, &genuine,
                                           NULL),
                     TODO_OK);
    assert_true(genuine);
    signature[40] ^= 1;
    assert_int_equal(todo__signature_check(half, (todo__slice){text, strlen(text)},
                                           (todo__slice){(char *)signature, sizeof(signature)}, &genuine,
                                           NULL),
                     TODO_OK);
    assert_false(genuine);
    assert_key_verdict(half, token, NOW, "Invalid payload JSON");
    free(token);
    free(encoded);
    todo_token_key_free(half);
    todo_token_key_free(key);
}

/* RFC 7519, 6.1, verbatim. */
static void an_unsecured_token_is_refused_by_every_key(void **state)
{
    static const char token[] = "eyJhbGciOiJub25lIn0." JOE ".";
    todo_token_keys *all = set_of((const todo_token_key *const *)keys + 1, COUNT_OF(algorithms));

    (void)state;
    assert_verdict(all, token, "Unsupported algorithm: none");
    for (size_t i = 0; i < COUNT_OF(algorithms); i++)
        assert_key_verdict(keys[algorithms[i]], token, 1300819379, "Unsupported algorithm: none");
    todo_token_keys_free(all);
}

static void a_key_verifies_its_own_algorithm_alone(void **state)
{
    static const char *const refusals[] = {"Unsupported algorithm: HS256", "Unsupported algorithm: ES256",
                                           "Unsupported algorithm: EdDSA", "Unsupported algorithm: RS256"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        char *token = mint(keys[algorithms[i]]);

        for (size_t k = 0; k < COUNT_OF(algorithms); k++)
            assert_key_verdict(keys[algorithms[k]], token, NOW, i == k ? NULL : refusals[i]);
        todo_free(token);
    }
}

static char *public_pem(const todo_token_key *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text, *copy;

    assert_int_equal(PEM_write_bio_PUBKEY(bio, key->pair), 1);
    assert_int_equal(BIO_write(bio, "", 1), 1); /* the NUL */
    (void)BIO_get_mem_data(bio, &text);
    copy = strdup(text);
    BIO_free(bio);
    return copy;
}

/* RFC 8725, 2.1: everyone knows the public key; taken for a secret, everyone could sign. */
static void a_public_key_is_never_a_secret(void **state)
{
    (void)state;
    for (size_t i = 1; i < COUNT_OF(algorithms); i++) {
        todo_token_key *half = public_half(keys[algorithms[i]]);
        todo_token_keys *with_secret =
            set_of((const todo_token_key *const[]){keys[algorithms[i]], keys[TODO_TOKEN_HS256]}, 2);
        char *jwk = NULL, *token;

        assert_int_equal(todo_token_key_write(half, false, &jwk, NULL), TODO_OK);
        token = sign_hmac("{\"alg\":\"HS256\"}", jwk, strlen(jwk));
        assert_key_verdict(half, token, NOW, "Unsupported algorithm: HS256");
        assert_verdict(with_secret, token, "Invalid signature");
        free(token);
        char *pem = public_pem(half);

        token = sign_hmac("{\"alg\":\"HS256\"}", pem, strlen(pem));
        assert_key_verdict(half, token, NOW, "Unsupported algorithm: HS256");
        assert_verdict(with_secret, token, "Invalid signature");
        free(token);
        token = sign_hmac("{\"alg\":\"RS256\"}", pem, strlen(pem));
        assert_verdict(with_secret, token,
                       algorithms[i] == TODO_TOKEN_RS256 ? "Invalid signature"
                                                         : "Unsupported algorithm: RS256");
        free(token);
        free(pem);
        todo_free(jwk);
        todo_token_keys_free(with_secret);
        todo_token_key_free(half);
    }
}

static void signatures_of_a_wrong_length_are_refused(void **state)
{
    static const char *const headers[] = {"{\"alg\":\"HS256\"}", "{\"alg\":\"ES256\"}", "{\"alg\":\"EdDSA\"}",
                                          "{\"alg\":\"RS256\"}"};
    static const size_t lengths[] = {0,  1,  31, 32,  33,  63,  64,  65,  70,
                                     71, 72, 96, 128, 256, 383, 384, 385, 512};
    unsigned char signature[512] = {0};

    (void)state;
    for (int fill = 0; fill < 2; fill++) {
        for (size_t i = 0; i < COUNT_OF(headers); i++)
            for (size_t k = 0; k < COUNT_OF(lengths); k++) {
                char *token = assemble(headers[i], CLAIMS, signature, lengths[k]);

                assert_key_verdict(keys[algorithms[i]], token, NOW, "Invalid signature");
                free(token);
            }
        memset(signature, 0xff, sizeof(signature));
    }
}

/* ES256 is r and s, 32 bytes each (RFC 7518, 3.4), not the DER that OpenSSL speaks, and nothing in front or behind. */
static void es256_signatures_have_one_form(void **state)
{
    EVP_PKEY *pair = keys[TODO_TOKEN_ES256]->pair;
    unsigned char der[128], padded[66] = {0};
    size_t length = sizeof(der), decoded;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    char *text = assemble("{\"alg\":\"ES256\"}", CLAIMS, "", 0), *token, *good = mint(keys[TODO_TOKEN_ES256]);

    (void)state;
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pair), 1);
    assert_int_equal(EVP_DigestSign(context, der, &length, (unsigned char *)text, strlen(text) - 1), 1);
    EVP_MD_CTX_free(context);
    token = assemble("{\"alg\":\"ES256\"}", CLAIMS, der, length);
    assert_key_verdict(keys[TODO_TOKEN_ES256], token, NOW, "Invalid signature");
    free(token);
    free(text);

    assert_true(todo__base64url_decode(strrchr(good, '.') + 1, strlen(strrchr(good, '.') + 1),
                                       (char *)padded + 1, &decoded));
    assert_int_equal(decoded, 64);
    for (size_t from = 0; from < 2; from++)
        for (size_t size = 63; size < 66; size++) {
            char *encoded = encode(padded + from, size);

            token = format("%.*s.%s", (int)(strrchr(good, '.') - good), good, encoded);
            assert_key_verdict(keys[TODO_TOKEN_ES256], token, NOW,
                               from == 1 && size == 64 ? NULL : "Invalid signature");
            free(token);
            free(encoded);
        }
    todo_free(good);
}

/* A key of that algorithm, named so or (NULL) not at all. */
static todo_token_key *new_key(todo_token_algorithm algorithm, const char *id)
{
    todo_token_key *named = NULL, *key;
    char *text = NULL, *at;

    assert_int_equal(todo_token_key_generate(algorithm, id != NULL ? id : "x", &named, NULL), TODO_OK);
    if (id != NULL)
        return named;
    assert_int_equal(todo_token_key_write(named, true, &text, NULL), TODO_OK);
    at = strstr(text, ",\"kid\":\"x\"}");
    assert_non_null(at);
    strcpy(at, "}");
    key = parse(text);
    assert_null(todo_token_key_id(key));
    todo_free(text);
    todo_token_key_free(named);
    return key;
}

static void keys_are_chosen_by_name_and_algorithm(void **state)
{
    todo_token_key *old = new_key(TODO_TOKEN_EDDSA, "old"), *new = new_key(TODO_TOKEN_EDDSA, "new");
    todo_token_key *nameless = new_key(TODO_TOKEN_EDDSA, NULL),
                   *stranger = new_key(TODO_TOKEN_EDDSA, "stranger");
    todo_token_key *impostor = new_key(TODO_TOKEN_EDDSA, "old"), *other = new_key(TODO_TOKEN_ES256, "old");
    const todo_token_key *const members[] = {old, new, nameless, other};
    todo_token_keys *set = set_of(members, COUNT_OF(members)), *named = set_of(members, 2);
    const todo_token_key *const good[] = {old, new, nameless, other}, *const bad[] = {stranger, impostor};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        char *token = mint(good[i]);

        assert_verdict(set, token, NULL);
        todo_free(token);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char *token = mint(bad[i]);

        assert_verdict(set, token, "Invalid signature");
        todo_free(token);
    }
    /* Without keys that have no name, a name that none has is nobody's. */
    char *token = mint(stranger);
    assert_verdict(named, token, "Invalid signature");
    todo_free(token);
    todo_token_keys_free(named);
    todo_token_keys_free(set);
    todo_token_key_free(old);
    todo_token_key_free(new);
    todo_token_key_free(nameless);
    todo_token_key_free(stranger);
    todo_token_key_free(impostor);
    todo_token_key_free(other);
}

static void a_name_in_a_token_is_only_compared(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}",
        "{\"alg\":\"HS256\",\"kid\":\"' OR 1=1 --\"}",
        "{\"alg\":\"HS256\",\"kid\":\"\"}",
        "{\"alg\":\"HS256\",\"kid\":\"01234567890123456789012345678901234567890123456789012345678901234\"}",
    };
    static const char secret[] = "a secret that nobody configured, long enough";
    todo_token_keys *all = set_of((const todo_token_key *const *)keys + 1, COUNT_OF(algorithms));
    char *token;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        token = sign_hmac(headers[i], "", 0); /* the contents of /dev/null */
        assert_verdict(all, token, "Invalid signature");
        free(token);
        token = sign_hmac(headers[i], secret, strlen(secret));
        assert_verdict(all, token, "Invalid signature");
        free(token);
    }
    token = sign_hmac("{\"alg\":\"HS256\",\"kid\":1}", secret, strlen(secret));
    assert_verdict(all, token, "Invalid header JSON");
    free(token);
    todo_token_keys_free(all);
}

/* A token does not bring its own key (RFC 7515, 4.1.2 to 4.1.6): it is signed by the one that it brings. */
static void keys_in_a_token_are_ignored(void **state)
{
    todo_token_key *stranger = new_key(TODO_TOKEN_EDDSA, "stranger");
    todo_token_keys *all = set_of((const todo_token_key *const *)keys + 1, COUNT_OF(algorithms));
    char *jwk = NULL, *header, *token, *text;
    unsigned char signature[TODO__ED25519_SIGNATURE_SIZE];

    (void)state;
    assert_int_equal(todo_token_key_write(stranger, false, &jwk, NULL), TODO_OK);
    header = format("{\"alg\":\"EdDSA\",\"jwk\":%s,\"jku\":\"https://example.org/\",\"x5c\":[]}", jwk);
    text = assemble(header, CLAIMS, "", 0);
    assert_true(todo__ed25519_sign(stranger, text, strlen(text) - 1, signature));
    token = assemble(header, CLAIMS, signature, sizeof(signature));
    assert_verdict(all, token, "Invalid signature");
    assert_key_verdict(stranger, token, NOW, NULL);
    free(token);
    free(text);
    free(header);
    todo_free(jwk);
    todo_token_keys_free(all);
    todo_token_key_free(stranger);
}

/* RFC 9864 names the curve; a token may too. */
static void eddsa_goes_by_its_new_name_as_well(void **state)
{
    unsigned char signature[TODO__ED25519_SIGNATURE_SIZE];
    char *text = assemble("{\"alg\":\"Ed25519\"}", CLAIMS, "", 0), *token;

    (void)state;
    assert_true(todo__ed25519_sign(keys[TODO_TOKEN_EDDSA], text, strlen(text) - 1, signature));
    token = assemble("{\"alg\":\"Ed25519\"}", CLAIMS, signature, sizeof(signature));
    assert_key_verdict(keys[TODO_TOKEN_EDDSA], token, NOW, NULL);
    free(token);
    free(text);
}

static void an_empty_set_verifies_nothing(void **state)
{
    todo_token_keys *none = set_of(NULL, 0);
    char *token = mint(keys[TODO_TOKEN_EDDSA]);

    (void)state;
    assert_verdict(none, token, "Unsupported algorithm: EdDSA");
    assert_verdict(none, "a.b", "Invalid token format");
    todo_free(token);
    todo_token_keys_free(none);
}

static void every_changed_bit_of_an_eddsa_token_is_noticed(void **state)
{
    char *token = mint(keys[TODO_TOKEN_EDDSA]);
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;

    (void)state;
    for (size_t i = 0; token[i] != '\0'; i++) {
        token[i] = (char)(token[i] ^ 1 << i % 7);
        assert_int_equal(todo_token_verify(keys[TODO_TOKEN_EDDSA], token, NOW, &claims, NULL),
                         TODO_ERR_UNAUTHENTICATED);
        token[i] = (char)(token[i] ^ 1 << i % 7);
    }
    assert_key_verdict(keys[TODO_TOKEN_EDDSA], token, NOW, NULL);
    todo_free(token);
}

static int make_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        char id[8];

        snprintf(id, sizeof(id), "key-%zu", i);
        if (todo_token_key_generate(algorithms[i], id, &keys[algorithms[i]], NULL) != TODO_OK)
            return -1;
    }
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(algorithms); i++)
        todo_token_key_free(keys[algorithms[i]]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_key_minted_its_public_half_verifies),
        cmocka_unit_test(a_public_key_mints_nothing),
        cmocka_unit_test(the_examples_of_rfc_7515_and_7519_are_genuine),
        cmocka_unit_test(the_example_of_rfc_8037_is_genuine),
        cmocka_unit_test(an_unsecured_token_is_refused_by_every_key),
        cmocka_unit_test(a_key_verifies_its_own_algorithm_alone),
        cmocka_unit_test(a_public_key_is_never_a_secret),
        cmocka_unit_test(signatures_of_a_wrong_length_are_refused),
        cmocka_unit_test(es256_signatures_have_one_form),
        cmocka_unit_test(keys_are_chosen_by_name_and_algorithm),
        cmocka_unit_test(a_name_in_a_token_is_only_compared),
        cmocka_unit_test(keys_in_a_token_are_ignored),
        cmocka_unit_test(eddsa_goes_by_its_new_name_as_well),
        cmocka_unit_test(an_empty_set_verifies_nothing),
        cmocka_unit_test(every_changed_bit_of_an_eddsa_token_is_noticed),
    };

    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
