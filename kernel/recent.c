/* The spikes whose synapses may not all have acted yet.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/recent.h"

#include <stdlib.h>

#include "base/memory.h"

enum { LEAST_LIMIT = 1024 };

void recent_free(struct recent *recent)
{
    free(recent->spikes);
    *recent = (struct recent){0};
}

enum tutti_status recent_add(struct recent *recent, struct arrivals_spike spike)
{
    if (recent->count == recent->room) {
        const enum tutti_status status = tt_grow(
            &recent->spikes, &recent->room, recent->count + 1, sizeof *recent->spikes);

        if (status != TUTTI_OK)
            return status;
    }
    recent->spikes[recent->count++] = spike;
    return TUTTI_OK;
}

void recent_forget(struct recent *recent, int64_t done)
{
    size_t kept = 0;

    if (recent->count < recent->limit)
        return;
    for (size_t i = 0; i < recent->count; i++)
        if (recent->spikes[i].step + recent->longest_delay > done)
            recent->spikes[kept++] = recent->spikes[i];
    recent->count = kept;
    recent->limit = 2 * kept > LEAST_LIMIT ? 2 * kept : LEAST_LIMIT;
}
