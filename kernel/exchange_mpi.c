/* The kernel's only use of MPI. A call of MPI that fails ends all ranks, with a line of
 * MPI's own, so that no results need to be looked at.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <mpi.h>

#include "kernel/exchange_job.h"

static void open_job(int *rank, int *ranks)
{
    int provided;

    /* Threads of the kernel are not those that exchange. */
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    MPI_Comm_size(MPI_COMM_WORLD, ranks);
}

static void gather(const void *mine, size_t size, void *all)
{
    MPI_Allgather(mine, (int)size, MPI_BYTE, all, (int)size, MPI_BYTE, MPI_COMM_WORLD);
}

static void close_job(void)
{
    MPI_Finalize();
}

const struct exchange_job *exchange_job(void)
{
    static const struct exchange_job mpi = {open_job, gather, close_job};

    return &mpi;
}
