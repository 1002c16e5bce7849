#include "adapters/sql/sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text under construction; what is beyond `size` is counted and dropped. */
typedef struct output {
    char *text;
    size_t size;
    size_t length;
} output;

static void put(output *to, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++, to->length++)
        if (to->length + 1 < to->size)
            to->text[to->length] = text[i];
}

static void put_text(output *to, const char *text)
{
    put(to, text, strlen(text));
}

static void put_number(output *to, uint64_t number)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    put_text(to, digits);
}

static void put_parameter(output *to, const todo__sql_dialect *dialect, uint64_t number)
{
    put(to, &dialect->parameter, 1);
    put_number(to, number);
}

static uint64_t bit_of(const todo_field *field)
{
    return UINT64_C(1) << field->number;
}

/* The class that a group names. */
static todo__sql_class class_of(const char *group)
{
    static const char *const names[] = {[TODO__SQL_ALL] = "all",
                                        [TODO__SQL_ITEM] = "item",
                                        [TODO__SQL_INSERT] = "insert",
                                        [TODO__SQL_PATCH] = "patch",
                                        [TODO__SQL_KEPT] = "kept"};
    size_t class_count = sizeof(names) / sizeof(names[0]), found = 0;

    while (found + 1 < class_count && strncmp(group, names[found], strlen(names[found])) != 0)
        found++;
    return (todo__sql_class)found;
}

static uint64_t count_fields(todo__sql_class selected)
{
    uint64_t count = 0;

    for (TODO__EACH_FIELD(row))
        count += todo__sql_selects(selected, &row->field);
    return count;
}

/* One round of a pattern, for the field that is at `place` of its class. */
static void put_pattern(output *to, const todo__sql_dialect *dialect, const char *pattern, const char *end,
                        const todo_field *field, uint64_t place)
{
    while (pattern < end) {
        char *behind = NULL;

        if (*pattern != '%') {
            put(to, pattern++, 1);
            continue;
        }
        switch (pattern[1]) {
        case 'n':
            put_text(to, field->name);
            break;
        case 't':
            put_text(to, dialect->types[field->kind]);
            break;
        case 'b':
            put_number(to, bit_of(field));
            break;
        case 'p':
            put_parameter(to, dialect, strtoull(pattern + 2, &behind, 10) + place);
            break;
        }
        pattern = behind != NULL ? behind : pattern + 2;
    }
}

/* A group, from behind its brace to `end`, which is the other brace. */
static void put_group(output *to, const todo__sql_dialect *dialect, const char *group, const char *end)
{
    const char *mark = group + strcspn(group, ":+");
    todo__sql_class selected = class_of(group);
    uint64_t place = 0;

    if (*mark == '+') {
        put_parameter(to, dialect, strtoull(mark + 1, NULL, 10) + count_fields(selected));
        return;
    }
    for (TODO__EACH_FIELD(row)) {
        if (!todo__sql_selects(selected, &row->field))
            continue;
        put_text(to, place > 0 ? ", " : "");
        put_pattern(to, dialect, mark + 1, end, &row->field, place++);
    }
}

size_t todo__sql_expand(const todo__sql_dialect *dialect, const char *sql, char *text, size_t size)
{
    output to = {text, size, 0};

    while (*sql != '\0') {
        size_t plain = strcspn(sql, "{");

        put(&to, sql, plain);
        sql += plain;
        if (*sql == '{') {
            const char *end = strchr(sql, '}');

            put_group(&to, dialect, sql + 1, end);
            sql = end + 1;
        }
    }
    text[to.length < size ? to.length : size - 1] = '\0';
    return to.length;
}

int64_t todo__sql_patch(const todo_item_patch *patch, todo_item *ret_values)
{
    uint64_t set = 0;

    *ret_values = (todo_item){.reserved = NULL};
    for (TODO__EACH_FIELD(row)) {
        const todo_field *field = &row->field;

        if ((field->uses & TODO_USE_PATCH) == 0 || todo__presence_of(field, patch) == TODO_ABSENT)
            continue;
        set |= bit_of(field);
        todo__field_apply(field, patch, ret_values);
    }
    return (int64_t)set;
}
