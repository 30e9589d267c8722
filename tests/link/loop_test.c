/* The loop: actors, their clock, cuts, strangers; the same seed is the same run.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/time.h"
#include "link/loop.h"
#include "link/station.h"

static const struct tt_transport *const row = &tt_transport_loop;

enum { ACTORS = 4, FRAMES = 20 };

/* Actors note what they see; the test looks after the run. */
struct actor {
    struct tt_loop *loop;
    struct crowd *crowd;
    uint32_t number;
};

struct crowd {
    struct actor actors[ACTORS];
    const char *inboxes[ACTORS];
    uint64_t digest;
    uint32_t next[ACTORS][ACTORS];
    int received;
    bool is_in_order;
};

static void note(struct crowd *crowd, uint64_t what)
{
    crowd->digest = (crowd->digest ^ what) * UINT64_C(0x100000001b3);
}

static void read_all(struct actor *self, struct tt_station *station)
{
    struct crowd *crowd = self->crowd;
    const void *bytes;
    uint32_t frame[2];
    size_t size;

    while (row->receive(station, &bytes, &size)) {
        memcpy(frame, bytes, sizeof frame);
        note(crowd, (uint64_t)self->number << 48 | (uint64_t)frame[0] << 32 | frame[1]);
        note(crowd, (uint64_t)row->now(station));
        if (crowd->next[self->number][frame[0]]++ != frame[1])
            crowd->is_in_order = false;
        crowd->received++;
    }
}

/* Sends numbered frames to everybody, computes a while after each, reads on. */
static void talk_to_all(void *argument)
{
    struct actor *self = argument;
    struct crowd *crowd = self->crowd;
    struct tt_station *station;

    if (row->open_station(self->loop, "loop://broker", &station) != TUTTI_OK)
        return;
    crowd->inboxes[self->number] = row->inbox(station);
    tt_loop_pass(self->loop, TT_SECOND); /* until everybody has an inbox */
    for (int i = 0; i < ACTORS; i++)
        row->add_line(station, crowd->inboxes[i]);
    for (uint32_t k = 0; k < FRAMES; k++) {
        for (size_t line = 0; line < ACTORS; line++)
            row->send(station, line, (uint32_t[]){self->number, k},
                      2 * sizeof(uint32_t));
        tt_loop_pass(self->loop, 5000 * (self->number + 1));
        read_all(self, station);
    }
    while (row->now(station) < 10 * TT_SECOND) {
        row->wait(station, 10 * TT_SECOND);
        read_all(self, station);
    }
    row->close_station(&station, 0);
}

static struct crowd run_crowd(uint64_t seed)
{
    static const char *const names[ACTORS] = {"a", "b", "c", "d"};
    struct crowd crowd = {.is_in_order = true};
    struct tt_loop *loop;

    assert_int_equal(tt_loop_open(seed, &loop), TUTTI_OK);
    tt_loop_set_flight(loop, 1000, 50000);
    for (uint32_t i = 0; i < ACTORS; i++) {
        crowd.actors[i] = (struct actor){loop, &crowd, i};
        assert_int_equal(tt_loop_add(loop, names[i], talk_to_all, &crowd.actors[i]),
                         TUTTI_OK);
    }
    assert_int_equal(tt_loop_run(loop, 100 * TT_SECOND), TUTTI_OK);
    assert_true(tt_loop_now(loop) >= 10 * TT_SECOND);
    tt_loop_close(&loop);
    return crowd;
}

static void the_same_seed_is_the_same_run(void **state)
{
    const struct crowd first = run_crowd(7), second = run_crowd(7);

    (void)state;
    assert_int_equal(first.received, ACTORS * ACTORS * FRAMES);
    assert_true(first.digest == second.digest);
}

static void another_seed_is_another_run_with_the_same_order_on_each_line(void **state)
{
    const uint64_t first = run_crowd(1).digest;
    int different = 0;

    (void)state;
    for (uint64_t seed = 2; seed < 12; seed++) {
        const struct crowd crowd = run_crowd(seed);

        assert_true(crowd.is_in_order);
        assert_int_equal(crowd.received, ACTORS * ACTORS * FRAMES);
        different += crowd.digest != first;
    }
    assert_int_equal(different, 10);
}

/* One broker and one participant, and what became of them. */
struct pair {
    struct tt_loop *loop;
    int heard, received;
    char frame[16];
    enum tutti_status answer;
    bool is_gone;
    int64_t ended;
};

static void participate(void *argument)
{
    struct pair *pair = argument;
    struct tt_station *station;
    const void *bytes;
    size_t size;

    if (row->open_station(pair->loop, "loop://broker", &station) != TUTTI_OK)
        return;
    row->say(station, "hello", 5);
    while (row->now(station) < TT_SECOND && !row->broker_is_gone(station)) {
        row->wait(station, TT_SECOND);
        while (row->receive(station, &bytes, &size)) {
            pair->received++;
            memcpy(pair->frame, bytes, size < 16 ? size : 16);
        }
    }
    pair->is_gone = row->broker_is_gone(station);
    pair->ended = row->now(station);
    row->close_station(&station, 0);
}

static void listen_and_answer(void *argument)
{
    struct pair *pair = argument;
    struct tt_board *board;
    const void *bytes;
    size_t size;
    uint64_t from = 0;

    if (row->open_board(pair->loop, "loop://broker", &board) != TUTTI_OK)
        return;
    while (row->board_now(board) < TT_SECOND / 2) {
        row->board_wait(board, TT_SECOND / 2, NULL, 0);
        while (row->board_hear(board, &from, &bytes, &size))
            pair->heard++;
    }
    pair->answer = row->board_say(board, from, "answer", 6);
    tt_loop_pass(pair->loop, 2 * TT_SECOND);
    row->close_board(&board, 0);
}

static struct pair run_pair(void (*third)(void *))
{
    struct pair pair = {0};

    assert_int_equal(tt_loop_open(3, &pair.loop), TUTTI_OK);
    assert_int_equal(tt_loop_add(pair.loop, "cell", participate, &pair), TUTTI_OK);
    assert_int_equal(tt_loop_add(pair.loop, "broker", listen_and_answer, &pair),
                     TUTTI_OK);
    if (third)
        assert_int_equal(tt_loop_add(pair.loop, "third", third, &pair), TUTTI_OK);
    assert_int_equal(tt_loop_run(pair.loop, 100 * TT_SECOND), TUTTI_OK);
    tt_loop_close(&pair.loop);
    return pair;
}

static void a_pair_lives_until_its_time_is_over(void **state)
{
    const struct pair pair = run_pair(NULL);

    (void)state;
    assert_int_equal(pair.heard, 1);
    assert_int_equal(pair.answer, TUTTI_OK);
    assert_false(pair.is_gone);
    assert_int_equal(pair.ended, TT_SECOND);
}

static void cut_the_cell(void *argument)
{
    struct pair *pair = argument;

    tt_loop_pass(pair->loop, TT_SECOND / 4);
    tt_loop_cut(pair->loop, "cell");
}

static void who_is_cut_off_is_lost_to_the_broker_and_sees_it(void **state)
{
    const struct pair pair = run_pair(cut_the_cell);

    (void)state;
    assert_int_equal(pair.answer, TUTTI_LOST);
    assert_true(pair.is_gone);
    assert_int_equal(pair.ended, TT_SECOND / 4);
}

static void cut_the_broker(void *argument)
{
    struct pair *pair = argument;

    tt_loop_pass(pair->loop, TT_SECOND / 4);
    tt_loop_cut(pair->loop, "broker");
}

static void a_broker_that_is_cut_off_is_gone_for_all(void **state)
{
    const struct pair pair = run_pair(cut_the_broker);

    (void)state;
    assert_true(pair.is_gone);
    assert_int_equal(pair.ended, TT_SECOND / 4);
}

static void inject_garbage(void *argument)
{
    struct pair *pair = argument;

    tt_loop_pass(pair->loop, TT_SECOND / 4);
    tt_loop_inject(pair->loop, "loop://cell/1", "garbage", 8);
    tt_loop_inject(pair->loop, "loop://nobody/1", "garbage", 8);
}

static void a_stranger_reaches_an_inbox(void **state)
{
    const struct pair pair = run_pair(inject_garbage);

    (void)state;
    assert_int_equal(pair.received, 1);
    assert_string_equal(pair.frame, "garbage");
}

static void wait_for_ever(void *argument)
{
    struct pair *pair = argument;
    struct tt_station *station;

    if (row->open_station(pair->loop, "loop://broker", &station) != TUTTI_OK)
        return;
    while (row->now(station) < 100 * TT_SECOND)
        row->wait(station, 100 * TT_SECOND);
    row->wait(station, TT_INFINITY);
    pair->ended = row->now(station);
    row->close_station(&station, 0);
}

static void waits_beyond_the_limit_end_with_the_names_of_who_waits(void **state)
{
    struct pair pair = {0};

    (void)state;
    assert_int_equal(tt_loop_open(3, &pair.loop), TUTTI_OK);
    assert_int_equal(tt_loop_add(pair.loop, "cell", wait_for_ever, &pair), TUTTI_OK);
    assert_int_equal(tt_loop_run(pair.loop, 30 * TT_SECOND), TUTTI_BAD_CALL);
    assert_string_equal(tutti_last_error(),
                        "the loop's clock would pass 30 s, and these wait: 'cell' "
                        "until 100 s, since 0 ms");
    assert_int_equal(pair.ended, 101 * TT_SECOND);
    tt_loop_close(&pair.loop);
}

static void ask_without_end(void *argument)
{
    struct pair *pair = argument;
    struct tt_station *station;
    const void *bytes;
    size_t size;

    if (row->open_station(pair->loop, "loop://broker", &station) != TUTTI_OK)
        return;
    while (!row->hear(station, &bytes, &size))
        row->wait(station, row->now(station));
    pair->heard++;
    row->close_station(&station, 0);
}

static void speak_late(void *argument)
{
    struct pair *pair = argument;
    struct tt_board *board;

    if (row->open_board(pair->loop, "loop://broker", &board) != TUTTI_OK)
        return;
    tt_loop_pass(pair->loop, TT_MILLISECOND);
    pair->answer = row->board_say(board, 1, "x", 1);
    row->close_board(&board, 0);
}

static void who_only_asks_does_not_stop_the_clock(void **state)
{
    struct pair pair = {0};

    (void)state;
    assert_int_equal(tt_loop_open(3, &pair.loop), TUTTI_OK);
    assert_int_equal(tt_loop_add(pair.loop, "cell", ask_without_end, &pair), TUTTI_OK);
    assert_int_equal(tt_loop_add(pair.loop, "broker", speak_late, &pair), TUTTI_OK);
    assert_int_equal(tt_loop_run(pair.loop, TT_SECOND), TUTTI_OK);
    assert_int_equal(pair.heard, 1);
    assert_int_equal(pair.answer, TUTTI_OK);
    tt_loop_close(&pair.loop);
}

static void only_actors_open_stations(void **state)
{
    struct tt_station *station;
    struct tt_loop *loop;

    (void)state;
    assert_int_equal(tt_loop_open(3, &loop), TUTTI_OK);
    assert_int_equal(row->open_station(loop, "loop://broker", &station),
                     TUTTI_BAD_CALL);
    assert_string_equal(tutti_last_error(), "'loop://broker': only an actor of a "
                                            "running loop opens this");
    assert_int_equal(tt_loop_run(loop, TT_SECOND), TUTTI_OK);
    tt_loop_close(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_is_the_same_run),
        cmocka_unit_test(another_seed_is_another_run_with_the_same_order_on_each_line),
        cmocka_unit_test(a_pair_lives_until_its_time_is_over),
        cmocka_unit_test(who_is_cut_off_is_lost_to_the_broker_and_sees_it),
        cmocka_unit_test(a_broker_that_is_cut_off_is_gone_for_all),
        cmocka_unit_test(a_stranger_reaches_an_inbox),
        cmocka_unit_test(waits_beyond_the_limit_end_with_the_names_of_who_waits),
        cmocka_unit_test(who_only_asks_does_not_stop_the_clock),
        cmocka_unit_test(only_actors_open_stations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
