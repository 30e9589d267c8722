/* The cells that one thread owns, with all that only this thread touches: their states,
 * the sums of what arrives, the synapses that end at them, what is due when. Other
 * threads read its spikes. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_SHARD_H
#define KERNEL_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/calendar.h"
#include "kernel/deal.h"
#include "kernel/format.h"
#include "kernel/model.h"
#include "kernel/random.h"
#include "kernel/rows.h"
#include "kernel/spikes.h"
#include "tutti/status.h"

struct currents;
struct generators;
struct network;
struct plasticity;
struct precision;
struct shard_cells;

/* Rows of one format onto one tile of sums. */
struct shard_store {
    enum format_id format;
    uint32_t tile; /* number of the tile among the sums of its kind */
    struct rows rows;
    struct calendar calendar;
    uint16_t *shared_places; /* of FORMAT_SHARED: of each projection, in rows.weights */
};

/* What the cells of one population share. */
struct shard_population {
    double constants[MODEL_MAX_CONSTANTS];
    bool has_poisson;
    struct random_poisson poisson;
};

/* What all shards share; constant while the network runs. */
struct shard_plan {
    const struct network *network;
    const struct precision *precision;
    const struct generators *generators;
    const struct deal *deals; /* of each population */
    const struct shard_population *populations;
};

struct shard {
    const struct shard_plan *plan;
    uint32_t number;           /* among all shards of all ranks */
    int64_t done;              /* the step that was run last; 0 before the first */
    struct shard_cells *cells; /* of each population */
    void *sums[FORMAT_SUMS_KINDS];
    size_t sum_counts[FORMAT_SUMS_KINDS];
    size_t store_count, store_room;
    struct shard_store **stores;
    struct plasticity *plasticity; /* NULL: all synapses are static */
    struct currents *currents;
    struct spikes spikes[2]; /* of the run that is on, and of the one before, in turn */
    double *inputs; /* of a block of cells: sums that are not made of weights */
};

/* Not from several threads at once. */
void shard_prepare(const struct network *network, uint32_t population,
                   struct shard_population *shared);

/* Cells, sums and no synapses. To be called by the thread that owns the shard.
 * TUTTI_NO_MEMORY. Ended by shard_close(), also after a failure. */
enum tutti_status shard_open(const struct shard_plan *plan, uint32_t number,
                             struct shard *shard);
void shard_close(struct shard *shard);

/* Where the sum of a cell and receptor is: among the sums of which kind, at which
 * place. */
enum format_sums shard_sum_kind(const struct shard *shard, uint32_t population,
                                size_t receptor);
size_t shard_sum(const struct shard *shard, uint32_t population, size_t receptor,
                 uint32_t local);

/* The store for synapses of a format onto a tile; made when there is none.
 * TUTTI_NO_MEMORY. */
enum tutti_status shard_make_store(struct shard *shard, enum format_id format,
                                   uint32_t tile, struct shard_store **store);
/* The same, made before; NULL when it was not. */
struct shard_store *shard_find_store(const struct shard *shard, enum format_id format,
                                     uint32_t tile);

/* Opens the calendars, once all synapses are there. */
enum tutti_status shard_open_calendars(struct shard *shard);

/* The spike of a cell of any shard at the end of step `step`, which is not over for
 * any of its synapses. */
enum tutti_status shard_receive(struct shard *shard, uint32_t group, uint32_t cell,
                                int64_t step);
/* The same when it may not be the only one of the cell in that step, or may be late. */
enum tutti_status shard_receive_again(struct shard *shard, uint32_t group,
                                      uint32_t cell, int64_t step);

/* As if all steps up to `done` had been run, in which nothing happened. */
void shard_set_done(struct shard *shard, int64_t done);
/* The same as shard_receive() for a spike some of whose synapses have acted, those that
 * were to do so up to the last step. */
enum tutti_status shard_resume(struct shard *shard, uint32_t group, uint32_t cell,
                               int64_t step);

/* Longest delay of all synapses that end here, in steps. */
uint32_t shard_longest_delay(const struct shard *shard);

/* Runs one step; what fires is added to spikes[turn]. */
enum tutti_status shard_advance(struct shard *shard, size_t turn);

/* State number `state` of the cells of a population, by local. */
double *shard_state(const struct shard *shard, uint32_t population, size_t state);

#endif
