/*
 * iCalendar (RFC 5545): a VTODO each. What its properties can't hold exactly (microseconds, the version, the owner,
 * control characters) stands in properties of our own beside them, which win on input.
 *
 * Read by hand because libical holds a whole calendar in memory, and a calendar here may hold a million todos.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>
#include <todo/zone.h>

#include "format.h"
#include "report.h"

#define LINE_OCTETS     75 /* of a line, without its end (3.1) */

#define OWN_USER        "X-TODO-USER"
#define OWN_CREATED     "X-TODO-CREATED"
#define OWN_UPDATED     "X-TODO-UPDATED"
#define OWN_DELETED     "X-TODO-DELETED"
#define OWN_VERSION     "X-TODO-VERSION"
#define OWN_TITLE       "X-TODO-TITLE"
#define OWN_DESCRIPTION "X-TODO-DESCRIPTION"

/* Writing */

static void write_head(FILE *out)
{
    fputs("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//libtodo//todoctl//EN\r\n", out);
}

static void write_tail(FILE *out)
{
    fputs("END:VCALENDAR\r\n", out);
}

/* A content line that is being written: folded as it grows, never inside a character. */
typedef struct content_line {
    FILE *out;
    size_t octets; /* on the current line */
} content_line;

static content_line begin_line(FILE *out, const char *name)
{
    fprintf(out, "%s:", name);
    return (content_line){out, strlen(name) + 1};
}

static void end_line(content_line *line)
{
    fputs("\r\n", line->out);
}

static void put_character(content_line *line, const char *bytes, size_t length)
{
    if (line->octets + length > LINE_OCTETS) {
        fputs("\r\n ", line->out);
        line->octets = 1;
    }
    fwrite(bytes, 1, length, line->out);
    line->octets += length;
}

static size_t character_length(const char *at)
{
    unsigned char first = (unsigned char)at[0];
    size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return strnlen(at, length);
}

static bool is_control(char byte)
{
    return ((unsigned char)byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
}

/* A TEXT value (3.3.11). `control` stands for each control character, which it can't hold. */
static void put_text(content_line *line, const char *text, const char *control)
{
    while (*text != '\0') {
        size_t length = character_length(text);
        if (*text == '\n')
            put_character(line, "\\n", 2);
        else if (is_control(*text))
            put_character(line, control, strlen(control));
        else if (strchr("\\;,", *text) != NULL)
            put_character(line, (const char[]){'\\', *text}, 2);
        else
            put_character(line, text, length);
        text += length;
    }
}

static void write_property(FILE *out, const char *name, const char *text, const char *control)
{
    content_line line = begin_line(out, name);
    put_text(&line, text, control);
    end_line(&line);
}

/* Writes a text, and if TEXT can't hold it also the JSON string of it under `own_name`. */
static void write_text(FILE *out, todo_buffer *scratch, const char *name, const char *own_name,
                       const char *text)
{
    const char *at = text;
    write_property(out, name, text, "\xef\xbf\xbd"); /* U+FFFD */
    while (*at != '\0' && !is_control(*at))
        at++;
    if (*at != '\0') {
        todo_buffer_truncate(scratch, 0);
        need_memory(todo_json_write_string(scratch, text, NULL) == TODO_OK ? scratch : NULL);
        write_property(out, own_name, todo_buffer_data(scratch), "\\\\u007f"); /* all that JSON leaves */
    }
}

/* A time as DATE-TIME in UTC (3.3.5), and exactly under `own_name` if there is more to it. */
static void write_time(FILE *out, const char *name, const char *own_name, todo_time time)
{
    char text[TODO_TIME_TEXT_SIZE];
    todo_time_format(time, text);
    fprintf(out, "%s:%.4s%.2s%.2sT%.2s%.2s%.2sZ\r\n", name, text, text + 5, text + 8, text + 11, text + 14,
            text + 17);
    if (own_name != NULL)
        fprintf(out, "%s:%s\r\n", own_name, text);
}

static void write(FILE *out, todo_buffer *scratch, const todo_item *item)
{
    char id[TODO_UUID_TEXT_SIZE], user[TODO_UUID_TEXT_SIZE], deleted[TODO_TIME_TEXT_SIZE];
    todo_uuid_format(&item->id, id);
    todo_uuid_format(&item->user_id, user);
    fprintf(out, "BEGIN:VTODO\r\nUID:%s\r\n", id);
    write_time(out, "DTSTAMP", NULL, item->updated_at);
    write_time(out, "CREATED", OWN_CREATED, item->created_at);
    write_time(out, "LAST-MODIFIED", OWN_UPDATED, item->updated_at);
    write_text(out, scratch, "SUMMARY", OWN_TITLE, item->title);
    if (item->description != NULL)
        write_text(out, scratch, "DESCRIPTION", OWN_DESCRIPTION, item->description);
    fprintf(out, "STATUS:%s\r\n", item->completed ? "COMPLETED" : "NEEDS-ACTION");
    if (item->deleted_at != 0) {
        todo_time_format(item->deleted_at, deleted);
        fprintf(out, "%s:%s\r\n", OWN_DELETED, deleted);
    }
    fprintf(out, "%s:%lld\r\n%s:%s\r\nEND:VTODO\r\n", OWN_VERSION, (long long)item->version, OWN_USER, user);
}

/* Reading */

typedef enum ctl_property {
    PROPERTY_UID,
    PROPERTY_SUMMARY,
    PROPERTY_DESCRIPTION,
    PROPERTY_STATUS,
    PROPERTY_PERCENT,
    PROPERTY_COMPLETED,
    PROPERTY_RECURRENCE,
    PROPERTY_CREATED,
    PROPERTY_MODIFIED,
    PROPERTY_OWN_USER,
    PROPERTY_OWN_CREATED,
    PROPERTY_OWN_UPDATED,
    PROPERTY_OWN_DELETED,
    PROPERTY_OWN_VERSION,
    PROPERTY_OWN_TITLE,
    PROPERTY_OWN_DESCRIPTION,
    PROPERTY_COUNT
} ctl_property;

static const char *const names[PROPERTY_COUNT] = {
    "UID",           "SUMMARY",   "DESCRIPTION",   "STATUS",        "PERCENT-COMPLETE", "COMPLETED",
    "RECURRENCE-ID", "CREATED",   "LAST-MODIFIED", OWN_USER,        OWN_CREATED,        OWN_UPDATED,
    OWN_DELETED,     OWN_VERSION, OWN_TITLE,       OWN_DESCRIPTION,
};

typedef struct icalendar_state {
    ctl_text line;                   /* unfolded */
    ctl_text part;                   /* one line of it */
    ctl_text values[PROPERTY_COUNT]; /* of the latest VTODO */
    ctl_text zones[PROPERTY_COUNT];  /* their TZID; "" for none */
    bool present[PROPERTY_COUNT];
    ctl_text whole; /* the VTODO's lines but DTSTAMP: its name if it has no UID */
    bool open;      /* a VCALENDAR has begun and not ended */
} icalendar_state;

/* Reads a content line with what is folded behind it (3.1). */
static input_result read_line(record_reader *reader, icalendar_state *state)
{
    const char *problem;
    input_result result = input_line(&reader->input, &state->line, &problem);
    int next;
    while (result == INPUT_OK && ((next = input_peek(&reader->input)) == ' ' || next == '\t')) {
        input_byte(&reader->input);
        result = input_line(&reader->input, &state->part, &problem);
        if (result == INPUT_OK && state->line.length + state->part.length > INPUT_LINE_MAX) {
            problem = "longer than 16 MiB";
            result = INPUT_BAD;
        }
        for (size_t i = 0; result == INPUT_OK && i < state->part.length; i++)
            text_add(&state->line, state->part.data[i]);
        result = result == INPUT_END ? INPUT_OK : result; /* a lone blank at the end */
    }
    return result == INPUT_BAD ? format_bad(reader, "%s", problem) : result;
}

/* Where the value of a content line begins; NULL when there is none. Parameters may have quoted colons (3.2). */
static char *value_of(char *line)
{
    bool quoted = false;
    for (; *line != '\0'; line++) {
        quoted = quoted != (*line == '"');
        if (*line == ':' && !quoted)
            return line + 1;
    }
    return NULL;
}

/* Undoes the escapes of a TEXT value in place. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text != '\0'; text++) {
        if (*text == '\\' && text[1] != '\0') {
            text++;
            *to++ = *text == 'n' || *text == 'N' ? '\n' : *text;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

static void set_text(ctl_text *text, const char *value, size_t length)
{
    text_clear(text);
    for (size_t i = 0; i < length; i++)
        text_add(text, value[i]);
}

/* Keeps the parameter TZID of the line's property (3.2.19), if it has one. */
static void keep_zone(ctl_text *zone, const char *line, const char *value)
{
    text_clear(zone);
    for (const char *at = strchr(line, ';'); at != NULL && at < value; at = strchr(at + 1, ';')) {
        if (strncasecmp(at, ";TZID=", 6) == 0) {
            at += 6 + (at[6] == '"');
            set_text(zone, at, strcspn(at, "\";:"));
            return;
        }
    }
}

static void keep_property(icalendar_state *state, const char *value)
{
    const char *line = state->line.data;
    size_t length = strcspn(line, ";:");
    if (strncasecmp(line, "DTSTAMP", length) != 0)
        for (const char *at = line; *at != '\0' && state->whole.length < INPUT_LINE_MAX; at++)
            text_add(&state->whole, *at);
    for (size_t i = 0; i < PROPERTY_COUNT; i++) {
        if (strlen(names[i]) == length && strncasecmp(line, names[i], length) == 0) {
            set_text(&state->values[i], value, strlen(value));
            keep_zone(&state->zones[i], line, value);
            if (state->values[i].data != NULL)
                unescape(state->values[i].data);
            state->present[i] = true;
            return;
        }
    }
}

static const char *text_of(const icalendar_state *state, ctl_property property)
{
    const char *data = state->values[property].data;
    return !state->present[property] ? NULL : data != NULL ? data : "";
}

/*
 * Opens the zone that a TZID names. Behind a slash, which makes it "globally unique" (3.2.19), stands a name of the
 * database after the words of some vendor.
 */
static todo_zone *open_zone(const char *name)
{
    todo_zone *zone = NULL;
    bool prefixed = name[0] == '/';
    while (todo_zone_open(name + (name[0] == '/'), &zone, NULL) != TODO_OK && prefixed) {
        name = strchr(name + 1, '/');
        if (name == NULL)
            break;
    }
    return zone;
}

/* Moves a time that was read as if it were UTC to where the zone of its property has it. */
static bool apply_zone(record_reader *reader, const icalendar_state *state, ctl_property property,
                       todo_time *time)
{
    if (state->zones[property].length == 0)
        return true; /* a floating time: taken as UTC */
    todo_zone *zone = open_zone(state->zones[property].data);
    if (zone == NULL) {
        format_refuse(reader, "%s is in the time zone \"%.100s\", which this system does not know",
                      names[property], state->zones[property].data);
        return false;
    }
    todo_zone_to_time(zone, *time, time, NULL);
    todo_zone_close(zone);
    return true;
}

/* Takes a DATE-TIME (3.3.5) in UTC, in the zone of its TZID, or floating. */
static bool set_date_time(record_reader *reader, const icalendar_state *state, ctl_property property,
                          todo_time *time)
{
    const char *t = text_of(state, property);
    size_t length = strlen(t);
    char text[32];
    bool utc = length == 16 && t[15] == 'Z';
    snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", t, t + (length > 4 ? 4 : 0),
             t + (length > 6 ? 6 : 0), t + (length > 9 ? 9 : 0), t + (length > 11 ? 11 : 0),
             t + (length > 13 ? 13 : 0));
    if ((length != 15 && !utc) || t[8] != 'T' || strspn(t, "0123456789") != 8 ||
        strspn(t + 9, "0123456789") != 6 || todo_time_parse(text, time, NULL) != TODO_OK) {
        format_refuse(reader, "%s is \"%.100s\", no date with a time of iCalendar", names[property], t);
        return false;
    }
    return utc || apply_zone(reader, state, property, time);
}

/* Takes the field of a property of our own, which is exact, if it is there. */
static bool set_own(record_reader *reader, const icalendar_state *state, ctl_record *record, ctl_property own,
                    const char *field)
{
    return format_set(reader, record, format_field(field), text_of(state, own));
}

/* The exact time if it is there, else the one of the standard's property. */
static bool set_time(record_reader *reader, const icalendar_state *state, ctl_property own,
                     ctl_property standard, todo_time *time)
{
    if (state->present[own])
        return todo_time_parse(text_of(state, own), time, NULL) == TODO_OK ||
               (format_refuse(reader, "%s is \"%.100s\", no time of RFC 3339", names[own],
                              text_of(state, own)),
                false);
    return !state->present[standard] || set_date_time(reader, state, standard, time);
}

/* Puts the text that a JSON string says in its place. */
static bool decode(record_reader *reader, icalendar_state *state, ctl_property own, ctl_property standard)
{
    if (!state->present[own])
        return true;
    json_object *string = json_tokener_parse(text_of(state, own));
    bool good = json_object_is_type(string, json_type_string) &&
                strlen(json_object_get_string(string)) == (size_t)json_object_get_string_len(string);
    if (good) {
        set_text(&state->values[standard], json_object_get_string(string),
                 (size_t)json_object_get_string_len(string));
        state->present[standard] = true;
    } else {
        format_refuse(reader, "%s is no JSON string", names[own]);
    }
    json_object_put(string);
    return good;
}

/* Whether it is done: STATUS says so, else a time of completion or the percentage does. */
static bool is_completed(const icalendar_state *state)
{
    const char *status = text_of(state, PROPERTY_STATUS);
    const char *percent = text_of(state, PROPERTY_PERCENT);
    if (status != NULL)
        return strcasecmp(status, "COMPLETED") == 0;
    return state->present[PROPERTY_COMPLETED] || (percent != NULL && strcmp(percent, "100") == 0);
}

/* The UID may be any text (3.8.4.7): if it is not a UUID, or is missing, the importer makes a UUID of it. */
static void set_uid(const icalendar_state *state, ctl_record *record)
{
    const char *uid = text_of(state, PROPERTY_UID);
    record->has_id = uid != NULL && todo_uuid_parse(uid, &record->fields.id, NULL) == TODO_OK;
    if (!record->has_id)
        record->foreign_id = uid != NULL && uid[0] != '\0' ? uid : state->whole.data;
}

static input_result make_record(record_reader *reader, icalendar_state *state, ctl_record *ret_record)
{
    todo_item *fields = &ret_record->fields;
    if (!set_own(reader, state, ret_record, PROPERTY_OWN_USER, "user_id") ||
        !set_own(reader, state, ret_record, PROPERTY_OWN_VERSION, "version") ||
        !set_own(reader, state, ret_record, PROPERTY_OWN_DELETED, "deleted_at") ||
        !set_time(reader, state, PROPERTY_OWN_CREATED, PROPERTY_CREATED, &fields->created_at) ||
        !set_time(reader, state, PROPERTY_OWN_UPDATED, PROPERTY_MODIFIED, &fields->updated_at) ||
        !decode(reader, state, PROPERTY_OWN_TITLE, PROPERTY_SUMMARY) ||
        !decode(reader, state, PROPERTY_OWN_DESCRIPTION, PROPERTY_DESCRIPTION))
        return INPUT_REFUSED;
    set_uid(state, ret_record);
    fields->title = text_of(state, PROPERTY_SUMMARY);
    fields->description = text_of(state, PROPERTY_DESCRIPTION);
    fields->completed = is_completed(state);
    return format_end(reader, ret_record);
}

/* Reads the properties of a VTODO up to its end; those of a component inside it (a VALARM) are passed over. */
static input_result read_todo(record_reader *reader, icalendar_state *state, ctl_record *ret_record)
{
    unsigned depth = 0;
    bool good = true;
    memset(state->present, 0, sizeof(state->present));
    text_clear(&state->whole);
    format_begin(ret_record);
    for (;;) {
        input_result result = read_line(reader, state);
        char *value = result == INPUT_OK && state->line.data != NULL ? value_of(state->line.data) : NULL;
        if (result != INPUT_OK)
            return result == INPUT_END ? format_bad(reader, "a VTODO does not end") : result;
        if (value == NULL) {
            if (good)
                format_refuse(reader, "the todo has a line that is no content line of RFC 5545");
            good = false;
        } else if (strncasecmp(state->line.data, "BEGIN:", 6) == 0) {
            depth++;
        } else if (strncasecmp(state->line.data, "END:", 4) == 0) {
            if (depth == 0 && strcasecmp(value, "VTODO") != 0)
                return format_bad(reader, "END:%.40s inside a VTODO", value);
            if (depth == 0)
                return good ? make_record(reader, state, ret_record) : INPUT_REFUSED;
            depth--;
        } else if (depth == 0) {
            keep_property(state, value);
        }
    }
}

/* What the end of the text means. */
static input_result end_calendar(record_reader *reader, const icalendar_state *state)
{
    if (state->open)
        reader->warning = "the calendar has no END:VCALENDAR; the file may have been cut off";
    return INPUT_END;
}

static bool is_line(const icalendar_state *state, const char *text)
{
    return state->line.data != NULL && strcasecmp(state->line.data, text) == 0;
}

static input_result read(record_reader *reader, ctl_record *ret_record)
{
    bool first = reader->state == NULL;
    if (first)
        reader->state = need_memory(calloc(1, sizeof(icalendar_state)));
    icalendar_state *state = reader->state;
    for (;;) {
        input_result result = read_line(reader, state);
        reader->line = reader->input.line;
        if (first && (result == INPUT_END || (result == INPUT_OK && !is_line(state, "BEGIN:VCALENDAR"))))
            return format_bad(reader, "this is no iCalendar object");
        if (result != INPUT_OK)
            return result == INPUT_END ? end_calendar(reader, state) : result;
        first = false;
        if (is_line(state, "BEGIN:VCALENDAR") || is_line(state, "END:VCALENDAR"))
            state->open = is_line(state, "BEGIN:VCALENDAR");
        if (!is_line(state, "BEGIN:VTODO"))
            continue;
        result = read_todo(reader, state, ret_record);
        if (result == INPUT_BAD || !state->present[PROPERTY_RECURRENCE])
            return result;
        reader->occurrences++; /* of a todo that has a VTODO of its own; an occurrence is none */
    }
}

static void free_state(void *given)
{
    icalendar_state *state = given;
    if (state != NULL) {
        for (size_t i = 0; i < PROPERTY_COUNT; i++) {
            text_free(&state->values[i]);
            text_free(&state->zones[i]);
        }
        text_free(&state->whole);
        text_free(&state->line);
        text_free(&state->part);
        free(state);
    }
}

const record_format format_icalendar = {
    .name = "icalendar",
    .extension = "ics",
    .write_head = write_head,
    .write = write,
    .write_tail = write_tail,
    .read = read,
    .free_state = free_state,
};
