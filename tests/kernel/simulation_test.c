/* A network that runs: what acts when, and that its parts give what the whole gives.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "kernel/simulation.h"
#include "piece.h"

enum { V_M, I_SYN_EX };

/* --- what acts when
 * ------------------------------------------------------------------- */

/* Two cells without a drive, and an input onto the second. The first has its threshold
 * below its rest: it fires whenever it may. */
static const char two_cells[] =
    "network: n\n"
    "seed: 1\n"
    "step: 0.1 ms\n"
    "populations:\n"
    "  A: {model: iaf_psc_exp, size: 1, parameters: {V_th: -80 mV, V_reset: -90 mV, "
    "t_ref: 1000 ms}}\n"
    "  B: {model: iaf_psc_exp, size: 1}\n"
    "inputs: {in: {size: 1}}\n"
    "projections:\n"
    "- {name: a, from: A, to: B, rule: all_to_all, weight: 8 pA, delay: 0.7 ms}\n"
    "- {name: b, from: in, to: B, rule: all_to_all, weight: 16 pA, delay: 0.3 ms}\n"
    "- {name: c, from: in, to: B, rule: all_to_all, weight: -4 pA, delay: 0.5 ms}\n"
    "- {name: d, from: in, to: B, rule: all_to_all, weight: 32 pA}\n";

static void expect_current(struct piece *piece, size_t state, int64_t first_step)
{
    while (simulation_step(piece->simulation) < first_step - 1) {
        assert_int_equal(simulation_advance(piece->simulation), TUTTI_OK);
        assert_true(*simulation_state(piece->simulation, 1, state) == 0.0);
    }
    assert_int_equal(simulation_advance(piece->simulation), TUTTI_OK);
    assert_true(*simulation_state(piece->simulation, 1, state) != 0.0);
}

static void a_spike_acts_its_delay_after_the_end_of_its_step(void **state)
{
    struct piece piece;
    const uint32_t *cells;

    (void)state;
    piece_open(two_cells, NULL, 0, &piece);
    assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
    assert_int_equal(simulation_spikes(piece.simulation, 0, &cells), 1);
    assert_int_equal(cells[0], 0);
    expect_current(&piece, I_SYN_EX, 1 + 7);
    assert_true(*simulation_state(piece.simulation, 1, I_SYN_EX) == 8.0);
    piece_close(&piece);
}

static void a_spike_from_outside_acts_at_its_step_and_after_each_delay(void **state)
{
    struct piece piece;

    (void)state;
    piece_open(two_cells, NULL, 0, &piece);
    assert_int_equal(simulation_receive(piece.simulation, 2, 0, 2), TUTTI_OK);
    expect_current(&piece, I_SYN_EX, 2);
    assert_true(*simulation_state(piece.simulation, 1, I_SYN_EX) == 32.0);
    expect_current(&piece, 2, 2 + 5);
    assert_true(*simulation_state(piece.simulation, 1, 2) == -4.0);
    piece_close(&piece);
}

static void the_voltage_moves_one_step_after_the_arrival(void **state)
{
    struct piece piece;

    (void)state;
    piece_open(two_cells, NULL, 0, &piece);
    assert_int_equal(simulation_receive(piece.simulation, 2, 0, 1), TUTTI_OK);
    assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
    assert_true(*simulation_state(piece.simulation, 1, V_M) == -70.0);
    assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
    assert_true(*simulation_state(piece.simulation, 1, V_M) > -70.0);
    piece_close(&piece);
}

static void a_spike_of_a_cell_that_is_simulated_here_is_refused(void **state)
{
    struct piece piece;

    (void)state;
    piece_open(two_cells, NULL, 0, &piece);
    assert_int_equal(simulation_receive(piece.simulation, 1, 0, 1), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "a spike of cell 0 of 'B' came from outside, but this kernel "
                        "simulates that cell; connect only the cells that it does not "
                        "own");
    piece_close(&piece);
}

static void poisson_input_arrives_with_its_weight_at_its_rate(void **state)
{
    enum { CELLS = 1000, STEPS = 200 };
    struct piece piece;
    double total = 0.0;

    (void)state;
    piece_open("network: n\nseed: 3\nstep: 0.1 ms\npopulations:\n"
               "  E: {model: iaf_psc_exp, size: 1000, parameters: {tau_syn_ex: 0.001 "
               "ms}, poisson: {rate: 2000 Hz, weight: 0.5 pA}}\n",
               NULL, 0, &piece);
    for (int i = 0; i < STEPS; i++) {
        const double *currents;

        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        currents = simulation_state(piece.simulation, 0, I_SYN_EX);
        for (int k = 0; k < CELLS; k++)
            total += currents[k];
    }
    /* Mean 0.2 per cell and step, so 40,000 spikes, give or take four times 200. */
    assert_true(total / 0.5 > 39200 && total / 0.5 < 40800);
    piece_close(&piece);
}

static void initial_voltages_have_their_mean_and_spread(void **state)
{
    enum { CELLS = 10000 };
    struct piece piece;
    const double *v;
    double sum = 0.0, squares = 0.0;

    (void)state;
    piece_open("network: n\nseed: 3\nstep: 0.1 ms\npopulations:\n"
               "  E: {model: iaf_psc_exp, size: 10000, initial: {V_m: {normal: {mean: "
               "-60 mV, std: 2 mV}}}}\n",
               NULL, 0, &piece);
    v = simulation_state(piece.simulation, 0, V_M);
    for (int i = 0; i < CELLS; i++) {
        sum += v[i];
        squares += (v[i] + 60.0) * (v[i] + 60.0);
    }
    assert_true(sum / CELLS > -60.08 && sum / CELLS < -59.92);
    assert_true(squares / CELLS > 3.8 && squares / CELLS < 4.2);
    piece_close(&piece);
}

/* --- rules
 * ---------------------------------------------------------------------------- */

/* Every source fires once, one after the other, and the weights that each target gets
 * are counted: sources[target][source]. */
enum { SIDE = 6 };

static void count_synapses(const char *projection, double counts[SIDE][SIDE])
{
    struct tt_text text = {0};
    struct piece piece;

    tt_text_add(&text,
                "network: n\nseed: 5\nstep: 1 ms\n"
                "populations: {E: {model: iaf_psc_exp, size: %d, parameters: "
                "{tau_syn_ex: 0.001 ms}}}\n"
                "inputs: {in: {size: %d}}\n"
                "projections: [{name: p, to: E, weight: 1 pA, %s}]\n",
                SIDE, SIDE, projection);
    piece_open(tt_text_get(&text), NULL, 0, &piece);
    for (uint32_t source = 0; source < SIDE; source++) {
        const double *current;

        assert_int_equal(
            simulation_receive(piece.simulation, 1, source, (int64_t)source + 1),
            TUTTI_OK);
        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        current = simulation_state(piece.simulation, 0, I_SYN_EX);
        for (int target = 0; target < SIDE; target++)
            counts[target][source] = current[target];
    }
    piece_close(&piece);
    tt_text_free(&text);
}

static void all_to_all_makes_one_synapse_of_each_pair(void **state)
{
    double counts[SIDE][SIDE];

    (void)state;
    count_synapses("from: \"in[1:3]\", rule: all_to_all", counts);
    for (int target = 0; target < SIDE; target++)
        for (int source = 0; source < SIDE; source++)
            assert_true(counts[target][source] == (source == 1 || source == 2));
}

static void one_to_one_connects_the_same_places(void **state)
{
    double counts[SIDE][SIDE];

    (void)state;
    count_synapses("from: in, rule: one_to_one", counts);
    for (int target = 0; target < SIDE; target++)
        for (int source = 0; source < SIDE; source++)
            assert_true(counts[target][source] == (source == target));
}

static void fixed_indegree_gives_every_target_its_number_of_sources(void **state)
{
    double counts[SIDE][SIDE];

    (void)state;
    count_synapses("from: in, rule: fixed_indegree, indegree: 40", counts);
    for (int target = 0; target < SIDE; target++) {
        double sum = 0.0;

        for (int source = 0; source < SIDE; source++)
            sum += counts[target][source];
        assert_true(sum == 40.0);
    }
    assert_memory_not_equal(counts[0], counts[1], sizeof counts[0]);
}

static void without_multapses_no_source_is_drawn_twice(void **state)
{
    double counts[SIDE][SIDE];

    (void)state;
    count_synapses("from: in, rule: fixed_indegree, indegree: 6, "
                   "allow_multapses: false",
                   counts);
    for (int target = 0; target < SIDE; target++)
        for (int source = 0; source < SIDE; source++)
            assert_true(counts[target][source] == 1.0);
}

/* Only cell 0 lives here: it fires in step 1, cell 1 (from outside) in step 3. */
static void without_autapses_no_cell_reaches_itself(void **state)
{
    static const struct {
        const char *rule;
        double from_other;
    } cases[] = {{"all_to_all", 1.0},
                 {"one_to_one", 0.0},
                 {"fixed_indegree, indegree: 20", 20.0}};
    const char *const owns[] = {"E=0:1"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tt_text text = {0};
        struct piece piece;

        tt_text_add(
            &text,
            "network: n\nseed: 5\nstep: 1 ms\n"
            "populations: {E: {model: iaf_psc_exp, size: 2, parameters: {V_th: "
            "-80 mV, V_reset: -90 mV, t_ref: 1000 ms}}}\n"
            "projections: [{name: p, from: E, to: E, delay: 1 ms, weight: 1 pA, "
            "allow_autapses: false, rule: %s}]\n",
            cases[i].rule);
        piece_open(tt_text_get(&text), owns, 1, &piece);
        for (int step = 1; step <= 3; step++)
            assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        assert_true(*simulation_state(piece.simulation, 0, I_SYN_EX) == 0.0);
        assert_int_equal(simulation_receive(piece.simulation, 0, 1, 3), TUTTI_OK);
        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        assert_true(*simulation_state(piece.simulation, 0, I_SYN_EX) ==
                    cases[i].from_other);
        piece_close(&piece);
        tt_text_free(&text);
    }
}

/* --- parts
 * ---------------------------------------------------------------------------- */

enum { MOST_PARTS = 3, STEPS = 1500, INPUT_EVERY = 37 };

/* Irregular activity, synapses of all kinds, across all borders. */
static void write_split_network(int seed, struct tt_text *text)
{
    tt_text_add(
        text,
        "network: n\nseed: %d\nstep: 0.1 ms\n"
        "populations:\n"
        "  E: {model: iaf_psc_exp, size: 81, parameters: {tau_m: 20 ms}, initial: "
        "{V_m: "
        "{normal: {mean: -60 mV, std: 4 mV}}}, poisson: {rate: 5000 Hz, weight: 41.7 "
        "pA}}\n"
        "  I: {size: 22, like: E}\n"
        "inputs: {in: {size: 2}}\n"
        "projections:\n"
        "- {name: E_E, from: E, to: E, rule: fixed_indegree, indegree: 30, weight: "
        "33.3 "
        "pA, delay: {uniform: {low: 0.3 ms, high: 4 ms}}}\n"
        "- {name: E_I, from: E, to: I, rule: fixed_indegree, indegree: 30, weight: "
        "33.3 "
        "pA, delay: {uniform: {low: 0.3 ms, high: 4 ms}}, allow_multapses: false}\n"
        "- {name: I_E, from: I, to: E, rule: all_to_all, weight: -77.7 pA, delay: "
        "{uniform: "
        "{low: 0.5 ms, high: 1.5 ms}}}\n"
        "- {name: I_I, from: I, to: I, rule: all_to_all, weight: -77.7 pA, delay: 1 "
        "ms, "
        "allow_autapses: false}\n"
        "- {name: in_E, from: in, to: \"E[20:60]\", rule: all_to_all, weight: 0.5 nA}\n"
        "- {name: E_E2, from: \"E[40:81]\", to: \"E[0:41]\", rule: one_to_one, weight: "
        "101.1 pA, delay: 2 ms}\n",
        seed);
}

/* Every part sees the spikes of this step that others fired. */
static void exchange(struct piece *pieces, size_t count)
{
    for (size_t from = 0; from < count; from++)
        for (size_t population = 0; population < 2; population++) {
            const uint32_t *cells;
            const size_t fired =
                simulation_spikes(pieces[from].simulation, population, &cells);

            for (size_t to = 0; to < count; to++)
                for (size_t i = 0; i < fired && to != from; i++)
                    assert_int_equal(
                        simulation_receive(pieces[to].simulation, (uint32_t)population,
                                           cells[i],
                                           simulation_step(pieces[from].simulation)),
                        TUTTI_OK);
        }
}

/* What all parts fire in a step, as flags: of E, then of I. */
static void note_spikes(const struct piece *pieces, size_t count,
                        unsigned char flags[103])
{
    memset(flags, 0, 103);
    for (size_t k = 0; k < count; k++)
        for (size_t population = 0; population < 2; population++) {
            const uint32_t *cells;
            const size_t fired =
                simulation_spikes(pieces[k].simulation, population, &cells);

            for (size_t i = 0; i < fired; i++)
                flags[(population ? 81 : 0) + cells[i]]++;
        }
}

/* Runs the network in `count` parts; returns how many spikes there were. */
static size_t run_parts(int seed, const char *const owns[][2], size_t count,
                        unsigned char (*spikes)[103])
{
    struct piece pieces[MOST_PARTS];
    struct tt_text text = {0};
    size_t total = 0;

    write_split_network(seed, &text);
    for (size_t k = 0; k < count; k++) {
        const size_t given = !owns[k][0] ? 0 : owns[k][1] ? 2 : 1;

        piece_open(tt_text_get(&text), owns[k], given, &pieces[k]);
    }
    for (int step = 1; step <= STEPS; step++) {
        for (size_t k = 0; k < count; k++) {
            if (step % INPUT_EVERY == 0)
                assert_int_equal(simulation_receive(pieces[k].simulation, 2,
                                                    (uint32_t)step % 2, step),
                                 TUTTI_OK);
            assert_int_equal(simulation_advance(pieces[k].simulation), TUTTI_OK);
        }
        exchange(pieces, count);
        note_spikes(pieces, count, spikes[step - 1]);
        for (size_t i = 0; i < 103; i++)
            total += spikes[step - 1][i];
    }
    for (size_t k = 0; k < count; k++)
        piece_close(&pieces[k]);
    tt_text_free(&text);
    return total;
}

static void two_and_three_parts_fire_every_spike_of_the_whole(void **state)
{
    static const char *const whole[][2] = {{NULL, NULL}};
    static const char *const two[][2] = {{"E=0:37", "I=10:22"}, {"E=37:81", "I=0:10"}};
    static const char *const three[][2] = {
        {"E=0:5", NULL}, {"I=0:22", "E=5:50"}, {"E=50:81", NULL}};
    static unsigned char spikes[3][STEPS][103];

    (void)state;
    for (int seed = 1; seed <= 8; seed++) {
        const size_t total = run_parts(seed, whole, 1, spikes[0]);

        assert_true(total > 100);
        assert_int_equal(run_parts(seed, two, 2, spikes[1]), total);
        assert_int_equal(run_parts(seed, three, 3, spikes[2]), total);
        assert_memory_equal(spikes[0], spikes[1], sizeof spikes[0]);
        assert_memory_equal(spikes[0], spikes[2], sizeof spikes[0]);
    }
}

static void another_seed_gives_other_spikes(void **state)
{
    static const char *const whole[][2] = {{NULL, NULL}};
    static unsigned char spikes[3][STEPS][103];

    (void)state;
    run_parts(1, whole, 1, spikes[0]);
    run_parts(2, whole, 1, spikes[1]);
    run_parts(1, whole, 1, spikes[2]);
    assert_memory_not_equal(spikes[0], spikes[1], sizeof spikes[0]);
    assert_memory_equal(spikes[0], spikes[2], sizeof spikes[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spike_acts_its_delay_after_the_end_of_its_step),
        cmocka_unit_test(a_spike_from_outside_acts_at_its_step_and_after_each_delay),
        cmocka_unit_test(the_voltage_moves_one_step_after_the_arrival),
        cmocka_unit_test(a_spike_of_a_cell_that_is_simulated_here_is_refused),
        cmocka_unit_test(poisson_input_arrives_with_its_weight_at_its_rate),
        cmocka_unit_test(initial_voltages_have_their_mean_and_spread),
        cmocka_unit_test(all_to_all_makes_one_synapse_of_each_pair),
        cmocka_unit_test(one_to_one_connects_the_same_places),
        cmocka_unit_test(fixed_indegree_gives_every_target_its_number_of_sources),
        cmocka_unit_test(without_multapses_no_source_is_drawn_twice),
        cmocka_unit_test(without_autapses_no_cell_reaches_itself),
        cmocka_unit_test(two_and_three_parts_fire_every_spike_of_the_whole),
        cmocka_unit_test(another_seed_gives_other_spikes),
    };

    return cmocka_run_group_tests_name("simulation", tests, NULL, NULL);
}
