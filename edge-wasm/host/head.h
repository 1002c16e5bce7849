/* The text of a message's head, for a sink. */
#ifndef EDGE_HOST_HEAD_H
#define EDGE_HOST_HEAD_H

#include "call.h"

struct head {
    char *text;
    size_t length;
    enum sink_framing framing;
    uint64_t body_length; /* of SINK_LENGTH */
};

/* Both false when there is no memory, or Content-Length is no number. */
bool head_of_request(struct call *call, const struct outgoing *outgoing, struct head *ret_head);
bool head_of_answer(struct call *call, const struct outgoing *outgoing, struct head *ret_head);

/* The line `date: ...`, with its end. */
void head_date(char *ret_line, size_t size);

/* "Not Found"; empty for a status without a name. */
const char *head_reason(unsigned status);

/* Whether a field may be set by a guest. */
bool head_may_set(const struct field *field);

#endif
