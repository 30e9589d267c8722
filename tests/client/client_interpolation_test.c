/* What is read between two samples: orders of convergence, borders, and what is
 * refused. SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "stage.h"

#define LIMIT (1000 * TT_SECOND)

enum { DURATION = 64000, PERIOD = 20000 };

struct trial {
    int64_t step;        /* of the source, ns; 0: none */
    int64_t reader_step; /* between two reads */
    enum tutti_interpolation interpolation;
    bool extrapolates;
    double worst; /* found: the largest error */
    int64_t last_read;
};

static double wave(int64_t ns)
{
    return sin(2 * acos(-1.0) * (double)ns / PERIOD);
}

static void write_wave(struct stage_actor *actor, struct tutti_participant *me)
{
    const struct trial *trial = actor->data;
    const int64_t step = trial->step ? trial->step : 100;
    struct tutti_window window;
    struct tutti_port *out;

    if ((trial->step &&
         !stage_is_ok(actor,
                      tutti_set_step(me, (struct tutti_step){step, 1}, TUTTI_FROM))) ||
        !stage_is_ok(actor, tutti_signal_output(me, "v", 1, "mV", &out)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        for (int64_t t = window.begin.ns; t < window.end.ns; t += step)
            stage_is_ok(actor, tutti_write_signal(out, (struct tutti_time){t},
                                                  (const double[]){wave(t)}));
}

static void read_wave(struct stage_actor *actor, struct tutti_participant *me)
{
    struct trial *trial = actor->data;
    struct tutti_window window;
    struct tutti_port *in;
    double value;

    if (!stage_is_ok(actor, tutti_signal_input(me, "v", 1, "mV", &in)) ||
        !stage_is_ok(actor, tutti_port_set_interpolation(in, trial->interpolation)) ||
        (trial->extrapolates &&
         !stage_is_ok(actor, tutti_port_set_extrapolation(in))) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        for (int64_t t = window.begin.ns; t < window.end.ns; t += trial->reader_step) {
            stage_is_ok(actor, tutti_read_signal(in, (struct tutti_time){t}, &value));
            trial->last_read = t;
            /* At its end the source has no sample behind the time that is read. */
            if (t >= 4 * trial->step && t < DURATION - 4000 &&
                fabs(value - wave(t)) > trial->worst)
                trial->worst = fabs(value - wave(t));
        }
}

static void run(struct trial *trial, const char *windows, const char *sentence)
{
    struct stage_actor actors[] = {{.name = "a", .play = write_wave, .data = trial},
                                   {.name = "b", .play = read_wave, .data = trial}};
    struct stage stage;
    char text[512];

    snprintf(text, sizeof text,
             "experiment: wave\nduration: %d ns\nparticipants: {a: {}, b: {%s}}\n"
             "connections:\n  - {from: a.v, to: b.v, delay: 0 ns}\n",
             DURATION, windows);
    trial->worst = 0;
    stage_open(&stage, 1, text);
    stage_add(&stage, &actors[0]);
    stage_add(&stage, &actors[1]);
    stage_run(&stage, LIMIT);
    if (*sentence) {
        assert_string_equal(stage.sentence, sentence);
    } else {
        assert_string_equal(stage.sentence, "");
        assert_string_equal(actors[1].sentence, "");
        assert_true(trial->last_read >= DURATION - trial->reader_step);
    }
    stage_close(&stage);
}

/* Measured over four halvings of the source's step. */
static double order_of(enum tutti_interpolation interpolation)
{
    struct trial coarse = {1000, 7, interpolation, false, 0, 0};
    struct trial fine = {250, 7, interpolation, false, 0, 0};

    run(&coarse, "window: 777 ns", "");
    run(&fine, "window: 777 ns", "");
    return log2(coarse.worst / fine.worst) / 2;
}

static void the_error_falls_with_the_step_to_the_power_of_1_2_and_4(void **state)
{
    (void)state;
    assert_true(fabs(order_of(TUTTI_HOLD) - 1) < 0.2);
    assert_true(fabs(order_of(TUTTI_LINEAR) - 2) < 0.2);
    assert_true(fabs(order_of(TUTTI_CUBIC) - 4) < 0.2);
}

static void the_reader_s_window_changes_nothing(void **state)
{
    static const char *const windows[] = {"window: 999 ns", "window: 1000 ns",
                                          "window: 1001 ns", "window: 32 us"};
    struct trial first = {1000, 1, TUTTI_CUBIC, false, 0, 0};

    (void)state;
    run(&first, "window: 500 ns", "");
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        struct trial other = {1000, 1, TUTTI_CUBIC, false, 0, 0};

        run(&other, windows[i], "");
        assert_true(other.worst == first.worst);
    }
}

static void extrapolation_does_not_wait_and_errs_more(void **state)
{
    struct trial ahead = {1000, 7, TUTTI_LINEAR, true, 0, 0};
    struct trial between = {1000, 7, TUTTI_LINEAR, false, 0, 0};

    (void)state;
    run(&ahead, "window: 1000 ns", "");
    run(&between, "window: 1000 ns", "");
    assert_true(ahead.worst > 2 * between.worst);
    assert_true(ahead.worst < 0.2); /* a held sample would err by 0.3 */
}

static void a_source_without_a_step_cannot_be_interpolated(void **state)
{
    struct trial none = {0, 7, TUTTI_LINEAR, false, 0, 0};

    (void)state;
    run(&none, "window: 1000 ns",
        "experiment.yaml:5:5: 'b.v' interpolates, but 'a' has no step that says when "
        "its "
        "next sample comes; give it one, or extrapolate");
    none.extrapolates = true;
    run(&none, "window: 1000 ns", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_error_falls_with_the_step_to_the_power_of_1_2_and_4),
        cmocka_unit_test(the_reader_s_window_changes_nothing),
        cmocka_unit_test(extrapolation_does_not_wait_and_errs_more),
        cmocka_unit_test(a_source_without_a_step_cannot_be_interpolated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
