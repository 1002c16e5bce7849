/*
 * The limit that civetweb itself sets: a constant answer, in one write, to every request.
 * usage: bench-bare-civetweb HOST:PORT THREADS; ends when its standard input does.
 */
#include <stdio.h>
#include <string.h>

#include <civetweb.h>

static const char answer[] = "HTTP/1.1 200 OK\r\n"
                             "Content-Type: application/json\r\n"
                             "Content-Length: 15\r\n"
                             "\r\n"
                             "{\"status\":\"ok\"}";

static int on_request(struct mg_connection *connection, void *arg)
{
    (void)arg;
    mg_write(connection, answer, sizeof(answer) - 1);
    return 200;
}

/* Without one civetweb looks for a .htpasswd file at each request. */
static int authorize(struct mg_connection *connection, void *arg)
{
    (void)connection;
    (void)arg;
    return 1;
}

int main(int argc, char **argv)
{
    struct mg_callbacks callbacks;
    struct mg_context *context;

    if (argc != 3) {
        fprintf(stderr, "usage: %s HOST:PORT THREADS\n", argv[0]);
        return 2;
    }
    const char *options[] = {
        "listening_ports",
        argv[1],
        "num_threads",
        argv[2],
        "enable_keep_alive",
        "yes",
        "keep_alive_timeout_ms",
        "5000",
        "tcp_nodelay",
        "1",
        NULL,
    };

    memset(&callbacks, 0, sizeof(callbacks));
    mg_init_library(0);
    context = mg_start(&callbacks, NULL, options);
    if (context == NULL) {
        fprintf(stderr, "can't listen on %s\n", argv[1]);
        return 1;
    }
    mg_set_request_handler(context, "/", on_request, NULL);
    mg_set_auth_handler(context, "/", authorize, NULL);
    while (getchar() != EOF) {}
    mg_stop(context);
    mg_exit_library();
    return 0;
}
