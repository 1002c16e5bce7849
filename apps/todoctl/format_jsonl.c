/* JSON Lines: a todo a line, as the HTTP API has it. On input a JSON array of such todos is read too. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "format.h"
#include "report.h"

typedef struct jsonl_state {
    ctl_text line;
    json_tokener *tokener;
    json_object *object; /* of the latest record, whose strings it keeps */
    enum { TEXT_NEW, TEXT_LINES, TEXT_ARRAY, TEXT_ENDED } where; /* in an array, or behind its end */
} jsonl_state;

static void write_nothing(FILE *out)
{
    (void)out;
}

static void write(FILE *out, todo_buffer *scratch, const todo_item *item)
{
    todo_buffer_truncate(scratch, 0);
    need_memory(todo_json_write_item(scratch, item, NULL) == TODO_OK ? scratch : NULL);
    fwrite(todo_buffer_data(scratch), 1, todo_buffer_length(scratch), out);
    putc_unlocked('\n', out);
}

static jsonl_state *state_of(record_reader *reader)
{
    if (reader->state == NULL) {
        jsonl_state *state = need_memory(calloc(1, sizeof(*state)));
        state->tokener = need_memory(json_tokener_new_ex(4));
        json_tokener_set_flags(state->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
        reader->state = state;
    }
    json_object_put(((jsonl_state *)reader->state)->object);
    ((jsonl_state *)reader->state)->object = NULL;
    return reader->state;
}

/* The text of a value of the kind that the field has; NULL for null. False for another kind, or a NUL in it. */
static bool scalar(const todo_field *field, json_object *value, const char **ret_text)
{
    json_type wanted = field->kind == TODO_KIND_FLAG      ? json_type_boolean
                       : field->kind == TODO_KIND_INTEGER ? json_type_int
                                                          : json_type_string;
    *ret_text = value != NULL ? json_object_get_string(value) : NULL;
    return value == NULL ||
           (json_object_is_type(value, wanted) &&
            (wanted != json_type_string || strlen(*ret_text) == (size_t)json_object_get_string_len(value)));
}

static input_result read_object(record_reader *reader, jsonl_state *state, ctl_record *ret_record)
{
    json_tokener_reset(state->tokener);
    /* The NUL goes in too: it tells the tokener that a number at the end is whole. */
    state->object = json_tokener_parse_ex(state->tokener, state->line.data, (int)state->line.length + 1);
    if (!json_object_is_type(state->object, json_type_object) ||
        json_tokener_get_parse_end(state->tokener) < state->line.length)
        return format_refuse(reader, "this is no JSON object");
    json_object_object_foreach(state->object, name, value)
    {
        const todo_field *field = format_field(name);
        const char *text;
        if (field != NULL && !scalar(field, value, &text))
            return format_refuse(reader, "%s is of the wrong type", name);
        if (field != NULL && !format_set(reader, ret_record, field, text))
            return INPUT_REFUSED;
    }
    return format_end(reader, ret_record);
}

/* Passes over white space (RFC 8259, 2) and returns the byte behind it, which stays to be read, or EOF. */
static int skip_blanks(ctl_input *input)
{
    int next;
    while ((next = input_peek(input)) == ' ' || next == '\t' || next == '\r' || next == '\n')
        input_byte(input);
    return next;
}

/* Reads an element of an array, from its first brace to the last, into `state->line`. */
static input_result read_braces(record_reader *reader, jsonl_state *state)
{
    bool quoted = false, escaped = false;
    unsigned depth = 0;
    text_clear(&state->line);
    do {
        int byte = input_byte(&reader->input);
        if (state->line.length == 0)
            reader->line = reader->input.line;
        if (byte == EOF || byte == '\0' || state->line.length == INPUT_LINE_MAX)
            return format_bad(reader, byte == EOF    ? "the array does not end"
                                      : byte == '\0' ? "a NUL byte"
                                                     : "longer than 16 MiB");
        text_add(&state->line, (char)byte);
        if (!quoted && (byte == '{' || byte == '['))
            depth++;
        else if (!quoted && (byte == '}' || byte == ']'))
            depth--;
        else if (byte == '"' && !escaped)
            quoted = !quoted;
        escaped = quoted && byte == '\\' && !escaped;
    } while (depth > 0);
    return INPUT_OK;
}

/* Reads the next element. `first`: the opening bracket is next. */
static input_result read_element(record_reader *reader, jsonl_state *state, bool first,
                                 ctl_record *ret_record)
{
    int next = skip_blanks(&reader->input);
    reader->line = reader->input.line;
    bool comma = !first && next == ',';
    if (first || comma) {
        input_byte(&reader->input);
        next = skip_blanks(&reader->input);
    } else if (next != ']') {
        return format_bad(reader, next == EOF ? "the array does not end" : "there is no comma between todos");
    }
    if (next == ']' && !comma) {
        input_byte(&reader->input);
        state->where = TEXT_ENDED;
        return skip_blanks(&reader->input) == EOF ? INPUT_END
                                                  : format_bad(reader, "there is more behind the array");
    }
    if (next != '{')
        return format_bad(reader, next == EOF ? "the array does not end" : "this is no JSON object");
    input_result result = read_braces(reader, state);
    format_begin(ret_record);
    return result == INPUT_OK ? read_object(reader, state, ret_record) : result;
}

static input_result read_next_line(record_reader *reader, jsonl_state *state, ctl_record *ret_record)
{
    input_result result;
    const char *problem;
    do {
        result = input_line(&reader->input, &state->line, &problem);
    } while (result == INPUT_OK && state->line.length == 0);
    reader->line = reader->input.line;
    format_begin(ret_record);
    if (result == INPUT_BAD)
        return format_bad(reader, "%s", problem);
    return result == INPUT_OK ? read_object(reader, state, ret_record) : result;
}

static input_result read(record_reader *reader, ctl_record *ret_record)
{
    jsonl_state *state = state_of(reader);
    bool first = state->where == TEXT_NEW;
    if (first)
        state->where = skip_blanks(&reader->input) == '[' ? TEXT_ARRAY : TEXT_LINES;
    if (state->where == TEXT_ENDED)
        return INPUT_END;
    return state->where == TEXT_ARRAY ? read_element(reader, state, first, ret_record)
                                      : read_next_line(reader, state, ret_record);
}

static void free_state(void *given)
{
    jsonl_state *state = given;
    if (state != NULL) {
        json_object_put(state->object);
        json_tokener_free(state->tokener);
        text_free(&state->line);
        free(state);
    }
}

const record_format format_jsonl = {
    .name = "jsonl",
    .extension = "jsonl",
    .write_head = write_nothing,
    .write = write,
    .write_tail = write_nothing,
    .read = read,
    .free_state = free_state,
};
