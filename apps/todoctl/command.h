/* What a command is, and what it is given to work with. */
#ifndef TODOCTL_COMMAND_H
#define TODOCTL_COMMAND_H

#include <stdbool.h>

#include <todo/todo.h>

#include "config.h"
#include "options.h"

/* The exit codes, documented in todoctl(1). 0 is success. */
enum exit_code {
    EXIT_FAILED = 1,      /* it went wrong, or doctor found something broken */
    EXIT_USAGE = 2,       /* the command line, or a value on it, is not valid */
    EXIT_NOT_FOUND = 3,   /* no such user or todo */
    EXIT_UNAVAILABLE = 4, /* the store can't be reached or did not answer in time */
    EXIT_CONFLICT = 5,    /* it exists already, or somebody else changed it */
    EXIT_DENIED = 6       /* a token or a password is not valid */
};

typedef struct ctl_command ctl_command;

/* One run of todoctl. */
typedef struct ctl_context {
    ctl_config config;
    bool json; /* results are for programs: --json, or a --format but table */
    bool yes;
    uint32_t timeout_ms;         /* of a call */
    uint32_t connect_timeout_ms; /* of an attempt to connect */
    bool timeout_given;
    unsigned connections;       /* to a PostgreSQL endpoint at most; 0: one */
    const char *group;          /* the words of the command, for messages */
    const ctl_command *command; /* the one that runs */
    todo_store *store;          /* NULL until a command opens it */
    bool reads_file;            /* of an embedded store that was opened to read only */
} ctl_context;

struct ctl_command {
    const char *name;      /* NULL when the group is the command */
    const char *arguments; /* such as "EMAIL"; "" for none */
    const char *summary;   /* one line */
    const char *help;      /* what else --help says, or NULL */
    const option_spec *options;
    int min_arguments;
    int max_arguments; /* -1: any number */
    int (*run)(ctl_context *context, int count, char **arguments);
};

/* A group of commands, such as "user". The first is the default if `has_default`. */
typedef struct command_group {
    const char *name;
    const char *summary;
    bool has_default;
    const ctl_command *commands; /* ends with a member without `run` */
    bool results_have_ids;       /* so that --format ids makes sense */
    bool needs_no_settings;      /* so that no configuration file is read */
} command_group;

extern const command_group group_migrate;
extern const command_group group_user;
extern const command_group group_token;
extern const command_group group_todo;
extern const command_group group_export;
extern const command_group group_import;
extern const command_group group_cache;
extern const command_group group_db;
extern const command_group group_doctor;
extern const command_group group_bench;
extern const command_group group_completion;
extern const command_group group_help;

#endif
