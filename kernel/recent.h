/* The spikes whose synapses may not all have acted yet: with them, what is on its way
 * can be made again. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_RECENT_H
#define KERNEL_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/arrivals.h"
#include "tutti/status.h"

struct recent {
    int64_t longest_delay; /* steps; of all synapses on any rank */
    struct arrivals_spike *spikes;
    size_t count, room;
    size_t limit; /* of `count`, from which on it is worth while to forget */
};

/* Zeroes are empty. */
void recent_free(struct recent *recent);

/* TUTTI_NO_MEMORY. */
enum tutti_status recent_add(struct recent *recent, struct arrivals_spike spike);

/* Step `done` is done: forgets, from time to time, what has acted. */
void recent_forget(struct recent *recent, int64_t done);

#endif
