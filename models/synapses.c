/* The table of all synapse models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/synapses.h"

#include <string.h>

#include "kernel/synapse.h"

/* One line for each: models/synapse/NAME.c defines synapse_NAME. */
/* clang-format off */
#define ALL_SYNAPSES(SYNAPSE) \
    SYNAPSE(static_synapse) \
    SYNAPSE(stdp_synapse) \
    SYNAPSE(stdp_pl_synapse_hom) \
    SYNAPSE(tsodyks_synapse) \
    SYNAPSE(tsodyks2_synapse)
/* clang-format on */

#define DECLARE(name) extern const struct synapse synapse_##name;
ALL_SYNAPSES(DECLARE)

#define ROW(name) &synapse_##name,
static const struct synapse *const all[] = {ALL_SYNAPSES(ROW)};

const struct synapse *synapses_get(size_t index)
{
    return index < sizeof all / sizeof *all ? all[index] : NULL;
}

const struct synapse *synapses_find(const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
