/* A sine: I = offset + amplitude sin(2 pi frequency t + phase), constant within a step
 * (NEST's ac_generator).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "kernel/generator.h"
#include "kernel/model.h"
#include "models/order.h"

enum { AMPLITUDE, OFFSET, FREQUENCY, PHASE, START, STOP, ORIGIN };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [AMPLITUDE] = {"amplitude", "pA",     0.0, -1e9, 1e9, "from -1e9 pA to 1e9 pA"},
    [OFFSET]    = {"offset",    "pA",     0.0, -1e9, 1e9, "from -1e9 pA to 1e9 pA"},
    [FREQUENCY] = {"frequency", "Hz",     0.0,  0.0, 1e9, "from 0 Hz to 1e9 Hz"},
    [PHASE]     = {"phase",     "degree", 0.0, -360, 360, "from -360 degree to 360 degree"},
    [START]     = {"start",     "ms", 0.0,      0.0, 1e12,     "from 0 ms to 1e12 ms"},
    [STOP]      = {"stop",      "ms", INFINITY, 0.0, INFINITY, "at least 0 ms"},
    [ORIGIN]    = {"origin",    "ms", 0.0,      0.0, 1e12,     "from 0 ms to 1e12 ms"},
};
/* clang-format on */

static const char *check(const double *parameters)
{
    return order_of_stop(parameters[START], parameters[STOP]);
}

static double current(const struct generator_run *run, int64_t step, uint32_t cell)
{
    const double pi = 3.14159265358979323846;
    const double *const p = run->parameters;
    const double t = (double)step * run->step_ms * 1e-3;

    (void)cell;
    return p[OFFSET] +
           p[AMPLITUDE] * sin(2.0 * pi * p[FREQUENCY] * t + p[PHASE] * pi / 180.0);
}

static bool changes(const struct generator_run *run, int64_t step)
{
    (void)step;
    return run->parameters[FREQUENCY] > 0.0;
}

static const char *const on_grid[] = {"start", "stop", "origin", NULL};

static const struct generator generator = {
    .on_grid = on_grid, .current = current, .changes = changes};

const struct model model_ac_generator = {
    .name = "ac_generator",
    .help = "A current that oscillates: `offset` plus a sine.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .generator = &generator,
    .check = check,
};
