#include "body.h"

#define LINE_MAX     4096 /* bytes of a chunk line or trailer */
#define TRAILERS_MAX 100
#define DIGITS_MAX   15

enum step { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER, TRAILER_LINE, TRAILER_LF, LAST_LF };

void body_begin(struct body *body, enum body_framing framing, uint64_t length)
{
    *body = (struct body){.framing = framing, .left = length};
    body->complete = framing == BODY_NONE || (framing == BODY_LENGTH && length == 0);
}

void body_end(struct body *body)
{
    if (body->framing == BODY_UNTIL_CLOSE)
        body->complete = true;
    body->broken = !body->complete;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* What may stand in an extension or a trailer. */
static bool is_text(char c)
{
    return (unsigned char)c >= ' ' ? c != 127 : c == '\t';
}

static enum step read_size(struct body *body, char c)
{
    int value = hex_value(c);

    if (value >= 0 && body->digits < DIGITS_MAX) {
        body->left = body->left * 16 + (unsigned)value;
        body->digits++;
        return SIZE;
    }
    body->broken = body->digits == 0 || (c != '\r' && c != ';' && c != ' ' && c != '\t');
    return c == '\r' ? SIZE_LF : EXTENSION;
}

static enum step begin_chunk(struct body *body)
{
    body->line = 0;
    body->digits = 0;
    return body->left == 0 ? TRAILER : DATA;
}

/* Trailers are dropped. */
static enum step read_trailer(struct body *body, char c)
{
    if (c == '\r')
        return TRAILER_LF;
    body->broken = !is_text(c);
    return TRAILER_LINE;
}

static enum step begin_trailer(struct body *body, char c)
{
    body->line = 0;
    if (c == '\r')
        return LAST_LF;
    body->broken = !is_text(c) || c == ' ' || c == '\t' || c == ':' || ++body->trailers > TRAILERS_MAX;
    return TRAILER_LINE;
}

/* One byte of the coding around the chunks. */
static enum step read_coding(struct body *body, char c)
{
    switch ((enum step)body->step) {
    case SIZE:
        return read_size(body, c);
    case EXTENSION:
        body->broken = c != '\r' && !is_text(c);
        return c == '\r' ? SIZE_LF : EXTENSION;
    case SIZE_LF:
        body->broken = c != '\n';
        return begin_chunk(body);
    case DATA_CR:
        body->broken = c != '\r';
        return DATA_LF;
    case DATA_LF:
        body->broken = c != '\n';
        return SIZE;
    case TRAILER:
        return begin_trailer(body, c);
    case TRAILER_LINE:
        return read_trailer(body, c);
    case TRAILER_LF:
        body->broken = c != '\n';
        return TRAILER;
    default: /* LAST_LF */
        body->broken = c != '\n';
        body->complete = !body->broken;
        return LAST_LF;
    }
}

static size_t read_chunks(struct body *body, const char *at, size_t length)
{
    size_t read = 0;

    while (read < length && body->step != DATA && !body->complete && !body->broken) {
        body->step = (unsigned char)read_coding(body, at[read++]);
        body->broken = body->broken || ++body->line > LINE_MAX;
    }
    return read;
}

size_t body_read(struct body *body, const char *at, size_t length, const char **ret_part, size_t *ret_size)
{
    size_t read = body->framing == BODY_CHUNKED ? read_chunks(body, at, length) : 0, part = length - read;

    *ret_part = at + read;
    *ret_size = 0;
    if (body->complete || body->broken || part == 0)
        return read;
    if (body->framing != BODY_UNTIL_CLOSE && part > body->left)
        part = (size_t)body->left;
    body->left -= body->framing == BODY_UNTIL_CLOSE ? 0 : part;
    if (body->left == 0 && body->framing == BODY_CHUNKED)
        body->step = DATA_CR;
    body->complete = body->left == 0 && body->framing == BODY_LENGTH;
    *ret_size = part;
    return read + part;
}
