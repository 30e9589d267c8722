/* One cell, driven by the functions of its model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lone_cell.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

void lone_cell_open(const struct model *model, struct lone_cell *cell)
{
    *cell = (struct lone_cell){.model = model};
    for (size_t i = 0; i < model->parameter_count; i++)
        cell->parameters[i] = model->parameters[i].preset;
    for (size_t i = 0; i < model->state_count; i++)
        cell->states[i] = model->states[i].preset;
}

const double *lone_cell_state(const struct lone_cell *cell, const char *name)
{
    for (size_t i = 0; i < cell->model->state_count; i++)
        if (strcmp(cell->model->states[i].name, name) == 0)
            return &cell->states[i];
    return NULL;
}

bool lone_cell_set(struct lone_cell *cell, const char *name, double value)
{
    double *const state = (double *)lone_cell_state(cell, name);

    for (size_t i = 0; i < cell->model->parameter_count; i++)
        if (strcmp(cell->model->parameters[i].name, name) == 0) {
            cell->parameters[i] = value;
            return true;
        }
    if (state)
        *state = value;
    return state;
}

void lone_cell_prepare(struct lone_cell *cell, double step_ms)
{
    cell->model->prepare(cell->parameters, step_ms, cell->constants);
}

int lone_cell_step(struct lone_cell *cell)
{
    double *states[MODEL_MAX_STATES];
    const double *inputs[MODEL_MAX_RECEPTORS];
    uint16_t spikes = 0;

    for (size_t i = 0; i < MODEL_MAX_STATES; i++)
        states[i] = &cell->states[i];
    for (size_t i = 0; i < MODEL_MAX_RECEPTORS; i++)
        inputs[i] = &cell->input[i];
    cell->trouble =
        cell->model->update(&(struct model_block){.size = 1,
                                                  .constants = cell->constants,
                                                  .states = states,
                                                  .input = inputs,
                                                  .current = &cell->current,
                                                  .spikes = &spikes});
    return cell->trouble ? -1 : spikes;
}
