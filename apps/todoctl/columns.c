#include "columns.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "csv.h"
#include "report.h"

static json_object *parse(const char *text, size_t length)
{
    json_tokener *tokener = need_memory(json_tokener_new());
    json_object *object = json_tokener_parse_ex(tokener, text, (int)length);
    json_tokener_free(tokener);
    return need_memory(object); /* it is our own writing */
}

static const char *text_of(json_object *value)
{
    return json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* The first object, whose members are the columns of all. */
static json_object *columns;

static void write_header(void)
{
    bool first = true;
    json_object_object_foreach(columns, key, value)
    {
        (void)value;
        printf("%s%s", first ? "" : ",", key);
        first = false;
    }
    fputs("\r\n", stdout);
}

static void write_row(json_object *object)
{
    bool first = true;
    json_object_object_foreach(columns, key, unused)
    {
        json_object *value = json_object_object_get(object, key);
        (void)unused;
        if (!first)
            putchar(',');
        if (value != NULL)
            csv_write_field(stdout, need_memory((void *)text_of(value)));
        first = false;
    }
    fputs("\r\n", stdout);
}

void columns_write(const char *text, size_t length, output_format format, bool first)
{
    json_object *object = parse(text, length);
    if (format == OUTPUT_IDS) {
        puts(json_object_get_string(json_object_object_get(object, "id")));
    } else {
        if (first) {
            json_object_put(columns);
            columns = json_object_get(object);
            write_header();
        }
        write_row(object);
    }
    json_object_put(object);
}
