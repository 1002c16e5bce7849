/*
 * CSV (RFC 4180) with a header. On input the columns may stand in any order, and unknown ones are ignored. An empty
 * field that is not quoted is absent, a quoted one is the empty text.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "csv.h"
#include "format.h"
#include "report.h"

typedef enum ctl_column {
    COLUMN_ID,
    COLUMN_USER,
    COLUMN_TITLE,
    COLUMN_DESCRIPTION,
    COLUMN_COMPLETED,
    COLUMN_CREATED,
    COLUMN_UPDATED,
    COLUMN_VERSION,
    COLUMN_DELETED,
    COLUMN_COUNT
} ctl_column;

static const char *const names[COLUMN_COUNT] = {"id",          "user_id",   "title",
                                                "description", "completed", "created_at",
                                                "updated_at",  "version",   "deleted_at"};

#define COLUMNS_MAX 64 /* of a file, those that are ignored included */

typedef struct csv_state {
    ctl_column columns[COLUMNS_MAX]; /* COLUMN_COUNT: ignored */
    size_t count;
    char separator; /* the first of , ; and tab in the header; 0: not seen yet */
    ctl_text field;
    ctl_text values[COLUMN_COUNT]; /* of the latest record */
} csv_state;

static void write_head(FILE *out)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(out, "%s%s", names[i], i + 1 < COLUMN_COUNT ? "," : "\r\n");
}

static void write_nothing(FILE *out)
{
    (void)out;
}

static void write(FILE *out, todo_buffer *scratch, const todo_item *item)
{
    char id[TODO_UUID_TEXT_SIZE], user[TODO_UUID_TEXT_SIZE];
    char created[TODO_TIME_TEXT_SIZE], updated[TODO_TIME_TEXT_SIZE], deleted[TODO_TIME_TEXT_SIZE] = "";
    (void)scratch;
    todo_uuid_format(&item->id, id);
    todo_uuid_format(&item->user_id, user);
    todo_time_format(item->created_at, created);
    todo_time_format(item->updated_at, updated);
    fprintf(out, "%s,%s,", id, user);
    csv_write_field(out, item->title);
    putc_unlocked(',', out);
    if (item->description != NULL)
        csv_write_field(out, item->description);
    if (item->deleted_at != 0)
        todo_time_format(item->deleted_at, deleted);
    fprintf(out, ",%s,%s,%s,%lld,%s\r\n", item->completed ? "true" : "false", created, updated,
            (long long)item->version, deleted);
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

/* Which column a name of the header means: whatever its case, and the blanks around it. COLUMN_COUNT: none. */
static ctl_column find_column(const char *name)
{
    size_t i = 0, length;
    name += strspn(name, " \t");
    length = strlen(name);
    while (length > 0 && strchr(" \t", name[length - 1]) != NULL)
        length--;
    while (i < COLUMN_COUNT && (strlen(names[i]) != length || strncasecmp(name, names[i], length) != 0))
        i++;
    return (ctl_column)i;
}

/* Without a title nothing can be imported: the header is named, so that it can be compared with what is known. */
static bool check_header(record_reader *reader, const csv_state *state, const char *header)
{
    unsigned seen[COLUMN_COUNT + 1] = {0};
    for (size_t i = 0; i < state->count; i++)
        if (++seen[state->columns[i]] > 1 && state->columns[i] != COLUMN_COUNT) {
            format_bad(reader, "the header has two columns %s", names[state->columns[i]]);
            return false;
        }
    if (seen[COLUMN_TITLE] == 0)
        format_bad(reader, "the header has no column title: %s", header[0] != '\0' ? header : "it is empty");
    return seen[COLUMN_TITLE] != 0;
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

static bool set_column(record_reader *reader, ctl_record *record, ctl_column column, const char *text)
{
    switch (column) {
    case COLUMN_ID:
        return format_set_id(reader, record, text);
    case COLUMN_USER:
        return format_set_user(reader, record, text);
    case COLUMN_TITLE:
        record->fields.title = text;
        return true;
    case COLUMN_DESCRIPTION:
        record->fields.description = text;
        return true;
    case COLUMN_COMPLETED:
        return format_set_completed(reader, record, text);
    case COLUMN_CREATED:
        return format_set_time(reader, names[column], &record->fields.created_at, text);
    case COLUMN_UPDATED:
        return format_set_time(reader, names[column], &record->fields.updated_at, text);
    case COLUMN_VERSION:
        return format_set_version(reader, record, text);
    case COLUMN_DELETED:
        return format_set_time(reader, names[column], &record->fields.deleted_at, text);
    default:
        return true;
    }
}

static input_result read_record(record_reader *reader, csv_state *state, ctl_record *ret_record)
{
    field_end end = FIELD_NEXT;
    bool has_id = false;
    size_t at = 0;
    for (; end == FIELD_NEXT; at++) {
        bool quoted;
        end = read_field(reader, &state->field, &state->separator, &quoted);
        if (end == FIELD_BAD)
            return INPUT_BAD;
        if (at >= state->count)
            return format_bad(reader, "more fields than the header has");
        ctl_column column = state->columns[at];
        if (column == COLUMN_COUNT || (state->field.length == 0 && !quoted))
            continue;
        /* The field keeps the old value's memory, and the value what was read. */
        ctl_text value = state->field;
        state->field = state->values[column];
        state->values[column] = value;
        if (!set_column(reader, ret_record, column, value.data != NULL ? value.data : ""))
            return INPUT_BAD;
        has_id = has_id || column == COLUMN_ID;
    }
    if (at < state->count)
        return format_bad(reader, "fewer fields than the header has");
    return format_end(reader, ret_record, has_id);
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
    format_begin(reader, ret_record);
    reader->line = reader->input.line + 1;
    return read_record(reader, reader->state, ret_record);
}

static void free_state(void *given)
{
    csv_state *state = given;
    if (state != NULL) {
        for (size_t i = 0; i < COLUMN_COUNT; i++)
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
