/* A network on several threads, and with weights of several precisions.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "kernel/drive.h"
#include "kernel/precision.h"
#include "piece.h"

enum { STEPS = 700, E_SIZE = 700, I_SIZE = 190, CELLS = E_SIZE + I_SIZE };

/* A spike in each step, as a flag of its cell: E, then I. */
struct raster {
    unsigned char fired[STEPS][CELLS];
    size_t count;
};

/* Irregular activity; rules by target and by source, weights of one and of both signs,
 * all delays from one step on, an input. */
static void write_network(const char *precision, struct tt_text *text)
{
    tt_text_add(
        text,
        "network: n\nseed: 4\nstep: 0.1 ms\n"
        "populations:\n"
        "  E: {model: iaf_psc_exp, size: %d, initial: {V_m: {normal: {mean: -60 "
        "mV, std: 4 mV}}}, poisson: {rate: 8000 Hz, weight: 32 pA}}\n"
        "  I: {size: %d, like: E}\n"
        "inputs: {in: {size: 2}}\n"
        "projections:\n"
        "- {name: a, from: E, to: E, rule: fixed_indegree, indegree: 50, weight: "
        "24 pA, delay: {uniform: {low: 0.1 ms, high: 4 ms}}, precision: %s}\n"
        "- {name: b, from: E, to: I, rule: fixed_outdegree, outdegree: 20, "
        "weight: 24 pA, delay: 0.7 ms, precision: %s}\n"
        "- {name: c, from: I, to: E, rule: pairwise_bernoulli, p: 0.1, weight: "
        "-64 pA, delay: 1 ms, precision: %s}\n"
        "- {name: d, from: I, to: I, rule: fixed_total_number, N: 5000, "
        "weight: -64 pA, delay: 30 ms, precision: %s}\n"
        "- {name: e, from: in, to: \"E[100:300]\", rule: all_to_all, weight: "
        "256 pA, precision: %s}\n",
        E_SIZE, I_SIZE, precision, precision, precision, precision, precision);
}

static void note(const struct simulation *simulation, int64_t step,
                 struct raster *raster)
{
    for (size_t population = 0; population < 2; population++) {
        const uint32_t *cells;
        const size_t count = simulation_fired(simulation, step, population, &cells);

        for (size_t i = 0; i < count; i++) {
            assert_true(i == 0 || cells[i] > cells[i - 1]);
            raster->fired[step - 1][(population ? E_SIZE : 0) + cells[i]]++;
        }
        raster->count += count;
    }
}

/* Runs `at_once` steps at a time, or fewer. */
static void record(const char *text, uint32_t threads, int64_t at_once,
                   struct raster *raster)
{
    struct piece piece;

    memset(raster, 0, sizeof *raster);
    piece_open_threads(text, threads, &piece);
    for (int64_t step = 3; step <= STEPS; step += 20)
        assert_int_equal(
            simulation_receive(piece.simulation, 2, (uint32_t)(step / 20 % 2), step),
            TUTTI_OK);
    while (simulation_step(piece.simulation) < STEPS) {
        assert_int_equal(simulation_run(piece.simulation,
                                        simulation_step(piece.simulation) + at_once),
                         TUTTI_OK);
        for (int64_t step = simulation_first_step(piece.simulation);
             step <= simulation_step(piece.simulation); step++)
            note(piece.simulation, step, raster);
    }
    piece_close(&piece);
}

static void any_number_of_threads_fires_the_same_spikes(void **state)
{
    static const char *const precisions[] = {"exact", "shared", "single", "packed"};
    static struct raster one, many;

    (void)state;
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
        struct tt_text text = {0};

        write_network(precisions[i], &text);
        record(tt_text_get(&text), 1, 1, &one);
        assert_true(one.count > 1000);
        for (uint32_t threads = 2; threads <= 4; threads++) {
            record(tt_text_get(&text), threads, 1, &many);
            assert_memory_equal(&one, &many, sizeof one);
        }
        tt_text_free(&text);
    }
}

/* All weights of the network are whole numbers of every quantum. */
static void every_precision_gives_the_same_where_it_need_not_round(void **state)
{
    static const char *const precisions[] = {"shared", "single", "packed"};
    static struct raster exact, other;
    struct tt_text text = {0};

    (void)state;
    write_network("exact", &text);
    record(tt_text_get(&text), 2, 1, &exact);
    tt_text_free(&text);
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
        write_network(precisions[i], &text);
        record(tt_text_get(&text), 2, 1, &other);
        assert_memory_equal(&exact, &other, sizeof exact);
        tt_text_free(&text);
    }
}

/* Without the short delays of `a`, a run takes seven steps. */
static void many_steps_at_once_are_the_same_as_one_by_one(void **state)
{
    static struct raster one, many;
    struct tt_text text = {0};
    struct piece piece;

    (void)state;
    write_network("exact", &text);
    memcpy(strstr(text.bytes, "low: 0.1 ms"), "low: 1.0 ms", 11);
    piece_open(tt_text_get(&text), NULL, 0, &piece);
    assert_int_equal(simulation_run(piece.simulation, 100), TUTTI_OK);
    assert_int_equal(simulation_step(piece.simulation), 7);
    piece_close(&piece);
    record(tt_text_get(&text), 2, 1, &one);
    assert_true(one.count > 1000);
    for (uint32_t threads = 1; threads <= 3; threads++) {
        record(tt_text_get(&text), threads, 8, &many);
        assert_memory_equal(&one, &many, sizeof one);
    }
    tt_text_free(&text);
}

static void states_are_in_order_on_any_number_of_threads(void **state)
{
    struct tt_text text = {0};
    struct piece one, many;
    const double *a, *b;

    (void)state;
    write_network("exact", &text);
    piece_open_threads(tt_text_get(&text), 1, &one);
    piece_open_threads(tt_text_get(&text), 3, &many);
    a = simulation_state(one.simulation, 0, 0);
    b = simulation_state(many.simulation, 0, 0);
    assert_memory_equal(a, b, E_SIZE * sizeof *a);
    piece_close(&one);
    piece_close(&many);
    tt_text_free(&text);
}

/* --- precision */

static const char two_sources[] =
    "network: n\nseed: 1\nstep: 0.1 ms\n"
    "populations: {E: {model: iaf_psc_exp, size: 3}}\n"
    "inputs: {in: {size: 2}}\n"
    "projections:\n"
    "- {name: a, from: in, to: E, rule: all_to_all, weight: 100.001 pA, %s}\n"
    "- {name: b, from: in, to: E, rule: all_to_all, weight: 0.01 pA, %s}\n";

/* I_syn_ex after one spike of an input. */
static double arriving(const char *precision_a, const char *precision_b)
{
    struct tt_text text = {0};
    struct piece piece;
    double current;

    tt_text_add(&text, two_sources, precision_a, precision_b);
    piece_open(tt_text_get(&text), NULL, 0, &piece);
    assert_int_equal(simulation_receive(piece.simulation, 1, 1, 1), TUTTI_OK);
    assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
    current = simulation_state(piece.simulation, 0, 1)[2];
    piece_close(&piece);
    tt_text_free(&text);
    return current;
}

static void weights_are_rounded_as_their_precision_says(void **state)
{
    const double exact = network_round_weight(100.001) + network_round_weight(0.01);

    (void)state;
    assert_true(arriving("precision: exact", "precision: exact") == exact);
    assert_true(arriving("precision: shared", "precision: shared") == exact);
    /* The quanta are 2^-8 and 2^-24 pA: 100.001 is more than 2^-9 * 32767. */
    assert_true(arriving("precision: packed", "precision: packed") ==
                25600 * 0x1p-8 + 3 * 0x1p-8);
    assert_float_equal(arriving("precision: single", "precision: single"), exact,
                       0x1p-24);
    assert_true(arriving("precision: single", "precision: single") != exact);
}

static void the_widest_precision_onto_a_receptor_is_that_of_all(void **state)
{
    const double exact = network_round_weight(100.001) + network_round_weight(0.01);
    const double single = arriving("precision: single", "precision: single");

    (void)state;
    assert_true(arriving("precision: packed", "precision: exact") == exact);
    assert_true(arriving("precision: shared", "precision: packed") == exact);
    assert_true(arriving("precision: packed", "precision: single") == single);
}

static void it_is_said_to_which_units_weights_are_rounded(void **state)
{
    struct tt_text text = {0}, lines = {0};
    struct network network;

    (void)state;
    tt_text_add(&text, two_sources, "precision: packed", "precision: packed");
    assert_int_equal(piece_parse(tt_text_get(&text), &network), TUTTI_OK);
    assert_int_equal(precision_write(&network, &lines), TUTTI_OK);
    assert_string_equal(
        tt_text_get(&lines),
        "weights onto receptor excitatory of E are multiples of 0.00390625 pA\n");
    network_free(&network);
    tt_text_free(&text);
    tt_text_free(&lines);
}

static void a_sum_that_overflows_names_cell_and_remedy(void **state)
{
    struct piece piece;
    enum tutti_status status = TUTTI_OK;

    (void)state;
    piece_open("network: n\nseed: 1\nstep: 0.1 ms\n"
               "populations: {E: {model: iaf_psc_exp, size: 3}}\n"
               "inputs: {in: {size: 1}}\n"
               "projections:\n"
               "- {name: a, from: in, to: \"E[1:2]\", rule: all_to_all, weight: -32767 "
               "pA, precision: packed}\n",
               NULL, 0, &piece);
    for (int i = 0; i < 65539 + 1; i++)
        assert_int_equal(simulation_receive(piece.simulation, 1, 0, 1), TUTTI_OK);
    status = simulation_advance(piece.simulation);
    assert_int_equal(status, TUTTI_BAD_CONFIG);
    assert_string_equal(
        tutti_last_error(),
        "population 'E' at 0.1 ms: more arrives at receptor inhibitory of cell 1 in "
        "one "
        "step than a packed sum holds (2.15e+09 pA); give its projections precision: "
        "single");
    piece_close(&piece);
}

static void weights_that_differ_cannot_be_shared(void **state)
{
    struct network network;

    (void)state;
    assert_int_equal(
        piece_parse("network: n\nseed: 1\nstep: 0.1 ms\n"
                    "populations: {E: {model: iaf_psc_exp, size: 3}}\n"
                    "projections:\n"
                    "- {name: a, from: E, to: E, rule: all_to_all, weight: {uniform: "
                    "{low: 1 pA, high: 2 pA}}, delay: 1 ms, precision: shared}\n",
                    &network),
        TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "net.yaml:6:3: projection 'a': precision: shared keeps one "
                        "weight for all synapses, but these differ; use exact, single "
                        "or packed");
    network_free(&network);
}

/* --- drive */

static void many_cells_are_driven_as_each_pack_alone(void **state)
{
    const double rates[] = {0.0, 0.1, 2.0, 30.0, 500.0};

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        for (uint32_t first = 0; first <= 6; first += 2) {
            const uint32_t size = DRIVE_MOST - 11;
            double together[DRIVE_MOST] = {0}, alone[DRIVE_MOST] = {0};
            uint32_t cells[DRIVE_MOST];
            struct random_poisson poisson;

            for (uint32_t k = 0; k < size; k++)
                cells[k] = first + k + k / DEAL_PACK * 192; /* every fourth pack */
            assert_true(
                random_poisson_prepare(rates[i], random_stream(1, "E", "p"), &poisson));
            drive_add(&poisson, INT64_C(5000000123), 0.25, cells, size, together);
            for (uint32_t k = 0; k < size; k += DEAL_PACK)
                random_poisson_add(&poisson, UINT64_C(5000000123), 0.25, cells[k],
                                   size - k < DEAL_PACK ? size - k : DEAL_PACK,
                                   alone + k);
            assert_memory_equal(together, alone, sizeof alone);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_fires_the_same_spikes),
        cmocka_unit_test(every_precision_gives_the_same_where_it_need_not_round),
        cmocka_unit_test(many_steps_at_once_are_the_same_as_one_by_one),
        cmocka_unit_test(states_are_in_order_on_any_number_of_threads),
        cmocka_unit_test(weights_are_rounded_as_their_precision_says),
        cmocka_unit_test(the_widest_precision_onto_a_receptor_is_that_of_all),
        cmocka_unit_test(it_is_said_to_which_units_weights_are_rounded),
        cmocka_unit_test(a_sum_that_overflows_names_cell_and_remedy),
        cmocka_unit_test(weights_that_differ_cannot_be_shared),
        cmocka_unit_test(many_cells_are_driven_as_each_pack_alone),
    };

    return cmocka_run_group_tests_name("shards", tests, NULL, NULL);
}
