/* What a network file says about one signal: states of some cells that are sampled, as
 * by NEST's multimeter. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_NETWORK_SIGNAL_H
#define KERNEL_NETWORK_SIGNAL_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/model.h"

struct network_signal {
    const char *name;
    uint32_t population, begin, end; /* cells */
    size_t state_count;
    size_t states[MODEL_MAX_STATES]; /* of the model; of a source of current: 0 */
    const char *unit;                /* of all of them */
    int64_t interval;                /* steps */
};

#endif
