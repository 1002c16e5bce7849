/* JSON Lines: a todo a line, as the HTTP API has it. */
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

/* The text of a string, or of a scalar as JSON writes it; NULL for null. False for what is none, or has a NUL. */
static bool scalar(json_object *value, json_type wanted, const char **ret_text)
{
    *ret_text = value != NULL ? json_object_get_string(value) : NULL;
    return value == NULL ||
           (json_object_is_type(value, wanted) &&
            (wanted != json_type_string || strlen(*ret_text) == (size_t)json_object_get_string_len(value)));
}

static bool set_member(record_reader *reader, ctl_record *record, const char *name, json_object *value,
                       bool *has_id)
{
    bool flag = strcmp(name, "completed") == 0;
    bool number = strcmp(name, "version") == 0;
    static const char *const known[] = {"id",         "user_id",    "title",      "description", "completed",
                                        "created_at", "updated_at", "deleted_at", "version"};
    const char *text;
    size_t i = 0;
    while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], name) != 0)
        i++;
    if (i == sizeof(known) / sizeof(known[0]))
        return true;
    if (!scalar(value, flag ? json_type_boolean : number ? json_type_int : json_type_string, &text)) {
        format_bad(reader, "%s is of the wrong type", name);
        return false;
    }
    if (text == NULL)
        return true;
    switch (i) {
    case 0:
        *has_id = true;
        return format_set_id(reader, record, text);
    case 1:
        return format_set_user(reader, record, text);
    case 2:
        record->fields.title = text;
        return true;
    case 3:
        record->fields.description = text;
        return true;
    case 4:
        return format_set_completed(reader, record, text);
    case 5:
        return format_set_time(reader, name, &record->fields.created_at, text);
    case 6:
        return format_set_time(reader, name, &record->fields.updated_at, text);
    case 7:
        return format_set_time(reader, name, &record->fields.deleted_at, text);
    default:
        return format_set_version(reader, record, text);
    }
}

static input_result read_object(record_reader *reader, jsonl_state *state, ctl_record *ret_record)
{
    bool has_id = false;
    json_tokener_reset(state->tokener);
    /* The NUL goes in too: it tells the tokener that a number at the end is whole. */
    state->object = json_tokener_parse_ex(state->tokener, state->line.data, (int)state->line.length + 1);
    if (!json_object_is_type(state->object, json_type_object) ||
        json_tokener_get_parse_end(state->tokener) < state->line.length)
        return format_bad(reader, "this is no JSON object");
    json_object_object_foreach(state->object, name, value)
    {
        if (!set_member(reader, ret_record, name, value, &has_id))
            return INPUT_BAD;
    }
    return format_end(reader, ret_record, has_id);
}

static input_result read(record_reader *reader, ctl_record *ret_record)
{
    jsonl_state *state = state_of(reader);
    input_result result;
    const char *problem;
    do {
        result = input_line(&reader->input, &state->line, &problem);
    } while (result == INPUT_OK && state->line.length == 0);
    format_begin(reader, ret_record);
    if (result == INPUT_BAD)
        return format_bad(reader, "%s", problem);
    return result == INPUT_OK ? read_object(reader, state, ret_record) : result;
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
