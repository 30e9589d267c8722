/* How often and how regularly the cells of a population fire.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_STATISTICS_H
#define KERNEL_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct statistics_cell {
    int64_t last; /* step of the last spike; 0: none */
    uint32_t intervals;
    double sum, squares; /* of the intervals, in steps */
};

struct statistics {
    uint32_t size;
    uint64_t spikes;
    struct statistics_cell *cells;
};

/* TUTTI_NO_MEMORY. Ended by statistics_free(). */
enum tutti_status statistics_open(uint32_t size, struct statistics *statistics);
void statistics_free(struct statistics *statistics);

/* The cells that fired in a step; steps rise from call to call, from 1. */
void statistics_add(struct statistics *statistics, int64_t step, size_t count,
                    const uint32_t *cells);

/* Spikes per cell and second of a run of that many nanoseconds. */
double statistics_rate(const struct statistics *statistics, int64_t duration);

/* The coefficient of variation of the intervals between spikes (Softky and Koch 1993),
 * standard deviation over mean, averaged over the cells with at least two intervals.
 * NaN when there is none. 1 for Poisson trains, 0 for clocks. */
double statistics_irregularity(const struct statistics *statistics);

#endif
