/* Each allocation of a network that is built, run, saved and restored fails once, and
 * is told. SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "kernel/state.h"
#include "piece.h"
#include "scarce.h"

static const char text[] =
    "network: n\nseed: 1\nstep: 0.1 ms\n"
    "populations:\n"
    "  E: {model: iaf_psc_exp, size: 130, poisson: {rate: 8 kHz, weight: 80 pA}}\n"
    "  G: {model: spike_generator, size: 1, parameters: {spike_times: [1 ms]}}\n"
    "  D: {model: dc_generator, size: 1, parameters: {amplitude: 100 pA}}\n"
    "inputs: {in: {size: 1}}\n"
    "projections:\n"
    "- {name: a, from: E, to: E, rule: fixed_indegree, indegree: 5, weight: 24 pA, "
    "delay: {uniform: {low: 0.5 ms, high: 9 ms}}}\n"
    "- {name: b, from: E, to: E, rule: fixed_outdegree, outdegree: 5, weight: -24 pA, "
    "delay: 0.7 ms, precision: packed}\n"
    "- {name: c, from: in, to: E, rule: all_to_all, weight: 2 pA, precision: shared}\n"
    "- {name: d, from: G, to: E, rule: all_to_all, weight: 2 pA, delay: 1 ms}\n"
    "- {name: e, from: D, to: E, rule: all_to_all, weight: 1, delay: 1 ms}\n"
    "- {name: f, from: E, to: E, rule: fixed_indegree, indegree: 5, weight: 9 pA, "
    "delay: {uniform: {low: 0.5 ms, high: 9 ms}}, synapse: {model: stdp_synapse}}\n"
    "- {name: g, from: E, to: E, rule: one_to_one, weight: 9 pA, delay: 1 ms, synapse: "
    "{model: tsodyks_synapse}}\n";

static enum tutti_status build_and_run(struct piece *piece, uint32_t threads)
{
    TRY(simulation_open_threads(&piece->network, &piece->part, threads,
                                &piece->simulation));
    TRY(simulation_receive(piece->simulation, 3, 0, 200));
    while (simulation_step(piece->simulation) < 60)
        TRY(simulation_run(piece->simulation, 60));
    return TUTTI_OK;
}

static void an_allocation_that_fails_ends_in_a_sentence(void **state)
{
    (void)state;
    for (uint32_t threads = 1; threads <= 2; threads++) {
        struct piece piece;
        bool has_failed = true;
        int calls = 0;

        assert_int_equal(piece_describe(text, NULL, 0, &piece), TUTTI_OK);
        for (; has_failed; calls++) {
            enum tutti_status status;

            tt_set_error("%s", "");
            scarce_begin(calls);
            status = build_and_run(&piece, threads);
            has_failed = scarce_end();
            assert_int_equal(status, has_failed ? TUTTI_NO_MEMORY : TUTTI_OK);
            if (has_failed)
                assert_non_null(strstr(tutti_last_error(), "no memory"));
            simulation_close(&piece.simulation);
        }
        assert_true(calls > 60);
        piece_close(&piece);
    }
}

static const char path[] = "kernel_memory_test.state";

static enum tutti_status save(struct piece *piece)
{
    return state_save(piece->simulation, path);
}

/* Into a simulation that is new, which is built whatever happens. */
static enum tutti_status restore(struct piece *piece)
{
    return state_restore(piece->simulation, path);
}

static void fail_each_call(struct piece *piece,
                           enum tutti_status (*work)(struct piece *piece))
{
    bool has_failed = true;

    for (int calls = 0; has_failed; calls++) {
        enum tutti_status status;

        if (work == restore) {
            simulation_close(&piece->simulation);
            assert_int_equal(simulation_open_threads(&piece->network, &piece->part, 2,
                                                     &piece->simulation),
                             TUTTI_OK);
        }
        tt_set_error("%s", "");
        scarce_begin(calls);
        status = work(piece);
        has_failed = scarce_end();
        assert_int_equal(status, has_failed ? TUTTI_NO_MEMORY : TUTTI_OK);
        if (has_failed)
            assert_non_null(strstr(tutti_last_error(), "no memory"));
    }
}

static void saving_and_restoring_without_memory_end_in_a_sentence(void **state)
{
    struct piece piece;

    (void)state;
    assert_int_equal(piece_describe(text, NULL, 0, &piece), TUTTI_OK);
    assert_int_equal(build_and_run(&piece, 2), TUTTI_OK);
    fail_each_call(&piece, save);
    fail_each_call(&piece, restore);
    assert_int_equal(simulation_step(piece.simulation), 60);
    piece_close(&piece);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allocation_that_fails_ends_in_a_sentence),
        cmocka_unit_test(saving_and_restoring_without_memory_end_in_a_sentence),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
