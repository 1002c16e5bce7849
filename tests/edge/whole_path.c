#include "whole_path.h"

#include "format.h"
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

json_object *path_call(const struct edge *gate, const char *token, const char *method, const char *path,
                       const char *body, int expected)
{
    http_response response = {0};
    char *fields = NULL;
    http_client *client = http_connect(gate->port);

    assert_non_null(client);
    if (token != NULL)
        fields = format("Authorization: Bearer %s\r\n", token);
    assert_true(http_exchange(client, method, path, fields, body, &response));
    http_close(client);
    free(fields);
    if (response.status != expected)
        fail_msg("%s %s: %d %s", method, path, response.status, response.body);
    json_object *json = response.body_length > 0 ? json_tokener_parse(response.body) : NULL;
    http_response_clear(&response);
    return json;
}

const char *path_text(json_object *json, const char *member)
{
    const char *value = json_object_get_string(json_object_object_get(json, member));

    assert_non_null(value);
    return value;
}

char *path_log_in(const struct edge *gate, const char *email, char ret_id[37])
{
    char body[256];

    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"correct horse\"}", email);
    json_object *user = path_call(gate, NULL, "POST", "/api/auth/register", body, 201);
    if (ret_id != NULL)
        snprintf(ret_id, 37, "%s", path_text(user, "id"));
    json_object_put(user);
    json_object *answer = path_call(gate, NULL, "POST", "/api/auth/login", body, 200);
    char *token = strdup(path_text(answer, "token"));
    json_object_put(answer);
    return token;
}
