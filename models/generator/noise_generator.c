/* A Gaussian current, constant for `dt` at a time, that approximates white noise
 * (NEST's noise_generator): I = mean + sqrt(std^2 + std_mod^2 sin(2 pi frequency t +
 * phase)) N, N standard normal. A passive cell then fluctuates with a variance that
 * grows with dt; with R = tau / C and dt much below tau it is std^2 R^2 dt / (2 tau).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "kernel/generator.h"
#include "kernel/model.h"
#include "models/order.h"

enum { MEAN, STD, DT, STD_MOD, FREQUENCY, PHASE, START, STOP, ORIGIN };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [MEAN]      = {"mean",      "pA",     0.0, -1e9, 1e9,      "from -1e9 pA to 1e9 pA"},
    [STD]       = {"std",       "pA",     0.0,  0.0, 1e9,      "from 0 pA to 1e9 pA"},
    [DT]        = {"dt",        "ms",     1.0, 1e-6, 1e12,     "from 1e-6 ms to 1e12 ms"},
    [STD_MOD]   = {"std_mod",   "pA",     0.0,  0.0, 1e9,      "from 0 pA to 1e9 pA"},
    [FREQUENCY] = {"frequency", "Hz",     0.0,  0.0, 1e9,      "from 0 Hz to 1e9 Hz"},
    [PHASE]     = {"phase",     "degree", 0.0, -360, 360,      "from -360 degree to 360 degree"},
    [START]     = {"start",     "ms",     0.0,      0.0, 1e12,     "from 0 ms to 1e12 ms"},
    [STOP]      = {"stop",      "ms",     INFINITY, 0.0, INFINITY, "at least 0 ms"},
    [ORIGIN]    = {"origin",    "ms",     0.0,      0.0, 1e12,     "from 0 ms to 1e12 ms"},
};
/* clang-format on */

static const char *check(const double *parameters)
{
    if (parameters[STD_MOD] > parameters[STD])
        return "std_mod must not be above std";
    return order_of_stop(parameters[START], parameters[STOP]);
}

/* Steps since the noise began. */
static int64_t age(const struct generator_run *run, int64_t step)
{
    return step - (run->begin > 1 ? run->begin : 1);
}

static int64_t interval(const struct generator_run *run)
{
    return llround(run->parameters[DT] / run->step_ms);
}

static double current(const struct generator_run *run, int64_t step, uint32_t cell)
{
    const double pi = 3.14159265358979323846;
    const double *const p = run->parameters;
    const int64_t draw = age(run, step) / interval(run);
    /* As in NEST the wave begins with the noise, one step further on. */
    const double t = (double)(draw * interval(run) + 1) * run->step_ms * 1e-3;
    const double wave = sin(2.0 * pi * p[FREQUENCY] * t + p[PHASE] * pi / 180.0);

    return p[MEAN] + sqrt(p[STD] * p[STD] + p[STD_MOD] * p[STD_MOD] * wave) *
                         run->normal(run->numbers, cell, (uint64_t)draw);
}

static bool changes(const struct generator_run *run, int64_t step)
{
    return age(run, step) % interval(run) == 0;
}

static const char *const on_grid[] = {"dt", "start", "stop", "origin", NULL};

static const struct generator generator = {
    .on_grid = on_grid, .current = current, .changes = changes};

const struct model model_noise_generator = {
    .name = "noise_generator",
    .help = "A current that is drawn anew, from a normal distribution, every `dt`; "
            "each cell draws its own.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .generator = &generator,
    .check = check,
};
