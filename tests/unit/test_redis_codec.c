#include "testing.h"

#include <stdlib.h>

#include "adapters/redis/codec.h"
#include "util/alloc.h"

#define RUN UINT64_C(0xA0B0C0D0E0F00001)

static todo_item example(void)
{
    todo_item item = {.title = "milk \xC3\xA9",
                      .description = "oat\nnot soy",
                      .completed = true,
                      .created_at = 1844000000123456,
                      .updated_at = -5,
                      .version = INT64_C(0x0102030405060708),
                      .modseq = INT64_C(0x1112131415161718)};

    memset(item.id.bytes, 0xA1, sizeof(item.id.bytes));
    memset(item.user_id.bytes, 0xB2, sizeof(item.user_id.bytes));
    return item;
}

static char *encode(const todo_item *item, size_t *ret_length)
{
    char *value = NULL;

    assert_int_equal(todo__redis_encode(item, RUN, &value, ret_length, NULL), TODO_OK);
    return value;
}

static void assert_survives(const todo_item *item)
{
    todo_item read = {0};
    size_t length = 0;
    char *value = encode(item, &length);

    assert_true(todo__redis_decode(value, length, &item->id, RUN, &read));
    assert_null(read.reserved);
    assert_memory_equal(&read.id, &item->id, sizeof(item->id));
    assert_memory_equal(&read.user_id, &item->user_id, sizeof(item->user_id));
    assert_string_equal(read.title, item->title);
    if (item->description == NULL)
        assert_null(read.description);
    else
        assert_string_equal(read.description, item->description);
    assert_int_equal(read.completed, item->completed);
    assert_int_equal(read.created_at, item->created_at);
    assert_int_equal(read.updated_at, item->updated_at);
    assert_int_equal(read.version, item->version);
    assert_int_equal(read.modseq, item->modseq);
    todo__free(value);
}

static void an_item_survives(void **state)
{
    todo_item item = example();

    (void)state;
    assert_survives(&item);
    item.completed = false;
    assert_survives(&item);
    item.description = "";
    assert_survives(&item);
    item.description = NULL;
    item.version = INT64_MAX;
    assert_survives(&item);
}

static void the_form_is_the_documented_one(void **state)
{
    todo_item item = example();
    size_t length = 0;
    char *value = encode(&item, &length);

    (void)state;
    assert_int_equal(length, 84 + strlen(item.title) + 1 + strlen(item.description) + 1);
    assert_memory_equal(value, "t2i\x01\x02\x03\x04\x05\x06\x07\x08\xA0\xB0\xC0\xD0\xE0\xF0\0\x01\x03", 20);
    assert_memory_equal(value + 20, item.id.bytes, 16);
    assert_memory_equal(value + 36, item.user_id.bytes, 16);
    assert_memory_equal(value + 68, "\x11\x12\x13\x14\x15\x16\x17\x18", 8);
    assert_memory_equal(value + 76, "\0\0\0\x07\0\0\0\x0B", 8);
    assert_string_equal(value + 84, item.title);
    todo__free(value);
}

static void no_prefix_of_a_value_is_an_item(void **state)
{
    todo_item item = example(), read;
    size_t length = 0;
    char *value = encode(&item, &length);

    (void)state;
    for (size_t cut = 0; cut < length; cut++) {
        char *exact = malloc(cut > 0 ? cut : 1); /* so that a read beyond the end shows under a sanitizer */

        memcpy(exact, value, cut);
        assert_false(todo__redis_decode(exact, cut, &item.id, RUN, &read));
        free(exact);
    }
    todo__free(value);
}

static void what_is_foreign_is_no_item(void **state)
{
    static const char json[] =
        "{\"id\":\"01890000-0000-7000-8000-000000000000\",\"title\":\"a rather long one to be sure\"}";
    todo_item item = example(), read;
    char floor[TODO__REDIS_FLOOR_LENGTH];
    todo_uuid other = {{0}};
    size_t length = 0;
    char *value = encode(&item, &length);

    (void)state;
    assert_false(todo__redis_decode(json, strlen(json), &item.id, RUN, &read));
    assert_false(todo__redis_decode(value, length, &item.id, RUN + 2, &read));
    todo__redis_encode_floor(7, floor);
    assert_memory_equal(floor, "t2x\0\0\0\0\0\0\0\x07", sizeof(floor));
    assert_true(todo__redis_is_floor(floor, sizeof(floor)));
    assert_false(todo__redis_is_floor(floor, sizeof(floor) - 1));
    assert_false(todo__redis_is_floor(value, length));
    assert_false(todo__redis_decode(floor, sizeof(floor), &item.id, RUN, &read));
    assert_false(todo__redis_decode(value, length, &other, RUN, &read));
    value[1] = '1';
    assert_false(todo__redis_decode(value, length, &item.id, RUN, &read));
    todo__free(value);
}

static void broken_strings_are_no_item(void **state)
{
    todo_item item = example(), read;
    size_t length = 0;
    char *value = encode(&item, &length);

    (void)state;
    value[84] = '\0'; /* a NUL inside the title */
    assert_false(todo__redis_decode(value, length, &item.id, RUN, &read));
    value[84] = '\xFF'; /* not UTF-8 */
    assert_false(todo__redis_decode(value, length, &item.id, RUN, &read));
    value[84] = 'm';
    assert_true(todo__redis_decode(value, length, &item.id, RUN, &read));
    value[length - 1] = 'x'; /* not terminated */
    assert_false(todo__redis_decode(value, length, &item.id, RUN, &read));
    todo__free(value);
}

/* Whatever is changed: either no item, or one whose strings are sound and inside the value. */
static void no_corruption_is_dangerous(void **state)
{
    todo_item item = example(), read;
    size_t length = 0;
    char *value = encode(&item, &length);
    unsigned seed = 20261124;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char *copy = malloc(length);
        size_t used = rand_r(&seed) % 4 == 0 ? rand_r(&seed) % length : length;

        memcpy(copy, value, length);
        for (int change = rand_r(&seed) % 4; change >= 0; change--)
            copy[rand_r(&seed) % length] = (char)rand_r(&seed);
        if (todo__redis_decode(copy, used, &item.id, RUN, &read)) {
            assert_in_range(strlen(read.title), 0, used);
            assert_true(read.description == NULL || strlen(read.description) < used);
            assert_true(read.version >= 1);
        }
        free(copy);
    }
    todo__free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_survives),
        cmocka_unit_test(the_form_is_the_documented_one),
        cmocka_unit_test(no_prefix_of_a_value_is_an_item),
        cmocka_unit_test(what_is_foreign_is_no_item),
        cmocka_unit_test(broken_strings_are_no_item),
        cmocka_unit_test(no_corruption_is_dangerous),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
