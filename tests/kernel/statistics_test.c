/* Rates and regularity of spikes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/statistics.h"

static const uint32_t first[] = {0}, both[] = {0, 1};

static void a_clock_is_regular(void **state)
{
    struct statistics statistics;

    (void)state;
    assert_int_equal(statistics_open(2, &statistics), TUTTI_OK);
    for (int64_t step = 5; step <= 50; step += 5)
        statistics_add(&statistics, step, 2, both);
    assert_true(statistics.spikes == 20);
    assert_true(fabs(statistics_rate(&statistics, 5000000) - 2000.0) < 1e-9);
    assert_true(statistics_irregularity(&statistics) == 0.0);
    statistics_free(&statistics);
}

static void the_variation_is_that_of_the_intervals(void **state)
{
    struct statistics statistics;

    (void)state;
    assert_int_equal(statistics_open(2, &statistics), TUTTI_OK);
    /* Intervals of 1 and 3 steps: mean 2, deviation 1. Cell 1 has one interval only. */
    statistics_add(&statistics, 1, 2, both);
    statistics_add(&statistics, 2, 1, first);
    statistics_add(&statistics, 5, 2, both);
    assert_true(fabs(statistics_irregularity(&statistics) - 0.5) < 1e-12);
    statistics_free(&statistics);
}

static void without_intervals_there_is_no_variation(void **state)
{
    struct statistics statistics;

    (void)state;
    assert_int_equal(statistics_open(1, &statistics), TUTTI_OK);
    statistics_add(&statistics, 1, 1, first);
    assert_true(isnan(statistics_irregularity(&statistics)));
    statistics_free(&statistics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_is_regular),
        cmocka_unit_test(the_variation_is_that_of_the_intervals),
        cmocka_unit_test(without_intervals_there_is_no_variation),
    };

    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
