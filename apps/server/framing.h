/*
 * Where a request ends must mean the same to us as to every proxy in front of us (RFC 9112, 11.2: request smuggling),
 * and who sent it must be said once. civetweb 1.15 is more forgiving than that; this is what it lets through.
 */
#ifndef TODO_SERVER_FRAMING_H
#define TODO_SERVER_FRAMING_H

#include <civetweb.h>

#include "text.h"

/* What is wrong with a head, for the client: the answer is `status`, and the connection is closed. */
typedef struct framing_fault {
    int status;
    const char *code;
    const char *message;
} framing_fault;

#define HEAD_MAX 16384 /* bytes of a request's line and fields */

/* Checks a head that civetweb parsed. NULL when it is sound. */
const framing_fault *framing_check(const struct mg_request_info *info);

/* The value of a field without the white space around it. False when it is not there. The first of several. */
bool framing_field(const struct mg_request_info *info, const char *name, text_slice *ret_value);

#endif
