#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){0, 2000000}, NULL);
}

static void become(const test_process *process, const char *folder, char *const argv[],
                   char *const environment[], pid_t parent)
{
    int output = open(process->output, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int input = open("/dev/null", O_RDONLY);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || output < 0 || input < 0 || chdir(folder) != 0)
        _exit(126);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execve(argv[0], argv, environment);
    _exit(127);
}

bool process_start(test_process *process, const char *folder, char *const argv[], char *const environment[])
{
    pid_t parent = getpid();

    snprintf(process->output, sizeof(process->output), "%s/output", folder);
    process->pid = fork();
    if (process->pid == 0)
        become(process, folder, argv, environment, parent);
    return process->pid > 0;
}

int process_wait(test_process *process, int milliseconds)
{
    int status;

    if (process->pid <= 0)
        return -1;
    for (int waited = 0; waitpid(process->pid, &status, WNOHANG) == 0; waited += 2) {
        if (waited >= milliseconds)
            return -1;
        pause_briefly();
    }
    process->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void process_signal(const test_process *process, int signal)
{
    if (process->pid > 0)
        kill(process->pid, signal);
}

char *process_output(const test_process *process)
{
    FILE *file = fopen(process->output, "r");
    char *text = calloc(1, 1);
    size_t length = 0, got;

    while (file != NULL && text != NULL) {
        char *longer = realloc(text, length + 65536);

        if (longer == NULL)
            break;
        text = longer;
        got = fread(text + length, 1, 65535, file);
        length += got;
        text[length] = '\0';
        if (got == 0)
            break;
    }
    if (file != NULL)
        fclose(file);
    return text;
}

/* Without taking the exit status away from process_wait. */
static bool has_ended(const test_process *process)
{
    siginfo_t info = {0};

    return process->pid <= 0 ||
           (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0);
}

bool process_says(test_process *process, const char *text, int milliseconds)
{
    for (int waited = 0; waited < milliseconds; waited += 2) {
        char *output = process_output(process);
        bool said = output != NULL && strstr(output, text) != NULL;

        free(output);
        if (said)
            return true;
        if (has_ended(process))
            return false;
        pause_briefly();
    }
    return false;
}
