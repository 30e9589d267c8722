/* Spikes at random times: in each step a Poisson number of them, with the mean rate *
 * step (van Kampen 1992, Stochastic Processes in Physics and Chemistry, chapter II).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "kernel/generator.h"
#include "kernel/model.h"
#include "models/order.h"

enum { RATE, START, STOP, ORIGIN };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [RATE]   = {"rate",   "Hz", 0.0,      0.0, 1e12,     "from 0 Hz to 1e12 Hz"},
    [START]  = {"start",  "ms", 0.0,      0.0, 1e12,     "from 0 ms to 1e12 ms"},
    [STOP]   = {"stop",   "ms", INFINITY, 0.0, INFINITY, "at least 0 ms"},
    [ORIGIN] = {"origin", "ms", 0.0,      0.0, 1e12,     "from 0 ms to 1e12 ms"},
};
/* clang-format on */

static const char *check(const double *parameters)
{
    return order_of_stop(parameters[START], parameters[STOP]);
}

static double mean(const double *parameters, double step_ms)
{
    return parameters[RATE] * step_ms * 1e-3;
}

static void fire(const struct generator_run *run, int64_t step, uint32_t first,
                 uint32_t size, uint16_t *spikes)
{
    run->poisson(run->numbers, step, first, size, spikes);
}

static const char *const on_grid[] = {"start", "stop", "origin", NULL};

static const struct generator generator = {
    .on_grid = on_grid, .mean = mean, .fire = fire};

const struct model model_poisson_generator = {
    .name = "poisson_generator",
    .help =
        "Each cell fires at random with a constant rate, independent of all others.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .generator = &generator,
    .check = check,
};
