/*
 * CSV (RFC 4180) with a header. On input the columns may stand in any order, and unknown ones are ignored. An empty
 * field that is not quoted is absent, a quoted one is the empty text.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "csv.h"
#include "format.h"
#include "report.h"

#define COLUMNS_MAX 64 /* of a file, those that are ignored included */

typedef struct csv_state {
    const todo_field *columns[COLUMNS_MAX]; /* NULL: ignored */
    size_t count;
    char separator; /* the first of , ; and tab in the header; 0: not seen yet */
    ctl_text field;
    ctl_text values[COLUMNS_MAX]; /* of the latest record */
} csv_state;

/* The next field that a file has, from `*index` on, which is moved behind it; NULL at the end. */
static const todo_field *next_field(size_t *index)
{
    const todo_field *field;
    while ((field = todo_item_field_at(*index)) != NULL) {
        (*index)++;
        if (format_field(field->name) != NULL)
            break;
    }
    return field;
}

static void write_head(FILE *out)
{
    const char *separator = "";
    const todo_field *field;
    for (size_t i = 0; (field = next_field(&i)) != NULL; separator = ",")
        fprintf(out, "%s%s", separator, field->name);
    fputs("\r\n", out);
}

static void write_nothing(FILE *out)
{
    (void)out;
}

static void write(FILE *out, todo_buffer *scratch, const todo_item *item)
{
    char buffer[TODO_FIELD_TEXT_SIZE];
    const char *separator = "";
    const todo_field *field;
    (void)scratch;
    for (size_t i = 0; (field = next_field(&i)) != NULL; separator = ",") {
        const char *text = todo_field_format(field, item, buffer);
        fputs(separator, out);
        if (text != NULL)
            csv_write_field(out, text);
    }
    fputs("\r\n", out);
}

typedef enum field_end { FIELD_NEXT, FIELD_LAST, FIELD_BAD } field_end;

/* Reads what is between quotes; the first one was read. */
static bool read_quoted(record_reader *reader, ctl_text *field)
{
    for (;;) {
        int byte = input_byte(&reader->input);
        if (byte == '"') {
            if (input_peek(&reader->input) != '"')
                return true;
            input_byte(&reader->input);
        }
        if (byte == EOF || byte == '\0' || field->length == INPUT_LINE_MAX) {
            format_bad(reader, byte == EOF    ? "a quoted field does not end"
                               : byte == '\0' ? "a NUL byte"
                                              : "longer than 16 MiB");
            return false;
        }
        text_add(field, (char)byte);
    }
}

/* Reads a field and what ends it. */
static field_end read_field(record_reader *reader, ctl_text *field, char *separator, bool *ret_quoted)
{
    text_clear(field);
    *ret_quoted = input_peek(&reader->input) == '"';
    if (*ret_quoted) {
        input_byte(&reader->input);
        if (!read_quoted(reader, field))
            return FIELD_BAD;
    }
    for (;;) {
        int byte = input_byte(&reader->input);
        if (byte == '\r' && input_peek(&reader->input) == '\n')
            byte = input_byte(&reader->input);
        if (byte == '\r') { /* the line end of an old Macintosh */
            reader->input.at_start = true;
            return FIELD_LAST;
        }
        if (*separator == 0 && byte > 0 && strchr(",;\t", byte) != NULL)
            *separator = (char)byte;
        if (byte == *separator && byte != '\0')
            return FIELD_NEXT;
        if (byte == '\n' || byte == EOF)
            return FIELD_LAST;
        if (*ret_quoted || byte == '"' || byte == '\0' || field->length == INPUT_LINE_MAX) {
            format_bad(reader, "a field that is not quoted as RFC 4180 has it");
            return FIELD_BAD;
        }
        text_add(field, (char)byte);
    }
}

/* Which field a name of the header means: whatever its case, and the blanks around it. NULL: none. */
static const todo_field *find_column(const char *name)
{
    const todo_field *field;
    size_t length;
    name += strspn(name, " \t");
    length = strlen(name);
    while (length > 0 && strchr(" \t", name[length - 1]) != NULL)
        length--;
    for (size_t i = 0; (field = next_field(&i)) != NULL;)
        if (strlen(field->name) == length && strncasecmp(name, field->name, length) == 0)
            return field;
    return NULL;
}

/* Without a title nothing can be imported: the header is named, so that it can be compared with what is known. */
static bool check_header(record_reader *reader, const csv_state *state, const char *header)
{
    bool has_title = false;
    for (size_t i = 0; i < state->count; i++) {
        for (size_t before = 0; before < i; before++)
            if (state->columns[i] != NULL && state->columns[i] == state->columns[before]) {
                format_bad(reader, "the header has two columns %s", state->columns[i]->name);
                return false;
            }
        has_title =
            has_title || (state->columns[i] != NULL && state->columns[i]->item == offsetof(todo_item, title));
    }
    if (!has_title)
        format_bad(reader, "the header has no column title: %s", header[0] != '\0' ? header : "it is empty");
    return has_title;
}

static bool read_header(record_reader *reader, csv_state *state)
{
    char header[128] = "";
    field_end end;
    bool quoted;
    do {
        end = read_field(reader, &state->field, &state->separator, &quoted);
        if (end == FIELD_BAD)
            return false;
        if (state->count == COLUMNS_MAX) {
            format_bad(reader, "more than %d columns", COLUMNS_MAX);
            return false;
        }
        const char *name = state->field.data != NULL ? state->field.data : "";
        size_t length = strlen(header);
        snprintf(header + length, sizeof(header) - length, "%s%s", length > 0 ? ", " : "", name);
        state->columns[state->count++] = find_column(name);
    } while (end == FIELD_NEXT);
    if (state->separator == 0)
        state->separator = ','; /* one column */
    return check_header(reader, state, header);
}

/* Reads the fields of a record, up to its end even if one of them is refused. */
static input_result read_record(record_reader *reader, csv_state *state, ctl_record *ret_record)
{
    field_end end = FIELD_NEXT;
    bool good = true;
    size_t at = 0;
    for (; end == FIELD_NEXT; at++) {
        bool quoted;
        end = read_field(reader, &state->field, &state->separator, &quoted);
        if (end == FIELD_BAD)
            return INPUT_BAD;
        if (!good || at >= state->count || state->columns[at] == NULL ||
            (state->field.length == 0 && !quoted))
            continue;
        /* The field keeps the old value's memory, and the value what was read. */
        ctl_text value = state->field;
        state->field = state->values[at];
        state->values[at] = value;
        good = format_set(reader, ret_record, state->columns[at], value.data != NULL ? value.data : "");
    }
    if (at != state->count)
        return format_refuse(reader, "%s fields than the header has", at < state->count ? "fewer" : "more");
    return good ? format_end(reader, ret_record) : INPUT_REFUSED;
}

static input_result read(record_reader *reader, ctl_record *ret_record)
{
    if (reader->state == NULL) {
        reader->state = need_memory(calloc(1, sizeof(csv_state)));
        reader->line = 1;
        if (!read_header(reader, reader->state))
            return INPUT_BAD;
    }
    int next = input_peek(&reader->input);
    while (next == '\r' || next == '\n') { /* blank lines */
        input_byte(&reader->input);
        next = input_peek(&reader->input);
    }
    if (next == EOF)
        return ferror(reader->input.file) ? format_bad(reader, "it can't be read on") : INPUT_END;
    format_begin(ret_record);
    reader->line = reader->input.line + 1;
    return read_record(reader, reader->state, ret_record);
}

static void free_state(void *given)
{
    csv_state *state = given;
    if (state != NULL) {
        for (size_t i = 0; i < COLUMNS_MAX; i++)
            text_free(&state->values[i]);
        text_free(&state->field);
        free(state);
    }
}

const record_format format_csv = {
    .name = "csv",
    .extension = "csv",
    .write_head = write_head,
    .write = write,
    .write_tail = write_nothing,
    .read = read,
    .free_state = free_state,
};
