#include "password/password.h"

#include <crypt.h>
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

    if (data == NULL)
        return todo_error_set(error, TODO_ERR_NOMEM, NULL, NULL, NULL);
    hash = crypt_rn(password, setting, data, sizeof(*data));
    ret_hash[0] = '\0';
    if (hash != NULL && hash[0] != '*')
        memcpy(ret_hash, hash, strlen(hash) + 1);
    explicit_bzero(data, sizeof(*data));
    todo__free(data);
    return TODO_OK;
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

bool todo__password_outdated(const char *hash)
{
    const char *preferred = crypt_preferred_method();

    return crypt_checksalt(hash) != CRYPT_SALT_OK ||
           (preferred != NULL && strncmp(hash, preferred, strlen(preferred)) != 0);
}
