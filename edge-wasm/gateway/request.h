/**
 * @file request.h
 * A client's request as the gateway works with it.
 */
#ifndef EDGE_REQUEST_H
#define EDGE_REQUEST_H

#include "../gen/gateway.h"
#include "fields.h"

#define UUID_LENGTH 36

struct request {
    wasi_http_types_own_incoming_request_t handle;
    wasi_http_types_method_t method;
    struct str path_with_query;
    struct str authority; /**< what the client calls us; `ptr` NULL when it does not */
    bool https;
    struct fields fields; /**< with room for FIELDS_ADDED_MAX more */
    char id[UUID_LENGTH]; /**< the request id, a UUID */
    struct str origin;    /**< the origin that the answer is to allow; `ptr` NULL for none (cors.h) */
};

/** Bytes of path and fields, more is refused: the core takes heads of 16 KiB, and the edge adds fields of its own. */
#define HEAD_SIZE_MAX 15360

/** How many fields the gateway adds to a request or a response at most. */
#define FIELDS_ADDED_MAX 12

/** Takes the handle over and reads what the decisions need; the body stays where it is. */
void request_read(wasi_http_types_own_incoming_request_t handle, struct request *ret_request);

/** Gives the handle back to the host. */
void request_drop(struct request *request);

/** Reads a host's header fields into memory with room for FIELDS_ADDED_MAX more, and drops the handle. */
struct fields fields_read(wasi_http_types_own_fields_t handle);

/** Makes a host's header fields; false when the host refuses one of them. */
bool fields_write(const struct fields *fields, wasi_http_types_own_fields_t *ret_handle);

#endif
