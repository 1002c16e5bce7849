/* How far a long command is, in one line on stderr that is drawn over and over: on a terminal only. */
#ifndef TODOCTL_PROGRESS_H
#define TODOCTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ctl_progress {
    bool shown;       /* whether stderr is a terminal */
    const char *verb; /* such as "imported" */
    uint64_t total;   /* bytes; 0: not known */
    int64_t start;    /* microseconds */
    int64_t drawn;    /* when it was drawn last */
} ctl_progress;

void progress_begin(ctl_progress *progress, const char *verb, uint64_t total);

/* Draws it, ten times a second at most. */
void progress_update(ctl_progress *progress, uint64_t bytes, uint64_t todos);

/* Wipes the line for good. */
void progress_end(ctl_progress *progress);

/* Wipes the line, if one is drawn, to make room for another. */
void progress_make_room(void);

#endif
