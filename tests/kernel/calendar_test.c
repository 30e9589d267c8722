/* Rows of synapses, and when they arrive.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/calendar.h"
#include "kernel/rows.h"

struct synapse {
    uint32_t source, sum, delay;
    double weight;
};

static void fill(struct rows *rows, uint32_t sources, const struct synapse *synapses,
                 size_t count)
{
    assert_int_equal(rows_open(sources, rows), TUTTI_OK);
    for (size_t i = 0; i < count; i++)
        rows_count(rows, synapses[i].source);
    assert_int_equal(rows_make_room(rows), TUTTI_OK);
    for (size_t i = 0; i < count; i++)
        rows_place(rows, synapses[i].source, synapses[i].sum, synapses[i].weight,
                   synapses[i].delay);
    assert_int_equal(rows_sort(rows), TUTTI_OK);
}

static void a_row_is_sorted_by_delay_and_then_as_it_was_made(void **state)
{
    const struct synapse synapses[] = {
        {1, 10, 3, 1.0}, {1, 11, 1, 2.0}, {0, 12, 9, 3.0}, {1, 13, 3, 4.0}};
    const uint32_t sums[] = {12, 11, 10, 13};
    const double weights[] = {3.0, 2.0, 1.0, 4.0};
    const struct rows_piece pieces[] = {{9, 1}, {1, 1}, {3, 2}};
    const size_t first_piece[] = {0, 1, 3, 3};
    struct rows rows;

    (void)state;
    fill(&rows, 3, synapses, 4);
    assert_memory_equal(rows.sums, sums, sizeof sums);
    assert_memory_equal(rows.weights, weights, sizeof weights);
    assert_memory_equal(rows.pieces, pieces, sizeof pieces);
    assert_memory_equal(rows.first_piece, first_piece, sizeof first_piece);
    rows_free(&rows);
}

/* The step at which the one sum changes; 0 when it does not within `steps`. */
static int64_t arrival(struct calendar *calendar, double weight, int64_t steps)
{
    int64_t arrived = 0;

    while (calendar->done < steps) {
        double sum = 0.0;

        assert_int_equal(calendar_deliver(calendar, &sum), TUTTI_OK);
        if (sum == weight && arrived == 0)
            arrived = calendar->done;
        else
            assert_true(sum == 0.0);
    }
    return arrived;
}

static void a_synapse_acts_exactly_its_delay_after_the_spike(void **state)
{
    const uint32_t delays[] = {1, 2, 63, 64, 65, 128, 129, 1000};

    (void)state;
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++)
        for (int64_t step = 0; step <= 130; step += 65) {
            const struct synapse synapse = {0, 0, delays[i], 2.0};
            struct rows rows;
            struct calendar calendar;

            fill(&rows, 1, &synapse, 1);
            assert_int_equal(calendar_open(&calendar), TUTTI_OK);
            assert_int_equal(arrival(&calendar, 2.0, step), 0);
            assert_int_equal(calendar_add(&calendar, &rows, 0, step), TUTTI_OK);
            assert_int_equal(arrival(&calendar, 2.0, step + delays[i] + 200),
                             step + delays[i]);
            calendar_free(&calendar);
            rows_free(&rows);
        }
}

static void a_spike_of_a_step_to_come_waits_for_it(void **state)
{
    const struct synapse synapse = {0, 0, 3, 2.0};
    struct rows rows;
    struct calendar calendar;

    (void)state;
    fill(&rows, 1, &synapse, 1);
    assert_int_equal(calendar_open(&calendar), TUTTI_OK);
    assert_int_equal(calendar_add(&calendar, &rows, 0, 500), TUTTI_OK);
    assert_int_equal(arrival(&calendar, 2.0, 600), 503);
    calendar_free(&calendar);
    rows_free(&rows);
}

static void what_is_due_before_the_first_step_acts_in_it(void **state)
{
    const struct synapse synapse = {0, 0, 0, 2.0};
    struct rows rows;
    struct calendar calendar;

    (void)state;
    fill(&rows, 1, &synapse, 1);
    assert_int_equal(calendar_open(&calendar), TUTTI_OK);
    assert_int_equal(calendar_add(&calendar, &rows, 0, 0), TUTTI_OK);
    assert_int_equal(arrival(&calendar, 2.0, 3), 1);
    calendar_free(&calendar);
    rows_free(&rows);
}

static void a_source_without_synapses_reaches_nobody(void **state)
{
    struct rows rows;
    struct calendar calendar;

    (void)state;
    fill(&rows, 1, NULL, 0);
    assert_int_equal(calendar_open(&calendar), TUTTI_OK);
    assert_int_equal(calendar_add(&calendar, &rows, 0, 1), TUTTI_OK);
    assert_int_equal(arrival(&calendar, 2.0, 100), 0);
    calendar_free(&calendar);
    rows_free(&rows);
}

/* Against the plainest way to do it: a matrix of sums by step and target. */
static void many_spikes_of_long_rows_arrive_as_in_a_table(void **state)
{
    enum { SOURCES = 5, TARGETS = 7, SYNAPSES = 400, STEPS = 700, LONGEST = 300 };
    static struct synapse synapses[SYNAPSES];
    static double table[STEPS + LONGEST + 1][TARGETS];
    struct rows rows;
    struct calendar calendar;
    uint32_t random = 1;

    (void)state;
    for (size_t i = 0; i < SYNAPSES; i++) {
        random = random * 1664525 + 1013904223;
        synapses[i] = (struct synapse){.source = random >> 8 & 0xff,
                                       .sum = random >> 16 & 0xff,
                                       .delay = 1 + (random >> 12) % LONGEST,
                                       .weight = (double)(random >> 24) - 100.0};
        synapses[i].source %= SOURCES;
        synapses[i].sum %= TARGETS;
    }
    fill(&rows, SOURCES, synapses, SYNAPSES);
    assert_int_equal(calendar_open(&calendar), TUTTI_OK);
    for (int64_t step = 1; step <= STEPS; step++) {
        const uint32_t source = (uint32_t)(step * step) % SOURCES;
        double sums[TARGETS] = {0};

        assert_int_equal(calendar_deliver(&calendar, sums), TUTTI_OK);
        assert_memory_equal(sums, table[step], sizeof sums);
        assert_int_equal(calendar_add(&calendar, &rows, source, step), TUTTI_OK);
        for (size_t i = 0; i < SYNAPSES; i++)
            if (synapses[i].source == source)
                table[step + synapses[i].delay][synapses[i].sum] += synapses[i].weight;
    }
    calendar_free(&calendar);
    rows_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_sorted_by_delay_and_then_as_it_was_made),
        cmocka_unit_test(a_synapse_acts_exactly_its_delay_after_the_spike),
        cmocka_unit_test(a_spike_of_a_step_to_come_waits_for_it),
        cmocka_unit_test(what_is_due_before_the_first_step_acts_in_it),
        cmocka_unit_test(a_source_without_synapses_reaches_nobody),
        cmocka_unit_test(many_spikes_of_long_rows_arrive_as_in_a_table),
    };

    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
