/* Signal ports: sample and hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "client/port.h"

/* --- declare and write */

static enum tutti_status add(struct tutti_participant *me, struct tt_port declared,
                             struct tutti_port **port)
{
    *port = NULL;
    if (!declared.unit || !*declared.unit)
        return FAIL(TUTTI_BAD_CALL,
                    "signal '%s' has no unit: write \"1\" for a pure number",
                    declared.name ? declared.name : "");
    return tt_port_add(me, &tt_port_signal, &declared, port);
}

enum tutti_status tutti_signal_output(struct tutti_participant *me, const char *name,
                                      uint32_t width, const char *unit,
                                      struct tutti_port **port)
{
    return add(
        me,
        (struct tt_port){.name = name, .is_output = true, .width = width, .unit = unit},
        port);
}

enum tutti_status tutti_signal_input(struct tutti_participant *me, const char *name,
                                     uint32_t width, const char *unit,
                                     struct tutti_port **port)
{
    return add(me, (struct tt_port){.name = name, .width = width, .unit = unit}, port);
}

enum tutti_status tutti_set_initial_signal(struct tutti_port *port,
                                           const double *values)
{
    double *copy;

    if (port->kind != &tt_port_signal || !port->declared.is_output)
        return FAIL(TUTTI_BAD_CALL,
                    "'%s' is no signal output: only those have initial values",
                    port->declared.name);
    if (port->me->phase != TT_PHASE_JOINED)
        return FAIL(TUTTI_BAD_CALL,
                    "the initial values of port '%s' come too late: set them before "
                    "tutti_start()",
                    port->declared.name);
    copy = tt_alloc_array(port->declared.width, sizeof *copy);
    if (!copy)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %" PRIu32 " values of port '%s'",
                    port->declared.width, port->declared.name);
    memcpy(copy, values, port->declared.width * sizeof *copy);
    free((double *)port->declared.initial);
    port->declared.initial = copy;
    port->declared.initial_count = port->declared.width;
    return TUTTI_OK;
}

/* Whether a signal input may be given this property now. */
static enum tutti_status check_property(const struct tutti_port *port, const char *what)
{
    if (port->kind != &tt_port_signal || port->declared.is_output)
        return FAIL(TUTTI_BAD_CALL, "'%s' is no signal input: only those have %s",
                    port->declared.name, what);
    if (port->me->phase != TT_PHASE_JOINED)
        return FAIL(TUTTI_BAD_CALL,
                    "the %s of port '%s' comes too late: set it before tutti_start()",
                    what, port->declared.name);
    return TUTTI_OK;
}

enum tutti_status tutti_port_set_interpolation(struct tutti_port *port,
                                               enum tutti_interpolation interpolation)
{
    TRY(check_property(port, "interpolation"));
    if ((int)interpolation < TUTTI_HOLD || (int)interpolation > TUTTI_CUBIC)
        return FAIL(TUTTI_BAD_CALL, "port '%s': there is no interpolation number %d",
                    port->declared.name, (int)interpolation);
    port->declared.interpolation = interpolation;
    return TUTTI_OK;
}

enum tutti_status tutti_port_set_extrapolation(struct tutti_port *port)
{
    TRY(check_property(port, "extrapolation"));
    port->declared.extrapolates = true;
    return TUTTI_OK;
}

void tt_signal_hold_initial(struct tt_end *end)
{
    const struct tt_ranges *ranges = &end->wire.ranges;
    size_t count = 0;

    if (ranges->count == 0)
        memcpy(end->held, end->wire.initial, end->width * sizeof *end->held);
    for (size_t r = 0; r < ranges->count; r++)
        for (uint32_t i = ranges->numbers[2 * r]; i < ranges->numbers[2 * r + 1]; i++)
            end->held[count++] = end->wire.initial[i - end->wire.first];
}

static enum tutti_status make_room(struct tt_end *end, size_t more)
{
    TRY(tt_grow(&end->times, &end->times_room, end->count + more, sizeof *end->times));
    return tt_grow(&end->values, &end->values_room, (end->count + more) * end->width,
                   sizeof *end->values);
}

/* The values of a whole sample that travel on this connection. */
static void gather(const struct tt_end *end, const double *values, double *sample)
{
    if (!end->places)
        memcpy(sample, values + end->wire.first, end->width * sizeof *values);
    for (uint32_t i = 0; end->places && i < end->width; i++)
        sample[i] = values[end->places[i]];
}

/* The other way round, at the reader. */
static void scatter(const struct tt_end *end, const double *sample, double *values)
{
    if (!end->places)
        memcpy(values + end->wire.to, sample, end->width * sizeof *values);
    for (uint32_t i = 0; end->places && i < end->width; i++)
        values[end->places[i]] = sample[i];
}

enum tutti_status tutti_write_signal(struct tutti_port *port, struct tutti_time stamp,
                                     const double *values)
{
    char text[TT_TIME_TEXT], last_text[TT_TIME_TEXT];

    TRY(tt_port_may_send(port, &tt_port_signal));
    TRY(tt_port_check_stamp(port, stamp.ns));
    if (port->count && stamp.ns <= port->last_stamp)
        return FAIL(
            TUTTI_BAD_CALL,
            "sample %s at output '%s' of '%s' does not come after the one before, "
            "%s",
            tt_time_text(stamp, text), port->declared.name, port->me->name,
            tt_time_text((struct tutti_time){port->last_stamp}, last_text));
    for (size_t e = 0; e < port->end_count; e++)
        TRY(make_room(port->ends[e], 1));
    for (size_t e = 0; e < port->end_count; e++) {
        struct tt_end *end = port->ends[e];

        end->times[end->count] = stamp.ns;
        gather(end, values, end->values + end->count * end->width);
        end->count++;
    }
    port->last_stamp = stamp.ns;
    port->count++;
    return TUTTI_OK;
}

/* --- frames */

static enum tutti_status write_samples(struct tt_end *end, int64_t base, size_t room,
                                       struct tt_frame_writer *writer)
{
    const size_t size = sizeof(uint32_t) + end->width * sizeof *end->values;
    const size_t left = end->count - end->sent, fit = room / size + 1;
    const size_t count = left < fit ? left : fit;
    const uint32_t *offsets;

    TRY(tt_port_offsets(end, base, end->sent, count, &offsets));
    TRY(tt_frame_add_samples(writer, end->wire.number, count, end->width, offsets,
                             end->values + end->sent * end->width));
    end->sent += count;
    return TUTTI_OK;
}

static enum tutti_status take_samples(struct tt_end *end, int64_t base,
                                      const struct tt_section *section)
{
    const uint32_t width = end->width;

    TRY(make_room(end, section->count));
    for (size_t i = 0; i < section->count; i++) {
        double *values = end->values + end->count * width;
        uint32_t offset;

        tt_section_sample(section, i, &offset, values);
        for (uint32_t j = 0; j < width; j++)
            values[j] = values[j] * end->wire.scale + end->wire.offset;
        end->times[end->count++] = base + offset + end->wire.delay;
    }
    return TUTTI_OK;
}

/* --- deliver */

/* Throws away samples that nothing after `begin` can need: of those that are due by
 * then the last two stay, for a cubic goes through two on each side. */
static void forget(struct tt_end *end, int64_t begin)
{
    const size_t width = end->width;
    size_t old = 0;

    while (old + 2 < end->shown && end->times[old + 2] <= begin)
        old++;
    end->shown -= old;
    end->count -= old;
    memmove(end->times, end->times + old, end->count * sizeof *end->times);
    memmove(end->values, end->values + old * width,
            end->count * width * sizeof *end->values);
}

static enum tutti_status deliver_samples(struct tutti_port *port, int64_t window_end)
{
    port->count = 0;
    for (size_t e = 0; e < port->end_count; e++) {
        struct tt_end *end = port->ends[e];

        if (end->shown)
            forget(end, port->me->window.end.ns); /* where the next window begins */
        end->fresh = end->shown;
        while (end->shown < end->count &&
               end->times[end->shown] < window_end + end->wire.need)
            end->shown++;
        port->count += end->shown - end->fresh;
    }
    port->me->events_received += port->count;
    return TUTTI_OK;
}

static size_t held_samples(const struct tt_end *end)
{
    return end->count * (sizeof *end->times + end->width * sizeof *end->values);
}

const struct tt_port_kind tt_port_signal = {
    .name = "signal",
    .kind = TUTTI_SIGNAL,
    .write = write_samples,
    .take = take_samples,
    .deliver = deliver_samples,
    .held = held_samples,
    .clear = tt_port_clear_end,
};

/* The number of samples that are due by `at`. */
static size_t due_by(const struct tt_end *end, int64_t at)
{
    size_t low = 0, high = end->shown;

    while (low < high) {
        const size_t middle = (low + high) / 2;

        if (end->times[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Through which samples the curve at a time goes: `count` of them from `first` on. */
struct support {
    size_t first, count;
};

/* `due` samples are due by that time, at least one. */
static struct support support_of(const struct tutti_port *port,
                                 const struct tt_end *end, size_t due)
{
    const size_t after = end->shown - due;

    if (port->declared.interpolation == TUTTI_HOLD ||
        (after == 0 && (!port->declared.extrapolates || due < 2)))
        return (struct support){due - 1, 1};
    if (after == 0)
        return (struct support){due - 2, 2};
    if (port->declared.interpolation == TUTTI_LINEAR)
        return (struct support){due - 1, 2};
    return (struct support){due < 2 ? 0 : due - 2,
                            (due < 2 ? 1 : 2) + (after < 2 ? 1 : 2)};
}

/* Lagrange's polynomial through the support, for all values of the end: the weight of
 * sample j is the product of (at - t_k) / (t_j - t_k) over all others k. */
static void blend(const struct tt_end *end, struct support support, int64_t at,
                  double *sample)
{
    const size_t width = end->width;

    memset(sample, 0, width * sizeof *sample);
    for (size_t j = support.first; j < support.first + support.count; j++) {
        double weight = 1.0;

        for (size_t k = support.first; k < support.first + support.count; k++)
            if (k != j)
                weight *= (double)(at - end->times[k]) /
                          (double)(end->times[j] - end->times[k]);
        for (size_t i = 0; i < width; i++)
            sample[i] += weight * end->values[j * width + i];
    }
}

static enum tutti_status read_at(struct tutti_port *port, int64_t at, double *values)
{
    memset(values, 0, port->size * sizeof *values);
    for (size_t e = 0; e < port->end_count; e++) {
        const struct tt_end *end = port->ends[e];
        const size_t due = due_by(end, at);
        struct support support = {0};

        if (due)
            support = support_of(port, end, due);
        if (support.count < 2) {
            scatter(end, due ? end->values + (due - 1) * end->width : end->held,
                    values);
            continue;
        }
        TRY(tt_grow(&port->sample, &port->sample_room, end->width,
                    sizeof *port->sample));
        blend(end, support, at, port->sample);
        scatter(end, port->sample, values);
    }
    return TUTTI_OK;
}

enum tutti_status tutti_read_signal(struct tutti_port *port, struct tutti_time at,
                                    double *values)
{
    char text[TT_TIME_TEXT];

    TRY(tt_port_may_read(port, &tt_port_signal));
    if (at.ns < port->me->window.begin.ns || at.ns > port->me->window.end.ns)
        return FAIL(TUTTI_BAD_CALL,
                    "input '%s' of '%s' is read at %s, outside the window",
                    port->declared.name, port->me->name, tt_time_text(at, text));
    return read_at(port, at.ns, values);
}

static int compare(const void *left, const void *right)
{
    const struct tutti_time *a = left, *b = right;

    return a->ns < b->ns ? -1 : a->ns > b->ns;
}

size_t tutti_signal_samples(struct tutti_port *port, const struct tutti_time **due,
                            const double **values)
{
    const size_t width = port->size;
    size_t all = 0, distinct = 0;

    *due = NULL;
    *values = NULL;
    if (tt_port_may_read(port, &tt_port_signal) != TUTTI_OK ||
        tt_grow(&port->due, &port->due_room, port->count, sizeof *port->due) !=
            TUTTI_OK ||
        tt_grow(&port->values, &port->values_room, port->count * width,
                sizeof *port->values) != TUTTI_OK)
        return 0;
    for (size_t e = 0; e < port->end_count; e++)
        for (size_t i = port->ends[e]->fresh; i < port->ends[e]->shown; i++)
            port->due[all++].ns = port->ends[e]->times[i];
    if (port->end_count > 1)
        qsort(port->due, all, sizeof *port->due, compare);
    for (size_t i = 0; i < all; i++)
        if (i == 0 || port->due[i].ns != port->due[i - 1].ns) {
            port->due[distinct].ns = port->due[i].ns;
            if (read_at(port, port->due[distinct].ns,
                        port->values + distinct * width) != TUTTI_OK)
                return 0;
            distinct++;
        }
    *due = port->due;
    *values = port->values;
    return distinct;
}
