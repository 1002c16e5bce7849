#include "head.h"

#include <ctype.h>
#include <string.h>

bool head_is_token(const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("!#$%&'*+-.^_`|~", *at) == NULL)
            return false;
    return text[0] != '\0';
}

/* Takes the field at `at`. Returns where the next line begins; NULL if there is no field. */
static char *take_field(char *at, struct mg_header *ret_field)
{
    char *colon = at + strcspn(at, ": \t\r\n"), *value, *end;

    if (*colon != ':' || colon == at)
        return NULL;
    value = colon + 1 + strspn(colon + 1, " \t");
    end = value + strcspn(value, "\r\n");
    if (end[0] != '\r' || end[1] != '\n')
        return NULL;
    *colon = end[0] = end[1] = '\0';
    *ret_field = (struct mg_header){at, value};
    return end + 2;
}

/* civetweb ended the head's last line by a NUL, and each piece of the request line. */
void head_read_fields(struct mg_request_info *info)
{
    char *at = (char *)info->http_version + strlen(info->http_version) + 2;

    info->num_headers = 0;
    while (at != NULL && info->num_headers < MG_MAX_HEADERS && *at != '\r' && *at != '\0') {
        at = take_field(at, &info->http_headers[info->num_headers]);
        if (at != NULL)
            info->num_headers++;
    }
}

void head_split_uri(struct mg_request_info *info)
{
    char *query = strchr((char *)info->request_uri, '?');

    info->local_uri = info->local_uri_raw = info->request_uri;
    info->query_string = NULL;
    if (query == NULL)
        return;
    *query = '\0';
    info->query_string = query + 1;
}
