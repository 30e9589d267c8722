/* What stations and boards over ZeroMQ share: sockets with all their settings, the
 * guard at their door, polling with a limit in nanoseconds.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_ZMQ_SOCKET_H
#define LINK_ZMQ_SOCKET_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

#include "link/address.h"
#include "link/backlog.h"
#include "tutti/status.h"

enum tt_socket_role {
    TT_CONTROL_LINE, /* of a station, to the board */
    TT_BOARD,
    TT_INBOX,
    TT_LINE, /* of a station, to an inbox */
    TT_GUARD
};

/* A context of our own, so that the host program's ZeroMQ does not meet ours; ended by
 * tt_zmq_end(). */
enum tutti_status tt_zmq_begin(void **context);
/* All sockets are closed. What lingers leaves or is dropped. */
void tt_zmq_end(void *context);

/* A socket with all its settings; ended by tt_zmq_close(). */
enum tutti_status tt_zmq_open(void *context, enum tt_socket_role role, void **socket);

/* Before a control line or board is connected or bound to `address`. */
enum tutti_status tt_zmq_set_heartbeat(void *socket, const char *address);
/* Also a NULL one. What was sent has until wall time `until` to leave. */
void tt_zmq_close(void *socket, int64_t until);

/* Binds, and says where in `room`. */
enum tutti_status tt_zmq_bind(void *socket, const char *address,
                              char room[TT_ADDRESS_SIZE]);

/* The guard lets ZeroMQ's own kind in and nobody else: with it in place a connection
 * that does not shake hands is closed before one byte of it becomes a message. It is
 * served by the thread that owns the context, and must be there before any bind. */
enum tutti_status tt_zmq_open_guard(void *context, void **guard);
void tt_zmq_serve_guard(void *guard);

/* The next message of one part; false when there is none. Messages of several parts are
 * a stranger's, and thrown away. */
bool tt_zmq_receive(void *socket, zmq_msg_t *message);
/* Throws the rest of a message away. */
void tt_zmq_drop_rest(void *socket);

/* Hands a copy over; false when the socket takes nothing now. */
bool tt_zmq_send(void *socket, const void *bytes, size_t size);
/* Hands over what it takes of the backlog. */
void tt_zmq_flush(void *socket, struct tt_backlog *backlog);

/* Whether ZMQ_POLLIN or ZMQ_POLLOUT holds now; afterwards the descriptor tells of the
 * next change. */
bool tt_zmq_is_ready(void *socket, int events);
struct pollfd tt_zmq_pollfd(void *socket);
/* poll(2) up to wall time `until` of tt_clock_now(). */
void tt_poll_until(struct pollfd *fds, size_t count, int64_t until);

/* TUTTI_SYSTEM with what ZeroMQ says. */
enum tutti_status tt_zmq_failure(const char *what, const char *where);

#endif
