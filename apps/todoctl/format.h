/* The forms in which todos leave a store and come back: JSON Lines, CSV and iCalendar. Each loses nothing. */
#ifndef TODOCTL_FORMAT_H
#define TODOCTL_FORMAT_H

#include <stdio.h>

#include <todo/port/build.h>
#include <todo/todo.h>

#include "input.h"

#define PROBLEM_SIZE 256

/* What a reader found, one record after the other. */
typedef struct ctl_record {
    todo_item fields; /* the strings point into what the reader keeps until the next record */
    bool has_user;    /* whether the record says whose it is */
} ctl_record;

/* Where a reader is. */
typedef struct record_reader {
    ctl_input input;
    uint64_t line; /* where the latest record begins */
    char problem[PROBLEM_SIZE];
    void *state; /* the format's own; NULL before the first record */
} record_reader;

typedef struct record_format {
    const char *name;      /* of --format */
    const char *extension; /* of a file's name */

    /* Each writes to `out`, whose errors the caller looks at in the end. */
    void (*write_head)(FILE *out);
    void (*write)(FILE *out, todo_buffer *scratch, const todo_item *item);
    void (*write_tail)(FILE *out);

    /* Reads the next record. INPUT_BAD: `reader->problem` says why, and there is no going on. */
    input_result (*read)(record_reader *reader, ctl_record *ret_record);
    /* Releases the reader's state, which may be NULL. */
    void (*free_state)(void *state);
} record_format;

extern const record_format format_jsonl;
extern const record_format format_csv;
extern const record_format format_icalendar;

/*
 * The format called `name`; if that is NULL, the one of the file's extension; else JSON Lines. NULL for a name of none.
 */
const record_format *format_find(const char *name, const char *file);

/* Says what is wrong with a record and returns INPUT_BAD. */
input_result format_bad(record_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For readers: put the text of a member into a record, or say what is wrong with it. */
bool format_set_id(record_reader *reader, ctl_record *record, const char *text);
bool format_set_user(record_reader *reader, ctl_record *record, const char *text);
bool format_set_completed(record_reader *reader, ctl_record *record, const char *text);
bool format_set_time(record_reader *reader, const char *member, todo_time *time, const char *text);
bool format_set_version(record_reader *reader, ctl_record *record, const char *text);

/* Begins a record: what is not said is the default. */
void format_begin(record_reader *reader, ctl_record *record);
/* Ends one: whether it has what it needs. A time that was not said becomes that of the import, or the other one. */
input_result format_end(record_reader *reader, ctl_record *record, bool has_id);

#endif
