/* The gateway component: decides what a request needs, has its token checked, and forwards it. */
#include "../shared/arena.h"
#include "../shared/messages.h"
#include "answer.h"
#include "cors.h"
#include "forward.h"
#include "origin.h"
#include "route.h"

/* The token of `Authorization: Bearer TOKEN` (RFC 6750, 2.1). */
static const char *bearer_token(const struct fields *fields, struct str *ret_token)
{
    struct str value = str_trim(fields_get(fields, STR("authorization")));
    size_t scheme = str_span_until(value, ' ');

    if (fields_count(fields, STR("authorization")) > 1) {
        return TOKEN_FORMAT;
    }
    if (scheme == value.len || !str_equal_nocase((struct str){value.ptr, scheme}, STR("bearer"))) {
        return TOKEN_MISSING;
    }
    *ret_token = str_trim(str_from(value, scheme));
    return NULL;
}

/* The component model carries text as UTF-8, and a token is ASCII anyway: refuse what could not be handed over. */
static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~') {
            return false;
        }
    }
    return true;
}

/* Sets the user id, or answers and returns false. */
static bool authenticate(struct request *request, wasi_http_types_own_response_outparam_t out,
                         struct str *ret_user_id)
{
    struct str token = {NULL, 0};
    const char *refusal = bearer_token(&request->fields, &token);
    demo_auth_authenticator_auth_result_t result;

    if (refusal == NULL && !is_ascii(token)) {
        refusal = TOKEN_FORMAT;
    }
    if (refusal != NULL) {
        answer_unauthorized(request, out, (struct str){refusal, strlen(refusal)});
        return false;
    }
    gateway_string_t text = {(uint8_t *)token.ptr, token.len};
    demo_auth_authenticator_verify_token(&text, &result);
    if (result.authenticated && result.user_id.is_some) {
        *ret_user_id = (struct str){(char *)result.user_id.val.ptr, result.user_id.val.len};
        return true;
    }
    struct str error = result.error.is_some ? (struct str){(char *)result.error.val.ptr, result.error.val.len}
                                            : STR(TOKEN_SIGNATURE);
    if (str_equal(error, STR(TOKEN_VERIFIER_UNCONFIGURED))) {
        answer_error(request, out, 503, "auth_unconfigured", error);
    } else {
        answer_unauthorized(request, out, error);
    }
    return false;
}

/* What can be told wrong without asking anyone. Answers and returns false. */
static bool acceptable(const struct request *request, const struct config *config, enum route route,
                       wasi_http_types_own_response_outparam_t out)
{
    /* TRACE would send the edge's own header fields back to the client (RFC 9110, 9.3.8). */
    if (request->method.tag == WASI_HTTP_TYPES_METHOD_TRACE ||
        request->method.tag == WASI_HTTP_TYPES_METHOD_CONNECT) {
        answer_error(request, out, 405, "method_not_allowed", STR("method not allowed"));
    } else if (route == ROUTE_BAD) {
        answer_error(request, out, 400, "path_invalid", STR("invalid path"));
    } else if (fields_count(&request->fields, STR("content-length")) > 1) {
        answer_error(request, out, 400, "content_length_invalid", STR("invalid Content-Length"));
    } else if (fields_size(&request->fields) + request->path_with_query.len > HEAD_SIZE_MAX) {
        answer_error(request, out, 431, "fields_too_large", STR("request header fields too large"));
    } else if (!config->usable) {
        answer_error(request, out, 503, "edge_misconfigured", STR("the edge is misconfigured"));
    } else {
        return true;
    }
    return false;
}

void exports_wasi_http_incoming_handler_handle(
    exports_wasi_http_incoming_handler_own_incoming_request_t handle,
    exports_wasi_http_incoming_handler_own_response_outparam_t out)
{
    struct request request;
    struct str user_id = {NULL, 0};

    arena_reset();
    const struct config *config = config_get();
    request_read(handle, &request);
    origin_take_request_id(&request);
    request.origin = cors_origin(config, &request.fields);
    enum route route = route_of(request.path_with_query, config->open_paths);
    if (request.origin.ptr != NULL && cors_is_preflight(&request)) {
        answer_preflight(&request, out);
    } else if (acceptable(&request, config, route, out) &&
               (!route_needs_token(route) || authenticate(&request, out, &user_id))) {
        if (route == ROUTE_UNKNOWN) {
            answer_error(&request, out, 404, "not_found", STR("not found"));
        } else {
            forward(&request, config, user_id, route == ROUTE_HEALTH, out);
        }
    }
    request_drop(&request);
}

/* The bindings expect the object file that carries the world's type; here `wasm-tools component embed` adds it instead. */
void __component_type_object_force_link_gateway(void);
void __component_type_object_force_link_gateway(void)
{
}
