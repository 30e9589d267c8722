/* Who owns which cell. The cells of a population that are simulated here are dealt out
 * in packs over all shards, like cards, so that the load is even whatever the rates.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_DEAL_H
#define KERNEL_DEAL_H

#include <stdint.h>

#define DEAL_PACK 64 /* cells */

struct part;

/* The cells of one population. */
struct deal {
    uint32_t begin, end; /* of the part */
    uint32_t shards;     /* of all ranks */
    uint32_t first;      /* shard that gets the first pack */
};

/* The packs of a population continue where those of the population before it end. */
struct deal deal_population(const struct part *part, uint32_t population,
                            uint32_t shards);

/* Number of cells of a shard; they are its locals 0 .. size - 1. */
uint32_t deal_size(const struct deal *deal, uint32_t shard);

/* Shard and local of a cell from `begin` to `end` - 1. */
uint32_t deal_shard(const struct deal *deal, uint32_t cell);
uint32_t deal_local(const struct deal *deal, uint32_t cell);

/* Cell of a local; locals of one pack are cells that follow each other, and cells rise
 * with locals. */
uint32_t deal_cell(const struct deal *deal, uint32_t shard, uint32_t local);

/* The first local at or after cell `from`; deal_size() when there is none. */
uint32_t deal_first_local(const struct deal *deal, uint32_t shard, uint32_t from);

#endif
