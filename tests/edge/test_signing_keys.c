/* A deployment whose core signs with a key and whose edge has the public half: with each algorithm, and on the way there. */
#include "testing.h"

#include "core_server.h"
#include "format.h"
#include "token.h"
#include "whole_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static core_server core;
static struct edge gate;
static char key_file[2][96]; /* of keys that todoctl made */

/* What todoctl prints for these arguments; they are freed. */
static char *todoctl(char *arguments)
{
    char output[8192];
    char *command = format("%s %s", getenv("TODOCTL"), arguments);
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    size_t length = fread(output, 1, sizeof(output) - 1, pipe);
    if (pclose(pipe) != 0)
        fail_msg("%s", command);
    output[length] = '\0';
    output[strcspn(output, "\n")] = '\0';
    free(command);
    free(arguments);
    return strdup(output);
}

static void make_key(int number, const char *algorithm)
{
    unlink(key_file[number]);
    free(todoctl(format("token keygen --alg %s --kid %s-%d --output %s", algorithm, algorithm, number,
                        key_file[number])));
}

/* What the edge is told: public halves, or the secret, which has none. To be freed. */
static char *edge_keys(const char *algorithm)
{
    char text[4096];

    if (strcmp(algorithm, "HS256") != 0) {
        char *jwks = todoctl(format("token jwks %s", key_file[0]));
        char *setting = format("JWKS=%s", jwks);
        free(jwks);
        return setting;
    }
    FILE *file = fopen(key_file[0], "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
    return format("JWKS={\"keys\":[%s]}", text);
}

/* Starts the core with the key, or without. `secret`: it has JWT_SECRET, too. */
static void start_core(bool key, bool secret)
{
    char *setting = format("JWT_SIGNING_KEY_FILE=%s", key ? key_file[0] : "");
    const char *const settings[] = {setting, secret ? "JWT_SECRET=" CORE_JWT_SECRET : "JWT_SECRET=", NULL};

    assert_true(core_start(&core, settings));
    free(setting);
}

/* Starts the edge with these keys ("JWKS=..."; NULL: none) and with the secret or without. */
static void start_edge(const char *keys, bool secret)
{
    char url[64];
    const char *const settings[] = {"EDGE_SECRET=" CORE_EDGE_SECRET,
                                    secret ? "JWT_SECRET=" CORE_JWT_SECRET : "JWT_SECRET=", keys, NULL};

    snprintf(url, sizeof(url), "http://127.0.0.1:%u", core.port);
    assert_true(edge_start(&gate, url, settings));
}

static void assert_todos(const char *token, size_t count)
{
    json_object *list = path_call(&gate, token, "GET", "/api/todos", NULL, 200);

    assert_int_equal(json_object_array_length(list), count);
    json_object_put(list);
}

static void assert_denied(const char *token)
{
    json_object_put(path_call(&gate, token, "GET", "/api/todos", NULL, 401));
}

/* The header of the token, undone by todoctl. */
static void assert_algorithm(const char *token, const char *algorithm)
{
    char *said = todoctl(format("--json token inspect - <<END | tr -d ' \\n'\n%s\nEND\n", token));
    char *expected = format("\"alg\":\"%s\"", algorithm);

    if (strstr(said, expected) == NULL)
        fail_msg("%s: not %s", said, algorithm);
    free(expected);
    free(said);
}

static void assert_whole_path(const char *algorithm)
{
    char id[37];

    assert_true(core_prepare(&core));
    make_key(0, algorithm);
    make_key(1, algorithm);
    char *keys = edge_keys(algorithm);
    start_core(true, false);
    start_edge(keys, false);

    char *token = path_log_in(&gate, "ada@example.org", id);
    assert_algorithm(token, algorithm);
    json_object_put(path_call(&gate, token, "POST", "/api/todos", "{\"title\":\"Write to Charles\"}", 201));
    assert_todos(token, 1);

    char *minted = todoctl(format("token mint %s --key-file %s", id, key_file[0]));
    assert_algorithm(minted, algorithm);
    assert_todos(minted, 1);
    char *foreign = todoctl(format("token mint %s --key-file %s", id, key_file[1]));
    assert_denied(foreign);
    char *signature = strrchr(minted, '.') + 1;
    signature[3] = signature[3] == 'A' ? 'B' : 'A';
    assert_denied(minted);

    free(foreign);
    free(minted);
    free(token);
    edge_stop(&gate);
    core_remove(&core);
    free(keys);
}

static void test_eddsa(void **state)
{
    (void)state;
    assert_whole_path("EdDSA");
}

static void test_es256(void **state)
{
    (void)state;
    assert_whole_path("ES256");
}

static void test_rs256(void **state)
{
    (void)state;
    assert_whole_path("RS256");
}

static void test_hs256(void **state)
{
    (void)state;
    assert_whole_path("HS256");
}

/* The steps of docs/operations.md: at none of them is anybody logged out before their token expires. */
static void test_from_hs256_to_eddsa(void **state)
{
    (void)state;
    assert_true(core_prepare(&core));
    make_key(0, "EdDSA");
    char *keys = edge_keys("EdDSA");
    start_core(false, true);
    start_edge(NULL, true);
    char *old = path_log_in(&gate, "ada@example.org", NULL);
    assert_algorithm(old, "HS256");
    assert_todos(old, 0);

    /* The edge gets the keys beside the secret. */
    edge_stop(&gate);
    start_edge(keys, true);
    assert_todos(old, 0);
    char *still_old = path_log_in(&gate, "bob@example.org", NULL);
    assert_algorithm(still_old, "HS256");

    /* The core signs with the key. */
    edge_stop(&gate);
    assert_int_equal(core_stop(&core), 0);
    start_core(true, true);
    start_edge(keys, true);
    char *new = path_log_in(&gate, "carol@example.org", NULL);
    assert_algorithm(new, "EdDSA");
    assert_todos(old, 0);
    assert_todos(still_old, 0);
    assert_todos(new, 0);

    /* After the last old token has expired, the secret goes, from both. */
    edge_stop(&gate);
    assert_int_equal(core_stop(&core), 0);
    start_core(true, false);
    start_edge(keys, false);
    assert_todos(new, 0);
    assert_denied(old);

    free(new);
    free(still_old);
    free(old);
    edge_stop(&gate);
    core_remove(&core);
    free(keys);
}

static int set_up(void **state)
{
    static char folder[] = "/tmp/todo-keys-XXXXXX";

    *state = folder;
    if (mkdtemp(folder) == NULL)
        return -1;
    for (int i = 0; i < 2; i++)
        snprintf(key_file[i], sizeof(key_file[i]), "%s/key%d", folder, i);
    return 0;
}

static int tear_down(void **state)
{
    for (int i = 0; i < 2; i++)
        unlink(key_file[i]);
    return rmdir(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eddsa),
        cmocka_unit_test(test_es256),
        cmocka_unit_test(test_rs256),
        cmocka_unit_test(test_hs256),
        cmocka_unit_test(test_from_hs256_to_eddsa),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
