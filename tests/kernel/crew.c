/* Ranks without MPI.
 * SPDX-License-Identifier: Apache-2.0 */
#include "crew.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/exchange.h"
#include "kernel/exchange_job.h"

/* The job of this program: its threads meet here. MPI knows no handle of a job that
 * could be given to its calls, so there is none here either. */
static struct {
    pthread_barrier_t meeting;
    int ranks;
    const void *blocks[CREW_MOST];
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

const struct exchange_job *exchange_job(void)
{
    static const struct exchange_job threads = {open_job, gather, close_job};

    return job.ranks ? &threads : NULL;
}

struct player {
    int rank;
    bool (*play)(struct exchange **exchange, void *argument);
    void *argument;
    bool is_well;
};

static void *run_rank(void *argument)
{
    struct player *const player = argument;
    struct exchange *exchange;

    own_rank = player->rank;
    player->is_well = exchange_open(&exchange) == TUTTI_OK &&
                      player->play(&exchange, player->argument) && !exchange;
    return NULL;
}

void crew_play(int ranks, bool (*play)(struct exchange **exchange, void *argument),
               void *argument)
{
    struct player players[CREW_MOST];
    pthread_t threads[CREW_MOST];

    crew_without_mpi();
    job.ranks = ranks;
    assert_int_equal(pthread_barrier_init(&job.meeting, NULL, (unsigned)ranks), 0);
    for (int i = 0; i < ranks; i++) {
        players[i] = (struct player){.rank = i, .play = play, .argument = argument};
        assert_int_equal(pthread_create(&threads[i], NULL, run_rank, &players[i]), 0);
    }
    for (int i = 0; i < ranks; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    pthread_barrier_destroy(&job.meeting);
    job.ranks = 0;
    for (int i = 0; i < ranks; i++)
        assert_true(players[i].is_well);
}

void crew_without_mpi(void)
{
    job.ranks = 0;
    setenv("PMI_RANK", "0", 1);
}

void crew_alone(void)
{
    unsetenv("OMPI_COMM_WORLD_RANK");
    unsetenv("PMIX_RANK");
    unsetenv("PMI_RANK");
}
