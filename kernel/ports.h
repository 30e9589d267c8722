/* The ports of a part of a network.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_PORTS_H
#define KERNEL_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "tutti/status.h"

struct network;
struct network_signal;
struct part;

struct ports_port {
    const char *name; /* borrowed from the network */
    uint32_t group;   /* population or input behind it */
    bool is_output;
    uint32_t width;
    int64_t own_delay;                   /* steps; of inputs */
    const struct network_signal *signal; /* NULL: a port of spikes */
};

/* Outputs: every source of spikes of which the part has a cell. Inputs: every input of
 * the network, and every population of which the part lacks cells and that has
 * projections; its own delay is the smallest delay of the projections from it. Then
 * every signal of which the part has a cell. The array is ended by free(). */
enum tutti_status ports_list(const struct network *network, const struct part *part,
                             struct ports_port **ports, size_t *count);

/* The same as JSON, for whoever wires an experiment without starting it. */
enum tutti_status ports_write(const struct network *network, const struct part *part,
                              struct tt_text *json);

#endif
