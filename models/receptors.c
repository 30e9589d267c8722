/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/receptors.h"

const struct model_receptor receptors_of_current[RECEPTORS] = {
    [EXCITATORY] = {.name = "excitatory", .unit = "pA", .sign = 1},
    [INHIBITORY] = {.name = "inhibitory", .unit = "pA", .sign = -1},
};

const struct model_receptor receptors_of_conductance[RECEPTORS] = {
    [EXCITATORY] = {.name = "excitatory", .unit = "nS", .sign = 1},
    [INHIBITORY] = {.name = "inhibitory", .unit = "nS", .sign = -1},
};
