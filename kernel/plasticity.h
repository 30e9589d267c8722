/* All plastic synapses that end at the cells of one shard, and the histories of these
 * cells. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_PLASTICITY_H
#define KERNEL_PLASTICITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/model.h"
#include "tutti/status.h"

struct history;
struct network;
struct network_projection;
struct plasticity;

/* The cells of a population that the shard owns. */
struct plasticity_cells {
    uint32_t size;
    size_t first_sums[MODEL_MAX_RECEPTORS]; /* place of the sum of cell 0 */
};

/* A plastic synapse as it is now; `local` is its target among the cells of the shard.
 */
struct plasticity_synapse {
    uint32_t source, local;
    uint32_t delay; /* steps */
    double weight;
};

/* Whether the synapses of a projection belong here. */
bool plasticity_takes(const struct network_projection *projection);

/* `cells` of each population. The network is borrowed until the end. *plasticity is
 * NULL when no projection is plastic. TUTTI_NO_MEMORY. Ended by plasticity_close(),
 * which accepts NULL inside. */
enum tutti_status plasticity_open(const struct network *network,
                                  const struct plasticity_cells *cells,
                                  struct plasticity **plasticity);
void plasticity_close(struct plasticity **plasticity);

/* Building: count all synapses, make room, place the same, finish. Within a pass,
 * threads may count and place synapses of different sources. `choice` is that of the
 * two receptors a projection may have: by precision_receptors(). */
struct plasticity_end {
    uint32_t projection;
    size_t choice;
    uint32_t local;
};
/* Some synapses of one target. */
struct plasticity_batch {
    uint32_t count;
    const uint32_t *sources; /* in their group */
    const double *weights;   /* not looked at when they are counted, ... */
    const uint16_t *delays;  /* ... nor are these */
};
void plasticity_count(struct plasticity *plasticity, struct plasticity_end end,
                      const struct plasticity_batch *batch);
enum tutti_status plasticity_make_room(struct plasticity *plasticity);
void plasticity_place(struct plasticity *plasticity, struct plasticity_end end,
                      const struct plasticity_batch *batch);
enum tutti_status plasticity_finish(struct plasticity *plasticity);

/* A spike of a cell of any shard, participant or input, at the end of step `step`.
 * TUTTI_NO_MEMORY. */
enum tutti_status plasticity_receive(struct plasticity *plasticity, uint32_t group,
                                     uint32_t cell, int64_t step);

/* A spike of a cell of the shard at the end of step `step`. TUTTI_NO_MEMORY. */
enum tutti_status plasticity_fired(struct plasticity *plasticity, uint32_t population,
                                   uint32_t local, int64_t step);

/* Adds what is due in the next step to the sums, whose places plasticity_cells gives.
 * TUTTI_NO_MEMORY. */
enum tutti_status plasticity_deliver(struct plasticity *plasticity, double *sums);

/* Calls `take` for each synapse of a projection: by source, delay, order of creation.
 * Weights are those after all spikes that have arrived, and the spikes of targets up to
 * twice the longest delay ago. Nothing that happens later changes by it.
 * TUTTI_NO_MEMORY. */
enum tutti_status plasticity_visit(struct plasticity *plasticity, uint32_t projection,
                                   void (*take)(void *argument,
                                                const struct plasticity_synapse *it),
                                   void *argument);

/* What all of it takes in memory, in bytes; and how many synapses there are. */
size_t plasticity_memory(const struct plasticity *plasticity, uint64_t *synapses);

/* --- to save and restore */

/* Longest delay, in steps, of all synapses onto a population that see their targets.
 * All shards must be told the same one before the first step: it says which spikes the
 * synapses have seen already when a state is saved. */
uint32_t plasticity_longest_delay(const struct plasticity *plasticity,
                                  uint32_t population);
void plasticity_set_longest_delay(struct plasticity *plasticity, uint32_t population,
                                  uint32_t delay);

/* Brings the synapses of all shards to one state: they have seen the same spikes. No
 * result depends on it. TUTTI_NO_MEMORY. */
enum tutti_status plasticity_settle(struct plasticity *plasticity);

/* The history of the cells of a population; NULL when no synapse sees them. */
struct history *plasticity_history(struct plasticity *plasticity, uint32_t population);

/* The synapses of one projection, receptor, source and delay onto one block of
 * PLASTIC_ROWS_CELLS cells. Borrowed. */
struct plasticity_piece {
    uint32_t choice, source, delay, count;
    uint32_t first_local;    /* target i has local first_local + targets[i] */
    const uint16_t *targets; /* in the order in which they were placed */
    double *weights;
    int64_t *last;  /* spike of the source, as a step, ... */
    double *states; /* ... and what the synapse keeps of it */
    size_t state_count;
};

/* Calls `take` for each piece of a projection, until one call fails. */
enum tutti_status plasticity_visit_pieces(
    struct plasticity *plasticity, uint32_t projection,
    enum tutti_status (*take)(void *argument, const struct plasticity_piece *piece),
    void *argument);

/* The piece with the choice, source and delay of `key`, onto the block of cells that
 * begins at its first_local. False: there is none. */
bool plasticity_find_piece(struct plasticity *plasticity, uint32_t projection,
                           const struct plasticity_piece *key,
                           struct plasticity_piece *piece);

/* As if all steps up to `done` had been run, in which nothing happened. */
void plasticity_set_done(struct plasticity *plasticity, int64_t done);
/* plasticity_receive() of a spike whose effects up to the last step are over. */
enum tutti_status plasticity_resume(struct plasticity *plasticity, uint32_t group,
                                    uint32_t cell, int64_t step);

#endif
