/* Ranks without MPI: the threads of a test play them. Takes the place of the kernel's
 * own exchange_job(). SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CREW_H
#define TESTS_CREW_H

#include <stdbool.h>

struct exchange;

enum { CREW_MOST = 4 };

/* Runs `play` in as many threads as ranks; each has opened its exchange, closes it, and
 * says whether all was well. The test fails unless it was in all of them. `argument` is
 * handed to all. */
void crew_play(int ranks, bool (*play)(struct exchange **exchange, void *argument),
               void *argument);

/* From here on the process looks as if started by mpirun, with a kernel built without
 * MPI; or as if started by hand. */
void crew_without_mpi(void);
void crew_alone(void);

#endif
