/* One cell, driven by the functions of its model.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LONE_CELL_H
#define TESTS_LONE_CELL_H

#include <stdbool.h>

#include "kernel/model.h"

struct lone_cell {
    const struct model *model;
    double parameters[MODEL_MAX_PARAMETERS];
    double constants[MODEL_MAX_CONSTANTS];
    double states[MODEL_MAX_STATES];
    double input[MODEL_MAX_RECEPTORS]; /* of the next step */
    double current;                    /* the same */
    const char *trouble;               /* what the model said when it gave up */
};

/* With presets. */
void lone_cell_open(const struct model *model, struct lone_cell *cell);

/* A parameter or a state by its name; false when the model has neither. */
bool lone_cell_set(struct lone_cell *cell, const char *name, double value);

/* A state by its name; NULL when the model has none. */
const double *lone_cell_state(const struct lone_cell *cell, const char *name);

/* To be called once all parameters are set. */
void lone_cell_prepare(struct lone_cell *cell, double step_ms);

/* Runs a step. Returns how often the cell fired in it; -1: the model gave up. */
int lone_cell_step(struct lone_cell *cell);

#endif
