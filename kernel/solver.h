/* Adaptive integration of many cells side by side, by the embedded Runge-Kutta pair of
 * orders 4 and 5 of Fehlberg (1969, NASA TR R-315, table III); the solution of order 5
 * is kept. Every cell has inner steps of its own: the step of the grid, halved as often
 * as its error asks for, so that they end on the grid. What becomes of a cell does not
 * depend on the others. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_SOLVER_H
#define KERNEL_SOLVER_H

#include <stddef.h>

struct model_block;

enum {
    SOLVER_LANES = 16, /* cells under way at a time */
    SOLVER_MAX_VALUES = 16
};

/* The cells under way: values[k][lane] is state k of the model. */
struct solver_lanes {
    double values[SOLVER_MAX_VALUES][SOLVER_LANES];
};

/* How a model is integrated: the first `slope_count` of its `state_count` states are;
 * the others only come along. State `inner_step` is the solver's own: the next inner
 * step, as a part of the step of the grid; its preset is 1. Value `state_count` is the
 * current that the block gives the cell in this step. */
struct solver_system {
    size_t state_count, slope_count, inner_step;
    /* Of the first `lanes` lanes: slopes[k] = d values[k] / dt, in units per ms. Lanes
     * that hold no cell have any values. */
    void (*derive)(const double *constants, size_t lanes,
                   const struct solver_lanes *values, struct solver_lanes *slopes);
    /* Changes a cell after an inner step, as a reset does; NULL: nobody does. */
    void (*settle)(const double *constants, size_t lane, struct solver_lanes *values);
    /* At the end of the step: adds input, tests the threshold, sets block->spikes. The
     * states of the block are still those of the beginning. */
    void (*finish)(const struct model_block *block, size_t cell, size_t lane,
                   struct solver_lanes *values);
};

/* Moves the cells of a block one step on. An inner step may be wrong by `tolerance` of
 * each integrated value, plus by how much the value changes in that many ms: where it
 * runs away, what counts is when. NULL, or why it gives up, as model's update() says
 * it: a cell needs inner steps below 2^-50 of the step, or a value is no longer a
 * number. */
const char *solver_advance(const struct solver_system *system,
                           const struct model_block *block, double step_ms,
                           double tolerance);

#endif
