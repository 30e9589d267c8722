/* Of which format the synapses of each projection are, and what the sums of each
 * receptor are made of: the widest that a projection onto it asks for.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_PRECISION_H
#define KERNEL_PRECISION_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "kernel/format.h"
#include "kernel/model.h"
#include "tutti/status.h"

struct network;
struct network_projection;

/* The sums of one receptor of one population. */
struct precision_sums {
    enum format_sums kind;
    double quantum; /* weight of one unit; 0: sums are weights */
};

struct precision {
    const struct network *network;
    struct precision_sums (*sums)[MODEL_MAX_RECEPTORS]; /* of each population */
};

/* TUTTI_NO_MEMORY. Ended by precision_free(), also after a failure. */
enum tutti_status precision_open(const struct network *network,
                                 struct precision *precision);
void precision_free(struct precision *precision);

/* Adds a line for each receptor whose weights are rounded to whole units: to which. */
enum tutti_status precision_write(const struct network *network, struct tt_text *text);

/* The receptors at which synapses of a projection end: one, or with weights of both
 * signs two. Returns how many. */
size_t precision_receptors(const struct network *network,
                           const struct network_projection *projection,
                           size_t receptors[2]);

/* The format of its synapses onto one of them. */
enum format_id precision_format(const struct precision *precision,
                                const struct network_projection *projection,
                                size_t receptor);

#endif
