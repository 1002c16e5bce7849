/* A program under test: started, listened to, signalled and waited for. */
#ifndef TODO_TESTS_PROCESS_H
#define TODO_TESTS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct test_process {
    pid_t pid;       /* 0 when it is not running */
    char output[80]; /* the file that takes its standard output and error */
} test_process;

/*
 * Starts `argv` with exactly the environment `environment` (NULL-terminated "NAME=value"), in the folder `folder`. Its
 * output is appended to folder/output. The program dies with the one that started it.
 */
bool process_start(test_process *process, const char *folder, char *const argv[], char *const environment[]);

/* Waits for its end: the exit code, 128 + the signal that killed it, or -1 when it still runs after `milliseconds`. */
int process_wait(test_process *process, int milliseconds);

/* Sends a signal. */
void process_signal(const test_process *process, int signal);

/* All of its output so far, to be freed. */
char *process_output(const test_process *process);

/* Waits until its output holds `text`; false when it ends first or `milliseconds` pass. */
bool process_says(test_process *process, const char *text, int milliseconds);

#endif
