/* The table of all models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/models.h"

#include <string.h>

#include "kernel/model.h"

/* One line for each model: models/neuron/NAME.c defines model_NAME. */
/* clang-format off */
#define ALL_MODELS(MODEL) \
    MODEL(iaf_psc_exp)
/* clang-format on */

#define DECLARE(name) extern const struct model model_##name;
ALL_MODELS(DECLARE)

#define ROW(name) &model_##name,
static const struct model *const all[] = {ALL_MODELS(ROW)};

const struct model *models_get(size_t index)
{
    return index < sizeof all / sizeof *all ? all[index] : NULL;
}

const struct model *models_find(const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
