/* Promises, windows, ends and refusals of single numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above before it */
#include <cmocka.h>

#include <string.h>

#include "base/status.h"
#include "base/time.h"
#include "broker/schedule.h"
#include "graph.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static const struct tutti_step tenth_ms = {100000, 1};
static const struct tutti_step sixtieth = {1000000000, 60};

/* a -> b with the given ends; b has the same step. */
static struct schedule_connection *
one_way(struct graph *graph, enum tutti_convention convention, struct tutti_step step)
{
    graph_begin(graph, SECOND);
    for (size_t i = 0; i < 2; i++) {
        struct schedule_participant *p = graph_add(graph, 0);

        p->convention = convention;
        p->step = step;
    }
    return graph_connect(graph, 0, 1, MS);
}

static void plan(struct graph *graph)
{
    if (schedule_plan(&graph->schedule) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
}

static void refuses(struct graph *graph, const char *sentence)
{
    assert_int_equal(schedule_plan(&graph->schedule), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), sentence);
}

static void out_is_0_for_from_and_1_for_up_to(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_FROM, tenth_ms);

    (void)state;
    plan(&graph);
    assert_int_equal(c->out, 0);
    c = one_way(&graph, TUTTI_UP_TO, tenth_ms);
    plan(&graph);
    assert_int_equal(c->out, 1);
}

static void out_is_a_step_for_a_port_that_writes_at_step_ends(void **state)
{
    static const enum tutti_convention conventions[] = {TUTTI_FROM, TUTTI_UP_TO};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct graph graph;
        struct schedule_connection *c = one_way(&graph, conventions[i], tenth_ms);

        c->from_is_at_step_ends = true;
        plan(&graph);
        assert_int_equal(c->out, 100000);
    }
}

static void out_takes_the_shortest_of_the_steps_of_a_ratio(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_FROM, sixtieth);

    (void)state;
    c->from_is_at_step_ends = true;
    plan(&graph);
    assert_int_equal(c->out, 16666666);
}

static void lag_makes_out_smaller(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_UP_TO, tenth_ms);

    (void)state;
    c->lag = 250000;
    plan(&graph);
    assert_int_equal(c->out, 1 - 250000);
}

static void need_is_0_for_from_and_1_for_up_to(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_FROM, tenth_ms);

    (void)state;
    plan(&graph);
    assert_int_equal(c->need, 0);
    c = one_way(&graph, TUTTI_UP_TO, tenth_ms);
    plan(&graph);
    assert_int_equal(c->need, 1);
}

static void need_is_1_less_a_step_for_a_port_read_when_a_step_begins(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_FROM, tenth_ms);

    (void)state;
    c->to_is_at_step_ends = true;
    plan(&graph);
    assert_int_equal(c->need, 1 - 100000);
    c = one_way(&graph, TUTTI_FROM, sixtieth);
    c->to_is_at_step_ends = true;
    plan(&graph);
    assert_int_equal(c->need, 1 - 16666666);
}

static void lead_adds_to_need_and_own_delay_takes_from_it(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_UP_TO, tenth_ms);

    (void)state;
    c->lead = 99999;
    c->own_delay = 500000;
    plan(&graph);
    assert_int_equal(c->need, 1 + 99999 - 500000);
}

static void without_a_step_the_step_is_one_nanosecond(void **state)
{
    struct graph graph;
    struct schedule_connection *c =
        one_way(&graph, TUTTI_FROM, (struct tutti_step){1, 1});

    (void)state;
    graph.participants[0].has_step = graph.participants[1].has_step = false;
    c->from_is_at_step_ends = c->to_is_at_step_ends = true;
    plan(&graph);
    assert_int_equal(c->out, 1);
    assert_int_equal(c->need, 0);
}

static void effective_delay_is_delay_and_out_less_need(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_FROM, tenth_ms);

    (void)state;
    graph.participants[1].convention = TUTTI_UP_TO;
    plan(&graph);
    assert_int_equal(c->effective, MS - 1);
    c = one_way(&graph, TUTTI_UP_TO, tenth_ms);
    graph.participants[1].convention = TUTTI_FROM;
    plan(&graph);
    assert_int_equal(c->effective, MS + 1);
    c = one_way(&graph, TUTTI_FROM, tenth_ms);
    c->lag = 3 * MS;
    plan(&graph);
    assert_int_equal(c->effective, -2 * MS);
}

static void a_participant_runs_to_a_border_that_is_reached_exactly(void **state)
{
    (void)state;
    assert_true(schedule_can_run(10, 5, 15));
    assert_false(schedule_can_run(10, 5, 16));
    assert_true(schedule_can_run(10, 5, 14));
    assert_true(schedule_can_run(10, -5, 5));
    assert_false(schedule_can_run(10, -5, 6));
    assert_true(schedule_can_run(TT_INFINITY, -5, TT_LONGEST - 1));
    assert_true(schedule_can_run(TT_INFINITY, TT_LONGEST - 1, 1));
}

static int64_t window_of(struct tutti_step step, int64_t effective)
{
    struct graph graph;

    graph_begin(&graph, SECOND);
    graph_add(&graph, 0)->step = step;
    graph_add(&graph, 0);
    graph_connect(&graph, 0, 1, effective);
    graph_connect(&graph, 1, 0, 100 * SECOND);
    plan(&graph);
    return graph.participants[0].steps_per_window;
}

static void a_window_is_half_the_smallest_effective_delay_on_a_cycle(void **state)
{
    (void)state;
    assert_int_equal(window_of(tenth_ms, 1500000), 7);
    assert_int_equal(window_of(tenth_ms, 1400000), 7);
    assert_int_equal(window_of(tenth_ms, 1399999), 6);
    assert_int_equal(window_of((struct tutti_step){1, 1}, 1399999), 699999);
    assert_int_equal(window_of(sixtieth, 100 * MS), 3);
    assert_int_equal(window_of(sixtieth, 100 * MS - 1), 2);
}

static void a_window_is_never_below_one_step(void **state)
{
    (void)state;
    assert_int_equal(window_of(tenth_ms, 100000), 1);
    assert_int_equal(window_of(tenth_ms, 0), 1);
    assert_int_equal(window_of(sixtieth, 1), 1);
}

static void a_window_is_never_above_4_s(void **state)
{
    (void)state;
    assert_int_equal(window_of(tenth_ms, 50 * SECOND), 40000);
    assert_int_equal(window_of((struct tutti_step){3 * SECOND, 1}, 50 * SECOND), 1);
}

static void on_no_cycle_a_window_is_10_ms(void **state)
{
    struct graph graph;

    (void)state;
    one_way(&graph, TUTTI_FROM, tenth_ms);
    graph.participants[1].step = (struct tutti_step){1, 1};
    graph.participants[1].has_step = false;
    plan(&graph);
    assert_int_equal(graph.participants[0].steps_per_window, 100);
    assert_int_equal(graph.participants[1].steps_per_window, 10 * MS);
    assert_false(graph.participants[0].is_on_cycle);
    one_way(&graph, TUTTI_FROM, sixtieth);
    plan(&graph);
    assert_int_equal(graph.participants[0].steps_per_window, 1);
}

static void the_override_decides_the_window(void **state)
{
    struct graph graph;

    (void)state;
    one_way(&graph, TUTTI_FROM, tenth_ms);
    graph.participants[0].window = 300000;
    plan(&graph);
    assert_int_equal(graph.participants[0].steps_per_window, 3);
}

static void an_override_off_the_grid_is_refused_with_the_nearest(void **state)
{
    struct graph graph;

    (void)state;
    one_way(&graph, TUTTI_FROM, tenth_ms);
    graph.participants[0].window = 250000;
    refuses(&graph,
            "the window 250 us of participant 'a' is not a multiple of its step; "
            "the nearest that fit are 200 us and 300 us");
    graph.participants[0].window = 50000;
    refuses(&graph,
            "the window 50 us of participant 'a' is not a multiple of its step; "
            "the shortest that fits is 100 us");
}

static void the_nearest_windows_of_a_ratio_step_are_accepted(void **state)
{
    struct graph graph;

    (void)state;
    one_way(&graph, TUTTI_FROM, sixtieth);
    graph.participants[0].window = 20 * MS;
    refuses(&graph,
            "the window 20 ms of participant 'a' is not a multiple of its step; "
            "the nearest that fit are 16.666666 ms and 33.333333 ms");
    graph.participants[0].window = 33333333;
    plan(&graph);
    assert_int_equal(graph.participants[0].steps_per_window, 2);
}

static void an_override_above_4_s_is_refused(void **state)
{
    struct graph graph;

    (void)state;
    one_way(&graph, TUTTI_FROM, tenth_ms);
    graph.participants[0].window = 4 * SECOND;
    plan(&graph);
    graph.participants[0].window = 4 * SECOND + 100000;
    refuses(&graph,
            "participant 'a' has a window of 4000.1 ms; it must be longer than 0 "
            "and at most 4 s");
    graph.participants[0].window = -1;
    refuses(&graph,
            "participant 'a' has a window of -1 ns; it must be longer than 0 and "
            "at most 4 s");
}

static void steps_that_no_window_can_hold_are_refused(void **state)
{
    struct graph graph;

    (void)state;
    one_way(&graph, TUTTI_FROM, (struct tutti_step){5 * SECOND, 1});
    refuses(&graph, "participant 'a' has a step of 5 s; a window, and so a step, is at "
                    "most 4 s long");
    one_way(&graph, TUTTI_FROM, (struct tutti_step){1, 2});
    refuses(&graph, "participant 'a' has a step of 1/2 ns; it must be at least 1 ns");
}

static void each_ends_on_its_first_step_border_at_or_after_the_stop(void **state)
{
    struct graph graph;

    (void)state;
    one_way(&graph, TUTTI_FROM, tenth_ms);
    graph.participants[1].step = sixtieth;
    graph.schedule.stop = 50 * MS;
    plan(&graph);
    assert_int_equal(graph.participants[0].last_border, 50 * MS);
    assert_int_equal(graph.participants[0].last_step, 500);
    assert_int_equal(graph.participants[1].last_border, 50 * MS);
    assert_int_equal(graph.participants[1].last_step, 3);
    graph.schedule.stop = 50 * MS + 1;
    plan(&graph);
    assert_int_equal(graph.participants[0].last_border, 50100000);
    assert_int_equal(graph.participants[1].last_border, 66666666);
    graph.schedule.stop = 50 * MS - 1;
    plan(&graph);
    assert_int_equal(graph.participants[0].last_border, 50 * MS);
}

static void a_stop_beyond_all_times_is_refused(void **state)
{
    struct graph graph;

    (void)state;
    one_way(&graph, TUTTI_FROM, (struct tutti_step){3 * SECOND, 1});
    graph.schedule.stop = TT_LONGEST - 1;
    refuses(&graph,
            "the stop time 2305843009213.693951 ms is too late for the steps of "
            "participant 'a'; a time lies below 2^61 ns (73 years)");
}

static void delays_beyond_all_times_are_refused(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_FROM, tenth_ms);

    (void)state;
    c->delay = TT_LONGEST - 1;
    c->own_delay = TT_LONGEST - 1;
    refuses(&graph, "delay, lag, lead and own delay of a.x -> b.y add up to more than "
                    "2^61 ns (73 years)");
}

static void a_lag_that_stamps_cannot_hold_is_refused(void **state)
{
    struct graph graph;
    struct schedule_connection *c = one_way(&graph, TUTTI_FROM, tenth_ms);

    (void)state;
    c->lag = UINT32_MAX - 10 * MS;
    plan(&graph);
    c->lag++;
    refuses(
        &graph,
        "port 'x' of participant 'a' has a lag of 4284.967296 ms and windows of 10 "
        "ms; together they may be 4.29 s long: give the participant a shorter window");
}

static void a_connection_to_oneself_is_a_cycle(void **state)
{
    struct graph graph;

    (void)state;
    graph_begin(&graph, SECOND);
    graph_add(&graph, 0);
    graph_connect(&graph, 0, 0, 100);
    plan(&graph);
    assert_true(graph.participants[0].is_on_cycle);
    assert_int_equal(graph.participants[0].steps_per_window, 50);
}

static void a_bridge_between_two_cycles_is_on_no_cycle(void **state)
{
    struct graph graph;

    (void)state;
    graph_begin(&graph, SECOND);
    for (size_t i = 0; i < 4; i++)
        graph_add(&graph, 0);
    graph_connect(&graph, 0, 1, 100);
    graph_connect(&graph, 1, 0, 100);
    graph_connect(&graph, 1, 2, 10);
    graph_connect(&graph, 2, 3, 60);
    graph_connect(&graph, 3, 2, 100);
    plan(&graph);
    assert_false(graph.connections[2].is_on_cycle);
    assert_int_equal(graph.participants[1].steps_per_window, 50);
    assert_int_equal(graph.participants[2].steps_per_window, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_is_0_for_from_and_1_for_up_to),
        cmocka_unit_test(out_is_a_step_for_a_port_that_writes_at_step_ends),
        cmocka_unit_test(out_takes_the_shortest_of_the_steps_of_a_ratio),
        cmocka_unit_test(lag_makes_out_smaller),
        cmocka_unit_test(need_is_0_for_from_and_1_for_up_to),
        cmocka_unit_test(need_is_1_less_a_step_for_a_port_read_when_a_step_begins),
        cmocka_unit_test(lead_adds_to_need_and_own_delay_takes_from_it),
        cmocka_unit_test(without_a_step_the_step_is_one_nanosecond),
        cmocka_unit_test(effective_delay_is_delay_and_out_less_need),
        cmocka_unit_test(a_participant_runs_to_a_border_that_is_reached_exactly),
        cmocka_unit_test(a_window_is_half_the_smallest_effective_delay_on_a_cycle),
        cmocka_unit_test(a_window_is_never_below_one_step),
        cmocka_unit_test(a_window_is_never_above_4_s),
        cmocka_unit_test(on_no_cycle_a_window_is_10_ms),
        cmocka_unit_test(the_override_decides_the_window),
        cmocka_unit_test(an_override_off_the_grid_is_refused_with_the_nearest),
        cmocka_unit_test(the_nearest_windows_of_a_ratio_step_are_accepted),
        cmocka_unit_test(an_override_above_4_s_is_refused),
        cmocka_unit_test(steps_that_no_window_can_hold_are_refused),
        cmocka_unit_test(each_ends_on_its_first_step_border_at_or_after_the_stop),
        cmocka_unit_test(a_stop_beyond_all_times_is_refused),
        cmocka_unit_test(delays_beyond_all_times_are_refused),
        cmocka_unit_test(a_lag_that_stamps_cannot_hold_is_refused),
        cmocka_unit_test(a_connection_to_oneself_is_a_cycle),
        cmocka_unit_test(a_bridge_between_two_cycles_is_on_no_cycle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
