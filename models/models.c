/* The table of all models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/models.h"

#include <string.h>

#include "kernel/model.h"

/* One line for each model: models/neuron/NAME.c defines model_NAME. */
/* clang-format off */
#define ALL_MODELS(MODEL) \
    MODEL(iaf_psc_delta) \
    MODEL(iaf_psc_exp) \
    MODEL(iaf_psc_alpha) \
    MODEL(iaf_cond_exp) \
    MODEL(iaf_cond_alpha) \
    MODEL(aeif_cond_exp) \
    MODEL(izhikevich) \
    MODEL(hh_psc_alpha) \
    MODEL(parrot_neuron)
/* The same for each generator: models/generator/NAME.c. */
#define ALL_GENERATORS(MODEL) \
    MODEL(spike_generator) \
    MODEL(poisson_generator) \
    MODEL(dc_generator) \
    MODEL(ac_generator) \
    MODEL(step_current_generator) \
    MODEL(noise_generator)
/* clang-format on */

#define DECLARE(name) extern const struct model model_##name;
ALL_MODELS(DECLARE)
ALL_GENERATORS(DECLARE)

#define ROW(name) &model_##name,
static const struct model *const all[] = {ALL_MODELS(ROW)};
static const struct model *const generators[] = {ALL_GENERATORS(ROW)};

const struct model *models_get(size_t index)
{
    return index < sizeof all / sizeof *all ? all[index] : NULL;
}

const struct model *models_get_generator(size_t index)
{
    return index < sizeof generators / sizeof *generators ? generators[index] : NULL;
}

const struct model *models_find(const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    for (size_t i = 0; i < sizeof generators / sizeof *generators; i++)
        if (strcmp(generators[i]->name, name) == 0)
            return generators[i];
    return NULL;
}
