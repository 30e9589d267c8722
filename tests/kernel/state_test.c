/* Saved states: a simulation that goes on from one does what the uninterrupted one
 * does, bit for bit. SPDX-License-Identifier: Apache-2.0 */
#include "kernel/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/status.h"
#include "kernel/network.h"
#include "kernel/plasticity.h"
#include "kernel/shard.h"
#include "kernel/simulation.h"
#include "kernel/state_file.h"
#include "piece.h"

static const char path[] = "kernel_state_test.state";

/* Several models, formats of synapses, delays beyond the calendar's first days, drive
 * of all kinds, and an input. */
static const char busy[] =
    "network: busy\n"
    "seed: 7\n"
    "step: 0.1 ms\n"
    "populations:\n"
    "  E: {model: iaf_psc_exp, size: 300,\n"
    "      initial: {V_m: {normal: {mean: -60 mV, std: 5 mV}}},\n"
    "      poisson: {rate: 8000 Hz, weight: 60 pA}}\n"
    "  I: {model: iaf_psc_exp, size: 150, like: E}\n"
    "  A: {model: aeif_cond_exp, size: 70, poisson: {rate: 8000 Hz, weight: 2 nS}}\n"
    "  H: {model: hh_psc_alpha, size: 70, poisson: {rate: 8000 Hz, weight: 50 pA}}\n"
    "  noise: {model: poisson_generator, size: 80, parameters: {rate: 50 Hz}}\n"
    "  hum: {model: noise_generator, size: 1, parameters: {mean: 10 pA, std: 20 pA}}\n"
    "inputs:\n"
    "  world: {size: 10}\n"
    "projections:\n"
    "  - {name: E_E, from: E, to: E, rule: fixed_indegree, indegree: 16,\n"
    "     weight: 80 pA, delay: {uniform: {low: 1 ms, high: 15 ms}}}\n"
    "  - {name: E_I, from: E, to: I, rule: fixed_indegree, indegree: 16,\n"
    "     weight: 80 pA, delay: 1 ms, precision: single}\n"
    "  - {name: I_E, from: I, to: E, rule: fixed_outdegree, outdegree: 8,\n"
    "     weight: -320 pA, delay: 1.5 ms, precision: packed}\n"
    "  - {name: E_A, from: E, to: A, rule: fixed_indegree, indegree: 5,\n"
    "     weight: 2 nS, delay: 2 ms, precision: shared}\n"
    "  - {name: E_H, from: E, to: H, rule: fixed_indegree, indegree: 5,\n"
    "     weight: 100 pA, delay: {uniform: {low: 1 ms, high: 3 ms}}}\n"
    "  - {name: noise_I, from: noise, to: I, rule: fixed_indegree, indegree: 3,\n"
    "     weight: 100 pA, delay: 12 ms}\n"
    "  - {name: hum_E, from: hum, to: E, rule: all_to_all, weight: 1, delay: 2 ms}\n"
    "  - {name: world_E, from: world, to: E, rule: fixed_indegree, indegree: 2,\n"
    "     weight: 200 pA, delay: {uniform: {low: 0.5 ms, high: 9 ms}}}\n";

/* Synapses that change, onto cells of several shards; some sources have several
 * synapses and delays onto one target. */
static const char plastic[] =
    "network: plastic\n"
    "seed: 5\n"
    "step: 0.1 ms\n"
    "populations:\n"
    "  E: {model: iaf_psc_exp, size: 250, tau_minus: 30 ms,\n"
    "      initial: {V_m: {normal: {mean: -60 mV, std: 5 mV}}},\n"
    "      poisson: {rate: 8000 Hz, weight: 65 pA}}\n"
    "  I: {model: iaf_psc_exp, size: 150, like: E}\n"
    "  P: {model: poisson_generator, size: 80, parameters: {rate: 50 Hz}}\n"
    "  Q: {model: poisson_generator, size: 80, parameters: {rate: 60 Hz}}\n"
    "inputs:\n"
    "  world: {size: 10}\n"
    "projections:\n"
    "  - {name: E_E, from: E, to: E, rule: fixed_indegree, indegree: 20,\n"
    "     weight: 45 pA, delay: {uniform: {low: 1 ms, high: 4 ms}},\n"
    "     synapse: {model: stdp_synapse, lambda: 0.05, Wmax: 90 pA}}\n"
    "  - {name: Q_E, from: Q, to: E, rule: fixed_indegree, indegree: 200,\n"
    "     weight: 10 pA, delay: {uniform: {low: 1 ms, high: 1.2 ms}},\n"
    "     synapse: {model: stdp_synapse, lambda: 0.02, Wmax: 20 pA}}\n"
    "  - {name: E_I, from: E, to: I, rule: fixed_indegree, indegree: 20,\n"
    "     weight: 45 pA, delay: 1 ms, synapse: {model: tsodyks_synapse}}\n"
    "  - {name: I_E, from: I, to: E, rule: fixed_indegree, indegree: 10,\n"
    "     weight: -200 pA, delay: 1.5 ms}\n"
    "  - {name: P_I, from: P, to: I, rule: fixed_indegree, indegree: 5,\n"
    "     weight: 45 pA, delay: 12 ms, synapse: {model: stdp_synapse, Wmax: 90 pA}}\n"
    "  - {name: world_E, from: world, to: E, rule: fixed_indegree, indegree: 2,\n"
    "     weight: 200 pA, delay: {uniform: {low: 0.5 ms, high: 9 ms}}}\n";

enum { SAVED_AT = 333, END = 700 };

/* Digests of all spikes and states, and of all weights that change. */
struct trace {
    uint64_t spikes, sum, weights;
};

/* The input speaks at every tenth step: early, late and repeatedly. */
static void feed(struct piece *piece)
{
    const int64_t step = simulation_step(piece->simulation);
    const uint32_t world = (uint32_t)piece->network.population_count;

    if (step % 10 != 3)
        return;
    for (uint32_t cell = 0; cell < 3; cell++)
        assert_int_equal(simulation_receive(piece->simulation, world, cell,
                                            step + 2 - (int64_t)cell * 20),
                         TUTTI_OK);
    assert_int_equal(simulation_receive(piece->simulation, world, 0, step + 2),
                     TUTTI_OK);
}

static void run(struct piece *piece, int64_t last, struct trace *trace)
{
    while (simulation_step(piece->simulation) < last) {
        feed(piece);
        if (simulation_advance(piece->simulation))
            fail_msg("%s", tutti_last_error());
        for (size_t i = 0; i < piece->network.population_count; i++) {
            const uint32_t *cells;
            const size_t count = simulation_spikes(piece->simulation, i, &cells);

            trace->spikes += count;
            trace->sum = state_file_checksum(trace->sum, cells, count * sizeof *cells);
        }
    }
}

static void add_weight(void *argument, const struct simulation_synapse *synapse)
{
    struct trace *const trace = argument;
    const uint32_t ends[] = {synapse->source, synapse->target};

    /* In any order: shards take turns. */
    trace->weights +=
        state_file_checksum(state_file_checksum(STATE_FILE_CHECKSUM, ends, sizeof ends),
                            &synapse->weight, sizeof synapse->weight);
}

/* Weights are compared when all synapses have seen the same spikes. */
static void settle(const struct piece *piece)
{
    const struct simulation_parts parts = simulation_parts(piece->simulation);

    for (uint32_t i = 0; i < parts.shard_count; i++)
        assert_int_equal(plasticity_settle(parts.shards[i].plasticity), TUTTI_OK);
}

static void add_states(const struct piece *piece, struct trace *trace)
{
    const struct network *const network = &piece->network;

    settle(piece);
    for (size_t i = 0; i < network->population_count; i++)
        for (size_t k = 0; k < network->populations[i].model->state_count; k++)
            trace->sum = state_file_checksum(
                trace->sum, simulation_state(piece->simulation, i, k),
                network->populations[i].size * sizeof(double));
    for (uint32_t i = 0; i < network->projection_count; i++)
        if (!network->projections[i].synapse.model->is_static)
            simulation_visit(piece->simulation, i, add_weight, trace);
}

/* What the steps after SAVED_AT do, when the state is saved before them or not. */
static struct trace run_through(const char *text, uint32_t threads, bool is_saved)
{
    struct trace before = {0}, after = {0};
    struct piece piece;

    piece_open_threads(text, threads, &piece);
    run(&piece, SAVED_AT, &before);
    feed(&piece);
    if (is_saved && state_save(piece.simulation, path))
        fail_msg("%s", tutti_last_error());
    run(&piece, END, &after);
    add_states(&piece, &after);
    piece_close(&piece);
    assert_true(after.spikes > 1000);
    return after;
}

static struct trace run_on(const char *text, uint32_t threads)
{
    struct trace after = {0};
    struct piece piece;

    piece_open_threads(text, threads, &piece);
    if (state_restore(piece.simulation, path))
        fail_msg("%s", tutti_last_error());
    assert_int_equal(simulation_step(piece.simulation), SAVED_AT);
    run(&piece, END, &after);
    add_states(&piece, &after);
    piece_close(&piece);
    return after;
}

static void check_equal(struct trace one, struct trace other)
{
    assert_int_equal(one.spikes, other.spikes);
    assert_int_equal(one.sum, other.sum);
    assert_int_equal(one.weights, other.weights);
}

static void a_restored_simulation_goes_on_to_the_last_bit(void **state)
{
    struct trace whole;

    (void)state;
    whole = run_through(busy, 1, true);
    check_equal(run_on(busy, 1), whole);
}

static void saving_changes_nothing(void **state)
{
    (void)state;
    check_equal(run_through(busy, 1, true), run_through(busy, 2, false));
    check_equal(run_through(plastic, 2, true), run_through(plastic, 1, false));
}

static void a_state_may_be_restored_with_other_threads(void **state)
{
    struct trace whole;

    (void)state;
    whole = run_through(busy, 3, true);
    check_equal(run_on(busy, 1), whole);
    check_equal(run_on(busy, 2), whole);
}

/* What is on its way when it is saved again is still there. */
static void a_state_may_be_saved_again_at_once(void **state)
{
    struct trace whole;
    struct piece piece;

    (void)state;
    whole = run_through(busy, 2, true);
    piece_open_threads(busy, 1, &piece);
    assert_int_equal(state_restore(piece.simulation, path), TUTTI_OK);
    assert_int_equal(state_save(piece.simulation, path), TUTTI_OK);
    piece_close(&piece);
    check_equal(run_on(busy, 2), whole);
}

static void synapses_that_change_go_on_too(void **state)
{
    struct trace whole;

    (void)state;
    whole = run_through(plastic, 1, true);
    check_equal(run_on(plastic, 1), whole);
    check_equal(run_on(plastic, 3), whole);
    check_equal(run_through(plastic, 2, true), whole);
    check_equal(run_on(plastic, 3), whole);
}

static enum tutti_status restore_into(const char *text, const char *const *owns,
                                      size_t count)
{
    enum tutti_status status;
    struct piece piece;

    piece_open(text, owns, count, &piece);
    status = state_restore(piece.simulation, path);
    piece_close(&piece);
    return status;
}

static void save_from(const char *text, const char *const *owns, size_t count)
{
    struct piece piece;

    piece_open(text, owns, count, &piece);
    assert_int_equal(simulation_run(piece.simulation, 5), TUTTI_OK);
    assert_int_equal(state_save(piece.simulation, path), TUTTI_OK);
    piece_close(&piece);
}

static const char small[] =
    "network: small\nseed: 1\nstep: 0.1 ms\n"
    "populations: {E: {model: iaf_psc_exp, size: 10}}\nprojections: []\n";

static void a_state_of_another_network_is_refused(void **state)
{
    (void)state;
    save_from(small, NULL, 0);
    assert_int_equal(restore_into(busy, NULL, 0), TUTTI_BAD_CONFIG);
    assert_string_equal(
        tutti_last_error(),
        "state file 'kernel_state_test.state' was saved from another network file than "
        "'net.yaml', or this one has changed since; restore with the file it was saved "
        "from");
}

static void a_part_takes_its_cells_from_the_whole_but_not_more(void **state)
{
    static const char *const part[] = {"E=2:5"};

    (void)state;
    save_from(small, NULL, 0);
    assert_int_equal(restore_into(small, part, 1), TUTTI_OK);
    save_from(small, part, 1);
    assert_int_equal(restore_into(small, part, 1), TUTTI_OK);
    assert_int_equal(restore_into(small, NULL, 0), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "state file 'kernel_state_test.state' lacks 7 cells of 'E' "
                        "that are simulated here; save with the same --owns, or "
                        "without any");
}

/* A file whose sums are right, with a section that no kernel writes. */
static void check_misfit(uint32_t kind, uint32_t number, const void *bytes, size_t size)
{
    struct state_file_head head;
    struct state_file *file;

    save_from(small, NULL, 0);
    assert_int_equal(state_file_open(path, &head, &file), TUTTI_OK);
    state_file_close(&file);
    assert_int_equal(state_file_begin(path, &head), TUTTI_OK);
    assert_int_equal(state_file_continue(path, &file), TUTTI_OK);
    assert_int_equal(state_file_put(file, kind, number, bytes, size), TUTTI_OK);
    assert_int_equal(state_file_pause(&file), TUTTI_OK);
    assert_int_equal(state_file_end(path), TUTTI_OK);
    assert_int_equal(restore_into(small, NULL, 0), TUTTI_BAD_CONFIG);
    assert_string_equal(
        tutti_last_error(),
        "state file 'kernel_state_test.state' does not fit network 'small', though it "
        "was saved from the same file; save again with this kernel");
}

static void a_state_that_does_not_fit_is_refused(void **state)
{
    static const uint32_t cells[] = {10, 3}, spike[] = {0, 10, 1, 0};

    (void)state;
    check_misfit(99, 0, NULL, 0);
    check_misfit(1, 0, NULL, 0);
    check_misfit(1, 0, cells, sizeof cells);
    check_misfit(1, 7, cells, sizeof cells);
    check_misfit(2, 0, spike, 3);
    check_misfit(2, 0, spike, sizeof spike);
    check_misfit(16, 1, NULL, 0);
    check_misfit(16, 0, spike, 7);
    check_misfit(17, 0, spike, sizeof spike);
}

static void a_file_that_cannot_be_written_is_named(void **state)
{
    struct piece piece;

    (void)state;
    piece_open(small, NULL, 0, &piece);
    assert_int_equal(state_save(piece.simulation, "no/such.state"), TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(), "state file 'no/such.state' cannot be "
                                            "opened: No such file or directory");
    piece_close(&piece);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_simulation_goes_on_to_the_last_bit),
        cmocka_unit_test(saving_changes_nothing),
        cmocka_unit_test(a_state_may_be_restored_with_other_threads),
        cmocka_unit_test(a_state_may_be_saved_again_at_once),
        cmocka_unit_test(synapses_that_change_go_on_too),
        cmocka_unit_test(a_state_of_another_network_is_refused),
        cmocka_unit_test(a_part_takes_its_cells_from_the_whole_but_not_more),
        cmocka_unit_test(a_state_that_does_not_fit_is_refused),
        cmocka_unit_test(a_file_that_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
