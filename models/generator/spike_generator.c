/* Spikes at given times, which count from origin.
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

/* The first event at or after a step. */
static size_t find_event(const struct generator_events *events, int64_t step)
{
    size_t low = 0, high = events->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (events->steps[middle] < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fire(const struct generator_run *run, int64_t step, uint32_t first,
                 uint32_t size, uint16_t *spikes)
{
    const struct generator_events *const events = &run->events;

    for (uint32_t i = 0; i < size; i++)
        spikes[i] = 0;
    for (size_t k = find_event(events, step - run->origin);
         k < events->count && events->steps[k] == step - run->origin; k++) {
        if (events->cells && events->cells[k] >= first &&
            events->cells[k] - first < size)
            spikes[events->cells[k] - first]++;
        for (uint32_t i = 0; !events->cells && i < size; i++)
            spikes[i]++;
    }
}

static const char *const on_grid[] = {"start", "stop", "origin", NULL};

static const struct generator generator = {
    .times = "spike_times", .on_grid = on_grid, .fire = fire};

const struct model model_spike_generator = {
    .name = "spike_generator",
    .help = "Each cell fires at the times that are given.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .generator = &generator,
    .check = check,
};
