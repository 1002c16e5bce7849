/*
 * todoctl completion: scripts for the shells, made from the same tables as --help. Each script finds the words of the
 * command so far, passing over options and their arguments, and offers what may follow.
 */
#include <string.h>

#include "command.h"
#include "help.h"

/* Calls `visit` for each table of options there is: that of every command, and the global one. */
static void each_table(void (*visit)(const option_spec *table, void *arg), void *arg)
{
    for (const command_group *const *group = command_groups; *group != NULL; group++)
        for (const ctl_command *command = (*group)->commands; command->run != NULL; command++)
            if (command->options != NULL)
                visit(command->options, arg);
    visit(global_options, arg);
}

typedef struct pattern_state {
    const char *metavar;   /* of the options that are wanted; NULL: any */
    const char *separator; /* between alternatives */
    bool first;
} pattern_state;

static void print_table_patterns(const option_spec *table, void *arg)
{
    pattern_state *state = arg;
    for (; table->name != NULL; table++) {
        if (table->metavar == NULL || (state->metavar != NULL && strcmp(table->metavar, state->metavar) != 0))
            continue;
        printf("%s--%s", state->first ? "" : state->separator, table->name);
        if (table->letter != 0)
            printf("%s-%c", state->separator, table->letter);
        state->first = false;
    }
}

/* Prints the options with such an argument (NULL: with any) as alternatives of a shell's case. */
static void print_patterns(const char *metavar, const char *separator)
{
    pattern_state state = {metavar, separator, true};
    each_table(print_table_patterns, &state);
}

/* The words of --format, and of that of export and import. */
#define FORMATS          "table json jsonl csv ids"
#define TRANSFER_FORMATS "jsonl csv icalendar"

/* The words of --alg. */
#define ALGORITHMS "EdDSA ES256 RS256 HS256"

/* A command of sh, without single quotes, that prints the PROFILEs or the USERs there are: $1 says which. */
#define VALUES                                                          \
    "case $1 in\n"                                                      \
    "    PROFILE) sed -n \"s/^[[:blank:]]*\\[\\([^]]*\\)\\].*/\\1/p\" " \
    "\"${XDG_CONFIG_HOME:-$HOME/.config}/todoctl/config.ini\" ;;\n"     \
    "    USER) todoctl user list --format jsonl | sed -n "              \
    "\"s/.*\\\"email\\\":\\\"\\([^\\\"]*\\)\\\".*/\\1/p\" ;;\n"         \
    "    esac 2>/dev/null"

/* The fields that may order a list, either way, as words. */
static void print_sort_keys(void)
{
    const char *separator = "";
    const todo_field *field;
    for (size_t i = 0; (field = todo_item_field_at(i)) != NULL; i++)
        if (field->uses & TODO_USE_SORT) {
            printf("%s%s -%s", separator, field->name, field->name);
            separator = " ";
        }
}

static void print_option_words(const option_spec *table)
{
    for (; table != NULL && table->name != NULL; table++)
        printf("--%s ", table->name);
}

/* One branch for each command, in which the words that `print` prints are offered. */
static void each_command(void (*print)(const command_group *group, const ctl_command *command))
{
    for (const command_group *const *group = command_groups; *group != NULL; group++)
        for (const ctl_command *command = (*group)->commands; command->run != NULL; command++)
            print(*group, command);
}

static void print_bash_options(const command_group *group, const ctl_command *command)
{
    printf("    \" %s%s%s\"*) options=\"", group->name, command->name != NULL ? " " : "",
           command->name != NULL ? command->name : "");
    print_option_words(command->options);
    puts("$options\" ;;");
}

static void print_bash_words(void)
{
    fputs("    ''|' help') words=\"", stdout);
    for (const command_group *const *group = command_groups; *group != NULL; group++)
        printf("%s ", (*group)->name);
    puts("\" ;;");
    for (const command_group *const *group = command_groups; *group != NULL; group++) {
        if ((*group)->commands[0].name == NULL)
            continue;
        printf("    ' %s'|' help %s') words=\"", (*group)->name, (*group)->name);
        for (const ctl_command *command = (*group)->commands; command->run != NULL; command++)
            printf("%s ", command->name);
        puts("\" ;;");
    }
}

/* The branch for the options whose argument _todoctl_values prints. */
static void print_bash_values(const char *metavar)
{
    fputs("    ", stdout);
    print_patterns(metavar, "|");
    printf(") mapfile -t COMPREPLY < <(compgen -W \"$(_todoctl_values %s)\" -- \"$cur\"); return ;;\n",
           metavar);
}

static int run_bash(ctl_context *context, int count, char **arguments)
{
    (void)context;
    (void)count;
    (void)arguments;
    fputs("# bash completion for todoctl, made by: todoctl completion bash\n"
          "_todoctl_values()\n{\n    " VALUES "\n}\n"
          "_todoctl()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path='' words='' options "
          "i\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case ${COMP_WORDS[i]} in\n        ",
          stdout);
    print_patterns(NULL, "|");
    fputs(") ((i++)) ;;\n        -*) ;;\n        *) path+=\" ${COMP_WORDS[i]}\" ;;\n        esac\n    done\n"
          "    case $prev in\n    ",
          stdout);
    print_patterns("FILE", "|");
    fputs(") mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n"
          "    --format|-f)\n        case $path in\n"
          "        ' export'*|' import'*) words='" TRANSFER_FORMATS "' ;;\n"
          "        *) words='" FORMATS "' ;;\n        esac\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\"); return ;;\n"
          "    --alg) mapfile -t COMPREPLY < <(compgen -W '" ALGORITHMS "' -- \"$cur\"); return "
          ";;\n    --sort|-S) mapfile -t COMPREPLY < <(compgen -W '",
          stdout);
    print_sort_keys();
    fputs("' -- \"$cur\"); return ;;\n", stdout);
    print_bash_values("PROFILE");
    print_bash_values("USER");
    fputs("    ", stdout);
    print_patterns(NULL, "|");
    fputs(") return ;;\n    esac\n    options='", stdout);
    print_option_words(global_options);
    fputs("'\n    case $path in\n", stdout);
    each_command(print_bash_options);
    fputs("    esac\n    case $path in\n", stdout);
    print_bash_words();
    fputs("    esac\n"
          "    [[ $cur == -* ]] && words=$options\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
          "}\n"
          "complete -o bashdefault -o default -F _todoctl todoctl\n",
          stdout);
    return 0;
}

/* Prints what goes between single quotes; `colons`: those are escaped too. */
static void print_quoted(const char *text, bool colons)
{
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (*text == ':' && colons)
            fputs("\\:", stdout);
        else
            putchar(*text);
}

/* A word with its description, as _describe of zsh takes it. */
static void print_described(const char *name, const char *text)
{
    printf("'%s:", name);
    print_quoted(text, true);
    putchar('\'');
}

static void print_zsh_table(const option_spec *table)
{
    for (; table != NULL && table->name != NULL; table++) {
        char name[40];
        snprintf(name, sizeof(name), "--%s", table->name);
        putchar(' ');
        print_described(name, table->help);
    }
}

static void print_zsh_options(const command_group *group, const ctl_command *command)
{
    printf("    ' %s%s%s'*) options+=(", group->name, command->name != NULL ? " " : "",
           command->name != NULL ? command->name : "");
    print_zsh_table(command->options);
    puts(" ) ;;");
}

static void print_zsh_words(void)
{
    fputs("    (''|' help') commands=(", stdout);
    for (const command_group *const *group = command_groups; *group != NULL; group++) {
        putchar(' ');
        print_described((*group)->name, (*group)->summary);
    }
    puts(" ) ;;");
    for (const command_group *const *group = command_groups; *group != NULL; group++) {
        if ((*group)->commands[0].name == NULL)
            continue;
        printf("    (' %s'|' help %s') commands=(", (*group)->name, (*group)->name);
        for (const ctl_command *command = (*group)->commands; command->run != NULL; command++) {
            putchar(' ');
            print_described(command->name, command->summary);
        }
        puts(" ) ;;");
    }
}

static void print_zsh_values(const char *metavar)
{
    fputs("    (", stdout);
    print_patterns(metavar, "|");
    printf(") compadd -- ${(f)\"$(_todoctl_values %s)\"}; return ;;\n", metavar);
}

static int run_zsh(ctl_context *context, int count, char **arguments)
{
    (void)context;
    (void)count;
    (void)arguments;
    fputs("#compdef todoctl\n"
          "# zsh completion for todoctl, made by: todoctl completion zsh\n"
          "_todoctl_values()\n{\n    " VALUES "\n}\n"
          "_todoctl()\n{\n"
          "    local where='' i\n"
          "    local -a commands options\n"
          "    for ((i = 2; i < CURRENT; i++)); do\n"
          "        case ${words[i]} in\n        (",
          stdout);
    print_patterns(NULL, "|");
    fputs(") ((i++)) ;;\n        (-*) ;;\n        (*) where+=\" ${words[i]}\" ;;\n        esac\n    done\n"
          "    case ${words[CURRENT-1]} in\n    (",
          stdout);
    print_patterns("FILE", "|");
    fputs(") _files; return ;;\n"
          "    (--format|-f)\n        case $where in\n"
          "        (' export'*|' import'*) compadd " TRANSFER_FORMATS " ;;\n"
          "        (*) compadd " FORMATS " ;;\n        esac\n        return ;;\n"
          "    (--alg) compadd " ALGORITHMS "; return ;;\n    (--sort|-S) compadd -- ",
          stdout);
    print_sort_keys();
    fputs("; return ;;\n", stdout);
    print_zsh_values("PROFILE");
    print_zsh_values("USER");
    fputs("    (", stdout);
    print_patterns(NULL, "|");
    fputs(") return ;;\n    esac\n    options=(", stdout);
    print_zsh_table(global_options);
    fputs(" )\n    case $where in\n", stdout);
    each_command(print_zsh_options);
    fputs("    esac\n    case $where in\n", stdout);
    print_zsh_words();
    fputs("    (*) [[ ${words[CURRENT]} == -* ]] || { _files; return; } ;;\n"
          "    esac\n"
          "    if [[ ${words[CURRENT]} == -* ]]; then\n"
          "        _describe -o option options\n"
          "    else\n"
          "        _describe command commands\n"
          "    fi\n"
          "}\n"
          "_todoctl \"$@\"\n",
          stdout);
    return 0;
}

static void print_fish_description(const char *text)
{
    fputs(" -d '", stdout);
    print_quoted(text, false);
    puts("'");
}

static void print_fish_option(const char *condition, const option_spec *option, const char *formats)
{
    printf("complete -c todoctl %s -l %s", condition, option->name);
    if (option->letter != 0)
        printf(" -s %c", option->letter);
    if (option->metavar != NULL)
        fputs(strcmp(option->metavar, "FILE") == 0 ? " -r -F" : " -x", stdout);
    if (option->metavar != NULL && strcmp(option->metavar, "FORMAT") == 0)
        printf(" -a '%s'", formats);
    if (option->metavar != NULL && strcmp(option->metavar, "ALG") == 0)
        fputs(" -a '" ALGORITHMS "'", stdout);
    if (option->metavar != NULL && strcmp(option->metavar, "KEY") == 0) {
        fputs(" -a '", stdout);
        print_sort_keys();
        putchar('\'');
    }
    if (option->metavar != NULL &&
        (strcmp(option->metavar, "PROFILE") == 0 || strcmp(option->metavar, "USER") == 0))
        printf(" -a '(__todoctl_values %s)'", option->metavar);
    print_fish_description(option->help);
}

static void print_fish_table(const char *condition, const option_spec *table)
{
    for (; table != NULL && table->name != NULL; table++)
        print_fish_option(condition, table, TRANSFER_FORMATS);
}

/* Adds to `condition` that it is not a command with an option of its own by that name. */
static void exclude(char *condition, size_t size, const command_group *group, const char *option)
{
    for (const ctl_command *command = group->commands; command->run != NULL; command++) {
        size_t length = strlen(condition);
        if (options_find(command->options, option) != NULL)
            snprintf(condition + length, size - length, "%snot __todoctl_in %s%s%s",
                     length == 0 ? "-n '" : "; and ", group->name, command->name != NULL ? " " : "",
                     command->name != NULL ? command->name : "");
    }
}

static void print_fish_globals(void)
{
    for (const option_spec *option = global_options; option->name != NULL; option++) {
        char condition[512] = "";
        for (const command_group *const *group = command_groups; *group != NULL; group++)
            exclude(condition, sizeof(condition) - 1, *group, option->name);
        if (condition[0] != '\0')
            strcat(condition, "'");
        print_fish_option(condition, option, FORMATS);
    }
}

static void print_fish_command(const command_group *group, const ctl_command *command)
{
    char condition[128];
    const char *name = command->name;
    if (name != NULL) {
        printf("complete -c todoctl -n '__todoctl_at %s; or __todoctl_at help %s' -a %s", group->name,
               group->name, name);
        print_fish_description(command->summary);
    }
    snprintf(condition, sizeof(condition), "-n '__todoctl_in %s%s%s'", group->name, name != NULL ? " " : "",
             name != NULL ? name : "");
    if (strstr(command->arguments, "FILE") != NULL)
        printf("complete -c todoctl %s -F\n", condition);
    print_fish_table(condition, command->options);
}

static int run_fish(ctl_context *context, int count, char **arguments)
{
    (void)context;
    (void)count;
    (void)arguments;
    fputs("# fish completion for todoctl, made by: todoctl completion fish\n"
          "# The words of the command so far, without options and their arguments.\n"
          "function __todoctl_words\n"
          "    set -l skip 0\n"
          "    for word in (commandline -opc)[2..-1]\n"
          "        if test $skip = 1\n            set skip 0\n            continue\n        end\n"
          "        switch $word\n            case ",
          stdout);
    print_patterns(NULL, " ");
    fputs("\n                set skip 1\n"
          "            case '-*'\n"
          "            case '*'\n                echo $word\n"
          "        end\n    end\nend\n"
          "function __todoctl_values\n    sh -c '" VALUES "' sh $argv\nend\n"
          "function __todoctl_at\n    set -l words (__todoctl_words)\n    test \"$words\" = "
          "\"$argv\"\nend\n"
          "function __todoctl_in\n    set -l words (__todoctl_words)\n"
          "    string match -q -- \"$argv*\" \"$words\"\nend\n"
          "complete -c todoctl -f\n",
          stdout);
    for (const command_group *const *group = command_groups; *group != NULL; group++) {
        printf("complete -c todoctl -n '__todoctl_at; or __todoctl_at help' -a %s", (*group)->name);
        print_fish_description((*group)->summary);
    }
    each_command(print_fish_command);
    print_fish_globals();
    return 0;
}

static const ctl_command commands[] = {
    {.name = "bash",
     .arguments = "",
     .summary = "Print the completion script for bash",
     .help = "For this shell: source <(todoctl completion bash)",
     .run = run_bash},
    {.name = "zsh",
     .arguments = "",
     .summary = "Print the completion script for zsh",
     .help = "Into a file called _todoctl in a directory of $fpath.",
     .run = run_zsh},
    {.name = "fish",
     .arguments = "",
     .summary = "Print the completion script for fish",
     .help = "For this shell: todoctl completion fish | source",
     .run = run_fish},
    {.run = NULL},
};

const command_group group_completion = {
    "completion", "Completion scripts for the shells", false, commands, false, true};
