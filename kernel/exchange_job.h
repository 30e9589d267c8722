/* What kernel/exchange.c needs of MPI. One of two files answers: exchange_mpi.c, or,
 * where MPI is not installed, exchange_alone.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_EXCHANGE_JOB_H
#define KERNEL_EXCHANGE_JOB_H

#include <stddef.h>

struct exchange_job {
    /* Takes part in the job that started this process. Once in the life of it. */
    void (*open)(int *rank, int *ranks);
    /* Waits for all ranks; all[r * size ...] becomes what rank r handed in. */
    void (*gather)(const void *mine, size_t size, void *all);
    /* Waits for all ranks. Nothing may be called after it. */
    void (*close)(void);
};

/* NULL: without MPI. */
const struct exchange_job *exchange_job(void);

#endif
