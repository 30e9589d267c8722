/* Stations and boards on a loop, and the row of this transport.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/station.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "link/limits.h"
#include "link/loop_core.h"

struct line {
    struct tt_channel channel; /* does not move: what is on its way points at it */
    struct tt_mailbox *to;     /* NULL when nobody has this inbox */
    bool is_dropped;
};

struct tt_station {
    struct tt_station *next;
    struct tt_loop *loop;
    char *broker, *inbox_address;
    uint64_t number;
    struct tt_mailbox control, inbox;
    struct tt_board *board; /* NULL until somebody listens there */
    struct tt_channel to_board, from_board;
    struct tt_flight *farewell,
        *farewell_of_board;   /* made early: closing cannot fail */
    struct tt_backlog unsaid; /* before there was a board */
    struct line **lines;
    size_t line_count, line_room;
    bool is_gone;  /* the control line, as the station sees it */
    bool has_left; /* and as the board sees it */
};

struct tt_board {
    struct tt_board *next;
    struct tt_loop *loop;
    char *address;
    struct tt_mailbox mailbox;
};

static enum tutti_status launch(struct tt_channel *channel, struct tt_mailbox *to,
                                uint64_t from, const void *bytes, size_t size)
{
    struct tt_flight *flight = tt_flight_make(bytes, size);

    if (!flight)
        return FAIL(TUTTI_NO_MEMORY, "no memory for a message of %zu bytes", size);
    flight->from = from;
    tt_loop_launch(to->owner->loop, channel, to, flight);
    return TUTTI_OK;
}

/* The next message of a mailbox, as the row hands it out. */
static bool take(struct tt_mailbox *mailbox, const void **bytes, size_t *size)
{
    const struct tt_flight *flight = tt_mailbox_next(mailbox);

    if (!flight)
        return false;
    *bytes = flight->bytes;
    *size = flight->size;
    return true;
}

static enum tutti_status check_actor(const struct tt_loop *loop, const char *address)
{
    if (!loop->running)
        return FAIL(TUTTI_BAD_CALL, "'%s': only an actor of a running loop opens this",
                    address);
    if (strncmp(address, "loop://", 7) != 0 || !address[7])
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%s' is no address of a broker: write loop://NAME", address);
    return TUTTI_OK;
}

static void free_station(struct tt_station *station)
{
    tt_mailbox_close(&station->control);
    tt_mailbox_close(&station->inbox);
    tt_backlog_clear(&station->unsaid);
    for (size_t i = 0; i < station->line_count; i++)
        free(station->lines[i]);
    free(station->lines);
    free(station->farewell);
    free(station->farewell_of_board);
    free(station->broker);
    free(station->inbox_address);
    free(station);
}

static void free_board(struct tt_board *board)
{
    tt_mailbox_close(&board->mailbox);
    free(board->address);
    free(board);
}

void tt_loop_free_stations(struct tt_loop *loop)
{
    while (loop->stations) {
        struct tt_station *station = loop->stations;

        loop->stations = station->next;
        free_station(station);
    }
    while (loop->boards) {
        struct tt_board *board = loop->boards;

        loop->boards = board->next;
        free_board(board);
    }
}

struct tt_mailbox *tt_loop_find_inbox(struct tt_loop *loop, const char *inbox_address)
{
    for (struct tt_station *at = loop->stations; at; at = at->next)
        if (!at->inbox.is_closed && strcmp(at->inbox_address, inbox_address) == 0)
            return &at->inbox;
    return NULL;
}

static bool is_cut(const struct tt_station *station)
{
    return station->control.owner->is_cut ||
           (station->board && station->board->mailbox.owner->is_cut);
}

void tt_loop_cut_stations(struct tt_loop *loop)
{
    for (struct tt_station *at = loop->stations; at; at = at->next) {
        if (!is_cut(at))
            continue;
        at->is_gone = true;
        at->has_left = true;
        tt_loop_wake(at->control.owner);
        if (at->board)
            tt_loop_wake(at->board->mailbox.owner);
    }
}

/* Plugs the control line in once both ends are there; what was said leaves. */
static enum tutti_status plug_in(struct tt_station *station, struct tt_board *board)
{
    station->board = board;
    station->to_board.from = station->control.owner;
    station->from_board.from = board->mailbox.owner;
    while (station->unsaid.first) {
        TRY(launch(&station->to_board, &board->mailbox, station->number,
                   station->unsaid.first->bytes, station->unsaid.first->size));
        tt_backlog_drop_first(&station->unsaid);
    }
    return TUTTI_OK;
}

static struct tt_board *find_board(struct tt_loop *loop, const char *address)
{
    for (struct tt_board *at = loop->boards; at; at = at->next)
        if (!at->mailbox.is_closed && strcmp(at->address, address) == 0)
            return at;
    return NULL;
}

static enum tutti_status open_station(void *network, const char *broker,
                                      struct tt_station **station)
{
    struct tt_loop *loop = network;
    struct tt_board *board;
    struct tt_station *made;
    char address[256];

    *station = NULL;
    TRY(check_actor(loop, broker));
    made = tt_alloc(sizeof *made);
    if (!made)
        return FAIL(TUTTI_NO_MEMORY, "no memory to connect to %s", broker);
    snprintf(address, sizeof address, "loop://%.200s/%d", loop->running->name,
             ++loop->running->inbox_count);
    *made = (struct tt_station){.loop = loop,
                                .broker = tt_copy_text(broker),
                                .inbox_address = tt_copy_text(address),
                                .number = ++loop->station_count,
                                .control = {.owner = loop->running},
                                .inbox = {.owner = loop->running},
                                .farewell = tt_flight_make(NULL, 0),
                                .farewell_of_board = tt_flight_make(NULL, 0)};
    if (!made->broker || !made->inbox_address || !made->farewell ||
        !made->farewell_of_board) {
        free_station(made);
        return FAIL(TUTTI_NO_MEMORY, "no memory to connect to %s", broker);
    }
    made->next = loop->stations;
    loop->stations = made;
    *station = made;
    board = find_board(loop, broker);
    return board ? plug_in(made, board) : TUTTI_OK;
}

static void close_station(struct tt_station **station, int64_t linger)
{
    struct tt_station *closing = *station;

    (void)linger; /* what was sent is on its way already */
    *station = NULL;
    if (!closing)
        return;
    tt_mailbox_close(&closing->control);
    tt_mailbox_close(&closing->inbox);
    tt_backlog_clear(&closing->unsaid);
    if (!closing->board)
        return;
    closing->farewell->farewell = &closing->has_left;
    tt_loop_launch(closing->loop, &closing->to_board, &closing->board->mailbox,
                   closing->farewell);
    closing->farewell = NULL;
}

static const char *inbox(const struct tt_station *station)
{
    return station->inbox_address;
}

static enum tutti_status say(struct tt_station *station, const void *bytes, size_t size)
{
    TRY(tt_check_message_size(size));
    if (station->is_gone)
        return FAIL(TUTTI_LOST, "the broker at %s is gone", station->broker);
    if (!station->board)
        return tt_backlog_add(&station->unsaid, bytes, size);
    return launch(&station->to_board, &station->board->mailbox, station->number, bytes,
                  size);
}

static bool hear(struct tt_station *station, const void **bytes, size_t *size)
{
    return take(&station->control, bytes, size);
}

static bool broker_is_gone(const struct tt_station *station)
{
    return station->is_gone;
}

static enum tutti_status add_line(struct tt_station *station, const char *inbox_address)
{
    struct line *line;

    TRY(tt_grow(&station->lines, &station->line_room, station->line_count + 1,
                sizeof(struct line *)));
    line = tt_alloc(sizeof *line);
    if (!line)
        return FAIL(TUTTI_NO_MEMORY, "no memory for a line to %s", inbox_address);
    line->channel.from = station->control.owner;
    line->to = tt_loop_find_inbox(station->loop, inbox_address);
    station->lines[station->line_count++] = line;
    return TUTTI_OK;
}

/* All of it is in one memory already. */
static void share_line(struct tt_station *station, size_t line)
{
    (void)station;
    (void)line;
}

static enum tutti_status send(struct tt_station *station, size_t number,
                              const void *bytes, size_t size)
{
    struct line *line = station->lines[number];

    TRY(tt_check_frame_size(size));
    if (line->is_dropped || !line->to)
        return TUTTI_OK;
    return launch(&line->channel, line->to, 0, bytes, size);
}

static size_t queued(const struct tt_station *station, size_t number)
{
    const struct line *line = station->lines[number];

    return line->is_dropped ? 0 : line->channel.bytes;
}

static void drop_line(struct tt_station *station, size_t number)
{
    station->lines[number]->is_dropped = true;
}

static bool receive(struct tt_station *station, const void **bytes, size_t *size)
{
    return take(&station->inbox, bytes, size);
}

static void wait_for(struct tt_station *station, int64_t until)
{
    const bool is_ready = station->control.first || station->inbox.first;

    tt_loop_wait(station->loop, ACTOR_WAITING, is_ready ? 0 : until);
}

static int64_t now(const struct tt_station *station)
{
    return station->loop->now;
}

static enum tutti_status open_board(void *network, const char *address,
                                    struct tt_board **board)
{
    struct tt_loop *loop = network;
    struct tt_board *made;

    *board = NULL;
    TRY(check_actor(loop, address));
    if (find_board(loop, address))
        return FAIL(TUTTI_BAD_CONFIG,
                    "the address %s is in use: end the other broker, or give another "
                    "address",
                    address);
    made = tt_alloc(sizeof *made);
    if (made)
        *made = (struct tt_board){.loop = loop,
                                  .address = tt_copy_text(address),
                                  .mailbox = {.owner = loop->running}};
    if (!made || !made->address) {
        free(made);
        return FAIL(TUTTI_NO_MEMORY, "no memory to listen at %s", address);
    }
    made->next = loop->boards;
    loop->boards = made;
    for (struct tt_station *at = loop->stations; at; at = at->next)
        if (!at->board && !at->control.is_closed && strcmp(at->broker, address) == 0)
            TRY(plug_in(at, made));
    *board = made;
    return TUTTI_OK;
}

static void close_board(struct tt_board **board, int64_t linger)
{
    struct tt_board *closing = *board;

    (void)linger;
    *board = NULL;
    if (!closing)
        return;
    tt_mailbox_close(&closing->mailbox);
    for (struct tt_station *at = closing->loop->stations; at; at = at->next) {
        if (at->board != closing || at->control.is_closed)
            continue;
        at->farewell_of_board->farewell = &at->is_gone;
        tt_loop_launch(at->loop, &at->from_board, &at->control, at->farewell_of_board);
        at->farewell_of_board = NULL;
    }
}

static const char *board_address(const struct tt_board *board)
{
    return board->address;
}

static bool board_hear(struct tt_board *board, uint64_t *from, const void **bytes,
                       size_t *size)
{
    if (!take(&board->mailbox, bytes, size))
        return false;
    *from = board->mailbox.borrowed->from;
    return true;
}

static enum tutti_status board_say(struct tt_board *board, uint64_t to,
                                   const void *bytes, size_t size)
{
    struct tt_station *station = board->loop->stations;

    TRY(tt_check_message_size(size));
    while (station && (station->board != board || station->number != to))
        station = station->next;
    if (!station || station->has_left)
        return FAIL(TUTTI_LOST, "the control line of a participant is gone");
    return launch(&station->from_board, &station->control, 0, bytes, size);
}

static void board_wait(struct tt_board *board, int64_t until, struct pollfd *fds,
                       size_t fd_count)
{
    const bool is_ready = board->mailbox.first || poll(fds, fd_count, 0) > 0;

    tt_loop_wait(board->loop, ACTOR_WAITING, is_ready ? 0 : until);
    poll(fds, fd_count, 0);
}

static int64_t board_now(const struct tt_board *board)
{
    return board->loop->now;
}

/* A ping leaves at once like everything here. */
const struct tt_transport tt_transport_loop = {.name = "loop",
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
                                               .open_board = open_board,
                                               .close_board = close_board,
                                               .board_address = board_address,
                                               .board_hear = board_hear,
                                               .board_say = board_say,
                                               .board_ping = board_say,
                                               .board_wait = board_wait,
                                               .board_now = board_now};
