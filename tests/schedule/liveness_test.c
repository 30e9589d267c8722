/* Whether windows and delays can run for ever: the known traps, and random graphs
 * against running their windows one at a time. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above before it */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/time.h"
#include "broker/schedule.h"
#include "graph.h"

#define STOP 5000

static void accepts(struct graph *graph)
{
    if (schedule_plan(&graph->schedule) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    assert_true(graph_runs(graph, NULL));
}

static void refuses(struct graph *graph, const char *sentence)
{
    assert_int_equal(schedule_plan(&graph->schedule), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), sentence);
    assert_false(graph_runs(graph, NULL));
}

/* a -> b -> a with the windows and effective delays given. */
static struct graph *two(struct graph *graph, int64_t window_a, int64_t window_b,
                         int64_t to_b, int64_t to_a)
{
    graph_begin(graph, STOP);
    graph_add(graph, window_a);
    graph_add(graph, window_b);
    graph_connect(graph, 0, 1, to_b);
    graph_connect(graph, 1, 0, to_a);
    return graph;
}

static void windows_2_and_3_with_delays_1_and_2_are_refused(void **state)
{
    struct graph graph;

    (void)state;
    refuses(
        two(&graph, 2, 3, 1, 2),
        "the cycle a -> b -> a would stop for ever: a.x -> b.y has an effective delay "
        "of 1 ns for windows of 3 ns, b.x -> a.y has an effective delay of 2 ns for "
        "windows of 2 ns; give a.x -> b.y a delay of 2 ns (it has 1 ns), or shorter "
        "windows");
    two(&graph, 2, 3, 2, 2);
    accepts(&graph);
}

static void a_cycle_without_delay_is_refused_and_mended(void **state)
{
    struct graph graph;

    (void)state;
    two(&graph, 0, 0, 0, 0);
    graph.participants[0].step = graph.participants[1].step =
        (struct tutti_step){100, 1};
    refuses(
        &graph,
        "the cycle a -> b -> a would stop for ever: a.x -> b.y has an effective delay "
        "of 0 ms for windows of 100 ns, b.x -> a.y has an effective delay of 0 ms for "
        "windows of 100 ns; give a.x -> b.y a delay of 100 ns (it has 0 ms), or "
        "shorter windows");
    graph.connections[0].delay = 100;
    accepts(&graph);
}

static void a_cycle_of_one_is_named_too(void **state)
{
    struct graph graph;

    (void)state;
    graph_begin(&graph, STOP);
    graph_add(&graph, 7);
    graph_connect(&graph, 0, 0, 6);
    refuses(&graph,
            "the cycle a -> a would stop for ever: a.x -> a.y has an effective "
            "delay of 6 ns for windows of 7 ns; give a.x -> a.y a delay of 7 ns "
            "(it has 6 ns), or shorter windows");
    graph.connections[0].delay = 7;
    accepts(&graph);
}

static void zero_and_negative_delays_are_legal_where_the_sum_allows(void **state)
{
    struct graph graph;

    (void)state;
    accepts(two(&graph, 2, 2, 0, 2));
    accepts(two(&graph, 2, 2, 0, 4));
    two(&graph, 2, 2, 0, 4);
    graph.connections[0].lag = 2;
    accepts(&graph);
    assert_int_equal(graph.connections[0].effective, -2);
}

static void a_delay_of_exactly_one_window_runs_and_1_ns_less_stops(void **state)
{
    struct graph graph;

    (void)state;
    accepts(two(&graph, 10, 10, 10, 0));
    two(&graph, 10, 10, 9, 0);
    assert_int_equal(schedule_plan(&graph.schedule), TUTTI_BAD_CONFIG);
    accepts(two(&graph, 10, 10, 11, 0));
}

static void a_cycle_without_delay_runs_when_nobody_needs_a_second_window(void **state)
{
    struct graph graph;

    (void)state;
    two(&graph, 10, 10, 0, 10);
    graph.connections[0].lag = 5;
    graph.schedule.stop = 10;
    accepts(&graph);
    graph.schedule.stop = 11;
    assert_int_equal(schedule_plan(&graph.schedule), TUTTI_BAD_CONFIG);
}

static void
windows_without_a_short_multiple_are_refused_when_delays_are_close(void **state)
{
    struct graph graph;

    (void)state;
    two(&graph, 1000003, 1000033, 1000003, 1000031);
    graph.schedule.stop = INT64_C(1) << 60;
    assert_int_equal(schedule_plan(&graph.schedule), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "whether 'a' and 'b' can run to the end does not show within "
                        "1000000 turns: their "
                        "windows have no short common multiple; give them one with "
                        "`window`, or a.x -> b.y "
                        "a longer delay");
}

static void a_lead_that_no_delay_makes_good_is_refused(void **state)
{
    struct graph graph;

    (void)state;
    two(&graph, 10, 10, 0, 0);
    graph.connections[0].lead = TT_LONGEST - 1;
    graph.connections[1].lead = 10;
    refuses(
        &graph,
        "the cycle a -> b -> a would stop for ever: a.x -> b.y has an effective delay "
        "of -2305843009213.693951 ms for windows of 10 ns, b.x -> a.y has an effective "
        "delay of -10 ns for windows of 10 ns; no delay is long enough: make the lead "
        "of its inputs or the lag of its outputs shorter");
}

static void credits_of_one_size_run_where_those_of_each_connection_stop(void **state)
{
    static const int64_t each[] = {4 * 8, 4 * 1, 4 * 8};
    int64_t all[3], fewer[3];
    struct graph graph;

    (void)state;
    graph_begin(&graph, STOP);
    graph_add(&graph, 1);
    graph_add(&graph, 8);
    graph_add(&graph, 1);
    graph_connect(&graph, 0, 1, 0);
    graph_connect(&graph, 0, 2, 0);
    graph_connect(&graph, 1, 2, 0);
    accepts(&graph);
    assert_false(graph_runs(&graph, each));
    for (size_t i = 0; i < 3; i++) {
        all[i] = graph.schedule.credit - 4 * 8;
        fewer[i] = all[i] - 1;
    }
    assert_true(graph_runs(&graph, all));
    assert_false(graph_runs(&graph, fewer));
}

static void without_connections_the_credit_is_four_windows(void **state)
{
    struct graph graph;

    (void)state;
    graph_begin(&graph, STOP);
    graph_add(&graph, 7);
    graph_add(&graph, 9);
    accepts(&graph);
    assert_int_equal(graph.schedule.credit, 36);
}

static void the_windows_of_a_ratio_step_may_be_as_long_as_the_longest(void **state)
{
    struct graph graph;

    (void)state;
    for (int64_t delay = 16666664; delay < 16666670; delay++) {
        two(&graph, 0, 0, delay, 0);
        graph.participants[0].step = (struct tutti_step){1000000000, 60};
        graph.participants[1].step = (struct tutti_step){1000000000, 60};
        graph.schedule.stop = 1000000000;
        assert_int_equal(schedule_plan(&graph.schedule) == TUTTI_OK, delay >= 16666667);
        assert_int_equal(graph_runs(&graph, NULL), delay >= 16666667);
    }
}

/* --- random graphs --- */

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}

static void draw_graph(struct graph *graph, uint64_t *seed)
{
    static const struct tutti_step steps[] = {{1, 1}, {2, 1}, {3, 1}, {7, 2}, {10, 3}};
    const size_t count = 1 + draw(seed, 4);
    const size_t connections = 1 + draw(seed, 6);

    graph_begin(graph, 1 + (int64_t)draw(seed, 400));
    for (size_t i = 0; i < count; i++) {
        struct schedule_participant *p = graph_add(graph, 0);

        p->step = steps[draw(seed, draw(seed, 2) ? 3 : 5)];
        p->convention = draw(seed, 2) ? TUTTI_UP_TO : TUTTI_FROM;
        if (draw(seed, 2))
            p->window = tt_step_border(p->step, 1 + (int64_t)draw(seed, 6));
    }
    for (size_t i = 0; i < connections; i++) {
        struct schedule_connection *c = graph_connect(
            graph, draw(seed, count), draw(seed, count), (int64_t)draw(seed, 14));

        c->lag = draw(seed, 4) ? 0 : (int64_t)draw(seed, 6);
        c->lead = draw(seed, 4) ? 0 : (int64_t)draw(seed, 4);
        c->own_delay = draw(seed, 4) ? 0 : (int64_t)draw(seed, 9);
        c->from_is_at_step_ends = !draw(seed, 4);
        c->to_is_at_step_ends = !draw(seed, 4);
    }
}

static void random_graphs_are_accepted_exactly_if_their_windows_can_be_run(void **state)
{
    uint64_t seed = 12345;
    size_t accepted = 0;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        struct graph graph;
        bool is_accepted;

        draw_graph(&graph, &seed);
        is_accepted = schedule_plan(&graph.schedule) == TUTTI_OK;
        if (is_accepted != graph_runs(&graph, NULL))
            fail_msg("graph %zu is %s: %s", i, is_accepted ? "accepted" : "refused",
                     tutti_last_error());
        accepted += is_accepted;
    }
    assert_in_range(accepted, 4000, 16000);
}

static void the_credit_of_random_graphs_is_the_smallest_and_four_windows(void **state)
{
    uint64_t seed = 54321;

    (void)state;
    for (size_t i = 0; i < 5000; i++) {
        int64_t credits[2 * GRAPH_MOST], longest = 0, smallest;
        struct graph graph;

        draw_graph(&graph, &seed);
        if (schedule_plan(&graph.schedule) != TUTTI_OK)
            continue;
        for (size_t k = 0; k < graph.schedule.participant_count; k++)
            if (schedule_longest_window(&graph.participants[k]) > longest)
                longest = schedule_longest_window(&graph.participants[k]);
        smallest = graph.schedule.credit - 4 * longest;
        for (size_t k = 0; k < graph.schedule.connection_count; k++)
            credits[k] = smallest;
        assert_true(graph_runs(&graph, credits));
        for (size_t k = 0; k < graph.schedule.connection_count; k++)
            credits[k] = smallest - 1;
        assert_true(smallest == 0 || !graph_runs(&graph, credits));
    }
}

/* The delay that a refusal names, of connection x -> y by the names in it. */
static void follow_the_advice(struct graph *graph)
{
    const char *give = strstr(tutti_last_error(), "; give ");
    char from, to;
    int64_t delay;

    assert_non_null(give);
    assert_int_equal(
        sscanf(give, "; give %c.x -> %c.y a delay of %ld ns", &from, &to, &delay), 3);
    for (size_t i = 0; i < graph->schedule.connection_count; i++) {
        struct schedule_connection *c = &graph->connections[i];

        if (c->from == (size_t)(from - 'a') && c->to == (size_t)(to - 'a') &&
            c->delay < delay)
            c->delay = delay;
    }
}

static void whoever_follows_the_advice_of_refusals_gets_a_graph_that_runs(void **state)
{
    uint64_t seed = 98765;

    (void)state;
    for (size_t i = 0; i < 3000; i++) {
        struct graph graph;
        size_t rounds = 0;

        draw_graph(&graph, &seed);
        while (schedule_plan(&graph.schedule) != TUTTI_OK) {
            follow_the_advice(&graph);
            assert_in_range(++rounds, 1, 20);
        }
        assert_true(graph_runs(&graph, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_2_and_3_with_delays_1_and_2_are_refused),
        cmocka_unit_test(a_cycle_without_delay_is_refused_and_mended),
        cmocka_unit_test(a_cycle_of_one_is_named_too),
        cmocka_unit_test(zero_and_negative_delays_are_legal_where_the_sum_allows),
        cmocka_unit_test(a_delay_of_exactly_one_window_runs_and_1_ns_less_stops),
        cmocka_unit_test(a_cycle_without_delay_runs_when_nobody_needs_a_second_window),
        cmocka_unit_test(
            windows_without_a_short_multiple_are_refused_when_delays_are_close),
        cmocka_unit_test(a_lead_that_no_delay_makes_good_is_refused),
        cmocka_unit_test(credits_of_one_size_run_where_those_of_each_connection_stop),
        cmocka_unit_test(without_connections_the_credit_is_four_windows),
        cmocka_unit_test(the_windows_of_a_ratio_step_may_be_as_long_as_the_longest),
        cmocka_unit_test(
            random_graphs_are_accepted_exactly_if_their_windows_can_be_run),
        cmocka_unit_test(the_credit_of_random_graphs_is_the_smallest_and_four_windows),
        cmocka_unit_test(whoever_follows_the_advice_of_refusals_gets_a_graph_that_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
