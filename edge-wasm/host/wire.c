#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static struct wire *of(http_parser *parser)
{
    return parser->data;
}

static int on_url(http_parser *parser, const char *at, size_t length)
{
    of(parser)->target = at;
    of(parser)->target_length = length;
    return 0;
}

static int on_field(http_parser *parser, const char *at, size_t length)
{
    struct wire *wire = of(parser);

    if (wire->state == WIRE_BODY) /* a trailer: dropped */
        return 0;
    if (wire->fields_count == WIRE_FIELDS_MAX) {
        wire->overflow = true;
        return -1;
    }
    wire->fields[wire->fields_count++] = (struct field){at, length, "", 0};
    return 0;
}

static int on_value(http_parser *parser, const char *at, size_t length)
{
    struct wire *wire = of(parser);

    if (wire->state == WIRE_BODY)
        return 0;
    struct field *field = &wire->fields[wire->fields_count - 1];
    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
        length--;
    field->value = at;
    field->value_length = length;
    return 0;
}

static int on_headers_complete(http_parser *parser)
{
    return of(parser)->skip_body ? 1 : 0;
}

static int on_body(http_parser *parser, const char *at, size_t length)
{
    of(parser)->body = at;
    of(parser)->body_length = length;
    http_parser_pause(parser, 1);
    return 0;
}

/* http-parser, as Debian builds it, does not look whether lines of the chunked coding end in CR LF: parse does. */
static int on_chunk_line(http_parser *parser)
{
    of(parser)->cut_at_line = true;
    http_parser_pause(parser, 1);
    return 0;
}

/* Also called at the end of the trailers, before the last line feed: on_complete comes behind that. */
static int on_chunk_complete(http_parser *parser)
{
    return (parser->flags & F_TRAILING) != 0 ? 0 : on_chunk_line(parser);
}

static int on_complete(http_parser *parser)
{
    struct wire *wire = of(parser);

    wire->complete = true;
    wire->cut_at_line = (parser->flags & F_CHUNKED) != 0 && wire->state == WIRE_BODY;
    http_parser_pause(parser, 1);
    return 0;
}

static const http_parser_settings settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_chunk_header = on_chunk_line,
    .on_chunk_complete = on_chunk_complete,
    .on_message_complete = on_complete,
};

static void begin(struct wire *wire)
{
    http_parser_init(&wire->parser, wire->answers ? HTTP_RESPONSE : HTTP_REQUEST);
    wire->parser.data = wire;
    wire->state = WIRE_HEAD;
    wire->fields_count = wire->target_length = wire->body_length = wire->head_length = wire->searched = 0;
    wire->complete = wire->overflow = false;
}

void wire_open(struct wire *wire, int fd, bool answers)
{
    wire->fd = fd;
    wire->answers = answers;
    wire->skip_body = wire->broken = false;
    wire->start = wire->end = 0;
    begin(wire);
}

void wire_next(struct wire *wire)
{
    memmove(wire->bytes, wire->bytes + wire->start, wire->end - wire->start);
    wire->end -= wire->start;
    wire->start = 0;
    begin(wire);
}

bool wire_has_bytes(const struct wire *wire)
{
    return wire->end > wire->start;
}

/* Receives behind what is there. */
static enum wire_event receive(struct wire *wire, size_t room, int flags)
{
    ssize_t got;

    do
        got = recv(wire->fd, wire->bytes + wire->end, room, flags);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        wire->end += (size_t)got;
        return WIRE_READY;
    }
    if (got == 0)
        return WIRE_END;
    return errno == EAGAIN || errno == EWOULDBLOCK ? WIRE_WAIT : WIRE_BROKEN;
}

/* Whether the parser stopped behind CR LF. */
static bool stopped_at_line(const struct wire *wire, const char *at, size_t used)
{
    return used > 0 && at[used - 1] == '\n' && (used > 1 ? at[used - 2] : wire->last) == '\r';
}

/* Parses `length` bytes from the start, until there is something to say. False when they are wrong. */
static bool parse(struct wire *wire, size_t length)
{
    const char *at = wire->bytes + wire->start;
    size_t used;

    wire->cut_at_line = false;
    http_parser_pause(&wire->parser, 0);
    used = http_parser_execute(&wire->parser, &settings, at, length);
    if (HTTP_PARSER_ERRNO(&wire->parser) != HPE_OK && HTTP_PARSER_ERRNO(&wire->parser) != HPE_PAUSED)
        return false;
    if (wire->cut_at_line && !stopped_at_line(wire, at, used))
        return false;
    if (used > 0)
        wire->last = at[used - 1];
    wire->start += used;
    return true;
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

static enum wire_event parse_head(struct wire *wire)
{
    http_parser *parser = &wire->parser;
    bool strict = head_is_strict(wire->bytes, wire->head_length, wire->answers);
    bool parsed = parse(wire, wire->head_length);

    if (wire->overflow)
        return WIRE_LARGE;
    if (strict && (HTTP_PARSER_ERRNO(parser) == HPE_INVALID_VERSION || (parsed && parser->http_major != 1)))
        return WIRE_VERSION;
    if (!strict || !parsed || wire->start != wire->head_length)
        return WIRE_BROKEN;
    wire->state = WIRE_BODY;
    wire->last = '\n';
    return WIRE_READY;
}

/* Empty lines before a request are skipped (RFC 9112, 2.2). */
static void skip_empty_lines(struct wire *wire)
{
    size_t skipped = 0;

    while (wire->end - skipped >= 2 && memcmp(wire->bytes + skipped, "\r\n", 2) == 0)
        skipped += 2;
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

enum wire_event wire_read_head(struct wire *wire, int flags)
{
    enum wire_event event;

    if (wire->end == 0 || (wire->head_length = find_head(wire)) == 0) {
        if (wire->end >= WIRE_HEAD_MAX)
            return WIRE_LARGE;
        event = receive(wire, WIRE_HEAD_MAX - wire->end, flags);
        if (event != WIRE_READY)
            return event == WIRE_END && wire->end > 0 ? WIRE_BROKEN : event;
        if ((wire->head_length = find_head(wire)) == 0)
            return WIRE_WAIT;
    }
    return parse_head(wire);
}

enum wire_event wire_read_body(struct wire *wire)
{
    enum wire_event event;

    for (;;) {
        if (wire->broken)
            return WIRE_BROKEN;
        if (wire->body_length > 0)
            return WIRE_READY;
        if (wire->complete)
            return WIRE_END;
        if (wire->start == wire->end) {
            wire->start = wire->end = wire->head_length;
            event = receive(wire, WIRE_BODY_MAX, MSG_DONTWAIT);
            if (event == WIRE_WAIT)
                return WIRE_WAIT;
            if (event == WIRE_END) /* the end of a body that has no other, or a broken one */
                wire->broken = !parse(wire, 0) || !wire->complete;
            if (event == WIRE_BROKEN)
                wire->broken = true;
            if (event != WIRE_READY)
                continue;
        }
        wire->broken = !parse(wire, wire->end - wire->start);
    }
}

bool wire_is_read(const struct wire *wire)
{
    return wire->complete && wire->body_length == 0 && !wire->broken;
}

bool wire_keeps_alive(const struct wire *wire)
{
    return http_should_keep_alive(&wire->parser) && !wire->parser.upgrade;
}

void wire_consume(struct wire *wire, size_t length)
{
    wire->body += length;
    wire->body_length -= length;
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
