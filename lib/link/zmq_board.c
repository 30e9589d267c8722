/* The broker's board over ZeroMQ.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/zmq_board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "link/limits.h"
#include "link/zmq_socket.h"

/* ROUTER names its lines itself: a zero and 32 bits, which are our number of it. */
enum { NAME_SIZE = 5 };

/* Who does not take what was said at once. */
struct late {
    uint64_t to;
    struct tt_backlog backlog;
};

struct tt_board {
    void *context;
    void *guard, *router;
    char address[TT_ADDRESS_SIZE];
    struct late *late;
    size_t late_count, late_room;
    struct pollfd *fds;
    size_t fd_room;
    zmq_msg_t heard; /* borrowed by the caller */
};

static enum tutti_status open_sockets(struct tt_board *board, const char *wanted)
{
    TRY(tt_zmq_begin(&board->context));
    TRY(tt_zmq_open_guard(board->context, &board->guard));
    TRY(tt_zmq_open(board->context, TT_BOARD, &board->router));
    TRY(tt_zmq_set_heartbeat(board->router, wanted));
    return tt_zmq_bind(board->router, wanted, board->address);
}

static void free_board(struct tt_board *board, int64_t until)
{
    for (size_t i = 0; i < board->late_count; i++)
        tt_backlog_clear(&board->late[i].backlog);
    zmq_msg_close(&board->heard);
    tt_zmq_close(board->router, until);
    tt_zmq_close(board->guard, 0);
    tt_zmq_end(board->context);
    free(board->late);
    free(board->fds);
    free(board);
}

enum tutti_status zmq_board_open(void *network, const char *address,
                                 struct tt_board **board)
{
    char wanted[TT_ADDRESS_SIZE];
    struct tt_board *made;
    enum tutti_status status;

    (void)network;
    *board = NULL;
    TRY(tt_address_of_board(address, wanted));
    made = tt_alloc(sizeof *made);
    if (!made)
        return FAIL(TUTTI_NO_MEMORY, "no memory to listen at %s", address);
    zmq_msg_init(&made->heard);
    status = open_sockets(made, wanted);
    if (status != TUTTI_OK) {
        free_board(made, 0);
        return status;
    }
    *board = made;
    return TUTTI_OK;
}

const char *zmq_board_address(const struct tt_board *board)
{
    return board->address;
}

int64_t zmq_board_now(const struct tt_board *board)
{
    (void)board;
    return tt_clock_now();
}

bool zmq_board_hear(struct tt_board *board, uint64_t *from, const void **bytes,
                    size_t *size)
{
    unsigned char name[NAME_SIZE];
    uint32_t number;

    tt_zmq_serve_guard(board->guard);
    for (;;) {
        const int name_size = zmq_recv(board->router, name, sizeof name, ZMQ_DONTWAIT);

        if (name_size < 0)
            return false;
        /* Our stations take the name they get, and send one part. */
        if (name_size == NAME_SIZE && name[0] == 0 &&
            zmq_msg_recv(&board->heard, board->router, ZMQ_DONTWAIT) >= 0 &&
            !zmq_msg_more(&board->heard))
            break;
        tt_zmq_drop_rest(board->router);
    }
    memcpy(&number, name + 1, sizeof number);
    *from = number;
    *bytes = zmq_msg_data(&board->heard);
    *size = zmq_msg_size(&board->heard);
    return true;
}

enum outcome { LEFT, LATE, GONE };

static enum outcome try_to_send(struct tt_board *board, uint64_t to, const void *bytes,
                                size_t size)
{
    const uint32_t number = (uint32_t)to;
    unsigned char name[NAME_SIZE] = {0};

    memcpy(name + 1, &number, sizeof number);
    if (zmq_send(board->router, name, sizeof name, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
        return zmq_errno() == EHOSTUNREACH ? GONE : LATE;
    zmq_send(board->router, bytes, size, ZMQ_DONTWAIT);
    return LEFT;
}

static void flush(struct tt_board *board)
{
    size_t i = 0;

    while (i < board->late_count) {
        struct late *late = &board->late[i];
        enum outcome outcome = LEFT;

        while (late->backlog.first && outcome == LEFT) {
            outcome = try_to_send(board, late->to, late->backlog.first->bytes,
                                  late->backlog.first->size);
            if (outcome == LEFT)
                tt_backlog_drop_first(&late->backlog);
        }
        if (outcome == LATE) {
            i++;
            continue;
        }
        tt_backlog_clear(&late->backlog);
        *late = board->late[--board->late_count];
    }
}

/* Brings the board up to date: who is gone, who takes what was late. */
static struct late *find_late(struct tt_board *board, uint64_t to)
{
    tt_zmq_is_ready(board->router, ZMQ_POLLIN);
    flush(board);
    for (size_t i = 0; i < board->late_count; i++)
        if (board->late[i].to == to)
            return &board->late[i];
    return NULL;
}

static enum tutti_status fail_gone(void)
{
    return FAIL(TUTTI_LOST, "the control line of a participant is gone");
}

enum tutti_status zmq_board_say(struct tt_board *board, uint64_t to, const void *bytes,
                                size_t size)
{
    struct late *late;

    TRY(tt_check_message_size(size));
    late = find_late(board, to);
    if (!late) {
        const enum outcome outcome = try_to_send(board, to, bytes, size);

        if (outcome == GONE)
            return fail_gone();
        if (outcome == LEFT)
            return TUTTI_OK;
        TRY(tt_grow(&board->late, &board->late_room, board->late_count + 1,
                    sizeof *board->late));
        late = &board->late[board->late_count++];
        *late = (struct late){.to = to};
    }
    return tt_backlog_add(&late->backlog, bytes, size);
}

enum tutti_status zmq_board_ping(struct tt_board *board, uint64_t to, const void *bytes,
                                 size_t size)
{
    TRY(tt_check_message_size(size));
    if (!find_late(board, to) && try_to_send(board, to, bytes, size) == GONE)
        return fail_gone();
    return TUTTI_OK;
}

void zmq_board_wait(struct tt_board *board, int64_t until, struct pollfd *fds,
                    size_t fd_count)
{
    /* ROUTER says that somebody takes something, not who: so we ask again. */
    const int64_t again = tt_clock_now() + 10 * TT_MILLISECOND;

    flush(board);
    if (board->late_count && until > again)
        until = again;
    if (tt_grow(&board->fds, &board->fd_room, fd_count + 2, sizeof *board->fds) !=
        TUTTI_OK)
        return;
    board->fds[0] = tt_zmq_pollfd(board->router);
    board->fds[1] = tt_zmq_pollfd(board->guard);
    if (fd_count)
        memcpy(board->fds + 2, fds, fd_count * sizeof *fds);
    if (tt_zmq_is_ready(board->router, ZMQ_POLLIN) ||
        tt_zmq_is_ready(board->guard, ZMQ_POLLIN))
        until = 0; /* look at the descriptors only */
    tt_poll_until(board->fds, fd_count + 2, until);
    if (fd_count)
        memcpy(fds, board->fds + 2, fd_count * sizeof *fds);
    tt_zmq_serve_guard(board->guard);
}

void zmq_board_close(struct tt_board **board, int64_t linger)
{
    struct tt_board *closing = *board;
    const int64_t until = tt_clock_now() + linger;

    *board = NULL;
    if (!closing)
        return;
    flush(closing);
    while (closing->late_count && tt_clock_now() < until) {
        struct pollfd fd = tt_zmq_pollfd(closing->guard);
        const int64_t again = tt_clock_now() + 10 * TT_MILLISECOND;

        tt_poll_until(&fd, 1, again < until ? again : until);
        tt_zmq_serve_guard(closing->guard);
        flush(closing);
    }
    free_board(closing, until);
}
