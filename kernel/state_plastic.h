/* The part of a saved state that plastic synapses need: their weights, what they keep
 * of their sources, and the last spikes of their targets. Sections for kernel/state.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_STATE_PLASTIC_H
#define KERNEL_STATE_PLASTIC_H

#include <stdbool.h>

#include "tutti/status.h"

struct simulation_parts;
struct state_file;
struct state_file_section;

/* Kinds of sections. */
enum {
    STATE_PLASTIC_HISTORY = 16, /* of the population with that number */
    STATE_PLASTIC_PIECES        /* of the projection with that number */
};

/* Writes what the shards of this rank have. TUTTI_SYSTEM, TUTTI_NO_MEMORY. */
enum tutti_status state_plastic_save(const struct simulation_parts *parts,
                                     struct state_file *file);

/* Takes what belongs to the shards of this rank from a section of one of these kinds.
 * *fits becomes false when it cannot be of this network. TUTTI_NO_MEMORY. */
enum tutti_status state_plastic_restore(const struct simulation_parts *parts,
                                        const struct state_file_section *section,
                                        bool *fits);

#endif
