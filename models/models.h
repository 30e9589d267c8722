/* All models; the list of them is in models.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_MODELS_H
#define MODELS_MODELS_H

#include <stddef.h>

struct model;

/* Row `index` of the table of neurons; NULL behind the last one. */
const struct model *models_get(size_t index);

/* The same of generators. */
const struct model *models_get_generator(size_t index);

/* The neuron or generator called `name`; NULL when there is none. */
const struct model *models_find(const char *name);

#endif
