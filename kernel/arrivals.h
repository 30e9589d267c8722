/* How spikes get from shard to shard: what was fired during a run of steps, each shard
 * takes in at the beginning of the next, for the synapses that end at its own cells.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_ARRIVALS_H
#define KERNEL_ARRIVALS_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct shard;
struct spikes;

/* A spike of a cell that no shard here owns. */
struct arrivals_spike {
    uint32_t group, cell;
    int64_t step;
};

/* A shard takes in all spikes of one run of one shard (which may be itself); the other
 * one may only read them meanwhile. TUTTI_NO_MEMORY. */
enum tutti_status arrivals_take(struct shard *shard, const struct spikes *spikes);

/* The same for spikes from outside. */
enum tutti_status arrivals_take_outside(struct shard *shard,
                                        const struct arrivals_spike *arrivals,
                                        size_t count);

#endif
