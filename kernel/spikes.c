/* The spikes of a shard during a run of some steps.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/spikes.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

void spikes_free(struct spikes *spikes)
{
    free(spikes->ends);
    free(spikes->cells);
    *spikes = (struct spikes){0};
}

void spikes_begin(struct spikes *spikes, size_t population_count, int64_t first)
{
    spikes->first = first;
    spikes->population_count = population_count;
    spikes->list_count = 0;
    spikes->cell_count = 0;
}

enum tutti_status spikes_add(struct spikes *spikes, uint32_t cell)
{
    TRY(tt_grow(&spikes->cells, &spikes->cell_room, spikes->cell_count + 1,
                sizeof *spikes->cells));
    spikes->cells[spikes->cell_count++] = cell;
    return TUTTI_OK;
}

enum tutti_status spikes_close_list(struct spikes *spikes)
{
    TRY(tt_grow(&spikes->ends, &spikes->end_room, spikes->list_count + 1,
                sizeof *spikes->ends));
    spikes->ends[spikes->list_count++] = spikes->cell_count;
    return TUTTI_OK;
}

int64_t spikes_step_count(const struct spikes *spikes)
{
    if (spikes->population_count == 0)
        return 0;
    return (int64_t)(spikes->list_count / spikes->population_count);
}

size_t spikes_get(const struct spikes *spikes, int64_t step, size_t population,
                  const uint32_t **cells)
{
    const size_t list =
        (size_t)(step - spikes->first) * spikes->population_count + population;
    const size_t begin = list ? spikes->ends[list - 1] : 0;

    *cells = begin ? spikes->cells + begin : spikes->cells; /* may be NULL */
    return spikes->ends[list] - begin;
}
