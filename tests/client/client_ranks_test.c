/* Parallel participants: events go from rank to rank, and nothing depends on how many
 * there are. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "stage.h"

#define LIMIT (1000 * TT_SECOND)

enum { WIDTH = 12, WINDOWS = 5, MOST = 512 };

/* What all ranks of one participant have seen, in the order of each. */
struct seen {
    size_t count;
    struct {
        int64_t due;
        uint32_t index;
        uint32_t rank;
    } spikes[MOST];
    double values[WINDOWS][WIDTH];
};

/* Rank r has the indices r, r + ranks, ... in falling order, so that local and global
 * ones differ. */
static uint32_t indices_of(const struct stage_actor *actor, uint32_t indices[WIDTH])
{
    const uint32_t ranks = actor->ranks ? actor->ranks : 1;
    uint32_t count = 0;

    for (uint32_t i = WIDTH; i-- > 0;)
        if (i % ranks == actor->rank)
            indices[count++] = i;
    return count;
}

/* Every cell fires in every window, at a time of its own; value i of the signal is i
 * plus the time. */
static void play_sender(struct stage_actor *actor, struct tutti_participant *me)
{
    uint32_t indices[WIDTH];
    const uint32_t count = indices_of(actor, indices);
    struct tutti_port *spikes, *signal;
    struct tutti_window window;
    double values[WIDTH];

    if (!stage_is_ok(actor, tutti_spike_output(me, "out", WIDTH, &spikes)) ||
        !stage_is_ok(actor, tutti_signal_output(me, "v", WIDTH, "mV", &signal)) ||
        !stage_is_ok(actor, tutti_port_set_indices(spikes, indices, count)) ||
        !stage_is_ok(actor, tutti_port_set_indices(signal, indices, count)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window))) {
        for (uint32_t i = 0; i < count; i++) {
            const struct tutti_time stamp = {window.begin.ns + indices[i] * 7 % 10};

            stage_is_ok(actor, tutti_send_spike(spikes, stamp, i));
            values[i] = (double)indices[i] + (double)window.begin.ns;
        }
        stage_is_ok(actor, tutti_write_signal(signal, window.begin, values));
    }
}

static void play_receiver(struct stage_actor *actor, struct tutti_participant *me)
{
    struct seen *seen = actor->data;
    uint32_t indices[WIDTH];
    const uint32_t count = indices_of(actor, indices);
    struct tutti_port *spikes, *signal;
    struct tutti_window window;
    double values[WIDTH];

    if (!stage_is_ok(actor, tutti_spike_input(me, "in", WIDTH, &spikes)) ||
        !stage_is_ok(actor, tutti_signal_input(me, "v", WIDTH, "mV", &signal)) ||
        !stage_is_ok(actor, tutti_port_set_indices(spikes, indices, count)) ||
        !stage_is_ok(actor, tutti_port_set_indices(signal, indices, count)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    for (size_t w = 0; stage_is_ok(actor, tutti_advance(me, &window)); w++) {
        const struct tutti_time *due;
        const uint32_t *locals;
        const size_t spike_count = tutti_spikes(spikes, &due, &locals);

        for (size_t i = 0; i < spike_count && seen->count < MOST; i++) {
            seen->spikes[seen->count].due = due[i].ns;
            seen->spikes[seen->count].index = indices[locals[i]];
            seen->spikes[seen->count++].rank = actor->rank;
        }
        stage_is_ok(actor, tutti_read_signal(signal, window.end, values));
        for (uint32_t i = 0; i < count && w < WINDOWS; i++)
            seen->values[w][indices[i]] = values[i];
    }
}

static void play(uint32_t senders, uint32_t receivers, struct seen *seen)
{
    static const char *const names[] = {"p0", "p1", "p2", "p3", "p4", "p5"};
    struct stage_actor actors[6] = {{0}};
    struct stage stage;
    char text[1024];
    uint32_t count = 0;

    memset(seen, 0, sizeof *seen);
    snprintf(text, sizeof text,
             "experiment: ranks\nduration: %d ns\n"
             "participants:\n  a: {window: 10 ns, ranks: %u}\n"
             "  b: {window: 10 ns, ranks: %u}\n"
             "connections:\n"
             "  - {from: \"a.out[1:9]\", to: \"b.in[3:11]\", delay: 4 ns}\n"
             "  - {from: a.v, to: b.v, delay: 0 ns}\n",
             10 * WINDOWS, senders, receivers);
    for (uint32_t i = 0; i < senders; i++, count++)
        actors[count] = (struct stage_actor){.name = names[count],
                                             .joins_as = "a",
                                             .rank = i,
                                             .ranks = senders,
                                             .play = play_sender};
    for (uint32_t i = 0; i < receivers; i++, count++)
        actors[count] = (struct stage_actor){.name = names[count],
                                             .joins_as = "b",
                                             .rank = i,
                                             .ranks = receivers,
                                             .play = play_receiver,
                                             .data = seen};
    stage_open(&stage, senders * 10 + receivers, text);
    tt_loop_set_flight(stage.loop, 1000, 100000);
    for (uint32_t i = 0; i < count; i++)
        stage_add(&stage, &actors[i]);
    stage_run(&stage, LIMIT);
    assert_string_equal(stage.sentence, "");
    for (uint32_t i = 0; i < count; i++)
        assert_string_equal(actors[i].sentence, "");
    stage_close(&stage);
}

static size_t count_of(const struct seen *seen, int64_t due, uint32_t index,
                       uint32_t ranks)
{
    size_t found = 0;

    for (size_t i = 0; i < seen->count; i++)
        found += seen->spikes[i].due == due && seen->spikes[i].index == index &&
                 seen->spikes[i].rank == index % ranks;
    return found;
}

static void events_go_from_rank_to_rank_for_any_number_of_ranks(void **state)
{
    static struct seen whole, split;

    (void)state;
    play(1, 1, &whole);
    assert_int_equal(whole.count, 8 * WINDOWS - 4); /* four are due after the end */
    for (uint32_t senders = 1; senders <= 3; senders++)
        for (uint32_t receivers = 1; receivers <= 3; receivers++) {
            play(senders, receivers, &split);
            assert_int_equal(split.count, whole.count);
            for (size_t i = 0; i < whole.count; i++)
                assert_int_equal(count_of(&split, whole.spikes[i].due,
                                          whole.spikes[i].index, receivers),
                                 1);
            for (int w = 0; w < WINDOWS; w++)
                for (uint32_t i = 0; i < WIDTH; i++)
                    assert_true(split.values[w][i] == 10.0 * w + i);
        }
}

/* --- what does not fit */

static void play_wrong(struct stage_actor *actor, struct tutti_participant *me)
{
    const uint32_t both[] = {0, 1};
    const uint32_t width =
        *(bool *)actor->data ? 2 : 2 + actor->rank; /* all the same, or not */
    struct tutti_port *port;

    if (stage_is_ok(actor, tutti_spike_output(me, "out", width, &port)) &&
        stage_is_ok(actor, tutti_port_set_indices(port, both, 2)))
        stage_is_ok(actor, tutti_start(me));
}

static void play_pair(bool is_same, uint32_t ranks, const char *sentence)
{
    struct stage_actor actors[] = {{.name = "p0",
                                    .joins_as = "a",
                                    .ranks = ranks,
                                    .play = play_wrong,
                                    .data = &is_same},
                                   {.name = "p1",
                                    .joins_as = "a",
                                    .rank = 1,
                                    .ranks = 2,
                                    .play = play_wrong,
                                    .data = &is_same}};
    struct stage stage;

    stage_open(&stage, 3,
               "experiment: wrong\nduration: 10 ns\nstart_timeout: 5 s\n"
               "participants: {a: {ranks: 2}}\n");
    stage_add(&stage, &actors[0]);
    stage_add(&stage, &actors[1]);
    stage_run(&stage, LIMIT);
    if (ranks == 2)
        assert_string_equal(stage.sentence, sentence);
    else
        assert_string_equal(actors[0].sentence, sentence);
    stage_close(&stage);
}

static void ranks_that_do_not_fit_together_are_refused(void **state)
{
    (void)state;
    play_pair(
        NULL, 2,
        "'a (rank 0)' and 'a (rank 1)' declare different steps or ports: all ranks "
        "declare the same, in the same order, but for the indices that live on them");
    play_pair(
        "same", 2,
        "an index of output 'out' lives on 'a (rank 0)' and on 'a (rank 1)'; it can "
        "be on one rank only");
    play_pair(
        "same", 3,
        "participant 'a' joins with 3 ranks, 'experiment.yaml' gives it 2: start as "
        "many, or change 'ranks'");
}

static void check_refused(struct tutti_port *port, const uint32_t *indices,
                          uint32_t count, const char *sentence)
{
    assert_int_equal(tutti_port_set_indices(port, indices, count), TUTTI_BAD_CALL);
    assert_string_equal(tutti_last_error(), sentence);
}

static void play_indices(struct stage_actor *actor, struct tutti_participant *me)
{
    const uint32_t beyond[] = {0, 4}, twice[] = {1, 1};
    struct tutti_window window;
    struct tutti_port *port;

    assert_int_equal(tutti_spike_output(me, "out", 4, &port), TUTTI_OK);
    check_refused(port, beyond, 2, "index 4 of port 'out' lies beyond its width 4");
    check_refused(port, twice, 2, "index 1 of port 'out' is given twice");
    assert_int_equal(tutti_port_set_indices(port, beyond, 1), TUTTI_OK);
    assert_int_equal(tutti_start(me), TUTTI_OK);
    check_refused(
        port, beyond, 1,
        "the indices of port 'out' come too late: set them before tutti_start()");
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        continue;
}

static void wrong_indices_are_refused(void **state)
{
    struct stage_actor actor = {.name = "a", .play = play_indices};
    struct stage stage;

    (void)state;
    stage_open(&stage, 1, "experiment: i\nduration: 10 ns\nparticipants: {a: {}}\n");
    stage_add(&stage, &actor);
    stage_run(&stage, LIMIT);
    assert_string_equal(stage.sentence, "");
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_go_from_rank_to_rank_for_any_number_of_ranks),
        cmocka_unit_test(ranks_that_do_not_fit_together_are_refused),
        cmocka_unit_test(wrong_indices_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
