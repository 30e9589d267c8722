/* A part of a network, built and simulated step by step; nothing of it knows where
 * spikes from outside come from. Step n ends at n * step; the first is 1. Its cells are
 * spread over threads; what they do does not depend on how many there are.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_SIMULATION_H
#define KERNEL_SIMULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct arrivals_spike;
struct deal;
struct exchange;
struct network;
struct part;
struct recent;
struct shard;
struct simulation;

/* Network and part are borrowed until the simulation is closed. TUTTI_NO_MEMORY;
 * TUTTI_SYSTEM: no more threads. Ended by simulation_close(), which accepts NULL
 * inside. */
enum tutti_status simulation_open_threads(const struct network *network,
                                          const struct part *part, uint32_t threads,
                                          struct simulation **simulation);
/* The same with one thread. */
enum tutti_status simulation_open(const struct network *network,
                                  const struct part *part,
                                  struct simulation **simulation);
/* The same as one of the ranks of `exchange`, borrowed until the simulation is closed
 * (NULL: the only one). The cells of the part are spread over all ranks; what is said
 * below of cells that are simulated here then goes for those of this rank. All ranks
 * have as many threads and make the same calls of simulation_run(); it and this one
 * also fail as exchange_spikes(). */
enum tutti_status simulation_open_rank(const struct network *network,
                                       const struct part *part, uint32_t threads,
                                       struct exchange *exchange,
                                       struct simulation **simulation);
void simulation_close(struct simulation **simulation);

/* The last step that is done; 0 at first. */
int64_t simulation_step(const struct simulation *simulation);

/* A spike from outside, of a cell of an input or of a population, at the end of step
 * `step` (which may be over or to come): its synapses act at `step` + delay, at the
 * earliest in the next step. TUTTI_BAD_CONFIG: the cell is simulated here. */
enum tutti_status simulation_receive(struct simulation *simulation, uint32_t group,
                                     uint32_t cell, int64_t step);

/* Runs steps up to `last` at most: as many as no spike can cross, at least one unless
 * `last` is done. To be called again until simulation_step() is `last`.
 * TUTTI_NO_MEMORY; TUTTI_BAD_CONFIG: a model cannot go on, or a sum overflows; the
 * sentence says why. After a failure it can only be closed. */
enum tutti_status simulation_run(struct simulation *simulation, int64_t last);

/* The first step that the last simulation_run() ran. */
int64_t simulation_first_step(const struct simulation *simulation);

/* The cells of a population that fired in a step of the last simulation_run(), as
 * global indices that rise; a cell that fired twice is there twice. Borrowed until the
 * next run. */
size_t simulation_fired(const struct simulation *simulation, int64_t step,
                        size_t population, const uint32_t **cells);

/* The spikes of the other ranks in the last simulation_run(). Borrowed until the next
 * one. */
size_t simulation_heard(const struct simulation *simulation,
                        const struct arrivals_spike **spikes);

/* Runs one step. Fails as simulation_run(). */
enum tutti_status simulation_advance(struct simulation *simulation);
/* simulation_fired() in the last step that is done. */
size_t simulation_spikes(const struct simulation *simulation, size_t population,
                         const uint32_t **cells);

/* Whether a cell is simulated here. */
bool simulation_has_cell(const struct simulation *simulation, size_t population,
                         uint32_t cell);

/* State number `state` of all cells of a population that are simulated here, in order;
 * with several ranks of all cells of the part, NaN of those of other ranks.
 * Borrowed until the next step or the next such call. */
const double *simulation_state(const struct simulation *simulation, size_t population,
                               size_t state);

/* A plastic synapse: cells as global indices. */
struct simulation_synapse {
    uint32_t source, target;
    uint32_t delay; /* steps */
    double weight;  /* now */
};

/* Calls `take` for each synapse of a plastic projection that ends here. Of one source,
 * target and delay in the order in which they were drawn. Weights are those after all
 * spikes that have arrived, and the spikes of targets up to twice the longest delay
 * ago; nothing that happens later changes by it. TUTTI_NO_MEMORY. */
enum tutti_status simulation_visit(struct simulation *simulation, uint32_t projection,
                                   void (*take)(void *argument,
                                                const struct simulation_synapse *it),
                                   void *argument);

/* What its synapses take in memory, in bytes, and how many there are. */
size_t simulation_synapse_memory(const struct simulation *simulation,
                                 uint64_t *synapses);

/* What a saved state is made of, for kernel/state.c; borrowed. */
struct simulation_parts {
    const struct network *network;
    const struct part *part;
    struct exchange *exchange; /* NULL: the only rank */
    const struct deal *deals;  /* of each population */
    struct shard *shards;      /* of this rank */
    uint32_t shard_count;
    struct recent *recent;                /* spikes of this rank and from outside */
    const struct arrivals_spike *waiting; /* received for the next run, from outside */
    size_t waiting_count;
};
struct simulation_parts simulation_parts(struct simulation *simulation);
/* The shard here that owns a cell; NULL: another rank or part does. */
struct shard *simulation_parts_shard(const struct simulation_parts *parts,
                                     uint32_t population, uint32_t cell);

/* As if all steps up to `done` had been run, in which nothing happened. */
void simulation_set_done(struct simulation *simulation, int64_t done);

#endif
