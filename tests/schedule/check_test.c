/* The text of `tutti check`.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above before it */
#include <cmocka.h>

#include <string.h>

#include "base/status.h"
#include "broker/check.h"
#include "broker/cycles.h"
#include "graph.h"

#define MS INT64_C(1000000)
#define MOST 4

/* An experiment as its reader makes it, with the plan of its graph. */
struct sample {
    struct graph graph;
    struct experiment experiment;
    struct experiment_participant participants[MOST];
    struct experiment_connection connections[MOST];
    size_t scheduled[MOST];
    struct tt_declare known;
    const struct tt_declare *declared[MOST];
    struct plan plan;
    struct tt_text text;
};

/* All participants are known; connections carry the indices given. */
static void describe(struct sample *sample, const char *name, struct tt_slice slice)
{
    const struct schedule *schedule = &sample->graph.schedule;

    sample->experiment = (struct experiment){
        .name = name,
        .duration = schedule->stop,
        .participant_count = schedule->participant_count,
        .participants = sample->participants,
        .connection_count = schedule->connection_count,
        .connections = sample->connections,
    };
    for (size_t i = 0; i < schedule->participant_count; i++) {
        sample->participants[i].name = sample->graph.participants[i].name;
        sample->declared[i] = &sample->known;
    }
    for (size_t i = 0; i < schedule->connection_count; i++) {
        const struct schedule_connection *c = &sample->graph.connections[i];

        sample->connections[i] = (struct experiment_connection){
            .from = {.participant = c->from, .port = c->from_port, .slice = slice},
            .to = {.participant = c->to,
                   .port = c->to_port,
                   .slice = {.end = TT_OPEN_END}},
            .delay = c->delay};
        sample->scheduled[i] = i;
    }
}

static const char *check(struct sample *sample)
{
    if (schedule_plan(&sample->graph.schedule) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    sample->plan.schedule = sample->graph.schedule;
    sample->plan.scheduled = sample->scheduled;
    if (check_write(&sample->experiment, sample->declared, &sample->plan,
                    &sample->text) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    return tt_text_get(&sample->text);
}

static void a_column_and_a_cell_are_told_in_full(void **state)
{
    static const char expected[] =
        "column and cell: 1 s of simulated time\n"
        "\n"
        "participants\n"
        "  column    step 100 us, windows (begin, end] of 400 us, 2500 per second of "
        "simulated time\n"
        "  cell      step 25 us, windows [begin, end) of 475 us, 2105 per second of "
        "simulated time\n"
        "  recorder  no step, windows [begin, end) of 10 ms (on no cycle), 100 per "
        "second of simulated time\n"
        "\n"
        "connections (effective delay = delay + out - need)\n"
        "  0  column.x[0:10] -> cell.y    delay 1.5 ms, out 1 ns, need 0 ms, effective "
        "1.500001 ms\n"
        "  1  cell.x[0:10] -> column.y    delay 1 ms, out 0 ms, need 1 ns, effective "
        "999.999 us\n"
        "  2  cell.x[0:10] -> recorder.y  delay 0 ms, out 0 ms, need 0 ms, effective 0 "
        "ms\n"
        "\n"
        "who limits whom\n"
        "  column    is limited by cell: begins a window once that is no more than "
        "599.999 us behind (cell.x[0:10] -> column.y)\n"
        "  cell      is limited by column: begins a window once that is no more than "
        "1.025001 ms behind (column.x[0:10] -> cell.y)\n"
        "  recorder  is limited by cell: begins a window once that is at least 10 ms "
        "ahead (cell.x[0:10] -> recorder.y)\n"
        "\n"
        "cycles\n"
        "  column -> cell -> column: delays of 2.5 ms for windows of 875 us, lookahead "
        "2.86 windows: frames fly while others compute\n"
        "\n"
        "credit: a sender runs at most 50.45 ms ahead of its reader\n"
        "speed: 4706 windows in all; how long one takes to compute shows when it "
        "runs\n"
        "link: shared memory on one host, ZeroMQ otherwise\n";
    struct sample sample = {0};
    struct schedule_participant *p;

    (void)state;
    graph_begin(&sample.graph, 1000 * MS);
    p = graph_add(&sample.graph, 0);
    p->name = "column";
    p->step = (struct tutti_step){100000, 1};
    p->convention = TUTTI_UP_TO;
    p = graph_add(&sample.graph, 0);
    p->name = "cell";
    p->step = (struct tutti_step){25000, 1};
    p = graph_add(&sample.graph, 0);
    p->name = "recorder";
    p->has_step = false;
    graph_connect(&sample.graph, 0, 1, 1500000);
    graph_connect(&sample.graph, 1, 0, MS);
    graph_connect(&sample.graph, 1, 2, 0);
    describe(&sample, "column and cell", (struct tt_slice){0, 10});
    assert_string_equal(check(&sample), expected);
    tt_text_free(&sample.text);
}

static void what_the_file_does_not_say_is_named_as_known_at_join(void **state)
{
    struct sample sample = {0};
    const char *text;

    (void)state;
    graph_begin(&sample.graph, 1000 * MS);
    graph_add(&sample.graph, 5000)->step = (struct tutti_step){1000, 1};
    graph_add(&sample.graph, 0);
    graph_connect(&sample.graph, 0, 1, MS);
    describe(&sample, "robot", (struct tt_slice){3, TT_OPEN_END});
    sample.declared[1] = NULL;
    sample.scheduled[0] = SIZE_MAX;
    sample.graph.schedule.connection_count = 0;
    text = check(&sample);
    assert_non_null(strstr(text, "  a  step 1 us, windows [begin, end) of 5 us (as the "
                                 "file says), 2e+05 per second of simulated time\n"
                                 "  b  known at join only\n"));
    assert_non_null(strstr(
        text, "  0  a.x[3:] -> b.y  delay 1 ms, the rest is known at join only\n"));
    assert_non_null(
        strstr(text, "  a  waits for no input, only for credit of its readers\n"));
    assert_non_null(
        strstr(text, "known at join only: step and ports of 1 of 2 participants; all "
                     "windows and the credit hold if these close no tighter cycle\n"));
    assert_null(strstr(text, "cycles\n"));
    tt_text_free(&sample.text);
}

static void when_nothing_is_known_no_number_is_made_up(void **state)
{
    struct sample sample = {0};

    (void)state;
    graph_begin(&sample.graph, 1000 * MS);
    graph_add(&sample.graph, 0);
    describe(&sample, "robot", (struct tt_slice){0, TT_OPEN_END});
    sample.declared[0] = NULL;
    assert_string_equal(check(&sample),
                        "robot: 1 s of simulated time\n"
                        "\n"
                        "participants\n"
                        "  a  known at join only\n"
                        "\n"
                        "connections (effective delay = delay + out - need)\n"
                        "\n"
                        "known at join only: steps and ports, and so the windows and "
                        "whether all can run to the end\n");
    tt_text_free(&sample.text);
}

static void a_cycle_that_must_wait_for_frames_is_told_so(void **state)
{
    struct sample sample = {0};
    const char *text;

    (void)state;
    graph_begin(&sample.graph, 1000 * MS);
    graph_add(&sample.graph, 0)->step = (struct tutti_step){1000000000, 60};
    graph_connect(&sample.graph, 0, 0, 16666667);
    describe(&sample, "robot", (struct tt_slice){0, TT_OPEN_END});
    text = check(&sample);
    assert_non_null(strstr(text, "step 1 s / 60, windows [begin, end) of 16.666666 ms, "
                                 "60 per second"));
    assert_non_null(strstr(text, "  a  is limited by itself: begins a window once that "
                                 "is as far (a.x -> a.y)\n"));
    assert_non_null(strstr(text,
                           "  a -> a: delays of 16.666667 ms for windows of "
                           "16.666667 ms, lookahead 1 windows: below 2, computing "
                           "waits for the flight of frames\n"));
    tt_text_free(&sample.text);
}

static void each_connection_on_a_cycle_is_on_a_cycle_that_is_listed(void **state)
{
    struct graph graph;
    struct cycles cycles;
    bool is_listed[2 * GRAPH_MOST] = {0};

    (void)state;
    graph_begin(&graph, 1000 * MS);
    for (size_t i = 0; i < 4; i++)
        graph_add(&graph, 10);
    graph_connect(&graph, 0, 1, 40);
    graph_connect(&graph, 1, 0, 20);
    graph_connect(&graph, 1, 2, 100);
    graph_connect(&graph, 2, 0, 20);
    graph_connect(&graph, 2, 3, 1);
    graph_connect(&graph, 0, 1, 300);
    assert_int_equal(schedule_plan(&graph.schedule), TUTTI_OK);
    assert_int_equal(cycles_find(&graph.schedule, &cycles), TUTTI_OK);
    for (size_t i = 0; i < cycles.count; i++)
        for (size_t k = 0; k < cycles.cycles[i].length; k++)
            is_listed[cycles.cycles[i].connections[k]] = true;
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(is_listed[i], graph.connections[i].is_on_cycle);
    assert_int_equal(cycles.count, 3);
    assert_int_equal(cycles.cycles[0].delays, 60);
    assert_int_equal(cycles.cycles[0].windows, 20);
    assert_int_equal(cycles.cycles[1].delays, 160);
    assert_int_equal(cycles.cycles[2].delays, 320);
    cycles_free(&cycles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_and_a_cell_are_told_in_full),
        cmocka_unit_test(what_the_file_does_not_say_is_named_as_known_at_join),
        cmocka_unit_test(when_nothing_is_known_no_number_is_made_up),
        cmocka_unit_test(a_cycle_that_must_wait_for_frames_is_told_so),
        cmocka_unit_test(each_connection_on_a_cycle_is_on_a_cycle_that_is_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
