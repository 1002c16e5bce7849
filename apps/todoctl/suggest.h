/* What may have been meant by a word that is no command. */
#ifndef TODOCTL_SUGGEST_H
#define TODOCTL_SUGGEST_H

#include "command.h"

/*
 * Writes into `text` the command line that is nearest to a word that is none of `group`'s commands, or, with NULL, no
 * group. Without one that is near, that of the help.
 */
void suggest(const command_group *group, const char *word, char *text, size_t size);

#endif
