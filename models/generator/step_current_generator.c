/* A current that jumps to given values at given times. The times count from 0, not from
 * origin; before the first of them there is none.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "kernel/generator.h"
#include "kernel/model.h"
#include "models/order.h"

enum { START, STOP, ORIGIN };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [START]  = {"start",  "ms", 0.0,      0.0, 1e12,     "from 0 ms to 1e12 ms"},
    [STOP]   = {"stop",   "ms", INFINITY, 0.0, INFINITY, "at least 0 ms"},
    [ORIGIN] = {"origin", "ms", 0.0,      0.0, 1e12,     "from 0 ms to 1e12 ms"},
};
/* clang-format on */

static const char *check(const double *parameters)
{
    return order_of_stop(parameters[START], parameters[STOP]);
}

/* The number of events up to and including a step. */
static size_t count_events(const struct generator_events *events, int64_t step)
{
    size_t low = 0, high = events->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (events->steps[middle] <= step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double current(const struct generator_run *run, int64_t step, uint32_t cell)
{
    const size_t count = count_events(&run->events, step);

    (void)cell;
    return count ? run->events.values[count - 1] : 0.0;
}

static bool changes(const struct generator_run *run, int64_t step)
{
    const size_t count = count_events(&run->events, step);

    return count && run->events.steps[count - 1] == step;
}

static const char *const on_grid[] = {"start", "stop", "origin", NULL};

static const struct generator generator = {.times = "amplitude_times",
                                           .values = "amplitude_values",
                                           .values_unit = "pA",
                                           .on_grid = on_grid,
                                           .current = current,
                                           .changes = changes};

const struct model model_step_current_generator = {
    .name = "step_current_generator",
    .help = "A current that jumps at given times.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .generator = &generator,
    .check = check,
};
