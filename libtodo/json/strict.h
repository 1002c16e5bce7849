/* What RFC 8259 (and RFC 7493, I-JSON) asks of a JSON text and json-c does not check. */
#ifndef TODO_JSON_STRICT_H
#define TODO_JSON_STRICT_H

#include <stddef.h>

#include <todo/error.h>

#define TODO__JSON_DEPTH_MAX 32 /* arrays and objects around a value */

/*
 * Checks the tokens of a text, each by itself; that they make up a value in the right order is json-c's business.
 * json-c takes these even when told to be strict: NaN and Infinity, names in single quotes, raw control characters
 * in strings, numbers like 01.5, -01 and 1., lone surrogates (made U+FFFD), \u0000 in a name (which ends it),
 * overlong UTF-8. They are INVALID here ("json_malformed", "json_too_deep", "utf8_invalid").
 *
 * `ret_members` gets the number of colons outside strings: in a text that json-c accepts, the number of members of
 * all its objects, duplicates included.
 */
todo_status todo__json_check_tokens(const char *text, size_t length, size_t *ret_members, todo_error *error);

/* INVALID, code "json_malformed", saying where. */
todo_status todo__json_malformed(todo_error *error, size_t offset);

/*
 * Whether a text has nothing that C takes for something else: no U+0000 in a string, no number beyond 64 bits or a double. For
 * tokens and keys, which need none of these.
 */
bool todo__json_is_plain(const char *text, size_t length);

#endif
