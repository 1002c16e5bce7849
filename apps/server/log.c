#include "log.h"

#include <string.h>
#include <unistd.h>

#include <todo/json.h>
#include <todo/types.h>

#include "text.h"

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static log_level highest = LOG_INFO;

bool log_level_parse(const char *text, log_level *ret_level)
{
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *ret_level = (log_level)i;
            return true;
        }
    }
    return false;
}

void log_set_level(log_level level)
{
    highest = level;
}

bool log_enabled(log_level level)
{
    return level <= highest;
}

static void append(log_line *line, const char *text)
{
    if (todo_buffer_append(line->buffer, text, strlen(text), NULL) != TODO_OK)
        line->broken = true;
}

log_line log_begin(todo_buffer *buffer, log_level level, const char *message)
{
    log_line line = {buffer, todo_buffer_length(buffer), false};
    char time[TODO_TIME_TEXT_SIZE];

    todo_time_format(todo_time_now(), time);
    append(&line, "{\"time\":\"");
    append(&line, time);
    append(&line, "\",\"level\":\"");
    append(&line, level_names[level]);
    append(&line, "\"");
    log_text(&line, "message", message);
    return line;
}

static void name_member(log_line *line, const char *name)
{
    append(line, ",\"");
    append(line, name);
    append(line, "\":");
}

void log_text(log_line *line, const char *name, const char *text)
{
    if (text == NULL)
        return;
    name_member(line, name);
    if (todo_json_write_string(line->buffer, text, NULL) != TODO_OK)
        line->broken = true;
}

void log_number(log_line *line, const char *name, int64_t number)
{
    char bytes[24];
    text_out digits = {bytes, sizeof(bytes), 0, false};

    name_member(line, name);
    if (number < 0)
        text_put(&digits, "-");
    text_put_number(&digits, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
    if (todo_buffer_append(line->buffer, bytes, digits.length, NULL) != TODO_OK)
        line->broken = true;
}

void log_end(log_line *line)
{
    append(line, "}\n");
    if (line->broken)
        todo_buffer_truncate(line->buffer, line->start);
}

void log_message(log_level level, const char *message, const char *name, const char *text)
{
    todo_buffer *buffer;
    log_line line;

    if (!log_enabled(level) || todo_buffer_new(&buffer, NULL) != TODO_OK)
        return;
    line = log_begin(buffer, level, message);
    if (name != NULL)
        log_text(&line, name, text);
    log_end(&line);
    /* There is nobody to tell when the log itself can't be written. */
    ssize_t ignored = write(STDERR_FILENO, todo_buffer_data(buffer), todo_buffer_length(buffer));

    (void)ignored;
    todo_buffer_free(buffer);
}
