/* SQL from the table of fields, and the statements of the adapters that are made of it. */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/sql/sql.h"
#ifdef TEST_POSTGRES
#include "adapters/postgres/array.h"
#include "adapters/postgres/params.h"
#include "adapters/postgres/statements.h"
#endif

static const todo__sql_dialect dialect = {'$', {NULL, "uuid", "text", "boolean", "bigint", "timestamptz"}};

static void assert_expands(const char *sql, const char *expected)
{
    char text[2048];

    assert_int_equal(todo__sql_expand(&dialect, sql, text, sizeof(text)), strlen(expected));
    assert_string_equal(text, expected);
}

/* A field's name joined to those before it. */
static void append_name(char *names, const todo_field *field)
{
    strcat(names, *names != '\0' ? ", " : "");
    strcat(names, field->name);
}

static void a_class_is_the_fields_of_the_table_in_its_order(void **state)
{
    char all[512] = "", item[512] = "", insert[512] = "", patch[512] = "";

    (void)state;
    for (size_t i = 0; i < todo_item_field_count(); i++) {
        const todo_field *field = todo_item_field_at(i);

        append_name(all, field);
        if (strcmp(field->name, "user_id") != 0)
            append_name(item, field);
        if (strcmp(field->name, "modseq") != 0)
            append_name(insert, field);
        if ((field->uses & TODO_USE_PATCH) != 0)
            append_name(patch, field);
    }
    assert_expands("{all:%n}", all);
    assert_expands("{item:%n}", item);
    assert_expands("{insert:%n}", insert);
    assert_expands("{patch:%n}", patch);
}

/* Each column that an update returns is set by the patch, by the change itself, or kept: none is lost, none is there twice. */
static void each_field_of_an_item_is_patched_counted_or_kept(void **state)
{
    (void)state;
    for (TODO__EACH_FIELD(row)) {
        int places = todo__sql_selects(TODO__SQL_PATCH, &row->field) +
                     todo__sql_selects(TODO__SQL_KEPT, &row->field) + todo__sql_is_counted(&row->field);

        assert_int_equal(places, todo__sql_selects(TODO__SQL_ITEM, &row->field));
    }
}

static void patterns_name_types_bits_and_parameters(void **state)
{
    char expected[64], text[2048];

    (void)state;
    assert_expands("SELECT 1 % 2", "SELECT 1 % 2");
    snprintf(expected, sizeof(expected), "x $%zu y", todo_item_field_count());
    assert_expands("x {insert+1} y", expected);
    todo__sql_expand(&dialect, "{patch:%n %t %b %p6;}", text, sizeof(text));
    assert_non_null(strstr(text, "title text 8 $6;, description text 16 $7;, completed boolean 32 $8;"));
}

static void a_text_that_does_not_fit_is_cut_and_measured(void **state)
{
    char text[8];

    (void)state;
    assert_int_equal(todo__sql_expand(&dialect, "SELECT {patch+1}", text, sizeof(text)), 9);
    assert_string_equal(text, "SELECT ");
}

static void a_patch_names_what_it_sets(void **state)
{
    todo_item_patch patch = TODO_ITEM_PATCH_INIT;
    todo_item values;

    (void)state;
    assert_int_equal(todo__sql_patch(&patch, &values), 0);
    patch.title = (todo_patch_text){TODO_VALUE, "new"};
    patch.description.presence = TODO_NULL;
    assert_int_equal(todo__sql_patch(&patch, &values), 1 << 3 | 1 << 4);
    assert_string_equal(values.title, "new");
    assert_null(values.description);
    patch.completed = (todo_patch_flag){TODO_VALUE, true};
    assert_int_equal(todo__sql_patch(&patch, &values), 1 << 3 | 1 << 4 | 1 << 5);
    assert_true(values.completed);
}

#ifdef TEST_POSTGRES
/* The highest parameter that a text names. */
static int highest_parameter(const char *sql)
{
    int highest = 0;

    for (const char *at = sql; (at = strchr(at, '$')) != NULL; at++)
        if (atoi(at + 1) > highest)
            highest = atoi(at + 1);
    return highest;
}

static void the_statements_of_postgres_are_whole(void **state)
{
    (void)state;
    assert_true(todo__pg_write_statements() <= TODO__PG_TEXTS_SIZE);
    for (int id = 0; id < TODO__PG_STATEMENTS; id++) {
        const todo__pg_statement *statement = &todo__pg_statements[id];

        assert_non_null(statement->name);
        assert_true(strlen(statement->sql) > 0);
        assert_null(strpbrk(statement->sql, "{}%"));
        assert_true(highest_parameter(statement->sql) <= TODO__PG_PARAMS_MAX);
    }
    for (int i = 0; i < TODO__PG_PARAMS_MAX; i++)
        assert_int_equal(todo__pg_binary[i], 1);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_is_the_fields_of_the_table_in_its_order),
        cmocka_unit_test(each_field_of_an_item_is_patched_counted_or_kept),
        cmocka_unit_test(patterns_name_types_bits_and_parameters),
        cmocka_unit_test(a_text_that_does_not_fit_is_cut_and_measured),
        cmocka_unit_test(a_patch_names_what_it_sets),
#ifdef TEST_POSTGRES
        cmocka_unit_test(the_statements_of_postgres_are_whole),
#endif
    };

    return cmocka_run_group_tests_name("sql", tests, NULL, NULL);
}
