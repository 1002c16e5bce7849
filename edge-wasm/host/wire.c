#include "wire.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM_REQUEST 2048  /* bytes: most heads fit */
#define FIRST_ROOM_ANSWER  16384 /* most answers fit with their bodies */

/* What http-parser finds in a head, before it is known how much that is. */
struct reading {
    struct wire *wire;
    struct field fields[WIRE_FIELDS_MAX];
    size_t count;
    bool overflow;
};

static struct reading *of(http_parser *parser)
{
    return parser->data;
}

static int on_url(http_parser *parser, const char *at, size_t length)
{
    of(parser)->wire->target = at;
    of(parser)->wire->target_length = length;
    return 0;
}

static int on_field(http_parser *parser, const char *at, size_t length)
{
    struct reading *reading = of(parser);

    if (reading->count == WIRE_FIELDS_MAX) {
        reading->overflow = true;
        return -1;
    }
    reading->fields[reading->count++] = (struct field){at, length, "", 0};
    return 0;
}

static int on_value(http_parser *parser, const char *at, size_t length)
{
    struct field *field = &of(parser)->fields[of(parser)->count - 1];

    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
        length--;
    field->value = at;
    field->value_length = length;
    return 0;
}

/* The body is not http-parser's. */
static int on_headers_complete(http_parser *parser)
{
    (void)parser;
    return 1;
}

static const http_parser_settings settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
};

static void begin(struct wire *wire)
{
    http_parser_init(&wire->parser, wire->answers ? HTTP_RESPONSE : HTTP_REQUEST);
    wire->fields_count = wire->target_length = wire->part_length = wire->head_length = wire->searched = 0;
    body_begin(&wire->body, BODY_NONE, 0);
}

void wire_open(struct wire *wire, struct transport *transport, bool answers)
{
    *wire = (struct wire){.transport = transport, .answers = answers};
    begin(wire);
}

static void release(char **bytes)
{
    free(*bytes);
    *bytes = NULL;
}

/* Frees everything but what is in `bytes` from `start` on. */
static void drop_message(struct wire *wire)
{
    release((char **)&wire->fields);
    release(&wire->gathered);
    wire->gathered_length = wire->gathered_size = 0;
    if (wire->bytes != wire->head)
        release(&wire->head);
    if (wire->bytes != wire->room)
        release(&wire->room);
}

void wire_close(struct wire *wire)
{
    wire->bytes = NULL;
    drop_message(wire);
}

void wire_next(struct wire *wire)
{
    if (wire->start == wire->end) {
        wire_close(wire);
        wire->start = wire->end = wire->size = 0;
    } else {
        drop_message(wire);
        memmove(wire->bytes, wire->bytes + wire->start, wire->end - wire->start);
        wire->end -= wire->start;
        wire->start = 0;
        wire->head = wire->bytes;
        wire->room = NULL;
    }
    begin(wire);
}

bool wire_has_bytes(const struct wire *wire)
{
    return wire->end > wire->start;
}

/* Receives behind what is there. */
static enum wire_event receive(struct wire *wire)
{
    ssize_t got = transport_receive(wire->transport, wire->bytes + wire->end, wire->size - wire->end);

    if (got > 0) {
        wire->end += (size_t)got;
        return WIRE_READY;
    }
    return got == 0 ? WIRE_END : got == TRANSPORT_WAIT ? WIRE_WAIT : WIRE_BROKEN;
}

/* A field line without its CR LF: `name:value`. */
static bool is_field_line(const char *at, size_t length)
{
    const char *colon = memchr(at, ':', length);

    if (colon == NULL)
        return false;
    size_t name_length = (size_t)(colon - at);
    return field_is_valid(&(struct field){at, name_length, colon + 1, length - name_length - 1});
}

/* One space between its three parts, nothing but visible ASCII in them. A status line may end in any text. */
static bool is_first_line(const char *at, size_t length, bool answers)
{
    size_t spaces = 0;

    for (size_t i = 0; i < length; i++) {
        if (at[i] == ' ')
            spaces++;
        else if ((unsigned char)at[i] < ' ' || at[i] == 127 || (!answers && (unsigned char)at[i] > 127))
            return false;
    }
    return answers ? spaces >= 1 : spaces == 2;
}

/* Every line ends in CR LF, none is folded, and no name has blanks around it: http-parser forgives all of these. */
static bool head_is_strict(const char *at, size_t length, bool answers)
{
    const char *end = at + length - 2;
    bool first = true;

    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        if (line == NULL || line == at || line[-1] != '\r')
            return false;
        size_t size = (size_t)(line - 1 - at);
        if (!(first ? is_first_line(at, size, answers) : is_field_line(at, size)))
            return false;
        first = false;
        at = line + 1;
    }
    return !first;
}

static bool has_coding(const struct wire *wire)
{
    unsigned count;

    wire_field(wire, "transfer-encoding", &count);
    return count > 0;
}

static enum body_framing framing_of(const struct wire *wire)
{
    const http_parser *parser = &wire->parser;
    unsigned status = parser->status_code;

    if (wire->answers && (wire->skip_body || status / 100 == 1 || status == 204 || status == 304))
        return BODY_NONE;
    if (parser->flags & F_CHUNKED)
        return BODY_CHUNKED;
    if (wire->answers && has_coding(wire))
        return BODY_UNTIL_CLOSE;
    if (parser->flags & F_CONTENTLENGTH)
        return BODY_LENGTH;
    return wire->answers ? BODY_UNTIL_CLOSE : BODY_NONE;
}

/* Keeps the fields that were found. */
static bool keep_fields(struct wire *wire, const struct reading *reading)
{
    wire->fields = malloc((reading->count + 1) * sizeof(*wire->fields));
    if (wire->fields == NULL)
        return false;
    memcpy(wire->fields, reading->fields, reading->count * sizeof(*wire->fields));
    wire->fields_count = reading->count;
    return true;
}

static enum wire_event parse_head(struct wire *wire)
{
    http_parser *parser = &wire->parser;
    struct reading reading;

    reading.wire = wire;
    reading.count = 0;
    reading.overflow = false;
    parser->data = &reading;
    bool strict = head_is_strict(wire->bytes, wire->head_length, wire->answers);
    size_t used = http_parser_execute(parser, &settings, wire->bytes, wire->head_length);
    bool parsed = HTTP_PARSER_ERRNO(parser) == HPE_OK;
    if (reading.overflow)
        return WIRE_LARGE;
    if (strict && (HTTP_PARSER_ERRNO(parser) == HPE_INVALID_VERSION || (parsed && parser->http_major != 1)))
        return WIRE_VERSION;
    if (!strict || !parsed || used != wire->head_length || !keep_fields(wire, &reading))
        return WIRE_BROKEN;
    wire->start = wire->head_length;
    body_begin(&wire->body, framing_of(wire), parser->flags & F_CONTENTLENGTH ? parser->content_length : 0);
    return WIRE_READY;
}

/* Empty lines before a request are skipped (RFC 9112, 2.2). */
static void skip_empty_lines(struct wire *wire)
{
    size_t skipped = 0;

    while (wire->end - skipped >= 2 && memcmp(wire->bytes + skipped, "\r\n", 2) == 0)
        skipped += 2;
    if (skipped == 0)
        return;
    wire->end -= skipped;
    memmove(wire->bytes, wire->bytes + skipped, wire->end);
}

/* The length of the head if its end has arrived, else 0. */
static size_t find_head(struct wire *wire)
{
    const char *found;

    if (!wire->answers && wire->searched == 0)
        skip_empty_lines(wire);
    found = memmem(wire->bytes + wire->searched, wire->end - wire->searched, "\r\n\r\n", 4);
    if (found != NULL)
        return (size_t)(found - wire->bytes) + 4;
    wire->searched = wire->end > 3 ? wire->end - 3 : 0;
    return 0;
}

/* Room for more of the head. */
static bool grow_head(struct wire *wire)
{
    size_t size = wire->size == 0 ? (wire->answers ? FIRST_ROOM_ANSWER : FIRST_ROOM_REQUEST) : 2 * wire->size;
    char *bytes;

    if (wire->end < wire->size)
        return true;
    if (size > WIRE_HEAD_MAX && wire->size < WIRE_HEAD_MAX)
        size = WIRE_HEAD_MAX;
    bytes = realloc(wire->head, size);
    if (bytes == NULL)
        return false;
    wire->head = wire->bytes = bytes;
    wire->size = size;
    return true;
}

/* A buffer in which nothing is left is not kept while nothing comes. */
static void drop_empty_head(struct wire *wire)
{
    if (wire->end > 0)
        return;
    release(&wire->head);
    wire->bytes = NULL;
    wire->size = 0;
}

enum wire_event wire_read_head(struct wire *wire)
{
    enum wire_event event;

    while (wire->end == 0 || (wire->head_length = find_head(wire)) == 0) {
        if (wire->end >= WIRE_HEAD_MAX)
            return WIRE_LARGE;
        if (!wire->transport->readable) {
            drop_empty_head(wire);
            return WIRE_WAIT;
        }
        if (!grow_head(wire))
            return WIRE_BROKEN;
        event = receive(wire);
        drop_empty_head(wire);
        if (event != WIRE_READY)
            return event == WIRE_END && wire->end > 0 ? WIRE_BROKEN : event;
    }
    return wire->head_length > WIRE_HEAD_MAX ? WIRE_LARGE : parse_head(wire);
}

/* Room for more of the body, where nothing is left of what came before. */
static bool make_room(struct wire *wire)
{
    if (wire->room == NULL)
        wire->room = malloc(WIRE_ROOM);
    wire->bytes = wire->room;
    wire->start = wire->end = 0;
    wire->size = wire->room == NULL ? 0 : WIRE_ROOM;
    return wire->room != NULL;
}

static void drop_room(struct wire *wire)
{
    release(&wire->room);
    wire->bytes = NULL;
    wire->start = wire->end = wire->size = 0;
}

/* Receives more of the body. WIRE_READY when something came, or its end. */
static enum wire_event receive_body(struct wire *wire)
{
    enum wire_event event;

    if (!wire->transport->readable)
        return WIRE_WAIT;
    event = make_room(wire) ? receive(wire) : WIRE_BROKEN;
    if (event != WIRE_READY)
        drop_room(wire);
    if (event == WIRE_END)
        body_end(&wire->body);
    return event == WIRE_END ? WIRE_READY : event;
}

enum wire_event wire_read_body(struct wire *wire)
{
    for (;;) {
        wire->broken = wire->broken || wire->body.broken;
        if (wire->part_length > 0)
            return WIRE_READY;
        if (wire->broken)
            return WIRE_BROKEN;
        if (wire->body.complete)
            return WIRE_END;
        if (wire->start == wire->end) {
            enum wire_event event = receive_body(wire);
            wire->broken = event == WIRE_BROKEN;
            if (event == WIRE_WAIT)
                return WIRE_WAIT;
            continue;
        }
        wire->start += body_read(&wire->body, wire->bytes + wire->start, wire->end - wire->start, &wire->part,
                                 &wire->part_length);
    }
}

/* Appends what is there to what has been gathered. */
static bool keep_part(struct wire *wire)
{
    size_t needed = wire->gathered_length + wire->part_length, size = wire->gathered_size;

    while (size < needed)
        size = size == 0 ? 1024 : 2 * size;
    if (size > wire->gathered_size) {
        char *bytes = realloc(wire->gathered, size);
        if (bytes == NULL)
            return false;
        wire->gathered = bytes;
        wire->gathered_size = size;
    }
    memcpy(wire->gathered + wire->gathered_length, wire->part, wire->part_length);
    wire->gathered_length = needed;
    wire->part_length = 0;
    return true;
}

enum wire_event wire_gather(struct wire *wire, size_t limit)
{
    enum wire_event event = WIRE_READY;

    while (wire->gathered_length < limit && event == WIRE_READY) {
        event = wire_read_body(wire);
        /* What came whole with the head stays where it is. */
        if (event == WIRE_READY && wire->body.complete && wire->gathered_length == 0)
            return WIRE_READY;
        if (event == WIRE_READY && !keep_part(wire))
            event = WIRE_BROKEN;
    }
    if (event == WIRE_WAIT || event == WIRE_BROKEN)
        return event;
    wire->part = wire->gathered;
    wire->part_length = wire->gathered_length;
    return WIRE_READY;
}

bool wire_is_read(const struct wire *wire)
{
    return wire->body.complete && wire->part_length == 0 && !wire->broken;
}

bool wire_keeps_alive(const struct wire *wire)
{
    return http_should_keep_alive(&wire->parser) && !wire->parser.upgrade &&
           wire->body.framing != BODY_UNTIL_CLOSE;
}

void wire_consume(struct wire *wire, size_t length)
{
    wire->part += length;
    wire->part_length -= length;
}

const struct field *wire_field(const struct wire *wire, const char *name, unsigned *ret_count)
{
    const struct field *found = NULL;

    *ret_count = 0;
    for (size_t i = 0; i < wire->fields_count; i++) {
        if (field_is(&wire->fields[i], name)) {
            found = &wire->fields[i];
            (*ret_count)++;
        }
    }
    return *ret_count == 1 ? found : NULL;
}
