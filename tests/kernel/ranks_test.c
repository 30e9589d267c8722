/* One network in several ranks, which threads of this test play: the same spikes and
 * states for any number of them, and a failure of one ends all.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "crew.h"
#include "kernel/exchange.h"
#include "kernel/state.h"
#include "kernel/state_file.h"
#include "piece.h"
#include "scarce.h"

static const char path[] = "kernel_ranks_test.state";

static const char text[] =
    "network: n\nseed: 3\nstep: 0.1 ms\n"
    "populations:\n"
    "  E: {model: iaf_psc_exp, size: 270, poisson: {rate: 8 kHz, weight: 70 pA}}\n"
    "  I: {model: iaf_psc_exp, size: 130, like: E}\n"
    "  G: {model: poisson_generator, size: 200, parameters: {rate: 40 Hz}}\n"
    "inputs: {in: {size: 4}}\n"
    "projections:\n"
    "- {name: a, from: E, to: E, rule: fixed_indegree, indegree: 10, weight: 40 pA,\n"
    "   delay: {uniform: {low: 1 ms, high: 5 ms}},\n"
    "   synapse: {model: stdp_synapse, lambda: 0.05, Wmax: 80 pA}}\n"
    "- {name: b, from: E, to: I, rule: fixed_outdegree, outdegree: 5, weight: 40 pA,\n"
    "   delay: 0.7 ms, precision: packed}\n"
    "- {name: c, from: I, to: E, rule: fixed_indegree, indegree: 5, weight: -100 pA,\n"
    "   delay: 1.2 ms, synapse: {model: tsodyks_synapse}}\n"
    "- {name: d, from: G, to: E, rule: fixed_indegree, indegree: 5, weight: 40 pA,\n"
    "   delay: 2 ms}\n"
    "- {name: e, from: in, to: E, rule: all_to_all, weight: 50 pA, delay: 1 ms}\n";

enum { MIDDLE = 211, END = 500 };

/* One network, and what all its ranks do together. */
struct scene {
    struct piece piece;
    uint32_t threads;
    int64_t first, last; /* steps; restored before, when `first` is above 0 */
    bool saves;
    int calls; /* allocations that succeed; below 0: all */
    _Atomic uint64_t spikes, digest;
    _Atomic uint64_t strangers; /* states of cells that another rank has, or none */
};

static void count_spikes(struct scene *scene, const struct simulation *simulation)
{
    const int64_t last = simulation_step(simulation);

    for (int64_t step = simulation_first_step(simulation); step <= last; step++)
        for (uint32_t i = 0; i < scene->piece.network.population_count; i++) {
            const uint32_t *cells;
            const size_t count = simulation_fired(simulation, step, i, &cells);

            for (size_t k = 0; k < count; k++) {
                const int64_t spike[] = {step, i, cells[k]};

                scene->digest +=
                    state_file_checksum(STATE_FILE_CHECKSUM, spike, sizeof spike);
            }
            scene->spikes += count;
        }
}

static void count_states(struct scene *scene, const struct simulation *simulation)
{
    for (uint32_t i = 0; i < 2; i++) {
        const double *const potentials = simulation_state(simulation, i, 0);

        for (uint32_t cell = 0; cell < scene->piece.network.populations[i].size;
             cell++) {
            if (isnan(potentials[cell]) == simulation_has_cell(simulation, i, cell))
                scene->strangers++;
            if (!isnan(potentials[cell]))
                scene->digest += state_file_checksum(cell, &potentials[cell],
                                                     sizeof potentials[cell]);
        }
    }
}

static enum tutti_status simulate(struct scene *scene, struct exchange *exchange,
                                  struct simulation **simulation)
{
    TRY(simulation_open_rank(&scene->piece.network, &scene->piece.part, scene->threads,
                             exchange, simulation));
    if (scene->first > 0)
        TRY(state_restore(*simulation, path));
    while (simulation_step(*simulation) < scene->last) {
        const int64_t step = simulation_step(*simulation);

        TRY(simulation_receive(*simulation, 3, (uint32_t)step % 4, step));
        TRY(simulation_run(*simulation, (step / 5 + 1) * 5));
        count_spikes(scene, *simulation);
    }
    count_states(scene, *simulation);
    return scene->saves ? state_save(*simulation, path) : TUTTI_OK;
}

static bool play_rank(struct exchange **exchange, void *argument)
{
    struct scene *const scene = argument;
    struct simulation *simulation = NULL;
    enum tutti_status status = exchange_wait(*exchange);

    /* Only one that is open can tell the others that memory ran out. */
    if (exchange_rank(*exchange) == 0 && scene->calls >= 0)
        scarce_begin(scene->calls);
    if (status == TUTTI_OK)
        status = exchange_wait(*exchange);
    if (status == TUTTI_OK)
        status = simulate(scene, *exchange, &simulation);
    simulation_close(&simulation);
    if (status == TUTTI_OK) {
        status = exchange_close(exchange);
    } else {
        exchange_give_up(*exchange);
        exchange_close(exchange);
    }
    return status == TUTTI_OK ||
           (scene->calls >= 0 && (status == TUTTI_NO_MEMORY || status == TUTTI_LOST) &&
            strstr(tutti_last_error(), "no memory"));
}

static void play(int ranks, struct scene *scene)
{
    assert_int_equal(piece_describe(text, NULL, 0, &scene->piece), TUTTI_OK);
    crew_play(ranks, play_rank, scene);
    piece_close(&scene->piece);
    assert_int_equal(scene->strangers, 0);
}

static void check_equal(const struct scene *one, const struct scene *other)
{
    assert_int_equal(one->spikes, other->spikes);
    assert_int_equal(one->digest, other->digest);
}

static void ranks_and_threads_do_not_show(void **state)
{
    struct scene whole = {.threads = 1, .last = END, .calls = -1};

    (void)state;
    play(1, &whole);
    assert_true(whole.spikes > 1000);
    for (int ranks = 1; ranks <= 4; ranks *= 2)
        for (uint32_t threads = 1; threads <= 2; threads++) {
            struct scene parts = {.threads = threads, .last = END, .calls = -1};

            play(ranks, &parts);
            check_equal(&parts, &whole);
        }
}

static void a_state_may_be_restored_with_other_ranks(void **state)
{
    struct scene whole = {.threads = 1, .last = END, .calls = -1};

    (void)state;
    play(1, &whole);
    for (int ranks = 1; ranks <= 4; ranks++) {
        struct scene before = {
            .threads = 2, .last = MIDDLE, .saves = true, .calls = -1};
        struct scene after = {.threads = 1, .first = MIDDLE, .last = END, .calls = -1};

        play(ranks, &before);
        play(4 / ranks, &after);
        assert_int_equal(before.spikes + after.spikes, whole.spikes);
    }
}

static void memory_that_runs_out_in_one_rank_ends_all(void **state)
{
    bool has_failed = true;
    int calls = 0;

    (void)state;
    for (; has_failed; calls += 3) {
        struct scene scene = {.threads = 1, .last = 40, .saves = true, .calls = calls};

        play(2, &scene);
        has_failed = scarce_end();
    }
    assert_true(calls > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_and_threads_do_not_show),
        cmocka_unit_test(a_state_may_be_restored_with_other_ranks),
        cmocka_unit_test(memory_that_runs_out_in_one_rank_ends_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
