#include "json/strict.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/text.h"
#include "util/hex.h"

typedef struct scanner {
    const char *text;
    size_t length;
    size_t at;
    size_t depth;
    size_t members;
    bool has_nul; /* the last string has a U+0000 */
} scanner;

todo_status todo__json_malformed(todo_error *error, size_t offset)
{
    char message[64];

    snprintf(message, sizeof(message), "malformed JSON at byte %zu", offset);
    return todo_error_set(error, TODO_ERR_INVALID, "json_malformed", NULL, message);
}

/* The next character, NUL at the end; no token has a NUL in it. */
static char peek(const scanner *scan)
{
    return scan->at < scan->length ? scan->text[scan->at] : '\0';
}

static bool take(scanner *scan, char wanted)
{
    if (peek(scan) != wanted || scan->at == scan->length)
        return false;
    scan->at++;
    return true;
}

static bool take_word(scanner *scan, const char *word)
{
    size_t length = strlen(word);

    if (scan->length - scan->at < length || memcmp(scan->text + scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

static size_t take_digits(scanner *scan)
{
    size_t start = scan->at;

    while (peek(scan) >= '0' && peek(scan) <= '9')
        scan->at++;
    return scan->at - start;
}

static bool take_number(scanner *scan)
{
    const char *digits;
    size_t count;

    take(scan, '-');
    digits = scan->text + scan->at;
    count = take_digits(scan);
    if (count == 0 || (count > 1 && digits[0] == '0'))
        return false;
    if (take(scan, '.') && take_digits(scan) == 0)
        return false;
    if (!take(scan, 'e') && !take(scan, 'E'))
        return true;
    if (!take(scan, '+'))
        take(scan, '-');
    return take_digits(scan) > 0;
}

/* Reads the four hexadecimal digits behind \u. */
static bool take_code_unit(scanner *scan, unsigned *ret_unit)
{
    unsigned unit = 0;

    for (int i = 0; i < 4; i++, scan->at++) {
        int digit = todo__hex_value(peek(scan));

        if (digit < 0)
            return false;
        unit = unit << 4 | (unsigned)digit;
    }
    *ret_unit = unit;
    return true;
}

/* Reads what follows a backslash. */
static bool take_escape(scanner *scan)
{
    unsigned unit, low;

    if (!take(scan, 'u')) {
        if (peek(scan) == '\0' || strchr("\"\\/bfnrt", peek(scan)) == NULL)
            return false;
        scan->at++;
        return true;
    }
    if (!take_code_unit(scan, &unit))
        return false;
    scan->has_nul = scan->has_nul || unit == 0;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    return unit < 0xDC00 && take(scan, '\\') && take(scan, 'u') && take_code_unit(scan, &low) &&
           low >= 0xDC00 && low <= 0xDFFF;
}

/* Reads a string from behind its opening quote. */
static bool take_string(scanner *scan)
{
    while (scan->at < scan->length) {
        unsigned char byte = (unsigned char)scan->text[scan->at];

        if (byte < 0x20)
            return false;
        scan->at++;
        if (byte == '"')
            return true;
        if (byte == '\\' && !take_escape(scan))
            return false;
    }
    return false;
}

/* Reads one token or one character of white space. */
static bool take_token(scanner *scan)
{
    switch (peek(scan)) {
    case '{':
    case '[':
        scan->depth++;
        scan->at++;
        return true;
    case '}':
    case ']':
        if (scan->depth == 0)
            return false;
        scan->depth--;
        scan->at++;
        return true;
    case ':':
        if (scan->has_nul) /* json-c would cut the member's name there, and take it for another */
            return false;
        scan->members++;
        scan->at++;
        return true;
    case ',':
    case ' ':
    case '\t':
    case '\n':
    case '\r':
        scan->at++;
        return true;
    case '"':
        scan->at++;
        scan->has_nul = false;
        return take_string(scan);
    case 't':
        return take_word(scan, "true");
    case 'f':
        return take_word(scan, "false");
    case 'n':
        return take_word(scan, "null");
    default:
        return take_number(scan);
    }
}

todo_status todo__json_check_tokens(const char *text, size_t length, size_t *ret_members, todo_error *error)
{
    scanner scan = {.text = text, .length = length};

    if (!todo__utf8_valid(text, length))
        return todo_error_set(error, TODO_ERR_INVALID, "utf8_invalid", NULL, "invalid UTF-8");
    while (scan.at < length) {
        if (!take_token(&scan))
            return todo__json_malformed(error, scan.at);
        if (scan.depth > TODO__JSON_DEPTH_MAX)
            return todo_error_set(error, TODO_ERR_INVALID, "json_too_deep", NULL,
                                  "JSON is nested too deeply");
    }
    *ret_members = scan.members;
    return TODO_OK;
}

/* Whether a token is a number beyond 64 bits or, with a fraction or an exponent, beyond a double. */
static bool is_extreme(const char *token, size_t length)
{
    char text[400];

    if (token[0] != '-' && (token[0] < '0' || token[0] > '9'))
        return false;
    if (length >= sizeof(text))
        return true;
    memcpy(text, token, length);
    text[length] = '\0';
    if (strpbrk(text, ".eE") != NULL)
        return !isfinite(strtod(text, NULL));
    errno = 0;
    (void)strtoll(text, NULL, 10);
    return errno != 0;
}

bool todo__json_is_plain(const char *text, size_t length)
{
    scanner scan = {.text = text, .length = length};
    bool plain = memmem(text, length, "\\u0000", 6) == NULL;

    while (plain && scan.at < length) {
        size_t start = scan.at;

        plain = take_token(&scan) && !is_extreme(text + start, scan.at - start);
    }
    return plain;
}
