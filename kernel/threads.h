/* Threads that work together and sleep in between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_THREADS_H
#define KERNEL_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "tutti/status.h"

struct threads;

/* Starts count - 1 threads; the caller of threads_run() is the first of them.
 * TUTTI_NO_MEMORY, TUTTI_SYSTEM. Ended by threads_close(), which accepts NULL inside.
 */
enum tutti_status threads_open(uint32_t count, struct threads **threads);
void threads_close(struct threads **threads);

uint32_t threads_count(const struct threads *threads);

/* Calls `work` once on each thread, with numbers from 0, and returns when all have
 * returned: the first failure in the order of the numbers, with its sentence. Numbers
 * too small for normal doubles count as zero in `work`. */
enum tutti_status
threads_run(struct threads *threads,
            enum tutti_status (*work)(void *argument, uint32_t number), void *argument);

/* Inside of `work`: waits until all threads have come here, and says whether all of
 * them came with TUTTI_OK. All get the same answer; when it is false, each must return
 * its status. */
bool threads_meet(struct threads *threads, enum tutti_status status);

#endif
