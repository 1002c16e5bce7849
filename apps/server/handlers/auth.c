#include "../config.h"
#include "handlers.h"

#define SECONDS_PER_HOUR 3600

todo_status auth_register(http_request *request, todo_error *error)
{
    todo_registration registration = TODO_REGISTRATION_INIT;
    const todo_user *user;
    todo_status status = todo_json_read_registration(request->json, &registration, error);

    if (status == TODO_OK)
        status = todo_commands_register(request->app->commands, &request->call, &registration, &user, error);
    if (status != TODO_OK)
        return status;
    request->status = 201;
    status = todo_json_write_user(http_body(request), user, error);
    todo_user_unref(user);
    return status;
}

static todo_status write_token(http_request *request, const char *token, todo_error *error)
{
    static const char begin[] = "{\"token\":", end[] = ",\"token_type\":\"Bearer\"}";
    todo_buffer *body = http_body(request);
    todo_status status = todo_buffer_append(body, begin, sizeof(begin) - 1, error);

    if (status == TODO_OK)
        status = todo_json_write_string(body, token, error);
    if (status == TODO_OK)
        status = todo_buffer_append(body, end, sizeof(end) - 1, error);
    request->status = 200;
    return status;
}

static todo_status answer_token(http_request *request, const todo_user *user, todo_error *error)
{
    todo_token_claims claims = TODO_TOKEN_CLAIMS_INIT;
    todo_status status;
    char *token;

    claims.subject = user->id;
    claims.issued_at = todo_time_now() / 1000000;
    claims.expires_at = claims.issued_at + (int64_t)request->app->config->jwt_expiry_hours * SECONDS_PER_HOUR;
    status = todo_token_mint(request->app->token_key, &claims, &token, error);
    if (status != TODO_OK)
        return status;
    status = write_token(request, token, error);
    todo_free(token);
    return status;
}

todo_status auth_login(http_request *request, todo_error *error)
{
    const char *email, *password;
    const todo_user *user;
    todo_status status = todo_json_read_string(request->json, "email", &email, error);

    if (status == TODO_OK)
        status = todo_json_read_string(request->json, "password", &password, error);
    if (status == TODO_OK)
        status = todo_commands_login(request->app->commands, &request->call, email, password, &user, error);
    if (status != TODO_OK)
        return status;
    status = answer_token(request, user, error);
    todo_user_unref(user);
    return status;
}
