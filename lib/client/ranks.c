/* Indices of parallel participants.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/ranks.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "client/port.h"

uint32_t tt_ranks_size(const struct tutti_participant *me,
                       const struct tt_port *declared)
{
    return me->rank == 0 ? declared->width : 0;
}

/* --- declare */

/* port->local from port->indices_here. */
static enum tutti_status invert(struct tutti_port *port)
{
    for (uint32_t i = 0; i < port->declared.width; i++)
        port->local[i] = UINT32_MAX;
    for (uint32_t i = 0; i < port->size; i++) {
        const uint32_t index = port->indices_here[i];

        if (index >= port->declared.width)
            return FAIL(TUTTI_BAD_CALL,
                        "index %u of port '%s' lies beyond its width %u", index,
                        port->declared.name, port->declared.width);
        if (port->local[index] != UINT32_MAX)
            return FAIL(TUTTI_BAD_CALL, "index %u of port '%s' is given twice", index,
                        port->declared.name);
        port->local[index] = i;
    }
    return TUTTI_OK;
}

/* The ranges of the indices that are here, to be declared. */
static enum tutti_status list_ranges(struct tutti_port *port)
{
    uint32_t *numbers = tt_alloc_array(2 * (size_t)port->size, sizeof *numbers);
    size_t count = 0;

    if (!numbers)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %u indices of port '%s'",
                    port->size, port->declared.name);
    for (uint32_t i = 0; i < port->declared.width; i++) {
        const bool is_here = port->local[i] != UINT32_MAX;
        const bool was_here = i > 0 && port->local[i - 1] != UINT32_MAX;

        if (is_here && !was_here)
            numbers[2 * count] = i;
        if (is_here)
            numbers[2 * count + 1] = i + 1;
        if (was_here && !is_here)
            count++;
    }
    count += port->local[port->declared.width - 1] != UINT32_MAX;
    free((uint32_t *)port->declared.ranges.numbers);
    port->declared.ranges = (struct tt_ranges){count, numbers};
    port->declared.has_ranges = true;
    return TUTTI_OK;
}

enum tutti_status tutti_port_set_indices(struct tutti_port *port,
                                         const uint32_t *indices, uint32_t count)
{
    if (port->me->phase != TT_PHASE_JOINED)
        return FAIL(
            TUTTI_BAD_CALL,
            "the indices of port '%s' come too late: set them before tutti_start()",
            port->declared.name);
    free(port->indices_here);
    free(port->local);
    port->indices_here = tt_alloc_array(count, sizeof *port->indices_here);
    port->local = tt_alloc_array(port->declared.width, sizeof *port->local);
    if (!port->indices_here || !port->local)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %u indices of port '%s'", count,
                    port->declared.name);
    if (count)
        memcpy(port->indices_here, indices, count * sizeof *indices);
    port->size = count;
    TRY(invert(port));
    return list_ranges(port);
}

/* --- connect */

static bool fits(const struct tt_end *end)
{
    const struct tt_ranges *ranges = &end->wire.ranges;

    return ranges->count == 0 || (ranges->numbers[0] >= end->wire.first &&
                                  ranges->numbers[2 * ranges->count - 1] <=
                                      end->wire.first + end->wire.count);
}

/* The local index, at this end, of an index of the source; UINT32_MAX: lives elsewhere.
 */
static uint32_t local_of(const struct tt_end *end, uint32_t source)
{
    const uint32_t index =
        end->wire.is_output ? source : source - end->wire.first + end->wire.to;

    if (end->port->local)
        return end->port->local[index];
    return end->port->me->rank == 0 ? index : UINT32_MAX;
}

static enum tutti_status place_values(struct tt_end *end)
{
    const struct tt_ranges whole = {
        1, (const uint32_t[]){end->wire.first, end->wire.first + end->wire.count}};
    const struct tt_ranges ranges = end->wire.ranges.count ? end->wire.ranges : whole;

    end->places = tt_alloc_array(end->wire.count, sizeof *end->places);
    if (!end->places)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %u indices of port '%s'",
                    end->wire.count, end->port->declared.name);
    for (size_t r = 0; r < ranges.count; r++)
        for (uint32_t i = ranges.numbers[2 * r]; i < ranges.numbers[2 * r + 1]; i++) {
            const uint32_t place = local_of(end, i);

            if (place == UINT32_MAX)
                return FAIL(
                    TUTTI_LOST,
                    "the broker's wiring of connection %u asks for index %u, which "
                    "does not live on this rank",
                    end->wire.number, i);
            end->places[end->width++] = place;
        }
    return TUTTI_OK;
}

static enum tutti_status mark_travellers(struct tt_end *end)
{
    end->travels = tt_alloc_array(end->wire.count, sizeof *end->travels);
    if (!end->travels)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %u indices of port '%s'",
                    end->wire.count, end->port->declared.name);
    for (size_t r = 0; r < end->wire.ranges.count; r++)
        memset(end->travels + end->wire.ranges.numbers[2 * r] - end->wire.first, 1,
               end->wire.ranges.numbers[2 * r + 1] - end->wire.ranges.numbers[2 * r]);
    return TUTTI_OK;
}

enum tutti_status tt_ranks_open_end(struct tt_end *end)
{
    const bool is_signal = end->port->kind == &tt_port_signal;

    if (!fits(end))
        return FAIL(TUTTI_LOST,
                    "the broker's wiring of connection %u has indices beyond its range",
                    end->wire.number);
    end->width = end->wire.count;
    if (is_signal && (end->wire.ranges.count || end->port->local)) {
        end->width = 0;
        return place_values(end);
    }
    if (!is_signal && end->wire.is_output && end->wire.ranges.count)
        return mark_travellers(end);
    return TUTTI_OK;
}
