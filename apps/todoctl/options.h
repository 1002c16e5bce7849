/* A table-driven layer over getopt_long(3): one table says what is parsed and what --help tells about it. */
#ifndef TODOCTL_OPTIONS_H
#define TODOCTL_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

typedef struct option_spec {
    const char *name;    /* the long name */
    char letter;         /* the short one, or 0 */
    const char *metavar; /* what stands for the argument in --help; NULL when there is none */
    const char *help;
    const char **text; /* where the argument goes; with a metavar */
    bool *flag;        /* what becomes true; without one */
} option_spec;

/* Ends a table. */
#define OPTION_END                      \
    {                                   \
        NULL, 0, NULL, NULL, NULL, NULL \
    }

/*
 * Parses argv[1] and on against two tables (either may be NULL). With `stop` the first argument that is no option ends
 * it, else options may stand anywhere before "--". `ret_first` is the index of the first argument. Returns 0, or
 * EXIT_USAGE after a line on stderr that names `try_help` as what to try.
 */
int options_parse(const option_spec *first, const option_spec *second, bool stop, int argc, char **argv,
                  const char *try_help, int *ret_first);

/* Prints a table as part of --help, but for what has the name of one in `hiding`, which may be NULL. */
void options_print(const option_spec *table, const option_spec *hiding, FILE *out);

/* The option of this name; NULL if the table, which may be NULL, has none. */
const option_spec *options_find(const option_spec *table, const char *name);

#endif
