/* The synapse model of a projection, with its parameters.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_NETWORK_SYNAPSE_H
#define KERNEL_NETWORK_SYNAPSE_H

#include "config/table.h"
#include "kernel/synapse.h"
#include "tutti/status.h"

struct network;
struct network_projection;

struct network_synapse {
    const struct synapse *model;
    double parameters[SYNAPSE_MAX_PARAMETERS];
};

/* Reads the key `synapse` of a projection of which all else is read; NULL: it has none,
 * its synapses are static. */
enum tutti_status network_read_synapse(const struct tt_reader *reader,
                                       const struct network *network,
                                       const struct tt_value *value,
                                       struct network_projection *projection);

#endif
