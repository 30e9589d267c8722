/* What is left of a trace after a whole number of steps: exp(-steps * step / tau) from
 * two small tables, the product of a fine and a coarse step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_DECAY_H
#define KERNEL_DECAY_H

#include <stdint.h>

#include "tutti/status.h"

/* Of time constants, in steps: what has decayed for 2^30 steps is gone then. */
#define DECAY_LONGEST 1e6

struct decay {
    double *fine, *coarse;
    uint32_t shift, mask;
    uint32_t last; /* coarse steps from here on leave nothing */
};

/* 0 < tau_ms <= DECAY_LONGEST * step_ms. TUTTI_NO_MEMORY. Ended by decay_free(), also
 * after a failure. */
enum tutti_status decay_open(double tau_ms, double step_ms, struct decay *decay);
void decay_free(struct decay *decay);

static inline double decay_after(const struct decay *decay, uint32_t steps)
{
    const uint32_t coarse = steps >> decay->shift;

    return decay->coarse[coarse < decay->last ? coarse : decay->last] *
           decay->fine[steps & decay->mask];
}

#endif
