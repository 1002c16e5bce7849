#include "transport.h"

#include <errno.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECORD_MAX 16384 /* bytes in a record of TLS */

void transport_open(struct transport *transport, int fd, SSL *tls)
{
    *transport = (struct transport){.fd = fd, .tls = tls, .readable = true, .writable = true};
    if (tls != NULL)
        SSL_set_fd(tls, fd);
}

void transport_close(struct transport *transport)
{
    if (transport->tls != NULL) {
        if (!transport->failed && SSL_is_init_finished(transport->tls))
            SSL_shutdown(transport->tls);
        ERR_clear_error();
        SSL_free(transport->tls);
    }
    close(transport->fd);
}

void transport_note(struct transport *transport, uint32_t events)
{
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        transport->readable = true;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        transport->writable = true;
    if (events & (EPOLLRDHUP | EPOLLHUP))
        transport->hung_up = true;
    if (events & (EPOLLERR | EPOLLHUP))
        transport->failed = true;
    /* A record may have to be written before one can be read, and the other way round. */
    if (transport->tls != NULL)
        transport->readable = transport->writable = true;
}

static ssize_t receive_plain(struct transport *transport, void *bytes, size_t room)
{
    ssize_t got;

    do
        got = recv(transport->fd, bytes, room, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        transport->readable = false;
        return TRANSPORT_WAIT;
    }
    /* All is taken. Of more there will be an event, but none of an end that has been told already. */
    if (got > 0 && (size_t)got < room && !transport->hung_up)
        transport->readable = false;
    return got < 0 ? TRANSPORT_BROKEN : got;
}

/* What a call of OpenSSL that moved nothing means. */
static ssize_t tls_result(struct transport *transport, int result, bool *flag)
{
    int error = SSL_get_error(transport->tls, result);

    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        *flag = false;
        return TRANSPORT_WAIT;
    }
    if (error == SSL_ERROR_ZERO_RETURN)
        return 0;
    transport->failed = true;
    return TRANSPORT_BROKEN;
}

static ssize_t receive_tls(struct transport *transport, void *bytes, size_t room)
{
    int got = SSL_read(transport->tls, bytes, room > INT32_MAX ? INT32_MAX : (int)room);

    return got > 0 ? got : tls_result(transport, got, &transport->readable);
}

ssize_t transport_receive(struct transport *transport, void *bytes, size_t room)
{
    ssize_t got;

    if (!transport->readable)
        return TRANSPORT_WAIT;
    got =
        transport->tls != NULL ? receive_tls(transport, bytes, room) : receive_plain(transport, bytes, room);
    transport->received += got > 0 ? (uint64_t)got : 0;
    return got;
}

static ssize_t send_plain(struct transport *transport, const struct iovec *parts, size_t count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
    ssize_t sent;

    do
        sent = sendmsg(transport->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return sent;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        transport->writable = false;
        return TRANSPORT_WAIT;
    }
    transport->failed = true;
    return TRANSPORT_BROKEN;
}

/* Small parts go into one record. */
static ssize_t send_tls(struct transport *transport, const struct iovec *parts, size_t count)
{
    char record[RECORD_MAX];
    size_t filled = 0, total = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < parts[i].iov_len;) {
            size_t part = parts[i].iov_len - at, room = sizeof(record) - filled;
            if (part > room)
                part = room;
            memcpy(record + filled, (char *)parts[i].iov_base + at, part);
            filled += part;
            at += part;
            if (filled < sizeof(record) && (i + 1 < count || at < parts[i].iov_len))
                continue;
            int sent = SSL_write(transport->tls, record, (int)filled);
            if (sent <= 0) {
                ssize_t result = tls_result(transport, sent, &transport->writable);
                return total > 0 ? (ssize_t)total : result == 0 ? TRANSPORT_BROKEN : result;
            }
            total += (size_t)sent;
            filled = 0;
        }
    return (ssize_t)total;
}

ssize_t transport_send(struct transport *transport, const struct iovec *parts, size_t count)
{
    ssize_t sent;

    if (transport->failed)
        return TRANSPORT_BROKEN;
    if (!transport->writable)
        return TRANSPORT_WAIT;
    sent = transport->tls != NULL ? send_tls(transport, parts, count) : send_plain(transport, parts, count);
    transport->transmitted += sent > 0 ? (uint64_t)sent : 0;
    return sent;
}

uint64_t transport_confirmed(const struct transport *transport)
{
    int waiting = 0;

    if (ioctl(transport->fd, SIOCOUTQ, &waiting) != 0 || waiting < 0)
        waiting = 0;
    return transport->transmitted > (uint64_t)waiting ? transport->transmitted - (uint64_t)waiting : 0;
}
