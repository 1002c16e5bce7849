#include "help.h"

#include "output.h"

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
