/* A running server and two people with accounts, for the http suite. Every helper fails the test on a surprise. */
#ifndef TODO_TESTS_API_H
#define TODO_TESTS_API_H

#include "testing.h"

#include <json-c/json.h>

#include "core_server.h"
#include "http_client.h"

typedef struct api {
    core_server server;
    http_client *client;
    http_response response; /* the last answer */
    char alice[40];         /* user ids */
    char bob[40];
} api;

#define EDGE_FIELD "X-Edge-Verified: " CORE_EDGE_SECRET "\r\n"

/* A group's fixture: a server, alice and bob. */
int api_setup(void **state);
int api_teardown(void **state);

/* A new account: its id into `id`, of 40 bytes. */
void api_register(api *self, const char *email, char *id);

/*
 * Sends a request as the edge would for this user (NULL: as a stranger would), with more `fields` (may be NULL), and
 * expects a status. The JSON of the answer, to be put with json_object_put; NULL when there is no body.
 */
json_object *api_send(api *self, const char *user, const char *method, const char *path, const char *fields,
                      const char *body, int expected);

/* The same without more fields. */
json_object *api_call(api *self, const char *user, const char *method, const char *path, const char *body,
                      int expected);

/* The same for an answer that must have no body. */
void api_silent(api *self, const char *user, const char *method, const char *path, const char *fields,
                int expected);

/* The same for an error, whose code and message (NULL: any) are checked. */
void api_fails(api *self, const char *user, const char *method, const char *path, const char *body,
               int expected, const char *code, const char *message);

/* Checks the form of an error in the last answer. */
void api_check_error(api *self, const char *code, const char *message);

/* Sends bytes on a connection of its own, expects a status, and (`closed`) that the connection is closed then. */
void api_raw(api *self, const void *bytes, size_t length, int expected, bool closed);
void api_raw_text(api *self, const char *text, int expected, bool closed);

/* Creates a todo; its id into `id`, of 40 bytes. */
void api_create(api *self, const char *user, const char *title, char *id);

/* The path of a todo; overwritten by the next call. */
const char *api_path(const char *id);

/* A member as text; fails when it is not there or of another type. */
const char *json_text(json_object *object, const char *member);

/* A member that must be there, of this type. */
json_object *json_member(json_object *object, const char *member, json_type type);

/* Checks that it is a todo of the contract's form. */
void check_todo(json_object *todo, const char *user);

/* A field of the last answer; fails when it is not there. */
const char *api_field(api *self, const char *name);

#endif
