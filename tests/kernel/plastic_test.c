/* Plastic rows against a rule that looks at all pairs of spikes, and a closed form.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/history.h"
#include "kernel/plastic.h"
#include "models/synapses.h"

enum { TARGETS = 70, DELAYS = 3, STEPS = 3000 };

/* In the order of the table of stdp_synapse. */
enum { KPLUS, WMAX, ALPHA, LAMBDA, MU_MINUS, MU_PLUS, TAU_PLUS };

static const double step_ms = 0.1, tau_minus_ms = 30.0;
static const uint16_t delays[DELAYS] = {1, 15, 40};
static const double start_weight = 40.0;

/* --- trains ------------------------------------------------------------------------
 */

struct trains {
    bool source[STEPS + 1];
    bool targets[STEPS + 1][TARGETS];
};

/* The next of a sequence of pseudo-random numbers (xorshift, Marsaglia 2003). */
static uint64_t next_number(uint64_t *number)
{
    *number ^= *number << 13;
    *number ^= *number >> 7;
    *number ^= *number << 17;
    return *number;
}

/* Rates differ from target to target: from some spikes in all to one in four steps. */
static void draw_trains(uint64_t seed, struct trains *trains)
{
    uint64_t number = seed * 77777 + 1;

    for (int step = 1; step <= STEPS; step++) {
        trains->source[step] = next_number(&number) % 100 < 2;
        for (uint32_t i = 0; i < TARGETS; i++)
            trains->targets[step][i] = next_number(&number) % 1000 < 3 + i * i / 20;
    }
}

/* --- the rule by all pairs ---------------------------------------------------------
 */

/* Trace of a train at step `at`: of its spikes before it, `shift` later. */
static double trace(const struct trains *trains, int target, int at, int shift,
                    double tau_ms)
{
    double sum = 0.0;

    for (int step = 1; step + shift < at; step++)
        if (target < 0 ? trains->source[step] : trains->targets[step][target])
            sum += exp(-(at - step - shift) * step_ms / tau_ms);
    return sum;
}

/* The weight with which the last spike of the source is sent. */
static double weight_by_all_pairs(const struct trains *trains, int target, int delay,
                                  const double *p)
{
    double w = start_weight / p[WMAX];
    int last = STEPS;

    while (last > 0 && !trains->source[last])
        last--;
    for (int step = 1; step <= last; step++) {
        /* Both at once do not pair; that of the target comes first. */
        if (step > delay && trains->targets[step - delay][target])
            w = fmin(1.0, w + p[LAMBDA] * pow(1.0 - w, p[MU_PLUS]) *
                                  trace(trains, -1, step, 0, p[TAU_PLUS]));
        if (trains->source[step])
            w = fmax(0.0, w - p[ALPHA] * p[LAMBDA] * pow(w, p[MU_MINUS]) *
                                  trace(trains, target, step, delay, tau_minus_ms));
    }
    return w * p[WMAX];
}

/* --- the same by plastic rows ------------------------------------------------------
 */

struct bench {
    struct history history;
    struct plastic plastic;
    double sums[TARGETS];
};

static void open_bench(const double *parameters, struct bench *bench)
{
    *bench = (struct bench){0};
    assert_int_equal(history_open(TARGETS, tau_minus_ms, step_ms, &bench->history),
                     TUTTI_OK);
    bench->plastic.synapse = synapses_find("stdp_synapse");
    bench->plastic.history = &bench->history;
    bench->plastic.parameters = parameters;
    assert_int_equal(plastic_open(1, step_ms, &bench->plastic), TUTTI_OK);
    for (int i = 0; i < DELAYS * TARGETS; i++)
        plastic_rows_count(&bench->plastic.rows, 0);
    assert_int_equal(plastic_rows_make_room(&bench->plastic.rows), TUTTI_OK);
    for (uint16_t i = 0; i < TARGETS; i++)
        for (int k = 0; k < DELAYS; k++)
            plastic_rows_place(&bench->plastic.rows, 0, i, start_weight, delays[k]);
    assert_int_equal(plastic_rows_finish(&bench->plastic.rows), TUTTI_OK);
    assert_int_equal(plastic_start(&bench->plastic), TUTTI_OK);
}

static void close_bench(struct bench *bench)
{
    plastic_close(&bench->plastic);
    history_free(&bench->history);
}

/* The synapses catch up with what was twice the longest delay ago. */
static void settle(int done, struct bench *bench)
{
    const int64_t step = done - 2 * delays[DELAYS - 1];

    if (step <= bench->history.settled)
        return;
    plastic_catch_up(&bench->plastic, step);
    assert_int_equal(history_settle(&bench->history, step), TUTTI_OK);
}

/* Runs the trains to their end and until all has arrived. Every `settle_every` steps,
 * if not 0, old spikes are forgotten. */
static void run_bench(const struct trains *trains, int settle_every,
                      struct bench *bench)
{
    const int longest = delays[DELAYS - 1];

    for (int step = 1; step <= STEPS + longest; step++) {
        if (settle_every && step % settle_every == 0)
            settle(step - 1, bench);
        assert_int_equal(plastic_deliver(&bench->plastic, bench->sums), TUTTI_OK);
        for (uint32_t i = 0; i < TARGETS && step <= STEPS; i++)
            if (trains->targets[step][i])
                assert_int_equal(history_add(&bench->history, i, step), TUTTI_OK);
        if (step <= STEPS && trains->source[step])
            assert_int_equal(plastic_receive(&bench->plastic, 0, step), TUTTI_OK);
    }
}

static void weights_are_those_of_the_rule_by_all_pairs(void **state)
{
    /* clang-format off */
    static const double cases[][TAU_PLUS + 1] = {
        [0] = {0.0, 100.0, 1.1, 0.02, 1.0, 1.0, 20.0},
        [1] = {0.0, 100.0, 1.0, 0.01, 0.0, 0.0, 15.0},
        [2] = {0.0,  60.0, 0.9, 0.05, 0.5, 0.2, 10.0},
    };
    /* clang-format on */
    static struct trains trains;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench bench;

        draw_trains(i + 1, &trains);
        open_bench(cases[i], &bench);
        run_bench(&trains, 0, &bench);
        for (int k = 0; k < DELAYS; k++)
            for (int target = 0; target < TARGETS; target += 6) {
                const double expected =
                    weight_by_all_pairs(&trains, target, delays[k], cases[i]);

                assert_true(fabs(bench.plastic.rows.weights[k * TARGETS + target] -
                                 expected) < 1e-10 * (1.0 + expected));
            }
        close_bench(&bench);
    }
}

static void forgetting_old_spikes_changes_no_bit(void **state)
{
    static const double parameters[] = {0.0, 100.0, 1.1, 0.02, 0.4, 0.4, 20.0};
    static const int every[] = {1, 7, 200, 1111};
    static struct trains trains;
    struct bench whole;
    int32_t size;

    (void)state;
    draw_trains(9, &trains);
    open_bench(parameters, &whole);
    run_bench(&trains, 0, &whole);
    size = whole.history.size;
    settle(STEPS + delays[DELAYS - 1], &whole);
    for (size_t i = 0; i < sizeof every / sizeof *every; i++) {
        struct bench bench;

        open_bench(parameters, &bench);
        run_bench(&trains, every[i], &bench);
        assert_true(bench.history.size < size);
        settle(STEPS + delays[DELAYS - 1], &bench);
        assert_memory_equal(bench.plastic.rows.weights, whole.plastic.rows.weights,
                            DELAYS * TARGETS * sizeof(double));
        assert_memory_equal(bench.sums, whole.sums, sizeof whole.sums);
        close_bench(&bench);
    }
    close_bench(&whole);
}

static void what_arrives_is_a_multiple_of_2_to_the_minus_32(void **state)
{
    static const double parameters[] = {0.0, 100.0, 1.1, 0.02, 1.0, 1.0, 20.0};
    static struct trains trains;
    struct bench bench;

    (void)state;
    draw_trains(3, &trains);
    open_bench(parameters, &bench);
    run_bench(&trains, 0, &bench);
    for (int i = 0; i < TARGETS; i++) {
        assert_true(bench.sums[i] > 0.0);
        assert_true(bench.sums[i] * 0x1p32 == nearbyint(bench.sums[i] * 0x1p32));
    }
    close_bench(&bench);
}

/* --- a pair of spikes --------------------------------------------------------------
 */

/* Additive, far from the bounds: a pair changes the weight by lambda * Wmax times the
 * exponential of its distance (Morrison, Diesmann and Gerstner 2008, equation 3). */
static void one_pair_changes_the_weight_by_the_window(void **state)
{
    static const double p[] = {0.0, 100.0, 1.0, 0.01, 0.0, 0.0, 20.0};

    (void)state;
    for (int target = 900; target <= 1100; target += 10) {
        static struct trains trains;
        struct bench bench;

        memset(&trains, 0, sizeof trains);
        trains.source[1000] = true;
        trains.source[STEPS] = true; /* when the other spike is long over */
        trains.targets[target][0] = true;
        open_bench(p, &bench);
        run_bench(&trains, 0, &bench);
        for (int k = 0; k < DELAYS; k++) {
            const int after = target + delays[k] - 1000;
            const int late = STEPS - target - delays[k];
            double change = -exp(-late * step_ms / tau_minus_ms);

            if (after > 0)
                change += exp(-after * step_ms / p[TAU_PLUS]);
            else if (after < 0)
                change -= exp(after * step_ms / tau_minus_ms);
            assert_true(fabs(bench.plastic.rows.weights[k * TARGETS] - start_weight -
                             p[LAMBDA] * p[WMAX] * change) < 1e-12);
        }
        close_bench(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_rule_by_all_pairs),
        cmocka_unit_test(forgetting_old_spikes_changes_no_bit),
        cmocka_unit_test(what_arrives_is_a_multiple_of_2_to_the_minus_32),
        cmocka_unit_test(one_pair_changes_the_weight_by_the_window),
    };

    return cmocka_run_group_tests_name("plastic", tests, NULL, NULL);
}
