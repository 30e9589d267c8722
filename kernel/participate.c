/* A part of a network as a participant of an experiment.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/participate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/time.h"
#include "kernel/exchange.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/ports.h"
#include "kernel/signals.h"
#include "kernel/simulation.h"
#include "tutti/tutti.h"

/* A port while it runs. */
struct end {
    struct tutti_port *port;
    uint32_t *here; /* outputs of one of several ranks: the indices of this rank */
    uint32_t here_count;
};

struct player {
    const struct network *network;
    const struct part *part;
    uint32_t threads;
    struct exchange *exchange;
    struct tutti_participant *me;
    struct simulation *simulation;
    struct signals *signals;
    struct ports_port *ports;
    struct end *ends; /* one for each port */
    size_t port_count;
    struct tutti_time *stamps; /* of the spikes of one step, ... */
    uint32_t *indices;         /* ... as this rank numbers them */
    double *values;            /* of a sample, the same */
    size_t stamp_room, index_room, value_room;
};

static struct tutti_step grid(const struct network *network)
{
    return (struct tutti_step){network->step, 1};
}

static enum tutti_status declare_port(struct player *player, size_t index)
{
    const struct ports_port *const port = &player->ports[index];
    struct tutti_port **const handle = &player->ends[index].port;

    if (port->signal) {
        TRY(tutti_signal_output(player->me, port->name, port->width, port->signal->unit,
                                handle));
        return tutti_port_set_at_step_ends(*handle);
    }
    if (port->is_output) {
        TRY(tutti_spike_output(player->me, port->name, port->width, handle));
        return tutti_port_set_at_step_ends(*handle);
    }
    TRY(tutti_spike_input(player->me, port->name, port->width, handle));
    return tutti_port_set_own_delay(
        *handle, (struct tutti_time){port->own_delay * player->network->step});
}

static enum tutti_status set_initial_signals(struct player *player)
{
    for (size_t i = 0; i < player->port_count; i++) {
        const double *values;

        if (!player->ports[i].signal)
            continue;
        TRY(signals_share(player->signals, player->exchange, player->ports[i].signal,
                          &values));
        TRY(tutti_set_initial_signal(player->ends[i].port, values));
    }
    return TUTTI_OK;
}

/* Whether an index of an output belongs to a cell of this rank. Signals hold state by
 * state all cells; currents are known to all ranks, the first one says them. */
static bool is_here(const struct player *player, const struct ports_port *port,
                    uint32_t index)
{
    const struct network_signal *const signal = port->signal;

    if (!signal)
        return simulation_has_cell(player->simulation, port->group, index);
    if (network_is_current(player->network, signal->population))
        return exchange_rank(player->exchange) == 0;
    return simulation_has_cell(player->simulation, signal->population,
                               signal->begin + index % (signal->end - signal->begin));
}

/* Says which indices live on this rank: of outputs those of its cells, of inputs all,
 * for a synapse may end here whatever its source. */
static enum tutti_status place_port(struct player *player, size_t index)
{
    const struct ports_port *const port = &player->ports[index];
    struct end *const end = &player->ends[index];

    end->here = tt_alloc_array(port->width, sizeof *end->here);
    if (!end->here)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %" PRIu32 " indices of port '%s'",
                    port->width, port->name);
    for (uint32_t i = 0; i < port->width; i++)
        if (!port->is_output || is_here(player, port, i))
            end->here[end->here_count++] = i;
    return tutti_port_set_indices(end->port, end->here, end->here_count);
}

static enum tutti_status set_up(struct player *player)
{
    TRY(ports_list(player->network, player->part, &player->ports, &player->port_count));
    player->ends = tt_alloc_array(player->port_count, sizeof *player->ends);
    if (!player->ends)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu ports", player->port_count);
    TRY(tutti_join_rank(NULL, NULL, exchange_rank(player->exchange),
                        exchange_ranks(player->exchange), &player->me));
    TRY(tutti_set_step(player->me, grid(player->network), TUTTI_UP_TO));
    for (size_t i = 0; i < player->port_count; i++)
        TRY(declare_port(player, i));
    TRY(simulation_open_rank(player->network, player->part, player->threads,
                             player->exchange, &player->simulation));
    for (size_t i = 0; i < player->port_count; i++)
        if (exchange_ranks(player->exchange) > 1)
            TRY(place_port(player, i));
    TRY(signals_open(player->network, player->part, player->simulation,
                     &player->signals));
    TRY(set_initial_signals(player));
    /* Only a rank that will start keeps the others waiting for it. */
    TRY(exchange_wait(player->exchange));
    return tutti_start(player->me);
}

/* Spikes act at the first step end at or after they are due, plus their delay. */
static enum tutti_status receive(struct player *player)
{
    for (size_t i = 0; i < player->port_count; i++) {
        const struct tutti_time *due;
        const uint32_t *cells;
        size_t count;

        if (player->ports[i].is_output)
            continue;
        count = tutti_spikes(player->ends[i].port, &due, &cells);
        for (size_t k = 0; k < count; k++)
            TRY(simulation_receive(
                player->simulation, player->ports[i].group, cells[k],
                tt_step_at_or_after(grid(player->network), due[k].ns)));
    }
    return TUTTI_OK;
}

/* The places, among the indices of this rank, of cells that rise. */
static enum tutti_status number_here(struct player *player, const struct end *end,
                                     size_t count, const uint32_t **cells)
{
    uint32_t place = 0;

    if (!end->here)
        return TUTTI_OK;
    TRY(tt_grow(&player->indices, &player->index_room, count, sizeof *player->indices));
    for (size_t i = 0; i < count; i++) {
        uint32_t high = end->here_count;

        while (place < high) {
            const uint32_t middle = place + (high - place) / 2;

            if (end->here[middle] < (*cells)[i])
                place = middle + 1;
            else
                high = middle;
        }
        player->indices[i] = place;
    }
    *cells = player->indices;
    return TUTTI_OK;
}

static enum tutti_status send_step(struct player *player, int64_t step)
{
    const struct tutti_time now = {step * player->network->step};

    for (size_t i = 0; i < player->port_count; i++) {
        const uint32_t *cells;
        size_t count;

        if (!player->ports[i].is_output || player->ports[i].signal)
            continue;
        count =
            simulation_fired(player->simulation, step, player->ports[i].group, &cells);
        TRY(tt_grow(&player->stamps, &player->stamp_room, count,
                    sizeof *player->stamps));
        for (size_t k = 0; k < count; k++)
            player->stamps[k] = now;
        TRY(number_here(player, &player->ends[i], count, &cells));
        if (count)
            TRY(tutti_send_spikes(player->ends[i].port, count, player->stamps, cells));
    }
    return TUTTI_OK;
}

/* The values of a sample that are this rank's. */
static enum tutti_status pick_here(struct player *player, const struct end *end,
                                   const double **sample)
{
    if (!end->here)
        return TUTTI_OK;
    TRY(tt_grow(&player->values, &player->value_room, end->here_count,
                sizeof *player->values));
    for (uint32_t i = 0; i < end->here_count; i++)
        player->values[i] = (*sample)[end->here[i]];
    *sample = player->values;
    return TUTTI_OK;
}

static enum tutti_status write_signals(struct player *player)
{
    const struct tutti_time now = {simulation_step(player->simulation) *
                                   player->network->step};

    for (size_t i = 0; i < player->port_count; i++) {
        const struct network_signal *const signal = player->ports[i].signal;
        const double *sample;

        if (!signal || !signals_are_due(player->signals, signal))
            continue;
        sample = signals_sample(player->signals, signal);
        TRY(pick_here(player, &player->ends[i], &sample));
        TRY(tutti_write_signal(player->ends[i].port, now, sample));
    }
    return TUTTI_OK;
}

static enum tutti_status run(struct player *player)
{
    enum tutti_status status;
    struct tutti_window window;

    while ((status = tutti_advance(player->me, &window)) == TUTTI_OK) {
        const int64_t last = window.end.ns / player->network->step;

        TRY(receive(player));
        while (simulation_step(player->simulation) < last) {
            TRY(simulation_run(player->simulation,
                               signals_next_step(player->network,
                                                 simulation_step(player->simulation),
                                                 last)));
            for (int64_t step = simulation_first_step(player->simulation);
                 step <= simulation_step(player->simulation); step++)
                TRY(send_step(player, step));
            TRY(write_signals(player));
        }
    }
    return status == TUTTI_END ? TUTTI_OK : status;
}

/* Telling the others may fail as well; the first sentence stays the last error. */
static void abort_run(struct tutti_participant **me)
{
    char reason[4096];

    snprintf(reason, sizeof reason, "%s", tutti_last_error());
    tutti_abort(me, reason);
    tt_set_error("%s", reason);
}

enum tutti_status participate(const struct network *network, const struct part *part,
                              uint32_t threads, struct exchange *exchange)
{
    struct player player = {
        .network = network, .part = part, .threads = threads, .exchange = exchange};
    enum tutti_status status = set_up(&player);

    if (status == TUTTI_OK)
        status = run(&player);
    if (status == TUTTI_OK)
        tutti_leave(&player.me);
    else if (player.me)
        abort_run(&player.me);
    signals_close(&player.signals);
    simulation_close(&player.simulation);
    for (size_t i = 0; player.ends && i < player.port_count; i++)
        free(player.ends[i].here);
    free(player.ports);
    free(player.ends);
    free(player.stamps);
    free(player.indices);
    free(player.values);
    return status;
}
