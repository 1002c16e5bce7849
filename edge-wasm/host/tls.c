#include "tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static SSL_CTX *refuse(SSL_CTX *context, const char *what)
{
    char reason[256];

    ERR_error_string_n(ERR_peek_last_error(), reason, sizeof(reason));
    ERR_clear_error();
    fprintf(stderr, "todo-edge: cannot use %s: %s\n", what, reason);
    SSL_CTX_free(context);
    return NULL;
}

static SSL_CTX *new_context(const SSL_METHOD *method)
{
    SSL_CTX *context = SSL_CTX_new(method);

    if (context == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* A record that the socket did not take is offered again from another place, perhaps with more behind it. */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    return context;
}

static bool use_key(SSL_CTX *context, const char *certificate, const char *key)
{
    return SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
           SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_check_private_key(context) == 1;
}

SSL_CTX *tls_for_listener(const struct tls_files *files)
{
    SSL_CTX *context = new_context(TLS_server_method());

    if (context == NULL || !use_key(context, files->certificate, files->key))
        return refuse(context, files->certificate);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* tickets: nothing to keep per client */
    return context;
}

SSL_CTX *tls_for_core(const struct tls_files *files)
{
    SSL_CTX *context = new_context(TLS_client_method());

    if (context == NULL)
        return NULL;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (files->core_authorities != NULL ? SSL_CTX_load_verify_file(context, files->core_authorities) != 1
                                        : SSL_CTX_set_default_verify_paths(context) != 1)
        return refuse(context,
                      files->core_authorities != NULL ? files->core_authorities : "the system's authorities");
    if (files->core_certificate != NULL && !use_key(context, files->core_certificate, files->core_key))
        return refuse(context, files->core_certificate);
    return context;
}

SSL *tls_from_client(SSL_CTX *context)
{
    SSL *tls = SSL_new(context);

    if (tls != NULL)
        SSL_set_accept_state(tls);
    return tls;
}

SSL *tls_to_server(SSL_CTX *context, const char *authority, int fd)
{
    SSL *tls = SSL_new(context);
    char host[256];
    size_t skip = authority[0] == '[', length = strcspn(authority + skip, skip ? "]" : ":");

    if (tls == NULL || length >= sizeof(host))
        return NULL;
    memcpy(host, authority + skip, length);
    host[length] = '\0';
    X509_VERIFY_PARAM *verify = SSL_get0_param(tls);
    bool is_address = X509_VERIFY_PARAM_set1_ip_asc(verify, host) == 1;
    if ((!is_address && (SSL_set1_host(tls, host) != 1 || SSL_set_tlsext_host_name(tls, host) != 1)) ||
        SSL_set_fd(tls, fd) != 1) {
        SSL_free(tls);
        return NULL;
    }
    ERR_clear_error();
    SSL_set_connect_state(tls);
    return tls;
}
