/* todoctl: finds the command, parses its options against its table, opens nothing that it does not need. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "command.h"
#include "help.h"
#include "number.h"
#include "output.h"
#include "report.h"
#include "suggest.h"

const command_group *const command_groups[] = {
    &group_migrate,    &group_user,  &group_token, &group_todo,   &group_export,
    &group_import,     &group_cache, &group_db,    &group_doctor, &group_bench,
    &group_completion, &group_help,  NULL,
};

static ctl_context run;
static bool help;
static bool version;
static bool json;
static const char *timeout;
static const char *format;

const option_spec global_options[] = {
    {"store", 's', "URL", "the store: sqlite:PATH or postgres://… (DATABASE_WRITER_URL)",
     &run.config.options[SETTING_STORE], NULL},
    {"reader", 0, "URL", "where to read, if elsewhere (DATABASE_READER_URL)",
     &run.config.options[SETTING_READER], NULL},
    {"cache", 0, "URL", "redis://… to keep in step with changes (REDIS_URL)",
     &run.config.options[SETTING_CACHE], NULL},
    {"config", 0, "FILE", "the configuration file (~/.config/todoctl/config.ini)", &run.config.file, NULL},
    {"profile", 'p', "PROFILE", "the profile of it to use (TODOCTL_PROFILE)", &run.config.profile, NULL},
    {"timeout", 0, "SECONDS", "how long to wait for the store (10)", &timeout, NULL},
    {"format", 'f', "FORMAT", "print table (the default), json, jsonl, csv or ids", &format, NULL},
    {"json", 'j', NULL, "print JSON for programs: --format json", NULL, &json},
    {"yes", 'y', NULL, "destroy without asking", NULL, &run.yes},
    {"help", 'h', NULL, "show this and end", NULL, &help},
    {"version", 'V', NULL, "show the version and end", NULL, &version},
    OPTION_END,
};

static int apply_format(const command_group *group)
{
    int chosen = OUTPUT_TABLE;
    if (format != NULL) {
        while (output_format_names[chosen] != NULL && strcmp(output_format_names[chosen], format) != 0)
            chosen++;
        if (output_format_names[chosen] == NULL)
            return fail(EXIT_USAGE, "--format table, json, jsonl, csv or ids", "there is no format %s",
                        format);
        if (json && chosen != OUTPUT_JSON)
            return fail(EXIT_USAGE, "one of them", "--json and --format %s exclude each other", format);
        if (chosen == OUTPUT_IDS && !group->results_have_ids)
            return fail(EXIT_USAGE, "--format json", "what todoctl %s prints has no ids", group->name);
    }
    run.json = json || chosen != OUTPUT_TABLE;
    output_set_format(json ? OUTPUT_JSON : (output_format)chosen);
    return 0;
}

static int apply_globals(void)
{
    run.timeout_ms = run.connect_timeout_ms = 10000;
    if (timeout != NULL) {
        uint64_t seconds;
        if (!parse_number(timeout, 1, 86400, &seconds))
            return fail(EXIT_USAGE, "--timeout 30", "%s is no number of seconds from 1 to 86400", timeout);
        run.timeout_ms = run.connect_timeout_ms = (uint32_t)seconds * 1000;
        run.timeout_given = true;
    }
    return config_load(&run.config);
}

/* Parses what follows the command's words and runs it. argv[0] is the last of them. */
static int run_command(const command_group *group, const ctl_command *command, int argc, char **argv)
{
    char try_help[64];
    int first;
    snprintf(try_help, sizeof(try_help), "todoctl %s%s%s --help", group->name,
             command->name != NULL ? " " : "", command->name != NULL ? command->name : "");
    int code = options_parse(command->options, global_options, false, argc, argv, try_help, &first);
    if (code != 0)
        return code;
    if (help) {
        help_command(group, command);
        return output_finish();
    }
    int count = argc - first;
    if (count < command->min_arguments)
        return fail(EXIT_USAGE, try_help, "%s is missing", command->arguments);
    if (command->max_arguments >= 0 && count > command->max_arguments)
        return fail(EXIT_USAGE, try_help, "too many arguments: %s", argv[first + command->max_arguments]);
    code = apply_format(group);
    code = code != 0 || group->needs_no_settings ? code : apply_globals();
    if (code == 0) {
        code = command->run(&run, count, argv + first);
        code = code == 0 ? access_finish(&run) : code;
        todo_store_close(run.store);
    }
    config_clear(&run.config);
    int written = output_finish();
    return code != 0 ? code : written;
}

static int run_group(const command_group *group, int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    const ctl_command *command = help_find_command(group, word);
    if (command != NULL)
        return run_command(group, command, argc - 1, argv + 1);
    if (group->has_default && group->commands[0].name == NULL)
        return run_command(group, &group->commands[0], argc, argv);
    if (help || (word != NULL && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0))) {
        help_group(group);
        return output_finish();
    }
    if (group->has_default && (word == NULL || word[0] == '-'))
        return run_command(group, &group->commands[0], argc, argv);
    char next[64];
    suggest(group, word != NULL ? word : "", next, sizeof(next));
    return word == NULL ? fail(EXIT_USAGE, next, "%s needs a command", group->name)
                        : fail(EXIT_USAGE, next, "unknown command: %s %s", group->name, word);
}

int main(int argc, char **argv)
{
    /* Texts are UTF-8 whatever the locale; wcwidth(3) needs a locale that says so. Times stay RFC 3339 or numeric. */
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "");
    int first;
    int code = options_parse(global_options, NULL, true, argc, argv, "todoctl --help", &first);
    if (code != 0)
        return code;
    if (version) {
        printf("todoctl %s (libtodo %s)\n", TODO_VERSION_STRING, todo_version());
        return output_finish();
    }
    if (first == argc) {
        help_overview(help ? stdout : stderr);
        return help ? output_finish() : EXIT_USAGE;
    }
    const command_group *group = help_find_group(argv[first]);
    if (group == NULL) {
        char next[64];
        suggest(NULL, argv[first], next, sizeof(next));
        return fail(EXIT_USAGE, next, "unknown command: %s", argv[first]);
    }
    return run_group(group, argc - first, argv + first);
}
