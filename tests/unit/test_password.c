#include "testing.h"

#include <crypt.h>
#include <pthread.h>

#include "password/password.h"

static bool verifies(const char *password, const char *hash)
{
    bool match = false;

    assert_int_equal(todo__password_verify(password, hash, &match, NULL), TODO_OK);
    return match;
}

static void a_hash_is_of_the_strongest_scheme_and_verifies(void **state)
{
    char hash[TODO__PASSWORD_HASH_SIZE], other[TODO__PASSWORD_HASH_SIZE];

    (void)state;
    assert_int_equal(todo__password_hash("correct horse", hash, NULL), TODO_OK);
    assert_memory_equal(hash, "$y$", 3);
    assert_false(todo__password_outdated(hash));
    assert_true(verifies("correct horse", hash));
    assert_false(verifies("correct horsf", hash));
    assert_false(verifies("", hash));
    assert_int_equal(todo__password_hash("correct horse", other, NULL), TODO_OK);
    assert_string_not_equal(hash, other);
}

/* The bcrypt ones are of the test vectors of jBCrypt and crypt_blowfish, the SHA ones as `openssl passwd` makes them. */
static void known_hashes_of_older_schemes_verify_and_are_outdated(void **state)
{
    static const struct {
        const char *password, *hash;
    } known[] = {
        {"a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"},
        {"abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"},
        {"U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
        {"U*U*", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
        {"Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
        {"Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/"
                         "O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        char changed[TODO__PASSWORD_HASH_SIZE];

        if (!verifies(known[i].password, known[i].hash))
            fail_msg("%s does not verify", known[i].hash);
        assert_false(verifies("something else", known[i].hash));
        assert_true(todo__password_outdated(known[i].hash));
        strcpy(changed, known[i].hash);
        changed[strlen(changed) - 1] ^= 1;
        assert_false(verifies(known[i].password, changed));
    }
}

static void a_hash_nobody_can_read_matches_nothing(void **state)
{
    static const char *const unreadable[] = {"",
                                             "*",
                                             "*0",
                                             "*1",
                                             "x",
                                             "!",
                                             "plain text password",
                                             "$",
                                             "$$",
                                             "$y$",
                                             "$y$j9T$",
                                             "$9$unknown$scheme",
                                             "$2b$05$short",
                                             "$2b$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                             "$2b$05$CCCCCCCCCCCCCCCCCCCCC.",
                                             "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
                                             "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWx",
                                             "$6$saltstring$"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(unreadable); i++) {
        if (verifies("U*U", unreadable[i]) || verifies("*0", unreadable[i]) ||
            verifies("*1", unreadable[i]) || verifies("", unreadable[i]))
            fail_msg("%s verifies", unreadable[i]);
    }
    assert_true(todo__password_outdated("*0"));
    assert_true(todo__password_outdated("x"));
    assert_true(todo__password_outdated(""));
}

static void a_lower_cost_is_outdated_and_a_higher_is_not(void **state)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    (void)state;
    for (unsigned long cost = 1; cost <= 11; cost++) {
        assert_non_null(crypt_gensalt_rn("$y$", cost, NULL, 0, setting, sizeof(setting)));
        /* 5 is the default of libxcrypt. */
        if (todo__password_outdated(setting) != (cost < 5))
            fail_msg("cost %lu, %s", cost, setting);
    }
}

static void a_password_that_crypt_does_not_take_is_an_error_not_a_match(void **state)
{
    char password[600], hash[TODO__PASSWORD_HASH_SIZE];
    todo_error error = TODO_ERROR_INIT;

    (void)state;
    memset(password, 'x', sizeof(password) - 1);
    password[sizeof(password) - 1] = '\0';
    assert_int_equal(todo__password_hash(password, hash, &error), TODO_ERR_INTERNAL);
    assert_string_equal(error.code, "password_hash_failed");
    assert_false(verifies(password, "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
    password[511] = '\0';
    assert_int_equal(todo__password_hash(password, hash, NULL), TODO_OK);
    assert_true(verifies(password, hash));
}

static void *verify_often(void *arg)
{
    const char *password = arg;
    bool match = false;

    for (int i = 0; i < 20; i++) {
        if (todo__password_verify(password, "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                  &match, NULL) != TODO_OK ||
            match != (strcmp(password, "U*U") == 0))
            return arg;
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    static char *const passwords[] = {(char *)"U*U", (char *)"wrong", (char *)"U*U", (char *)"other"};
    pthread_t threads[COUNT_OF(passwords)];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(passwords); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_often, passwords[i]), 0);
    for (size_t i = 0; i < COUNT_OF(passwords); i++) {
        void *failed = NULL;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_is_of_the_strongest_scheme_and_verifies),
        cmocka_unit_test(known_hashes_of_older_schemes_verify_and_are_outdated),
        cmocka_unit_test(a_hash_nobody_can_read_matches_nothing),
        cmocka_unit_test(a_lower_cost_is_outdated_and_a_higher_is_not),
        cmocka_unit_test(a_password_that_crypt_does_not_take_is_an_error_not_a_match),
        cmocka_unit_test(threads_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
