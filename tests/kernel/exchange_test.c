/* The exchange between ranks, with threads in the place of processes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "kernel/exchange.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "kernel/arrivals.h"
#include "kernel/exchange_job.h"

enum { MOST_RANKS = 4 };

/* The job of this program: its threads meet here. */
static struct {
    pthread_barrier_t meeting;
    int ranks;
    const void *blocks[MOST_RANKS];
} job;
static _Thread_local int own_rank;

static void open_job(int *rank, int *ranks)
{
    *rank = own_rank;
    *ranks = job.ranks;
}

static void gather(const void *mine, size_t size, void *all)
{
    job.blocks[own_rank] = mine;
    pthread_barrier_wait(&job.meeting);
    for (int i = 0; i < job.ranks; i++)
        memcpy((char *)all + (size_t)i * size, job.blocks[i], size);
    pthread_barrier_wait(&job.meeting);
}

static void close_job(void)
{
    pthread_barrier_wait(&job.meeting);
}

/* Takes the place of the kernel's own. */
const struct exchange_job *exchange_job(void)
{
    static const struct exchange_job threads = {open_job, gather, close_job};

    return job.ranks ? &threads : NULL;
}

/* What one rank does; true: all as it should be. */
struct player {
    int rank;
    bool (*play)(struct exchange **exchange);
    bool is_well;
};

static void *run_rank(void *argument)
{
    struct player *const player = argument;
    struct exchange *exchange;

    own_rank = player->rank;
    player->is_well =
        exchange_open(&exchange) == TUTTI_OK && player->play(&exchange) && !exchange;
    return NULL;
}

static void play(int ranks, bool (*part)(struct exchange **exchange))
{
    struct player players[MOST_RANKS];
    pthread_t threads[MOST_RANKS];

    setenv("PMI_RANK", "0", 1);
    job.ranks = ranks;
    assert_int_equal(pthread_barrier_init(&job.meeting, NULL, (unsigned)ranks), 0);
    for (int i = 0; i < ranks; i++) {
        players[i] = (struct player){.rank = i, .play = part};
        assert_int_equal(pthread_create(&threads[i], NULL, run_rank, &players[i]), 0);
    }
    for (int i = 0; i < ranks; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    pthread_barrier_destroy(&job.meeting);
    for (int i = 0; i < ranks; i++)
        assert_true(players[i].is_well);
}

/* Rank r has r * 400 spikes in the first call, so that some need several rounds. */
static bool exchanges_spikes(struct exchange **exchange)
{
    const int rank = exchange_rank(*exchange), ranks = exchange_ranks(*exchange);
    struct arrivals_spike mine[MOST_RANKS * 400];
    const struct arrivals_spike *theirs;
    size_t count, next = 0;
    bool is_well = true;

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
    play(1, exchanges_spikes);
    play(2, exchanges_spikes);
    play(4, exchanges_spikes);
}

static bool shares_bytes(struct exchange **exchange)
{
    const int rank = exchange_rank(*exchange), ranks = exchange_ranks(*exchange);
    char mine[10000];
    const void *all;
    const size_t *sizes;
    bool is_well = true;

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
    play(1, shares_bytes);
    play(3, shares_bytes);
}

/* Rank 1 gives up; the others are at different calls. */
static bool loses_one(struct exchange **exchange)
{
    static const char *const sentence =
        "rank 1 of the kernel gave up: a cell of 'E' is tired; let it rest";
    const struct arrivals_spike *theirs;
    enum tutti_status status;
    size_t count;
    bool is_well;

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

static bool loses_all(struct exchange **exchange)
{
    bool is_well;

    tt_set_error("line 3: no");
    is_well = exchange_give_up(*exchange) == (exchange_rank(*exchange) == 0);
    return exchange_close(exchange) == TUTTI_OK && is_well;
}

static bool loses_one_at_the_end(struct exchange **exchange)
{
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
    play(4, loses_one);
    play(2, loses_one_at_the_end);
}

static void of_ranks_that_give_up_together_the_first_speaks(void **state)
{
    (void)state;
    play(1, loses_all);
    play(3, loses_all);
}

static void a_process_of_no_job_is_the_only_rank(void **state)
{
    struct exchange *exchange;

    (void)state;
    unsetenv("PMI_RANK");
    job.ranks = 0;
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
    setenv("PMI_RANK", "0", 1);
    job.ranks = 0;
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

    /* Under MPI too these threads are the ranks. */
    unsetenv("OMPI_COMM_WORLD_RANK");
    unsetenv("PMIX_RANK");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
