/* The last spikes of the cells of one population in one shard, with their traces: what
 * synapses that see their targets ask for. Spikes are kept until somebody says that no
 * synapse will ask for them again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_HISTORY_H
#define KERNEL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

enum {
    HISTORY_OLDEST = -(1 << 30) /* step of what never was, or is as good as forgotten */
};

struct history {
    uint32_t cell_count;
    double rate;     /* of the traces: -1 / tau_minus, for each step */
    int64_t base;    /* step from which `steps` count */
    int64_t settled; /* nobody asks for spikes up to this step */
    int32_t *ends;   /* of each cell: behind its newest spike in the two below */
    int32_t *rooms;  /* of each cell: where its room ends */
    int32_t *steps;  /* of each spike; in front of them one that is settled */
    double *traces;  /* right after each spike */
    int32_t size;    /* of the two above: given to cells */
    size_t step_room, trace_room;
    int32_t limit; /* size from which on spikes should be settled */
};

/* TUTTI_NO_MEMORY. Ended by history_free(), also after a failure. */
enum tutti_status history_open(uint32_t cell_count, double tau_minus_ms, double step_ms,
                               struct history *history);
void history_free(struct history *history);

/* A spike of a cell at the end of step `step`, not before those it had.
 * TUTTI_NO_MEMORY.
 */
enum tutti_status history_add(struct history *history, uint32_t cell, int64_t step);

/* A step as `steps` has it, HISTORY_OLDEST at least. */
static inline int32_t history_relative(const struct history *history, int64_t step)
{
    const int64_t relative = step - history->base;

    return (int32_t)(relative > HISTORY_OLDEST ? relative : HISTORY_OLDEST);
}

/* Whether history_settle() is due: so much is kept, or `step` is so far from `base`. */
bool history_is_full(const struct history *history, int64_t step);

/* Forgets the spikes up to `step`, but for the newest of each cell: nobody will ask for
 * them. `step` is after `settled`. TUTTI_NO_MEMORY. */
enum tutti_status history_settle(struct history *history, int64_t step);

/* Spike number `back` of a cell, counted from its newest, which is 0; false: there is
 * none, or nobody may ask for it. */
bool history_look(const struct history *history, uint32_t cell, uint32_t back,
                  int64_t *step, double *trace);

/* A history that is empty so far goes on from one that was settled at `step`. */
void history_begin(struct history *history, int64_t step);
/* history_add() of a spike whose trace is known. TUTTI_NO_MEMORY. */
enum tutti_status history_put_back(struct history *history, uint32_t cell, int64_t step,
                                   double trace);

#endif
