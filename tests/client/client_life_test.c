/* The life of participants, and its ends: in order, early, by failure, by silence.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/time.h"
#include "client/participant.h"
#include "stage.h"

#define LIMIT (1000 * TT_SECOND)

/* A participant with one spike input and one output, and what it does on the way. */
struct conduct {
    struct tutti_step step;
    uint32_t width;   /* of both ports; 0: 1 */
    int64_t quits_at; /* leaves in the window that begins there; 0: stays */
    int64_t hangs_at; /* passes `hangs_for` wall ns there */
    int64_t hangs_for;
    int64_t works;                    /* wall ns in each window */
    const char *abort_at_start, *cut; /* aborts with that reason; cuts that actor off */
    const void *inject;               /* a stranger's bytes for its own inbox */
    size_t inject_size;
    int64_t last_end; /* found: of the last window */
    int windows;
};

static void play_conduct(struct stage_actor *actor, struct tutti_participant *me)
{
    struct conduct *conduct = actor->data;
    const uint32_t width = conduct->width ? conduct->width : 1;
    struct tutti_window window;
    struct tutti_port *in, *out;

    if ((conduct->step.ns &&
         !stage_is_ok(actor, tutti_set_step(me, conduct->step, TUTTI_FROM))) ||
        !stage_is_ok(actor, tutti_spike_input(me, "in", width, &in)) ||
        !stage_is_ok(actor, tutti_spike_output(me, "out", width, &out)))
        return;
    if (conduct->inject)
        tt_loop_inject(actor->stage->loop, me->transport->inbox(me->station),
                       conduct->inject, conduct->inject_size);
    if (!stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window))) {
        conduct->windows++;
        conduct->last_end = window.end.ns;
        if (conduct->works)
            tt_loop_pass(actor->stage->loop, conduct->works);
        if (conduct->hangs_for && window.begin.ns >= conduct->hangs_at) {
            tt_loop_pass(actor->stage->loop, conduct->hangs_for);
            conduct->hangs_for = 0;
        }
        if (conduct->quits_at && window.begin.ns >= conduct->quits_at)
            return;
        if (conduct->cut && conduct->windows == 3)
            tt_loop_cut(actor->stage->loop, conduct->cut);
    }
}

static const char pair[] = "experiment: pair\nduration: 1 us\npatience: 60 s\n"
                           "participants: {a: {}, b: {}}\n"
                           "connections:\n"
                           "  - {from: a.out, to: b.in, delay: 200 ns}\n"
                           "  - {from: b.out, to: a.in, delay: 200 ns}\n";

static void run_pair(struct stage *stage, const char *text,
                     struct stage_actor actors[2], size_t count)
{
    stage_open(stage, 5, text);
    for (size_t i = 0; i < count; i++)
        stage_add(stage, &actors[i]);
    stage_run(stage, LIMIT);
}

#define ACTORS(first, second)                                                          \
    {                                                                                  \
        {.name = "a", .play = play_conduct, .data = (first)},                          \
            {.name = "b", .play = play_conduct, .data = (second)},                     \
    }

static void each_ends_at_its_own_first_border_at_or_after_the_stop(void **state)
{
    struct conduct a = {.step = {300, 1}}, b = {.step = {1000, 7}};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage stage;

    (void)state;
    run_pair(&stage,
             "experiment: stop\nduration: 1001 ns\nparticipants: {a: {}, b: {}}\n"
             "connections:\n  - {from: a.out, to: b.in, delay: 2 us}\n",
             actors, 2);
    assert_string_equal(stage.sentence, "");
    assert_int_equal(a.last_end, 1200);
    assert_int_equal(b.last_end, 1142); /* floor(8 * 1000 / 7) */
    stage_close(&stage);
}

static void a_window_is_half_the_smallest_delay_on_a_cycle(void **state)
{
    struct conduct a = {0}, b = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 2);
    assert_string_equal(stage.sentence, "");
    assert_int_equal(a.windows, 10); /* of 100 ns each */
    assert_int_equal(b.windows, 10);
    stage_close(&stage);
}

static void who_leaves_early_holds_up_nobody(void **state)
{
    struct conduct a = {.quits_at = 400}, b = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 2);
    assert_string_equal(stage.sentence, "");
    assert_string_equal(actors[1].sentence, "");
    assert_int_equal(a.windows, 5);
    assert_int_equal(b.last_end, 1000);
    stage_close(&stage);
}

static void a_name_that_is_not_in_the_file_is_refused(void **state)
{
    struct conduct a = {0}, b = {0}, c = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage_actor stranger = {.name = "c", .play = play_conduct, .data = &c};
    struct stage stage;

    (void)state;
    stage_open(&stage, 5, pair);
    stage_add(&stage, &stranger);
    stage_add(&stage, &actors[0]);
    stage_add(&stage, &actors[1]);
    stage_run(&stage, LIMIT);
    assert_int_equal(stranger.status, TUTTI_REFUSED);
    assert_string_equal(stranger.sentence,
                        "'experiment.yaml' has no participant 'c'; it has 'a', 'b'");
    assert_string_equal(stage.notices,
                        "'experiment.yaml' has no participant 'c'; it has 'a', 'b'\n");
    assert_string_equal(stage.sentence, ""); /* the others ran */
    assert_int_equal(b.last_end, 1000);
    stage_close(&stage);
}

static void who_joins_twice_is_refused_and_the_first_goes_on(void **state)
{
    struct conduct a = {0}, b = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage_actor again = {.name = "a", .play = play_conduct, .data = &a};
    struct stage stage;
    const char *refused;

    (void)state;
    stage_open(&stage, 5, pair);
    stage_add(&stage, &actors[0]);
    stage_add(&stage, &again);
    stage_add(&stage, &actors[1]);
    stage_run(&stage, LIMIT);
    refused = again.status ? again.sentence : actors[0].sentence;
    assert_non_null(strstr(refused, "participant 'a' has joined already, as process"));
    assert_string_equal(stage.sentence, "");
    assert_int_equal(b.last_end, 1000);
    stage_close(&stage);
}

static void who_never_joins_is_named_after_start_timeout(void **state)
{
    struct conduct a = {0};
    struct stage_actor actors[] = ACTORS(&a, &a);
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 1);
    assert_string_equal(
        stage.sentence,
        "not all were ready within start_timeout (300 s): 'a' has "
        "declared its ports and waits for the others; 'b' has not joined");
    assert_string_equal(actors[0].sentence, stage.sentence);
    stage_close(&stage);
}

static void a_wrong_width_is_refused_before_the_start(void **state)
{
    struct conduct a = {.width = 2}, b = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 2);
    assert_int_equal(stage.status, TUTTI_BAD_CONFIG);
    assert_non_null(strstr(stage.sentence, "experiment.yaml:6:"));
    assert_int_equal(actors[0].status, TUTTI_BAD_CONFIG);
    assert_string_equal(actors[0].sentence, stage.sentence);
    stage_close(&stage);
}

static void abort_now(struct stage_actor *actor, struct tutti_participant *me)
{
    struct tutti_window window;
    struct tutti_port *in, *out;

    assert_int_equal(tutti_spike_input(me, "in", 1, &in), TUTTI_OK);
    assert_int_equal(tutti_spike_output(me, "out", 1, &out), TUTTI_OK);
    assert_int_equal(tutti_start(me), TUTTI_OK);
    assert_int_equal(tutti_advance(me, &window), TUTTI_OK);
    tutti_abort(&me, "the electrode fell off");
    assert_null(me);
    actor->has_left = true;
}

static void all_hear_why_one_gave_up(void **state)
{
    struct conduct b = {0};
    struct stage_actor actors[] = {{.name = "a", .play = abort_now},
                                   {.name = "b", .play = play_conduct, .data = &b}};
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 2);
    assert_string_equal(stage.sentence,
                        "participant 'a' gave up: the electrode fell off");
    assert_int_equal(actors[1].status, TUTTI_LOST);
    assert_string_equal(actors[1].sentence, stage.sentence);
    stage_close(&stage);
}

static void a_participant_that_is_cut_off_is_named_within_2_s(void **state)
{
    struct conduct a = {.cut = "b"}, b = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage stage;
    int64_t began;

    (void)state;
    stage_open(&stage, 5, pair);
    began = tt_loop_now(stage.loop);
    stage_add(&stage, &actors[0]);
    stage_add(&stage, &actors[1]);
    stage_run(&stage, LIMIT);
    assert_non_null(strstr(
        stage.sentence, "participant 'b' is gone: its line to the broker has ended"));
    assert_string_equal(actors[0].sentence, stage.sentence);
    assert_true(stage.server.roster.ended - began < 2 * TT_SECOND);
    assert_string_equal(
        actors[1].sentence,
        "the broker is gone: its program has ended, or the line to it is "
        "cut");
    stage_close(&stage);
}

static void a_silence_is_explained_after_2_s_and_passes(void **state)
{
    struct conduct a = {.hangs_at = 300, .hangs_for = 10 * TT_SECOND}, b = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 2);
    assert_string_equal(stage.sentence, "");
    assert_non_null(strstr(stage.notices, "nothing has advanced for 2 s"));
    assert_non_null(strstr(stage.notices, "for 'a' (connection a.out -> b.in)"));
    assert_int_equal(b.last_end, 1000);
    stage_close(&stage);
}

static void a_silence_longer_than_patience_ends_the_run(void **state)
{
    struct conduct a = {.hangs_at = 300, .hangs_for = 100 * TT_SECOND}, b = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 2);
    assert_non_null(
        strstr(stage.sentence, "nothing has advanced for longer than patience (60 s)"));
    assert_non_null(
        strstr(stage.sentence, "'a' computes, or hangs, in the window after 300 ns"));
    assert_int_equal(actors[0].status, TUTTI_LOST);
    assert_int_equal(actors[1].status, TUTTI_LOST);
    stage_close(&stage);
}

static void frames_of_strangers_are_thrown_away_and_counted(void **state)
{
    struct conduct a = {.inject = "\x01\x00\x06\x00hello, who is there?",
                        .inject_size = 24},
                   b = {0};
    struct stage_actor actors[] = ACTORS(&a, &b);
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 2);
    assert_string_equal(stage.sentence, "");
    assert_int_equal(a.last_end, 1000);
    stage_close(&stage);
}

/* Sends a frame of this run whose section is damaged. */
static void send_damage(struct stage_actor *actor, struct tutti_participant *me)
{
    const struct tt_peer *peer;
    struct tutti_window window;
    struct tutti_port *in, *out;
    struct tt_frame_header header = {.flags = TT_FRAME_COMPLETE, .reached = 300};

    assert_int_equal(tutti_spike_input(me, "in", 1, &in), TUTTI_OK);
    assert_int_equal(tutti_spike_output(me, "out", 1, &out), TUTTI_OK);
    assert_int_equal(tutti_start(me), TUTTI_OK);
    assert_int_equal(tutti_advance(me, &window), TUTTI_OK);
    peer = &me->peers[0];
    memcpy(header.session, me->welcome.welcome.session, sizeof header.session);
    header.source = me->welcome.welcome.process;
    header.sequence = peer->sent;
    assert_int_equal(tt_frame_begin(&me->writer), TUTTI_OK);
    assert_int_equal(
        tt_frame_add_spikes(&me->writer, 0, 1, &(uint32_t){5}, &(uint32_t){77}),
        TUTTI_OK);
    tt_frame_end(&me->writer, &header);
    assert_int_equal(
        me->transport->send(me->station, peer->line, me->writer.bytes, me->writer.size),
        TUTTI_OK);
    me->peers[0].sent++;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        ;
}

static void a_damaged_frame_names_its_sender(void **state)
{
    struct conduct b = {0};
    struct stage_actor actors[] = {{.name = "a", .play = send_damage},
                                   {.name = "b", .play = play_conduct, .data = &b}};
    struct stage stage;

    (void)state;
    run_pair(&stage, pair, actors, 2);
    assert_non_null(strstr(stage.sentence, "participant 'b' gave up: frame"));
    assert_non_null(strstr(stage.sentence, "from 'a' is damaged: "));
    assert_string_equal(actors[0].sentence, stage.sentence);
    stage_close(&stage);
}

static void slow_and_fast_participants_see_the_same_windows(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct conduct a = {.works = (int64_t)seed * 1000}, b = {.works = 50000};
        struct stage_actor actors[] = ACTORS(&a, &b);
        struct stage stage;

        stage_open(&stage, seed, pair);
        tt_loop_set_flight(stage.loop, 1000, (int64_t)seed * 200000);
        stage_add(&stage, &actors[seed % 2]);
        stage_add(&stage, &actors[1 - seed % 2]);
        stage_run(&stage, LIMIT);
        assert_string_equal(stage.sentence, "");
        assert_int_equal(a.windows, 10);
        assert_int_equal(b.windows, 10);
        stage_close(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_ends_at_its_own_first_border_at_or_after_the_stop),
        cmocka_unit_test(a_window_is_half_the_smallest_delay_on_a_cycle),
        cmocka_unit_test(who_leaves_early_holds_up_nobody),
        cmocka_unit_test(a_name_that_is_not_in_the_file_is_refused),
        cmocka_unit_test(who_joins_twice_is_refused_and_the_first_goes_on),
        cmocka_unit_test(who_never_joins_is_named_after_start_timeout),
        cmocka_unit_test(a_wrong_width_is_refused_before_the_start),
        cmocka_unit_test(all_hear_why_one_gave_up),
        cmocka_unit_test(a_participant_that_is_cut_off_is_named_within_2_s),
        cmocka_unit_test(a_silence_is_explained_after_2_s_and_passes),
        cmocka_unit_test(a_silence_longer_than_patience_ends_the_run),
        cmocka_unit_test(frames_of_strangers_are_thrown_away_and_counted),
        cmocka_unit_test(a_damaged_frame_names_its_sender),
        cmocka_unit_test(slow_and_fast_participants_see_the_same_windows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
