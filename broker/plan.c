/* Wiring and schedule of an experiment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/time.h"
#include "broker/ranges.h"

static enum tutti_status no_memory(const struct experiment *experiment)
{
    return FAIL(TUTTI_NO_MEMORY, "no memory to plan %zu connections",
                experiment->connection_count);
}

static void fill_participants(const struct experiment *experiment,
                              const struct tt_declare *const *declared,
                              struct schedule_participant *participants)
{
    for (size_t i = 0; i < experiment->participant_count; i++) {
        struct schedule_participant *participant = &participants[i];

        participant->name = experiment->participants[i].name;
        participant->window = experiment->participants[i].window;
        participant->step = (struct tutti_step){1, 1};
        if (!declared[i])
            continue;
        participant->convention = declared[i]->convention;
        participant->has_step = declared[i]->has_step;
        participant->step = declared[i]->step;
    }
}

/* How long before it is due an interpolating port needs a sample: those between which
 * the last nanosecond of a window lies, one or two steps of the source away. */
static enum tutti_status find_lead(const struct experiment *experiment,
                                   const struct wiring_connection *wired,
                                   const struct tt_declare *source, int64_t *lead)
{
    const struct tt_port *to = wired->to_port;

    *lead = to->lead;
    if (to->interpolation == TUTTI_HOLD || to->extrapolates)
        return TUTTI_OK;
    if (!source->has_step)
        return FAIL_AT(
            experiment->connections[wired->number].place,
            "'%s.%s' interpolates, but '%s' has no step that says when its next "
            "sample comes; give it one, or extrapolate",
            experiment->participants[wired->to_participant].name, to->name,
            experiment->participants[wired->from_participant].name);
    *lead +=
        (to->interpolation == TUTTI_CUBIC ? 2 : 1) * tt_step_longest(source->step) - 1;
    return TUTTI_OK;
}

static enum tutti_status fill_connection(const struct experiment *experiment,
                                         const struct tt_declare *const *declared,
                                         const struct wiring_connection *wired,
                                         struct schedule_connection *connection)
{
    *connection = (struct schedule_connection){
        .from = wired->from_participant,
        .to = wired->to_participant,
        .from_port = wired->from_port->name,
        .to_port = wired->to_port->name,
        .delay = wired->delay,
        .lag = wired->from_port->lag,
        .from_is_at_step_ends = wired->from_port->is_at_step_ends,
        .own_delay = wired->to_port->own_delay,
        .to_is_at_step_ends = wired->to_port->is_at_step_ends,
    };
    return find_lead(experiment, wired, declared[wired->from_participant],
                     &connection->lead);
}

enum tutti_status plan_make(const struct experiment *experiment,
                            const struct tt_units *units,
                            const struct tt_declare *const *declared, struct plan *plan)
{
    struct schedule *schedule = &plan->schedule;
    enum tutti_status status;

    *plan = (struct plan){0};
    TRY(wiring_resolve(experiment, units, declared, &plan->wiring));
    schedule->participants =
        tt_alloc_array(experiment->participant_count, sizeof *schedule->participants);
    schedule->connections =
        tt_alloc_array(experiment->connection_count, sizeof *schedule->connections);
    plan->scheduled = tt_alloc_array(experiment->connection_count, sizeof(size_t));
    if (!schedule->participants || !schedule->connections || !plan->scheduled)
        return no_memory(experiment);
    schedule->participant_count = experiment->participant_count;
    schedule->stop = experiment->duration;
    fill_participants(experiment, declared, schedule->participants);
    for (size_t i = 0; i < plan->wiring.count; i++) {
        plan->scheduled[i] = SIZE_MAX;
        if (!plan->wiring.connections[i].from_port ||
            !plan->wiring.connections[i].to_port)
            continue;
        plan->scheduled[i] = schedule->connection_count;
        TRY(fill_connection(experiment, declared, &plan->wiring.connections[i],
                            &schedule->connections[schedule->connection_count++]));
    }
    status = schedule_plan(schedule);
    if (status != TUTTI_OK)
        return FAIL(status, "%s: %s", experiment->path, tutti_last_error());
    return TUTTI_OK;
}

void plan_free(struct plan *plan)
{
    wiring_free(&plan->wiring);
    free(plan->schedule.participants);
    free(plan->schedule.connections);
    free(plan->scheduled);
    *plan = (struct plan){0};
}

/* --- the message */

/* The source's initial values as the reader will see them. */
static enum tutti_status convert_initial(const struct wiring_connection *wired,
                                         struct tt_wire *wire)
{
    double *initial;

    if (wired->from_port->initial_count == 0)
        return TUTTI_OK;
    initial = tt_alloc_array(wired->count, sizeof *initial);
    if (!initial)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %u initial values", wired->count);
    for (uint32_t i = 0; i < wired->count; i++)
        initial[i] =
            wired->from_port->initial[wired->first + i] * wired->scale + wired->offset;
    wire->initial = initial;
    wire->initial_count = wired->count;
    return TUTTI_OK;
}

/* One wiring message while it is made. */
struct message {
    const struct plan *plan;
    const struct experiment *experiment;
    const struct plan_processes *processes;
    size_t process;
    struct tt_wire *wires;
    size_t count, room;
};

/* The port of a connection as one process declared it: all ranks have the same ports.
 */
static struct ranges_end end_of(const struct message *message, size_t process,
                                const struct tt_port *port)
{
    uint32_t rank;
    const size_t participant =
        experiment_of_process(message->experiment, process, &rank);
    const size_t first = message->experiment->participants[participant].first_process;
    const size_t place = (size_t)(port - message->processes->declared[first]->ports);

    return (struct ranges_end){&message->processes->declared[process]->ports[place],
                               rank};
}

/* A connection as seen from the process, and `peer` at its other end; nothing when no
 * index travels between the two. */
static enum tutti_status add_wire(struct message *message, size_t number,
                                  bool is_output, size_t peer)
{
    const struct wiring_connection *wired = &message->plan->wiring.connections[number];
    const struct schedule_connection *planned =
        &message->plan->schedule.connections[message->plan->scheduled[number]];
    const size_t from = is_output ? message->process : peer;
    const size_t to = is_output ? peer : message->process;
    struct tt_ranges travel;
    struct tt_wire *wire;
    bool is_any;

    TRY(tt_grow(&message->wires, &message->room, message->count + 1,
                sizeof *message->wires));
    TRY(ranges_travel(wired, end_of(message, from, wired->from_port),
                      end_of(message, to, wired->to_port), &travel, &is_any));
    wire = &message->wires[message->count];
    *wire = (struct tt_wire){
        .number = wired->number,
        .peer = (uint32_t)peer,
        .is_output = is_output,
        .port = is_output ? wired->from_port->name : wired->to_port->name,
        .peer_port = is_output ? wired->to_port->name : wired->from_port->name,
        .first = wired->first,
        .to = wired->to,
        .count = wired->count,
        .delay = wired->delay,
        .out = planned->out,
        .need = planned->need,
        .until =
            message->plan->schedule.participants[wired->to_participant].last_border +
            planned->need,
        .scale = wired->scale,
        .offset = wired->offset,
        .ranges = travel,
    };
    if (!is_any) {
        free((uint32_t *)travel.numbers);
        return TUTTI_OK;
    }
    message->count++;
    return is_output ? TUTTI_OK : convert_initial(wired, wire);
}

/* The connection with every rank of the participant at its other end. */
static enum tutti_status add_wires(struct message *message, size_t number,
                                   bool is_output)
{
    const struct wiring_connection *wired = &message->plan->wiring.connections[number];
    const struct experiment_participant *other =
        &message->experiment->participants[is_output ? wired->to_participant
                                                     : wired->from_participant];

    for (uint32_t rank = 0; rank < other->ranks; rank++)
        TRY(add_wire(message, number, is_output, other->first_process + rank));
    return TUTTI_OK;
}

/* Whether two processes can go on through memory: both are able to, on one host, and
 * the experiment does not ask for another link. */
static bool share_memory(const struct message *message, size_t peer)
{
    const struct tt_join *a = message->processes->joins[message->process];
    const struct tt_join *b = message->processes->joins[peer];

    return message->experiment->link == EXPERIMENT_SHM && a->shares_memory &&
           b->shares_memory && *a->host && strcmp(a->host, b->host) == 0;
}

static enum tutti_status fill_peers(const struct message *message,
                                    struct tt_wiring *wiring)
{
    const size_t count = message->experiment->process_count;
    struct tt_peer_address *peers = tt_alloc_array(count, sizeof *peers);

    if (!peers)
        return no_memory(message->experiment);
    wiring->peers = peers;
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < message->count; i++)
            if (message->wires[i].peer == p) {
                peers[wiring->peer_count++] = (struct tt_peer_address){
                    .process = (uint32_t)p,
                    .name = message->processes->names[p],
                    .inbox = message->processes->joins[p]->inbox,
                    .shares_memory = share_memory(message, p)};
                break;
            }
    return TUTTI_OK;
}

static enum tutti_status fill_message(struct message *message, size_t participant)
{
    for (size_t i = 0; i < message->plan->wiring.count; i++) {
        const struct wiring_connection *wired = &message->plan->wiring.connections[i];

        if (wired->from_participant == participant)
            TRY(add_wires(message, i, true));
        if (wired->to_participant == participant)
            TRY(add_wires(message, i, false));
    }
    return TUTTI_OK;
}

enum tutti_status plan_wiring(const struct plan *plan,
                              const struct experiment *experiment,
                              const struct plan_processes *processes, size_t process,
                              struct tt_wiring *wiring)
{
    struct message message = {plan, experiment, processes, process, NULL, 0, 0};
    uint32_t rank;
    const size_t participant = experiment_of_process(experiment, process, &rank);
    enum tutti_status status = fill_message(&message, participant);

    *wiring = (struct tt_wiring){
        .steps_per_window = plan->schedule.participants[participant].steps_per_window,
        .credit = plan->schedule.credit,
        .wires = message.wires,
        .wire_count = message.count,
    };
    if (status == TUTTI_OK)
        status = fill_peers(&message, wiring);
    return status;
}

void plan_free_wiring(struct tt_wiring *wiring)
{
    for (size_t i = 0; i < wiring->wire_count; i++) {
        free((double *)wiring->wires[i].initial);
        free((uint32_t *)wiring->wires[i].ranges.numbers);
    }
    free((struct tt_wire *)wiring->wires);
    free((struct tt_peer_address *)wiring->peers);
    *wiring = (struct tt_wiring){0};
}
