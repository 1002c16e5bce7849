#include "options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "command.h"
#include "output.h"
#include "report.h"

#define OPTIONS_MAX 32
#define LONG_ONLY   0x100 /* the codes of options without a letter start here */

/* The tables in the form that getopt_long takes. */
typedef struct ctl_parser {
    struct option longs[OPTIONS_MAX + 1];
    const option_spec *specs[OPTIONS_MAX];
    char shorts[2 * OPTIONS_MAX + 3];
    size_t count;
} ctl_parser;

static void add_table(ctl_parser *parser, const option_spec *table)
{
    for (; table != NULL && table->name != NULL; table++) {
        assert(parser->count < OPTIONS_MAX);
        int code = table->letter != 0 ? table->letter : LONG_ONLY + (int)parser->count;
        parser->longs[parser->count] = (struct option){
            table->name, table->metavar != NULL ? required_argument : no_argument, NULL, code};
        parser->specs[parser->count++] = table;
        if (table->letter != 0) {
            char text[3] = {table->letter, table->metavar != NULL ? ':' : 0, 0};
            strcat(parser->shorts, text);
        }
    }
}

static const option_spec *find(const ctl_parser *parser, int code)
{
    for (size_t i = 0; i < parser->count; i++)
        if (parser->longs[i].val == code)
            return parser->specs[i];
    return NULL;
}

static int refuse(int code, char **argv, const char *try_help)
{
    const char *word = argv[optind - 1];
    if (optopt > 0 && optopt < LONG_ONLY && strncmp(word, "--", 2) != 0) {
        return fail(EXIT_USAGE, try_help, code == ':' ? "option -%c needs an argument" : "unknown option -%c",
                    optopt);
    }
    return fail(EXIT_USAGE, try_help,
                code == ':' ? "option %s needs an argument"
                            : (optopt != 0 ? "option %s takes no argument" : "unknown option %s"),
                word);
}

int options_parse(const option_spec *first, const option_spec *second, bool stop, int argc, char **argv,
                  const char *try_help, int *ret_first)
{
    ctl_parser parser = {.count = 0};
    strcpy(parser.shorts, stop ? "+:" : ":");
    add_table(&parser, first);
    add_table(&parser, second);
    opterr = 0;
    optind = 0; /* glibc: start afresh, and read the leading + or : again */
    int code;
    while ((code = getopt_long(argc, argv, parser.shorts, parser.longs, NULL)) != -1) {
        const option_spec *spec = find(&parser, code);
        if (spec == NULL)
            return refuse(code, argv, try_help);
        if (spec->metavar != NULL)
            *spec->text = optarg;
        else
            *spec->flag = true;
    }
    *ret_first = optind;
    return 0;
}

const option_spec *options_find(const option_spec *table, const char *name)
{
    for (; table != NULL && table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

void options_print(const option_spec *table, const option_spec *hiding, FILE *out)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (options_find(hiding, table->name) != NULL)
            continue;
        char text[64];
        char letter[8] = "    ";
        if (table->letter != 0)
            snprintf(letter, sizeof(letter), "-%c, ", table->letter);
        snprintf(text, sizeof(text), "%s--%s%s%s", letter, table->name, table->metavar != NULL ? " " : "",
                 table->metavar != NULL ? table->metavar : "");
        fprintf(out, "  %-28s ", text);
        print_wrapped(table->help, 31, out);
    }
}
