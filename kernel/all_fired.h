/* The spikes of all ranks in one order, for those who record or count them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_ALL_FIRED_H
#define KERNEL_ALL_FIRED_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/arrivals.h"
#include "tutti/status.h"

struct simulation;

struct all_fired {
    const struct simulation *simulation;
    struct arrivals_spike *heard; /* by population, step and cell */
    size_t heard_count, heard_room;
    uint32_t *cells;
    size_t cell_room;
};

/* After each simulation_run(): takes in what the other ranks have fired.
 * TUTTI_NO_MEMORY. */
enum tutti_status all_fired_take(struct all_fired *all);
void all_fired_free(struct all_fired *all);

/* simulation_fired() with the cells of all ranks. Borrowed until the next call.
 * TUTTI_NO_MEMORY. */
enum tutti_status all_fired_get(struct all_fired *all, int64_t step,
                                uint32_t population, size_t *count,
                                const uint32_t **cells);

#endif
