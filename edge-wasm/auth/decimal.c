#include "decimal.h"

#define EXPONENT_LIMIT   100000 /* larger ones count as this: no number of 8 KiB comes back from there */
#define MAGNITUDE_MAX    308
#define WHOLE_DIGITS_MAX 16 /* of 2^53 */
#define WHOLE_END        ((int64_t)1 << 53)

/* A number's parts. Its value is 0.DIGITS times ten to the power of `magnitude`, where the first digit is not 0. */
struct decimal {
    bool negative, integer;
    struct str digits; /* from the first that is not 0, perhaps with a point among them; empty for 0 */
    long magnitude;
};

static long read_exponent(struct str text)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    long exponent = 0;

    for (size_t i = text.len > 0 && (negative || text.ptr[0] == '+'); i < text.len; i++) {
        exponent = exponent * 10 + (text.ptr[i] - '0');
        if (exponent > EXPONENT_LIMIT) {
            exponent = EXPONENT_LIMIT;
        }
    }
    return negative ? -exponent : exponent;
}

static size_t exponent_at(struct str literal)
{
    size_t lower = str_span_until(literal, 'e'), upper = str_span_until(literal, 'E');

    return lower < upper ? lower : upper;
}

static struct decimal read(struct str literal)
{
    struct decimal decimal = {.negative = literal.len > 0 && literal.ptr[0] == '-'};
    struct str number = str_from(literal, decimal.negative);
    struct str mantissa = {number.ptr, exponent_at(number)};
    size_t point = str_span_until(mantissa, '.'), first = 0;

    decimal.integer = point == number.len;
    while (first < mantissa.len && (mantissa.ptr[first] == '0' || mantissa.ptr[first] == '.')) {
        first++;
    }
    decimal.digits = str_from(mantissa, first);
    decimal.magnitude = (long)point - (long)first + (first > point);
    if (mantissa.len < number.len) {
        decimal.magnitude += read_exponent(str_from(number, mantissa.len + 1));
    }
    return decimal;
}

bool decimal_in_range(struct str literal)
{
    static const char end[] = "9223372036854775807";
    struct decimal decimal = read(literal);

    if (!decimal.integer || decimal.digits.len < sizeof end - 1) {
        return decimal.digits.len == 0 || decimal.magnitude <= MAGNITUDE_MAX;
    }
    return decimal.digits.len == sizeof end - 1 && memcmp(decimal.digits.ptr, end, sizeof end - 2) <= 0 &&
           (memcmp(decimal.digits.ptr, end, sizeof end - 2) < 0 ||
            decimal.digits.ptr[sizeof end - 2] <= (decimal.negative ? '8' : '7'));
}

bool decimal_whole(struct str literal, int64_t *ret_whole)
{
    struct decimal decimal = read(literal);
    int64_t whole = 0;
    size_t at = 0;

    if (decimal.digits.len > 0 && decimal.magnitude > WHOLE_DIGITS_MAX) {
        return false;
    }
    for (long i = 0; i < decimal.magnitude && decimal.digits.len > 0; i++) {
        at += at < decimal.digits.len && decimal.digits.ptr[at] == '.';
        whole = whole * 10 + (at < decimal.digits.len ? decimal.digits.ptr[at] - '0' : 0);
        at++;
    }
    *ret_whole = decimal.negative ? -whole : whole;
    return whole < WHOLE_END;
}
