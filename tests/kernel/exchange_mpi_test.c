/* The exchange between ranks over MPI: started by mpirun, or alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/arrivals.h"
#include "kernel/exchange.h"
#include "tutti/status.h"

static void every_rank_has_its_place_and_hears_all_others(void **state)
{
    const char *const expected = getenv("OMPI_COMM_WORLD_SIZE");
    const struct arrivals_spike *theirs;
    struct arrivals_spike mine;
    struct exchange *exchange;
    size_t count;
    int rank, ranks;

    (void)state;
    assert_int_equal(exchange_open(&exchange), TUTTI_OK);
    rank = exchange_rank(exchange);
    ranks = exchange_ranks(exchange);
    assert_int_equal(ranks, expected ? atoi(expected) : 1);
    for (int step = 0; step < 100; step++) {
        mine = (struct arrivals_spike){1, (uint32_t)rank, step};
        assert_int_equal(exchange_spikes(exchange, &mine, 1, &theirs, &count),
                         TUTTI_OK);
        assert_int_equal(count, ranks - 1);
        for (int i = 0, next = 0; i < ranks; i++)
            if (i != rank) {
                assert_int_equal(theirs[next].step, step);
                assert_int_equal(theirs[next].cell, i);
                next++;
            }
    }
    assert_int_equal(exchange_close(&exchange), TUTTI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rank_has_its_place_and_hears_all_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
