/* Which synapses the rules draw: exact numbers where a rule fixes them, chi-square
 * tests where it leaves them to chance. Everything is seeded: a test that passes once
 * always does. A bound is four standard deviations beyond the mean of chi-square, which
 * about one seed in ten thousand would break. SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "kernel/network.h"
#include "kernel/rules.h"
#include "piece.h"

enum { MOST_CELLS = 1000 };

/* A projection of a network and the synapses that it drew. */
struct drawn {
    struct network network;
    const struct network_projection *projection;
    uint32_t sources, targets; /* sizes of the ranges */
    uint32_t total;
    uint32_t outdegrees[MOST_CELLS], indegrees[MOST_CELLS];
    uint32_t pairs[MOST_CELLS * MOST_CELLS]; /* source by source */
};

static void open_network(struct drawn *drawn, const char *projection)
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
    if (piece_parse(text, &drawn->network) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    drawn->projection = &drawn->network.projections[0];
}

#define CONSTANTS ", weight: 1 pA, delay: 1 ms"

static struct network_range anchors(const struct drawn *drawn)
{
    return drawn->projection->rule->is_by_source ? drawn->projection->from
                                                 : drawn->projection->to;
}

static void open_room(const struct drawn *drawn, struct rules_room *room)
{
    if (rules_open(&drawn->network, drawn->projection, room) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
}

static void count(struct drawn *drawn, uint32_t source, uint32_t target)
{
    source -= drawn->projection->from.begin;
    target -= drawn->projection->to.begin;
    assert_true(source < drawn->sources && target < drawn->targets);
    drawn->total++;
    drawn->outdegrees[source]++;
    drawn->indegrees[target]++;
    drawn->pairs[source * drawn->targets + target]++;
}

/* Draws all synapses of a projection and counts them. */
static void draw(struct drawn *drawn, const char *projection)
{
    struct rules_room room;

    memset(drawn, 0, sizeof *drawn);
    open_network(drawn, projection);
    drawn->sources = network_range_size(drawn->projection->from);
    drawn->targets = network_range_size(drawn->projection->to);
    open_room(drawn, &room);
    for (uint32_t anchor = anchors(drawn).begin; anchor < anchors(drawn).end;
         anchor++) {
        rules_draw_partners(&room, anchor);
        for (uint32_t i = 0; i < room.count; i++)
            if (drawn->projection->rule->is_by_source)
                count(drawn, anchor, room.partners[i]);
            else
                count(drawn, room.partners[i], anchor);
    }
    rules_close(&room);
    network_free(&drawn->network);
}

/* Whether counts that should have this mean and variance do. */
static void check_counts(const uint32_t *counts, uint32_t size, double mean,
                         double variance)
{
    double chi_square = 0.0;

    for (uint32_t i = 0; i < size; i++)
        chi_square += (counts[i] - mean) * (counts[i] - mean) / variance;
    if (fabs(chi_square - size) > 4.0 * sqrt(2.0 * size))
        fail_msg("chi-square is %g with %u degrees of freedom", chi_square, size);
}

static void check_all_equal(const uint32_t *counts, uint32_t size, uint32_t expected)
{
    for (uint32_t i = 0; i < size; i++)
        assert_int_equal(counts[i], expected);
}

static uint32_t most(const uint32_t *counts, size_t size)
{
    uint32_t largest = 0;

    for (size_t i = 0; i < size; i++)
        largest = counts[i] > largest ? counts[i] : largest;
    return largest;
}

/* Each of `draws` falls on a cell of `cells` with the same chance. */
static void check_multinomial(const uint32_t *counts, uint32_t cells, double draws)
{
    const double p = 1.0 / cells;

    check_counts(counts, cells, draws * p, draws * p * (1.0 - p));
}

static void check_no_autapses(const struct drawn *drawn)
{
    for (uint32_t i = 0; i < drawn->sources && i < drawn->targets; i++)
        assert_int_equal(drawn->pairs[i * drawn->targets + i], 0);
}

/* --- fixed_indegree, fixed_outdegree
 * --------------------------------------------------- */

static void each_target_draws_its_indegree_from_all_sources_alike(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn, "from: A, to: B, rule: fixed_indegree, indegree: 100" CONSTANTS);
    check_all_equal(drawn->indegrees, drawn->targets, 100);
    check_multinomial(drawn->outdegrees, drawn->sources, 100.0 * drawn->targets);
    /* Pairs are as frequent as chance makes them, multapses included. */
    check_multinomial(drawn->pairs, drawn->sources * drawn->targets, drawn->total);
}

static void each_source_draws_its_outdegree_from_all_targets_alike(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn, "from: A, to: B, rule: fixed_outdegree, outdegree: 100" CONSTANTS);
    check_all_equal(drawn->outdegrees, drawn->sources, 100);
    check_multinomial(drawn->indegrees, drawn->targets, 100.0 * drawn->sources);
    check_multinomial(drawn->pairs, drawn->sources * drawn->targets, drawn->total);
}

/* Of `draws` different ones among `cells`, once for each of `times`. */
static void check_without_multapses(const struct drawn *drawn, const uint32_t *counts,
                                    uint32_t cells, uint32_t draws, uint32_t times)
{
    const double p = (double)draws / cells;

    assert_int_equal(most(drawn->pairs, (size_t)drawn->sources * drawn->targets), 1);
    /* Counts of all cells have a fixed sum: their spread is as much larger. */
    check_counts(counts, cells, times * p, times * p * (1.0 - p) * cells / (cells - 1));
}

static void without_multapses_a_few_partners_are_drawn_once_each(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn, "from: A, to: B, rule: fixed_indegree, indegree: 300, allow_multapses: "
                "false" CONSTANTS);
    check_all_equal(drawn->indegrees, drawn->targets, 300);
    check_without_multapses(drawn, drawn->outdegrees, drawn->sources, 300,
                            drawn->targets);
    draw(drawn,
         "from: A, to: B, rule: fixed_outdegree, outdegree: 300, allow_multapses: "
         "false" CONSTANTS);
    check_all_equal(drawn->outdegrees, drawn->sources, 300);
    check_without_multapses(drawn, drawn->indegrees, drawn->targets, 300,
                            drawn->sources);
}

static void without_multapses_most_partners_are_drawn_once_each(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn, "from: A, to: B, rule: fixed_indegree, indegree: 800, allow_multapses: "
                "false" CONSTANTS);
    check_all_equal(drawn->indegrees, drawn->targets, 800);
    check_without_multapses(drawn, drawn->outdegrees, drawn->sources, 800,
                            drawn->targets);
    draw(drawn, "from: \"A[0:50]\", to: A, rule: fixed_indegree, indegree: 50, "
                "allow_multapses: false" CONSTANTS);
    check_all_equal(drawn->pairs, drawn->sources * drawn->targets, 1);
}

static void without_autapses_all_others_are_drawn_alike(void **state)
{
    struct drawn *const drawn = *state;
    static const char *const rules[] = {
        "rule: fixed_indegree, indegree: 9000",
        "rule: fixed_outdegree, outdegree: 9000",
        "rule: fixed_total_number, N: 90000",
    };

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char text[200];
        uint32_t others[90], size = 0;

        snprintf(text, sizeof text,
                 "from: \"A[0:10]\", to: \"A[0:10]\", %s, allow_autapses: "
                 "false" CONSTANTS,
                 rules[i]);
        draw(drawn, text);
        check_no_autapses(drawn);
        assert_int_equal(drawn->total, 90000);
        for (uint32_t k = 0; k < 100; k++)
            if (k % 11 != 0)
                others[size++] = drawn->pairs[k];
        check_multinomial(others, size, 90000.0);
    }
}

static void without_autapses_and_multapses_every_other_cell_may_be_needed(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn,
         "from: \"A[0:30]\", to: \"A[0:30]\", rule: fixed_indegree, indegree: 29, "
         "allow_autapses: false, allow_multapses: false" CONSTANTS);
    check_no_autapses(drawn);
    check_all_equal(drawn->outdegrees, 30, 29);
    draw(drawn,
         "from: \"A[0:30]\", to: \"A[0:30]\", rule: fixed_outdegree, outdegree: 5, "
         "allow_autapses: false, allow_multapses: false" CONSTANTS);
    check_no_autapses(drawn);
    check_all_equal(drawn->outdegrees, 30, 5);
    assert_int_equal(most(drawn->pairs, 900), 1);
}

/* --- fixed_total_number
 * ---------------------------------------------------------------- */

static void the_total_number_is_exact_and_falls_on_all_pairs_alike(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn,
         "from: A, to: \"B[100:700]\", rule: fixed_total_number, N: 654321" CONSTANTS);
    assert_int_equal(drawn->total, 654321);
    check_multinomial(drawn->outdegrees, drawn->sources, drawn->total);
    check_multinomial(drawn->indegrees, drawn->targets, drawn->total);
    check_multinomial(drawn->pairs, drawn->sources * drawn->targets, drawn->total);
}

static void a_total_number_of_one_is_one_synapse(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn, "from: A, to: B, rule: fixed_total_number, N: 1" CONSTANTS);
    assert_int_equal(drawn->total, 1);
}

static void
sources_that_are_targets_get_fewer_of_the_total_without_autapses(void **state)
{
    struct drawn *const drawn = *state;
    uint32_t allowed[70], size = 0;

    draw(drawn,
         "from: \"A[0:8]\", to: \"A[5:14]\", rule: fixed_total_number, N: 69000, "
         "allow_autapses: false" CONSTANTS);
    assert_int_equal(drawn->total, 69000);
    for (uint32_t source = 0; source < 8; source++)
        for (uint32_t target = 5; target < 14; target++)
            if (source != target)
                allowed[size++] = drawn->pairs[source * 9 + target - 5];
            else
                assert_int_equal(drawn->pairs[source * 9 + target - 5], 0);
    assert_int_equal(size, 69);
    check_multinomial(allowed, size, 69000.0);
}

/* --- pairwise_bernoulli, all_to_all, one_to_one
 * ----------------------------------------- */

static void pairs_are_connected_with_their_probability_and_never_twice(void **state)
{
    struct drawn *const drawn = *state;
    static const double ps[] = {0.002, 0.1, 0.7};

    for (size_t i = 0; i < sizeof ps / sizeof *ps; i++) {
        const double p = ps[i], pairs = 1e6;
        char text[200];

        snprintf(text, sizeof text,
                 "from: A, to: B, rule: pairwise_bernoulli, p: %g" CONSTANTS, p);
        draw(drawn, text);
        assert_int_equal(most(drawn->pairs, 1000000), 1);
        assert_true(fabs(drawn->total - pairs * p) < 4.0 * sqrt(pairs * p * (1.0 - p)));
        /* Degrees are binomial: so pairs are independent of their neighbours. */
        check_counts(drawn->indegrees, 1000, 1000 * p, 1000 * p * (1.0 - p));
        check_counts(drawn->outdegrees, 1000, 1000 * p, 1000 * p * (1.0 - p));
    }
}

static void probabilities_of_0_and_1_connect_nobody_and_everybody(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn, "from: A, to: B, rule: pairwise_bernoulli, p: 0" CONSTANTS);
    assert_int_equal(drawn->total, 0);
    draw(drawn,
         "from: A, to: \"A[0:300]\", rule: pairwise_bernoulli, p: 1, allow_autapses: "
         "false" CONSTANTS);
    check_no_autapses(drawn);
    assert_int_equal(drawn->total, 1000 * 300 - 300);
    assert_int_equal(most(drawn->pairs, 300000), 1);
}

static void without_autapses_probabilities_of_all_other_pairs_stay(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn, "from: A, to: A, rule: pairwise_bernoulli, p: 0.3, allow_autapses: "
                "false" CONSTANTS);
    check_no_autapses(drawn);
    check_counts(drawn->indegrees, 1000, 999 * 0.3, 999 * 0.3 * 0.7);
    check_counts(drawn->outdegrees, 1000, 999 * 0.3, 999 * 0.3 * 0.7);
}

static void all_to_all_and_one_to_one_connect_what_their_names_say(void **state)
{
    struct drawn *const drawn = *state;

    draw(drawn, "from: \"A[3:7]\", to: \"A[5:10]\", rule: all_to_all" CONSTANTS);
    check_all_equal(drawn->pairs, 20, 1);
    draw(drawn, "from: \"A[0:9]\", to: \"A[0:9]\", rule: all_to_all, allow_autapses: "
                "false" CONSTANTS);
    check_no_autapses(drawn);
    assert_int_equal(drawn->total, 72);
    draw(drawn, "from: \"A[3:7]\", to: \"A[5:9]\", rule: one_to_one" CONSTANTS);
    for (uint32_t i = 0; i < 16; i++)
        assert_int_equal(drawn->pairs[i], i % 5 == 0);
    draw(drawn, "from: A, to: A, rule: one_to_one, allow_autapses: false" CONSTANTS);
    assert_int_equal(drawn->total, 0);
}

/* --- weights and delays
 * ---------------------------------------------------------------- */

/* The synapses of one anchor of a network just opened. */
static void draw_anchor(struct rules_room *room, uint32_t anchor)
{
    rules_draw_partners(room, anchor);
    rules_draw_synapses(room, anchor);
}

static void lists_of_all_to_all_go_from_target_to_target(void **state)
{
    struct drawn *const drawn = *state;
    struct rules_room room;

    open_network(drawn,
                 "from: \"A[0:2]\", to: \"A[1:4]\", rule: all_to_all, allow_autapses: "
                 "false, weight: [1 pA, 2 pA, 3 pA, 4 pA, 5 pA, -6 pA], delay: [0.1 "
                 "ms, 0.2 ms, 0.3 ms, 0.4 ms, 0.5 ms, 0.6 ms]");
    open_room(drawn, &room);
    draw_anchor(&room, 1); /* has the value 2 pA, that of its autapse, left out */
    assert_int_equal(room.count, 1);
    assert_true(room.partners[0] == 0 && room.weights[0] == 1.0 && room.delays[0] == 1);
    draw_anchor(&room, 3);
    assert_int_equal(room.count, 2);
    assert_true(room.partners[1] == 1 && room.weights[1] == -6.0);
    assert_true(room.weights[0] == 5.0 && room.delays[0] == 5 && room.delays[1] == 6);
    assert_int_equal(drawn->projection->delay_low, 1);
    assert_int_equal(drawn->projection->delay_steps, 6);
    assert_false(rules_has_one_weight(drawn->projection));
    rules_close(&room);
    network_free(&drawn->network);
}

static void lists_of_one_to_one_go_from_pair_to_pair(void **state)
{
    struct drawn *const drawn = *state;
    struct rules_room room;

    open_network(drawn,
                 "from: \"A[0:2]\", to: \"A[7:9]\", rule: one_to_one, weight: [1 pA, 2 "
                 "pA], delay: 1 ms");
    open_room(drawn, &room);
    draw_anchor(&room, 8);
    assert_true(room.count == 1 && room.partners[0] == 1 && room.weights[0] == 2.0);
    assert_int_equal(room.delays[0], 10);
    rules_close(&room);
    network_free(&drawn->network);
}

static void pairs_have_their_weights_and_delays_from_the_same_places(void **state)
{
    struct drawn *const drawn = *state;
    struct rules_room room;

    open_network(drawn,
                 "from: A, to: \"B[5:9]\", rule: pairs, pairs: [[3, 7], [9, 5], [3, "
                 "7], [1, 7]], weight: [1 pA, 2 pA, 3 pA, 4 pA], delay: [1 ms, 2 ms, 3 "
                 "ms, 4 ms]");
    assert_true(rules_synapse_count(drawn->projection, 4) == 4.0);
    open_room(drawn, &room);
    draw_anchor(&room, 6);
    assert_int_equal(room.count, 0);
    draw_anchor(&room, 7);
    assert_int_equal(room.count, 3);
    assert_true(room.partners[0] == 3 && room.weights[0] == 1.0);
    assert_true(room.partners[1] == 3 && room.weights[1] == 3.0);
    assert_true(room.partners[2] == 1 && room.weights[2] == 4.0);
    assert_int_equal(room.delays[2], 40);
    draw_anchor(&room, 5);
    assert_true(room.count == 1 && room.partners[0] == 9 && room.delays[0] == 20);
    rules_close(&room);
    network_free(&drawn->network);
}

static void drawn_weights_are_rounded_to_two_to_the_minus_32(void **state)
{
    struct drawn *const drawn = *state;
    double mean = 0.0, square = 0.0, smallest, largest;
    struct rules_room room;

    open_network(drawn,
                 "from: A, to: B, rule: fixed_indegree, indegree: 10000, delay: 1 ms, "
                 "weight: {normal: {mean: 40 pA, std: 4 pA}, min: 30 pA, bounds: "
                 "clip}");
    rules_weight_bounds(drawn->projection, &smallest, &largest);
    assert_true(smallest == 30.0 && largest > 60.0 && largest < 70.0);
    open_room(drawn, &room);
    draw_anchor(&room, 0);
    for (uint32_t i = 0; i < room.count; i++) {
        assert_true(fmod(room.weights[i], 0x1p-32) == 0.0);
        assert_true(room.weights[i] >= smallest && room.weights[i] <= largest);
        mean += room.weights[i] / room.count;
        square += (room.weights[i] - 40.0) * (room.weights[i] - 40.0) / room.count;
    }
    /* Four standard errors; clipping at 2.5 std moves mean and spread by 1 %. */
    assert_true(fabs(mean - 40.0) < 4 * 4.0 / 100.0 + 0.01);
    assert_true(fabs(square / 16.0 - 1.0) < 4 * sqrt(2.0) / 100.0 + 0.02);
    rules_close(&room);
    network_free(&drawn->network);
}

static void drawn_delays_are_rounded_to_the_nearest_step(void **state)
{
    struct drawn *const drawn = *state;
    uint32_t seen[9] = {0};
    struct rules_room room;

    open_network(drawn,
                 "from: A, to: B, rule: fixed_indegree, indegree: 60000, weight: 1 pA, "
                 "delay: {uniform: {low: 0.5 ms, high: 0.8 ms}}");
    open_room(drawn, &room);
    draw_anchor(&room, 0);
    for (uint32_t i = 0; i < room.count; i++)
        seen[room.delays[i] < 9 ? room.delays[i] : 0]++;
    /* NEST 3.10 gives these numbers too: the first and the last step get half. */
    assert_int_equal(seen[5] + seen[6] + seen[7] + seen[8], 60000);
    check_counts(&seen[6], 2, 20000.0, 20000.0 * 2 / 3);
    check_counts(&seen[5], 1, 10000.0, 10000.0 * 5 / 6);
    check_counts(&seen[8], 1, 10000.0, 10000.0 * 5 / 6);
    rules_close(&room);
    network_free(&drawn->network);
}

static void drawn_delays_are_at_least_one_step(void **state)
{
    struct drawn *const drawn = *state;
    static const char *const bounds[] = {"redraw", "clip"};

    for (size_t k = 0; k < 2; k++) {
        struct rules_room room;
        uint32_t smallest = 0;
        char text[200];

        snprintf(text, sizeof text,
                 "from: A, to: B, rule: fixed_indegree, indegree: 10000, weight: 1 pA, "
                 "delay: {normal: {mean: 0.2 ms, std: 0.2 ms}, bounds: %s}",
                 bounds[k]);
        open_network(drawn, text);
        open_room(drawn, &room);
        draw_anchor(&room, 0);
        for (uint32_t i = 0; i < room.count; i++) {
            assert_true(room.delays[i] >= 1);
            smallest += room.delays[i] == 1;
        }
        /* Of the normal values 22.7 % lie below half a step, 17.5 % above it within a
         * step. */
        assert_true(fabs(smallest / 1e4 - (k ? 0.4013 : 0.1747 / 0.7734)) < 0.02);
        assert_int_equal(drawn->projection->delay_low, 1);
        rules_close(&room);
        network_free(&drawn->network);
    }
}

/* --- nothing depends on who else is drawn
 * ---------------------------------------------- */

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
    struct drawn *const drawn = *state;

    for (size_t i = 0; i < sizeof every_rule / sizeof *every_rule; i++) {
        struct rules_room used, fresh;
        char text[200];

        snprintf(text, sizeof text, "from: A, to: A, %s", every_rule[i]);
        open_network(drawn, text);
        open_room(drawn, &used);
        for (uint32_t anchor = 999; anchor > 5; anchor--)
            draw_anchor(&used, anchor);
        draw_anchor(&used, 5);
        draw_anchor(&used, 5); /* twice */
        open_room(drawn, &fresh);
        draw_anchor(&fresh, 5);
        check_same(&used, &fresh);
        rules_close(&used);
        rules_close(&fresh);
        network_free(&drawn->network);
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

static int allocate(void **state)
{
    *state = tt_alloc(sizeof(struct drawn));
    return *state ? 0 : -1;
}

static int release(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_target_draws_its_indegree_from_all_sources_alike),
        cmocka_unit_test(each_source_draws_its_outdegree_from_all_targets_alike),
        cmocka_unit_test(without_multapses_a_few_partners_are_drawn_once_each),
        cmocka_unit_test(without_multapses_most_partners_are_drawn_once_each),
        cmocka_unit_test(without_autapses_all_others_are_drawn_alike),
        cmocka_unit_test(without_autapses_and_multapses_every_other_cell_may_be_needed),
        cmocka_unit_test(the_total_number_is_exact_and_falls_on_all_pairs_alike),
        cmocka_unit_test(a_total_number_of_one_is_one_synapse),
        cmocka_unit_test(
            sources_that_are_targets_get_fewer_of_the_total_without_autapses),
        cmocka_unit_test(pairs_are_connected_with_their_probability_and_never_twice),
        cmocka_unit_test(probabilities_of_0_and_1_connect_nobody_and_everybody),
        cmocka_unit_test(without_autapses_probabilities_of_all_other_pairs_stay),
        cmocka_unit_test(all_to_all_and_one_to_one_connect_what_their_names_say),
        cmocka_unit_test(lists_of_all_to_all_go_from_target_to_target),
        cmocka_unit_test(lists_of_one_to_one_go_from_pair_to_pair),
        cmocka_unit_test(pairs_have_their_weights_and_delays_from_the_same_places),
        cmocka_unit_test(drawn_weights_are_rounded_to_two_to_the_minus_32),
        cmocka_unit_test(drawn_delays_are_rounded_to_the_nearest_step),
        cmocka_unit_test(drawn_delays_are_at_least_one_step),
        cmocka_unit_test(an_anchor_has_the_same_synapses_alone_and_after_all_others),
        cmocka_unit_test(parts_of_a_network_get_the_synapses_of_the_whole),
    };

    return cmocka_run_group_tests_name("rules", tests, allocate, release);
}
