#include "framing.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* As they are compared: in lower case. */
static const char *const names[FIELD_COUNT] = {"host",
                                               "content-length",
                                               "transfer-encoding",
                                               "content-type",
                                               "x-user-id",
                                               "x-edge-verified",
                                               "x-request-id",
                                               "x-consistency-token",
                                               "connection",
                                               "upgrade",
                                               "expect",
                                               "content-encoding",
                                               "if-match",
                                               "if-none-match"};

const framing_fault framing_malformed = {400, "request_malformed", "malformed request"};
const framing_fault framing_bad_version = {505, "version_unsupported", "HTTP version not supported"};
static const framing_fault malformed = {400, "head_malformed", "malformed request head"};
static const framing_fault too_large = {431, "head_too_large", "request head too large"};
static const framing_fault no_host = {400, "host_missing", "exactly one Host is required"};
static const framing_fault duplicate = {400, "field_duplicate",
                                        "a header field came twice or is spelled oddly"};
static const framing_fault bad_length = {400, "content_length_invalid", "invalid Content-Length"};
static const framing_fault bad_encoding = {400, "transfer_encoding_invalid", "invalid Transfer-Encoding"};
static const framing_fault nul_in_path = {400, "path_invalid", "a NUL in the path"};

/* As CGI-like software sees names, X_User_Id is X-User-Id. `ret_exact` tells whether it is so without that. */
static bool same_name(const char *name, const char *lower, bool *ret_exact)
{
    *ret_exact = true;
    for (; *lower != '\0'; name++, lower++) {
        char c = *name;

        if (c == '_') {
            c = '-';
            *ret_exact = false;
        } else if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        if (c != *lower)
            return false;
    }
    return *name == '\0';
}

/* FIELD_COUNT for a field that nobody reads. */
static framing_name name_of(const char *name, bool *ret_exact)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if ((name[0] | 0x20) == names[i][0] && same_name(name, names[i], ret_exact))
            return (framing_name)i;
    return FIELD_COUNT;
}

/*
 * civetweb cuts the head where it lies by writing NULs, and stops at the first line that it does not understand (a
 * folded one, or more than MG_MAX_HEADERS) without a word. So the pieces must lie side by side: each name where the
 * line before ended in CR LF (two NULs now), the value behind "name:" (one NUL), and the empty line behind the last.
 */
static bool is_contiguous(const struct mg_request_info *info)
{
    const char *next = info->http_version + strlen(info->http_version);

    for (int i = 0; i < info->num_headers; i++) {
        const char *name = info->http_headers[i].name, *value = info->http_headers[i].value;
        size_t length = strlen(name);

        if (next[0] != '\0' || next[1] != '\0' || name != next + 2)
            return false;
        if (value > name + length + 1 && name[length + 1] == '\0') /* a space before the colon */
            return false;
        next = value + strlen(value);
    }
    if (next[0] != '\0' || next[1] != '\0')
        return false;
    return info->num_headers == 0 ? next[2] == '\0' : next[2] == '\r' && next[3] == '\0';
}

/*
 * One empty line before the request is let pass (RFC 9112, 2.2). civetweb takes two for the whole head, and the head for
 * the body. Its buffer is aligned as malloc does it and a request begins at its start, so the bytes in front of one that
 * is not aligned are in the buffer. Blanks that happen to align a request are told by its body (http_body.c).
 */
static bool begins_late(const struct mg_request_info *info)
{
    size_t before = (uintptr_t)info->request_method % _Alignof(max_align_t);

    return before > 0 && (before != 2 || memcmp(info->request_method - 2, "\r\n", 2) != 0);
}

static bool has_nul(const char *path)
{
    return strstr(path, "%00") != NULL;
}

static const framing_fault *check_body(const struct mg_request_info *info,
                                       const text_slice fields[FIELD_COUNT])
{
    text_slice length = fields[FIELD_CONTENT_LENGTH], encoding = fields[FIELD_TRANSFER_ENCODING];
    unsigned long long number;

    if (length.start != NULL && !text_to_number(length, LLONG_MAX, &number))
        return &bad_length;
    if (encoding.start == NULL)
        return NULL;
    if (length.start != NULL || !text_is_nocase(encoding, "chunked") ||
        strcmp(info->http_version, "1.0") == 0)
        return &bad_encoding;
    return NULL;
}

/* False when a field that may come once came twice in whichever spelling, or one about the body in an odd one. */
static bool read_fields(const struct mg_request_info *info, text_slice fields[FIELD_COUNT])
{
    unsigned seen = 0;
    bool sound = true, exact;

    for (int i = 0; i < info->num_headers; i++) {
        const char *value = info->http_headers[i].value;
        framing_name name = name_of(info->http_headers[i].name, &exact);

        if (name == FIELD_COUNT)
            continue;
        if (name < FIELD_ONCE && (seen & 1u << name) != 0)
            sound = false;
        if (!exact && (name == FIELD_CONTENT_LENGTH || name == FIELD_TRANSFER_ENCODING))
            sound = false;
        seen |= 1u << name;
        if (exact && fields[name].start == NULL)
            fields[name] = text_trim((text_slice){value, strlen(value)});
    }
    return sound;
}

static size_t head_length(const struct mg_request_info *info)
{
    const char *end =
        info->num_headers > 0 ? info->http_headers[info->num_headers - 1].value : info->http_version;

    return (size_t)(end + strlen(end) - info->request_method);
}

const framing_fault *framing_read(const struct mg_request_info *info, text_slice fields[FIELD_COUNT])
{
    bool once;

    memset(fields, 0, FIELD_COUNT * sizeof(fields[0]));
    if (info == NULL)
        return &framing_malformed;
    once = read_fields(info, fields);
    if (begins_late(info) || !is_contiguous(info))
        return &malformed;
    if (!once)
        return &duplicate;
    if (head_length(info) > HEAD_MAX)
        return &too_large;
    if (fields[FIELD_HOST].start == NULL && strcmp(info->http_version, "1.0") != 0)
        return &no_host;
    if (has_nul(info->request_uri))
        return &nul_in_path;
    return check_body(info, fields);
}
