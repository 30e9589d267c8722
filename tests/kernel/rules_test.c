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

/* --- fixed_indegree, fixed_outdegree */

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

/* --- fixed_total_number */

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

/* --- pairwise_bernoulli, all_to_all, one_to_one */

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
    };

    return cmocka_run_group_tests_name("rules", tests, allocate, release);
}
