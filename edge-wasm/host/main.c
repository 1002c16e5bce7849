/*
 * todo-edge: serves a component that exports wasi:http/incoming-handler.
 *
 * usage: todo-edge [OPTION...] [COMPONENT]
 *        todo-edge --compile [--baseline] COMPONENT -o FILE
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "environment.h"
#include "server.h"

#define THREADS_MAX 16
#define OTHER_DESCRIPTORS \
    512 /* beside those of clients and requests: idle connections to the core, the loops' own */

static const char usage[] =
    "usage: todo-edge [OPTION...] [COMPONENT]\n"
    "       todo-edge --compile [--baseline] COMPONENT -o FILE\n"
    "\n"
    "Serves a component that exports wasi:http/incoming-handler@0.2.0, or a file that --compile made of "
    "one.\n"
    "Without COMPONENT: the edge that is installed with it, which sees its variables without --env and is "
    "not\n"
    "started without its secrets.\n"
    "\n"
    "  --addr HOST:PORT             where to listen (127.0.0.1:3000); :PORT is all addresses, port 0 a free "
    "one\n"
    "  --env NAME                   the component gets to see this variable; its value is the "
    "environment's,\n"
    "                               or the content of the file that the variable NAME_FILE names\n"
    "  --max-instance-reuse N       requests that an instance serves (1: each has its own; EDGE_REUSE)\n"
    "  --threads N                  that share the work (one for each processor)\n"
    "\n"
    "  --max-connections N          clients at a time (16384, or what the limit of open files allows)\n"
    "  --max-requests N             that the component serves at a time; further ones wait (1024)\n"
    "  --max-per-client N           of one address at a time (three quarters of --max-connections): "
    "connections,\n"
    "                               or with EDGE_TRUST_PROXY=1 requests of the address that the proxy tells\n"
    "  --max-core-head BYTES        of a head that the core takes (16384); longer ones are not sent\n"
    "  --gather BYTES               of a body that are awaited before the component runs (65536)\n"
    "  --min-rate BYTES             that a client must send of a longer body, and take, in a second (500)\n"
    "\n"
    "  --keep-alive SECONDS         a connection may wait for its next request (15)\n"
    "  --head SECONDS               within which a head must come (10)\n"
    "  --body SECONDS               within which the awaited part of a body must come (30)\n"
    "  --idle SECONDS               for which a client may send or take nothing on the way (60; "
    "EDGE_IDLE_TIMEOUT)\n"
    "  --stop SECONDS               requests may go on after SIGTERM (10)\n"
    "\n"
    "  --tls-cert FILE, --tls-key FILE    TLS towards clients; read anew at SIGHUP\n"
    "  --core-ca FILE                     authorities of a core that is https (the system's)\n"
    "  --core-cert FILE, --core-key FILE  the certificate that the core is shown\n"
    "\n"
    "  --baseline                   compile for every processor of this kind instead of this machine's\n";

struct program {
    struct server_options server;
    struct guest_options guest;
    struct host_config config;
    struct tls_files files;
    const char *component, *compile_to;
    struct environment environment;
    bool compile, baseline;
};

enum {
    OPTION_ADDR = 256,
    OPTION_ENV,
    OPTION_REUSE,
    OPTION_THREADS,
    OPTION_CONNECTIONS,
    OPTION_REQUESTS,
    OPTION_PER_CLIENT,
    OPTION_CORE_HEAD,
    OPTION_GATHER,
    OPTION_MIN_RATE,
    OPTION_KEEP_ALIVE,
    OPTION_HEAD,
    OPTION_BODY,
    OPTION_IDLE,
    OPTION_STOP,
    OPTION_TLS_CERT,
    OPTION_TLS_KEY,
    OPTION_CORE_CA,
    OPTION_CORE_CERT,
    OPTION_CORE_KEY,
    OPTION_COMPILE,
    OPTION_BASELINE
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
    if (strchr(name, '=') != NULL) {
        fputs("todo-edge: --env takes a name: a value on the command line could be seen by others\n", stderr);
        exit(2);
    }
    if (!environment_add(&program->environment, name))
        exit(2);
}

static int64_t seconds(const char *name, const char *text)
{
    return (int64_t)number(name, text, 86400) * 1000;
}

/* Limits and times. */
static bool take_limit(struct program *program, int option)
{
    struct server_options *server = &program->server;

    switch (option) {
    case OPTION_THREADS:
        server->threads = number("--threads", optarg, THREADS_MAX);
        return true;
    case OPTION_CONNECTIONS:
        server->connections_max = number("--max-connections", optarg, 1000000);
        return true;
    case OPTION_REQUESTS:
        server->requests_max = number("--max-requests", optarg, 8192);
        return true;
    case OPTION_PER_CLIENT:
        server->each_max = number("--max-per-client", optarg, 1000000);
        return true;
    case OPTION_CORE_HEAD:
        program->config.core_head_max = number("--max-core-head", optarg, 1048576);
        return true;
    case OPTION_GATHER:
        server->gather_max = number("--gather", optarg, 16777216);
        return true;
    case OPTION_MIN_RATE:
        server->rate_min = number("--min-rate", optarg, 1000000000);
        return true;
    case OPTION_KEEP_ALIVE:
        server->keep_alive_ms = seconds("--keep-alive", optarg);
        return true;
    case OPTION_HEAD:
        server->head_ms = seconds("--head", optarg);
        return true;
    case OPTION_BODY:
        server->body_ms = seconds("--body", optarg);
        return true;
    case OPTION_IDLE:
        server->idle_ms = seconds("--idle", optarg);
        return true;
    case OPTION_STOP:
        server->stop_ms = seconds("--stop", optarg);
        return true;
    default:
        return false;
    }
}

static bool take_file(struct tls_files *files, int option)
{
    const char **file = option == OPTION_TLS_CERT    ? &files->certificate
                        : option == OPTION_TLS_KEY   ? &files->key
                        : option == OPTION_CORE_CA   ? &files->core_authorities
                        : option == OPTION_CORE_CERT ? &files->core_certificate
                        : option == OPTION_CORE_KEY  ? &files->core_key
                                                     : NULL;

    if (file != NULL)
        *file = optarg;
    return file != NULL;
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
    case OPTION_COMPILE:
        program->compile = true;
        return true;
    case OPTION_BASELINE:
        program->baseline = true;
        return true;
    case 'o':
        program->compile_to = optarg;
        return true;
    default:
        return take_limit(program, option) || take_file(&program->files, option);
    }
}

/* What script/edge reads, too. Options win. */
static void read_defaults(struct program *program)
{
    const char *reuse = getenv("EDGE_REUSE"), *idle = getenv("EDGE_IDLE_TIMEOUT");

    if (reuse != NULL && *reuse != '\0')
        program->guest.reuse_max = number("EDGE_REUSE", reuse, 1000000000);
    if (idle != NULL && *idle != '\0')
        program->server.idle_ms = seconds("EDGE_IDLE_TIMEOUT", idle);
}

static void read_options(struct program *program, int argc, char *argv[])
{
    static const struct option options[] = {
        {"addr", required_argument, NULL, OPTION_ADDR},
        {"env", required_argument, NULL, OPTION_ENV},
        {"max-instance-reuse", required_argument, NULL, OPTION_REUSE},
        {"threads", required_argument, NULL, OPTION_THREADS},
        {"max-connections", required_argument, NULL, OPTION_CONNECTIONS},
        {"max-requests", required_argument, NULL, OPTION_REQUESTS},
        {"max-per-client", required_argument, NULL, OPTION_PER_CLIENT},
        {"max-core-head", required_argument, NULL, OPTION_CORE_HEAD},
        {"gather", required_argument, NULL, OPTION_GATHER},
        {"min-rate", required_argument, NULL, OPTION_MIN_RATE},
        {"keep-alive", required_argument, NULL, OPTION_KEEP_ALIVE},
        {"head", required_argument, NULL, OPTION_HEAD},
        {"body", required_argument, NULL, OPTION_BODY},
        {"idle", required_argument, NULL, OPTION_IDLE},
        {"stop", required_argument, NULL, OPTION_STOP},
        {"tls-cert", required_argument, NULL, OPTION_TLS_CERT},
        {"tls-key", required_argument, NULL, OPTION_TLS_KEY},
        {"core-ca", required_argument, NULL, OPTION_CORE_CA},
        {"core-cert", required_argument, NULL, OPTION_CORE_CERT},
        {"core-key", required_argument, NULL, OPTION_CORE_KEY},
        {"compile", no_argument, NULL, OPTION_COMPILE},
        {"baseline", no_argument, NULL, OPTION_BASELINE},
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
    const struct tls_files *files = &program->files;
    if ((files->certificate == NULL) != (files->key == NULL) ||
        (files->core_certificate == NULL) != (files->core_key == NULL)) {
        fputs("todo-edge: a certificate needs its key, and a key its certificate\n", stderr);
        exit(2);
    }
    if (optind + 1 < argc || program->compile != (program->compile_to != NULL) ||
        (program->compile && optind == argc) || (program->baseline && !program->compile)) {
        fputs(usage, stderr);
        exit(2);
    }
    program->component = argv[optind];
}

/* Lets time pass for guests that compute. */
static void *tick(void *argument)
{
    const struct timespec pause = {0, GUEST_TICK_MS * 1000000};

    for (;;) {
        nanosleep(&pause, NULL);
        guest_tick(argument);
    }
    return NULL;
}

/* As many connections as the system allows without asking: each has a descriptor, and so has each of the core's. */
static bool fit_descriptors(struct server_options *options)
{
    struct rlimit limit;
    rlim_t others = options->requests_max + OTHER_DESCRIPTORS;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return true;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= others + options->connections_max)
        return true;
    if (limit.rlim_max <= others) {
        fprintf(stderr, "todo-edge: %llu open files are too few for --max-requests %u\n",
                (unsigned long long)limit.rlim_max, options->requests_max);
        return false;
    }
    options->connections_max = (unsigned)(limit.rlim_max - others);
    return true;
}

/* What was not said follows from the system, or from what was. */
static bool complete_options(struct program *program)
{
    struct server_options *server = &program->server;
    const char *trust = getenv("EDGE_TRUST_PROXY");
    cpu_set_t processors;

    if (server->threads == 0)
        server->threads =
            sched_getaffinity(0, sizeof(processors), &processors) == 0 ? (unsigned)CPU_COUNT(&processors) : 1;
    if (server->threads > THREADS_MAX)
        server->threads = THREADS_MAX;
    if (!fit_descriptors(server))
        return false;
    if (server->each_max == 0)
        server->each_max = server->connections_max - server->connections_max / 4;
    server->trust_proxy = trust != NULL && strcmp(trust, "1") == 0;
    program->guest.instances_max = server->requests_max + 8 * server->threads + 1;
    program->config.https = program->files.certificate != NULL;
    return true;
}

/* Until SIGTERM or SIGINT. */
static void serve(struct server *server, const sigset_t *signals)
{
    int signal;

    while (sigwait(signals, &signal) == 0 && signal == SIGHUP)
        server_reload(server);
}

static int run(struct program *program)
{
    struct guest *guest;
    struct server *server;
    sigset_t signals;
    pthread_t ticker;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (program->component == NULL && (!environment_add_edge(&program->environment) ||
                                       (program->component = environment_component()) == NULL))
        return 1;
    if (!complete_options(program) || (guest = guest_open(program->component, &program->guest)) == NULL)
        return 1;
    server = server_start(&program->server, &program->files, guest, &program->config);
    if (server == NULL)
        return 1;
    if (pthread_create(&ticker, NULL, tick, guest) != 0) {
        fputs("todo-edge: cannot start a thread\n", stderr);
        return 1;
    }
    fprintf(stderr, "Serving HTTP%s on http%s://%s/\n", program->config.https ? "S" : "",
            program->config.https ? "s" : "", server_address(server));
    serve(server, &signals);
    if (server_stop(server))
        server_free(server);
    return 0;
}

int main(int argc, char *argv[])
{
    static struct program program = {
        .server = {.address = "127.0.0.1:3000",
                   .connections_max = 16384,
                   .requests_max = 1024,
                   .head_ms = 10000,
                   .body_ms = 30000,
                   .keep_alive_ms = 15000,
                   .idle_ms = 60000,
                   .stop_ms = 10000,
                   .gather_max = 65536,
                   .rate_min = 500},
        .guest = {.reuse_max = 1},
        .config = {.core_head_max = 16384},
    };

    program.config.environment = (const char *const(*)[2])program.environment.pairs;
    read_defaults(&program);
    read_options(&program, argc, argv);
    if (program.compile)
        return guest_compile(program.component, program.compile_to, program.baseline) ? 0 : 1;
    return run(&program);
}
