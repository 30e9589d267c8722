/* A process's place in a run: what moves its bytes, and its clock. It knows no
 * messages.
 *
 * A station is a participant's: a control line to the broker, an inbox that receives
 * frames from any peer, and one sending line per peer. A board is the broker's: it
 * hears from all stations and answers each. Two rows stand behind both: ZeroMQ
 * (zmq_station.c, zmq_board.c) and a loop inside one process (loop.h) that is
 * deterministic and can delay, drop and cut, for tests.
 *
 * Sending never waits: what the transport does not take stays in a queue of ours, which
 * is flushed by every later call. Used from one thread.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_STATION_H
#define LINK_STATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

/* The longest control message and the longest frame that a transport takes; longer ones
 * are refused where they are sent. */
#define TT_LARGEST_MESSAGE ((size_t)16 << 20)
#define TT_LARGEST_FRAME ((size_t)64 << 20)

struct pollfd;
struct tt_station;
struct tt_board;

/* One row: all that a transport must do. `network` is the row's own: NULL for ZeroMQ,
 * the struct tt_loop of loop.h for the loop. */
struct tt_transport {
    const char *name;

    /* Connects the control line to `broker` and binds an inbox that suits it (an ipc
     * broker gets an ipc inbox). Does not wait for the broker. TUTTI_BAD_CONFIG: the
     * address makes no sense. */
    enum tutti_status (*open_station)(void *network, const char *broker,
                                      struct tt_station **station);
    /* Gives what was sent at most `linger` wall ns to leave. */
    void (*close_station)(struct tt_station **station, int64_t linger);
    const char *(*inbox)(const struct tt_station *station);

    /* Takes a copy. TUTTI_LOST: the broker is gone. */
    enum tutti_status (*say)(struct tt_station *station, const void *bytes,
                             size_t size);
    /* The next control message, borrowed until the next call of hear; false: none now.
     */
    bool (*hear)(struct tt_station *station, const void **bytes, size_t *size);
    /* The control line was up and is broken now: the broker's process has ended, or the
     * network between. Stays true. What arrived before can still be heard. Found out by
     * hear and wait. */
    bool (*broker_is_gone)(const struct tt_station *station);

    /* Lines are numbered 0, 1, 2 ... in the order of this call. */
    enum tutti_status (*add_line)(struct tt_station *station, const char *inbox);
    /* Goes on through shared memory, if the process at the other end of the line does
     * the same and both are on one host; stays as it is where that cannot be. */
    void (*share_line)(struct tt_station *station, size_t line);
    /* Takes a copy. TUTTI_NO_MEMORY. TUTTI_BAD_CALL: over TT_LARGEST_FRAME. */
    enum tutti_status (*send)(struct tt_station *station, size_t line,
                              const void *bytes, size_t size);
    /* Bytes that wait in our own queue of that line. */
    size_t (*queued)(const struct tt_station *station, size_t line);
    /* Throws away what waits for that line and all that will be sent on it. */
    void (*drop_line)(struct tt_station *station, size_t line);
    /* The next frame from anybody, borrowed until the next call of receive; false:
     * none. */
    bool (*receive)(struct tt_station *station, const void **bytes, size_t *size);

    /* Returns when hear or receive may have something, when the broker is gone, or at
     * wall time `until` (of now()). May return early. Call only after both have
     * returned false. */
    void (*wait)(struct tt_station *station, int64_t until);
    int64_t (*now)(const struct tt_station *station);

    /* `address` is "ipc://@name" or "tcp://host:port" with a host of this machine; port
     * 0 or * takes a free one. TUTTI_BAD_CONFIG: it makes no sense or is in use. */
    enum tutti_status (*open_board)(void *network, const char *address,
                                    struct tt_board **board);
    void (*close_board)(struct tt_board **board, int64_t linger);
    /* The address that participants use, with the real port. */
    const char *(*board_address)(const struct tt_board *board);
    /* The next control message and who sent it: a number that stays his while his line
     * lives. Borrowed until the next call. */
    bool (*board_hear)(struct tt_board *board, uint64_t *from, const void **bytes,
                       size_t *size);
    /* TUTTI_LOST: his line is gone, for good. */
    enum tutti_status (*board_say)(struct tt_board *board, uint64_t to,
                                   const void *bytes, size_t size);
    /* The same, but the message is dropped when it cannot leave at once: for pings. */
    enum tutti_status (*board_ping)(struct tt_board *board, uint64_t to,
                                    const void *bytes, size_t size);
    /* Also returns when one of `fds` is ready (their revents are set). */
    void (*board_wait)(struct tt_board *board, int64_t until, struct pollfd *fds,
                       size_t fd_count);
    int64_t (*board_now)(const struct tt_board *board);
};

extern const struct tt_transport tt_transport_zmq;
extern const struct tt_transport tt_transport_loop;

#endif
