/* Distributions of weights and delays, compared with closed forms.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/distribution.h"

enum { WORDS = 4099 }; /* no multiple of any register */

/* Words from the first to the last, evenly spaced. */
static void spread_words(uint32_t words[WORDS])
{
    for (uint32_t i = 0; i < WORDS; i++)
        words[i] = (uint32_t)(UINT64_C(0xffffffff) * i / (WORDS - 1));
}

static double share_of(uint32_t word)
{
    return ((double)word + 0.5) * 0x1p-32;
}

static struct distribution drawn(const char *name, double first, double second,
                                 double third)
{
    const double parameters[DISTRIBUTION_PARAMETERS] = {first, second, third};
    const struct distribution_shape *const shape = distribution_shape(name);

    assert_non_null(shape);
    assert_null(shape->check(parameters));
    return distribution_drawn(shape, parameters);
}

/* The distribution functions, as textbooks have them. */
static double below_normal(const double *parameters, double value)
{
    return 0.5 * erfc((parameters[0] - value) / (parameters[1] * sqrt(2.0)));
}

static double below_lognormal(const double *parameters, double value)
{
    return below_normal(parameters, log(value / parameters[2]));
}

static double below_uniform(const double *parameters, double value)
{
    return (value - parameters[0]) / (parameters[1] - parameters[0]);
}

static double below_exponential(const double *parameters, double value)
{
    return 1.0 - exp(-value / parameters[0]);
}

static const struct known {
    const char *name;
    double parameters[DISTRIBUTION_PARAMETERS];
    double (*below)(const double *parameters, double value);
    double low, high; /* bounds that keep between 1 % and all of the values */
} known[] = {
    {"uniform", {-2.0, 3.0}, below_uniform, -1.0, 1.5},
    {"normal", {40.0, 4.0}, below_normal, 38.0, 60.0},
    {"normal", {-1.0, 100.0}, below_normal, -1e6, 0.0},
    {"normal", {0.0, 1.0}, below_normal, 1.9, 2.5},
    {"lognormal", {1.5, 0.5, 2.0}, below_lognormal, 3.0, 20.0},
    {"exponential", {2.0}, below_exponential, 0.5, 5.0},
};

#define EACH_KNOWN(it)                                                                 \
    const struct known *it = known;                                                    \
    it < known + sizeof known / sizeof *known;                                         \
    it++

static void values_are_the_quantiles_of_their_words(void **state)
{
    uint32_t words[WORDS];
    double values[WORDS];

    (void)state;
    spread_words(words);
    for (EACH_KNOWN(it)) {
        const double *const p = it->parameters;
        const struct distribution distribution = drawn(it->name, p[0], p[1], p[2]);

        distribution_values(&distribution, words, WORDS, values);
        for (size_t i = 0; i < WORDS; i++) {
            const double share = share_of(words[i]);

            assert_true(fabs(it->below(p, values[i]) - share) < 1e-14);
            assert_true(values[i] >= distribution.low &&
                        values[i] <= distribution.high);
        }
        assert_true(values[0] == distribution.low);
        assert_true(values[WORDS - 1] == distribution.high);
    }
}

static void normal_tails_are_right_in_relative_terms(void **state)
{
    const struct distribution normal = drawn("normal", 0.0, 1.0, 0.0);
    const uint32_t words[] = {0, 1, 2, 10, 1000, 100000, 10000000, UINT32_C(322122547)};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const double share = share_of(words[i]);
        const uint32_t mirrored = UINT32_MAX - words[i];
        double low, high;

        distribution_values(&normal, &words[i], 1, &low);
        distribution_values(&normal, &mirrored, 1, &high);
        assert_true(fabs(0.5 * erfc(-low * sqrt(0.5)) / share - 1.0) < 1e-13);
        assert_true(fabs(low + high) < 1e-14 * high + 1e-15);
    }
}

static void redrawn_values_have_the_distribution_cut_off_at_the_bounds(void **state)
{
    uint32_t words[WORDS];
    double values[WORDS];

    (void)state;
    spread_words(words);
    for (EACH_KNOWN(it)) {
        const double *const p = it->parameters;
        const double at_low = it->below(p, it->low), at_high = it->below(p, it->high);
        struct distribution distribution = drawn(it->name, p[0], p[1], p[2]);

        assert_true(
            distribution_bound(&distribution, it->low, it->high, DISTRIBUTION_REDRAW));
        distribution_values(&distribution, words, WORDS, values);
        for (size_t i = 0; i < WORDS; i++) {
            const double share =
                (it->below(p, values[i]) - at_low) / (at_high - at_low);

            /* Shares are multiples of 2^-40, at least 1 % of them is drawn from. */
            assert_true(fabs(share - share_of(words[i])) < 4e-10);
            assert_true(values[i] >= it->low && values[i] <= it->high);
        }
    }
}

static void clipped_values_take_the_bound_that_they_are_beyond(void **state)
{
    uint32_t words[WORDS];
    double values[WORDS], free_values[WORDS];

    (void)state;
    spread_words(words);
    for (EACH_KNOWN(it)) {
        const double *const p = it->parameters;
        const struct distribution unbound = drawn(it->name, p[0], p[1], p[2]);
        struct distribution distribution = unbound;

        assert_true(
            distribution_bound(&distribution, it->low, it->high, DISTRIBUTION_CLIP));
        distribution_values(&unbound, words, WORDS, free_values);
        distribution_values(&distribution, words, WORDS, values);
        for (size_t i = 0; i < WORDS; i++)
            assert_true(values[i] == fmin(fmax(free_values[i], it->low), it->high));
    }
}

static void a_value_does_not_depend_on_its_neighbours(void **state)
{
    uint32_t words[WORDS];
    double values[WORDS], alone;

    (void)state;
    spread_words(words);
    for (EACH_KNOWN(it)) {
        const double *const p = it->parameters;
        const struct distribution distribution = drawn(it->name, p[0], p[1], p[2]);

        distribution_values(&distribution, words, WORDS, values);
        for (size_t i = 0; i < WORDS; i += 7) {
            distribution_values(&distribution, &words[i], 1, &alone);
            assert_true(memcmp(&alone, &values[i], sizeof alone) == 0);
        }
    }
}

static void bounds_that_keep_less_than_a_hundredth_are_refused(void **state)
{
    struct distribution normal = drawn("normal", 0.0, 1.0, 0.0);

    (void)state;
    assert_true(distribution_bound(&normal, 2.3, 100.0, DISTRIBUTION_REDRAW));
    normal = drawn("normal", 0.0, 1.0, 0.0);
    assert_false(distribution_bound(&normal, 2.4, 100.0, DISTRIBUTION_REDRAW));
    normal = drawn("normal", 0.0, 1.0, 0.0);
    assert_true(distribution_bound(&normal, 2.4, 100.0, DISTRIBUTION_CLIP));
}

static void values_of_a_negative_factor_are_mirrored(void **state)
{
    const struct distribution plus[] = {drawn("lognormal", 1.0, 0.5, 2.0),
                                        drawn("exponential", 3.0, 0.0, 0.0)};
    struct distribution minus[] = {drawn("lognormal", 1.0, 0.5, -2.0),
                                   drawn("exponential", -3.0, 0.0, 0.0)};
    const uint32_t words[] = {0, 12345, UINT32_C(1) << 31, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        double above[4], below[4];

        distribution_values(&plus[i], words, 4, above);
        distribution_values(&minus[i], words, 4, below);
        for (size_t k = 0; k < 4; k++)
            assert_true(above[k] > 0.0 && below[k] == -above[k]);
        assert_true(distribution_bound(&minus[i], -5.0, -1.0, DISTRIBUTION_REDRAW));
        distribution_values(&minus[i], words, 4, below);
        assert_true(fmax(below[0], below[3]) <= -1.0);
        assert_true(fmin(below[0], below[3]) >= -5.0);
        assert_true(fabs(fmax(below[0], below[3]) + 1.0) < 1e-6);
    }
}

static void a_constant_is_the_same_for_all_words(void **state)
{
    const struct distribution constant = distribution_constant(1.5);
    const uint32_t words[] = {0, UINT32_MAX};
    double values[2];

    (void)state;
    distribution_values(&constant, words, 2, values);
    assert_true(values[0] == 1.5 && values[1] == 1.5);
    assert_true(distribution_is_constant(&constant));
}

static void wrong_parameters_are_named(void **state)
{
    static const struct {
        const char *name;
        double parameters[DISTRIBUTION_PARAMETERS];
        const char *message;
    } wrong[] = {{"uniform", {1.0, 1.0}, "high must be above low"},
                 {"normal", {1.0, 0.0}, "std must be above 0"},
                 {"lognormal", {1.0, -1.0, 1.0}, "std must be above 0"},
                 {"lognormal", {1.0, 1.0, 0.0}, "factor must not be 0"},
                 {"exponential", {0.0}, "beta must not be 0"}};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_string_equal(
            distribution_shape(wrong[i].name)->check(wrong[i].parameters),
            wrong[i].message);
    assert_null(distribution_shape("gamma"));
}

static void gaps_are_the_logarithms_of_their_words(void **state)
{
    const double ps[] = {1e-6, 0.01, 0.5, 0.999};
    uint32_t words[2 * WORDS];
    double gaps[WORDS];

    (void)state;
    spread_words(words);
    spread_words(words + WORDS);
    for (size_t k = 0; k < sizeof ps / sizeof *ps; k++) {
        const double p = ps[k];

        distribution_gaps(distribution_gap_scale(p), words, WORDS, gaps);
        for (size_t i = 0; i < WORDS; i++) {
            const double share =
                ((double)words[2 * i] + ((double)words[2 * i + 1] + 0.5) * 0x1p-32) *
                0x1p-32;

            /* Rounded to 2^-52 in the share, to 2^-40 in the scale. */
            assert_true(fabs(gaps[i] * log1p(-p) - log(share)) <
                        1e-11 * fabs(log(share)) + 0x1p-52 / share);
        }
    }
}

static void gaps_of_certainty_are_zero_and_of_no_chance_infinite(void **state)
{
    const uint32_t words[] = {0, 0, UINT32_MAX, UINT32_MAX};
    double gaps[2];

    (void)state;
    distribution_gaps(distribution_gap_scale(1.0), words, 2, gaps);
    assert_true(gaps[0] == 0.0 && gaps[1] == 0.0);
    distribution_gaps(distribution_gap_scale(0.0), words, 2, gaps);
    assert_true(isinf(gaps[0]) && isinf(gaps[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_the_quantiles_of_their_words),
        cmocka_unit_test(normal_tails_are_right_in_relative_terms),
        cmocka_unit_test(redrawn_values_have_the_distribution_cut_off_at_the_bounds),
        cmocka_unit_test(clipped_values_take_the_bound_that_they_are_beyond),
        cmocka_unit_test(a_value_does_not_depend_on_its_neighbours),
        cmocka_unit_test(bounds_that_keep_less_than_a_hundredth_are_refused),
        cmocka_unit_test(values_of_a_negative_factor_are_mirrored),
        cmocka_unit_test(a_constant_is_the_same_for_all_words),
        cmocka_unit_test(wrong_parameters_are_named),
        cmocka_unit_test(gaps_are_the_logarithms_of_their_words),
        cmocka_unit_test(gaps_of_certainty_are_zero_and_of_no_chance_infinite),
    };

    return cmocka_run_group_tests_name("distribution", tests, NULL, NULL);
}
