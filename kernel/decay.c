/* What is left of a trace after a whole number of steps.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/decay.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

/* exp(-x) of larger x is no double above 0. */
static const double gone = 746.0;

enum tutti_status decay_open(double tau_ms, double step_ms, struct decay *decay)
{
    const double total = ceil(gone * tau_ms / step_ms);

    *decay = (struct decay){0};
    /* Both tables get about as many entries: the root of all. */
    while (ldexp(1.0, (int)(2 * decay->shift)) < total)
        decay->shift++;
    decay->mask = (UINT32_C(1) << decay->shift) - 1;
    decay->last = (uint32_t)(total / ldexp(1.0, (int)decay->shift)) + 1;
    decay->fine = tt_alloc_array((size_t)decay->mask + 1, sizeof(double));
    decay->coarse = tt_alloc_array((size_t)decay->last + 1, sizeof(double));
    if (!decay->fine || !decay->coarse)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the decay of %.15g ms", tau_ms);
    for (uint32_t i = 0; i <= decay->mask; i++)
        decay->fine[i] = exp(-(double)i * step_ms / tau_ms);
    for (uint32_t i = 0; i < decay->last; i++)
        decay->coarse[i] = exp(-ldexp((double)i, (int)decay->shift) * step_ms / tau_ms);
    return TUTTI_OK;
}

void decay_free(struct decay *decay)
{
    free(decay->fine);
    free(decay->coarse);
    *decay = (struct decay){0};
}
