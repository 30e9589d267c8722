/* ZeroMQ among strangers: garbage on open ports, peers that do not read, processes that
 * are killed. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "link/station.h"

static const struct tt_transport *const row = &tt_transport_zmq;

/* A raw TCP connection to "tcp://HOST:PORT". */
static int connect_raw(const char *address)
{
    struct sockaddr_in far = {.sin_family = AF_INET};
    const char *colon = strrchr(address, ':');
    char host[64];
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    snprintf(host, sizeof host, "%.*s", (int)(colon - address) - 6, address + 6);
    far.sin_port = htons((uint16_t)atoi(colon + 1));
    assert_int_equal(inet_pton(AF_INET, host, &far.sin_addr), 1);
    assert_int_equal(connect(fd, (const struct sockaddr *)&far, sizeof far), 0);
    return fd;
}

static void send_raw(int fd, const void *bytes, size_t size)
{
    /* The other side may have hung up already, which is what we want of it. */
    (void)!send(fd, bytes, size, MSG_NOSIGNAL);
}

static bool has_hung_up(int fd)
{
    char bytes[256];
    ssize_t size;

    do
        size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    while (size > 0);
    return size == 0 || errno != EAGAIN;
}

struct pair {
    struct tt_board *board;
    struct tt_station *station;
};

static struct pair open_pair(const char *address)
{
    struct pair pair;

    assert_int_equal(row->open_board(NULL, address, &pair.board), TUTTI_OK);
    assert_int_equal(
        row->open_station(NULL, row->board_address(pair.board), &pair.station),
        TUTTI_OK);
    return pair;
}

static void close_pair(struct pair *pair)
{
    row->close_station(&pair->station, 0);
    row->close_board(&pair->board, 0);
}

/* A millisecond for each, in which nothing may arrive. */
static void expect_nothing(struct pair *pair)
{
    const void *bytes;
    uint64_t from;
    size_t size;

    row->board_wait(pair->board, tt_clock_now() + TT_MILLISECOND, NULL, 0);
    row->wait(pair->station, tt_clock_now() + TT_MILLISECOND);
    assert_false(row->board_hear(pair->board, &from, &bytes, &size));
    assert_false(row->receive(pair->station, &bytes, &size));
    assert_false(row->hear(pair->station, &bytes, &size));
}

/* Both ends still work for who belongs here. */
static void expect_service(struct pair *pair)
{
    const int64_t limit = tt_clock_now() + 5 * TT_SECOND;
    const void *bytes;
    uint64_t from;
    size_t size;

    assert_int_equal(row->say(pair->station, "legitimate", 10), TUTTI_OK);
    while (!row->board_hear(pair->board, &from, &bytes, &size)) {
        assert_true(tt_clock_now() < limit);
        row->wait(pair->station, tt_clock_now() + TT_MILLISECOND);
        row->board_wait(pair->board, tt_clock_now() + TT_MILLISECOND, NULL, 0);
    }
    assert_int_equal(size, 10);
    assert_memory_equal(bytes, "legitimate", 10);
    assert_int_equal(row->add_line(pair->station, row->inbox(pair->station)), TUTTI_OK);
    assert_int_equal(row->send(pair->station, 0, "frame", 5), TUTTI_OK);
    while (!row->receive(pair->station, &bytes, &size)) {
        assert_true(tt_clock_now() < limit);
        row->wait(pair->station, tt_clock_now() + TT_MILLISECOND);
    }
    assert_int_equal(size, 5);
    assert_memory_equal(bytes, "frame", 5);
}

static void garbage_never_becomes_a_message(void **state)
{
    /* An old ZMTP 1.0 greeting and message: ZeroMQ's own fallback would believe it. */
    static const char old[] = "\x01\x00\x06\x00hello";
    struct pair pair = open_pair("tcp://127.0.0.1:*");
    const char *const doors[] = {row->board_address(pair.board),
                                 row->inbox(pair.station)};

    (void)state;
    for (int i = 0; i < 2; i++) {
        const int fd = connect_raw(doors[i]);
        int rounds = 0;

        send_raw(fd, old, sizeof old - 1);
        send_raw(fd, "\x06\x00hello", 7);
        do {
            expect_nothing(&pair);
            assert_in_range(rounds++, 0, 1000);
        } while (!has_hung_up(fd));
        close(fd);
    }
    expect_service(&pair);
    close_pair(&pair);
}

static void noise_never_becomes_a_message(void **state)
{
    struct pair pair = open_pair("tcp://127.0.0.1:*");
    const char *const doors[] = {row->board_address(pair.board),
                                 row->inbox(pair.station)};
    uint64_t random = 2024;

    (void)state;
    for (int round = 0; round < 60; round++) {
        const int fd = connect_raw(doors[round % 2]);
        unsigned char noise[4096];

        for (size_t i = 0; i < sizeof noise; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            noise[i] = (unsigned char)(random >> 56);
        }
        if (round % 3 == 0)
            memcpy(noise, "\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL\0\0\0\0", 20);
        send_raw(fd, noise, sizeof noise);
        expect_nothing(&pair);
        close(fd);
    }
    expect_nothing(&pair);
    expect_service(&pair);
    close_pair(&pair);
}

/* Shakes hands as a station's socket of ZMTP 3.0 would, while both ends do their part.
 */
static int connect_as(struct pair *pair, const char *address, const char *socket_type)
{
    static const unsigned char greeting[64] = {0xff, 0,    0, 0, 0,   0,   0,   0,
                                               1,    0x7f, 3, 0, 'N', 'U', 'L', 'L'};
    enum { GREETING_AND_READY = 90 }; /* of the other side: 64 and more than 26 */
    char ready[64] = "\x04\0\x05READY\x0bSocket-Type\0\0\0";
    const size_t type_size = strlen(socket_type);
    const int fd = connect_raw(address);
    ssize_t answered = 0;

    ready[1] = (char)(22 + type_size);
    ready[23] = (char)type_size;
    memcpy(ready + 24, socket_type, type_size);
    send_raw(fd, greeting, sizeof greeting);
    send_raw(fd, ready, 24 + type_size);
    for (int rounds = 0; answered < GREETING_AND_READY; rounds++) {
        char bytes[256];
        const ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

        answered += size > 0 ? size : 0;
        assert_in_range(rounds, 0, 1000);
        expect_nothing(pair);
    }
    return fd;
}

static void a_peer_that_does_not_read_costs_the_board_no_time(void **state)
{
    const size_t size = 100000;
    char *large = calloc(size, 1);
    struct pair pair = open_pair("tcp://127.0.0.1:*");
    const int fd = connect_as(&pair, row->board_address(pair.board), "DEALER");
    const int64_t limit = tt_clock_now() + 5 * TT_SECOND;
    const void *bytes;
    uint64_t from;
    size_t heard;
    int64_t began;

    (void)state;
    assert_non_null(large);
    send_raw(fd,
             "\0\x05"
             "mute!",
             7);
    while (!row->board_hear(pair.board, &from, &bytes, &heard)) {
        assert_true(tt_clock_now() < limit);
        row->board_wait(pair.board, tt_clock_now() + TT_MILLISECOND, NULL, 0);
    }
    assert_memory_equal(bytes, "mute!", 5);

    /* Sockets and pipes hold far less than these 100 MB: most pings are dropped. */
    began = tt_clock_now();
    for (int i = 0; i < 1000; i++)
        assert_int_equal(row->board_ping(pair.board, from, large, size), TUTTI_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(row->board_say(pair.board, from, large, size), TUTTI_OK);
    assert_true(tt_clock_now() < began + 2 * TT_SECOND);
    expect_service(&pair);

    began = tt_clock_now();
    row->close_board(&pair.board, 300 * TT_MILLISECOND);
    assert_true(tt_clock_now() < began + 2 * TT_SECOND);
    close_pair(&pair);
    close(fd);
    free(large);
}

static void messages_of_several_parts_are_thrown_away(void **state)
{
    struct pair pair = open_pair("tcp://127.0.0.1:*");
    const int at_board = connect_as(&pair, row->board_address(pair.board), "DEALER");
    const int at_inbox = connect_as(&pair, row->inbox(pair.station), "PUSH");

    (void)state;
    send_raw(at_board,
             "\x01\x01"
             "a\x01\x01"
             "b\0\x01"
             "c",
             9);
    send_raw(at_inbox,
             "\x01\x01"
             "a\x01\x01"
             "b\0\x01"
             "c",
             9);
    for (int i = 0; i < 20; i++)
        expect_nothing(&pair);
    expect_service(&pair);
    close(at_board);
    close(at_inbox);
    close_pair(&pair);
}

static void live_as_station(const char *broker)
{
    struct tt_station *station;

    if (row->open_station(NULL, broker, &station) != TUTTI_OK)
        _exit(1);
    row->say(station, "alive", 5);
    for (;;)
        row->wait(station, tt_clock_now() + TT_SECOND);
}

static pid_t start(void (*body)(const char *), const char *argument)
{
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        body(argument);
        _exit(0);
    }
    return child;
}

static void a_killed_station_is_lost_at_once(void **state)
{
    char address[64];
    struct tt_board *board;
    const void *bytes;
    size_t size;
    uint64_t from;
    pid_t child;
    int64_t killed;

    (void)state;
    snprintf(address, sizeof address, "ipc://@tutti-zmq-test-%d", (int)getpid());
    child = start(live_as_station, address);
    assert_int_equal(row->open_board(NULL, address, &board), TUTTI_OK);
    killed = tt_clock_now() + 10 * TT_SECOND;
    while (!row->board_hear(board, &from, &bytes, &size)) {
        assert_true(tt_clock_now() < killed);
        row->board_wait(board, killed, NULL, 0);
    }
    assert_int_equal(row->board_ping(board, from, "p", 1), TUTTI_OK);
    killed = tt_clock_now();
    kill(child, SIGKILL);
    while (row->board_ping(board, from, "p", 1) == TUTTI_OK) {
        assert_true(tt_clock_now() < killed + 2 * TT_SECOND);
        row->board_wait(board, tt_clock_now() + TT_MILLISECOND, NULL, 0);
    }
    waitpid(child, NULL, 0);
    row->close_board(&board, 0);
}

static void live_as_board(const char *address)
{
    struct tt_board *board;
    const void *bytes;
    size_t size;
    uint64_t from;

    if (row->open_board(NULL, address, &board) != TUTTI_OK)
        _exit(1);
    for (;;) {
        while (row->board_hear(board, &from, &bytes, &size))
            row->board_say(board, from, "answer", 6);
        row->board_wait(board, tt_clock_now() + TT_SECOND, NULL, 0);
    }
}

static void a_killed_broker_is_gone_at_once(void **state)
{
    char address[64];
    struct tt_station *station;
    const void *bytes;
    size_t size;
    pid_t child;
    int64_t limit;

    (void)state;
    snprintf(address, sizeof address, "ipc://@tutti-zmq-test-%d", (int)getpid());
    child = start(live_as_board, address);
    assert_int_equal(row->open_station(NULL, address, &station), TUTTI_OK);
    assert_int_equal(row->say(station, "hello", 5), TUTTI_OK);
    limit = tt_clock_now() + 10 * TT_SECOND;
    while (!row->hear(station, &bytes, &size)) {
        assert_true(tt_clock_now() < limit);
        row->wait(station, limit);
    }
    assert_false(row->broker_is_gone(station));
    kill(child, SIGKILL);
    limit = tt_clock_now() + 2 * TT_SECOND;
    while (!row->broker_is_gone(station)) {
        assert_true(tt_clock_now() < limit);
        row->wait(station, limit);
    }
    waitpid(child, NULL, 0);
    row->close_station(&station, 0);
}

static void close_does_not_wait_longer_than_it_may(void **state)
{
    static char frame[65536];
    struct pair pair = open_pair("tcp://127.0.0.1:*");
    int64_t began;

    (void)state;
    expect_service(&pair);
    /* A line to nobody: port 1 of this machine. */
    assert_int_equal(row->add_line(pair.station, "tcp://127.0.0.1:1"), TUTTI_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(row->send(pair.station, 1, frame, sizeof frame), TUTTI_OK);
    assert_true(row->queued(pair.station, 1) > 0);
    began = tt_clock_now();
    row->close_station(&pair.station, 200 * TT_MILLISECOND);
    assert_true(tt_clock_now() < began + 2 * TT_SECOND);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(garbage_never_becomes_a_message),
        cmocka_unit_test(noise_never_becomes_a_message),
        cmocka_unit_test(a_peer_that_does_not_read_costs_the_board_no_time),
        cmocka_unit_test(messages_of_several_parts_are_thrown_away),
        cmocka_unit_test(a_killed_station_is_lost_at_once),
        cmocka_unit_test(a_killed_broker_is_gone_at_once),
        cmocka_unit_test(close_does_not_wait_longer_than_it_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
