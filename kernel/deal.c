/* Who owns which cell.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/deal.h"

#include "kernel/part.h"

static uint32_t pack_count(uint32_t begin, uint32_t end)
{
    return (end - begin) / DEAL_PACK + ((end - begin) % DEAL_PACK != 0);
}

/* Place of a shard among those that get the packs of a deal one after the other. */
static uint32_t turn(const struct deal *deal, uint32_t shard)
{
    return (shard + deal->shards - deal->first) % deal->shards;
}

struct deal deal_population(const struct part *part, uint32_t population,
                            uint32_t shards)
{
    struct deal deal = {.begin = part->ranges[population].begin,
                        .end = part->ranges[population].end,
                        .shards = shards};
    uint64_t packs = 0;

    for (uint32_t i = 0; i < population; i++)
        packs += pack_count(part->ranges[i].begin, part->ranges[i].end);
    deal.first = (uint32_t)(packs % shards);
    return deal;
}

uint32_t deal_size(const struct deal *deal, uint32_t shard)
{
    const uint32_t packs = pack_count(deal->begin, deal->end);
    const uint32_t at = turn(deal, shard);
    const uint32_t own = packs / deal->shards + (packs % deal->shards > at);
    const uint32_t cut = packs * DEAL_PACK - (deal->end - deal->begin);

    if (own == 0)
        return 0;
    return own * DEAL_PACK - (at == (packs - 1) % deal->shards ? cut : 0);
}

uint32_t deal_shard(const struct deal *deal, uint32_t cell)
{
    const uint32_t pack = (cell - deal->begin) / DEAL_PACK;

    return (uint32_t)(((uint64_t)deal->first + pack) % deal->shards);
}

uint32_t deal_local(const struct deal *deal, uint32_t cell)
{
    const uint32_t place = cell - deal->begin;

    return place / DEAL_PACK / deal->shards * DEAL_PACK + place % DEAL_PACK;
}

uint32_t deal_cell(const struct deal *deal, uint32_t shard, uint32_t local)
{
    const uint32_t pack = local / DEAL_PACK * deal->shards + turn(deal, shard);

    return deal->begin + pack * DEAL_PACK + local % DEAL_PACK;
}

uint32_t deal_first_local(const struct deal *deal, uint32_t shard, uint32_t from)
{
    const uint32_t size = deal_size(deal, shard);
    uint32_t low = 0, high = size;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (deal_cell(deal, shard, middle) < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
