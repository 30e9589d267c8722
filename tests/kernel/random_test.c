/* Streams and distributions.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/random.h"

static const struct random_stream zero_stream = {{0, 0}};

static void words_are_those_of_philox4x32_10(void **state)
{
    /* Known answers of the generator's authors: counter and key all zero. */
    const uint32_t known[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    uint32_t words[4];

    (void)state;
    random_words(zero_stream, 0, 0, words);
    assert_memory_equal(words, known, sizeof words);
}

static void seed_name_and_purpose_each_make_another_stream(void **state)
{
    const struct random_stream streams[] = {
        random_stream(1, "E", "poisson"),      random_stream(2, "E", "poisson"),
        random_stream(1 << 8, "E", "poisson"), random_stream(1, "I", "poisson"),
        random_stream(1, "E", "sources"),      random_stream(1, "Ep", "oisson")};

    (void)state;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(&streams[i], &streams[k], sizeof *streams);
}

static void cells_and_draws_have_words_of_their_own(void **state)
{
    uint32_t words[4][4];

    (void)state;
    random_words(zero_stream, 1, 0, words[0]);
    random_words(zero_stream, 0, 1, words[1]);
    random_words(zero_stream, 0, UINT64_C(1) << 32, words[2]);
    random_words(zero_stream, 0, 0, words[3]);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(words[i], words[k], sizeof words[i]);
}

static void many_draws_at_once_are_those_one_by_one(void **state)
{
    const struct random_stream stream = random_stream(1, "E", "sources");
    const uint64_t first = (UINT64_C(1) << 32) - 20; /* across a carry */

    (void)state;
    for (size_t draws = 0; draws <= 150; draws++) {
        uint32_t many[4 * 150 + 1], one[4];

        many[4 * draws] = 12345;
        random_fill(stream, 7, first, draws, many);
        for (size_t i = 0; i < draws; i++) {
            random_words(stream, 7, first + i, one);
            assert_memory_equal(one, many + 4 * i, sizeof one);
        }
        assert_int_equal(many[4 * draws], 12345);
    }
}

static void uniform_numbers_lie_between_0_and_1(void **state)
{
    enum { DRAWS = 100000 };
    struct random_sequence sequence = random_sequence(zero_stream, 5);
    double mean = 0.0;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        const double unit = random_unit(&sequence);

        assert_true(unit > 0.0 && unit < 1.0);
        mean += unit / DRAWS;
    }
    assert_true(fabs(mean - 0.5) < 4 * sqrt(1.0 / 12 / DRAWS)); /* four errors */
}

static double binomial_share(double n, double p, double k)
{
    return exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) +
               (n - k) * log1p(-p));
}

static void check_binomial(uint64_t trials, uint64_t above, uint64_t below)
{
    enum { DRAWS = 40000, MOST = 512 };
    const double n = (double)trials;
    const double p = (double)above / ((double)above + (double)below);
    double chi_square = 0.0, degrees = -1.0, rest = DRAWS, rest_seen = DRAWS;
    long seen[MOST] = {0};

    for (uint32_t i = 0; i < DRAWS; i++) {
        struct random_sequence sequence = random_sequence(zero_stream, i);

        seen[random_binomial(&sequence, trials, above, below)]++;
    }
    for (uint32_t k = 0; k <= trials; k++) {
        const double expected = DRAWS * binomial_share(n, p, k);

        if (expected < 10.0) /* rare counts are put together */
            continue;
        chi_square +=
            ((double)seen[k] - expected) * ((double)seen[k] - expected) / expected;
        degrees += 1.0;
        rest -= expected;
        rest_seen -= (double)seen[k];
    }
    if (rest > 10.0) {
        chi_square += (rest_seen - rest) * (rest_seen - rest) / rest;
        degrees += 1.0;
    }
    /* Four standard deviations beyond the mean of chi-square. */
    assert_true(chi_square < degrees + 4.0 * sqrt(2.0 * degrees));
}

static void successes_have_the_binomial_distribution(void **state)
{
    (void)state;
    check_binomial(5, 1, 3);      /* few: by inversion */
    check_binomial(400, 1, 50);   /* few of many */
    check_binomial(60, 1, 1);     /* many: by rejection */
    check_binomial(500, 30, 100); /* ... of a small probability */
    check_binomial(500, 4, 1);    /* ... of a large one */
    check_binomial(33, 1, 2);     /* just beyond the border between both */
}

static void successes_of_huge_numbers_have_their_mean_and_spread(void **state)
{
    enum { DRAWS = 4000 };
    const uint64_t trials = UINT64_C(4000000000);
    const double n = (double)trials, p = 0.25, deviation = sqrt(n * p * (1.0 - p));
    double mean = 0.0, square = 0.0;

    (void)state;
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct random_sequence sequence = random_sequence(zero_stream, i);
        const double off =
            ((double)random_binomial(&sequence, trials, 1, 3) - n * p) / deviation;

        mean += off / DRAWS;
        square += off * off / DRAWS;
    }
    assert_true(fabs(mean) < 4 * sqrt(1.0 / DRAWS)); /* four standard errors */
    assert_true(fabs(square - 1.0) < 4 * sqrt(2.0 / DRAWS));
}

static void all_succeed_or_none_where_nothing_else_is_possible(void **state)
{
    struct random_sequence sequence = random_sequence(zero_stream, 1);

    (void)state;
    assert_int_equal(random_binomial(&sequence, 10, 0, 5), 0);
    assert_int_equal(random_binomial(&sequence, 10, 5, 0), 10);
    assert_int_equal(random_binomial(&sequence, 0, 1, 1), 0);
}

/* The next index of a stream of words. */
static uint32_t next_index(struct random_choice choice, uint64_t *draw)
{
    uint32_t words[4], index;

    do
        random_words(zero_stream, 3, (*draw)++, words);
    while (!random_index(choice, words[0], &index));
    return index;
}

static void uniform_indices_are_equally_frequent(void **state)
{
    enum { COUNT = 7, DRAWS = 70000 };
    double chi_square = 0.0;
    uint64_t draw = 0;
    long seen[COUNT] = {0};

    (void)state;
    for (long i = 0; i < DRAWS; i++)
        seen[next_index(random_choice(COUNT), &draw)]++;
    for (int i = 0; i < COUNT; i++) {
        const double off = (double)seen[i] - (double)DRAWS / COUNT;

        chi_square += off * off / ((double)DRAWS / COUNT);
    }
    assert_true(chi_square < 22.5); /* 6 degrees of freedom: beyond it 0.1 % */
}

static void uniform_indices_of_a_huge_range_are_not_biased(void **state)
{
    /* Without leaving out words, one of the two halves below would be twice as likely.
     */
    const uint32_t count = UINT32_C(3) << 30;
    uint64_t draw = 0;
    long low = 0;

    (void)state;
    for (long i = 0; i < 30000; i++)
        low += next_index(random_choice(count), &draw) < count / 3;
    assert_true(labs(low - 10000) < 300);
}

static void a_choice_of_one_takes_every_word(void **state)
{
    uint32_t index = 1;

    (void)state;
    assert_true(random_index(random_choice(1), 0, &index));
    assert_int_equal(index, 0);
    assert_true(random_index(random_choice(1), UINT32_MAX, &index));
    assert_int_equal(index, 0);
}

static void normal_numbers_have_the_moments_of_the_normal_distribution(void **state)
{
    enum { DRAWS = 100000 };
    double sum[5] = {0};

    (void)state;
    for (uint32_t i = 0; i < DRAWS; i++) {
        uint32_t words[4];
        double x;

        random_words(zero_stream, i, 0, words);
        x = random_normal(words);
        for (int k = 1; k <= 4; k++)
            sum[k] += pow(x, k) / DRAWS;
    }
    /* Four standard errors. */
    assert_true(fabs(sum[1]) < 4 * sqrt(1.0 / DRAWS));
    assert_true(fabs(sum[2] - 1.0) < 4 * sqrt(2.0 / DRAWS));
    assert_true(fabs(sum[3]) < 4 * sqrt(15.0 / DRAWS));
    assert_true(fabs(sum[4] - 3.0) < 4 * sqrt(96.0 / DRAWS));
}

static void normal_numbers_are_finite_for_all_words(void **state)
{
    const uint32_t extremes[][4] = {{0, 0, 0, 0},
                                    {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}};

    (void)state;
    assert_true(isfinite(random_normal(extremes[0])));
    assert_true(isfinite(random_normal(extremes[1])));
}

/* The share of all 2^32 words that give `count`, by bisection: counts rise with words.
 */
static double share(const struct random_poisson *poisson, uint32_t count)
{
    uint64_t ends[2]; /* words that give less than count, and at most count */

    for (uint32_t i = 0; i < 2; i++) {
        uint64_t low = 0, high = UINT64_C(1) << 32;

        while (low < high) {
            const uint64_t middle = (low + high) / 2;

            if (random_poisson_count(poisson, (uint32_t)middle) < count + i)
                low = middle + 1;
            else
                high = middle;
        }
        ends[i] = low;
    }
    return (double)(ends[1] - ends[0]) * 0x1p-32;
}

static void poisson_counts_have_the_poisson_distribution(void **state)
{
    const double means[] = {1e-4, 0.4, 0.8, 3.0, 20.0, 250.0, RANDOM_LARGEST_MEAN};

    (void)state;
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        struct random_poisson poisson;
        double total = 0.0, mean = 0.0;

        assert_true(random_poisson_prepare(means[i], zero_stream, &poisson));
        for (uint32_t count = 0; count < 1500; count++) {
            const double exact =
                exp(count * log(means[i]) - means[i] - lgamma(count + 1.0));
            const double found = share(&poisson, count);

            assert_true(fabs(found - exact) < 2e-9);
            total += found;
            mean += count * found;
        }
        assert_true(total == 1.0);
        assert_true(fabs(mean - means[i]) < 1e-6 * (1.0 + means[i]));
    }
}

static void a_poisson_mean_of_zero_gives_only_zeros(void **state)
{
    struct random_poisson poisson;

    (void)state;
    assert_true(random_poisson_prepare(0.0, zero_stream, &poisson));
    assert_int_equal(random_poisson_count(&poisson, 0), 0);
    assert_int_equal(random_poisson_count(&poisson, UINT32_MAX), 0);
}

static void poisson_means_out_of_range_are_refused(void **state)
{
    struct random_poisson poisson;

    (void)state;
    assert_false(random_poisson_prepare(-0.1, zero_stream, &poisson));
    assert_false(
        random_poisson_prepare(RANDOM_LARGEST_MEAN * 1.001, zero_stream, &poisson));
    assert_false(random_poisson_prepare(NAN, zero_stream, &poisson));
}

static void any_part_of_the_cells_draws_the_poisson_counts_of_the_whole(void **state)
{
    enum { CELLS = 23 };
    struct random_poisson poisson;
    double whole[CELLS] = {0};

    (void)state;
    assert_true(random_poisson_prepare(2.0, zero_stream, &poisson));
    random_poisson_add(&poisson, 5, 1.5, 0, CELLS, whole);
    for (uint32_t begin = 0; begin < CELLS; begin++)
        for (uint32_t end = begin; end <= CELLS; end++) {
            double part[CELLS] = {0};

            random_poisson_add(&poisson, 5, 1.5, begin, end - begin, part);
            assert_memory_equal(part, whole + begin, (end - begin) * sizeof *part);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_philox4x32_10),
        cmocka_unit_test(seed_name_and_purpose_each_make_another_stream),
        cmocka_unit_test(cells_and_draws_have_words_of_their_own),
        cmocka_unit_test(many_draws_at_once_are_those_one_by_one),
        cmocka_unit_test(uniform_numbers_lie_between_0_and_1),
        cmocka_unit_test(successes_have_the_binomial_distribution),
        cmocka_unit_test(successes_of_huge_numbers_have_their_mean_and_spread),
        cmocka_unit_test(all_succeed_or_none_where_nothing_else_is_possible),
        cmocka_unit_test(uniform_indices_are_equally_frequent),
        cmocka_unit_test(uniform_indices_of_a_huge_range_are_not_biased),
        cmocka_unit_test(a_choice_of_one_takes_every_word),
        cmocka_unit_test(normal_numbers_have_the_moments_of_the_normal_distribution),
        cmocka_unit_test(normal_numbers_are_finite_for_all_words),
        cmocka_unit_test(poisson_counts_have_the_poisson_distribution),
        cmocka_unit_test(a_poisson_mean_of_zero_gives_only_zeros),
        cmocka_unit_test(poisson_means_out_of_range_are_refused),
        cmocka_unit_test(any_part_of_the_cells_draws_the_poisson_counts_of_the_whole),
    };

    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
