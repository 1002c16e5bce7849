#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <todo/version.h>

#include "secret_file.h"
#include "url_secret.h"

#define SECRET_MIN 32 /* bytes */

/* Well known on purpose, and so good for nothing but a server that only this machine can reach. */
#define DEV_EDGE_SECRET "development-edge-secret"
#define DEV_JWT_SECRET  "development-jwt-secret-of-32-bytes!!"

typedef enum setting_kind { SETTING_TEXT, SETTING_SECRET, SETTING_NUMBER, SETTING_LEVEL } setting_kind;

/* One setting: NAME in the environment, --flag on the command line. A secret is never given as an argument. */
typedef struct setting_spec {
    const char *name;
    const char *flag; /* NULL: environment only; of a secret: names a file */
    setting_kind kind;
    size_t offset;
    uint32_t low; /* of a number */
    uint32_t high;
    const char *initial; /* NULL: none */
    const char *help;
} setting_spec;

#define AT(member) offsetof(server_config, member)

static const setting_spec settings[] = {
    {"APP_ADDR", "addr", SETTING_TEXT, AT(address), 0, 0, "127.0.0.1:3001",
     "HOST:PORT to listen on, [ADDRESS]:PORT for IPv6; port 0 lets the kernel choose"},
    {"DATABASE_WRITER_URL", "database-writer-url", SETTING_SECRET, AT(database_writer_url), 0, 0,
     "sqlite:todo.db", "postgres://... or sqlite:PATH"},
    {"DATABASE_READER_URL", "database-reader-url", SETTING_SECRET, AT(database_reader_url), 0, 0, NULL,
     "postgres://... of a replica; none by default"},
    {"REDIS_URL", "redis-url", SETTING_SECRET, AT(redis_url), 0, 0, NULL,
     "redis://... of a cache; none by default"},
    {"CACHE_TTL", "cache-ttl", SETTING_NUMBER, AT(cache_ttl), 1, 86400, "300",
     "for how many seconds the cache keeps a todo"},
    {"EDGE_SECRET", "edge-secret", SETTING_SECRET, AT(edge_secret), 0, 0, NULL,
     "what the edge proves itself with (X-Edge-Verified)"},
    {"EDGE_SECRET_PREVIOUS", "edge-secret-previous", SETTING_SECRET, AT(edge_secret_previous), 0, 0, NULL,
     "accepted beside EDGE_SECRET while that is being replaced"},
    {"EDGE_ASSERTION", "edge-assertion", SETTING_TEXT, AT(edge_assertion), 0, 0, "any",
     "what the edge must prove itself with: any (its secret or a signature) or signed (a signature only)"},
    {"JWT_SECRET", "jwt-secret", SETTING_SECRET, AT(jwt_secret), 0, 0, NULL,
     "the secret that tokens are signed with, by HS256"},
    {"JWT_SIGNING_KEY", "jwt-signing-key", SETTING_SECRET, AT(jwt_signing_key), 0, 0, NULL,
     "the private key that tokens are signed with instead, as JWK or PEM; its type decides the algorithm"},
    {"JWT_EXPIRY_HOURS", "jwt-expiry-hours", SETTING_NUMBER, AT(jwt_expiry_hours), 1, 8784, "24",
     "how long a token is valid"},
    {"APP_THREADS", "threads", SETTING_NUMBER, AT(threads), 1, 4096, "128",
     "connections served at the same time"},
    {"APP_FIBER_THREADS", "fiber-threads", SETTING_NUMBER, AT(fiber_threads), 0, 256, "8",
     "threads that go on with requests that waited for the store; 0: each connection's own"},
    {"APP_POOL_SIZE", "pool-size", SETTING_NUMBER, AT(pool_size), 0, 1000, "0",
     "connections to each PostgreSQL endpoint; 0: the library's default"},
    {"APP_CALL_TIMEOUT_MS", "call-timeout-ms", SETTING_NUMBER, AT(call_timeout_ms), 1, 600000, "10000",
     "how long the store may take for a request"},
    {"APP_REQUEST_TIMEOUT_MS", "request-timeout-ms", SETTING_NUMBER, AT(request_timeout_ms), 100, 600000,
     "30000", "how long a client may take to send a request, and to take the answer"},
    {"APP_HEAD_TIMEOUT_MS", "head-timeout-ms", SETTING_NUMBER, AT(head_timeout_ms), 100, 600000, "10000",
     "how long a client may take to send the head of its first request"},
    {"APP_MIN_RATE", "min-rate", SETTING_NUMBER, AT(min_rate), 1, 1000000, "1024",
     "bytes per second at which a client has to send a body and take an answer"},
    {"APP_CLIENT_CONNECTIONS", "client-connections", SETTING_NUMBER, AT(client_connections), 0, 4096, "0",
     "connections from one client address; 0: no limit, since behind the edge all are the edge's"},
    {"APP_KEEP_ALIVE_MS", "keep-alive-ms", SETTING_NUMBER, AT(keep_alive_ms), 1, 600000, "5000",
     "how long a connection may idle between requests"},
    {"APP_DRAIN_TIMEOUT_MS", "drain-timeout-ms", SETTING_NUMBER, AT(drain_timeout_ms), 0, 600000, "10000",
     "how long requests under way may go on after SIGTERM"},
    {"LOG_LEVEL", "log-level", SETTING_LEVEL, AT(log_level), 0, 0, "info",
     "error, warn, info (each request) or debug"},
};

#define SETTINGS_COUNT (sizeof(settings) / sizeof(settings[0]))

/* Values of getopt_long beyond those of the settings. */
enum { OPTION_FIRST = 256, OPTION_DEV = OPTION_FIRST + 2 * (int)SETTINGS_COUNT, OPTION_CHECK };

/* Whether the value may stand in the arguments, which every user of the machine can read. */
static bool may_be_argument(const setting_spec *setting)
{
    return setting->kind != SETTING_SECRET || strstr(setting->name, "_URL") != NULL;
}

static void print_help(void)
{
    puts("usage: todo-server [OPTION...]\n"
         "Serves the HTTP API of a TODO back end. Configured by the environment; options override it.\n");
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const setting_spec *each = &settings[i];

        printf("  --%s%s\n      %s", each->flag,
               !may_be_argument(each)         ? "-file PATH"
               : each->kind == SETTING_NUMBER ? " N"
                                              : " VALUE",
               each->help);
        printf(" [%s%s%s]\n", each->name, each->initial != NULL ? ", default " : "",
               each->initial != NULL ? each->initial : "");
    }
    puts("\n  --dev      run without secrets: well-known ones, and only on a loopback address\n"
         "  --check    say whether the configuration is valid and the store reachable, and end\n"
         "  --help     this text\n"
         "  --version  the version\n\n"
         "Secrets and the URLs may instead lie in a file: NAME_FILE in the environment, or --...-file PATH. "
         "A URL with\n"
         "a password is not taken as an argument.\n"
         "EDGE_SECRET and one of JWT_SIGNING_KEY and JWT_SECRET are required, and taken from the environment "
         "or a\n"
         "file only.");
}

static bool set_number(const setting_spec *setting, const char *text, server_config *config)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < setting->low ||
        value > setting->high) {
        fprintf(stderr, "todo-server: %s must be a number from %u to %u\n", setting->name, setting->low,
                setting->high);
        return false;
    }
    *(uint32_t *)((char *)config + setting->offset) = (uint32_t)value;
    return true;
}

static bool set(const setting_spec *setting, const char *text, server_config *config)
{
    if (setting->kind == SETTING_NUMBER)
        return set_number(setting, text, config);
    if (setting->kind == SETTING_LEVEL) {
        if (log_level_parse(text, &config->log_level))
            return true;
        fprintf(stderr, "todo-server: %s must be error, warn, info or debug\n", setting->name);
        return false;
    }
    *(const char **)((char *)config + setting->offset) = text;
    return true;
}

/* A URL from the arguments: a password in it would be readable by every user of the machine. */
static bool check_argument(const setting_spec *setting, const char *text)
{
    if (setting->kind != SETTING_SECRET || !url_has_secret(text))
        return true;
    fprintf(
        stderr,
        "todo-server: --%s: no password in an argument, which every user of this machine can read; use %s, "
        "%s_FILE or --%s-file\n",
        setting->flag, setting->name, setting->name, setting->flag);
    return false;
}

static bool set_from_file(const setting_spec *setting, const char *path, server_config *config)
{
    const char *reason;
    char *text = secret_file_read(path, NULL, &reason);

    if (text == NULL) {
        fprintf(stderr, "todo-server: %s can't be read from %s: %s\n", setting->name, path, reason);
        return false;
    }
    return set(setting, text, config);
}

/* An empty variable counts as unset: that is how orchestrators leave one out. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool read_environment(server_config *config)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const setting_spec *each = &settings[i];
        const char *value = environment(each->name);
        char file_name[64];
        const char *path;

        snprintf(file_name, sizeof(file_name), "%s_FILE", each->name);
        path = each->kind == SETTING_SECRET ? environment(file_name) : NULL;
        if (value != NULL && path != NULL) {
            fprintf(stderr, "todo-server: %s and %s are both set\n", each->name, file_name);
            return false;
        }
        if (path != NULL && !set_from_file(each, path, config))
            return false;
        if (path == NULL && value == NULL)
            value = each->initial;
        if (value != NULL && !set(each, value, config))
            return false;
    }
    return true;
}

/* `flags` has room for all; `names` for the made-up "…-file" names. */
static void fill_flags(struct option *flags, char names[][40])
{
    static const struct option others[] = {{"dev", no_argument, NULL, OPTION_DEV},
                                           {"check", no_argument, NULL, OPTION_CHECK},
                                           {"help", no_argument, NULL, 'h'},
                                           {"version", no_argument, NULL, 'V'},
                                           {NULL, 0, NULL, 0}};

    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        if (may_be_argument(&settings[i]))
            *flags++ = (struct option){settings[i].flag, required_argument, NULL, OPTION_FIRST + (int)i};
        if (settings[i].kind != SETTING_SECRET)
            continue;
        snprintf(names[i], sizeof(names[i]), "%s-file", settings[i].flag);
        *flags++ =
            (struct option){names[i], required_argument, NULL, OPTION_FIRST + (int)(SETTINGS_COUNT + i)};
    }
    memcpy(flags, others, sizeof(others));
}

static config_result read_option(int option, server_config *config)
{
    size_t index = (size_t)(option - OPTION_FIRST);

    switch (option) {
    case 'h':
        print_help();
        return CONFIG_DONE;
    case 'V':
        printf("todo-server %s\n", todo_version());
        return CONFIG_DONE;
    case OPTION_DEV:
        config->dev = true;
        return CONFIG_RUN;
    case OPTION_CHECK:
        config->check = true;
        return CONFIG_RUN;
    case '?':
        fputs("todo-server: try --help\n", stderr);
        return CONFIG_INVALID;
    default:
        if (index < SETTINGS_COUNT)
            return check_argument(&settings[index], optarg) && set(&settings[index], optarg, config)
                       ? CONFIG_RUN
                       : CONFIG_INVALID;
        return set_from_file(&settings[index - SETTINGS_COUNT], optarg, config) ? CONFIG_RUN : CONFIG_INVALID;
    }
}

static config_result read_arguments(int argc, char **argv, server_config *config)
{
    static char names[SETTINGS_COUNT][40];
    struct option flags[2 * SETTINGS_COUNT + 5];
    int option;

    fill_flags(flags, names);
    while ((option = getopt_long(argc, argv, "", flags, NULL)) != -1) {
        config_result result = read_option(option, config);

        if (result != CONFIG_RUN)
            return result;
    }
    if (optind == argc)
        return CONFIG_RUN;
    fprintf(stderr, "todo-server: unexpected argument: %s\n", argv[optind]);
    return CONFIG_INVALID;
}

/* HOST:PORT or [ADDRESS]:PORT. civetweb would also take lists, and letters behind the port that mean TLS. */
static bool check_address(const char *address)
{
    const char *colon = strrchr(address, ':');
    unsigned long port = 65536;
    char *end = NULL;

    if (colon != NULL && colon[1] >= '0' && colon[1] <= '9')
        port = strtoul(colon + 1, &end, 10);
    if (address[0] == '[' && colon != NULL && colon[-1] != ']')
        port = 65536;
    if (port <= 65535 && *end == '\0' && colon > address && strpbrk(address, ", ") == NULL &&
        (address[0] == '[' || strchr(address, ':') == colon))
        return true;
    fprintf(stderr, "todo-server: APP_ADDR must be HOST:PORT, or [ADDRESS]:PORT for IPv6, not %s\n", address);
    return false;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strncmp(address, "localhost:", 10) == 0 ||
           strncmp(address, "[::1]:", 6) == 0;
}

/* Verification is never silently off: without secrets the server does not start. */
static bool complete_secrets(server_config *config)
{
    bool signs = config->jwt_secret != NULL || config->jwt_signing_key != NULL;
    const char *missing = config->edge_secret == NULL ? "EDGE_SECRET" : !signs ? "JWT_SECRET" : NULL;

    if (missing != NULL && !config->dev) {
        fprintf(stderr,
                "todo-server: %s is not set (nor %s_FILE); for a try-out on this machine there is --dev\n",
                missing, missing);
        return false;
    }
    if (missing != NULL && !is_loopback(config->address)) {
        fprintf(stderr, "todo-server: --dev without %s listens on a loopback address only, not on %s\n",
                missing, config->address);
        return false;
    }
    if (config->edge_secret == NULL)
        config->edge_secret = DEV_EDGE_SECRET;
    if (!signs)
        config->jwt_secret = DEV_JWT_SECRET;
    return true;
}

/* What signs or proves is long enough not to be guessed, and no secret does the work of two. */
static bool check_secrets(const server_config *config)
{
    const struct {
        const char *name, *value;
    } secrets[] = {{"EDGE_SECRET", config->edge_secret},
                   {"EDGE_SECRET_PREVIOUS", config->edge_secret_previous},
                   {"JWT_SECRET", config->jwt_secret}};

    for (size_t i = 0; !config->dev && i < 3; i++) {
        if (secrets[i].value == NULL)
            continue;
        if (strlen(secrets[i].value) < SECRET_MIN) {
            fprintf(stderr, "todo-server: %s must have at least %d bytes, such as of: openssl rand -hex 32\n",
                    secrets[i].name, SECRET_MIN);
            return false;
        }
        for (size_t j = 0; j < i; j++)
            if (secrets[j].value != NULL && strcmp(secrets[i].value, secrets[j].value) == 0) {
                fprintf(stderr, "todo-server: %s and %s must not be the same\n", secrets[j].name,
                        secrets[i].name);
                return false;
            }
    }
    return true;
}

static bool check_assertion(const char *assertion)
{
    if (strcmp(assertion, "any") == 0 || strcmp(assertion, "signed") == 0)
        return true;
    fprintf(stderr, "todo-server: EDGE_ASSERTION: any or signed, not \"%s\"\n", assertion);
    return false;
}

config_result config_read(int argc, char **argv, server_config *ret_config)
{
    server_config config = {0};
    config_result result;

    /* Asked for help, a broken environment does not matter. */
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "--version") == 0)
            return read_option(argv[i][2] == 'h' ? 'h' : 'V', &config);
    if (!read_environment(&config))
        return CONFIG_INVALID;
    result = read_arguments(argc, argv, &config);
    if (result == CONFIG_RUN && (!check_address(config.address) || !check_assertion(config.edge_assertion) ||
                                 !complete_secrets(&config) || !check_secrets(&config)))
        result = CONFIG_INVALID;
    *ret_config = config;
    return result;
}
