#include "fault.h"

#include <stdio.h>
#include <string.h>

#include "head.h"
#include "random.h"

/* In the canonical spelling, as the gateway takes it. */
static bool is_uuid(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL || text[i] == '\0')
            return false;
    }
    return length == UUID_LENGTH;
}

/* The client's, if that is a UUID, or a new one. */
static void choose_id(const struct wire *request, char ret_id[UUID_LENGTH])
{
    unsigned count = 0;
    const struct field *field = request == NULL ? NULL : wire_field(request, "x-request-id", &count);

    if (field != NULL && is_uuid(field->value, field->value_length))
        memcpy(ret_id, field->value, UUID_LENGTH);
    else
        random_uuid(ret_id);
}

void fault_answer(struct sink *answer, struct transport *transport, const struct request_fault *fault,
                  const struct wire *request)
{
    char text[1024], body[384], date[64], id[UUID_LENGTH];
    bool bodiless = request != NULL && request->parser.method == HTTP_HEAD;
    int length;

    choose_id(request, id);
    head_date(date, sizeof(date));
    length = snprintf(body, sizeof(body), "{\"error\":\"%s\",\"code\":\"%s\",\"request_id\":\"%.*s\"}",
                      fault->message, fault->code, UUID_LENGTH, id);
    length = snprintf(text, sizeof(text),
                      "HTTP/1.1 %u %s\r\n%scontent-type: application/json\r\ncontent-length: %d\r\n"
                      "x-request-id: %.*s\r\n%sconnection: close\r\n\r\n%s",
                      fault->status, head_reason(fault->status), date, length, UUID_LENGTH, id,
                      fault->status == 503 ? "retry-after: 1\r\n" : "", bodiless ? "" : body);
    sink_free(answer);
    sink_attach(answer, transport, text, (size_t)length, SINK_NONE, 0);
    sink_finish(answer);
    sink_flush(answer);
}
