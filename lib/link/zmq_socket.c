/* Sockets of ZeroMQ 4.3 with the settings that its defaults need.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/zmq_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/status.h"
#include "link/station.h"

/* For all: nothing holds up the end of a program unless tt_zmq_close() says so; a
 * connection that does not shake hands in time is closed; retries are quick at first.
 *
 * Heartbeats belong to control lines between hosts only. On one host the system closes
 * the lines of the dead, and a program that a debugger holds is not dead. A socket that
 * has reached its limit of unread messages stops reading, heartbeats too; its peer then
 * takes it for dead, and what was under way is lost. So a station reads control
 * messages without limit while its program computes, and lines of data, which are
 * limited, have no heartbeat. */
struct setting {
    int option, value;
};

static const struct setting for_all[] = {
    {ZMQ_LINGER, 0},         {ZMQ_HANDSHAKE_IVL, 2000},
    {ZMQ_RECONNECT_IVL, 10}, {ZMQ_RECONNECT_IVL_MAX, 1000},
    {ZMQ_SNDTIMEO, 0},       {ZMQ_RCVTIMEO, 0}};

#define MESSAGE TT_LARGEST_MESSAGE
#define FRAME TT_LARGEST_FRAME

static const struct role {
    const char *name;
    int type;
    int send_limit, receive_limit; /* messages; 0 is none */
    size_t largest;                /* bytes of a message that comes in */
    bool is_guarded;
} roles[] = {
    /* clang-format off */
    [TT_CONTROL_LINE] = {"control line", ZMQ_DEALER,   64,    0, MESSAGE, false},
    [TT_BOARD]        = {"board",        ZMQ_ROUTER,   64, 1000, MESSAGE, true},
    [TT_INBOX]        = {"inbox",        ZMQ_PULL,     64,   64, FRAME,   true},
    [TT_LINE]         = {"line",         ZMQ_PUSH,     64,   64, FRAME,   false},
    [TT_GUARD]        = {"guard",        ZMQ_REP,    1000, 1000, MESSAGE, false},
    /* clang-format on */
};

enum tutti_status tt_zmq_failure(const char *what, const char *where)
{
    return FAIL(TUTTI_SYSTEM, "cannot %s %s: %s", what, where,
                zmq_strerror(zmq_errno()));
}

enum tutti_status tt_zmq_begin(void **context)
{
    *context = zmq_ctx_new();
    if (!*context)
        return tt_zmq_failure("start", "ZeroMQ");
    zmq_ctx_set(*context, ZMQ_IO_THREADS, 1);
    return TUTTI_OK;
}

void tt_zmq_end(void *context)
{
    while (context && zmq_ctx_term(context) != 0 && zmq_errno() == EINTR)
        continue;
}

static bool set(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_role(void *socket, const struct role *role)
{
    static const char domain[] = "tutti";
    const int64_t largest = (int64_t)role->largest;
    bool is_set = set(socket, ZMQ_SNDHWM, role->send_limit) &&
                  set(socket, ZMQ_RCVHWM, role->receive_limit) &&
                  zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0;

    for (size_t i = 0; i < sizeof for_all / sizeof *for_all; i++)
        is_set = is_set && set(socket, for_all[i].option, for_all[i].value);
    if (role->is_guarded)
        is_set = is_set &&
                 zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, sizeof domain - 1) == 0;
    if (role->type == ZMQ_ROUTER)
        is_set = is_set && set(socket, ZMQ_ROUTER_MANDATORY, 1) &&
                 set(socket, ZMQ_ROUTER_HANDOVER, 0);
    return is_set;
}

enum tutti_status tt_zmq_set_heartbeat(void *socket, const char *address)
{
    if (strncmp(address, "tcp://", 6) == 0 &&
        !(set(socket, ZMQ_HEARTBEAT_IVL, 1000) &&
          set(socket, ZMQ_HEARTBEAT_TIMEOUT, 3000)))
        return tt_zmq_failure("set the heartbeat of", address);
    return TUTTI_OK;
}

enum tutti_status tt_zmq_open(void *context, enum tt_socket_role role, void **socket)
{
    *socket = zmq_socket(context, roles[role].type);
    if (!*socket)
        return tt_zmq_failure("open a", roles[role].name);
    if (!set_role(*socket, &roles[role])) {
        const enum tutti_status status = tt_zmq_failure("set up a", roles[role].name);

        tt_zmq_close(*socket, 0);
        *socket = NULL;
        return status;
    }
    return TUTTI_OK;
}

void tt_zmq_close(void *socket, int64_t until)
{
    const int64_t left = until - tt_clock_now();

    if (!socket)
        return;
    set(socket, ZMQ_LINGER, left > 0 ? (int)(left / TT_MILLISECOND) : 0);
    zmq_close(socket);
}

enum tutti_status tt_zmq_bind(void *socket, const char *address,
                              char room[TT_ADDRESS_SIZE])
{
    size_t size = TT_ADDRESS_SIZE;

    if (zmq_bind(socket, address) != 0) {
        if (zmq_errno() == EADDRINUSE)
            return FAIL(TUTTI_BAD_CONFIG,
                        "the address %s is in use: end the other broker, or give "
                        "another address",
                        address);
        if (zmq_errno() == EADDRNOTAVAIL || zmq_errno() == ENODEV)
            return FAIL(TUTTI_BAD_CONFIG,
                        "the address %s is none of this machine: give one of its own",
                        address);
        return tt_zmq_failure("listen at", address);
    }
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, room, &size) != 0)
        return tt_zmq_failure("find the port of", address);
    return TUTTI_OK;
}

enum tutti_status tt_zmq_open_guard(void *context, void **guard)
{
    TRY(tt_zmq_open(context, TT_GUARD, guard));
    if (zmq_bind(*guard, "inproc://zeromq.zap.01") != 0)
        return tt_zmq_failure("post the guard at", "inproc://zeromq.zap.01");
    return TUTTI_OK;
}

/* RFC 27: version, request, domain, address, identity, mechanism. The second part goes
 * back; that the question came at all is what we want to know. */
void tt_zmq_serve_guard(void *guard)
{
    static const char version[] = "1.0", welcome[] = "200";
    char request[256];

    for (;;) {
        int size;

        if (zmq_recv(guard, request, sizeof request, 0) < 0)
            return;
        size = zmq_recv(guard, request, sizeof request, 0);
        tt_zmq_drop_rest(guard);
        if (size < 0 || (size_t)size > sizeof request)
            size = 0;
        zmq_send(guard, version, sizeof version - 1, ZMQ_SNDMORE);
        zmq_send(guard, request, (size_t)size, ZMQ_SNDMORE);
        zmq_send(guard, welcome, sizeof welcome - 1, ZMQ_SNDMORE);
        zmq_send(guard, "", 0, ZMQ_SNDMORE);
        zmq_send(guard, "", 0, ZMQ_SNDMORE);
        zmq_send(guard, "", 0, 0);
    }
}

static bool has_more(void *socket)
{
    int more = 0;
    size_t size = sizeof more;

    return zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more;
}

void tt_zmq_drop_rest(void *socket)
{
    while (has_more(socket))
        if (zmq_recv(socket, NULL, 0, 0) < 0)
            return;
}

bool tt_zmq_receive(void *socket, zmq_msg_t *message)
{
    while (zmq_msg_recv(message, socket, ZMQ_DONTWAIT) >= 0) {
        if (!zmq_msg_more(message))
            return true;
        tt_zmq_drop_rest(socket);
    }
    return false;
}

bool tt_zmq_send(void *socket, const void *bytes, size_t size)
{
    return zmq_send(socket, bytes, size, ZMQ_DONTWAIT) >= 0;
}

void tt_zmq_flush(void *socket, struct tt_backlog *backlog)
{
    while (backlog->first &&
           tt_zmq_send(socket, backlog->first->bytes, backlog->first->size))
        tt_backlog_drop_first(backlog);
}

bool tt_zmq_is_ready(void *socket, int events)
{
    int found = 0;
    size_t size = sizeof found;

    return zmq_getsockopt(socket, ZMQ_EVENTS, &found, &size) == 0 && found & events;
}

struct pollfd tt_zmq_pollfd(void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;

    zmq_getsockopt(socket, ZMQ_FD, &fd, &size);
    return (struct pollfd){.fd = fd, .events = POLLIN};
}

void tt_poll_until(struct pollfd *fds, size_t count, int64_t until)
{
    const int64_t left = until - tt_clock_now();
    struct timespec limit = {0};

    if (left > 0) {
        limit.tv_sec = left / TT_SECOND;
        limit.tv_nsec = left % TT_SECOND;
    }
    for (size_t i = 0; i < count; i++)
        fds[i].revents = 0; /* a signal may end the call before it says anything */
    ppoll(fds, count, &limit, NULL);
}
