#include "testing.h"

#include <stdlib.h>

#include "adapters/redis/record.h"
#include "domain/fields.h"
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

    assert_int_equal(todo__record_encode(item, 77, &value, ret_length, NULL), TODO_OK);
    return value;
}

/* Every field of the table, so that none is forgotten here either. */
static void assert_survives(const todo_item *item)
{
    todo__record record;
    size_t length = 0;
    char *value = encode(item, &length);

    assert_true(todo__record_decode(value, length, &record));
    assert_null(record.item.reserved);
    assert_int_equal(record.as_of, 77);
    for (TODO__EACH_FIELD(row))
        if (!todo__field_equal(&row->field, item, &record.item))
            fail_msg("%s is another one", row->field.name);
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

static void the_head_is_the_documented_one(void **state)
{
    todo_item item = example();
    size_t length = 0;
    char *value = encode(&item, &length);

    (void)state;
    assert_memory_equal(value, "t2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x4D", 18);
    assert_true((unsigned char)value[18] >= 10); /* fields */
    assert_memory_equal(value + 19, "\x01\0\0\0\x10\xA1\xA1", 7);
    todo__free(value);
}

static void nothing_cut_or_lengthened_is_a_record(void **state)
{
    todo_item item = example();
    todo__record record;
    size_t length = 0;
    char *value = encode(&item, &length), *longer = calloc(1, length + 8);

    (void)state;
    for (size_t cut = 0; cut < length; cut++) {
        char *part = malloc(cut + 1); /* so that a sanitizer sees what is read beyond it */

        memcpy(part, value, cut);
        part = realloc(part, cut > 0 ? cut : 1);
        /* Only a field that may be null may be missing from the end. */
        if (todo__record_decode(part, cut, &record))
            assert_true(record.item.modseq == 0);
        free(part);
    }
    memcpy(longer, value, length);
    assert_false(todo__record_decode(longer, length + 1, &record));
    assert_false(todo__record_decode(longer, length + 5, &record));
    free(longer);
    todo__free(value);
}

/* Where a byte may be anything, as in a title, what is read must still be sound. */
static void no_broken_byte_does_harm(void **state)
{
    todo_item item = example();
    size_t length = 0;
    char *value = encode(&item, &length);

    (void)state;
    for (size_t at = 0; at < length; at++)
        for (int bit = 0; bit < 8; bit++) {
            todo__record record;

            value[at] ^= (char)(1 << bit);
            if (todo__record_decode(value, length, &record)) {
                const todo_item *copy = todo_item_ref(&record.item);

                todo_item_unref(copy);
            }
            value[at] ^= (char)(1 << bit);
        }
    todo__free(value);
}

static void what_a_later_version_adds_is_skipped(void **state)
{
    todo_item item = example();
    todo__record record;
    size_t length = 0;
    char *value = encode(&item, &length), *longer = calloc(1, length + 8);

    (void)state;
    memcpy(longer, value, length);
    memcpy(longer + length, "\xC8\0\0\0\x03new", 8);
    longer[18] = (char)0xC8;
    assert_true(todo__record_decode(longer, length + 8, &record));
    assert_string_equal(record.item.title, item.title);
    free(longer);
    todo__free(value);
}

/* It lacks what this version would have to answer. */
static void what_an_earlier_version_wrote_is_a_miss(void **state)
{
    todo_item item = example();
    todo__record record;
    size_t length = 0;
    char *value = encode(&item, &length);

    (void)state;
    value[18]--;
    assert_false(todo__record_decode(value, length, &record));
    todo__free(value);
}

static void a_record_of_the_former_format_is_none(void **state)
{
    static const char former[] = "t1i\0\0\0\0\0\0\0\1and so on, for long enough to be a record";
    todo__record record;

    (void)state;
    assert_false(todo__record_decode(former, sizeof(former), &record));
    assert_false(todo__record_decode("", 0, &record));
}

/* ---- user keys ---- */

static size_t make_user(char *value, uint64_t run, const char *life, uint64_t epoch, uint64_t told,
                        uint64_t latest)
{
    char *out = value + 2;

    memcpy(value, "u1", 2);
    out = todo__put_u64(out, run);
    memcpy(out, life, 8);
    out = todo__put_u64(out + 8, epoch);
    return (size_t)(todo__put_u64(todo__put_u64(out, told), latest) - value);
}

static void a_user_key_is_read(void **state)
{
    char value[64];
    size_t length = make_user(value, RUN, "life-one", 9, 5, 6);
    todo__user_state user;

    (void)state;
    todo__user_state_decode(value, length, RUN, &user);
    assert_true(user.there && !user.closed);
    assert_true(user.latest.epoch == 9 && user.latest.number == 6 && user.told == 5);
    todo__user_state_decode(value, length + 16, RUN, &user);
    assert_true(user.there); /* with a range behind it */
    todo__user_state_decode(value, length, RUN + 2, &user);
    assert_false(user.there);
    todo__user_state_decode(value, length - 1, RUN, &user);
    assert_false(user.there);
    todo__user_state_decode("", 0, RUN, &user);
    assert_false(user.there);
    length = make_user(value, RUN, "\0\0\0\0\0\0\0", 0, 0, 0);
    todo__user_state_decode(value, length, RUN, &user);
    assert_true(user.there && user.closed);
}

static void a_record_is_current_if_nothing_later_may_have_changed_it(void **state)
{
    todo__user_state user = {.there = true, .life = "life-on", .latest = {9, 6}, .told = 6};
    todo__record record = {.life = "life-on", .as_of = 2};

    (void)state;
    assert_true(todo__record_is_current(&record, &user)); /* all up to the latest was told */
    user.told = 5;
    assert_false(todo__record_is_current(&record, &user)); /* the missing one may be of this todo */
    record.as_of = 6;
    assert_true(todo__record_is_current(&record, &user)); /* it shows the latest */
    record.life[0] = 'L';
    assert_false(todo__record_is_current(&record, &user));
    record.life[0] = 'l';
    user.closed = true;
    assert_false(todo__record_is_current(&record, &user));
    user = (todo__user_state){.there = false};
    assert_false(todo__record_is_current(&record, &user));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_survives),
        cmocka_unit_test(the_head_is_the_documented_one),
        cmocka_unit_test(nothing_cut_or_lengthened_is_a_record),
        cmocka_unit_test(no_broken_byte_does_harm),
        cmocka_unit_test(what_a_later_version_adds_is_skipped),
        cmocka_unit_test(what_an_earlier_version_wrote_is_a_miss),
        cmocka_unit_test(a_record_of_the_former_format_is_none),
        cmocka_unit_test(a_user_key_is_read),
        cmocka_unit_test(a_record_is_current_if_nothing_later_may_have_changed_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
