/*
 * todo-edge: serves a component that exports wasi:http/incoming-handler.
 *
 * usage: todo-edge [OPTION...] COMPONENT
 *        todo-edge --compile COMPONENT -o FILE
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "server.h"

#define ENVIRONMENT_MAX 64

static const char usage[] =
    "usage: todo-edge [OPTION...] COMPONENT\n"
    "       todo-edge --compile COMPONENT -o FILE\n"
    "\n"
    "Serves a component that exports wasi:http/incoming-handler@0.2.0, or a file that --compile made of "
    "one.\n"
    "\n"
    "  --addr HOST:PORT             where to listen (127.0.0.1:3000); port 0 is a free one\n"
    "  --env NAME                   the component gets to see this variable; its value is the environment's\n"
    "  --max-instance-reuse N       requests that an instance serves (1: each has its own)\n"
    "  --max-connections N          clients at a time (1024)\n"
    "  --keep-alive SECONDS         a connection may wait for its next request (15)\n"
    "  --idle SECONDS               a client may take none of its answer (60)\n"
    "  --stop SECONDS               requests may go on after SIGTERM (10)\n";

struct program {
    struct server_options server;
    struct guest_options guest;
    struct host_config config;
    const char *component, *compile_to;
    const char *environment[ENVIRONMENT_MAX + 1][2];
    size_t environment_count;
    bool compile;
};

enum {
    OPTION_ADDR = 256,
    OPTION_ENV,
    OPTION_REUSE,
    OPTION_CONNECTIONS,
    OPTION_KEEP_ALIVE,
    OPTION_IDLE,
    OPTION_STOP,
    OPTION_COMPILE
};

/* A whole number from 1 to `max`; ends the program otherwise. */
static unsigned number(const char *name, const char *text, unsigned max)
{
    char *end;
    unsigned long found;

    errno = 0;
    found = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || found < 1 || found > max) {
        fprintf(stderr, "todo-edge: %s must be a number from 1 to %u\n", name, max);
        exit(2);
    }
    return (unsigned)found;
}

static void add_environment(struct program *program, const char *name)
{
    const char *text = getenv(name);

    if (strchr(name, '=') != NULL) {
        fputs("todo-edge: --env takes a name: a value on the command line could be seen by others\n", stderr);
        exit(2);
    }
    if (text == NULL)
        return;
    if (program->environment_count == ENVIRONMENT_MAX) {
        fputs("todo-edge: too many --env\n", stderr);
        exit(2);
    }
    program->environment[program->environment_count][0] = name;
    program->environment[program->environment_count++][1] = text;
}

static bool take_option(struct program *program, int option)
{
    switch (option) {
    case OPTION_ADDR:
        program->server.address = optarg;
        return true;
    case OPTION_ENV:
        add_environment(program, optarg);
        return true;
    case OPTION_REUSE:
        program->guest.reuse_max = number("--max-instance-reuse", optarg, 1000000000);
        return true;
    case OPTION_CONNECTIONS:
        program->server.connections_max = number("--max-connections", optarg, 8192);
        return true;
    case OPTION_KEEP_ALIVE:
        program->server.keep_alive_ms = (int)number("--keep-alive", optarg, 86400) * 1000;
        return true;
    case OPTION_IDLE:
        program->config.idle_ms = (int64_t)number("--idle", optarg, 86400) * 1000;
        return true;
    case OPTION_STOP:
        program->server.stop_ms = (int)number("--stop", optarg, 86400) * 1000;
        return true;
    case OPTION_COMPILE:
        program->compile = true;
        return true;
    case 'o':
        program->compile_to = optarg;
        return true;
    default:
        return false;
    }
}

static void read_options(struct program *program, int argc, char *argv[])
{
    static const struct option options[] = {
        {"addr", required_argument, NULL, OPTION_ADDR},
        {"env", required_argument, NULL, OPTION_ENV},
        {"max-instance-reuse", required_argument, NULL, OPTION_REUSE},
        {"max-connections", required_argument, NULL, OPTION_CONNECTIONS},
        {"keep-alive", required_argument, NULL, OPTION_KEEP_ALIVE},
        {"idle", required_argument, NULL, OPTION_IDLE},
        {"stop", required_argument, NULL, OPTION_STOP},
        {"compile", no_argument, NULL, OPTION_COMPILE},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "ho:", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(0);
        }
        if (!take_option(program, option)) {
            fputs(usage, stderr);
            exit(2);
        }
    }
    if (optind + 1 != argc || program->compile != (program->compile_to != NULL)) {
        fputs(usage, stderr);
        exit(2);
    }
    program->component = argv[optind];
}

/* What the two threads beside the server's need. */
struct helpers {
    struct server *server;
    struct guest *guest;
    sigset_t signals;
};

/* Lets time pass for guests, and closes connections that nobody needs. */
static void *tick(void *argument)
{
    struct helpers *helpers = argument;
    struct timespec pause = {0, EPOCH_MS * 1000000};

    for (unsigned count = 1;; count++) {
        nanosleep(&pause, NULL);
        guest_tick(helpers->guest);
        if (count % 10 == 0)
            core_link_reap(false);
    }
    return NULL;
}

static void *await_signal(void *argument)
{
    struct helpers *helpers = argument;
    int signal;

    sigwait(&helpers->signals, &signal);
    server_stop(helpers->server);
    return NULL;
}

/* As many connections as the system allows without asking. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int run(struct program *program)
{
    static struct helpers helpers;
    pthread_t ticker, signaller;

    sigemptyset(&helpers.signals);
    sigaddset(&helpers.signals, SIGTERM);
    sigaddset(&helpers.signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &helpers.signals, NULL);
    raise_descriptor_limit();
    program->guest.instances_max = program->server.connections_max + 1;
    helpers.guest = guest_open(program->component, &program->guest);
    if (helpers.guest == NULL)
        return 1;
    helpers.server = server_start(&program->server, helpers.guest, &program->config);
    if (helpers.server == NULL)
        return 1;
    if (pthread_create(&ticker, NULL, tick, &helpers) != 0 ||
        pthread_create(&signaller, NULL, await_signal, &helpers) != 0) {
        fputs("todo-edge: cannot start a thread\n", stderr);
        return 1;
    }
    fprintf(stderr, "Serving HTTP on http://%s/\n", server_address(helpers.server));
    server_run(helpers.server);
    pthread_join(signaller, NULL);
    server_free(helpers.server);
    core_link_reap(true);
    return 0;
}

int main(int argc, char *argv[])
{
    static struct program program = {
        .server = {.address = "127.0.0.1:3000",
                   .connections_max = 1024,
                   .head_ms = 10000,
                   .keep_alive_ms = 15000,
                   .stop_ms = 10000},
        .guest = {.reuse_max = 1},
        .config = {.idle_ms = 60000},
    };

    program.config.environment = (const char *const(*)[2])program.environment;
    read_options(&program, argc, argv);
    if (program.compile)
        return guest_compile(program.component, program.compile_to) ? 0 : 1;
    return run(&program);
}
