/* A station over ZeroMQ, and the row of this transport.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/station.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "link/limits.h"
#include "link/shared.h"
#include "link/zmq_board.h"
#include "link/zmq_socket.h"

/* Wall time for which a wait looks at shared memory again and again before it sleeps: 1
 * us with the processor's pause, the rest by giving the processor away. 50 us cover
 * ordinary imbalance between peers; a wake-up from sleep costs 15 to 30 us. */
#define PAUSE_FOR INT64_C(1000)
#define SPIN_FOR INT64_C(50000)
/* Sleeps longer than that make spinning pointless: the next wait sleeps at once. */
#define LONG_SLEEP INT64_C(500000)
#define MOST_NOTES 4096 /* one peer says three */
/* ZeroMQ's sockets need not be looked at more often while memory is. */
#define LOOK_EVERY INT64_C(50000)
#define HEARINGS 16 /* calls of hear() for one look at the clock */

struct line {
    void *socket; /* NULL once it was dropped */
    struct tt_backlog backlog;
    char *inbox; /* where it leads to */
    struct tt_shared shared;
};

struct tt_station {
    void *context;
    void *guard, *control, *inbox;
    void *monitor; /* tells of the control line */
    char broker[TT_ADDRESS_SIZE];
    char inbox_address[TT_ADDRESS_SIZE];
    struct tt_backlog unsaid;
    struct line *lines;
    size_t line_count, line_room;
    struct pollfd *fds;
    size_t fd_count, fd_room;
    zmq_msg_t heard, received;    /* borrowed by the caller */
    struct tt_shared_note *notes; /* of peers that are not known yet */
    size_t note_count, note_room;
    struct tt_bell bell; /* fd -1: nothing is shared */
    size_t turn;         /* the line that is looked at first */
    int64_t looked;      /* wall time of the last look at the sockets; 0: look now */
    unsigned hearings;
    bool is_looking;     /* since the last call of hear() */
    bool is_sleepy;      /* the last sleep was long */
    bool is_up, is_gone; /* the control line */
};

static enum tutti_status open_monitor(struct tt_station *station)
{
    static const char address[] = "inproc://control-line";
    const int no_limit = 0; /* else an event too many would hold up the I/O thread */

    if (zmq_socket_monitor(station->control, address,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0)
        return tt_zmq_failure("watch", "the control line");
    station->monitor = zmq_socket(station->context, ZMQ_PAIR);
    if (!station->monitor ||
        zmq_setsockopt(station->monitor, ZMQ_RCVHWM, &no_limit, sizeof no_limit) != 0 ||
        zmq_connect(station->monitor, address) != 0)
        return tt_zmq_failure("watch", "the control line");
    return TUTTI_OK;
}

static enum tutti_status open_sockets(struct tt_station *station)
{
    char wanted[TT_ADDRESS_SIZE];

    TRY(tt_address_of_inbox(station->broker, wanted));
    TRY(tt_zmq_begin(&station->context));
    TRY(tt_zmq_open_guard(station->context, &station->guard));
    TRY(tt_zmq_open(station->context, TT_INBOX, &station->inbox));
    TRY(tt_zmq_bind(station->inbox, wanted, station->inbox_address));
    TRY(tt_zmq_open(station->context, TT_CONTROL_LINE, &station->control));
    TRY(tt_zmq_set_heartbeat(station->control, station->broker));
    TRY(open_monitor(station));
    if (zmq_connect(station->control, station->broker) != 0)
        return tt_zmq_failure("connect to", station->broker);
    return TUTTI_OK;
}

static void free_station(struct tt_station *station, int64_t until)
{
    for (size_t i = 0; i < station->line_count; i++) {
        tt_zmq_close(station->lines[i].socket, until);
        tt_backlog_clear(&station->lines[i].backlog);
        tt_shared_close(&station->lines[i].shared);
        free(station->lines[i].inbox);
    }
    tt_bell_close(&station->bell);
    /* In this order: a monitor whose reader closes first freezes the context. */
    if (station->control)
        zmq_socket_monitor(station->control, NULL, 0);
    tt_zmq_close(station->monitor, 0);
    tt_zmq_close(station->control, until);
    tt_backlog_clear(&station->unsaid);
    zmq_msg_close(&station->heard);
    zmq_msg_close(&station->received);
    tt_zmq_close(station->inbox, 0);
    tt_zmq_close(station->guard, 0);
    tt_zmq_end(station->context);
    free(station->lines);
    free(station->notes);
    free(station->fds);
    free(station);
}

static enum tutti_status open_station(void *network, const char *broker,
                                      struct tt_station **station)
{
    struct tt_station *made;
    char address[TT_ADDRESS_SIZE];
    enum tutti_status status;

    (void)network;
    *station = NULL;
    TRY(tt_address_of_broker(broker, address));
    made = tt_alloc(sizeof *made);
    if (!made)
        return FAIL(TUTTI_NO_MEMORY, "no memory to connect to %s", broker);
    memcpy(made->broker, address, sizeof address);
    made->bell.fd = -1;
    zmq_msg_init(&made->heard);
    zmq_msg_init(&made->received);
    status = open_sockets(made);
    if (status != TUTTI_OK) {
        free_station(made, 0);
        return status;
    }
    *station = made;
    return TUTTI_OK;
}

static const char *inbox(const struct tt_station *station)
{
    return station->inbox_address;
}

static int64_t now(const struct tt_station *station)
{
    (void)station;
    return tt_clock_now();
}

/* An event is a number of 16 bits and a value, then an address. */
static void read_monitor(struct tt_station *station)
{
    unsigned char event[6];
    uint16_t number;

    while (zmq_recv(station->monitor, event, sizeof event, ZMQ_DONTWAIT) ==
           (int)sizeof event) {
        tt_zmq_drop_rest(station->monitor);
        memcpy(&number, event, sizeof number);
        if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            station->is_up = true;
        else if (station->is_up)
            station->is_gone = true;
    }
}

static void flush_line(struct tt_station *station, struct line *line)
{
    if (line->shared.sends)
        tt_shared_flush(&line->shared, &station->bell, &line->backlog);
    else if (line->socket)
        tt_zmq_flush(line->socket, &line->backlog);
}

static void flush(struct tt_station *station)
{
    if (!station->is_gone)
        tt_zmq_flush(station->control, &station->unsaid);
    for (size_t i = 0; i < station->line_count; i++)
        if (station->lines[i].backlog.first)
            flush_line(station, &station->lines[i]);
}

static bool is_flushed(const struct tt_station *station)
{
    bool is_empty = !station->unsaid.first || station->is_gone;

    for (size_t i = 0; i < station->line_count; i++)
        is_empty = is_empty && !station->lines[i].backlog.first;
    return is_empty;
}

static enum tutti_status say(struct tt_station *station, const void *bytes, size_t size)
{
    TRY(tt_check_message_size(size));
    if (station->is_gone)
        return FAIL(TUTTI_LOST, "the broker at %s is gone", station->broker);
    tt_zmq_flush(station->control, &station->unsaid);
    if (!station->unsaid.first && tt_zmq_send(station->control, bytes, size))
        return TUTTI_OK;
    return tt_backlog_add(&station->unsaid, bytes, size);
}

/* Whether it is time to look at ZeroMQ's sockets: always, unless memory is what counts.
 * Then even the clock costs too much to be read every time. */
static bool is_time_to_look(struct tt_station *station)
{
    if (station->bell.fd < 0 || !station->looked)
        return true;
    return ++station->hearings % HEARINGS == 0 &&
           tt_clock_now() >= station->looked + LOOK_EVERY;
}

static bool hear(struct tt_station *station, const void **bytes, size_t *size)
{
    flush(station);
    station->is_looking = is_time_to_look(station);
    if (!station->is_looking)
        return false;
    tt_zmq_serve_guard(station->guard);
    read_monitor(station);
    if (!tt_zmq_receive(station->control, &station->heard))
        return false;
    *bytes = zmq_msg_data(&station->heard);
    *size = zmq_msg_size(&station->heard);
    return true;
}

static bool broker_is_gone(const struct tt_station *station)
{
    return station->is_gone;
}

static enum tutti_status add_line(struct tt_station *station, const char *inbox_address)
{
    void *socket;

    TRY(tt_grow(&station->lines, &station->line_room, station->line_count + 1,
                sizeof *station->lines));
    TRY(tt_zmq_open(station->context, TT_LINE, &socket));
    if (zmq_connect(socket, inbox_address) != 0) {
        const enum tutti_status status = tt_zmq_failure("connect to", inbox_address);

        tt_zmq_close(socket, 0);
        return status;
    }
    station->lines[station->line_count] =
        (struct line){.socket = socket, .inbox = tt_copy_text(inbox_address)};
    if (!station->lines[station->line_count].inbox) {
        tt_zmq_close(socket, 0);
        return FAIL(TUTTI_NO_MEMORY, "no memory for a line to %s", inbox_address);
    }
    station->line_count++;
    return TUTTI_OK;
}

static void send_note(struct tt_station *station, struct line *line,
                      enum tt_shared_word word)
{
    struct tt_shared_note note;

    tt_shared_write(&line->shared, word, &station->bell, station->inbox_address, &note);
    /* It must not be lost or overtake a frame; without memory the line stays as it is.
     */
    if (line->backlog.first || !tt_zmq_send(line->socket, &note, sizeof note))
        (void)tt_backlog_add(&line->backlog, &note, sizeof note);
}

/* From here on in memory, if both sides are so far and nothing waits for ZeroMQ. */
static void try_to_switch(struct tt_station *station, struct line *line)
{
    struct tt_shared_note note;

    if (!tt_shared_is_ready(&line->shared) || line->backlog.first)
        return;
    tt_shared_write(&line->shared, TT_SHARED_SWITCH, &station->bell,
                    station->inbox_address, &note);
    line->shared.sends = tt_zmq_send(line->socket, &note, sizeof note);
}

/* What a peer says of its segment. */
static void take_note_of(struct tt_station *station, struct line *line,
                         const struct tt_shared_note *note)
{
    if (tt_shared_take(&line->shared, note))
        send_note(station, line, TT_SHARED_ACCEPT);
    try_to_switch(station, line);
}

/* A peer may speak before we know it: its notes are kept, those of strangers in vain.
 */
static void take_note(struct tt_station *station, const struct tt_shared_note *note)
{
    for (size_t i = 0; i < station->line_count; i++)
        if (station->lines[i].shared.own &&
            strcmp(station->lines[i].inbox, note->inbox) == 0) {
            take_note_of(station, &station->lines[i], note);
            return;
        }
    if (station->note_count < MOST_NOTES &&
        tt_grow(&station->notes, &station->note_room, station->note_count + 1,
                sizeof *station->notes) == TUTTI_OK)
        station->notes[station->note_count++] = *note;
}

static void share_line(struct tt_station *station, size_t number)
{
    struct line *line = &station->lines[number];

    if (station->bell.fd < 0 && tt_bell_open(&station->bell) != TUTTI_OK)
        return;
    if (!line->socket || tt_shared_open(&line->shared) != TUTTI_OK)
        return;
    send_note(station, line, TT_SHARED_OFFER);
    for (size_t i = 0; i < station->note_count; i++)
        if (strcmp(line->inbox, station->notes[i].inbox) == 0)
            take_note_of(station, line, &station->notes[i]);
}

static enum tutti_status send(struct tt_station *station, size_t number,
                              const void *bytes, size_t size)
{
    struct line *line = &station->lines[number];

    TRY(tt_check_frame_size(size));
    if (!line->socket)
        return TUTTI_OK;
    if (line->backlog.first)
        flush_line(station, line);
    try_to_switch(station, line);
    if (!line->backlog.first &&
        (line->shared.sends ? tt_shared_send(&line->shared, &station->bell, bytes, size)
                            : tt_zmq_send(line->socket, bytes, size)))
        return TUTTI_OK;
    TRY(tt_backlog_add(&line->backlog, bytes, size));
    if (line->shared.sends)
        flush_line(station, line); /* the first pieces of a long frame */
    return TUTTI_OK;
}

static size_t queued(const struct tt_station *station, size_t number)
{
    return station->lines[number].backlog.bytes;
}

static void drop_line(struct tt_station *station, size_t number)
{
    struct line *line = &station->lines[number];

    tt_zmq_close(line->socket, 0);
    line->socket = NULL;
    tt_backlog_clear(&line->backlog);
}

/* The next frame from any line that is shared, in turn. */
static bool receive_shared(struct tt_station *station, const void **bytes, size_t *size)
{
    for (size_t i = 0; i < station->line_count; i++) {
        struct line *line = &station->lines[station->turn++ % station->line_count];

        if (line->shared.receives &&
            tt_shared_receive(&line->shared, &station->bell, bytes, size))
            return true;
    }
    return false;
}

static bool receive(struct tt_station *station, const void **bytes, size_t *size)
{
    struct tt_shared_note note;

    if (receive_shared(station, bytes, size))
        return true;
    if (!station->is_looking && station->looked)
        return false;
    while (tt_zmq_receive(station->inbox, &station->received)) {
        *bytes = zmq_msg_data(&station->received);
        *size = zmq_msg_size(&station->received);
        if (!tt_shared_is_note(*bytes, *size, &note))
            return true;
        take_note(station, &note);
    }
    station->looked = station->bell.fd < 0 ? 0 : tt_clock_now();
    return receive_shared(station, bytes, size); /* a line may have switched just now */
}

/* Adds a socket to those that wait() polls, and says whether it is ready already. */
static bool watch(struct tt_station *station, void *socket, int events)
{
    station->fds[station->fd_count++] = tt_zmq_pollfd(socket);
    return tt_zmq_is_ready(socket, events);
}

/* What waits for room to leave. */
static bool watch_output(struct tt_station *station)
{
    bool is_ready = watch(station, station->guard, ZMQ_POLLIN);

    if (station->unsaid.first)
        is_ready |= watch(station, station->control, ZMQ_POLLOUT);
    for (size_t i = 0; i < station->line_count; i++)
        if (station->lines[i].backlog.first && !station->lines[i].shared.sends)
            is_ready |= watch(station, station->lines[i].socket, ZMQ_POLLOUT);
    return is_ready;
}

static bool watch_input(struct tt_station *station)
{
    bool is_ready = watch(station, station->control, ZMQ_POLLIN);

    is_ready |= watch(station, station->monitor, ZMQ_POLLIN);
    is_ready |= watch(station, station->inbox, ZMQ_POLLIN);
    return is_ready;
}

/* Room for every socket there may be; without it a wait is none, which is slow but
 * right. */
static bool begin_watch(struct tt_station *station)
{
    station->fd_count = 0;
    return tt_grow(&station->fds, &station->fd_room, station->line_count + 6,
                   sizeof *station->fds) == TUTTI_OK;
}

static bool has_news(const struct tt_station *station)
{
    for (size_t i = 0; i < station->line_count; i++)
        if (tt_shared_has_news(&station->lines[i].shared))
            return true;
    return false;
}

static void pause_processor(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#endif
}

/* Looks at shared memory until something comes; false when it is time to sleep. */
static bool spin(struct tt_station *station, int64_t until)
{
    const int64_t begin = tt_clock_now();
    const int64_t longest = station->is_sleepy ? PAUSE_FOR : SPIN_FOR;
    int64_t now = begin;

    while (now < begin + longest && now < until) {
        for (int i = 0; i < 16; i++) {
            if (has_news(station))
                return true;
            if (now < begin + PAUSE_FOR)
                pause_processor();
        }
        if (now >= begin + PAUSE_FOR)
            sched_yield();
        now = tt_clock_now();
    }
    return false;
}

static void say_sleeping(struct tt_station *station)
{
    for (size_t i = 0; i < station->line_count; i++)
        if (station->lines[i].shared.own)
            tt_shared_sleep(&station->lines[i].shared,
                            station->lines[i].backlog.first != NULL);
}

static void say_awake(struct tt_station *station)
{
    for (size_t i = 0; i < station->line_count; i++)
        if (station->lines[i].shared.own)
            tt_shared_wake(&station->lines[i].shared);
}

/* Sleeps until a socket, or the bell, or `until`. */
static void sleep_until(struct tt_station *station, int64_t until)
{
    bool is_ready;

    if (!begin_watch(station))
        return;
    is_ready = watch_output(station);
    is_ready |= watch_input(station);
    if (station->bell.fd >= 0)
        station->fds[station->fd_count++] =
            (struct pollfd){.fd = station->bell.fd, .events = POLLIN};
    if (!is_ready)
        tt_poll_until(station->fds, station->fd_count, until);
}

static void wait_for(struct tt_station *station, int64_t until)
{
    int64_t began;

    flush(station);
    if (station->bell.fd >= 0 && spin(station, until))
        return;
    began = tt_clock_now();
    say_sleeping(station);
    flush(station); /* room may have come before we said so */
    if (!has_news(station))
        sleep_until(station, until);
    say_awake(station);
    if (station->bell.fd >= 0)
        tt_bell_hush(&station->bell);
    station->is_sleepy = tt_clock_now() - began > LONG_SLEEP;
    station->looked = 0;
    tt_zmq_serve_guard(station->guard);
    read_monitor(station);
}

static void close_station(struct tt_station **station, int64_t linger)
{
    struct tt_station *closing = *station;
    const int64_t until = tt_clock_now() + linger;

    *station = NULL;
    if (!closing)
        return;
    flush(closing);
    while (!is_flushed(closing) && tt_clock_now() < until)
        wait_for(closing, until);
    free_station(closing, until);
}

const struct tt_transport tt_transport_zmq = {.name = "zmq",
                                              .open_station = open_station,
                                              .close_station = close_station,
                                              .inbox = inbox,
                                              .say = say,
                                              .hear = hear,
                                              .broker_is_gone = broker_is_gone,
                                              .add_line = add_line,
                                              .share_line = share_line,
                                              .send = send,
                                              .queued = queued,
                                              .drop_line = drop_line,
                                              .receive = receive,
                                              .wait = wait_for,
                                              .now = now,
                                              .open_board = zmq_board_open,
                                              .close_board = zmq_board_close,
                                              .board_address = zmq_board_address,
                                              .board_hear = zmq_board_hear,
                                              .board_say = zmq_board_say,
                                              .board_ping = zmq_board_ping,
                                              .board_wait = zmq_board_wait,
                                              .board_now = zmq_board_now};
