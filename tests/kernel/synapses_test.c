/* Weights and delays of synapses, and that nothing depends on who else is drawn.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "kernel/network.h"
#include "kernel/rules.h"
#include "piece.h"

/* A projection of a network and the synapses of an anchor. */
struct opened {
    struct network network;
    const struct network_projection *projection;
    struct rules_room room;
};

static void open_projection(struct opened *opened, const char *projection)
{
    char text[1000];

    snprintf(text, sizeof text,
             "network: n\n"
             "seed: 3\n"
             "step: 0.1 ms\n"
             "populations:\n"
             "  A: {model: iaf_psc_exp, size: 1000}\n"
             "  B: {model: iaf_psc_exp, size: 1000}\n"
             "projections:\n"
             "- {name: p, %s}\n",
             projection);
    if (piece_parse(text, &opened->network) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    opened->projection = &opened->network.projections[0];
    if (rules_open(&opened->network, opened->projection, &opened->room) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
}

static void close_projection(struct opened *opened)
{
    rules_close(&opened->room);
    network_free(&opened->network);
}

static void draw_anchor(struct opened *opened, uint32_t anchor)
{
    rules_draw_partners(&opened->room, anchor);
    rules_draw_synapses(&opened->room, anchor);
}

static void lists_of_all_to_all_go_from_target_to_target(void **state)
{
    struct opened opened;

    (void)state;
    open_projection(
        &opened, "from: \"A[0:2]\", to: \"A[1:4]\", rule: all_to_all, allow_autapses: "
                 "false, weight: [1 pA, 2 pA, 3 pA, 4 pA, 5 pA, -6 pA], delay: [0.1 "
                 "ms, 0.2 ms, 0.3 ms, 0.4 ms, 0.5 ms, 0.6 ms]");
    draw_anchor(&opened, 1); /* has the value 2 pA, that of its autapse, left out */
    assert_int_equal(opened.room.count, 1);
    assert_true(opened.room.partners[0] == 0 && opened.room.weights[0] == 1.0 &&
                opened.room.delays[0] == 1);
    draw_anchor(&opened, 3);
    assert_int_equal(opened.room.count, 2);
    assert_true(opened.room.partners[1] == 1 && opened.room.weights[1] == -6.0);
    assert_true(opened.room.weights[0] == 5.0 && opened.room.delays[0] == 5 &&
                opened.room.delays[1] == 6);
    assert_int_equal(opened.projection->delay_low, 1);
    assert_int_equal(opened.projection->delay_steps, 6);
    assert_false(rules_has_one_weight(opened.projection));
    close_projection(&opened);
}

static void lists_of_one_to_one_go_from_pair_to_pair(void **state)
{
    struct opened opened;

    (void)state;
    open_projection(
        &opened, "from: \"A[0:2]\", to: \"A[7:9]\", rule: one_to_one, weight: [1 pA, 2 "
                 "pA], delay: 1 ms");
    draw_anchor(&opened, 8);
    assert_true(opened.room.count == 1 && opened.room.partners[0] == 1 &&
                opened.room.weights[0] == 2.0);
    assert_int_equal(opened.room.delays[0], 10);
    close_projection(&opened);
}

static void pairs_have_their_weights_and_delays_from_the_same_places(void **state)
{
    struct opened opened;

    (void)state;
    open_projection(
        &opened, "from: A, to: \"B[5:9]\", rule: pairs, pairs: [[3, 7], [9, 5], [3, "
                 "7], [1, 7]], weight: [1 pA, 2 pA, 3 pA, 4 pA], delay: [1 ms, 2 ms, 3 "
                 "ms, 4 ms]");
    assert_true(rules_synapse_count(opened.projection, 4) == 4.0);
    draw_anchor(&opened, 6);
    assert_int_equal(opened.room.count, 0);
    draw_anchor(&opened, 7);
    assert_int_equal(opened.room.count, 3);
    assert_true(opened.room.partners[0] == 3 && opened.room.weights[0] == 1.0);
    assert_true(opened.room.partners[1] == 3 && opened.room.weights[1] == 3.0);
    assert_true(opened.room.partners[2] == 1 && opened.room.weights[2] == 4.0);
    assert_int_equal(opened.room.delays[2], 40);
    draw_anchor(&opened, 5);
    assert_true(opened.room.count == 1 && opened.room.partners[0] == 9 &&
                opened.room.delays[0] == 20);
    close_projection(&opened);
}

static void drawn_weights_are_rounded_to_two_to_the_minus_32(void **state)
{
    double mean = 0.0, square = 0.0, smallest, largest;
    struct opened opened;

    (void)state;
    open_projection(
        &opened, "from: A, to: B, rule: fixed_indegree, indegree: 10000, delay: 1 ms, "
                 "weight: {normal: {mean: 40 pA, std: 4 pA}, min: 30 pA, bounds: "
                 "clip}");
    rules_weight_bounds(opened.projection, &smallest, &largest);
    assert_true(smallest == 30.0 && largest > 60.0 && largest < 70.0);
    draw_anchor(&opened, 0);
    for (uint32_t i = 0; i < opened.room.count; i++) {
        assert_true(fmod(opened.room.weights[i], 0x1p-32) == 0.0);
        assert_true(opened.room.weights[i] >= smallest &&
                    opened.room.weights[i] <= largest);
        mean += opened.room.weights[i] / opened.room.count;
        square += (opened.room.weights[i] - 40.0) * (opened.room.weights[i] - 40.0) /
                  opened.room.count;
    }
    /* Four standard errors; clipping at 2.5 std moves mean and spread by 1 %. */
    assert_true(fabs(mean - 40.0) < 4 * 4.0 / 100.0 + 0.01);
    assert_true(fabs(square / 16.0 - 1.0) < 4 * sqrt(2.0) / 100.0 + 0.02);
    close_projection(&opened);
}

static void drawn_delays_are_rounded_to_the_nearest_step(void **state)
{
    uint32_t seen[9] = {0};
    struct opened opened;

    (void)state;
    open_projection(
        &opened, "from: A, to: B, rule: fixed_indegree, indegree: 60000, weight: 1 pA, "
                 "delay: {uniform: {low: 0.5 ms, high: 0.8 ms}}");
    draw_anchor(&opened, 0);
    for (uint32_t i = 0; i < opened.room.count; i++)
        seen[opened.room.delays[i] < 9 ? opened.room.delays[i] : 0]++;
    /* NEST 3.10 gives these numbers too: the first and the last step get half. */
    assert_int_equal(seen[5] + seen[6] + seen[7] + seen[8], 60000);
    /* Four standard deviations of a binomial number. */
    for (size_t step = 5; step <= 8; step++) {
        const double p = step == 5 || step == 8 ? 1.0 / 6 : 1.0 / 3;

        assert_true(fabs(seen[step] - 60000 * p) < 4 * sqrt(60000 * p * (1 - p)));
    }
    close_projection(&opened);
}

static void drawn_delays_are_at_least_one_step(void **state)
{
    static const char *const bounds[] = {"redraw", "clip"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct opened opened;
        uint32_t smallest = 0;
        char text[200];

        snprintf(text, sizeof text,
                 "from: A, to: B, rule: fixed_indegree, indegree: 10000, weight: 1 pA, "
                 "delay: {normal: {mean: 0.2 ms, std: 0.2 ms}, bounds: %s}",
                 bounds[k]);
        open_projection(&opened, text);
        draw_anchor(&opened, 0);
        for (uint32_t i = 0; i < opened.room.count; i++) {
            assert_true(opened.room.delays[i] >= 1);
            smallest += opened.room.delays[i] == 1;
        }
        /* Of the normal values 22.7 % lie below half a step, 17.5 % above it within a
         * step. */
        assert_true(fabs(smallest / 1e4 - (k ? 0.4013 : 0.1747 / 0.7734)) < 0.02);
        assert_int_equal(opened.projection->delay_low, 1);
        close_projection(&opened);
    }
}

#define VALUES                                                                         \
    ", weight: {normal: {mean: 0 pA, std: 5 pA}}, delay: {exponential: {beta: 1 ms}}"

static const char *const every_rule[] = {
    "rule: fixed_indegree, indegree: 70" VALUES,
    "rule: fixed_indegree, indegree: 70, allow_multapses: false" VALUES,
    "rule: fixed_indegree, indegree: 900, allow_multapses: false" VALUES,
    "rule: fixed_outdegree, outdegree: 70" VALUES,
    "rule: fixed_outdegree, outdegree: 700, allow_multapses: false" VALUES,
    "rule: fixed_total_number, N: 70000" VALUES,
    "rule: pairwise_bernoulli, p: 0.1, allow_autapses: false" VALUES,
    "rule: all_to_all" VALUES,
    "rule: one_to_one" VALUES,
    "rule: pairs, pairs: [[1, 5], [999, 5], [5, 0], [7, 500]]" VALUES,
};

static void check_same(const struct rules_room *one, const struct rules_room *other)
{
    assert_int_equal(one->count, other->count);
    assert_memory_equal(one->partners, other->partners,
                        one->count * sizeof *one->partners);
    assert_memory_equal(one->weights, other->weights,
                        one->count * sizeof *one->weights);
    assert_memory_equal(one->delays, other->delays, one->count * sizeof *one->delays);
}

static void an_anchor_has_the_same_synapses_alone_and_after_all_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof every_rule / sizeof *every_rule; i++) {
        struct opened used, fresh;
        char text[200];

        snprintf(text, sizeof text, "from: A, to: A, %s", every_rule[i]);
        open_projection(&used, text);
        for (uint32_t anchor = 999; anchor > 5; anchor--)
            draw_anchor(&used, anchor);
        draw_anchor(&used, 5);
        draw_anchor(&used, 5); /* twice */
        open_projection(&fresh, text);
        draw_anchor(&fresh, 5);
        check_same(&used.room, &fresh.room);
        close_projection(&used);
        close_projection(&fresh);
    }
}

enum { SOURCES = 40, TARGETS = 30, BORDER = 11, STEPS = 120, CURRENTS = 2 };

/* The synaptic currents of all targets in all steps. */
struct currents {
    double of[STEPS][TARGETS][CURRENTS];
};

/* Each source fires once, in a step of its own. Cells below `begin` are not owned. */
static void run_part(const char *text, const char *owns, uint32_t begin, uint32_t size,
                     struct currents *currents)
{
    struct piece piece;

    piece_open(text, &owns, owns != NULL, &piece);
    for (uint32_t source = 0; source < SOURCES; source++)
        assert_int_equal(simulation_receive(piece.simulation, 1, source, source),
                         TUTTI_OK);
    for (size_t step = 0; step < STEPS; step++) {
        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        for (size_t k = 0; k < CURRENTS; k++)
            for (uint32_t i = 0; i < size; i++)
                currents->of[step][begin + i][k] =
                    simulation_state(piece.simulation, 0, 1 + k)[i];
    }
    piece_close(&piece);
}

static void parts_of_a_network_get_the_synapses_of_the_whole(void **state)
{
    static const char *const rules[] = {
        "rule: fixed_indegree, indegree: 10",
        "rule: fixed_indegree, indegree: 10, allow_multapses: false",
        "rule: fixed_indegree, indegree: 39, allow_multapses: false",
        "rule: fixed_outdegree, outdegree: 10",
        "rule: fixed_outdegree, outdegree: 20, allow_multapses: false",
        "rule: fixed_total_number, N: 300",
        "rule: pairwise_bernoulli, p: 0.3",
        "rule: all_to_all",
        "rule: pairs, pairs: [[1, 5], [39, 5], [5, 29], [7, 11], [0, 10]]",
    };
    struct currents *const whole = tt_alloc(sizeof *whole);
    struct currents *const parts = tt_alloc(sizeof *parts);

    (void)state;
    assert_true(whole && parts);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        double sum = 0.0;
        char text[500];

        snprintf(text, sizeof text,
                 "network: n\nseed: 1\nstep: 0.1 ms\n"
                 "populations: {E: {model: iaf_psc_exp, size: %d}}\n"
                 "inputs: {in: {size: %d}}\n"
                 "projections: [{name: p, from: in, to: E, %s" VALUES "}]\n",
                 TARGETS, SOURCES, rules[i]);
        run_part(text, NULL, 0, TARGETS, whole);
        run_part(text, "E=0:11", 0, BORDER, parts);
        run_part(text, "E=11:30", BORDER, TARGETS - BORDER, parts);
        assert_memory_equal(whole, parts, sizeof *whole);
        for (uint32_t k = 0; k < TARGETS; k++)
            sum += fabs(whole->of[STEPS - 1][k][0]);
        assert_true(sum > 0.0);
    }
    free(whole);
    free(parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_all_to_all_go_from_target_to_target),
        cmocka_unit_test(lists_of_one_to_one_go_from_pair_to_pair),
        cmocka_unit_test(pairs_have_their_weights_and_delays_from_the_same_places),
        cmocka_unit_test(drawn_weights_are_rounded_to_two_to_the_minus_32),
        cmocka_unit_test(drawn_delays_are_rounded_to_the_nearest_step),
        cmocka_unit_test(drawn_delays_are_at_least_one_step),
        cmocka_unit_test(an_anchor_has_the_same_synapses_alone_and_after_all_others),
        cmocka_unit_test(parts_of_a_network_get_the_synapses_of_the_whole),
    };

    return cmocka_run_group_tests_name("synapses", tests, NULL, NULL);
}
