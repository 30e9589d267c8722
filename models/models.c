/* The table of all models.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/models.h"

#include <string.h>

#include "kernel/model.h"

#define MODEL(name) extern const struct model model_##name;
#include "models/list.h"
#undef MODEL

#define MODEL(name) &model_##name,
static const struct model *const all[] = {
#include "models/list.h"
};
#undef MODEL

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
