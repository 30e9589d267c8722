/* The tightest cycles of a schedule, for people who want to know what holds it up.
 * Pure. SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_CYCLES_H
#define BROKER_CYCLES_H

#include <stddef.h>
#include <stdint.h>

#include "broker/schedule.h"

struct cycle {
    size_t length;
    size_t *connections; /* places in the schedule, in the direction of the data; the
                            smallest first */
    int64_t delays;      /* sum of their effective delays, in ns */
    int64_t windows;     /* sum of the windows of their readers, in ns */
};

struct cycles {
    size_t count;
    struct cycle *cycles;
};

/* For each connection on a cycle the one through it with the least delay; each once,
 * the fewest windows of delay first. After schedule_plan(). TUTTI_NO_MEMORY. Ended by
 * cycles_free(), also after a failure. */
enum tutti_status cycles_find(const struct schedule *schedule, struct cycles *cycles);
void cycles_free(struct cycles *cycles);

#endif
