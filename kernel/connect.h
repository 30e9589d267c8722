/* Draws the synapses of all shards of a process.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_CONNECT_H
#define KERNEL_CONNECT_H

#include <stdint.h>

#include "tutti/status.h"

struct shard;
struct threads;

/* The shards of this process: `first` .. `first` + count - 1 of all. */
struct connect {
    struct threads *threads; /* as many as shards */
    struct shard *shards;
    uint32_t first, count;
};

/* To be called by all threads together, each with the number of its shard; all shards
 * are open. Fills their stores and opens their calendars: all synapses that end at
 * their cells, whoever owns the source. TUTTI_NO_MEMORY; TUTTI_BAD_CONFIG: weights do
 * not fit into the precision of a projection. */
enum tutti_status connect_shard(const struct connect *connect, uint32_t number);

#endif
