/* How spikes get from shard to shard.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/arrivals.h"

#include "base/status.h"
#include "kernel/shard.h"
#include "kernel/spikes.h"

enum tutti_status arrivals_take(struct shard *shard, const struct spikes *spikes)
{
    const int64_t steps = spikes_step_count(spikes);

    for (int64_t step = spikes->first; step < spikes->first + steps; step++)
        for (uint32_t i = 0; i < spikes->population_count; i++) {
            const uint32_t *cells;
            const size_t count = spikes_get(spikes, step, i, &cells);

            for (size_t k = 0; k < count; k++)
                TRY(k && cells[k] == cells[k - 1]
                        ? shard_receive_again(shard, i, cells[k], step)
                        : shard_receive(shard, i, cells[k], step));
        }
    return TUTTI_OK;
}

enum tutti_status arrivals_take_outside(struct shard *shard,
                                        const struct arrivals_spike *arrivals,
                                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(shard_receive_again(shard, arrivals[i].group, arrivals[i].cell,
                                arrivals[i].step));
    return TUTTI_OK;
}
