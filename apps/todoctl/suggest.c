#include "suggest.h"

#include <stdio.h>
#include <string.h>

#include "help.h"

#define WORD_MAX 24 /* no command is as long */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters have to be changed, added, dropped or swapped with their neighbour; WORD_MAX for what is too long. */
static size_t distance(const char *from, const char *to)
{
    size_t rows[3][WORD_MAX + 1] = {{0}}; /* of the row before the last, the last and this one, in turn */
    size_t width = strlen(to);
    if (strlen(from) > WORD_MAX || width > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= width; j++)
        rows[0][j] = j;
    for (size_t i = 1; from[i - 1] != '\0'; i++) {
        size_t *row = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (from[i - 1] != to[j - 1]));
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                row[j] = least(row[j], rows[(i + 1) % 3][j - 2] + 1);
        }
    }
    return rows[strlen(from) % 3][width];
}

/* The nearest so far. */
typedef struct nearest {
    const char *word;
    size_t distance;
    char *text;
    size_t size;
} nearest;

static void consider(nearest *so_far, const char *candidate, const char *group, const char *command)
{
    size_t away = distance(so_far->word, candidate);
    if (away >= so_far->distance)
        return;
    so_far->distance = away;
    snprintf(so_far->text, so_far->size, "todoctl %s%s%s", group, command != NULL ? " " : "",
             command != NULL ? command : "");
}

static void consider_commands(nearest *so_far, const command_group *group)
{
    for (const ctl_command *command = group->commands; command->run != NULL; command++)
        if (command->name != NULL)
            consider(so_far, command->name, group->name, command->name);
}

void suggest(const command_group *group, const char *word, char *text, size_t size)
{
    nearest so_far = {word, strlen(word) / 3 + 1, text, size};
    snprintf(text, size, "todoctl %s%s--help", group != NULL ? group->name : "", group != NULL ? " " : "");
    if (strlen(word) > 5)
        so_far.distance++; /* two slips of the finger */
    if (group != NULL) {
        consider_commands(&so_far, group);
        return;
    }
    for (const command_group *const *each = command_groups; *each != NULL; each++)
        consider(&so_far, (*each)->name, (*each)->name, NULL);
    /* A command without its group, but only as it is: near to a word there are many. */
    so_far.distance = least(so_far.distance, 1);
    for (const command_group *const *each = command_groups; *each != NULL; each++)
        consider_commands(&so_far, *each);
}
