/* The exchange between ranks, with threads in the place of processes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "kernel/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "crew.h"
#include "kernel/arrivals.h"

/* Rank r has r * 400 spikes in the first call, so that some need several rounds. */
static bool exchanges_spikes(struct exchange **exchange, void *argument)
{
    const int rank = exchange_rank(*exchange), ranks = exchange_ranks(*exchange);
    struct arrivals_spike mine[CREW_MOST * 400];
    const struct arrivals_spike *theirs;
    size_t count, next = 0;
    bool is_well = true;

    (void)argument;
    for (int call = 0; call < 3; call++) {
        for (size_t i = 0; i < (size_t)rank * 400; i++)
            mine[i] = (struct arrivals_spike){(uint32_t)rank, (uint32_t)i, call};
        next = 0;
        if (exchange_spikes(*exchange, mine, call == 1 ? 0 : (size_t)rank * 400,
                            &theirs, &count))
            return false;
        for (int i = 0; i < ranks && call != 1; i++)
            for (uint32_t k = 0; i != rank && k < (uint32_t)i * 400; k++, next++)
                is_well = is_well && next < count && theirs[next].step == call &&
                          theirs[next].group == (uint32_t)i && theirs[next].cell == k;
        is_well = is_well && next == count;
    }
    return exchange_close(exchange) == TUTTI_OK && is_well;
}

static void every_rank_gets_the_spikes_of_all_others_in_order(void **state)
{
    (void)state;
    crew_play(1, exchanges_spikes, NULL);
    crew_play(2, exchanges_spikes, NULL);
    crew_play(4, exchanges_spikes, NULL);
}

static bool shares_bytes(struct exchange **exchange, void *argument)
{
    const int rank = exchange_rank(*exchange), ranks = exchange_ranks(*exchange);
    char mine[10000];
    const void *all;
    const size_t *sizes;
    bool is_well = true;

    (void)argument;
    memset(mine, 'a' + rank, sizeof mine);
    if (exchange_bytes(*exchange, mine, sizeof mine - (size_t)rank, &all, &sizes))
        return false;
    for (int i = 0, at = 0; i < ranks; at += (int)sizes[i], i++)
        is_well = is_well && sizes[i] == sizeof mine - (size_t)i &&
                  ((const char *)all)[at] == 'a' + i &&
                  ((const char *)all)[at + (int)sizes[i] - 1] == 'a' + i;
    return exchange_wait(*exchange) == TUTTI_OK &&
           exchange_close(exchange) == TUTTI_OK && is_well;
}

static void every_rank_gets_the_bytes_of_all(void **state)
{
    (void)state;
    crew_play(1, shares_bytes, NULL);
    crew_play(3, shares_bytes, NULL);
}

/* Rank 1 gives up; the others are at different calls. */
static bool loses_one(struct exchange **exchange, void *argument)
{
    static const char *const sentence =
        "rank 1 of the kernel gave up: a cell of 'E' is tired; let it rest";
    const struct arrivals_spike *theirs;
    enum tutti_status status;
    size_t count;
    bool is_well;

    (void)argument;
    if (exchange_rank(*exchange) == 1) {
        tt_set_error("a cell of 'E' is tired; let it rest");
        is_well = exchange_give_up(*exchange) &&
                  strcmp(tutti_last_error(), sentence + 30) == 0;
        return exchange_close(exchange) == TUTTI_OK && is_well;
    }
    if (exchange_rank(*exchange) == 2)
        status = exchange_spikes(*exchange, NULL, 0, &theirs, &count);
    else
        status = exchange_wait(*exchange);
    is_well = status == TUTTI_LOST && strcmp(tutti_last_error(), sentence) == 0;
    is_well = is_well && !exchange_give_up(*exchange);
    return exchange_close(exchange) == TUTTI_OK && is_well;
}

static bool loses_all(struct exchange **exchange, void *argument)
{
    bool is_well;

    (void)argument;
    tt_set_error("line 3: no");
    is_well = exchange_give_up(*exchange) == (exchange_rank(*exchange) == 0);
    return exchange_close(exchange) == TUTTI_OK && is_well;
}

static bool loses_one_at_the_end(struct exchange **exchange, void *argument)
{
    (void)argument;
    if (exchange_rank(*exchange) == 0) {
        tt_set_error("no");
        exchange_give_up(*exchange);
        return exchange_close(exchange) == TUTTI_OK;
    }
    return exchange_close(exchange) == TUTTI_LOST &&
           strcmp(tutti_last_error(), "rank 0 of the kernel gave up: no") == 0;
}

static void a_rank_that_gives_up_tells_the_others_why(void **state)
{
    (void)state;
    crew_play(4, loses_one, NULL);
    crew_play(2, loses_one_at_the_end, NULL);
}

static void of_ranks_that_give_up_together_the_first_speaks(void **state)
{
    (void)state;
    crew_play(1, loses_all, NULL);
    crew_play(3, loses_all, NULL);
}

static void a_process_of_no_job_is_the_only_rank(void **state)
{
    struct exchange *exchange;

    (void)state;
    crew_alone();
    assert_int_equal(exchange_open(&exchange), TUTTI_OK);
    assert_int_equal(exchange_rank(exchange), 0);
    assert_int_equal(exchange_ranks(exchange), 1);
    assert_int_equal(exchange_wait(exchange), TUTTI_OK);
    assert_int_equal(exchange_close(&exchange), TUTTI_OK);
    assert_int_equal(exchange_close(&exchange), TUTTI_OK);
    assert_true(exchange_give_up(NULL));
}

static void a_job_needs_a_kernel_built_with_mpi(void **state)
{
    struct exchange *exchange;

    (void)state;
    crew_without_mpi();
    assert_int_equal(exchange_open(&exchange), TUTTI_BAD_CONFIG);
    assert_string_equal(
        tutti_last_error(),
        "started as a rank of an MPI job, but built without MPI; install "
        "libopenmpi-dev and build again, or start without mpirun and srun");
    assert_null(exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rank_gets_the_spikes_of_all_others_in_order),
        cmocka_unit_test(every_rank_gets_the_bytes_of_all),
        cmocka_unit_test(a_rank_that_gives_up_tells_the_others_why),
        cmocka_unit_test(of_ranks_that_give_up_together_the_first_speaks),
        cmocka_unit_test(a_process_of_no_job_is_the_only_rank),
        cmocka_unit_test(a_job_needs_a_kernel_built_with_mpi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
