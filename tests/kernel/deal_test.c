/* Who owns which cell.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/deal.h"
#include "kernel/part.h"

static const uint32_t sizes[] = {1, 63, 64, 65, 128, 129, 1000, 4097};

static void every_cell_has_one_owner_and_one_local(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (uint32_t shards = 1; shards <= 7; shards++) {
            const struct deal deal = {.begin = 13,
                                      .end = 13 + sizes[i],
                                      .shards = shards,
                                      .first = (uint32_t)i % shards};
            uint32_t total = 0;

            for (uint32_t shard = 0; shard < shards; shard++)
                total += deal_size(&deal, shard);
            assert_int_equal(total, sizes[i]);
            for (uint32_t cell = deal.begin; cell < deal.end; cell++) {
                const uint32_t shard = deal_shard(&deal, cell);
                const uint32_t local = deal_local(&deal, cell);

                assert_true(local < deal_size(&deal, shard));
                assert_int_equal(deal_cell(&deal, shard, local), cell);
            }
        }
}

static void cells_rise_with_locals(void **state)
{
    const struct deal deal = {.begin = 7, .end = 1500, .shards = 3, .first = 2};

    (void)state;
    for (uint32_t shard = 0; shard < 3; shard++)
        for (uint32_t local = 1; local < deal_size(&deal, shard); local++)
            assert_true(deal_cell(&deal, shard, local) >
                        deal_cell(&deal, shard, local - 1));
}

static void a_range_of_cells_is_a_range_of_locals(void **state)
{
    const struct deal deal = {.begin = 100, .end = 700, .shards = 3, .first = 1};

    (void)state;
    for (uint32_t shard = 0; shard < 3; shard++)
        for (uint32_t from = 0; from < 800; from++) {
            uint32_t before = 0;

            while (before < deal_size(&deal, shard) &&
                   deal_cell(&deal, shard, before) < from)
                before++;
            assert_int_equal(deal_first_local(&deal, shard, from), before);
        }
}

/* Many small populations must not all end on the first shard. */
static void packs_of_a_population_follow_those_of_the_one_before(void **state)
{
    struct part_range ranges[] = {
        {.end = 10}, {.end = 65}, {.begin = 5, .end = 5}, {.end = 200}, {.end = 1}};
    const struct part part = {.population_count = 5, .ranges = ranges};

    (void)state;
    assert_int_equal(deal_population(&part, 0, 4).first, 0);
    assert_int_equal(deal_population(&part, 1, 4).first, 1);
    assert_int_equal(deal_population(&part, 2, 4).first, 3);
    assert_int_equal(deal_population(&part, 3, 4).first, 3);
    assert_int_equal(deal_population(&part, 4, 4).first, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_has_one_owner_and_one_local),
        cmocka_unit_test(cells_rise_with_locals),
        cmocka_unit_test(a_range_of_cells_is_a_range_of_locals),
        cmocka_unit_test(packs_of_a_population_follow_those_of_the_one_before),
    };

    return cmocka_run_group_tests_name("deal", tests, NULL, NULL);
}
