/* Results on stdout: tables for people, JSON for programs. */
#ifndef TODOCTL_OUTPUT_H
#define TODOCTL_OUTPUT_H

#include <stddef.h>
#include <stdio.h>

#include <json-c/json.h>
#include <todo/todo.h>

/*
 * A table: a line of headers, then rows, columns aligned by the width that the terminal gives the text. On a terminal
 * the last column is cut so that a row stays one line. The headers are static.
 */
typedef struct ctl_table ctl_table;

ctl_table *table_new(const char *const *headers, size_t columns);

/* Adds a row; the cells are copied. Control characters are shown as blanks. */
void table_add(ctl_table *table, const char *const *cells);

/* Prints the rows so far, under the headers if they have not been printed, and forgets them. Nothing without rows. */
void table_flush(ctl_table *table);

void table_free(ctl_table *table);

/* How results are written: --format. Everything but a table is for programs, and made of JSON objects. */
typedef enum output_format {
    OUTPUT_TABLE,
    OUTPUT_JSON,       /* one value, or an array */
    OUTPUT_JSON_LINES, /* an object a line */
    OUTPUT_CSV,        /* RFC 4180, with a header of the members of the first object */
    OUTPUT_IDS         /* of each object the id, a line each */
} output_format;

/* The names of the formats in their order, which ends with NULL. */
extern const char *const output_format_names[];

/* Sets the format for this run; OUTPUT_TABLE before. */
void output_set_format(output_format format);

/* Whether results of several parts are better written as a list of these: CSV and JSON Lines have no nested lists. */
bool output_is_flat(void);

/* A list of results, written as it comes, or a table. */
typedef struct list_output {
    bool json; /* not a table */
    size_t count;
    ctl_table *table; /* NULL with `json` */
    todo_buffer *buffer;
} list_output;

void list_begin(list_output *list, bool json, const char *const *headers, size_t columns);
/* How the next element is written; with `json` only. */
void list_add_item(list_output *list, const todo_item *item);
void list_add_user(list_output *list, const todo_user *user);
void list_add_object(list_output *list, json_object *object); /* takes the reference */
void list_end(list_output *list);

/* Prints one JSON value and a line end. The object's reference is taken. */
void print_object(json_object *object);
void print_item(const todo_item *item);
void print_user(const todo_user *user);

/* How many todos something was done to, or would be: "Purged 2 todos.", and as JSON `member` with the number. */
void print_todo_count(bool json, bool dry_run, const char *member, const char *done, uint64_t count);

/* A time for people: the local date and time to the minute. `text` is of TIME_TEXT_SIZE bytes. */
#define TIME_TEXT_SIZE 32
void time_for_people(todo_time time, char *text);

/* A time as a JSON string (RFC 3339), or null for 0. */
json_object *json_time(todo_time time);

/* The columns that a text takes on a terminal. */
size_t text_width(const char *text);

/* Prints the words of a text in lines of 80 columns, all but the first indented, and a line end. */
void print_wrapped(const char *text, size_t indent, FILE *out);

/* Makes sure that all has been written. Returns 0, or an exit code after a line on stderr. */
int output_finish(void);

#endif
