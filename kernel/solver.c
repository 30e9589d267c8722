/* Adaptive integration of many cells side by side.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/solver.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "kernel/model.h"

enum { STAGES = 6, VECTOR = 8 };

/* Fehlberg's table: stage i is at y + h sum_k STAGE[i][k] slope_k, the solution of
 * order 5 is y + h sum_k FIFTH[k] slope_k, its difference from that of order 4 is
 * ERROR. */
/* clang-format off */
static const double STAGE[STAGES][STAGES - 1] = {
    {0.0},
    {1.0 / 4},
    {3.0 / 32,       9.0 / 32},
    {1932.0 / 2197, -7200.0 / 2197, 7296.0 / 2197},
    {439.0 / 216,   -8.0,           3680.0 / 513,  -845.0 / 4104},
    {-8.0 / 27,      2.0,          -3544.0 / 2565,  1859.0 / 4104, -11.0 / 40},
};
static const double FIFTH[STAGES] = {
    16.0 / 135, 0.0, 6656.0 / 12825, 28561.0 / 56430, -9.0 / 50, 2.0 / 55};
static const double ERROR[STAGES] = {
    1.0 / 360, 0.0, -128.0 / 4275, -2197.0 / 75240, 1.0 / 50, 2.0 / 55};
/* clang-format on */

static const double SMALLEST = 0x1p-50;

/* An error that may grow by 2^5 and stays below one half. */
static const double FIT_TO_DOUBLE = 1.0 / 64;

struct work {
    const struct solver_system *system;
    const struct model_block *block;
    double step_ms, tolerance;
    struct solver_lanes now;   /* at the beginning of the inner step */
    struct solver_lanes stage; /* where slopes are asked for; then the solution */
    struct solver_lanes slopes[STAGES];
    double part[SOLVER_LANES];  /* inner step, as a part of the step */
    double done[SOLVER_LANES];  /* part of the step that is over */
    double error[SOLVER_LANES]; /* in units of what is allowed */
    size_t cell[SOLVER_LANES];
    size_t active; /* lanes that hold a cell: the first ones */
};

/* Sets the stage to what the first `known` slopes give with the weights. */
static inline __attribute__((always_inline)) void
combine_known(struct work *work, size_t lanes, const double *weights, size_t known)
{
    const double step_ms = work->step_ms;

    for (size_t k = 0; k < work->system->slope_count; k++) {
        const double *const now = work->now.values[k];
        double *const restrict stage = work->stage.values[k];

        for (size_t lane = 0; lane < lanes; lane++) {
            double sum = weights[0] * work->slopes[0].values[k][lane];

            for (size_t s = 1; s < known; s++)
                sum += weights[s] * work->slopes[s].values[k][lane];
            stage[lane] = now[lane] + work->part[lane] * step_ms * sum;
        }
    }
}

/* A loop of known length inside is what the compiler needs. */
VECTORS_CLONES
static void combine(struct work *work, size_t lanes, const double *weights,
                    size_t known)
{
    switch (known) {
    case 1:
        combine_known(work, lanes, weights, 1);
        break;
    case 2:
        combine_known(work, lanes, weights, 2);
        break;
    case 3:
        combine_known(work, lanes, weights, 3);
        break;
    case 4:
        combine_known(work, lanes, weights, 4);
        break;
    case 5:
        combine_known(work, lanes, weights, 5);
        break;
    default:
        combine_known(work, lanes, weights, STAGES);
    }
}

/* The largest error of the inner step of each lane. */
VECTORS_CLONES
static void measure(struct work *work, size_t lanes)
{
    const double step_ms = work->step_ms;
    const double tolerance = work->tolerance;

    for (size_t lane = 0; lane < lanes; lane++)
        work->error[lane] = 0.0;
    for (size_t k = 0; k < work->system->slope_count; k++)
        for (size_t lane = 0; lane < lanes; lane++) {
            double sum = 0.0, error;
            const double most = work->error[lane];

            for (size_t s = 0; s < STAGES; s++)
                sum += ERROR[s] * work->slopes[s].values[k][lane];
            error = fabs(sum) * work->part[lane] * step_ms /
                    (tolerance + tolerance * fabs(work->slopes[0].values[k][lane]));
            /* Once it is not a number it stays so. */
            work->error[lane] = error > most || error != error ? error : most;
        }
}

/* Tries the next inner step of all lanes. */
static void try_step(struct work *work)
{
    const struct solver_system *const system = work->system;
    const size_t lanes = (work->active + VECTOR - 1) / VECTOR * VECTOR;

    for (size_t lane = 0; lane < lanes; lane++)
        work->part[lane] =
            fmin(work->now.values[system->inner_step][lane], 1.0 - work->done[lane]);
    work->stage = work->now;
    for (size_t s = 0; s < STAGES; s++) {
        if (s > 0)
            combine(work, lanes, STAGE[s], s);
        system->derive(work->block->constants, lanes, &work->stage, &work->slopes[s]);
    }
    combine(work, lanes, FIFTH, STAGES);
    measure(work, lanes);
}

/* Takes the inner step of a lane over when it is good enough, and chooses the next. */
static void judge(struct work *work, size_t lane)
{
    const struct solver_system *const system = work->system;
    double *const next = &work->now.values[system->inner_step][lane];
    const double error = work->error[lane];

    if (!(error <= 1.0)) {
        *next = work->part[lane] * (error > 1024.0 ? 0.125 : error > 32.0 ? 0.25 : 0.5);
        return;
    }
    for (size_t k = 0; k < system->slope_count; k++)
        work->now.values[k][lane] = work->stage.values[k][lane];
    work->done[lane] += work->part[lane];
    if (error < FIT_TO_DOUBLE)
        *next = fmax(*next, fmin(2.0 * work->part[lane], 1.0));
    if (system->settle)
        system->settle(work->block->constants, lane, &work->now);
}

static void load(struct work *work, size_t cell, size_t lane)
{
    const size_t count = work->system->state_count;

    for (size_t k = 0; k < count; k++)
        work->now.values[k][lane] = work->block->states[k][cell];
    work->now.values[count][lane] = work->block->current[cell];
    work->done[lane] = 0.0;
    work->cell[lane] = cell;
}

static void store(struct work *work, size_t lane)
{
    const size_t cell = work->cell[lane];

    work->system->finish(work->block, cell, lane, &work->now);
    for (size_t k = 0; k < work->system->state_count; k++)
        work->block->states[k][cell] = work->now.values[k][lane];
}

/* Takes the cell of the last lane, which this round has not judged yet or has kept, to
 * a lane that has become free. */
static void close_gap(struct work *work, size_t lane)
{
    const size_t last = --work->active;

    for (size_t k = 0; k <= work->system->state_count; k++) {
        work->now.values[k][lane] = work->now.values[k][last];
        work->stage.values[k][lane] = work->stage.values[k][last];
    }
    work->done[lane] = work->done[last];
    work->part[lane] = work->part[last];
    work->error[lane] = work->error[last];
    work->cell[lane] = work->cell[last];
}

static bool is_sound(const struct work *work, size_t lane)
{
    return work->now.values[work->system->inner_step][lane] >= SMALLEST;
}

const char *solver_advance(const struct solver_system *system,
                           const struct model_block *block, double step_ms,
                           double tolerance)
{
    struct work work = {
        .system = system, .block = block, .step_ms = step_ms, .tolerance = tolerance};
    size_t next = 0;

    assert(system->state_count < SOLVER_MAX_VALUES);
    while (work.active < SOLVER_LANES && next < block->size)
        load(&work, next++, work.active++);
    while (work.active > 0) {
        size_t lane = 0;

        try_step(&work);
        for (size_t left = work.active; left > 0; left--) {
            judge(&work, lane);
            if (!is_sound(&work, lane))
                return "the equations cannot be solved any more: a cell has run away; "
                       "use a smaller step or smaller weights";
            if (work.done[lane] < 1.0) {
                lane++;
                continue;
            }
            store(&work, lane);
            if (next < block->size)
                load(&work, next++, lane++);
            else
                close_gap(&work, lane);
        }
    }
    return NULL;
}
