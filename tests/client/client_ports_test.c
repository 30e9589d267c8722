/* What ports carry: order, ranges, signals, and the sentences of wrong calls.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/time.h"
#include "stage.h"

#define LIMIT (1000 * TT_SECOND)

static struct tutti_time ns(int64_t value)
{
    return (struct tutti_time){value};
}

static void run(const char *text, struct stage_actor *actors, size_t count)
{
    struct stage stage;

    stage_open(&stage, 1, text);
    for (size_t i = 0; i < count; i++)
        stage_add(&stage, &actors[i]);
    stage_run(&stage, LIMIT);
    assert_string_equal(stage.sentence, "");
    for (size_t i = 0; i < count; i++)
        assert_string_equal(actors[i].sentence, "");
    stage_close(&stage);
}

/* --- order */

struct list {
    size_t count;
    int64_t due[32];
    uint32_t indices[32];
};

static void send_mixed(struct stage_actor *actor, struct tutti_participant *me)
{
    const struct tutti_time stamps[] = {ns(7), ns(3), ns(3), ns(3), ns(9)};
    const uint32_t indices[] = {2, 4, 1, 4, 0};
    struct tutti_window window;
    struct tutti_port *out;

    if (stage_is_ok(actor, tutti_spike_output(me, "out", 5, &out)) &&
        stage_is_ok(actor, tutti_start(me)))
        while (stage_is_ok(actor, tutti_advance(me, &window)))
            if (window.begin.ns == 0)
                stage_is_ok(actor, tutti_send_spikes(out, 5, stamps, indices));
}

static void list_all(struct stage_actor *actor, struct tutti_participant *me)
{
    struct list *list = actor->data;
    struct tutti_window window;
    struct tutti_time due;
    struct tutti_port *in;
    uint32_t index;

    if (!stage_is_ok(actor, tutti_spike_input(me, "in", 10, &in)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        while (tutti_next_spike(in, window.end, &due, &index)) {
            list->due[list->count] = due.ns;
            list->indices[list->count++] = index;
        }
}

static void events_come_by_due_time_connection_index_and_sequence(void **state)
{
    static const int64_t due[] = {3, 3, 3, 3, 3, 3, 7, 7, 9};
    /* Of each time those of connection 0 come first: sources 1 to 4 arrive as 5 to 8.
     */
    static const uint32_t indices[] = {5, 8, 8, 1, 4, 4, 6, 2, 0};
    struct list list = {0};
    struct stage_actor actors[] = {{.name = "a", .play = send_mixed},
                                   {.name = "b", .play = list_all, .data = &list}};

    (void)state;
    run("experiment: order\nduration: 20 ns\n"
        "participants: {a: {window: 10 ns}, b: {window: 10 ns}}\n"
        "connections:\n"
        "  - {from: \"a.out[1:5]\", to: \"b.in[5:9]\", delay: 0 ms}\n"
        "  - {from: a.out, to: \"b.in[0:5]\", delay: 0 ms}\n",
        actors, 2);
    assert_int_equal(list.count, 9);
    assert_memory_equal(list.due, due, sizeof due);
    assert_memory_equal(list.indices, indices, sizeof indices);
}

/* --- signals */

struct samples {
    double initial[2];
    double at_begin[8][2], at_end[8][2];
    size_t windows, rows;
    int64_t row_due[16];
};

static void write_ramp(struct stage_actor *actor, struct tutti_participant *me)
{
    struct tutti_window window;
    struct tutti_port *out;
    const double initial[] = {-65, -60, -55};

    if (!stage_is_ok(actor,
                     tutti_set_step(me, (struct tutti_step){10, 1}, TUTTI_FROM)) ||
        !stage_is_ok(actor, tutti_signal_output(me, "v", 3, "mV", &out)) ||
        !stage_is_ok(actor, tutti_set_initial_signal(out, initial)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        for (int64_t t = window.begin.ns; t < window.end.ns; t += 10) {
            const double values[] = {(double)t, (double)t + 1, (double)t + 2};

            stage_is_ok(actor, tutti_write_signal(out, ns(t), values));
        }
}

static void read_ramp(struct stage_actor *actor, struct tutti_participant *me)
{
    struct samples *samples = actor->data;
    struct tutti_window window;
    struct tutti_port *in;

    if (!stage_is_ok(actor, tutti_signal_input(me, "v", 2, "V", &in)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window))) {
        const size_t i = samples->windows++;
        const struct tutti_time *due;
        const double *values;
        const size_t rows = tutti_signal_samples(in, &due, &values);

        for (size_t row = 0; row < rows; row++)
            samples->row_due[samples->rows++] = due[row].ns;
        stage_is_ok(actor, tutti_read_signal(in, window.begin, samples->at_begin[i]));
        stage_is_ok(actor,
                    tutti_read_signal(in, ns(window.end.ns - 1), samples->at_end[i]));
    }
}

static void a_signal_holds_its_last_sample_and_begins_with_the_initial_one(void **state)
{
    struct samples samples = {0};
    struct stage_actor actors[] = {{.name = "a", .play = write_ramp},
                                   {.name = "b", .play = read_ramp, .data = &samples}};

    (void)state;
    run("experiment: ramp\nduration: 60 ns\n"
        "participants: {a: {window: 20 ns}, b: {window: 20 ns}}\n"
        "connections:\n"
        "  - {from: \"a.v[1:3]\", to: b.v, delay: 5 ns}\n",
        actors, 2);
    assert_int_equal(samples.windows, 3);
    /* Before 5 ns the source's initial values, in the reader's unit. */
    assert_true(fabs(samples.at_begin[0][0] + 0.060) < 1e-15);
    assert_true(fabs(samples.at_begin[0][1] + 0.055) < 1e-15);
    /* At 19 ns the sample of 10 ns (due 15), at 20 the same, at 39 that of 30 ns. */
    assert_true(fabs(samples.at_end[0][0] - 0.011) < 1e-15);
    assert_true(fabs(samples.at_begin[1][0] - 0.011) < 1e-15);
    assert_true(fabs(samples.at_end[1][1] - 0.032) < 1e-15);
    assert_int_equal(samples.rows, 6);
    for (size_t i = 0; i < samples.rows; i++)
        assert_int_equal(samples.row_due[i], 5 + 10 * (int64_t)i);
}

/* --- wrong calls */

static void expect(enum tutti_status status, const char *sentence)
{
    assert_int_equal(status, TUTTI_BAD_CALL);
    assert_string_equal(tutti_last_error(), sentence);
}

static void call_wrongly(struct stage_actor *actor, struct tutti_participant *me)
{
    const double values[] = {1}, nan_stamp = NAN;
    struct tutti_port *out, *in, *signal, *none;
    struct tutti_window window;
    double value;

    assert_int_equal(tutti_spike_output(me, "out", 4, &out), TUTTI_OK);
    assert_int_equal(tutti_spike_input(me, "in", 4, &in), TUTTI_OK);
    assert_int_equal(tutti_signal_output(me, "v", 1, "mV", &signal), TUTTI_OK);
    expect(tutti_spike_output(me, "out", 4, &none),
           "output 'out' of 'a' is declared twice");
    assert_null(none);
    expect(tutti_spike_output(me, "", 4, &none), "a port of 'a' has no name");
    expect(tutti_spike_input(me, "empty", 0, &none),
           "port 'empty' has width 0, must be at least 1");
    expect(tutti_signal_output(me, "u", 1, "", &none),
           "signal 'u' has no unit: write \"1\" for a pure number");
    expect(tutti_port_set_lag(in, ns(1)),
           "input 'in' has no lag: it belongs to outputs");
    expect(tutti_port_set_lead(in, ns(-1)),
           "the lead of port 'in' is -1 ns, must not be negative");
    expect(tutti_set_initial_signal(out, values),
           "'out' is no signal output: only those have initial values");
    expect(tutti_set_step(me, (struct tutti_step){0, 1}, TUTTI_FROM),
           "the step 0/1 ns of 'a' is shorter than 1 ns or longer than 2^61 ns");
    expect(tutti_advance(me, &window), "tutti_advance() before tutti_start()");
    expect(tutti_send_spike(out, ns(0), 0),
           "port 'out' can be used inside a window only: after tutti_advance() and "
           "before its end");
    assert_int_equal(tutti_start(me), TUTTI_OK);
    expect(tutti_start(me), "tutti_start() was called twice");
    expect(tutti_spike_output(me, "late", 1, &none),
           "port 'late' comes too late: declare ports before tutti_start()");
    assert_int_equal(tutti_advance(me, &window), TUTTI_OK);
    assert_int_equal(tutti_advance(me, &window), TUTTI_OK);
    assert_int_equal(window.begin.ns, 10);
    expect(tutti_send_spike(out, ns(9), 0),
           "stamp 9 ns at output 'out' of 'a' is too early: the first one that this "
           "window allows is 10 ns");
    expect(tutti_send_spike(out, ns(10 + INT64_C(4300000000)), 0),
           "stamp 4300.00001 ms at output 'out' of 'a' is too far ahead: at most 4 s "
           "after 10 ns");
    expect(tutti_send_spike(out, ns(10), 4),
           "index 4 at output 'out' of 'a' lies beyond its width 4");
    expect(tutti_send_spikes_ms(out, 1, &nan_stamp, &(uint32_t){0}),
           "stamp nan ms at output 'out' of 'a' is no time");
    expect(tutti_write_signal(out, ns(10), values),
           "'out' is a spike output; this call is for a signal output");
    assert_int_equal(tutti_write_signal(signal, ns(12), values), TUTTI_OK);
    expect(
        tutti_write_signal(signal, ns(12), values),
        "sample 12 ns at output 'v' of 'a' does not come after the one before, 12 ns");
    expect(tutti_read_signal(in, ns(0), &value),
           "'in' is a spike input; this call is for a signal input");
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        ;
}

static void let_pass(struct stage_actor *actor, struct tutti_participant *me)
{
    struct tutti_port *in, *v;
    struct tutti_window window;
    double value;

    if (!stage_is_ok(actor, tutti_spike_input(me, "in", 4, &in)) ||
        !stage_is_ok(actor, tutti_signal_input(me, "v", 1, "mV", &v)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        ;
    expect(
        tutti_read_signal(v, ns(0), &value),
        "port 'v' can be used inside a window only: after tutti_advance() and before "
        "its end");
}

static void wrong_calls_are_refused_with_a_sentence(void **state)
{
    struct stage_actor actors[] = {{.name = "a", .play = call_wrongly},
                                   {.name = "b", .play = let_pass}};

    (void)state;
    run("experiment: wrong\nduration: 40 ns\n"
        "participants: {a: {window: 10 ns}, b: {window: 10 ns}}\n"
        "connections:\n"
        "  - {from: a.out, to: b.in, delay: 0 ms}\n"
        "  - {from: a.v, to: b.v, delay: 0 ms}\n",
        actors, 2);
}

static void send_just_before_the_border(struct stage_actor *actor,
                                        struct tutti_participant *me)
{
    struct tutti_window window;
    struct tutti_port *out;

    if (!stage_is_ok(actor,
                     tutti_set_step(me, (struct tutti_step){1000, 1}, TUTTI_UP_TO)) ||
        !stage_is_ok(actor, tutti_spike_output(me, "out", 5, &out)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window))) {
        const double border = (double)window.begin.ns / 1e6;

        stage_is_ok(actor, tutti_send_spikes_ms(out, 1, &border, &(uint32_t){1}));
    }
}

static void a_stamp_in_ms_that_is_1_ns_early_is_moved_into_the_window(void **state)
{
    struct list list = {0};
    struct stage_actor actors[] = {{.name = "a", .play = send_just_before_the_border},
                                   {.name = "b", .play = list_all, .data = &list}};

    (void)state;
    run("experiment: nearly\nduration: 3 us\n"
        "participants: {a: {window: 1 us}, b: {window: 1 us}}\n"
        "connections:\n  - {from: a.out, to: \"b.in[0:5]\", delay: 0 ms}\n",
        actors, 2);
    assert_int_equal(list.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(list.due[i], (int64_t)i * 1000 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_by_due_time_connection_index_and_sequence),
        cmocka_unit_test(
            a_signal_holds_its_last_sample_and_begins_with_the_initial_one),
        cmocka_unit_test(wrong_calls_are_refused_with_a_sentence),
        cmocka_unit_test(a_stamp_in_ms_that_is_1_ns_early_is_moved_into_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
