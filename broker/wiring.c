/* Who is connected to whom. SPDX-License-Identifier: Apache-2.0 */
#include "broker/wiring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"

/* Room for "column.E[0:100]" in sentences; longer names are cut. */
#define END_TEXT 160

static const char *name_of(const struct experiment *experiment, size_t participant)
{
    return experiment->participants[participant].name;
}

static const char *end_text(const struct experiment *experiment,
                            const struct experiment_end *end, char room[END_TEXT])
{
    const char *name = name_of(experiment, end->participant);
    const struct tt_slice slice = end->slice;

    if (slice.end != TT_OPEN_END)
        snprintf(room, END_TEXT, "%s.%s[%u:%u]", name, end->port, slice.begin,
                 slice.end);
    else if (slice.begin)
        snprintf(room, END_TEXT, "%s.%s[%u:]", name, end->port, slice.begin);
    else
        snprintf(room, END_TEXT, "%s.%s", name, end->port);
    return room;
}

static const char *direction_name(bool is_output)
{
    return is_output ? "output" : "input";
}

static const char *kind_name(enum tutti_kind kind)
{
    static const char *const names[] = {[TUTTI_SPIKES] = "spikes",
                                        [TUTTI_SIGNAL] = "signal",
                                        [TUTTI_MESSAGE] = "message"};

    return names[kind];
}

/* --- one end */

static const struct tt_port *find_port(const struct tt_declare *declared,
                                       const char *name, bool is_output)
{
    for (size_t i = 0; i < declared->port_count; i++) {
        const struct tt_port *port = &declared->ports[i];

        if (port->is_output == is_output && strcmp(port->name, name) == 0)
            return port;
    }
    return NULL;
}

/* What was meant, and what there is. */
static enum tutti_status fail_unknown_port(const struct experiment *experiment,
                                           const struct experiment_end *end,
                                           const struct tt_declare *declared,
                                           bool is_output)
{
    const char **known = tt_alloc_array(declared->port_count, sizeof *known);
    const char *direction = direction_name(is_output), *nearest;
    const char *name = name_of(experiment, end->participant);
    struct tt_text text = {0};
    size_t count = 0;

    if (!known)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the ports of '%s'", name);
    for (size_t i = 0; i < declared->port_count; i++)
        if (declared->ports[i].is_output == is_output)
            known[count++] = declared->ports[i].name;
    nearest = tt_nearest_word(end->port, known, count);
    tt_text_add(&text, "'%s' has no %s '%s'", name, direction, end->port);
    if (nearest)
        tt_text_add(&text, "; did you mean '%s'?", nearest);
    if (count == 0)
        tt_text_add(&text, "; it has none");
    for (size_t i = 0; i < count; i++)
        tt_text_add(&text, "%s '%s'",
                    i         ? ","
                    : nearest ? " It has"
                              : "; it has",
                    known[i]);
    free(known);
    tt_set_error_at(end->place, "%s", tt_text_get(&text));
    tt_text_free(&text);
    return TUTTI_BAD_CONFIG;
}

/* The port of an end, once its participant has declared it, and the range in it. */
static enum tutti_status resolve_end(const struct experiment *experiment,
                                     const struct experiment_end *end, bool is_output,
                                     const struct tt_declare *declared,
                                     const struct tt_port **port, uint32_t *count)
{
    const struct tt_slice slice = end->slice;
    char room[END_TEXT];
    uint32_t last;

    *port = find_port(declared, end->port, is_output);
    if (!*port && find_port(declared, end->port, !is_output))
        return FAIL_AT(end->place,
                       "'%s.%s' is an %s, but stands where an %s must be; "
                       "a connection goes from an output to an input",
                       name_of(experiment, end->participant), end->port,
                       direction_name(!is_output), direction_name(is_output));
    if (!*port)
        return fail_unknown_port(experiment, end, declared, is_output);
    last = slice.end == TT_OPEN_END ? (*port)->width : slice.end;
    if (last > (*port)->width || slice.begin >= last)
        return FAIL_AT(end->place,
                       "'%s' reaches beyond the port, which has the width %u; its "
                       "indices are 0 to %u",
                       end_text(experiment, end, room), (*port)->width,
                       (*port)->width - 1);
    *count = last - slice.begin;
    return TUTTI_OK;
}

/* --- what the file states */

static enum tutti_status check_stated_port(const struct experiment_port *stated,
                                           const char *name,
                                           const struct tt_declare *declared)
{
    const struct tt_port *port = find_port(declared, stated->name, stated->is_output);

    if (!port)
        return FAIL_AT(stated->place,
                       "the file states an %s '%s' of '%s', but the program declares "
                       "none; correct one of them",
                       direction_name(stated->is_output), stated->name, name);
    if (port->kind != stated->kind)
        return FAIL_AT(stated->place,
                       "the file states the kind %s for '%s.%s', but the program "
                       "declares the kind %s; correct one of them",
                       kind_name(stated->kind), name, stated->name,
                       kind_name(port->kind));
    if (port->width != stated->width)
        return FAIL_AT(stated->place,
                       "the file states the width %u for '%s.%s', but the program "
                       "declares %u; correct one of them",
                       stated->width, name, stated->name, port->width);
    if (strcmp(port->unit, stated->unit) != 0)
        return FAIL_AT(stated->place,
                       "the file states the unit '%s' for '%s.%s', but the program "
                       "declares '%s'; correct one of them",
                       stated->unit, name, stated->name, port->unit);
    return TUTTI_OK;
}

static enum tutti_status
check_stated_times(const struct experiment_participant *participant,
                   const struct tt_declare *declared)
{
    static const char *const conventions[] = {
        [TUTTI_FROM] = "from", [TUTTI_UP_TO] = "up_to"};
    char stated[TT_STEP_TEXT], found[TT_STEP_TEXT];

    if (participant->step.ns &&
        !(declared->has_step && tt_step_is_equal(participant->step, declared->step)))
        return FAIL_AT(participant->place,
                       "the file states the step %s for '%s', but the program declares "
                       "%s; correct one of them",
                       tt_step_text(participant->step, stated), participant->name,
                       declared->has_step ? tt_step_text(declared->step, found)
                                          : "none");
    if (participant->windows != EXPERIMENT_WINDOWS_UNSTATED &&
        (int)participant->windows != (int)declared->convention)
        return FAIL_AT(participant->place,
                       "the file states 'windows: %s' for '%s', but the program "
                       "declares '%s'; correct one of them",
                       conventions[participant->windows], participant->name,
                       conventions[declared->convention]);
    return experiment_check_window(participant, declared->step);
}

enum tutti_status wiring_check_declared(const struct experiment *experiment,
                                        size_t participant,
                                        const struct tt_declare *declared)
{
    const struct experiment_participant *stated =
        &experiment->participants[participant];
    const struct tt_port *port;
    uint32_t count;

    TRY(check_stated_times(stated, declared));
    for (size_t i = 0; i < stated->port_count; i++)
        TRY(check_stated_port(&stated->ports[i], stated->name, declared));
    for (size_t i = 0; i < experiment->connection_count; i++) {
        const struct experiment_connection *connection = &experiment->connections[i];

        if (connection->from.participant == participant)
            TRY(resolve_end(experiment, &connection->from, true, declared, &port,
                            &count));
        if (connection->to.participant == participant)
            TRY(resolve_end(experiment, &connection->to, false, declared, &port,
                            &count));
    }
    return TUTTI_OK;
}

const struct tt_declare *wiring_stated(const struct experiment_participant *participant,
                                       struct tt_port *ports,
                                       struct tt_declare *declared)
{
    if (!participant->has_ports)
        return NULL;
    for (size_t i = 0; i < participant->port_count; i++)
        ports[i] = (struct tt_port){
            .name = participant->ports[i].name,
            .is_output = participant->ports[i].is_output,
            .kind = participant->ports[i].kind,
            .width = participant->ports[i].width,
            .unit = participant->ports[i].unit,
        };
    *declared = (struct tt_declare){
        .convention =
            participant->windows == EXPERIMENT_WINDOWS_UP_TO ? TUTTI_UP_TO : TUTTI_FROM,
        .has_step = participant->step.ns != 0,
        .step = participant->step.ns ? participant->step : (struct tutti_step){1, 1},
        .port_count = participant->port_count,
        .ports = ports,
    };
    return declared;
}

/* --- both ends */

/* How many recorded indices of the same port come before this connection. */
static enum tutti_status recorded_before(const struct experiment *experiment,
                                         const struct tt_declare *declared,
                                         size_t number, uint32_t *before)
{
    const struct experiment_end *from = &experiment->connections[number].from;

    *before = 0;
    for (size_t i = experiment->record_first; i < number; i++) {
        const struct experiment_end *other = &experiment->connections[i].from;
        const struct tt_port *port;
        uint32_t count;

        if (other->participant != from->participant ||
            strcmp(other->port, from->port) != 0)
            continue;
        TRY(resolve_end(experiment, other, true, declared, &port, &count));
        *before += count;
    }
    return TUTTI_OK;
}

/* Where the source's first index arrives. */
static enum tutti_status first_index(const struct experiment *experiment,
                                     const struct tt_declare *declared, size_t number,
                                     uint32_t *to)
{
    const struct experiment_connection *connection = &experiment->connections[number];

    if (connection->to.participant == experiment->recorder)
        return recorded_before(experiment, declared, number, to);
    *to = connection->to.slice.begin;
    return TUTTI_OK;
}

static enum tutti_status check_lengths(const struct experiment *experiment,
                                       const struct experiment_connection *connection,
                                       uint32_t from_count, uint32_t to_count)
{
    char from[END_TEXT], to[END_TEXT];

    if (from_count != to_count)
        return FAIL_AT(connection->place,
                       "'%s' has the width %u, but '%s' the width %u; give ranges of "
                       "the same length, such as '[0:%u]' and '[0:%u]'",
                       end_text(experiment, &connection->from, from), from_count,
                       end_text(experiment, &connection->to, to), to_count,
                       from_count < to_count ? from_count : to_count,
                       from_count < to_count ? from_count : to_count);
    return TUTTI_OK;
}

static enum tutti_status check_kinds(const struct experiment *experiment,
                                     const struct tt_units *units,
                                     const struct experiment_connection *connection,
                                     struct wiring_connection *wired)
{
    const struct tt_port *from = wired->from_port, *to = wired->to_port;
    char from_room[END_TEXT], to_room[END_TEXT];
    const char *from_text = end_text(experiment, &connection->from, from_room);
    const char *to_text = end_text(experiment, &connection->to, to_room);

    wired->scale = 1;
    if (from->kind != to->kind)
        return FAIL_AT(connection->place,
                       "'%s' is of the kind %s, but '%s' of the kind %s; connect ports "
                       "of one kind",
                       from_text, kind_name(from->kind), to_text, kind_name(to->kind));
    if (from->kind == TUTTI_MESSAGE &&
        connection->to.participant == experiment->recorder)
        return FAIL_AT(connection->place,
                       "'%s' carries messages, which are not recorded; remove it from "
                       "'record'",
                       from_text);
    if (from->kind == TUTTI_SIGNAL &&
        tt_unit_conversion(units, from->unit, to->unit, &wired->scale, &wired->offset))
        return FAIL_AT(connection->place, "'%s' is in %s, but '%s' in %s: %s",
                       from_text, from->unit, to_text, to->unit, tutti_last_error());
    return TUTTI_OK;
}

static enum tutti_status
check_recorder_width(const struct experiment_connection *connection,
                     const struct wiring_connection *wired)
{
    const uint32_t needed = wired->to + wired->count;

    if (needed > wired->to_port->width)
        return FAIL_AT(connection->place,
                       "the recorder declares '%s' with the width %u, but %u indices "
                       "are recorded; start the recorder of this version",
                       wired->to_port->name, wired->to_port->width, needed);
    return TUTTI_OK;
}

static enum tutti_status resolve_connection(const struct experiment *experiment,
                                            const struct tt_units *units,
                                            const struct tt_declare *const *declared,
                                            size_t number,
                                            struct wiring_connection *wired)
{
    const struct experiment_connection *connection = &experiment->connections[number];
    const struct experiment_end *from = &connection->from, *to = &connection->to;
    const struct tt_declare *source = declared[from->participant];
    const struct tt_declare *reader = declared[to->participant];
    const struct tt_port *from_port = NULL, *to_port = NULL;
    uint32_t from_count = 0, to_count = 0;

    *wired = (struct wiring_connection){.number = (uint32_t)number,
                                        .from_participant = from->participant,
                                        .to_participant = to->participant,
                                        .delay = connection->delay,
                                        .scale = 1};
    if (source)
        TRY(resolve_end(experiment, from, true, source, &from_port, &from_count));
    if (reader)
        TRY(resolve_end(experiment, to, false, reader, &to_port, &to_count));
    if (!source || !reader)
        return TUTTI_OK; /* judged when the other one has joined */
    wired->from_port = from_port;
    wired->to_port = to_port;
    wired->first = from->slice.begin;
    wired->count = from_count;
    TRY(first_index(experiment, source, number, &wired->to));
    TRY(check_kinds(experiment, units, connection, wired));
    if (to->participant == experiment->recorder)
        return check_recorder_width(connection, wired);
    return check_lengths(experiment, connection, from_count, to_count);
}

/* --- signals and messages: one source for each index */

static int compare_targets(const void *a, const void *b)
{
    const struct wiring_connection *x = *(const struct wiring_connection *const *)a;
    const struct wiring_connection *y = *(const struct wiring_connection *const *)b;

    if (x->to_port != y->to_port)
        return x->to_port < y->to_port ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static enum tutti_status fail_two_sources(const struct experiment *experiment,
                                          const struct wiring_connection *a,
                                          const struct wiring_connection *b,
                                          uint32_t index)
{
    const uint32_t earlier = a->number < b->number ? a->number : b->number;
    const uint32_t later = a->number < b->number ? b->number : a->number;
    const struct experiment_connection *first = &experiment->connections[earlier];
    const struct experiment_connection *second = &experiment->connections[later];
    char first_room[END_TEXT], second_room[END_TEXT];

    return FAIL_AT(second->place,
                   "index %u of the %s input '%s.%s' has two sources, '%s' (line "
                   "%d) and '%s'; a %s has one, remove a connection",
                   index, kind_name(b->to_port->kind),
                   name_of(experiment, second->to.participant), second->to.port,
                   end_text(experiment, &first->from, first_room), first->place.line,
                   end_text(experiment, &second->from, second_room),
                   kind_name(b->to_port->kind));
}

static bool has_unknown_source(const struct wiring *wiring,
                               const struct experiment *experiment,
                               const struct experiment_end *to)
{
    for (size_t i = 0; i < wiring->count; i++) {
        const struct experiment_end *other = &experiment->connections[i].to;

        if (!wiring->connections[i].to_port && other->participant == to->participant &&
            strcmp(other->port, to->port) == 0)
            return true;
    }
    return false;
}

/* Indices from `begin` up to `end` of the port of `wired` have no source. */
static enum tutti_status check_gap(const struct wiring *wiring,
                                   const struct experiment *experiment,
                                   const struct wiring_connection *wired,
                                   uint32_t begin, uint32_t end)
{
    const struct experiment_connection *connection =
        &experiment->connections[wired->number];
    const struct experiment_end *to = &connection->to;
    char indices[64];

    if (begin >= end || has_unknown_source(wiring, experiment, to))
        return TUTTI_OK;
    if (begin + 1 == end)
        snprintf(indices, sizeof indices, "index %u", begin);
    else
        snprintf(indices, sizeof indices, "indices %u to %u", begin, end - 1);
    return FAIL_AT(connection->place,
                   "no source for %s of the signal input '%s.%s', though others of it "
                   "have one; connect all or none",
                   indices, name_of(experiment, to->participant), to->port);
}

/* `sorted` by port and index. */
static enum tutti_status check_targets(const struct wiring *wiring,
                                       const struct experiment *experiment,
                                       const struct wiring_connection *const *sorted,
                                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct wiring_connection *wired = sorted[i];
        const struct wiring_connection *before = i ? sorted[i - 1] : NULL;
        uint32_t begin = 0;

        if (before && before->to_port == wired->to_port) {
            begin = before->to + before->count;
            if (wired->to < begin)
                return fail_two_sources(experiment, before, wired, wired->to);
        }
        TRY(check_gap(wiring, experiment, wired, begin, wired->to));
        if (i + 1 == count || sorted[i + 1]->to_port != wired->to_port)
            TRY(check_gap(wiring, experiment, wired, wired->to + wired->count,
                          wired->to_port->width));
    }
    return TUTTI_OK;
}

static enum tutti_status check_signals(const struct wiring *wiring,
                                       const struct experiment *experiment)
{
    const struct wiring_connection **sorted =
        tt_alloc_array(wiring->count, sizeof *sorted);
    enum tutti_status status;
    size_t count = 0;

    if (!sorted)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu connections", wiring->count);
    for (size_t i = 0; i < wiring->count; i++)
        if (wiring->connections[i].to_port &&
            wiring->connections[i].to_port->kind != TUTTI_SPIKES)
            sorted[count++] = &wiring->connections[i];
    qsort(sorted, count, sizeof *sorted, compare_targets);
    status = check_targets(wiring, experiment, sorted, count);
    free(sorted);
    return status;
}

/* --- all */

enum tutti_status wiring_resolve(const struct experiment *experiment,
                                 const struct tt_units *units,
                                 const struct tt_declare *const *declared,
                                 struct wiring *wiring)
{
    enum tutti_status status = TUTTI_OK;

    *wiring = (struct wiring){0};
    for (size_t i = 0; i < experiment->participant_count; i++)
        if (declared[i])
            TRY(wiring_check_declared(experiment, i, declared[i]));
    wiring->connections =
        tt_alloc_array(experiment->connection_count, sizeof *wiring->connections);
    if (!wiring->connections)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu connections",
                    experiment->connection_count);
    for (size_t i = 0; i < experiment->connection_count && status == TUTTI_OK; i++) {
        status =
            resolve_connection(experiment, units, declared, i, &wiring->connections[i]);
        wiring->count++;
    }
    if (status == TUTTI_OK)
        status = check_signals(wiring, experiment);
    if (status != TUTTI_OK)
        wiring_free(wiring);
    return status;
}

void wiring_free(struct wiring *wiring)
{
    free(wiring->connections);
    *wiring = (struct wiring){0};
}

/* --- sources */

bool wiring_knows_sources(const struct experiment *experiment,
                          const struct tt_declare *const *declared, size_t participant)
{
    for (size_t i = 0; i < experiment->connection_count; i++) {
        const struct experiment_connection *connection = &experiment->connections[i];

        if (connection->to.participant == participant &&
            !declared[connection->from.participant])
            return false;
    }
    return true;
}

static enum tutti_status fill_source(const struct experiment *experiment,
                                     const struct tt_declare *const *declared,
                                     size_t number, struct tutti_source *source)
{
    const struct experiment_connection *connection = &experiment->connections[number];
    const struct tt_declare *sender = declared[connection->from.participant];
    const struct tt_port *port;

    TRY(resolve_end(experiment, &connection->from, true, sender, &port,
                    &source->width));
    TRY(first_index(experiment, sender, number, &source->to));
    source->input = connection->to.port;
    source->participant = name_of(experiment, connection->from.participant);
    source->port = port->name;
    source->kind = port->kind;
    source->first = connection->from.slice.begin;
    source->unit = port->unit;
    source->step = sender->has_step ? sender->step : (struct tutti_step){1, 1};
    return TUTTI_OK;
}

enum tutti_status wiring_sources(const struct experiment *experiment,
                                 const struct tt_declare *const *declared,
                                 size_t participant, struct tutti_source **sources,
                                 size_t *count)
{
    enum tutti_status status = TUTTI_OK;
    size_t found = 0;

    *sources = tt_alloc_array(experiment->connection_count, sizeof **sources);
    if (!*sources)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu connections",
                    experiment->connection_count);
    for (size_t i = 0; i < experiment->connection_count && status == TUTTI_OK; i++)
        if (experiment->connections[i].to.participant == participant)
            status = fill_source(experiment, declared, i, &(*sources)[found++]);
    if (status != TUTTI_OK) {
        free(*sources);
        *sources = NULL;
        return status;
    }
    *count = found;
    return TUTTI_OK;
}
