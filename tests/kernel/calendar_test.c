/* Rows of synapses in each format, and when they arrive.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/calendar.h"
#include "kernel/rows.h"

/* Weights of the tests are multiples of this, and so fit into every format. */
#define QUANTUM 0.25

struct synapse {
    uint32_t source, sum, delay;
    double weight;
};

/* Room for the sums of a tile of any kind. */
union sums {
    double weights[64];
    int64_t longs[64];
    int32_t ints[64];
};

static double sum_of(const union sums *sums, enum format_id format, size_t place)
{
    switch (format_get(format)->sums) {
    case FORMAT_SUMS_DOUBLE:
        return sums->weights[place];
    case FORMAT_SUMS_LONG:
        return (double)sums->longs[place] * QUANTUM;
    default:
        return sums->ints[place] * QUANTUM;
    }
}

static bool place_one(struct rows *rows, struct synapse synapse)
{
    const uint16_t sum = (uint16_t)synapse.sum, delay = (uint16_t)synapse.delay;
    struct rows_batch batch = {.count = 1,
                               .sources = &synapse.source,
                               .sums = &sum,
                               .weights = &synapse.weight,
                               .delays = &delay,
                               .quantum = QUANTUM};

    while (batch.shared < rows->weight_count &&
           rows->weights[batch.shared] != synapse.weight)
        batch.shared++;
    if (rows->format == format_get(FORMAT_SHARED) && batch.shared == rows->weight_count)
        assert_int_equal(rows_add_weight(rows, synapse.weight, &batch.shared),
                         TUTTI_OK);
    return rows_place(rows, 0, &batch);
}

static void fill(enum format_id format, uint32_t sources,
                 const struct synapse *synapses, size_t count, struct rows *rows)
{
    assert_int_equal(rows_open(format_get(format), 1, rows), TUTTI_OK);
    assert_int_equal(rows_expect(rows, 0, sources, count), TUTTI_OK);
    for (size_t i = 0; i < count; i++)
        rows_count(rows, 0, &synapses[i].source, 1);
    assert_int_equal(rows_make_room(rows), TUTTI_OK);
    for (size_t i = 0; i < count; i++)
        assert_true(place_one(rows, synapses[i]));
    assert_int_equal(rows_finish(rows), TUTTI_OK);
}

static void a_row_is_sorted_by_delay_and_then_as_it_was_made(void **state)
{
    const struct synapse synapses[] = {
        {1, 10, 3, 1.0}, {1, 11, 1, 2.0}, {0, 12, 9, 3.0}, {1, 13, 3, 4.0}};
    struct format_piece piece;
    struct rows rows;
    uint16_t sums[2];
    double weights[2];

    (void)state;
    fill(FORMAT_EXACT, 3, synapses, 4, &rows);
    assert_int_equal(rows.groups[0].starts[2].place, ROWS_NONE);
    assert_int_equal(rows.groups[0].starts[1].place, 6); /* a head and a chunk behind */
    assert_int_equal(rows.groups[0].starts[1].delay, 1);
    memcpy(&piece, rows.bytes + 48, sizeof piece);
    assert_int_equal(piece.count, 1);
    assert_int_equal(piece.next_delay, 3);
    assert_false(piece.is_last);
    memcpy(&piece, rows.bytes + 96, sizeof piece);
    assert_int_equal(piece.count, 2);
    assert_true(piece.is_last);
    memcpy(sums, rows.bytes + 104, sizeof sums);
    memcpy(weights, rows.bytes + 112, sizeof weights);
    assert_int_equal(sums[0], 10);
    assert_int_equal(sums[1], 13);
    assert_true(weights[0] == 1.0 && weights[1] == 4.0);
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
    const uint32_t delays[] = {1, 2, 63, 64, 65, 128, 129, 1000, 65535};

    (void)state;
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++)
        for (int64_t step = 0; step <= 130; step += 65) {
            const struct synapse synapse = {0, 0, delays[i], 2.0};
            struct rows rows;
            struct calendar calendar;

            fill(FORMAT_EXACT, 1, &synapse, 1, &rows);
            assert_int_equal(calendar_open(&rows, &calendar), TUTTI_OK);
            assert_int_equal(arrival(&calendar, 2.0, step), 0);
            assert_int_equal(calendar_add(&calendar, 0, 0, step), TUTTI_OK);
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
    fill(FORMAT_EXACT, 1, &synapse, 1, &rows);
    assert_int_equal(calendar_open(&rows, &calendar), TUTTI_OK);
    assert_int_equal(calendar_add(&calendar, 0, 0, 500), TUTTI_OK);
    assert_int_equal(arrival(&calendar, 2.0, 600), 503);
    calendar_free(&calendar);
    rows_free(&rows);
}

static void what_is_overdue_acts_in_the_next_step_all_of_it(void **state)
{
    const struct synapse synapses[] = {{0, 0, 0, 2.0}, {0, 0, 1, 4.0}, {0, 0, 5, 8.0}};
    struct rows rows;
    struct calendar calendar;
    double sum = 0.0;

    (void)state;
    fill(FORMAT_EXACT, 1, synapses, 3, &rows);
    assert_int_equal(calendar_open(&rows, &calendar), TUTTI_OK);
    assert_int_equal(arrival(&calendar, 1.0, 3), 0);
    assert_int_equal(calendar_add(&calendar, 0, 0, 1), TUTTI_OK);
    assert_int_equal(calendar_deliver(&calendar, &sum), TUTTI_OK);
    assert_true(sum == 6.0);
    assert_int_equal(arrival(&calendar, 8.0, 10), 6);
    calendar_free(&calendar);
    rows_free(&rows);
}

static void a_source_without_synapses_reaches_nobody(void **state)
{
    struct rows rows;
    struct calendar calendar;

    (void)state;
    fill(FORMAT_EXACT, 1, NULL, 0, &rows);
    assert_int_equal(calendar_open(&rows, &calendar), TUTTI_OK);
    assert_int_equal(calendar_add(&calendar, 0, 0, 1), TUTTI_OK);
    assert_int_equal(arrival(&calendar, 2.0, 100), 0);
    calendar_free(&calendar);
    rows_free(&rows);
}

enum { SOURCES = 5, SUMS = 7, SYNAPSES = 400, STEPS = 700, LONGEST = 300 };

static void make_synapses(struct synapse synapses[SYNAPSES])
{
    uint32_t random = 1;

    for (size_t i = 0; i < SYNAPSES; i++) {
        random = random * 1664525 + 1013904223;
        synapses[i] = (struct synapse){.source = (random >> 8 & 0xff) % SOURCES,
                                       .sum = (random >> 16 & 0xff) % SUMS,
                                       .delay = 1 + (random >> 12) % LONGEST,
                                       .weight = ((int)(random >> 26) - 30) * QUANTUM};
    }
}

/* Against the plainest way to do it: a matrix of sums by step and target. */
static void in_every_format_many_spikes_arrive_as_in_a_table(void **state)
{
    static struct synapse synapses[SYNAPSES];

    (void)state;
    make_synapses(synapses);
    for (enum format_id format = 0; format < FORMAT_COUNT; format++) {
        static double table[STEPS + LONGEST + 1][SUMS];
        struct rows rows;
        struct calendar calendar;

        memset(table, 0, sizeof table);
        fill(format, SOURCES, synapses, SYNAPSES, &rows);
        assert_int_equal(rows.synapse_count, SYNAPSES);
        assert_int_equal(calendar_open(&rows, &calendar), TUTTI_OK);
        for (int64_t step = 1; step <= STEPS; step++) {
            const uint32_t source = (uint32_t)(step * step) % SOURCES;
            union sums sums = {{0}};

            assert_int_equal(calendar_deliver(&calendar, &sums), TUTTI_OK);
            for (size_t i = 0; i < SUMS; i++)
                assert_true(sum_of(&sums, format, i) == table[step][i]);
            assert_int_equal(calendar_add(&calendar, 0, source, step), TUTTI_OK);
            for (size_t i = 0; i < SYNAPSES; i++)
                if (synapses[i].source == source)
                    table[step + synapses[i].delay][synapses[i].sum] +=
                        synapses[i].weight;
        }
        calendar_free(&calendar);
        rows_free(&rows);
    }
}

static void a_synapse_takes_the_bytes_that_its_format_promises(void **state)
{
    enum { COUNT = 1000 };
    const double promised[] = {[FORMAT_EXACT] = 13,
                               [FORMAT_SHARED] = 3,
                               [FORMAT_SINGLE] = 8,
                               [FORMAT_PACKED] = 5};
    static struct synapse synapses[COUNT];

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++)
        synapses[i] = (struct synapse){0, i % 64, 1 + i / 50, QUANTUM}; /* 20 delays */
    for (enum format_id format = 0; format < FORMAT_COUNT; format++) {
        struct rows rows;

        fill(format, 1, synapses, COUNT, &rows);
        assert_true((double)rows_memory(&rows) / COUNT <= promised[format]);
        assert_true((double)rows_memory(&rows) <=
                    format_estimate(format_get(format), COUNT, 20) + 16);
        rows_free(&rows);
    }
}

static void a_weight_beyond_its_format_is_told(void **state)
{
    const struct synapse fits = {0, 0, 1, INT16_MAX * QUANTUM};
    const struct synapse does_not = {0, 0, 1, (INT16_MAX + 1) * QUANTUM};
    struct rows rows;

    (void)state;
    fill(FORMAT_PACKED, 1, &fits, 1, &rows);
    rows_free(&rows);
    assert_int_equal(rows_open(format_get(FORMAT_PACKED), 1, &rows), TUTTI_OK);
    assert_int_equal(rows_expect(&rows, 0, 1, 1), TUTTI_OK);
    rows_count(&rows, 0, &does_not.source, 1);
    assert_int_equal(rows_make_room(&rows), TUTTI_OK);
    assert_false(place_one(&rows, does_not));
    rows_free(&rows);
}

/* As many of the largest weight as a sum holds, then one more. */
static void a_packed_sum_that_overflows_is_found(void **state)
{
    enum { MOST = INT32_MAX / INT16_MAX };
    const struct synapse synapse = {0, 3, 1, INT16_MAX * QUANTUM};

    (void)state;
    for (int count = MOST; count <= MOST + 1; count++) {
        union sums sums = {{0}};
        struct rows rows;
        struct calendar calendar;

        fill(FORMAT_PACKED, 1, &synapse, 1, &rows);
        assert_int_equal(rows.largest_input, INT16_MAX);
        assert_int_equal(calendar_open(&rows, &calendar), TUTTI_OK);
        for (int i = 0; i < count; i++)
            assert_int_equal(calendar_add_again(&calendar, 0, 0, 0), TUTTI_OK);
        assert_int_equal(calendar_deliver(&calendar, &sums), TUTTI_OK);
        assert_int_equal(calendar.has_overflow, count > MOST);
        if (count > MOST)
            assert_int_equal(calendar.overflow, 3);
        else
            assert_int_equal(sums.ints[3], MOST * INT16_MAX);
        calendar_free(&calendar);
        rows_free(&rows);
    }
}

/* No spike repeats, but all synapses of one target together are too many. */
static void one_step_of_all_sources_may_overflow_too(void **state)
{
    enum { COUNT = INT32_MAX / INT16_MAX + 1 };
    static struct synapse synapses[COUNT];
    union sums sums = {{0}};
    struct rows rows;
    struct calendar calendar;

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++)
        synapses[i] = (struct synapse){i, 5, 1, -INT16_MAX * QUANTUM};
    fill(FORMAT_PACKED, COUNT, synapses, COUNT, &rows);
    assert_int_equal(calendar_open(&rows, &calendar), TUTTI_OK);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(calendar_add(&calendar, 0, i, 0), TUTTI_OK);
    assert_int_equal(calendar_deliver(&calendar, &sums), TUTTI_OK);
    assert_true(calendar.has_overflow);
    assert_int_equal(calendar.overflow, 5);
    calendar_free(&calendar);
    rows_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_sorted_by_delay_and_then_as_it_was_made),
        cmocka_unit_test(a_synapse_acts_exactly_its_delay_after_the_spike),
        cmocka_unit_test(a_spike_of_a_step_to_come_waits_for_it),
        cmocka_unit_test(what_is_overdue_acts_in_the_next_step_all_of_it),
        cmocka_unit_test(a_source_without_synapses_reaches_nobody),
        cmocka_unit_test(in_every_format_many_spikes_arrive_as_in_a_table),
        cmocka_unit_test(a_synapse_takes_the_bytes_that_its_format_promises),
        cmocka_unit_test(a_weight_beyond_its_format_is_told),
        cmocka_unit_test(a_packed_sum_that_overflows_is_found),
        cmocka_unit_test(one_step_of_all_sources_may_overflow_too),
    };

    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
