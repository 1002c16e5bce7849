#include "password/password.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

#include "util/alloc.h"

_Static_assert(TODO__PASSWORD_HASH_SIZE >= CRYPT_OUTPUT_SIZE, "a hash of crypt(3) fits");

/*
 * crypt_rn with working memory of its own, 32 KiB and so not on a stack; it held the password, and is wiped.
 * An empty `ret_hash` says that crypt(3) can't read the setting.
 */
static todo_status crypt_once(const char *password, const char *setting,
                              char ret_hash[TODO__PASSWORD_HASH_SIZE], todo_error *error)
{
    struct crypt_data *data = todo__calloc(1, sizeof(*data));
    const char *hash;
    bool out_of_memory;

    if (data == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    errno = 0;
    hash = crypt_rn(password, setting, data, sizeof(*data));
    out_of_memory = hash == NULL && errno == ENOMEM;
    ret_hash[0] = '\0';
    if (hash != NULL && hash[0] != '*')
        memcpy(ret_hash, hash, strlen(hash) + 1);
    explicit_bzero(data, sizeof(*data));
    todo__free(data);
    return out_of_memory ? todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL) : TODO_OK;
}

todo_status todo__password_hash(const char *password, char ret_hash[TODO__PASSWORD_HASH_SIZE],
                                todo_error *error)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    todo_status status;

    /* No prefix, no cost, no bytes: the preferred scheme at its default cost with a salt of the kernel's. */
    if (crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof(setting)) == NULL)
        return todo_error_set(error, TODO_ERR_INTERNAL, "password_hash_failed", NULL, NULL);
    status = crypt_once(password, setting, ret_hash, error);
    if (status == TODO_OK && ret_hash[0] == '\0')
        return todo_error_set(error, TODO_ERR_INTERNAL, "password_hash_failed", NULL, NULL);
    return status;
}

/* Whether two texts are the same, in a time that tells only their lengths. */
static bool same_text(const char *a, const char *b)
{
    size_t length = strlen(a);
    volatile unsigned char difference = 0;

    if (length != strlen(b))
        return false;
    for (size_t i = 0; i < length; i++)
        difference = (unsigned char)(difference | (a[i] ^ b[i]));
    return difference == 0;
}

todo_status todo__password_verify(const char *password, const char *hash, bool *ret_match, todo_error *error)
{
    char computed[TODO__PASSWORD_HASH_SIZE];
    todo_status status = crypt_once(password, hash, computed, error);

    if (status != TODO_OK)
        return status;
    *ret_match = computed[0] != '\0' && same_text(computed, hash);
    explicit_bzero(computed, sizeof(computed));
    return TODO_OK;
}

/* The value of a digit in crypt's base 64, -1 if it is none. */
static int digit64(char digit)
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const char *place = digit != '\0' ? strchr(digits, digit) : NULL;

    return place != NULL ? (int)(place - digits) : -1;
}

/*
 * The binary logarithm of the memory that a yescrypt setting ("$y$j9T$...": flavour, log2 N - 1, r - 1) asks for, or -1 if
 * it can't be told. r is a power of 2 in every setting that libxcrypt makes.
 */
static int yescrypt_cost(const char *setting)
{
    int n, r;

    if (strncmp(setting, "$y$j", 4) != 0)
        return -1;
    n = digit64(setting[4]);
    r = n < 0 ? -1 : digit64(setting[5]);
    if (r < 0 || setting[6] != '$')
        return -1;
    return n + 1 + (31 - __builtin_clz((unsigned)r + 1));
}

bool todo__password_outdated(const char *hash)
{
    const char *preferred = crypt_preferred_method();
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (crypt_checksalt(hash) != CRYPT_SALT_OK)
        return true;
    if (preferred == NULL || crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof(setting)) == NULL)
        return false;
    return strncmp(hash, preferred, strlen(preferred)) != 0 || yescrypt_cost(hash) < yescrypt_cost(setting);
}
