/* Generators: when they act, beside what NEST 3.10 does; how random they are; and what
 * is said about wrong ones. SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/generators.h"
#include "kernel/network.h"
#include "kernel/simulation.h"
#include "piece.h"

#define HEAD "network: n\nseed: 7\nstep: 0.1 ms\npopulations:\n"

static void open_formatted(struct piece *piece, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void open_formatted(struct piece *piece, const char *format, ...)
{
    char text[4096];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    piece_open(text, NULL, 0, piece);
}

/* --- when spikes fall ----------------------------------------------------------- */

static void spikes_fall_where_nest_has_them(void **state)
{
    static const struct {
        const char *parameters;
        size_t count;
        int64_t steps[8];
    } cases[] = {
        {"spike_times: [0.1 ms, 1 ms, 2 ms, 2 ms, 3 ms]", 5, {1, 10, 20, 20, 30}},
        {"spike_times: [1 ms, 2 ms, 3 ms, 5 ms], start: 2 ms, stop: 3 ms", 1, {30}},
        {"spike_times: [1 ms, 2 ms, 3 ms, 5 ms], origin: 2 ms", 4, {30, 40, 50, 70}},
        {"spike_times: []", 0, {0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct piece piece;
        size_t found = 0;

        open_formatted(
            &piece, HEAD "  S: {model: spike_generator, size: 2, parameters: {%s}}\n",
            cases[i].parameters);
        for (int step = 1; step <= 100; step++) {
            const uint32_t *cells;
            size_t count;

            assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
            count = simulation_spikes(piece.simulation, 0, &cells);
            assert_int_equal(count % 2, 0);
            for (size_t k = 0; k < count / 2; k++) {
                assert_true(found < cases[i].count);
                assert_int_equal(step, cases[i].steps[found++]);
            }
        }
        assert_int_equal(found, cases[i].count);
        piece_close(&piece);
    }
}

static void each_cell_may_have_its_own_spike_times(void **state)
{
    static const uint32_t expected[][2] = {{10, 2}, {20, 0}, {20, 2}, {30, 0}};
    struct piece piece;
    size_t found = 0;

    (void)state;
    open_formatted(&piece, HEAD "  S: {model: spike_generator, size: 3, parameters: "
                                "{spike_times: [[2 ms, 3 ms], [], [1 ms, 2 ms]]}}\n"
                                "  T: {like: S, size: 3}\n");
    for (uint32_t step = 1; step <= 40; step++) {
        const uint32_t *cells, *same;
        size_t count;

        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        count = simulation_spikes(piece.simulation, 0, &cells);
        assert_int_equal(simulation_spikes(piece.simulation, 1, &same), count);
        for (size_t k = 0; k < count; k++) {
            assert_int_equal(expected[found][0], step);
            assert_int_equal(expected[found++][1], cells[k]);
            assert_int_equal(same[k], cells[k]);
        }
    }
    assert_int_equal(found, 4);
    piece_close(&piece);
}

static void spikes_of_a_generator_act_after_the_delay(void **state)
{
    struct piece piece;

    (void)state;
    open_formatted(
        &piece, HEAD
        "  S: {model: spike_generator, size: 1, parameters: {spike_times: [1 ms]}}\n"
        "  E: {model: iaf_psc_exp, size: 1}\n"
        "projections: [{name: p, from: S, to: E, rule: all_to_all, weight: 8 pA, "
        "delay: 0.5 ms}]\n");
    for (int step = 1; step <= 15; step++) {
        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        assert_true(*simulation_state(piece.simulation, 1, 1) ==
                    (step == 15 ? 8.0 : 0.0));
    }
    piece_close(&piece);
}

/* --- when currents flow --------------------------------------------------------- */

/* A cell that adds up its current: V_m rises by it in each step. */
#define SUM                                                                            \
    "  E: {model: iaf_psc_exp, size: 1, parameters: {C_m: 0.1 pF, tau_m: 1e12 ms, "    \
    "E_L: 0 mV, V_reset: 0 mV, V_th: 1e6 mV}, initial: {V_m: 0 mV}}\n"                 \
    "projections: [{name: p, from: G, to: E, rule: all_to_all, weight: 2, delay: 1 "   \
    "ms}]\n"

struct change {
    int64_t step; /* the first one with this current; it begins at step - 1 */
    double current;
};

static void expect_changes(const char *generator, const struct change *changes)
{
    struct piece piece;
    double before = 0.0, current = 0.0;

    open_formatted(&piece, HEAD "  G: {size: 1, %s}\n" SUM, generator);
    for (int64_t step = 1; step <= 120; step++) {
        double now;

        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        now = *simulation_state(piece.simulation, 1, 0);
        if (changes->step == step)
            current = changes++->current;
        assert_true(fabs(now - before - 2.0 * current) < 1e-6);
        before = now;
    }
    assert_int_equal(changes->step, 0);
    piece_close(&piece);
}

static void a_dc_generator_flows_when_that_of_nest_does(void **state)
{
    (void)state;
    expect_changes("model: dc_generator, parameters: {amplitude: 1 pA, start: 2 ms, "
                   "stop: 5 ms}",
                   (struct change[]){{31, 1.0}, {61, 0.0}, {0}});
    expect_changes("model: dc_generator, parameters: {amplitude: 1 pA, stop: 5 ms}",
                   (struct change[]){{12, 1.0}, {61, 0.0}, {0}});
    expect_changes("model: dc_generator, parameters: {amplitude: 1 pA, start: 1 ms, "
                   "stop: 5 ms, origin: 2 ms}",
                   (struct change[]){{41, 1.0}, {81, 0.0}, {0}});
}

static void a_step_current_generator_jumps_when_that_of_nest_does(void **state)
{
#define STEPS                                                                          \
    "model: step_current_generator, parameters: {amplitude_times: [1 ms, 3 ms, 6 ms]," \
    " amplitude_values: [1 pA, 2 pA, 3 pA]"

    (void)state;
    expect_changes(STEPS "}", (struct change[]){{21, 1.0}, {41, 2.0}, {71, 3.0}, {0}});
    expect_changes(STEPS ", start: 2 ms, stop: 7 ms}",
                   (struct change[]){{31, 1.0}, {41, 2.0}, {71, 3.0}, {81, 0.0}, {0}});
    expect_changes(STEPS ", start: 2 ms, stop: 7 ms, origin: 1 ms}",
                   (struct change[]){{41, 2.0}, {71, 3.0}, {91, 0.0}, {0}});
}

static void noise_is_drawn_once_for_each_dt(void **state)
{
    struct piece piece;
    double before = 0.0, current = 0.0;
    int changes = 0;

    (void)state;
    open_formatted(&piece, HEAD
                   "  G: {size: 1, model: noise_generator, parameters: {std: 1 pA, "
                   "dt: 1 ms, start: 2.5 ms, stop: 7 ms}}\n" SUM);
    for (int64_t step = 1; step <= 120; step++) {
        double now;

        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        now = *simulation_state(piece.simulation, 1, 0);
        if (fabs(now - before - current) > 1e-6) {
            /* Steps that begin at 3.5, 4.5, ... 7.5 and 8 ms. */
            assert_int_equal(step, changes < 5 ? 36 + 10 * changes : 81);
            changes++;
        }
        current = now - before;
        before = now;
    }
    assert_int_equal(changes, 6);
    assert_true(fabs(current) < 1e-6);
    piece_close(&piece);
}

static void the_wave_of_a_noise_is_that_of_nest(void **state)
{
    /* sin of 100 Hz and 30 degrees, 0.1, 1.1, 2.1 ms after it began: what NEST's noise
     * of std_mod = std has, squared, beside one without, less 1. */
    static const double waves[] = {0.55339, 0.93728, 0.96316, 0.62115, 0.04188};
    struct piece piece;

    (void)state;
    open_formatted(
        &piece,
        HEAD "  A: {size: 1, model: noise_generator, parameters: {std: 1 pA, start: 2 "
             "ms, std_mod: 1 pA, frequency: 100 Hz, phase: 30 degree}}\n"
             "  B: {size: 1, model: noise_generator, parameters: {std: 1 pA, start: 2 "
             "ms, std_mod: 1 pA, frequency: 0 Hz, phase: 90 degree}}\n");
    for (size_t i = 0; i < 2; i++)
        piece.network.populations[i].name = "same"; /* the same random numbers */
    simulation_close(&piece.simulation);
    {
        struct generators *generators;

        assert_int_equal(generators_open(&piece.network, &generators), TUTTI_OK);
        for (int64_t i = 0; i < 5; i++) {
            const double ratio = generators_current(generators, 0, 20 + 10 * i, 0) /
                                 generators_current(generators, 1, 20 + 10 * i, 0);

            assert_true(fabs(2.0 * ratio * ratio - 1.0 - waves[i]) < 1e-5);
        }
        generators_close(&generators);
    }
    piece_close(&piece);
}

/* --- how random they are -------------------------------------------------------- */

struct train_statistics {
    double rate;     /* Hz */
    double fano;     /* variance of the counts over their mean */
    double interval; /* coefficient of variation of the intervals */
};

enum { MOST_TRAINS = 200 };

static struct train_statistics measure(double rate, double seconds, uint32_t trains)
{
    double counts[MOST_TRAINS] = {0}, last[MOST_TRAINS];
    double sum = 0.0, squares = 0.0, intervals = 0.0, interval_squares = 0.0;
    double interval_count = 0.0, variance = 0.0;
    struct generators *generators;
    struct piece piece;

    open_formatted(&piece,
                   HEAD "  P: {model: poisson_generator, size: %u, parameters: {rate: "
                        "%.15g Hz}}\n",
                   trains, rate);
    assert_int_equal(generators_open(&piece.network, &generators), TUTTI_OK);
    for (int64_t step = 1; step <= llround(seconds * 1e4); step++) {
        uint16_t spikes[MOST_TRAINS];

        generators_fire(generators, 0, step, 0, trains, spikes);
        for (uint32_t k = 0; k < trains; k++)
            for (; spikes[k]; spikes[k]--) {
                if (counts[k]++ > 0.0) {
                    intervals += (double)step - last[k];
                    interval_squares +=
                        ((double)step - last[k]) * ((double)step - last[k]);
                    interval_count++;
                }
                last[k] = (double)step;
            }
    }
    generators_close(&generators);
    piece_close(&piece);
    for (uint32_t k = 0; k < trains; k++) {
        sum += counts[k];
        squares += counts[k] * counts[k];
    }
    variance = (squares - sum * sum / trains) / (trains - 1);
    intervals /= interval_count;
    return (struct train_statistics){
        .rate = sum / trains / seconds,
        .fano = variance / (sum / trains),
        .interval = sqrt(interval_squares / interval_count - intervals * intervals) /
                    intervals};
}

/* Four standard errors. Stamps on the grid change the intervals by less. */
static void poisson_trains_have_the_statistics_of_theory(void **state)
{
    static const struct {
        double rate, seconds;
        uint32_t trains;
    } cases[] = {{40.0, 20.0, 200}, {3000.0, 2.0, 50}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double rate = cases[i].rate, trains = cases[i].trains;
        const double count = rate * cases[i].seconds * trains;
        const struct train_statistics got =
            measure(rate, cases[i].seconds, cases[i].trains);

        assert_true(fabs(got.rate / rate - 1.0) < 4.0 / sqrt(count));
        assert_true(fabs(got.fano - 1.0) < 4.0 * sqrt(2.0 / (trains - 1.0)));
        assert_true(fabs(got.interval - 1.0) < 4.0 / sqrt(count));
    }
}

/* Noise of variance s^2 that is constant for dt moves a passive cell, at the ends of
 * the dt, with the variance R^2 s^2 (1 - q) / (1 + q), q = exp(-dt / tau): the sum of
 * R^2 s^2 (1 - q)^2 q^2k. */
static void noise_moves_cells_as_theory_has_it(void **state)
{
    enum { CELLS = 1000 };
    const double q = exp(-1.0 / 10.0), r = 10.0 / 250.0;
    const double deviation = r * 200.0 * sqrt((1.0 - q) / (1.0 + q));
    const double mean = -70.0 + r * 100.0;
    double sum = 0.0, squares = 0.0;
    struct piece piece;
    const double *v;

    (void)state;
    open_formatted(
        &piece, HEAD
        "  G: {size: 1000, model: noise_generator, parameters: {mean: 100 pA, std: "
        "200 pA, dt: 1 ms}}\n"
        "  E: {model: iaf_psc_exp, size: 1000, parameters: {V_th: 1e6 mV}}\n"
        "projections: [{name: p, from: G, to: E, rule: one_to_one, weight: 1, "
        "delay: 1 ms}]\n");
    /* No current flows in the first step: the dt end at 1.1, 2.1 ms and so on. */
    for (int step = 1; step <= 1001; step++)
        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
    v = simulation_state(piece.simulation, 1, 0);
    for (int i = 0; i < CELLS; i++) {
        sum += v[i];
        squares += (v[i] - mean) * (v[i] - mean);
    }
    /* After 100 ms the start is forgotten but for 2e-4 mV. */
    assert_true(fabs(sum / CELLS - mean) < 4.0 * deviation / sqrt(CELLS) + 2e-4);
    assert_true(fabs(sqrt(squares / CELLS) / deviation - 1.0) <
                4.0 / sqrt(2.0 * CELLS));
    piece_close(&piece);
}

/* --- parts ---------------------------------------------------------------------- */

static const char divided[] = HEAD
    "  N: {model: noise_generator, size: 8, parameters: {std: 300 pA, dt: 0.5 ms}}\n"
    "  D: {model: dc_generator, size: 1, parameters: {amplitude: 100 pA}}\n"
    "  P: {model: poisson_generator, size: 8, parameters: {rate: 5 kHz}}\n"
    "  E: {model: iaf_psc_exp, size: 8}\n"
    "projections:\n"
    "- {name: a, from: N, to: E, rule: fixed_indegree, indegree: 3, weight: 0.7, "
    "delay: {uniform: {low: 0.1 ms, high: 2 ms}}}\n"
    "- {name: b, from: D, to: E, rule: all_to_all, weight: 1.5, delay: 1 ms}\n"
    "- {name: c, from: P, to: E, rule: one_to_one, weight: 20 pA, delay: 1 ms}\n";

static void a_part_has_the_currents_and_spikes_of_the_whole(void **state)
{
    const char *const owns[] = {"E=3:6", "P=3:6"};
    struct piece whole, part;

    (void)state;
    piece_open(divided, NULL, 0, &whole);
    piece_open(divided, owns, 2, &part);
    for (int step = 1; step <= 500; step++) {
        const double *all, *some;

        assert_int_equal(simulation_advance(whole.simulation), TUTTI_OK);
        assert_int_equal(simulation_advance(part.simulation), TUTTI_OK);
        all = simulation_state(whole.simulation, 3, 0);
        some = simulation_state(part.simulation, 3, 0);
        assert_memory_equal(all + 3, some, 3 * sizeof *some);
    }
    piece_close(&part);
    piece_close(&whole);
}

/* --- wrong ones ----------------------------------------------------------------- */

static void wrong_generators_are_refused(void **state)
{
    static const struct {
        const char *generator, *message;
    } cases[] = {
        {"model: spike_generator, parameters: {spike_times: [1.05 ms]}",
         "spike_times is 1.05 ms, not a multiple of the step 0.1 ms; the nearest that "
         "fit are 1 ms and 1.1 ms"},
        {"model: spike_generator, parameters: {spike_times: [0 ms]}",
         "spike_times: 0 ms is not after 0 ms"},
        {"model: spike_generator, parameters: {spike_times: [2 ms, 1 ms]}",
         "spike_times: '1 ms' comes after 2 ms; times must not fall"},
        {"model: spike_generator, parameters: {spike_times: [[1 ms]]}",
         "spike_times has 1 lists, must have one for each of the 2 cells of 'G', or be "
         "one list of times for all"},
        {"model: spike_generator, parameters: {spike_times: 1 ms}",
         "'spike_times' is a single value, should be a list, '[a, b]'"},
        {"model: step_current_generator, parameters: {amplitude_times: [1 ms]}",
         "population 'G' has amplitude_times without amplitude_values"},
        {"model: step_current_generator, parameters: {amplitude_times: [1 ms, 1 ms], "
         "amplitude_values: [1 pA, 2 pA]}",
         "amplitude_times: '1 ms' comes after 1 ms; times must rise"},
        {"model: step_current_generator, parameters: {amplitude_times: [1 ms, 2 ms], "
         "amplitude_values: [1 pA]}",
         "amplitude_values has 1 values for the 2 times of amplitude_times"},
        {"model: dc_generator, parameters: {start: 0.25 ms}",
         "start is 0.25 ms, not a multiple of the step 0.1 ms; the nearest that fit "
         "are "
         "0.2 ms and 0.3 ms"},
        {"model: dc_generator, parameters: {start: 2 ms, stop: 1 ms}",
         "population 'G': parameters of dc_generator: stop must not be before start"},
        {"model: noise_generator, parameters: {std: 1 pA, std_mod: 2 pA}",
         "population 'G': parameters of noise_generator: std_mod must not be above "
         "std"},
        {"model: noise_generator, parameters: {dt: 0.25 ms}",
         "dt is 0.25 ms, not a multiple of the step 0.1 ms; the nearest that fit are "
         "0.2 ms and 0.3 ms"},
        {"model: poisson_generator, parameters: {rate: -1 Hz}",
         "rate of poisson_generator is -1 Hz, must be from 0 Hz to 1e12 Hz"},
        {"model: poisson_generator, parameters: {rate: 20 MHz}",
         "population 'G' would fire 2000 spikes per cell and step, at most 1000 are "
         "possible; share the rate among more cells"},
        {"model: spike_generator, parameters: {spike_time: [1 ms]}",
         "unknown parameter 'spike_time'; did you mean 'spike_times'?"},
        {"model: dc_generator, poisson: {rate: 1 Hz, weight: 1 pA}",
         "population 'G' is of model dc_generator, which takes no poisson"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network network;
        char text[1024];

        snprintf(text, sizeof text, HEAD "  G: {size: 2, %s}\n", cases[i].generator);
        assert_int_equal(piece_parse(text, &network), TUTTI_BAD_CONFIG);
        if (!strstr(tutti_last_error(), cases[i].message))
            fail_msg("'%s' says '%s'", cases[i].generator, tutti_last_error());
        network_free(&network);
    }
}

static void wrong_ends_of_projections_are_refused(void **state)
{
    static const struct {
        const char *ends, *message;
    } cases[] = {
        {"from: E, to: D, weight: 1 pA",
         "projection 'p' ends at 'D' of model dc_generator, which takes no input"},
        {"from: D, to: E, weight: 1 pA", "'weight': 'pA' cannot be converted to '1'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network network;
        char text[1024];

        snprintf(text, sizeof text,
                 HEAD "  D: {model: dc_generator, size: 1}\n"
                      "  E: {model: iaf_psc_exp, size: 1}\n"
                      "projections: [{name: p, rule: all_to_all, delay: 1 ms, %s}]\n",
                 cases[i].ends);
        assert_int_equal(piece_parse(text, &network), TUTTI_BAD_CONFIG);
        if (!strstr(tutti_last_error(), cases[i].message))
            fail_msg("'%s' says '%s'", cases[i].ends, tutti_last_error());
        network_free(&network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spikes_fall_where_nest_has_them),
        cmocka_unit_test(each_cell_may_have_its_own_spike_times),
        cmocka_unit_test(spikes_of_a_generator_act_after_the_delay),
        cmocka_unit_test(a_dc_generator_flows_when_that_of_nest_does),
        cmocka_unit_test(a_step_current_generator_jumps_when_that_of_nest_does),
        cmocka_unit_test(noise_is_drawn_once_for_each_dt),
        cmocka_unit_test(the_wave_of_a_noise_is_that_of_nest),
        cmocka_unit_test(poisson_trains_have_the_statistics_of_theory),
        cmocka_unit_test(noise_moves_cells_as_theory_has_it),
        cmocka_unit_test(a_part_has_the_currents_and_spikes_of_the_whole),
        cmocka_unit_test(wrong_generators_are_refused),
        cmocka_unit_test(wrong_ends_of_projections_are_refused),
    };

    return cmocka_run_group_tests_name("generators", tests, NULL, NULL);
}
