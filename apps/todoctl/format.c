#include "format.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

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

const todo_field *format_field(const char *name)
{
    const todo_field *field = todo_item_field_find(name);
    /* The store numbers its changes itself. */
    return field != NULL && field->item != offsetof(todo_item, modseq) ? field : NULL;
}

input_result format_bad(record_reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->problem, sizeof(reader->problem), format, arguments);
    va_end(arguments);
    return INPUT_BAD;
}

input_result format_refuse(record_reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->problem, sizeof(reader->problem), format, arguments);
    va_end(arguments);
    return INPUT_REFUSED;
}

bool format_set(record_reader *reader, ctl_record *record, const todo_field *field, const char *text)
{
    todo_error error = TODO_ERROR_INIT;
    if (text == NULL)
        return true;
    if (todo_field_parse(field, text, &record->fields, &error) != TODO_OK) {
        format_refuse(reader, "%s, but is \"%.100s\"", error.message, text);
        return false;
    }
    record->has_id = record->has_id || field->item == offsetof(todo_item, id);
    record->has_user = record->has_user || field->item == offsetof(todo_item, user_id);
    return true;
}

#define TIME_ABSENT INT64_MIN

void format_begin(ctl_record *record)
{
    *record = (ctl_record){.has_id = false};
    record->fields.version = 1;
    record->fields.created_at = TIME_ABSENT;
    record->fields.updated_at = TIME_ABSENT;
}

input_result format_end(record_reader *reader, ctl_record *record)
{
    todo_item *fields = &record->fields;
    if (fields->title == NULL)
        return format_refuse(reader, "the title is missing");
    if (fields->created_at == TIME_ABSENT)
        fields->created_at = fields->updated_at != TIME_ABSENT ? fields->updated_at : todo_time_now();
    if (fields->updated_at == TIME_ABSENT)
        fields->updated_at = fields->created_at;
    return INPUT_OK;
}
