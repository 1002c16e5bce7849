/* The forms in which todos leave a store and come back: JSON Lines, CSV and iCalendar. Each loses nothing. */
#ifndef TODOCTL_FORMAT_H
#define TODOCTL_FORMAT_H

#include <stdio.h>

#include <todo/fields.h>
#include <todo/port/build.h>
#include <todo/todo.h>

#include "input.h"

#define PROBLEM_SIZE 256

/* What a reader found, one record after the other. */
typedef struct ctl_record {
    todo_item fields; /* the strings point into what the reader keeps until the next record */
    bool has_id;
    bool has_user;
    const char *foreign_id; /* without `has_id`: what another program calls the todo; NULL for nothing */
} ctl_record;

/* Where a reader is. */
typedef struct record_reader {
    ctl_input input;
    uint64_t line; /* where the latest record begins */
    char problem[PROBLEM_SIZE];
    const char
        *warning; /* what is odd about the whole text and does no harm, once it has ended; NULL for nothing */
    uint64_t occurrences; /* changed occurrences of recurring todos, which were passed over */
    void *state;          /* the format's own; NULL before the first record */
} record_reader;

typedef struct record_format {
    const char *name;      /* of --format */
    const char *extension; /* of a file's name */

    /* Each writes to `out`, whose errors the caller looks at in the end. */
    void (*write_head)(FILE *out);
    void (*write)(FILE *out, todo_buffer *scratch, const todo_item *item);
    void (*write_tail)(FILE *out);

    /* Reads the next record. INPUT_REFUSED, INPUT_BAD: `reader->problem` says why. */
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

/* A field by its name in a file; NULL if there is none that a file may set. */
const todo_field *format_field(const char *name);

/* Says what is wrong and returns INPUT_BAD: nothing that follows can be read. */
input_result format_bad(record_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says what is wrong with a record and returns INPUT_REFUSED: the reader stands behind it and can go on. */
input_result format_refuse(record_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Begins a record: each field has its default. */
void format_begin(ctl_record *record);

/* Puts the text of a field into a record; NULL for null, which is the same as absent. False after format_refuse. */
bool format_set(record_reader *reader, ctl_record *record, const todo_field *field, const char *text);

/* Ends a record: whether it has what it needs. A time that is absent becomes that of the import, or the other one. */
input_result format_end(record_reader *reader, ctl_record *record);

#endif
