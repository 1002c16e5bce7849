/*
 * The script of the cache against a real Redis, by raw commands: what it believes, stores and refuses, whatever the
 * order in which changes come. docs/internals/cache.md has the rules.
 */
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

#include "redis_testing.h"

#include "adapters/redis/scripts.h"

#define USER_KEY "todo:user:{u}"
#define EPOCH    1700000000000000u
#define TTL      300

/* What the user key says. */
typedef struct known {
    bool there;
    char life[8];
    uint64_t epoch, told, latest;
    unsigned ranges;
} known;

static const char *run_of_server = "run-0001";
static unsigned lives;

static void pack(uint64_t number, char *out)
{
    for (int i = 8; i-- > 0; number >>= 8)
        out[i] = (char)(number & 0xFF);
}

static uint64_t unpack(const char *in)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | (unsigned char)in[i];
    return number;
}

static known read_known(void)
{
    redisReply *reply = raw("GET %s", USER_KEY);
    known found = {.there = reply->type == REDIS_REPLY_STRING};

    if (found.there) {
        assert_true(reply->len >= 42 && (reply->len - 42) % 16 == 0);
        memcpy(found.life, reply->str + 10, 8);
        found.epoch = unpack(reply->str + 18);
        found.told = unpack(reply->str + 26);
        found.latest = unpack(reply->str + 34);
        found.ranges = (unsigned)(reply->len - 42) / 16;
    }
    freeReplyObject(reply);
    return found;
}

/* A record as of `number` that says `text`. */
static size_t make_record(uint64_t number, const char *text, char *record)
{
    memcpy(record, "t2--------", 10);
    pack(number, record + 10);
    return 18 + (size_t)snprintf(record + 18, 20, "%s", text);
}

/* One run of the script; `text` NULL: no record; "": it is gone. Returns whether records were stored. */
static bool happens(const char *what, uint64_t epoch, uint64_t first, uint64_t last, const char *life,
                    const char *key, const char *text)
{
    char numbers[3][8], nonce[9], record[64] = "", ttl[8];
    size_t length = text != NULL && text[0] != '\0' ? make_record(last, text, record) : 0;
    redisReply *reply;
    bool stored;

    pack(epoch, numbers[0]);
    pack(first, numbers[1]);
    pack(last, numbers[2]);
    snprintf(nonce, sizeof(nonce), "%08u", ++lives);
    snprintf(ttl, sizeof(ttl), "%d", TTL);
    if (text != NULL)
        reply = raw("EVAL %s 2 %s %s %s %s %b %s %b %b %b %b %b", todo__script, USER_KEY, key, what,
                    run_of_server, nonce, (size_t)8, ttl, numbers[0], (size_t)8, numbers[1], (size_t)8,
                    numbers[2], (size_t)8, life, (size_t)8, record, length);
    else
        reply = raw("EVAL %s 1 %s %s %s %b %s %b %b %b %b", todo__script, USER_KEY, what, run_of_server,
                    nonce, (size_t)8, ttl, numbers[0], (size_t)8, numbers[1], (size_t)8, numbers[2],
                    (size_t)8, life, (size_t)8);
    if (reply->type != REDIS_REPLY_ARRAY)
        fail_msg("%s", reply->str);
    assert_int_equal(reply->elements, 2);
    stored = reply->element[1]->integer == 1;
    freeReplyObject(reply);
    return stored;
}

#define NO_LIFE "--------"

static bool tell_it(uint64_t first, uint64_t last, const char *key, const char *text)
{
    return happens("change", EPOCH, first, last, NO_LIFE, key, text);
}

static bool fill(const known *seen, uint64_t number, const char *key, const char *text)
{
    return happens("fill", EPOCH, 0, number, seen->life, key, text);
}

/* The rule by which a record is believed, as a reader applies it: its text, or "" for a miss. */
static const char *believed(const char *key)
{
    static char text[32];
    known user = read_known();
    redisReply *reply = raw("GET %s", key);
    uint64_t as_of;

    text[0] = '\0';
    if (user.there && reply->type == REDIS_REPLY_STRING && reply->len > 18) {
        as_of = unpack(reply->str + 10);
        if (memcmp(reply->str + 2, user.life, 8) == 0 &&
            (as_of > user.told ? as_of : user.told) >= user.latest)
            snprintf(text, sizeof(text), "%s", reply->str + 18);
    }
    freeReplyObject(reply);
    return text;
}

static known opened(void)
{
    happens("open", 0, 0, 0, NO_LIFE, NULL, NULL);
    return read_known();
}

static bool same_life(const known *a, const known *b)
{
    return memcmp(a->life, b->life, 8) == 0;
}

static int empty(void **state)
{
    (void)state;
    raw_do("FLUSHALL");
    run_of_server = "run-0001";
    return 0;
}

/* ---- changes ---- */

static void a_change_stores_its_record_and_counts(void **state)
{
    known user;

    (void)state;
    assert_true(tell_it(1, 1, "a", "one"));
    assert_string_equal(believed("a"), "one");
    assert_true(tell_it(2, 2, "b", "two"));
    user = read_known();
    assert_true(user.epoch == EPOCH && user.told == 2 && user.latest == 2 && user.ranges == 0);
    assert_string_equal(believed("a"), "one");
    assert_string_equal(believed("b"), "two");
}

static void what_a_change_removes_is_gone(void **state)
{
    (void)state;
    tell_it(1, 1, "a", "one");
    tell_it(2, 2, "a", "");
    assert_string_equal(believed("a"), "");
    assert_int_equal(read_known().told, 2);
}

static void while_a_change_is_missing_only_the_latest_is_believed(void **state)
{
    known user;

    (void)state;
    tell_it(4, 4, "a", "four");
    tell_it(6, 6, "b", "six");
    user = read_known();
    assert_true(user.told == 4 && user.latest == 6 && user.ranges == 1);
    assert_string_equal(believed("a"), "");
    assert_string_equal(believed("b"), "six");
    assert_false(tell_it(5, 5, "c", "five"));
    user = read_known();
    assert_true(user.told == 6 && user.latest == 6 && user.ranges == 0);
    assert_string_equal(believed("a"), "four");
    assert_string_equal(believed("b"), "six");
    assert_string_equal(believed("c"), "");
}

/* Of two changes of one todo the first comes last. */
static void an_overtaken_change_brings_nothing_back(void **state)
{
    (void)state;
    tell_it(4, 4, "a", "four");
    tell_it(6, 6, "a", "six");
    assert_false(tell_it(5, 5, "a", "five"));
    assert_string_not_equal(believed("a"), "four");
    assert_string_not_equal(believed("a"), "five");
    tell_it(7, 7, "a", "");
    assert_false(tell_it(6, 6, "a", "six"));
    assert_string_equal(believed("a"), "");
}

static void the_same_change_twice_is_one(void **state)
{
    known user;

    (void)state;
    tell_it(1, 1, "a", "one");
    assert_true(tell_it(1, 1, "a", "one"));
    assert_string_equal(believed("a"), "one");
    tell_it(2, 2, "b", "two");
    assert_false(tell_it(1, 1, "a", "one")); /* and late: a miss, never an older state */
    assert_string_equal(believed("a"), "");
    user = read_known();
    assert_true(user.told == 2 && user.latest == 2 && user.ranges == 0);
}

static void a_batch_is_told_in_one_range(void **state)
{
    known user;

    (void)state;
    tell_it(1, 1, "a", "one");
    tell_it(34, 65, "b", "later half");
    tell_it(2, 33, "c", "earlier half");
    user = read_known();
    assert_true(user.told == 65 && user.latest == 65 && user.ranges == 0);
    assert_string_equal(believed("a"), "one");
    assert_string_equal(believed("b"), "later half");
}

static void ranges_join_whatever_their_order(void **state)
{
    uint64_t order[40];
    known user;

    (void)state;
    for (int round = 0; round < 20; round++) {
        raw_do("FLUSHALL");
        tell_it(1, 1, "a", "one");
        for (unsigned i = 0; i < COUNT_OF(order); i++)
            order[i] = i + 2;
        for (unsigned i = COUNT_OF(order) - 1; i > 0; i--) { /* no two further than eight apart */
            unsigned other = i - (unsigned)rand() % (i < 8 ? i + 1 : 8);
            uint64_t swapped = order[i];

            order[i] = order[other];
            order[other] = swapped;
        }
        for (unsigned i = 0; i < COUNT_OF(order); i++)
            tell_it(order[i], order[i], "b", "b");
        user = read_known();
        assert_true(user.latest == COUNT_OF(order) + 1 && user.told == user.latest && user.ranges == 0);
    }
}

/* The change that is missing is given up when so many have come after it. */
static void a_change_that_never_comes_ends_a_life(void **state)
{
    known before, after;

    (void)state;
    tell_it(1, 1, "a", "one");
    before = read_known();
    for (uint64_t number = 3; number <= 65; number += 2)
        tell_it(number, number, "b", "b");
    after = read_known();
    assert_true(same_life(&before, &after) && after.ranges == 32 && after.told == 1);
    assert_true(tell_it(66, 66, "b", "sixty-six"));
    after = read_known();
    assert_false(same_life(&before, &after));
    assert_true(after.ranges == 0 && after.told == 66 && after.latest == 66);
    assert_string_equal(believed("a"), "");
    assert_string_equal(believed("b"), "sixty-six");
    assert_false(tell_it(2, 2, "a", "two"));
    assert_string_equal(believed("a"), "");
}

/* Also when all after it came in order. */
static void one_that_is_missing_below_a_long_range_is_given_up_too(void **state)
{
    (void)state;
    tell_it(1, 1, "a", "one");
    for (uint64_t number = 3; number <= 80; number++)
        tell_it(number, number, "b", "b");
    assert_true(read_known().told == read_known().latest && read_known().latest == 80);
    assert_string_equal(believed("a"), "");
}

static void a_change_of_unknown_extent_begins_another_life(void **state)
{
    known user;

    (void)state;
    tell_it(1, 1, "a", "one");
    tell_it(0, 9, "b", "");
    user = read_known();
    assert_true(user.told == 9 && user.latest == 9);
    assert_string_equal(believed("a"), "");
}

static void large_numbers_are_exact(void **state)
{
    const uint64_t large = (UINT64_C(1) << 53) - 3;
    known user;

    (void)state;
    tell_it(large, large, "a", "a");
    tell_it(large + 1, large + 1, "b", "b");
    user = read_known();
    assert_true(user.told == large + 1 && user.latest == large + 1 && user.epoch == EPOCH);
}

/* ---- fills ---- */

static void a_fill_that_no_change_overtook_is_stored(void **state)
{
    known user;

    (void)state;
    tell_it(3, 3, "a", "three");
    user = read_known();
    assert_true(fill(&user, 3, "b", "read"));
    assert_string_equal(believed("b"), "read");
    assert_string_equal(believed("a"), "three");
}

static void a_fill_that_a_change_overtook_is_refused(void **state)
{
    known user;

    (void)state;
    tell_it(3, 3, "a", "three");
    user = read_known();
    tell_it(4, 4, "b", "");
    assert_false(fill(&user, 3, "b", "read before"));
    assert_string_equal(believed("b"), "");
}

/* Even when Redis has dropped the record that it would have contradicted. */
static void a_fill_brings_nothing_back_that_was_evicted(void **state)
{
    known user;

    (void)state;
    tell_it(3, 3, "a", "three");
    user = read_known();
    tell_it(4, 4, "a", "four");
    raw_do("DEL a");
    assert_false(fill(&user, 3, "a", "three"));
    raw_do("DEL %s", USER_KEY);
    assert_false(fill(&user, 3, "a", "three"));
    opened();
    assert_false(fill(&user, 3, "a", "three"));
    assert_string_equal(believed("a"), "");
}

/* The database is ahead: a change is on its way to Redis, or its process died. */
static void a_fill_that_knows_more_ends_the_belief_in_what_is_older(void **state)
{
    known user;

    (void)state;
    tell_it(3, 3, "a", "three");
    user = read_known();
    assert_true(fill(&user, 4, "b", "read"));
    assert_string_equal(believed("a"), "");
    assert_string_equal(believed("b"), "read");
    tell_it(4, 4, "c", "four"); /* it was on its way */
    assert_string_equal(believed("a"), "three");
    assert_string_equal(believed("b"), "read");
    assert_string_equal(believed("c"), "four");
}

static void a_fill_without_records_does_that_too(void **state)
{
    known user;

    (void)state;
    tell_it(3, 3, "a", "three");
    user = read_known();
    assert_true(happens("fill", EPOCH, 0, 4, user.life, NULL, NULL));
    assert_string_equal(believed("a"), "");
    assert_true(read_known().latest == 4 && read_known().told == 3);
}

static void the_first_fill_of_a_life_says_where_it_begins(void **state)
{
    known user = opened(), after;

    (void)state;
    assert_true(user.there && user.latest == 0);
    assert_true(fill(&user, 7, "a", "a"));
    assert_true(fill(&user, 7, "b", "b"));
    after = read_known();
    assert_true(same_life(&user, &after) && after.epoch == EPOCH && after.told == 7 && after.latest == 7);
    assert_string_equal(believed("a"), "a");
    assert_string_equal(believed("b"), "b");
    tell_it(6, 6, "a", "six"); /* of before, and late */
    assert_string_equal(believed("a"), "");
    assert_true(read_known().told == 7);
}

static void a_life_that_was_opened_is_not_opened_again(void **state)
{
    known one = opened(), other = opened();

    (void)state;
    assert_true(same_life(&one, &other));
}

static void what_was_read_before_a_change_into_an_empty_cache_is_refused(void **state)
{
    known user = opened();

    (void)state;
    tell_it(5, 5, "a", "five");
    assert_false(fill(&user, 4, "a", "four"));
    assert_string_equal(believed("a"), "five");
}

/* ---- what ends a belief ---- */

static void renewing_ends_all_belief_and_keeps_older_fills_out(void **state)
{
    known user;

    (void)state;
    tell_it(3, 3, "a", "three");
    user = read_known();
    happens("renew", 0, 0, 0, NO_LIFE, NULL, NULL);
    assert_string_equal(believed("a"), "");
    assert_false(fill(&user, 3, "a", "three"));
    user = read_known();
    assert_true(fill(&user, 4, "a", "four"));
    assert_string_equal(believed("a"), "four");
}

static void while_it_is_closed_nothing_is_stored(void **state)
{
    known user;
    redisReply *left;

    (void)state;
    tell_it(3, 3, "a", "three");
    happens("close", 0, 0, 0, NO_LIFE, NULL, NULL);
    user = opened();
    assert_false(tell_it(4, 4, "a", "four"));
    assert_false(fill(&user, 9, "a", "nine"));
    assert_string_equal(believed("a"), "");
    raw_do("PEXPIRE %s 5000", USER_KEY);
    tell_it(5, 5, "a", "five");
    happens("renew", 0, 0, 0, NO_LIFE, NULL, NULL);
    left = raw("PTTL %s", USER_KEY);
    assert_in_range(left->integer, 1, 5000); /* nothing makes it last */
    freeReplyObject(left);
    raw_do("DEL %s", USER_KEY); /* it has ended */
    assert_true(tell_it(6, 6, "a", "six"));
    assert_string_equal(believed("a"), "six");
}

static void another_run_of_the_server_begins_anew(void **state)
{
    known user;

    (void)state;
    tell_it(3, 3, "a", "three");
    tell_it(4, 4, "b", "four");
    user = read_known();
    run_of_server = "run-0002";
    assert_false(fill(&user, 4, "c", "read before the restart"));
    assert_true(tell_it(5, 5, "b", "five"));
    assert_true(read_known().told == 5);
    assert_string_equal(believed("a"), "");
    assert_string_equal(believed("b"), "five");
}

static void another_epoch_begins_anew_and_the_former_stays_out(void **state)
{
    known user;

    (void)state;
    tell_it(30, 30, "a", "thirty");
    assert_true(happens("change", EPOCH + 1, 7, 7, NO_LIFE, "b", "seven"));
    user = read_known();
    assert_true(user.epoch == EPOCH + 1 && user.told == 7 && user.latest == 7);
    assert_string_equal(believed("a"), "");
    assert_false(tell_it(31, 31, "a", "of the former"));
    assert_string_equal(believed("a"), "");
    assert_false(fill(&user, 31, "a", "of the former"));
    assert_true(happens("fill", EPOCH + 2, 0, 2, user.life, "c", "of the next"));
    assert_string_equal(believed("c"), "of the next");
    assert_string_equal(believed("b"), "");
}

/* ---- what others left there ---- */

static void what_is_no_user_key_is_none(void **state)
{
    static const char *const values[] = {"", "u1", "t2 of another kind, long enough to be a user key ...",
                                         "u1run-0001and something that is cut short"};

    (void)state;
    for (unsigned i = 0; i < COUNT_OF(values); i++) {
        raw_do("SET %s %s", USER_KEY, values[i]);
        assert_true(tell_it(1, 1, "a", "one"));
        assert_string_equal(believed("a"), "one");
    }
    raw_do("DEL %s", USER_KEY);
    raw_do("HSET %s field value", USER_KEY);
    assert_true(tell_it(1, 1, "a", "one"));
    assert_string_equal(believed("a"), "one");
}

static int64_t milliseconds_left(const char *key)
{
    redisReply *left = raw("PTTL %s", key);
    int64_t milliseconds = left->integer;

    freeReplyObject(left);
    return milliseconds;
}

static void the_user_key_outlives_each_record(void **state)
{
    known user;

    (void)state;
    tell_it(1, 1, "a", "one");
    assert_in_range(milliseconds_left("a"), TTL * 1000 - 5000, TTL * 1000);
    assert_in_range(milliseconds_left(USER_KEY), 2 * TTL * 1000 - 5000, 2 * TTL * 1000);
    user = read_known();
    raw_do("PEXPIRE %s %d", USER_KEY, TTL * 1000 - 1);
    assert_true(fill(&user, 1, "b", "read"));
    assert_in_range(milliseconds_left("b"), TTL * 1000 - 5000, TTL * 1000);
    assert_true(milliseconds_left(USER_KEY) > milliseconds_left("b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_change_stores_its_record_and_counts, empty),
        cmocka_unit_test_setup(what_a_change_removes_is_gone, empty),
        cmocka_unit_test_setup(while_a_change_is_missing_only_the_latest_is_believed, empty),
        cmocka_unit_test_setup(an_overtaken_change_brings_nothing_back, empty),
        cmocka_unit_test_setup(the_same_change_twice_is_one, empty),
        cmocka_unit_test_setup(a_batch_is_told_in_one_range, empty),
        cmocka_unit_test_setup(ranges_join_whatever_their_order, empty),
        cmocka_unit_test_setup(a_change_that_never_comes_ends_a_life, empty),
        cmocka_unit_test_setup(one_that_is_missing_below_a_long_range_is_given_up_too, empty),
        cmocka_unit_test_setup(a_change_of_unknown_extent_begins_another_life, empty),
        cmocka_unit_test_setup(large_numbers_are_exact, empty),
        cmocka_unit_test_setup(a_fill_that_no_change_overtook_is_stored, empty),
        cmocka_unit_test_setup(a_fill_that_a_change_overtook_is_refused, empty),
        cmocka_unit_test_setup(a_fill_brings_nothing_back_that_was_evicted, empty),
        cmocka_unit_test_setup(a_fill_that_knows_more_ends_the_belief_in_what_is_older, empty),
        cmocka_unit_test_setup(a_fill_without_records_does_that_too, empty),
        cmocka_unit_test_setup(the_first_fill_of_a_life_says_where_it_begins, empty),
        cmocka_unit_test_setup(a_life_that_was_opened_is_not_opened_again, empty),
        cmocka_unit_test_setup(what_was_read_before_a_change_into_an_empty_cache_is_refused, empty),
        cmocka_unit_test_setup(renewing_ends_all_belief_and_keeps_older_fills_out, empty),
        cmocka_unit_test_setup(while_it_is_closed_nothing_is_stored, empty),
        cmocka_unit_test_setup(another_run_of_the_server_begins_anew, empty),
        cmocka_unit_test_setup(another_epoch_begins_anew_and_the_former_stays_out, empty),
        cmocka_unit_test_setup(what_is_no_user_key_is_none, empty),
        cmocka_unit_test_setup(the_user_key_outlives_each_record, empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
