#include "fixture.h"

#include <stdio.h>

static const conformance_cases *const groups[] = {
    &conformance_reader, &conformance_writer,   &conformance_users,  &conformance_cache,
    &conformance_trash,  &conformance_sequence, &conformance_shared, &conformance_durable};

static bool claims(const test_fixture *fixture, const conformance_cases *group, const conformance_case *test)
{
    unsigned capabilities = fixture->adapter->capabilities;

    if (group == &conformance_cache)
        return fixture->ports.cache != NULL;
    if (group == &conformance_trash && (capabilities & TODO_CONFORMANCE_TRASH) == 0)
        return false;
    if (group == &conformance_users || test->needs_users)
        return fixture->ports.reader != NULL && fixture->ports.users != NULL;
    if (group == &conformance_durable && (capabilities & TODO_CONFORMANCE_DURABLE) == 0)
        return false;
    if (group == &conformance_shared && (capabilities & TODO_CONFORMANCE_SHARED) == 0)
        return false;
    return fixture->ports.reader != NULL;
}

/* By itself, for a function that a longjmp comes back to must not have variables that change. */
static todo_conformance_outcome run_case(test_fixture *fixture, const conformance_case *test)
{
    fixture->detail[0] = '\0';
    if (setjmp(fixture->end) != 0)
        return TODO_CONFORMANCE_FAILED;
    if (!fixture->open)
        fail_case(fixture, __FILE__, __LINE__, "the ports are closed since an earlier case failed");
    begin_case(fixture);
    test->run(fixture);
    return TODO_CONFORMANCE_PASSED;
}

static void count_outcome(todo_conformance_counts *counts, todo_conformance_outcome outcome)
{
    counts->passed += outcome == TODO_CONFORMANCE_PASSED;
    counts->failed += outcome == TODO_CONFORMANCE_FAILED;
    counts->not_claimed += outcome == TODO_CONFORMANCE_NOT_CLAIMED;
}

static void run_cases(test_fixture *fixture, todo_conformance_visit visit, void *arg,
                      todo_conformance_counts *counts)
{
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        for (size_t j = 0; j < groups[i]->count; j++) {
            const conformance_case *test = &groups[i]->cases[j];
            todo_conformance_result result = {.size = sizeof(result),
                                              .port = groups[i]->port,
                                              .name = test->name,
                                              .sentence = test->sentence,
                                              .outcome = TODO_CONFORMANCE_NOT_CLAIMED,
                                              .detail = ""};

            if (claims(fixture, groups[i], test))
                result.outcome = run_case(fixture, test);
            if (result.outcome == TODO_CONFORMANCE_FAILED)
                result.detail = fixture->detail;
            count_outcome(counts, result.outcome);
            if (visit != NULL)
                visit(arg, &result);
        }
    }
}

static todo_status check_ports(const test_fixture *fixture, todo_error *error)
{
    const todo_conformance_ports *ports = &fixture->ports;

    if ((ports->reader == NULL) != (ports->writer == NULL))
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL,
                              "a reader needs a writer to be tested with, and the other way round");
    if (ports->reader == NULL && ports->cache == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL,
                              "the adapter opened no port");
    return TODO_OK;
}

todo_status todo_conformance_run(const todo_conformance_adapter *adapter, todo_conformance_visit visit,
                                 void *arg, todo_conformance_counts *ret_counts, todo_error *error)
{
    todo_conformance_adapter known = TODO_CONFORMANCE_ADAPTER_INIT;
    todo_conformance_counts counts = {0, 0, 0};
    test_fixture fixture;
    todo_status status;

    if (adapter == NULL || adapter->size > sizeof(known))
        return todo_error_set(error, TODO_ERR_INVALID, "struct_size_invalid", NULL, NULL);
    memcpy(&known, adapter, adapter->size);
    if (known.open == NULL)
        return todo_error_set(error, TODO_ERR_INVALID, "argument_missing", NULL, NULL);
    status = open_ports(&known, &fixture, error);
    if (status != TODO_OK)
        return status;
    status = check_ports(&fixture, error);
    if (status == TODO_OK)
        run_cases(&fixture, visit, arg, &counts);
    close_ports(&fixture);
    if (status == TODO_OK && ret_counts != NULL)
        *ret_counts = counts;
    return status;
}

/* Every line of a text as a comment. */
static void print_comment(const char *text)
{
    while (*text != '\0') {
        int length = (int)strcspn(text, "\n");

        printf("# %.*s\n", length, text);
        text += length + (text[length] == '\n');
    }
}

static void print_result(void *arg, const todo_conformance_result *result)
{
    size_t *number = arg;

    if (result->outcome == TODO_CONFORMANCE_NOT_CLAIMED) {
        printf("# not claimed: %s: %s\n", result->port, result->name);
        return;
    }
    printf("%s %zu - %s: %s: \"%s\"\n", result->outcome == TODO_CONFORMANCE_PASSED ? "ok" : "not ok",
           ++*number, result->port, result->name, result->sentence);
    if (result->detail[0] != '\0')
        print_comment(result->detail);
    fflush(stdout); /* what was found is told even if the next case ends the process */
}

int todo_conformance_tap(const todo_conformance_adapter *adapter)
{
    todo_conformance_counts counts = {0, 0, 0};
    todo_error error = TODO_ERROR_INIT;
    size_t number = 0;

    if (todo_conformance_run(adapter, print_result, &number, &counts, &error) != TODO_OK) {
        printf("Bail out! %s (%s) %s\n", error.message, error.code, error.detail);
        return 1;
    }
    printf("1..%zu\n# %s: %zu passed, %zu failed, %zu not claimed\n", number,
           adapter->name != NULL ? adapter->name : "adapter", counts.passed, counts.failed,
           counts.not_claimed);
    return counts.failed > 0;
}
