/* Which indices of a connection travel between two ranks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/ranges.h"

#include "base/memory.h"
#include "base/status.h"

struct span {
    int64_t begin, end;
};

/* Range i of a port, whose indices are moved by `shift`; of a port without ranges there
 * is one, the whole. */
static struct span span_of(const struct tt_port *port, size_t i, int64_t shift)
{
    if (!port->has_ranges)
        return (struct span){shift, shift + port->width};
    return (struct span){shift + port->ranges.numbers[2 * i],
                         shift + port->ranges.numbers[2 * i + 1]};
}

static size_t count_of(const struct tt_port *port)
{
    return port->has_ranges ? port->ranges.count : 1;
}

static struct span common(struct span a, struct span b)
{
    return (struct span){a.begin > b.begin ? a.begin : b.begin,
                         a.end < b.end ? a.end : b.end};
}

/* The ranges of both, in terms of the source's indices. */
static size_t intersect(const struct wiring_connection *connection,
                        const struct tt_port *from, const struct tt_port *to,
                        uint32_t *numbers)
{
    const struct span whole = {connection->first,
                               (int64_t)connection->first + connection->count};
    const int64_t shift = (int64_t)connection->first - connection->to;
    size_t i = 0, j = 0, found = 0;

    while (i < count_of(from) && j < count_of(to)) {
        const struct span a = span_of(from, i, 0), b = span_of(to, j, shift);
        const struct span both = common(common(a, b), whole);

        if (both.begin < both.end) {
            numbers[2 * found] = (uint32_t)both.begin;
            numbers[2 * found++ + 1] = (uint32_t)both.end;
        }
        if (a.end < b.end)
            i++;
        else
            j++;
    }
    return found;
}

enum tutti_status ranges_travel(const struct wiring_connection *connection,
                                struct ranges_end from, struct ranges_end to,
                                struct tt_ranges *travel, bool *is_any)
{
    uint32_t *numbers;

    *travel = (struct tt_ranges){0};
    *is_any = (from.port->has_ranges || from.rank == 0) &&
              (to.port->has_ranges || to.rank == 0);
    if (!*is_any || (!from.port->has_ranges && !to.port->has_ranges))
        return TUTTI_OK;
    numbers =
        tt_alloc_array(2 * (count_of(from.port) + count_of(to.port)), sizeof *numbers);
    if (!numbers)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the ranges of connection %u",
                    connection->number);
    travel->count = intersect(connection, from.port, to.port, numbers);
    travel->numbers = numbers;
    *is_any = travel->count > 0;
    return TUTTI_OK;
}

bool ranges_overlap(struct tt_ranges a, struct tt_ranges b)
{
    size_t i = 0, j = 0;

    while (i < a.count && j < b.count) {
        if (a.numbers[2 * i] < b.numbers[2 * j + 1] &&
            b.numbers[2 * j] < a.numbers[2 * i + 1])
            return true;
        if (a.numbers[2 * i + 1] < b.numbers[2 * j + 1])
            i++;
        else
            j++;
    }
    return false;
}
