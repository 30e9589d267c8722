/* All synapse models; the list of them is in synapses.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_SYNAPSES_H
#define MODELS_SYNAPSES_H

#include <stddef.h>

struct synapse;

/* Row `index` of the table, the first is static_synapse; NULL behind the last one. */
const struct synapse *synapses_get(size_t index);

/* The synapse model called `name`; NULL when there is none. */
const struct synapse *synapses_find(const char *name);

#endif
