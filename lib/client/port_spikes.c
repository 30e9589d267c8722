/* Spike ports.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/time.h"
#include "client/port.h"
#include "client/window.h"

/* --- declare and send */

enum tutti_status tutti_spike_output(struct tutti_participant *me, const char *name,
                                     uint32_t width, struct tutti_port **port)
{
    const struct tt_port declared = {
        .name = name, .is_output = true, .width = width, .unit = ""};

    return tt_port_add(me, &tt_port_spikes, &declared, port);
}

enum tutti_status tutti_spike_input(struct tutti_participant *me, const char *name,
                                    uint32_t width, struct tutti_port **port)
{
    const struct tt_port declared = {.name = name, .width = width, .unit = ""};

    return tt_port_add(me, &tt_port_spikes, &declared, port);
}

static enum tutti_status make_room(struct tt_end *end, size_t more)
{
    TRY(tt_grow(&end->times, &end->times_room, end->count + more, sizeof *end->times));
    return tt_grow(&end->indices, &end->indices_room, end->count + more,
                   sizeof *end->indices);
}

static enum tutti_status check_spikes(const struct tutti_port *port, size_t count,
                                      const struct tutti_time *stamps,
                                      const uint32_t *indices)
{
    for (size_t i = 0; i < count; i++) {
        if (indices[i] >= port->size)
            return FAIL(
                TUTTI_BAD_CALL, "index %u at output '%s' of '%s' lies beyond its %s %u",
                indices[i], port->declared.name, port->me->name,
                port->me->ranks > 1 ? "indices on this rank," : "width", port->size);
        TRY(tt_port_check_stamp(port, stamps[i].ns));
    }
    return TUTTI_OK;
}

/* Takes over those that travel on this connection, with the indices of the reader. */
static void put_spikes(struct tt_end *end, size_t count,
                       const struct tutti_time *stamps, const uint32_t *indices)
{
    const uint32_t *here = end->port->indices_here;
    size_t used = end->count;

    for (size_t i = 0; i < count; i++) {
        const uint32_t index = here ? here[indices[i]] : indices[i];
        const uint32_t place = index - end->wire.first; /* wraps below first */

        end->times[used] = stamps[i].ns;
        end->indices[used] = place + end->wire.to;
        used += place < end->wire.count && (!end->travels || end->travels[place]);
    }
    end->count = used;
}

enum tutti_status tutti_send_spikes(struct tutti_port *port, size_t count,
                                    const struct tutti_time *stamps,
                                    const uint32_t *indices)
{
    TRY(tt_port_may_send(port, &tt_port_spikes));
    TRY(check_spikes(port, count, stamps, indices));
    for (size_t e = 0; e < port->end_count; e++)
        TRY(make_room(port->ends[e], count));
    for (size_t e = 0; e < port->end_count; e++)
        put_spikes(port->ends[e], count, stamps, indices);
    return TUTTI_OK;
}

enum tutti_status tutti_send_spike(struct tutti_port *port, struct tutti_time stamp,
                                   uint32_t index)
{
    return tutti_send_spikes(port, 1, &stamp, &index);
}

enum tutti_status tutti_send_spikes_ms(struct tutti_port *port, size_t count,
                                       const double *stamps_ms, const uint32_t *indices)
{
    struct tutti_time *stamps;
    enum tutti_status status = TUTTI_OK;

    TRY(tt_port_may_send(port, &tt_port_spikes));
    stamps = tt_alloc_array(count, sizeof *stamps);
    if (!stamps)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu spikes", count);
    for (size_t i = 0; i < count && status == TUTTI_OK; i++) {
        if (!tt_time_from_ms(stamps_ms[i], &stamps[i].ns))
            status =
                FAIL(TUTTI_BAD_CALL, "stamp %g ms at output '%s' of '%s' is no time",
                     stamps_ms[i], port->declared.name, port->me->name);
        else if (port->end_count &&
                 stamps[i].ns == tt_window_first_stamp(port->me, port->ends[0]) - 1)
            stamps[i].ns++; /* the error of the conversion, not of the sender */
    }
    if (status == TUTTI_OK)
        status = tutti_send_spikes(port, count, stamps, indices);
    free(stamps);
    return status;
}

/* --- frames */

static enum tutti_status write_spikes(struct tt_end *end, int64_t base, size_t room,
                                      struct tt_frame_writer *writer)
{
    const size_t left = end->count - end->sent, fit = room / sizeof(uint64_t) + 1;
    const size_t count = left < fit ? left : fit;
    const uint32_t *offsets;

    TRY(tt_port_offsets(end, base, end->sent, count, &offsets));
    TRY(tt_frame_add_spikes(writer, end->wire.number, count, offsets,
                            end->indices + end->sent));
    end->sent += count;
    return TUTTI_OK;
}

static enum tutti_status take_spikes(struct tt_end *end, int64_t base,
                                     const struct tt_section *section)
{
    TRY(make_room(end, section->count));
    for (size_t i = 0; i < section->count; i++) {
        uint32_t offset, index;

        tt_section_spike(section, i, &offset, &index);
        end->times[end->count] = base + offset + end->wire.delay;
        if (end->port->local && end->port->local[index] == UINT32_MAX)
            return FAIL(TUTTI_REFUSED,
                        "a frame from '%s' is damaged: index %u of input '%s' does not "
                        "live on this rank",
                        end->peer->address.name, index, end->port->declared.name);
        end->indices[end->count++] = index;
    }
    return TUTTI_OK;
}

/* --- deliver */

static int compare(const void *left, const void *right)
{
    const struct tt_spike *a = left, *b = right;

    if (a->due != b->due)
        return a->due < b->due ? -1 : 1;
    if (a->connection != b->connection)
        return a->connection < b->connection ? -1 : 1;
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* Moves what is due before `limit` from the end to the port. */
static void collect(struct tutti_port *port, struct tt_end *end, int64_t limit)
{
    size_t kept = 0;

    for (size_t i = 0; i < end->count; i++) {
        if (end->times[i] < limit) {
            port->spikes[port->count] = (struct tt_spike){
                end->times[i], end->wire.number, end->indices[i], port->count};
            port->count++;
        } else {
            end->times[kept] = end->times[i];
            end->indices[kept++] = end->indices[i];
        }
    }
    end->count = kept;
}

static bool is_sorted(const struct tt_spike *spikes, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare(&spikes[i - 1], &spikes[i]) > 0)
            return false;
    return true;
}

static enum tutti_status deliver_spikes(struct tutti_port *port, int64_t window_end)
{
    size_t all = 0;

    for (size_t e = 0; e < port->end_count; e++)
        all += port->ends[e]->count;
    TRY(tt_grow(&port->spikes, &port->spikes_room, all, sizeof *port->spikes));
    TRY(tt_grow(&port->due, &port->due_room, all, sizeof *port->due));
    TRY(tt_grow(&port->indices, &port->indices_room, all, sizeof *port->indices));
    port->count = port->cursor = 0;
    for (size_t e = 0; e < port->end_count; e++)
        collect(port, port->ends[e], window_end + port->ends[e]->wire.need);
    if (!is_sorted(port->spikes, port->count))
        qsort(port->spikes, port->count, sizeof *port->spikes, compare);
    for (size_t i = 0; i < port->count; i++) {
        port->due[i].ns = port->spikes[i].due;
        port->indices[i] =
            port->local ? port->local[port->spikes[i].index] : port->spikes[i].index;
    }
    port->me->events_received += port->count;
    return TUTTI_OK;
}

static size_t held_spikes(const struct tt_end *end)
{
    return end->count * (sizeof *end->times + sizeof *end->indices);
}

const struct tt_port_kind tt_port_spikes = {
    .name = "spike",
    .kind = TUTTI_SPIKES,
    .write = write_spikes,
    .take = take_spikes,
    .deliver = deliver_spikes,
    .held = held_spikes,
    .clear = tt_port_clear_end,
};

size_t tutti_spikes(struct tutti_port *port, const struct tutti_time **due,
                    const uint32_t **indices)
{
    *due = NULL;
    *indices = NULL;
    if (tt_port_may_read(port, &tt_port_spikes) != TUTTI_OK)
        return 0;
    *due = port->due;
    *indices = port->indices;
    return port->count;
}

bool tutti_next_spike(struct tutti_port *port, struct tutti_time until,
                      struct tutti_time *due, uint32_t *index)
{
    int64_t next;

    if (tt_port_may_read(port, &tt_port_spikes) != TUTTI_OK ||
        port->cursor == port->count)
        return false;
    next = port->due[port->cursor].ns;
    if (next > until.ns || (next == until.ns && port->me->convention == TUTTI_FROM))
        return false;
    *due = port->due[port->cursor];
    *index = port->indices[port->cursor++];
    return true;
}
