/* A part of a network as a participant of an experiment.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/participate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/time.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/ports.h"
#include "kernel/signals.h"
#include "kernel/simulation.h"
#include "tutti/tutti.h"

struct player {
    const struct network *network;
    const struct part *part;
    struct tutti_participant *me;
    struct simulation *simulation;
    struct signals *signals;
    struct ports_port *ports;
    struct tutti_port **handles; /* one for each port */
    size_t port_count;
    struct tutti_time *stamps; /* of the spikes of one step */
    size_t stamp_room;
};

static struct tutti_step grid(const struct network *network)
{
    return (struct tutti_step){network->step, 1};
}

static enum tutti_status declare_port(struct player *player, size_t index)
{
    const struct ports_port *const port = &player->ports[index];
    struct tutti_port **const handle = &player->handles[index];

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
    for (size_t i = 0; i < player->port_count; i++)
        if (player->ports[i].signal)
            TRY(tutti_set_initial_signal(
                player->handles[i],
                signals_sample(player->signals, player->ports[i].signal)));
    return TUTTI_OK;
}

static enum tutti_status set_up(struct player *player)
{
    TRY(ports_list(player->network, player->part, &player->ports, &player->port_count));
    player->handles = tt_alloc_array(player->port_count, sizeof *player->handles);
    if (!player->handles)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu ports", player->port_count);
    TRY(tutti_join(NULL, NULL, &player->me));
    TRY(tutti_set_step(player->me, grid(player->network), TUTTI_UP_TO));
    for (size_t i = 0; i < player->port_count; i++)
        TRY(declare_port(player, i));
    TRY(simulation_open(player->network, player->part, &player->simulation));
    TRY(signals_open(player->network, player->part, player->simulation,
                     &player->signals));
    TRY(set_initial_signals(player));
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
        count = tutti_spikes(player->handles[i], &due, &cells);
        for (size_t k = 0; k < count; k++)
            TRY(simulation_receive(
                player->simulation, player->ports[i].group, cells[k],
                tt_step_at_or_after(grid(player->network), due[k].ns)));
    }
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
        if (count)
            TRY(tutti_send_spikes(player->handles[i], count, player->stamps, cells));
    }
    return TUTTI_OK;
}

static enum tutti_status write_signals(struct player *player)
{
    const struct tutti_time now = {simulation_step(player->simulation) *
                                   player->network->step};

    for (size_t i = 0; i < player->port_count; i++) {
        const struct network_signal *const signal = player->ports[i].signal;

        if (signal && signals_are_due(player->signals, signal))
            TRY(tutti_write_signal(player->handles[i], now,
                                   signals_sample(player->signals, signal)));
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

enum tutti_status participate(const struct network *network, const struct part *part)
{
    struct player player = {.network = network, .part = part};
    enum tutti_status status = set_up(&player);

    if (status == TUTTI_OK)
        status = run(&player);
    if (status == TUTTI_OK)
        tutti_leave(&player.me);
    else if (player.me)
        abort_run(&player.me);
    signals_close(&player.signals);
    simulation_close(&player.simulation);
    free(player.ports);
    free(player.handles);
    free(player.stamps);
    return status;
}
