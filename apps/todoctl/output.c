#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "columns.h"
#include "command.h"
#include "report.h"

static output_format format = OUTPUT_TABLE;

const char *const output_format_names[] = {"table", "json", "jsonl", "csv", "ids", NULL};

void output_set_format(output_format chosen)
{
    format = chosen;
}

bool output_is_flat(void)
{
    return format == OUTPUT_CSV || format == OUTPUT_JSON_LINES;
}

static void check(todo_status status, const todo_error *error)
{
    if (status != TODO_OK)
        exit(fail_error(error, NULL, "cannot write the result"));
}

static todo_buffer *new_buffer(void)
{
    todo_error error = TODO_ERROR_INIT;
    todo_buffer *buffer = NULL;
    check(todo_buffer_new(&buffer, &error), &error);
    return buffer;
}

void list_begin(list_output *list, bool json, const char *const *headers, size_t columns)
{
    *list = (list_output){.json = json};
    if (json)
        list->buffer = new_buffer();
    else
        list->table = table_new(headers, columns);
}

static void write_element(list_output *list, const char *text, size_t length)
{
    bool first = list->count++ == 0;
    if (format == OUTPUT_JSON)
        fputs(first ? "[" : ",\n ", stdout);
    if (format == OUTPUT_JSON || format == OUTPUT_JSON_LINES)
        fwrite(text, 1, length, stdout);
    else
        columns_write(text, length, format, first);
    if (format == OUTPUT_JSON_LINES)
        putchar('\n');
}

static void write_buffer(list_output *list)
{
    write_element(list, todo_buffer_data(list->buffer), todo_buffer_length(list->buffer));
    todo_buffer_truncate(list->buffer, 0);
}

void list_add_item(list_output *list, const todo_item *item)
{
    todo_error error = TODO_ERROR_INIT;
    check(todo_json_write_item(list->buffer, item, &error), &error);
    write_buffer(list);
}

void list_add_user(list_output *list, const todo_user *user)
{
    todo_error error = TODO_ERROR_INIT;
    check(todo_json_write_user(list->buffer, user, &error), &error);
    write_buffer(list);
}

static const char *object_text(json_object *object)
{
    return need_memory((void *)json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE));
}

void list_add_object(list_output *list, json_object *object)
{
    const char *text = object_text(object);
    write_element(list, text, strlen(text));
    json_object_put(object);
}

void list_end(list_output *list)
{
    if (list->json && format == OUTPUT_JSON)
        puts(list->count == 0 ? "[]" : "]");
    else if (!list->json)
        table_flush(list->table);
    table_free(list->table);
    todo_buffer_free(list->buffer);
}

/* One result: of the formats for programs, each but CSV and ids writes it as JSON. */
static void print_text(const char *text, size_t length)
{
    if (format == OUTPUT_CSV || format == OUTPUT_IDS)
        columns_write(text, length, format, true);
    else
        puts(text);
}

void print_object(json_object *object)
{
    const char *text = object_text(object);
    print_text(text, strlen(text));
    json_object_put(object);
}

void print_item(const todo_item *item)
{
    todo_error error = TODO_ERROR_INIT;
    todo_buffer *buffer = new_buffer();
    check(todo_json_write_item(buffer, item, &error), &error);
    print_text(todo_buffer_data(buffer), todo_buffer_length(buffer));
    todo_buffer_free(buffer);
}

void print_user(const todo_user *user)
{
    todo_error error = TODO_ERROR_INIT;
    todo_buffer *buffer = new_buffer();
    check(todo_json_write_user(buffer, user, &error), &error);
    print_text(todo_buffer_data(buffer), todo_buffer_length(buffer));
    todo_buffer_free(buffer);
}

void print_todo_count(bool json, bool dry_run, const char *member, const char *done, uint64_t count)
{
    if (json) {
        json_object *object = need_memory(json_object_new_object());
        json_object_object_add(object, member, json_object_new_uint64(count));
        json_object_object_add(object, "dry_run", json_object_new_boolean(dry_run));
        print_object(object);
        return;
    }
    printf("%s %llu todo%s.\n", done, (unsigned long long)count, count == 1 ? "" : "s");
}

void time_for_people(todo_time time, char *text)
{
    time_t seconds = (time_t)(time / 1000000 - (time % 1000000 < 0));
    struct tm tm;
    if (localtime_r(&seconds, &tm) == NULL || strftime(text, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M", &tm) == 0)
        strcpy(text, "?");
}

json_object *json_time(todo_time time)
{
    if (time == 0)
        return NULL;
    char text[TODO_TIME_TEXT_SIZE];
    todo_time_format(time, text);
    return need_memory(json_object_new_string(text));
}

int output_finish(void)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return fail(EXIT_FAILED, "another place for the output", "cannot write the result: %s",
                    strerror(errno));
    }
    return 0;
}
