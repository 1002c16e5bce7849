/* civetweb around the app: started, drained, stopped. */
#ifndef TODO_SERVER_SERVER_H
#define TODO_SERVER_SERVER_H

#include "app.h"

typedef struct server server;

/*
 * Listens and serves. The app must outlive the server. NULL when it can't: one line on standard error has said why.
 */
server *server_start(app *app_state);

/* The port it listens on. */
uint16_t server_port(const server *running);

/* Accepts no more connections; requests under way and on open connections are still served. */
void server_drain(server *running);

/* Serves no more, and ends all threads and connections. */
void server_stop(server *running);

#endif
