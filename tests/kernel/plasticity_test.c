/* Networks with plastic projections: the same spikes and weights however they are
 * spread, and what a file may not say. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "piece.h"

enum { E_CELLS = 200, I_CELLS = 50, STEPS = 2000, MOST_PARTS = 3 };

/* Projections that are plastic, by their places. */
enum { E_E, E_I, I_E, PLASTIC };

static const char network[] =
    "network: n\n"
    "seed: 3\n"
    "step: 0.1 ms\n"
    "populations:\n"
    "  E: {model: iaf_psc_exp, size: 200, tau_minus: 30 ms, initial: {V_m: {normal: "
    "{mean: -60 mV, std: 4 mV}}}, poisson: {rate: 5000 Hz, weight: 70 pA}}\n"
    "  I: {model: iaf_psc_exp, size: 50, like: E}\n"
    "projections:\n"
    "- {name: E_E, from: E, to: E, rule: fixed_indegree, indegree: 40, weight: 33.3 "
    "pA, "
    "delay: {uniform: {low: 0.3 ms, high: 4 ms}}, synapse: {model: stdp_synapse, Wmax: "
    "100 pA, mu_plus: 0.4, lambda: 0.05}}\n"
    "- {name: E_I, from: E, to: I, rule: fixed_outdegree, outdegree: 10, weight: 80 "
    "pA, "
    "delay: 1 ms, synapse: {model: tsodyks_synapse, tau_psc: 2 ms, tau_rec: 100 ms}}\n"
    "- {name: I_E, from: I, to: E, rule: pairwise_bernoulli, p: 0.3, weight: "
    "-90 pA, delay: 0.7 ms, synapse: {model: stdp_synapse, Wmax: -200 pA}}\n"
    "- {name: I_I, from: I, to: I, rule: all_to_all, weight: -90 pA, delay: 1 ms}\n";

struct result {
    unsigned char spikes[STEPS][E_CELLS + I_CELLS];
    size_t spike_count;
    struct simulation_synapse *synapses[PLASTIC];
    size_t counts[PLASTIC], rooms[PLASTIC];
};

struct taking {
    struct result *result;
    size_t projection;
};

static void take(void *argument, const struct simulation_synapse *synapse)
{
    struct taking *const taking = argument;
    struct result *const result = taking->result;
    const size_t i = taking->projection;

    assert_int_equal(tt_grow(&result->synapses[i], &result->rooms[i],
                             result->counts[i] + 1, sizeof *synapse),
                     TUTTI_OK);
    result->synapses[i][result->counts[i]++] = *synapse;
}

/* Two of the same source, target and delay are told apart by their weights only. */
static int compare_synapses(const void *a, const void *b)
{
    const struct simulation_synapse *const one = a, *const other = b;

    if (one->source != other->source)
        return one->source < other->source ? -1 : 1;
    if (one->target != other->target)
        return one->target < other->target ? -1 : 1;
    if (one->delay != other->delay)
        return one->delay < other->delay ? -1 : 1;
    return (one->weight > other->weight) - (one->weight < other->weight);
}

static void note_spikes(const struct piece *piece, int step, struct result *result)
{
    for (size_t i = 0; i < 2; i++) {
        const uint32_t *cells;
        const size_t count = simulation_spikes(piece->simulation, i, &cells);

        for (size_t k = 0; k < count; k++)
            result->spikes[step - 1][(i ? E_CELLS : 0) + cells[k]]++;
        result->spike_count += count;
    }
}

/* Every part sees the spikes of this step that others fired. */
static void exchange(struct piece *pieces, size_t count, int step)
{
    for (size_t from = 0; from < count; from++)
        for (uint32_t i = 0; i < 2; i++) {
            const uint32_t *cells;
            const size_t fired = simulation_spikes(pieces[from].simulation, i, &cells);

            for (size_t to = 0; to < count; to++)
                for (size_t k = 0; k < fired && to != from; k++)
                    assert_int_equal(
                        simulation_receive(pieces[to].simulation, i, cells[k], step),
                        TUTTI_OK);
        }
}

static void run(struct piece *pieces, size_t count, struct result *result)
{
    memset(result, 0, sizeof *result);
    for (int step = 1; step <= STEPS; step++) {
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(simulation_advance(pieces[i].simulation), TUTTI_OK);
            note_spikes(&pieces[i], step, result);
        }
        exchange(pieces, count, step);
    }
    for (size_t k = 0; k < PLASTIC; k++) {
        for (size_t i = 0; i < count; i++)
            assert_int_equal(simulation_visit(pieces[i].simulation, (uint32_t)k, take,
                                              &(struct taking){result, k}),
                             TUTTI_OK);
        qsort(result->synapses[k], result->counts[k], sizeof *result->synapses[k],
              compare_synapses);
    }
    for (size_t i = 0; i < count; i++)
        piece_close(&pieces[i]);
}

static void check_equal(const struct result *a, const struct result *b)
{
    assert_true(a->spike_count > 1000);
    assert_memory_equal(a->spikes, b->spikes, sizeof a->spikes);
    for (size_t i = 0; i < PLASTIC; i++) {
        assert_int_equal(a->counts[i], b->counts[i]);
        for (size_t k = 0; k < a->counts[i]; k++)
            assert_int_equal(compare_synapses(&a->synapses[i][k], &b->synapses[i][k]),
                             0);
    }
}

static void free_result(struct result *result)
{
    for (size_t i = 0; i < PLASTIC; i++)
        free(result->synapses[i]);
}

static void run_threads(uint32_t threads, struct result *result)
{
    struct piece piece;

    piece_open_threads(network, threads, &piece);
    run(&piece, 1, result);
}

static void spikes_and_weights_do_not_depend_on_threads(void **state)
{
    static struct result one, several;

    (void)state;
    run_threads(1, &one);
    for (uint32_t threads = 2; threads <= 4; threads++) {
        run_threads(threads, &several);
        check_equal(&one, &several);
        free_result(&several);
    }
    free_result(&one);
}

static void spikes_and_weights_do_not_depend_on_parts(void **state)
{
    static const char *const owns[MOST_PARTS][2] = {
        {"E=0:70", "I=20:50"}, {"E=70:71", NULL}, {"E=71:200", "I=0:20"}};
    static struct result whole, split;
    struct piece pieces[MOST_PARTS];

    (void)state;
    run_threads(1, &whole);
    for (size_t i = 0; i < MOST_PARTS; i++)
        piece_open(network, owns[i], owns[i][1] ? 2 : 1, &pieces[i]);
    run(pieces, MOST_PARTS, &split);
    check_equal(&whole, &split);
    free_result(&whole);
    free_result(&split);
}

static void weights_change_and_stay_within_their_bounds(void **state)
{
    static struct result result;
    size_t changed = 0;

    (void)state;
    run_threads(1, &result);
    assert_int_equal(result.counts[E_E], E_CELLS * 40);
    for (size_t i = 0; i < result.counts[E_E]; i++) {
        const double weight = result.synapses[E_E][i].weight;

        assert_true(weight >= 0.0 && weight <= 100.0);
        changed += weight != 33.3;
    }
    assert_true(changed > result.counts[E_E] * 9 / 10);
    for (size_t i = 0; i < result.counts[E_I]; i++)
        assert_true(result.synapses[E_I][i].weight == result.synapses[E_I][0].weight);
    for (size_t i = 0; i < result.counts[I_E]; i++)
        assert_true(result.synapses[I_E][i].weight <= 0.0 &&
                    result.synapses[I_E][i].weight >= -200.0);
    free_result(&result);
}

static void a_plastic_synapse_takes_at_most_12_bytes(void **state)
{
    struct piece piece;
    uint64_t synapses;
    size_t bytes;

    (void)state;
    piece_open("network: n\nseed: 1\nstep: 0.1 ms\npopulations: {E: {model: "
               "iaf_psc_exp, size: 1000}}\nprojections:\n- {name: p, from: E, to: E, "
               "rule: all_to_all, weight: 1 pA, delay: 1.5 ms, synapse: {model: "
               "stdp_synapse}}\n",
               NULL, 0, &piece);
    bytes = simulation_synapse_memory(piece.simulation, &synapses);
    assert_int_equal(synapses, 1000000);
    assert_true((double)bytes / (double)synapses < 10.5);
    piece_close(&piece);
}

/* --- what a file may not say -------------------------------------------------------
 */

static void check_projection(const char *rest, const char *message)
{
    struct tt_text text = {0};
    struct network parsed;

    tt_text_add(&text,
                "network: n\nseed: 1\nstep: 0.1 ms\npopulations:\n  A: {model: "
                "iaf_psc_exp, size: 2}\ninputs: "
                "{in: {size: 1}}\nprojections:\n"
                "- {name: p, to: A, rule: all_to_all, weight: 1 pA, %s}\n",
                rest);
    assert_int_equal(piece_parse(tt_text_get(&text), &parsed), TUTTI_BAD_CONFIG);
    assert_non_null(strstr(tutti_last_error(), "net.yaml:8:"));
    assert_string_equal(strchr(strstr(tutti_last_error(), "yaml:8:") + 7, ' ') + 1,
                        message);
    network_free(&parsed);
    tt_text_free(&text);
}

static void a_wrong_synapse_is_refused_with_what_to_do(void **state)
{
    (void)state;
    check_projection("from: A, delay: 1 ms, synapse: {tau_plus: 20 ms}",
                     "synapse has no model, such as {model: stdp_synapse, tau_plus: 20 "
                     "ms}");
    check_projection("from: A, delay: 1 ms, synapse: {model: stdp_synaps}",
                     "unknown synapse model 'stdp_synaps'; did you mean "
                     "'stdp_synapse'?");
    check_projection("from: A, delay: 1 ms, synapse: {model: stdp_synapse, tau_plu: 20 "
                     "ms}",
                     "unknown parameter 'tau_plu'; did you mean 'tau_plus'?");
    check_projection("from: A, delay: 1 ms, synapse: {model: stdp_synapse, tau_plus: 0 "
                     "ms}",
                     "tau_plus of stdp_synapse is 0 ms, must be above 0 ms");
    check_projection("from: A, delay: 1 ms, synapse: {model: tsodyks_synapse, U: 1.5}",
                     "U of tsodyks_synapse is 1.5, must be from 0 to 1");
    check_projection("from: A, delay: 1 ms, synapse: {model: tsodyks_synapse, x: 0.8, "
                     "y: 0.3}",
                     "projection 'p': parameters of tsodyks_synapse: x + y must be at "
                     "most 1");
    check_projection("from: A, delay: 1 ms, synapse: {model: stdp_synapse, Wmax: 0 pA}",
                     "projection 'p': parameters of stdp_synapse: Wmax must not be 0");
    check_projection(
        "from: A, delay: 1 ms, synapse: {model: stdp_synapse, Wmax: -1 "
        "nA}",
        "projection 'p': parameters of stdp_synapse: weights and Wmax must "
        "have the same sign");
    check_projection("from: in, synapse: {model: stdp_synapse}",
                     "projection 'p': stdp_synapse needs delays of at least one step; "
                     "its smallest delay is 0 ms");
    check_projection("from: A, delay: 1 ms, precision: packed, synapse: {model: "
                     "stdp_synapse}",
                     "projection 'p': weights of stdp_synapse are exact; leave out "
                     "precision");
}

static void negative_weights_do_not_obey_a_power_law(void **state)
{
    struct network parsed;

    (void)state;
    assert_int_equal(
        piece_parse("network: n\nseed: 1\nstep: 0.1 ms\npopulations: {A: {model: "
                    "iaf_psc_exp, size: 2}}\nprojections:\n- {name: p, from: A, to: A, "
                    "rule: all_to_all, weight: -1 pA, delay: 1 ms, synapse: {model: "
                    "stdp_pl_synapse_hom}}\n",
                    &parsed),
        TUTTI_BAD_CONFIG);
    assert_non_null(strstr(tutti_last_error(), "parameters of stdp_pl_synapse_hom: "
                                               "weights must not be below 0"));
    network_free(&parsed);
}

static void a_current_meets_no_plastic_synapse(void **state)
{
    struct network parsed;

    (void)state;
    assert_int_equal(
        piece_parse("network: n\nseed: 1\nstep: 0.1 ms\npopulations: {A: {model: "
                    "iaf_psc_exp, size: 2}, G: {model: dc_generator, size: "
                    "1}}\nprojections:\n- {name: p, from: G, to: A, rule: all_to_all, "
                    "weight: 1, delay: 1 ms, synapse: {model: stdp_synapse}}\n",
                    &parsed),
        TUTTI_BAD_CONFIG);
    assert_non_null(strstr(tutti_last_error(),
                           "projection 'p' carries a current, its synapses cannot be "
                           "of model stdp_synapse"));
    network_free(&parsed);
}

static void tau_minus_is_above_0(void **state)
{
    struct network parsed;

    (void)state;
    assert_int_equal(piece_parse("network: n\nseed: 1\nstep: 0.1 ms\npopulations: {A: "
                                 "{model: iaf_psc_exp, size: 2, tau_minus: 0 ms}}\n",
                                 &parsed),
                     TUTTI_BAD_CONFIG);
    assert_non_null(strstr(tutti_last_error(), "tau_minus is 0 ms, must be above 0 ms "
                                               "and at most 1e9 ms"));
    network_free(&parsed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spikes_and_weights_do_not_depend_on_threads),
        cmocka_unit_test(spikes_and_weights_do_not_depend_on_parts),
        cmocka_unit_test(weights_change_and_stay_within_their_bounds),
        cmocka_unit_test(a_plastic_synapse_takes_at_most_12_bytes),
        cmocka_unit_test(a_wrong_synapse_is_refused_with_what_to_do),
        cmocka_unit_test(negative_weights_do_not_obey_a_power_law),
        cmocka_unit_test(a_current_meets_no_plastic_synapse),
        cmocka_unit_test(tau_minus_is_above_0),
    };

    return cmocka_run_group_tests_name("plasticity", tests, NULL, NULL);
}
