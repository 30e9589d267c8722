/* The part of a network that one kernel simulates: of each population a range of cells.
 * Indices stay those of the whole population.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_PART_H
#define KERNEL_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct network;

struct part_range {
    uint32_t begin, end; /* equal: no cell of this population */
};

struct part {
    size_t population_count;
    struct part_range *ranges; /* one for each population */
};

/* `owns` holds texts like "E=0:4000". Without any the part is the whole; with some, a
 * population that they do not name has no cell here. TUTTI_BAD_CONFIG names the text.
 * Ended by part_free(), also after a failure. */
enum tutti_status part_open(const struct network *network, const char *const *owns,
                            size_t count, struct part *part);
void part_free(struct part *part);

/* Whether all cells of a population are in the part. */
bool part_is_whole(const struct part *part, const struct network *network,
                   size_t population);

/* TUTTI_NO_MEMORY with the estimate, by precision of the synapses, when the part needs
 * more than `limit` bytes. */
enum tutti_status part_check_memory(const struct part *part,
                                    const struct network *network, double limit);

#endif
