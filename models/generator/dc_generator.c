/* A constant current.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "kernel/generator.h"
#include "kernel/model.h"
#include "models/order.h"

enum { AMPLITUDE, START, STOP, ORIGIN };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [AMPLITUDE] = {"amplitude", "pA", 0.0, -1e9, 1e9,      "from -1e9 pA to 1e9 pA"},
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
    (void)step;
    (void)cell;
    return run->parameters[AMPLITUDE];
}

static bool changes(const struct generator_run *run, int64_t step)
{
    (void)run;
    (void)step;
    return false;
}

static const char *const on_grid[] = {"start", "stop", "origin", NULL};

static const struct generator generator = {
    .on_grid = on_grid, .current = current, .changes = changes};

const struct model model_dc_generator = {
    .name = "dc_generator",
    .help = "A constant current.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .generator = &generator,
    .check = check,
};
