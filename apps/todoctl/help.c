#include "help.h"

#include <string.h>

#include "output.h"
#include "report.h"
#include "suggest.h"

const command_group *help_find_group(const char *name)
{
    for (const command_group *const *group = command_groups; *group != NULL; group++)
        if (strcmp((*group)->name, name) == 0)
            return *group;
    return NULL;
}

const ctl_command *help_find_command(const command_group *group, const char *name)
{
    for (const ctl_command *command = group->commands; command->run != NULL; command++)
        if (command->name != NULL && name != NULL && strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static void print_commands(const command_group *group, FILE *out)
{
    for (const ctl_command *command = group->commands; command->run != NULL; command++) {
        char words[64];
        snprintf(words, sizeof(words), "%s%s%s", group->name, command->name != NULL ? " " : "",
                 command->name != NULL ? command->name : "");
        fprintf(out, "  %-18s %s\n", words, command->summary);
    }
}

void help_overview(FILE *out)
{
    fputs("Usage: todoctl [OPTION]... COMMAND [ARGUMENT]...\n\n"
          "Administers a store of todos: its schema, users, tokens and todos.\n\n"
          "Commands:\n",
          out);
    for (const command_group *const *group = command_groups; *group != NULL; group++)
        print_commands(*group, out);
    fputs("\nOptions, before or after the command:\n", out);
    options_print(global_options, NULL, out);
    fputs("\nExit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 unavailable, 5 conflict,\n6 denied.\n"
          "See todoctl COMMAND --help and the manual page todoctl(1).\n",
          out);
}

void help_group(const command_group *group)
{
    printf("Usage: todoctl %s COMMAND [OPTION]... [ARGUMENT]...\n\n%s.\n\nCommands:\n", group->name,
           group->summary);
    print_commands(group, stdout);
    printf("\nSee todoctl %s COMMAND --help.\n", group->name);
}

void help_command(const command_group *group, const ctl_command *command)
{
    const char *arguments = command->arguments;
    printf("Usage: todoctl %s%s%s [OPTION]...%s%s\n\n%s.\n", group->name, command->name != NULL ? " " : "",
           command->name != NULL ? command->name : "", arguments[0] != '\0' ? " " : "", arguments,
           command->summary);
    if (command->help != NULL)
        print_wrapped(command->help, 0, stdout);
    if (command->options != NULL) {
        puts("\nOptions:");
        options_print(command->options, NULL, stdout);
    }
    puts("\nOptions of every command:");
    options_print(global_options, command->options, stdout);
}

/* todoctl help [COMMAND...]: what the --help of that command shows. */
static int run_help(ctl_context *context, int count, char **arguments)
{
    (void)context;
    if (count == 0) {
        help_overview(stdout);
        return 0;
    }
    char next[64];
    const command_group *group = help_find_group(arguments[0]);
    if (group == NULL) {
        suggest(NULL, arguments[0], next, sizeof(next));
        return fail(EXIT_USAGE, next, "unknown command: %s", arguments[0]);
    }
    const ctl_command *command = count > 1                         ? help_find_command(group, arguments[1])
                                 : group->commands[0].name == NULL ? &group->commands[0]
                                                                   : NULL;
    if (command == NULL && count > 1) {
        suggest(group, arguments[1], next, sizeof(next));
        return fail(EXIT_USAGE, next, "unknown command: %s %s", arguments[0], arguments[1]);
    }
    if (command != NULL)
        help_command(group, command);
    else
        help_group(group);
    return 0;
}

static const ctl_command commands[] = {
    {.arguments = "[COMMAND]...",
     .summary = "Show the help of a command",
     .help = "The same as todoctl COMMAND --help.",
     .max_arguments = 2,
     .run = run_help},
    {.run = NULL},
};

const command_group group_help = {"help", "The help of commands", true, commands, false, true};
