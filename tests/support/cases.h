/*
 * Lists of cases in tests/cases/, which are the same for every implementation: JSON arrays of objects, each with a "name".
 *
 * keys.json: JWKs. "verdict": "taken", "passed_over" for one that is for something else, or libtodo's code of the refusal.
 * tokens.json: header and payload of a token, signed by the test. "says": the message of the refusal, "" when it is good; "parties":
 * issuer "us" and audience "todo" are expected. {+30} in a text is the time in 30 seconds.
 *
 * wire.json: the bytes of one request. "verdict": "taken" or "refused"; "except": the same by the name of an implementation that
 * judges otherwise.
 */
#ifndef TODO_TESTS_CASES_H
#define TODO_TESTS_CASES_H

#include <stdint.h>

#include <json-c/json.h>

/* Reads tests/cases/NAME, or ends the program; to be put. */
json_object *cases_load(const char *name);

/* A text member of a case; NULL when it is not there. */
const char *case_text(json_object *each, const char *member);

/*
 * Sends each of wire.json's requests to the port, and one more behind it. It is "taken" when both are answered and nothing else is, and
 * "refused" when one error is the only answer. How many are judged otherwise than they should be; each is printed.
 */
size_t cases_judge_wire(uint16_t port, const char *implementation);

/* The text with its times filled in; to be freed. */
char *case_at(const char *text, int64_t now);

#endif
