#include "framing.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

typedef enum singleton {
    FIELD_OTHER = -1,
    FIELD_HOST,
    FIELD_CONTENT_LENGTH,
    FIELD_TRANSFER_ENCODING,
    FIELD_CONTENT_TYPE,
    FIELD_USER_ID,
    FIELD_EDGE_VERIFIED,
    FIELD_REQUEST_ID,
    FIELD_COUNT
} singleton;

/* Fields that may come once. */
static const char *const singletons[FIELD_COUNT] = {"host",         "content-length", "transfer-encoding",
                                                    "content-type", "x-user-id",      "x-edge-verified",
                                                    "x-request-id"};

static const framing_fault malformed = {400, "head_malformed", "malformed request head"};
static const framing_fault too_large = {431, "head_too_large", "request head too large"};
static const framing_fault no_host = {400, "host_missing", "exactly one Host is required"};
static const framing_fault duplicate = {400, "field_duplicate",
                                        "a header field that may come once came twice"};
static const framing_fault bad_length = {400, "content_length_invalid", "invalid Content-Length"};
static const framing_fault bad_encoding = {400, "transfer_encoding_invalid", "invalid Transfer-Encoding"};
static const framing_fault nul_in_path = {400, "path_invalid", "a NUL in the path"};

/* As CGI-like software sees names: X_User_Id is X-User-Id to some of it. */
static bool same_name(const char *name, const char *lower)
{
    for (; *lower != '\0'; name++, lower++) {
        char c = *name == '_' ? '-' : *name;

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != *lower)
            return false;
    }
    return *name == '\0';
}

static singleton singleton_of(const char *name)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if ((name[0] | 0x20) == singletons[i][0] && same_name(name, singletons[i]))
            return (singleton)i;
    return FIELD_OTHER;
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

static bool has_nul(const char *path)
{
    return strstr(path, "%00") != NULL;
}

static const framing_fault *check_body(const struct mg_request_info *info,
                                       const char *const values[FIELD_COUNT])
{
    const char *length = values[FIELD_CONTENT_LENGTH], *encoding = values[FIELD_TRANSFER_ENCODING];
    unsigned long long number;

    if (length != NULL &&
        !text_to_number(text_trim((text_slice){length, strlen(length)}), LLONG_MAX, &number))
        return &bad_length;
    if (encoding == NULL)
        return NULL;
    if (length != NULL || strcasecmp(encoding, "chunked") != 0 || strcmp(info->http_version, "1.0") == 0)
        return &bad_encoding;
    return NULL;
}

const framing_fault *framing_check(const struct mg_request_info *info)
{
    const char *values[FIELD_COUNT] = {NULL}, *end = info->http_version;

    if (!is_contiguous(info))
        return &malformed;
    for (int i = 0; i < info->num_headers; i++) {
        singleton field = singleton_of(info->http_headers[i].name);

        end = info->http_headers[i].value;
        if (field == FIELD_OTHER)
            continue;
        if (values[field] != NULL)
            return &duplicate;
        values[field] = info->http_headers[i].value;
    }
    if (end + strlen(end) - info->request_method > HEAD_MAX)
        return &too_large;
    if (values[FIELD_HOST] == NULL && strcmp(info->http_version, "1.0") != 0)
        return &no_host;
    if (has_nul(info->request_uri))
        return &nul_in_path;
    return check_body(info, values);
}

bool framing_field(const struct mg_request_info *info, const char *name, text_slice *ret_value)
{
    for (int i = 0; i < info->num_headers; i++) {
        if (strcasecmp(info->http_headers[i].name, name) == 0) {
            const char *value = info->http_headers[i].value;

            *ret_value = text_trim((text_slice){value, strlen(value)});
            return true;
        }
    }
    return false;
}
