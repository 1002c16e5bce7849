#include "request.h"
#include "request_id.h"
#include <stdlib.h>

_Static_assert(sizeof(struct field) == sizeof(wasi_http_types_tuple2_field_key_field_value_t),
               "a field is a tuple<field-key, field-value>");

struct fields fields_read(wasi_http_types_own_fields_t handle)
{
    wasi_http_types_list_tuple2_field_key_field_value_t list;
    struct fields fields = {NULL, 0};

    wasi_http_types_method_fields_entries(wasi_http_types_borrow_fields(handle), &list);
    wasi_http_types_fields_drop_own(handle);
    fields.at = malloc((list.len + FIELDS_ADDED_MAX) * sizeof *fields.at);
    if (fields.at == NULL) {
        abort();
    }
    memcpy(fields.at, list.ptr, list.len * sizeof *fields.at);
    fields.count = list.len;
    return fields;
}

bool fields_write(const struct fields *fields, wasi_http_types_own_fields_t *ret_handle)
{
    wasi_http_types_list_tuple2_field_key_field_value_t list = {(void *)fields->at, fields->count};
    wasi_http_types_header_error_t error;

    return wasi_http_types_static_fields_from_list(&list, ret_handle, &error);
}

static void read_authority(wasi_http_types_borrow_incoming_request_t borrowed, struct request *request)
{
    gateway_string_t authority;
    wasi_http_types_scheme_t scheme;

    request->authority = (struct str){NULL, 0};
    if (wasi_http_types_method_incoming_request_authority(borrowed, &authority)) {
        request->authority = (struct str){(char *)authority.ptr, authority.len};
    }
    request->https = wasi_http_types_method_incoming_request_scheme(borrowed, &scheme) &&
                     scheme.tag == WASI_HTTP_TYPES_SCHEME_HTTPS;
}

void request_read(wasi_http_types_own_incoming_request_t handle, struct request *ret_request)
{
    wasi_http_types_borrow_incoming_request_t borrowed = wasi_http_types_borrow_incoming_request(handle);
    gateway_string_t path;

    ret_request->handle = handle;
    wasi_http_types_method_incoming_request_method(borrowed, &ret_request->method);
    if (wasi_http_types_method_incoming_request_path_with_query(borrowed, &path)) {
        ret_request->path_with_query = (struct str){(char *)path.ptr, path.len};
    } else {
        ret_request->path_with_query = STR("");
    }
    read_authority(borrowed, ret_request);
    ret_request->origin = (struct str){NULL, 0};
    ret_request->fields = fields_read(wasi_http_types_method_incoming_request_headers(borrowed));
    request_id_make(ret_request->id);
}

void request_drop(struct request *request)
{
    wasi_http_types_incoming_request_drop_own(request->handle);
}
