#include "format.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "number.h"

static const record_format *const formats[] = {&format_jsonl, &format_csv, &format_icalendar};

const record_format *format_find(const char *name, const char *file)
{
    const char *dot = file != NULL ? strrchr(file, '.') : NULL;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (name != NULL ? strcmp(name, formats[i]->name) == 0
                         : dot != NULL && strcasecmp(dot + 1, formats[i]->extension) == 0)
            return formats[i];
    return name != NULL ? NULL : &format_jsonl;
}

input_result format_bad(record_reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->problem, sizeof(reader->problem), format, arguments);
    va_end(arguments);
    return INPUT_BAD;
}

bool format_set_id(record_reader *reader, ctl_record *record, const char *text)
{
    return todo_uuid_parse(text, &record->fields.id, NULL) == TODO_OK ||
           (format_bad(reader, "\"%.100s\" is no UUID", text), false);
}

bool format_set_user(record_reader *reader, ctl_record *record, const char *text)
{
    record->has_user = todo_uuid_parse(text, &record->fields.user_id, NULL) == TODO_OK;
    return record->has_user || (format_bad(reader, "the user \"%.100s\" is no UUID", text), false);
}

bool format_set_completed(record_reader *reader, ctl_record *record, const char *text)
{
    record->fields.completed = strcasecmp(text, "true") == 0;
    return record->fields.completed || strcasecmp(text, "false") == 0 ||
           (format_bad(reader, "completed is \"%.100s\", neither true nor false", text), false);
}

bool format_set_time(record_reader *reader, const char *member, todo_time *time, const char *text)
{
    return todo_time_parse(text, time, NULL) == TODO_OK ||
           (format_bad(reader, "%s is \"%.100s\", no time of RFC 3339", member, text), false);
}

bool format_set_version(record_reader *reader, ctl_record *record, const char *text)
{
    uint64_t version;
    if (!parse_number(text, 1, TODO_VERSION_MAX, &version)) {
        format_bad(reader, "version is \"%.100s\", no number from 1 to %lld", text,
                   (long long)TODO_VERSION_MAX);
        return false;
    }
    record->fields.version = (int64_t)version;
    return true;
}

#define TIME_NOT_SAID INT64_MIN

void format_begin(record_reader *reader, ctl_record *record)
{
    reader->line = reader->input.line;
    record->has_user = false;
    record->fields = (todo_item){0};
    record->fields.version = 1;
    record->fields.created_at = TIME_NOT_SAID;
    record->fields.updated_at = TIME_NOT_SAID;
}

input_result format_end(record_reader *reader, ctl_record *record, bool has_id)
{
    todo_item *fields = &record->fields;
    if (fields->title == NULL)
        return format_bad(reader, "the title is missing");
    if (!has_id && todo_uuid_generate(&fields->id, NULL) != TODO_OK)
        return format_bad(reader, "there is no id, and none can be made");
    if (fields->created_at == TIME_NOT_SAID)
        fields->created_at = fields->updated_at != TIME_NOT_SAID ? fields->updated_at : todo_time_now();
    if (fields->updated_at == TIME_NOT_SAID)
        fields->updated_at = fields->created_at;
    return INPUT_OK;
}
