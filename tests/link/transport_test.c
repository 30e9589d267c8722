/* What every transport must do, once, for all rows: each case runs over ZeroMQ by ipc,
 * through shared memory and by tcp, and over the loop. The board and all stations of a
 * case live in one thread; waiting for one of them serves its ends of all connections,
 * so the case waits for each in turn. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "link/loop.h"
#include "link/station.h"

enum { STATIONS = 6 };

/* A board and stations, as many as a case opens. */
struct place {
    const struct tt_transport *row;
    void *network;
    const char *address; /* that a board opens */
    bool is_shared;      /* lines go on through shared memory */
    struct tt_board *board;
    struct tt_station *stations[STATIONS];
    int lines[STATIONS]; /* of each */
};

static void open_board(struct place *place)
{
    assert_int_equal(
        place->row->open_board(place->network, place->address, &place->board),
        TUTTI_OK);
}

static void open_stations(struct place *place, int count)
{
    const char *broker = place->row->board_address(place->board);

    for (int i = 0; i < count; i++)
        assert_int_equal(
            place->row->open_station(place->network, broker, &place->stations[i]),
            TUTTI_OK);
}

/* A millisecond for each, in which it does what it has to do. */
static void let_all_work(struct place *place)
{
    for (int i = 0; i < STATIONS; i++)
        if (place->stations[i])
            place->row->wait(place->stations[i],
                             place->row->now(place->stations[i]) + TT_MILLISECOND);
    if (place->board)
        place->row->board_wait(place->board,
                               place->row->board_now(place->board) + TT_MILLISECOND,
                               NULL, 0);
}

/* A case gives up after that many rounds of let_all_work(). */
enum { ROUNDS = 5000 };

static uint64_t hear_at_board(struct place *place, const char *text)
{
    const void *bytes;
    uint64_t from;
    size_t size;
    int rounds = 0;

    while (!place->row->board_hear(place->board, &from, &bytes, &size)) {
        assert_in_range(rounds++, 0, ROUNDS);
        let_all_work(place);
    }
    assert_int_equal(size, strlen(text));
    assert_memory_equal(bytes, text, size);
    return from;
}

static void hear(struct place *place, int station, const char *text)
{
    const void *bytes;
    size_t size;
    int rounds = 0;

    while (!place->row->hear(place->stations[station], &bytes, &size)) {
        assert_in_range(rounds++, 0, ROUNDS);
        let_all_work(place);
    }
    assert_int_equal(size, strlen(text));
    assert_memory_equal(bytes, text, size);
}

static const void *receive(struct place *place, int station, size_t *size)
{
    const void *bytes;
    int rounds = 0;

    while (!place->row->receive(place->stations[station], &bytes, size)) {
        assert_in_range(rounds++, 0, ROUNDS);
        let_all_work(place);
    }
    return bytes;
}

static uint32_t receive_number(struct place *place, int station)
{
    uint32_t number;
    size_t size;
    const void *bytes = receive(place, station, &size);

    assert_true(size >= sizeof number);
    memcpy(&number, bytes, sizeof number);
    return number;
}

static void say(struct place *place, int station, const char *text)
{
    assert_int_equal(place->row->say(place->stations[station], text, strlen(text)),
                     TUTTI_OK);
}

static void add_one_line(struct place *place, int from, int to)
{
    assert_int_equal(place->row->add_line(place->stations[from],
                                          place->row->inbox(place->stations[to])),
                     TUTTI_OK);
    if (place->is_shared)
        place->row->share_line(place->stations[from], (size_t)place->lines[from]);
    place->lines[from]++;
}

/* A line from one station to the inbox of another; where memory is shared, which takes
 * a line both ways, also the one back, and the time until both have gone over to it. */
static void add_line(struct place *place, int from, int to)
{
    const void *bytes;
    size_t size;

    add_one_line(place, from, to);
    if (!place->is_shared)
        return;
    add_one_line(place, to, from);
    for (int i = 0; i < 20; i++) {
        let_all_work(place);
        for (int k = 0; k < STATIONS; k++)
            if (place->stations[k])
                assert_false(place->row->receive(place->stations[k], &bytes, &size));
    }
}

static void send_number(struct place *place, int from, size_t line, uint32_t number)
{
    assert_int_equal(
        place->row->send(place->stations[from], line, &number, sizeof number),
        TUTTI_OK);
}

static void the_board_hears_each_station_and_answers_it(struct place *place)
{
    uint64_t first, second;

    open_board(place);
    open_stations(place, 2);
    say(place, 0, "one");
    first = hear_at_board(place, "one");
    say(place, 1, "two");
    second = hear_at_board(place, "two");
    assert_true(first != second);
    assert_int_equal(place->row->board_say(place->board, second, "to two", 6),
                     TUTTI_OK);
    assert_int_equal(place->row->board_say(place->board, first, "to one", 6), TUTTI_OK);
    hear(place, 0, "to one");
    hear(place, 1, "to two");
    say(place, 0, "again");
    assert_true(hear_at_board(place, "again") == first);
}

static void a_station_may_come_before_its_broker(struct place *place)
{
    char address[128];

    open_board(place);
    snprintf(address, sizeof address, "%s", place->row->board_address(place->board));
    place->row->close_board(&place->board, 0);

    assert_int_equal(
        place->row->open_station(place->network, address, &place->stations[0]),
        TUTTI_OK);
    say(place, 0, "early");
    let_all_work(place);
    assert_false(place->row->broker_is_gone(place->stations[0]));
    assert_int_equal(place->row->open_board(place->network, address, &place->board),
                     TUTTI_OK);
    hear_at_board(place, "early");
    assert_false(place->row->broker_is_gone(place->stations[0]));
}

static void a_line_keeps_its_order(struct place *place)
{
    open_board(place);
    open_stations(place, 2);
    add_line(place, 0, 1);
    for (uint32_t i = 0; i < 1000; i++)
        send_number(place, 0, 0, i);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(receive_number(place, 1), i);
    assert_int_equal(place->row->queued(place->stations[0], 0), 0);
}

static void many_lines_lead_into_one_inbox(struct place *place)
{
    uint32_t next[STATIONS] = {0};

    open_board(place);
    open_stations(place, STATIONS);
    for (int i = 1; i < STATIONS; i++)
        add_line(place, i, 0);
    for (uint32_t k = 0; k < 50; k++)
        for (uint32_t i = 1; i < STATIONS; i++)
            send_number(place, (int)i, 0, i << 16 | k);
    for (int n = 0; n < 50 * (STATIONS - 1); n++) {
        const uint32_t number = receive_number(place, 0);

        assert_in_range(number >> 16, 1, STATIONS - 1);
        assert_int_equal(number & 0xffff, next[number >> 16]++);
    }
}

static void a_large_frame_arrives_whole(struct place *place)
{
    const size_t size = (size_t)20 << 20;
    unsigned char *frame = malloc(size);
    const unsigned char *bytes;
    size_t arrived;

    assert_non_null(frame);
    for (size_t i = 0; i < size; i++)
        frame[i] = (unsigned char)(i * 31 >> 3);
    open_board(place);
    open_stations(place, 2);
    add_line(place, 0, 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(place->row->send(place->stations[0], 0, frame, size),
                         TUTTI_OK);
    for (int i = 0; i < 2; i++) {
        bytes = receive(place, 1, &arrived);
        assert_int_equal(arrived, size);
        assert_true(memcmp(bytes, frame, size) == 0);
    }
    free(frame);
}

static void what_is_too_long_is_refused_where_it_is_sent(struct place *place)
{
    const size_t size = TT_LARGEST_FRAME + 1;
    void *bytes = calloc(size, 1);
    uint64_t from;

    assert_non_null(bytes);
    open_board(place);
    open_stations(place, 2);
    add_line(place, 0, 1);
    assert_int_equal(place->row->send(place->stations[0], 0, bytes, size),
                     TUTTI_BAD_CALL);
    assert_string_equal(tutti_last_error(),
                        "a frame of 67108865 bytes is over the limit of 67108864: use "
                        "shorter windows or a larger step");
    assert_int_equal(place->row->say(place->stations[0], bytes, TT_LARGEST_MESSAGE + 1),
                     TUTTI_BAD_CALL);
    assert_string_equal(
        tutti_last_error(),
        "a control message of 16777217 bytes is over the limit of 16777216");
    say(place, 0, "x");
    from = hear_at_board(place, "x");
    assert_int_equal(
        place->row->board_say(place->board, from, bytes, TT_LARGEST_MESSAGE + 1),
        TUTTI_BAD_CALL);
    free(bytes);
}

static void a_wait_ends_when_a_frame_arrives(struct place *place)
{
    const void *bytes;
    size_t size;
    int64_t began;

    open_board(place);
    open_stations(place, 2);
    add_line(place, 0, 1);
    send_number(place, 0, 0, 7);
    began = place->row->now(place->stations[1]);
    while (!place->row->receive(place->stations[1], &bytes, &size) &&
           place->row->now(place->stations[1]) < began + 20 * TT_SECOND)
        place->row->wait(place->stations[1], began + 20 * TT_SECOND);
    assert_int_equal(size, sizeof(uint32_t));
    assert_true(place->row->now(place->stations[1]) < began + 10 * TT_SECOND);
}

static void a_wait_ends_at_its_limit(struct place *place)
{
    const void *bytes;
    size_t size;
    int64_t until;

    open_board(place);
    open_stations(place, 1);
    until = place->row->now(place->stations[0]) + 20 * TT_MILLISECOND;
    while (place->row->now(place->stations[0]) < until)
        place->row->wait(place->stations[0], until);
    assert_true(place->row->now(place->stations[0]) < until + 5 * TT_SECOND);
    assert_false(place->row->hear(place->stations[0], &bytes, &size));
    assert_false(place->row->receive(place->stations[0], &bytes, &size));
}

static void a_board_waits_for_descriptors_too(struct place *place)
{
    struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};
    int quiet[2], ready[2];
    int64_t began;

    open_board(place);
    assert_int_equal(pipe(quiet), 0);
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(write(ready[1], "x", 1), 1);
    fds[0].fd = quiet[0];
    fds[1].fd = ready[0];
    began = place->row->board_now(place->board);
    while (!fds[1].revents)
        place->row->board_wait(place->board, began + 20 * TT_SECOND, fds, 2);
    assert_true(place->row->board_now(place->board) < began + 10 * TT_SECOND);
    assert_int_equal(fds[0].revents, 0);
    for (int i = 0; i < 2; i++) {
        close(quiet[i]);
        close(ready[i]);
    }
}

static void a_closed_peer_does_not_hold_up_its_sender(struct place *place)
{
    static char frame[65536];
    int64_t began;

    open_board(place);
    open_stations(place, 2);
    add_line(place, 0, 1);
    send_number(place, 0, 0, 1);
    assert_int_equal(receive_number(place, 1), 1);
    place->row->close_station(&place->stations[1], 0);
    began = place->row->now(place->stations[0]);
    for (int i = 0; i < 500; i++)
        assert_int_equal(place->row->send(place->stations[0], 0, frame, sizeof frame),
                         TUTTI_OK);
    assert_true(place->row->now(place->stations[0]) < began + 5 * TT_SECOND);
    place->row->drop_line(place->stations[0], 0);
    assert_int_equal(place->row->queued(place->stations[0], 0), 0);
    assert_int_equal(place->row->send(place->stations[0], 0, frame, sizeof frame),
                     TUTTI_OK);
    assert_int_equal(place->row->queued(place->stations[0], 0), 0);
}

static void close_gives_what_was_sent_time_to_leave(struct place *place)
{
    open_board(place);
    open_stations(place, 2);
    add_line(place, 0, 1);
    send_number(place, 0, 0, 1000);
    assert_int_equal(receive_number(place, 1), 1000);
    say(place, 0, "hello");
    hear_at_board(place, "hello");

    for (uint32_t i = 0; i < 40; i++)
        send_number(place, 0, 0, i);
    say(place, 0, "bye");
    place->row->close_station(&place->stations[0], 5 * TT_SECOND);
    assert_null(place->stations[0]);
    hear_at_board(place, "bye");
    for (uint32_t i = 0; i < 40; i++)
        assert_int_equal(receive_number(place, 1), i);
}

static void the_board_learns_that_a_station_is_lost(struct place *place)
{
    const struct tt_transport *row = place->row;
    enum tutti_status status = TUTTI_OK;
    uint64_t lost, stays;

    open_board(place);
    open_stations(place, 2);
    say(place, 0, "goes");
    lost = hear_at_board(place, "goes");
    say(place, 1, "stays");
    stays = hear_at_board(place, "stays");
    assert_int_equal(row->board_ping(place->board, lost, "p", 1), TUTTI_OK);
    say(place, 0, "last words");
    row->close_station(&place->stations[0], TT_SECOND);
    assert_true(hear_at_board(place, "last words") == lost);
    for (int i = 0; i < ROUNDS && status == TUTTI_OK; i++) {
        let_all_work(place);
        status = row->board_ping(place->board, lost, "p", 1);
    }
    assert_int_equal(status, TUTTI_LOST);
    assert_int_equal(row->board_say(place->board, lost, "x", 1), TUTTI_LOST);
    assert_string_equal(tutti_last_error(),
                        "the control line of a participant is gone");
    assert_int_equal(row->board_say(place->board, stays, "still here", 10), TUTTI_OK);
    hear(place, 1, "still here");
}

static void a_station_learns_that_its_broker_is_gone(struct place *place)
{
    struct tt_station *station;
    char sentence[200];
    uint64_t from;

    open_board(place);
    open_stations(place, 1);
    station = place->stations[0];
    snprintf(sentence, sizeof sentence, "the broker at %s is gone",
             place->row->board_address(place->board));
    say(place, 0, "hello");
    from = hear_at_board(place, "hello");
    assert_int_equal(place->row->board_say(place->board, from, "last", 4), TUTTI_OK);
    let_all_work(place);
    assert_false(place->row->broker_is_gone(station));
    place->row->close_board(&place->board, TT_SECOND);
    for (int i = 0; i < ROUNDS && !place->row->broker_is_gone(station); i++)
        let_all_work(place);
    assert_true(place->row->broker_is_gone(station));
    hear(place, 0, "last");
    assert_int_equal(place->row->say(station, "x", 1), TUTTI_LOST);
    assert_string_equal(tutti_last_error(), sentence);
}

static void two_boards_cannot_have_one_address(struct place *place)
{
    struct tt_board *second;
    char address[128], sentence[300];

    open_board(place);
    snprintf(address, sizeof address, "%s", place->row->board_address(place->board));
    assert_int_equal(place->row->open_board(place->network, address, &second),
                     TUTTI_BAD_CONFIG);
    snprintf(sentence, sizeof sentence,
             "the address %s is in use: end the other broker, or give another address",
             address);
    assert_string_equal(tutti_last_error(), sentence);
    assert_null(second);
}

static void an_address_without_sense_is_refused(struct place *place)
{
    struct tt_station *station;
    struct tt_board *board;

    assert_int_equal(place->row->open_station(place->network, "nowhere", &station),
                     TUTTI_BAD_CONFIG);
    assert_memory_equal(tutti_last_error(),
                        "'nowhere' is no address of a broker: ", 37);
    assert_null(station);
    assert_int_equal(place->row->open_board(place->network, "nowhere", &board),
                     TUTTI_BAD_CONFIG);
    assert_null(board);
}

static void an_empty_place_closes(struct place *place)
{
    struct tt_station *station = NULL;
    struct tt_board *board = NULL;

    place->row->close_station(&station, 0);
    place->row->close_board(&board, 0);
}

struct body {
    const char *name;
    void (*run)(struct place *place);
};

#define BODY(function)                                                                 \
    {                                                                                  \
#function, function                                                            \
    }
static const struct body bodies[] = {
    BODY(the_board_hears_each_station_and_answers_it),
    BODY(a_station_may_come_before_its_broker),
    BODY(a_line_keeps_its_order),
    BODY(many_lines_lead_into_one_inbox),
    BODY(a_large_frame_arrives_whole),
    BODY(what_is_too_long_is_refused_where_it_is_sent),
    BODY(a_wait_ends_when_a_frame_arrives),
    BODY(a_wait_ends_at_its_limit),
    BODY(a_board_waits_for_descriptors_too),
    BODY(a_closed_peer_does_not_hold_up_its_sender),
    BODY(close_gives_what_was_sent_time_to_leave),
    BODY(the_board_learns_that_a_station_is_lost),
    BODY(a_station_learns_that_its_broker_is_gone),
    BODY(two_boards_cannot_have_one_address),
    BODY(an_address_without_sense_is_refused),
    BODY(an_empty_place_closes),
};

struct trial {
    const struct body *body;
    struct place place;
    char name[120];
};

static void run_body(void *self)
{
    struct trial *trial = self;
    struct place *place = &trial->place;

    trial->body->run(place);
    for (int i = 0; i < STATIONS; i++)
        place->row->close_station(&place->stations[i], 0);
    place->row->close_board(&place->board, 0);
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void in_this_thread(void **state)
{
    const int before = count_descriptors();

    run_body(*state);
    assert_int_equal(count_descriptors(), before);
}

static void on_a_loop(void **state)
{
    struct trial *trial = *state;
    struct tt_loop *loop;

    assert_int_equal(tt_loop_open(1, &loop), TUTTI_OK);
    tt_loop_set_flight(loop, 1000, 3 * TT_MILLISECOND);
    trial->place.network = loop;
    assert_int_equal(tt_loop_add(loop, "all", run_body, trial), TUTTI_OK);
    assert_int_equal(tt_loop_run(loop, 1000 * TT_SECOND), TUTTI_OK);
    tt_loop_close(&loop);
}

int main(void)
{
    enum { BODIES = sizeof bodies / sizeof *bodies, PLACES = 4 };
    static struct trial trials[PLACES][BODIES];
    static struct CMUnitTest tests[PLACES * BODIES];
    char ipc[64];
    const struct {
        const struct tt_transport *row;
        const char *address;
        CMUnitTestFunction run;
        const char *name;
    } places[PLACES] = {{&tt_transport_zmq, ipc, in_this_thread, "ipc"},
                        {&tt_transport_zmq, ipc, in_this_thread, "shared memory"},
                        {&tt_transport_zmq, "tcp://127.0.0.1:*", in_this_thread, "tcp"},
                        {&tt_transport_loop, "loop://broker", on_a_loop, "loop"}};

    snprintf(ipc, sizeof ipc, "ipc://@tutti-transport-test-%d", (int)getpid());
    for (int p = 0; p < PLACES; p++)
        for (int b = 0; b < BODIES; b++) {
            struct trial *trial = &trials[p][b];

            trial->body = &bodies[b];
            trial->place = (struct place){
                .row = places[p].row,
                .address = places[p].address,
                .is_shared = strcmp(places[p].name, "shared memory") == 0};
            snprintf(trial->name, sizeof trial->name, "%s: %s", places[p].name,
                     bodies[b].name);
            tests[p * BODIES + b] = (struct CMUnitTest){
                .name = trial->name,
                .test_func = places[p].run,
                .initial_state = trial,
            };
        }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
