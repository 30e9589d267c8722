/* How often and how regularly the cells of a population fire.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/statistics.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

enum tutti_status statistics_open(uint32_t size, struct statistics *statistics)
{
    *statistics = (struct statistics){
        .size = size, .cells = tt_alloc_array(size, sizeof *statistics->cells)};
    if (!statistics->cells)
        return FAIL(TUTTI_NO_MEMORY,
                    "no memory for the statistics of %" PRIu32 " cells", size);
    return TUTTI_OK;
}

void statistics_free(struct statistics *statistics)
{
    free(statistics->cells);
    *statistics = (struct statistics){0};
}

void statistics_add(struct statistics *statistics, int64_t step, size_t count,
                    const uint32_t *cells)
{
    statistics->spikes += count;
    for (size_t i = 0; i < count; i++) {
        struct statistics_cell *const cell = &statistics->cells[cells[i]];

        if (cell->last) {
            const double interval = (double)(step - cell->last);

            cell->intervals++;
            cell->sum += interval;
            cell->squares += interval * interval;
        }
        cell->last = step;
    }
}

double statistics_rate(const struct statistics *statistics, int64_t duration)
{
    return (double)statistics->spikes / statistics->size / ((double)duration * 1e-9);
}

double statistics_irregularity(const struct statistics *statistics)
{
    double sum = 0.0;
    uint32_t count = 0;

    for (uint32_t i = 0; i < statistics->size; i++) {
        const struct statistics_cell *const cell = &statistics->cells[i];
        const double mean = cell->sum / cell->intervals;

        if (cell->intervals < 2 || !(mean > 0.0))
            continue;
        /* Whole numbers of steps: the difference is exact enough not to fall below 0 by
         * more than rounding. */
        sum += sqrt(fmax(cell->squares / cell->intervals - mean * mean, 0.0)) / mean;
        count++;
    }
    return count ? sum / count : (double)NAN;
}
