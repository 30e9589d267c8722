/* Each allocation of a network that is built and run fails once, and is told. The
 * linker hands every call of lib/base/memory.c from outside to the functions here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/status.h"
#include "piece.h"

/* Calls that still succeed; below zero: all do. The linker's hook has no argument that
 * could carry it. */
static atomic_int calls_left = -1;

void *__real_tt_alloc(size_t size);
void *__real_tt_alloc_array(size_t count, size_t size);
enum tutti_status __real_tt_grow(void *array, size_t *room, size_t needed, size_t size);
void *__wrap_tt_alloc(size_t size);
void *__wrap_tt_alloc_array(size_t count, size_t size);
enum tutti_status __wrap_tt_grow(void *array, size_t *room, size_t needed, size_t size);

static bool fails_now(void)
{
    return atomic_load(&calls_left) >= 0 && atomic_fetch_sub(&calls_left, 1) == 0;
}

void *__wrap_tt_alloc(size_t size)
{
    return fails_now() ? NULL : __real_tt_alloc(size);
}

void *__wrap_tt_alloc_array(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_tt_alloc_array(count, size);
}

enum tutti_status __wrap_tt_grow(void *array, size_t *room, size_t needed, size_t size)
{
    if (needed > *room && fails_now())
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu elements of %zu bytes", needed,
                    size);
    return __real_tt_grow(array, room, needed, size);
}

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
    "- {name: e, from: D, to: E, rule: all_to_all, weight: 1, delay: 1 ms}\n";

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
            atomic_store(&calls_left, calls);
            status = build_and_run(&piece, threads);
            has_failed = atomic_load(&calls_left) < 0;
            atomic_store(&calls_left, -1);
            assert_int_equal(status, has_failed ? TUTTI_NO_MEMORY : TUTTI_OK);
            if (has_failed)
                assert_non_null(strstr(tutti_last_error(), "no memory"));
            simulation_close(&piece.simulation);
        }
        assert_true(calls > 60);
        piece_close(&piece);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allocation_that_fails_ends_in_a_sentence),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
