/* The texts of --help, made from the tables. */
#ifndef TODOCTL_HELP_H
#define TODOCTL_HELP_H

#include <stdio.h>

#include "command.h"

extern const command_group *const command_groups[]; /* ends with NULL */
extern const option_spec global_options[];

/* The group of that name, and the command of it of that name; NULL for none. */
const command_group *help_find_group(const char *name);
const ctl_command *help_find_command(const command_group *group, const char *name);

void help_overview(FILE *out);
void help_group(const command_group *group);
void help_command(const command_group *group, const ctl_command *command);

#endif
