/* Which window hands an event over: every border of the time rules, to the nanosecond.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "stage.h"

enum { WINDOW = 1000, WINDOWS = 8, MOST = 64, LIMIT_S = 1000 };

/* A sender of given stamps, each sent in the first window that allows it, and a
 * receiver that notes what comes in which window. */
struct sender {
    enum tutti_convention convention;
    struct tutti_step step;
    bool is_at_step_ends;
    size_t count;
    int64_t stamps[MOST];
    size_t refused;
};

struct receiver {
    enum tutti_convention convention;
    struct tutti_step step;
    int64_t own_delay, lead;
    size_t count;
    int64_t due[MOST];
    struct tutti_window windows[MOST];
};

static bool may_send(const struct sender *sender, const struct tutti_window *window,
                     int64_t stamp)
{
    if (sender->convention == TUTTI_UP_TO || sender->is_at_step_ends)
        return stamp > window->begin.ns && stamp <= window->end.ns;
    return stamp >= window->begin.ns && stamp < window->end.ns;
}

static void play_sender(struct stage_actor *actor, struct tutti_participant *me)
{
    struct sender *sender = actor->data;
    struct tutti_window window;
    struct tutti_port *out, *back;

    if (!stage_is_ok(actor, tutti_set_step(me, sender->step, sender->convention)) ||
        !stage_is_ok(actor, tutti_spike_output(me, "out", 1, &out)) ||
        !stage_is_ok(actor, tutti_spike_input(me, "back", 1, &back)) ||
        (sender->is_at_step_ends &&
         !stage_is_ok(actor, tutti_port_set_at_step_ends(out))) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        for (size_t i = 0; i < sender->count; i++)
            if (may_send(sender, &window, sender->stamps[i]) &&
                !stage_is_ok(
                    actor,
                    tutti_send_spike(out, (struct tutti_time){sender->stamps[i]}, 0)))
                sender->refused++;
}

static void play_receiver(struct stage_actor *actor, struct tutti_participant *me)
{
    struct receiver *receiver = actor->data;
    struct tutti_window window;
    struct tutti_port *in, *back;

    if (!stage_is_ok(actor, tutti_set_step(me, receiver->step, receiver->convention)) ||
        !stage_is_ok(actor, tutti_spike_input(me, "in", 1, &in)) ||
        !stage_is_ok(actor, tutti_spike_output(me, "back", 1, &back)) ||
        !stage_is_ok(actor, tutti_port_set_own_delay(
                                in, (struct tutti_time){receiver->own_delay})) ||
        !stage_is_ok(actor,
                     tutti_port_set_lead(in, (struct tutti_time){receiver->lead})) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window))) {
        const struct tutti_time *due;
        const uint32_t *indices;
        const size_t count = tutti_spikes(in, &due, &indices);

        for (size_t i = 0; i < count && receiver->count < MOST; i++) {
            receiver->due[receiver->count] = due[i].ns;
            receiver->windows[receiver->count++] = window;
        }
    }
}

/* One connection with `delay`; `back` is the delay of one in the other direction, -1:
 * none. */
static void play(struct sender *sender, struct receiver *receiver, int64_t delay,
                 int64_t back, uint64_t seed)
{
    struct stage_actor actors[] = {
        {.name = "a", .play = play_sender, .data = sender},
        {.name = "b", .play = play_receiver, .data = receiver}};
    struct stage stage;
    char text[1024], loop[128] = "";

    if (back >= 0)
        snprintf(loop, sizeof loop,
                 "  - {from: b.back, to: a.back, delay: %" PRId64 " ns}\n", back);
    snprintf(text, sizeof text,
             "experiment: borders\nduration: %d ns\n"
             "participants:\n  a: {window: %d ns}\n  b: {window: %d ns}\n"
             "connections:\n  - {from: a.out, to: b.in, delay: %" PRId64 " ns}\n%s",
             WINDOW * WINDOWS, WINDOW, WINDOW, delay, loop);
    receiver->count = 0;
    stage_open(&stage, seed, text);
    tt_loop_set_flight(stage.loop, 1000, 100000);
    stage_add(&stage, &actors[0]);
    stage_add(&stage, &actors[1]);
    stage_run(&stage, LIMIT_S * TT_SECOND);
    assert_string_equal(stage.sentence, "");
    assert_string_equal(actors[0].sentence, "");
    assert_string_equal(actors[1].sentence, "");
    stage_close(&stage);
}

/* Stamps at every border, and a nanosecond to either side. */
static void fill_stamps(struct sender *sender)
{
    sender->count = 0;
    for (int64_t border = 0; border <= WINDOWS * WINDOW; border += WINDOW)
        for (int64_t stamp = border - 1; stamp <= border + 1; stamp++)
            if (stamp >= 0 && stamp <= WINDOWS * WINDOW)
                sender->stamps[sender->count++] = stamp;
}

/* The window in which an event belongs, from the rule alone: a + need <= due < b + need
 * with need = 0 for [a, b) and 1 for (a, b], less what the receiver adds itself, plus
 * its lead; the first window also takes what is due before it. */
static int64_t window_of(const struct receiver *receiver, int64_t due)
{
    const int64_t need =
        (receiver->convention == TUTTI_UP_TO) + receiver->lead - receiver->own_delay;
    const int64_t place = due - need;

    return place < 0 ? 0 : place / WINDOW;
}

static void check_windows(const struct sender *sender, const struct receiver *receiver,
                          int64_t delay)
{
    size_t found = 0;

    for (size_t i = 0; i < sender->count; i++) {
        const int64_t due = sender->stamps[i] + delay;
        const int64_t window = window_of(receiver, due);
        const bool is_stamped =
            sender->stamps[i] > 0 || sender->convention == TUTTI_FROM;
        const bool is_sent = is_stamped && (sender->stamps[i] < WINDOWS * WINDOW ||
                                            sender->convention == TUTTI_UP_TO);

        if (!is_sent || window >= WINDOWS)
            continue;
        assert_true(found < receiver->count);
        assert_int_equal(receiver->due[found], due);
        assert_int_equal(receiver->windows[found].begin.ns, window * WINDOW);
        assert_int_equal(receiver->windows[found].end.ns, (window + 1) * WINDOW);
        found++;
    }
    assert_int_equal(found, receiver->count);
}

static const int64_t delays[] = {
    0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW, 3 * WINDOW / 2, 2 * WINDOW + 1};

static void an_event_is_handed_over_in_the_window_of_its_due_time(void **state)
{
    (void)state;
    for (int from = TUTTI_FROM; from <= TUTTI_UP_TO; from++)
        for (int to = TUTTI_FROM; to <= TUTTI_UP_TO; to++)
            for (size_t d = 0; d < sizeof delays / sizeof *delays; d++) {
                struct sender sender = {.convention = from, .step = {1, 1}};
                struct receiver receiver = {.convention = to, .step = {1, 1}};

                fill_stamps(&sender);
                play(&sender, &receiver, delays[d], -1, d + 1);
                check_windows(&sender, &receiver, delays[d]);
            }
}

static void the_same_holds_in_a_loop_with_a_delay_of_one_window(void **state)
{
    (void)state;
    for (int convention = TUTTI_FROM; convention <= TUTTI_UP_TO; convention++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            struct sender sender = {.convention = convention, .step = {1, 1}};
            struct receiver receiver = {.convention = convention, .step = {1, 1}};

            fill_stamps(&sender);
            play(&sender, &receiver, WINDOW, WINDOW, seed);
            check_windows(&sender, &receiver, WINDOW);
        }
}

static void a_loop_may_have_a_sum_of_delays_that_just_suffices(void **state)
{
    struct sender sender = {.convention = TUTTI_FROM, .step = {1, 1}};
    struct receiver receiver = {.convention = TUTTI_FROM, .step = {1, 1}};

    (void)state;
    fill_stamps(&sender);
    play(&sender, &receiver, 0, WINDOW, 7);
    check_windows(&sender, &receiver, 0);
}

static void what_the_receiver_adds_itself_may_come_late(void **state)
{
    static const int64_t own[] = {1, WINDOW - 1, WINDOW, WINDOW + 1};

    (void)state;
    for (int to = TUTTI_FROM; to <= TUTTI_UP_TO; to++)
        for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
            struct sender sender = {.convention = TUTTI_UP_TO, .step = {1, 1}};
            struct receiver receiver = {
                .convention = to, .step = {1, 1}, .own_delay = own[i]};

            fill_stamps(&sender);
            play(&sender, &receiver, 0, -1, i + 1);
            check_windows(&sender, &receiver, 0);
        }
}

static void a_port_with_lead_has_its_events_before_they_are_due(void **state)
{
    static const int64_t lead[] = {1, WINDOW - 1, WINDOW, WINDOW + 1};

    (void)state;
    for (int to = TUTTI_FROM; to <= TUTTI_UP_TO; to++)
        for (size_t i = 0; i < sizeof lead / sizeof *lead; i++) {
            struct sender sender = {.convention = TUTTI_FROM, .step = {1, 1}};
            struct receiver receiver = {
                .convention = to, .step = {1, 1}, .lead = lead[i]};

            fill_stamps(&sender);
            play(&sender, &receiver, 2 * WINDOW, -1, i + 1);
            check_windows(&sender, &receiver, 2 * WINDOW);
        }
}

/* A port that writes at step ends has one more step of effective delay: the loop below
 * has none without it. */
static void stamps_at_step_ends_lend_a_step_to_the_delay(void **state)
{
    struct sender sender = {
        .convention = TUTTI_UP_TO, .step = {WINDOW, 1}, .is_at_step_ends = true};
    struct receiver receiver = {.convention = TUTTI_FROM, .step = {1, 1}};

    (void)state;
    for (int64_t border = WINDOW; border <= WINDOWS * WINDOW; border += WINDOW)
        sender.stamps[sender.count++] = border;
    play(&sender, &receiver, 0, 1, 3);
    check_windows(&sender, &receiver, 0);
}

static void borders_of_a_ratio_step_are_rounded_down(void **state)
{
    /* 3 steps of 1000/3 ns are one window; the receiver's window is that of its ns
     * grid. */
    struct sender sender = {.convention = TUTTI_FROM, .step = {1000, 3}};
    struct receiver receiver = {.convention = TUTTI_UP_TO, .step = {1, 1}};

    (void)state;
    fill_stamps(&sender);
    play(&sender, &receiver, 5, -1, 2);
    check_windows(&sender, &receiver, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_handed_over_in_the_window_of_its_due_time),
        cmocka_unit_test(the_same_holds_in_a_loop_with_a_delay_of_one_window),
        cmocka_unit_test(a_loop_may_have_a_sum_of_delays_that_just_suffices),
        cmocka_unit_test(what_the_receiver_adds_itself_may_come_late),
        cmocka_unit_test(a_port_with_lead_has_its_events_before_they_are_due),
        cmocka_unit_test(stamps_at_step_ends_lend_a_step_to_the_delay),
        cmocka_unit_test(borders_of_a_ratio_step_are_rounded_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
