/* The spikes of a shard during a run of some steps.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_SPIKES_H
#define KERNEL_SPIKES_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

/* For each step and in it each population a list of cells. */
struct spikes {
    int64_t first; /* step */
    size_t population_count;
    size_t list_count; /* that are closed */
    size_t *ends;      /* of each list, in `cells` */
    uint32_t *cells;   /* global indices, which rise in each list */
    size_t end_room, cell_room, cell_count;
};

void spikes_free(struct spikes *spikes);

/* Forgets all; the next list is that of population 0 in step `first`. */
void spikes_begin(struct spikes *spikes, size_t population_count, int64_t first);

/* One cell more on the list that is open. TUTTI_NO_MEMORY. */
enum tutti_status spikes_add(struct spikes *spikes, uint32_t cell);
/* The next list is that of the next population, or of the first in the next step. */
enum tutti_status spikes_close_list(struct spikes *spikes);

/* How many steps have all their lists. */
int64_t spikes_step_count(const struct spikes *spikes);

/* The cells of a population in one of these steps; returns their number. */
size_t spikes_get(const struct spikes *spikes, int64_t step, size_t population,
                  const uint32_t **cells);

#endif
