/* Puts todos into a store as they are, in batches, each in one transaction; those that are there already are let be. */
#ifndef TODOCTL_IMPORTER_H
#define TODOCTL_IMPORTER_H

#include "command.h"

#define IMPORT_BATCH 1000u

typedef struct ctl_importer {
    ctl_context *context;
    bool dry_run;                         /* looks, but writes nothing */
    const todo_item *items[IMPORT_BATCH]; /* all of one user; a reference each */
    size_t count;
    bool expect_known; /* whether the batch before had items that were there: then look before writing */
    bool failed;       /* nothing is written any more */
    uint64_t added;
    uint64_t known;    /* were there already, */
    uint64_t in_trash; /* known ones of this batch that are in the trash, where the file does not have them */
    uint64_t trashed;  /* so many of them in the trash, where the file does not have them */
} ctl_importer;

/* Takes the reference. Returns 0, or an exit code after a line on stderr. */
int importer_add(ctl_importer *importer, const todo_item *item);

/* Writes what is left. As importer_add. */
int importer_flush(ctl_importer *importer);

/* Drops what was not written. */
void importer_clear(ctl_importer *importer);

#endif
