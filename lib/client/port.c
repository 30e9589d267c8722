/* Ports: declaration, properties, and what all kinds have in common.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/port.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "client/ranks.h"
#include "client/window.h"

static const char *direction(const struct tutti_port *port)
{
    return port->declared.is_output ? "output" : "input";
}

static enum tutti_status check_declaration(const struct tutti_participant *me,
                                           const struct tt_port *declared)
{
    if (me->phase != TT_PHASE_JOINED)
        return FAIL(TUTTI_BAD_CALL,
                    "port '%s' comes too late: declare ports before tutti_start()",
                    declared->name ? declared->name : "");
    if (!declared->name || !*declared->name)
        return FAIL(TUTTI_BAD_CALL, "a port of '%s' has no name", me->name);
    if (declared->width < 1)
        return FAIL(TUTTI_BAD_CALL, "port '%s' has width 0, must be at least 1",
                    declared->name);
    if (tt_port_find(me, declared->name, declared->is_output))
        return FAIL(TUTTI_BAD_CALL, "%s '%s' of '%s' is declared twice",
                    declared->is_output ? "output" : "input", declared->name, me->name);
    return TUTTI_OK;
}

enum tutti_status tt_port_add(struct tutti_participant *me,
                              const struct tt_port_kind *kind,
                              const struct tt_port *declared, struct tutti_port **port)
{
    struct tutti_port *made;

    *port = NULL;
    TRY(check_declaration(me, declared));
    made = tt_alloc(sizeof *made);
    if (!made)
        return FAIL(TUTTI_NO_MEMORY, "no memory for port '%s'", declared->name);
    made->me = me;
    made->kind = kind;
    made->declared = *declared;
    made->declared.kind = kind->kind;
    made->size = tt_ranks_size(me, declared);
    made->declared.name = tt_copy_text(declared->name);
    made->declared.unit = tt_copy_text(declared->unit);
    if (!made->declared.name || !made->declared.unit) {
        tt_port_free(made);
        return FAIL(TUTTI_NO_MEMORY, "no memory for port '%s'", declared->name);
    }
    *me->last_port = made;
    me->last_port = &made->next;
    *port = made;
    return TUTTI_OK;
}

struct tutti_port *tt_port_find(const struct tutti_participant *me, const char *name,
                                bool is_output)
{
    struct tutti_port *port = me->ports;

    while (port && (port->declared.is_output != is_output ||
                    strcmp(port->declared.name, name) != 0))
        port = port->next;
    return port;
}

void tt_port_free(struct tutti_port *port)
{
    if (!port)
        return;
    free((char *)port->declared.name);
    free((char *)port->declared.unit);
    free((double *)port->declared.initial);
    free((uint32_t *)port->declared.ranges.numbers);
    free(port->indices_here);
    free(port->local);
    free(port->ends);
    free(port->spikes);
    free(port->due);
    free(port->indices);
    free(port->values);
    free(port->sample);
    for (size_t i = 0; port->parcels && i < port->count; i++)
        free(port->parcels[i].bytes);
    free(port->parcels);
    free(port);
}

/* A property of a port: which direction has it, and before start only. */
static enum tutti_status check_property(const struct tutti_port *port, const char *what,
                                        bool is_of_output, struct tutti_time value)
{
    char text[TT_TIME_TEXT];

    if (port->declared.is_output != is_of_output)
        return FAIL(TUTTI_BAD_CALL, "%s '%s' has no %s: it belongs to %ss",
                    direction(port), port->declared.name, what,
                    is_of_output ? "output" : "input");
    if (port->me->phase != TT_PHASE_JOINED)
        return FAIL(TUTTI_BAD_CALL,
                    "the %s of port '%s' comes too late: set it before "
                    "tutti_start()",
                    what, port->declared.name);
    if (value.ns < 0 || value.ns >= TT_LONGEST)
        return FAIL(TUTTI_BAD_CALL, "the %s of port '%s' is %s, must not be negative",
                    what, port->declared.name, tt_time_text(value, text));
    return TUTTI_OK;
}

enum tutti_status tutti_port_set_lag(struct tutti_port *port, struct tutti_time lag)
{
    TRY(check_property(port, "lag", true, lag));
    port->declared.lag = lag.ns;
    return TUTTI_OK;
}

enum tutti_status tutti_port_set_lead(struct tutti_port *port, struct tutti_time lead)
{
    TRY(check_property(port, "lead", false, lead));
    port->declared.lead = lead.ns;
    return TUTTI_OK;
}

enum tutti_status tutti_port_set_own_delay(struct tutti_port *port,
                                           struct tutti_time delay)
{
    TRY(check_property(port, "own delay", false, delay));
    port->declared.own_delay = delay.ns;
    return TUTTI_OK;
}

enum tutti_status tutti_port_set_at_step_ends(struct tutti_port *port)
{
    TRY(check_property(port, "binding to steps", port->declared.is_output,
                       (struct tutti_time){0}));
    port->declared.is_at_step_ends = true;
    return TUTTI_OK;
}

bool tutti_port_is_connected(const struct tutti_port *port)
{
    return port->end_count > 0;
}

static enum tutti_status check_use(const struct tutti_port *port,
                                   const struct tt_port_kind *kind, bool is_output)
{
    if (port->kind != kind || port->declared.is_output != is_output)
        return FAIL(TUTTI_BAD_CALL, "'%s' is a %s %s; this call is for a %s %s",
                    port->declared.name, port->kind->name, direction(port), kind->name,
                    is_output ? "output" : "input");
    if (port->me->phase != TT_PHASE_INSIDE)
        return FAIL(TUTTI_BAD_CALL,
                    "port '%s' can be used inside a window only: after tutti_advance() "
                    "and before its end",
                    port->declared.name);
    return TUTTI_OK;
}

enum tutti_status tt_port_may_send(const struct tutti_port *port,
                                   const struct tt_port_kind *kind)
{
    return check_use(port, kind, true);
}

enum tutti_status tt_port_may_read(const struct tutti_port *port,
                                   const struct tt_port_kind *kind)
{
    return check_use(port, kind, false);
}

enum tutti_status tt_port_check_stamp(const struct tutti_port *port, int64_t stamp)
{
    char text[TT_TIME_TEXT], first_text[TT_TIME_TEXT];
    int64_t first;

    if (!port->end_count) /* nobody was promised anything */
        return TUTTI_OK;
    first = tt_window_first_stamp(port->me, port->ends[0]);
    if (stamp < first)
        return FAIL(TUTTI_BAD_CALL,
                    "stamp %s at output '%s' of '%s' is too early: the first one that "
                    "this window allows is %s",
                    tt_time_text((struct tutti_time){stamp}, text), port->declared.name,
                    port->me->name,
                    tt_time_text((struct tutti_time){first}, first_text));
    if (stamp - first > UINT32_MAX)
        return FAIL(
            TUTTI_BAD_CALL,
            "stamp %s at output '%s' of '%s' is too far ahead: at most 4 s after "
            "%s",
            tt_time_text((struct tutti_time){stamp}, text), port->declared.name,
            port->me->name, tt_time_text((struct tutti_time){first}, first_text));
    return TUTTI_OK;
}

enum tutti_status tt_port_connect(struct tutti_port *port, struct tt_end *end)
{
    end->port = port;
    TRY(tt_grow(&port->ends, &port->ends_room, port->end_count + 1,
                sizeof *port->ends));
    port->ends[port->end_count++] = end;
    TRY(tt_ranks_open_end(end));
    if (end->wire.is_output || port->kind != &tt_port_signal)
        return TUTTI_OK;
    end->held = tt_alloc_array(end->width, sizeof *end->held);
    if (!end->held)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %" PRIu32 " values of port '%s'",
                    end->width, port->declared.name);
    if (end->wire.initial_count)
        tt_signal_hold_initial(end);
    return TUTTI_OK;
}

void tt_port_clear_end(struct tt_end *end)
{
    end->count = 0;
}

enum tutti_status tt_port_offsets(struct tt_end *end, int64_t base, size_t from,
                                  size_t count, const uint32_t **offsets)
{
    struct tutti_participant *me = end->port->me;

    TRY(tt_grow(&me->offsets, &me->offsets_room, count, sizeof *me->offsets));
    for (size_t i = 0; i < count; i++)
        me->offsets[i] = (uint32_t)(end->times[from + i] - base);
    *offsets = me->offsets;
    return TUTTI_OK;
}
