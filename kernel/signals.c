/* Samples the signals of a network while it runs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/signals.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/exchange.h"
#include "kernel/generators.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/simulation.h"

struct signals {
    const struct network *network;
    const struct part *part;
    const struct simulation *simulation;
    struct generators *generators;
    double *values; /* room for the widest signal */
};

static size_t widest(const struct network *network)
{
    size_t most = 0;

    for (size_t i = 0; i < network->signal_count; i++) {
        const struct network_signal *const signal = &network->signals[i];
        const size_t width = signal->state_count * (signal->end - signal->begin);

        most = width > most ? width : most;
    }
    return most;
}

enum tutti_status signals_open(const struct network *network, const struct part *part,
                               const struct simulation *simulation,
                               struct signals **signals)
{
    enum tutti_status status = TUTTI_OK;

    *signals = tt_alloc(sizeof **signals);
    if (*signals) {
        **signals =
            (struct signals){.network = network,
                             .part = part,
                             .simulation = simulation,
                             .values = tt_alloc_array(widest(network), sizeof(double))};
        status = generators_open(network, &(*signals)->generators);
    }
    if (!*signals || !(*signals)->values)
        status = FAIL(TUTTI_NO_MEMORY, "no memory for the signals of network '%s'",
                      network->name);
    if (status != TUTTI_OK)
        signals_close(signals);
    return status;
}

void signals_close(struct signals **signals)
{
    struct signals *const it = *signals;

    if (!it)
        return;
    generators_close(&it->generators);
    free(it->values);
    free(it);
    *signals = NULL;
}

int64_t signals_next_step(const struct network *network, int64_t done, int64_t last)
{
    for (size_t i = 0; i < network->signal_count; i++) {
        const int64_t interval = network->signals[i].interval;
        const int64_t next = (done / interval + 1) * interval;

        last = next < last ? next : last;
    }
    return last;
}

bool signals_are_due(const struct signals *signals, const struct network_signal *signal)
{
    const int64_t step = simulation_step(signals->simulation);

    return step > 0 && step % signal->interval == 0;
}

/* The current of a step is that of its beginning. */
static void sample_current(struct signals *signals, const struct network_signal *signal)
{
    const int64_t begin = simulation_step(signals->simulation) - 1;

    for (uint32_t cell = signal->begin; cell < signal->end; cell++)
        signals->values[cell - signal->begin] =
            generators_current(signals->generators, signal->population, begin, cell);
}

static void sample_state(const struct signals *signals,
                         const struct network_signal *signal, size_t state,
                         double *values)
{
    const struct part_range *const range = &signals->part->ranges[signal->population];
    const double *const here =
        simulation_state(signals->simulation, signal->population, state);

    for (uint32_t cell = signal->begin; cell < signal->end; cell++)
        values[cell - signal->begin] = cell >= range->begin && cell < range->end
                                           ? here[cell - range->begin]
                                           : (double)NAN;
}

const double *signals_sample(struct signals *signals,
                             const struct network_signal *signal)
{
    const size_t cells = signal->end - signal->begin;

    if (network_is_current(signals->network, signal->population))
        sample_current(signals, signal);
    else
        for (size_t i = 0; i < signal->state_count; i++)
            sample_state(signals, signal, signal->states[i],
                         signals->values + i * cells);
    return signals->values;
}

enum tutti_status signals_share(struct signals *signals, struct exchange *exchange,
                                const struct network_signal *signal,
                                const double **values)
{
    const size_t width = signal->state_count * (signal->end - signal->begin);
    const size_t *sizes;
    const void *all;

    *values = signals_sample(signals, signal);
    if (!exchange || exchange_ranks(exchange) == 1)
        return TUTTI_OK;
    TRY(exchange_bytes(exchange, *values, width * sizeof **values, &all, &sizes));
    for (int rank = 0; rank < exchange_ranks(exchange); rank++) {
        const double *const theirs = (const double *)all + (size_t)rank * width;

        for (size_t i = 0; i < width; i++)
            if (!isnan(theirs[i]))
                signals->values[i] = theirs[i];
    }
    return TUTTI_OK;
}
