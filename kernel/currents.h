/* The currents that flow into cells: what projections carry from populations that are
 * sources of current. A synapse with weight w and delay d adds w * I(t - d) in the step
 * that begins at t. Belongs to the thread that owns the cells.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_CURRENTS_H
#define KERNEL_CURRENTS_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct currents;
struct generators;
struct network;

/* The cells of one population that get currents, as global indices that rise. */
struct currents_cells {
    const uint32_t *cells; /* NULL: those from `first` on */
    uint32_t first, count;
};

/* Draws the projections that carry currents to the cells in `targets`, of which there
 * is one for each population; borrowed for the call, the other two until the currents
 * are closed. TUTTI_NO_MEMORY. Ended by currents_close(), which accepts NULL inside. */
enum tutti_status currents_open(const struct network *network,
                                const struct generators *generators,
                                const struct currents_cells *targets,
                                struct currents **currents);
void currents_close(struct currents **currents);

/* Computes the currents of step `step`, which begins at `step` - 1 steps. Steps may be
 * left out; they are cheapest one after the other. */
void currents_move(struct currents *currents, int64_t step);

/* pA of each of the cells of a population. Borrowed; changes with currents_move(). */
const double *currents_get(const struct currents *currents, size_t population);

#endif
