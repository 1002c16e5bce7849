/*
 * Carries rules out for the comparison with other implementations (compare.py). Reads lines "START COUNT RULE" and writes
 * for each the first COUNT dates, or "invalid"; with "after DATE" in place of COUNT the first date later than DATE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <todo/recurrence.h>

static void put(todo_date date)
{
    char text[TODO_DATE_TEXT_SIZE];

    todo_date_format(date, text);
    printf("%s ", text);
}

static void carry_out(const todo_recurrence *rule, todo_date start, unsigned long count)
{
    todo_recurrence_walk walk;
    todo_date date;

    todo_recurrence_begin(rule, start, &walk);
    while (count-- > 0 && todo_recurrence_next(&walk, &date))
        put(date);
}

/* The rule must come back from its own text as it was. */
static void check_text(const todo_recurrence *rule)
{
    char text[TODO_RECURRENCE_TEXT_MAX + 1];
    todo_recurrence again;

    todo_recurrence_format(rule, text);
    if (todo_recurrence_parse(text, &again, NULL) != TODO_OK || memcmp(&again, rule, sizeof(again)) != 0)
        printf("differs from its text %s ", text);
}

int main(void)
{
    char line[2048], start_text[16], count[16], rule_text[1024];

    while (fgets(line, sizeof(line), stdin) != NULL) {
        todo_date start, after, date;
        todo_recurrence rule;

        memset(&rule, 0, sizeof(rule));
        if (sscanf(line, "%15s %15s %1023s", start_text, count, rule_text) != 3 ||
            todo_date_parse(start_text, &start, NULL) != TODO_OK)
            return 2;
        if (todo_recurrence_parse(rule_text, &rule, NULL) != TODO_OK) {
            puts("invalid");
            continue;
        }
        check_text(&rule);
        if (todo_date_parse(count, &after, NULL) != TODO_OK)
            carry_out(&rule, start, strtoul(count, NULL, 10));
        else if (todo_recurrence_after(&rule, start, after, &date))
            put(date);
        putchar('\n');
    }
    return 0;
}
