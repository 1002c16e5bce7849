#include "cors.h"
#include "list.h"

struct str cors_origin(const struct config *config, const struct fields *request)
{
    struct str origin = fields_get(request, STR("origin"));

    if (config->cors_origins.ptr != NULL && origin.ptr != NULL && list_has(config->cors_origins, origin)) {
        return origin;
    }
    return (struct str){NULL, 0};
}

bool cors_is_preflight(const struct request *request)
{
    return request->method.tag == WASI_HTTP_TYPES_METHOD_OPTIONS &&
           fields_get(&request->fields, STR("origin")).ptr != NULL &&
           fields_get(&request->fields, STR("access-control-request-method")).ptr != NULL;
}

void cors_allow(const struct config *config, struct str origin, struct fields *answer)
{
    /* Also to requests without an Origin: a cache must not hand their answers to a page, nor a page's to them. */
    if (config->cors_origins.ptr != NULL) {
        fields_add(answer, STR("vary"), STR("Origin"));
    }
    if (origin.ptr == NULL) {
        return;
    }
    fields_add(answer, STR("access-control-allow-origin"), origin);
    fields_add(
        answer, STR("access-control-expose-headers"),
        STR("Content-Disposition, ETag, Link, Location, Retry-After, X-Consistency-Token, X-Request-Id"));
}

void cors_allow_preflight(struct fields *answer)
{
    fields_add(answer, STR("access-control-allow-methods"), STR("GET, HEAD, POST, PATCH, DELETE"));
    fields_add(answer, STR("access-control-allow-headers"),
               STR("Authorization, Content-Type, If-Match, If-None-Match, X-Consistency-Token"));
    fields_add(answer, STR("access-control-max-age"), STR("600"));
}
