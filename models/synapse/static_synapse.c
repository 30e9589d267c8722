/* A synapse whose weight never changes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/synapse.h"

const struct synapse synapse_static_synapse = {
    .name = "static_synapse",
    .help = "The weight stays as it was drawn.",
    .is_static = true,
};
