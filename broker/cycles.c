/* The tightest cycles of a schedule.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/cycles.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define NOTHING SIZE_MAX
#define LONG_DELAY (INT64_C(1) << 48) /* three days: longer ones count as that */

/* Shortest ways from one participant to all: the connection on which each was reached.
 */
struct ways {
    int64_t *delay;
    size_t *arrival;
};

/* Bounded, so that sums stay far from the end of numbers. */
static int64_t delay_of(const struct schedule_connection *connection)
{
    if (connection->effective > LONG_DELAY)
        return LONG_DELAY;
    return connection->effective < -LONG_DELAY ? -LONG_DELAY : connection->effective;
}

/* By rounds, because effective delays may be negative. */
static void find_ways(const struct schedule *schedule, size_t begin, struct ways *ways)
{
    bool has_changed = true;

    for (size_t i = 0; i < schedule->participant_count; i++)
        ways->arrival[i] = NOTHING;
    ways->delay[begin] = 0;
    for (size_t n = 0; has_changed && n < schedule->participant_count; n++) {
        has_changed = false;
        for (size_t i = 0; i < schedule->connection_count; i++) {
            const struct schedule_connection *c = &schedule->connections[i];

            if (!c->is_on_cycle || c->to == begin ||
                (c->from != begin && ways->arrival[c->from] == NOTHING))
                continue;
            if (ways->arrival[c->to] == NOTHING ||
                ways->delay[c->from] + delay_of(c) < ways->delay[c->to]) {
                ways->delay[c->to] = ways->delay[c->from] + delay_of(c);
                ways->arrival[c->to] = i;
                has_changed = true;
            }
        }
    }
}

/* Writes the cycle that closes with connection `last`, backwards, and returns its
 * length; 0 when the ways turn in a circle: a run so short that a cycle may have no
 * delay. */
static size_t trace(const struct schedule *schedule, const struct ways *ways,
                    size_t last, size_t *backwards)
{
    const size_t begin = schedule->connections[last].to;
    size_t at = schedule->connections[last].from;
    size_t length = 0;

    backwards[length++] = last;
    while (at != begin) {
        if (length == schedule->participant_count)
            return 0;
        backwards[length++] = ways->arrival[at];
        at = schedule->connections[ways->arrival[at]].from;
    }
    return length;
}

static bool is_known(const struct cycles *cycles, const struct cycle *cycle)
{
    for (size_t i = 0; i < cycles->count; i++)
        if (cycles->cycles[i].length == cycle->length &&
            memcmp(cycles->cycles[i].connections, cycle->connections,
                   cycle->length * sizeof *cycle->connections) == 0)
            return true;
    return false;
}

static enum tutti_status add_cycle(const struct schedule *schedule,
                                   const size_t *backwards, size_t length,
                                   struct cycles *cycles)
{
    struct cycle *cycle = &cycles->cycles[cycles->count];
    size_t first = 0;

    *cycle = (struct cycle){.length = length};
    cycle->connections = tt_alloc_array(length, sizeof *cycle->connections);
    if (!cycle->connections)
        return FAIL(TUTTI_NO_MEMORY, "no memory for a cycle of %zu connections",
                    length);
    for (size_t i = 0; i < length; i++)
        if (backwards[i] < backwards[first])
            first = i;
    for (size_t i = 0; i < length; i++) {
        const size_t which = backwards[(first + length - i) % length];
        const struct schedule_connection *c = &schedule->connections[which];

        cycle->connections[i] = which;
        cycle->delays += delay_of(c);
        cycle->windows += schedule_longest_window(&schedule->participants[c->to]);
    }
    if (is_known(cycles, cycle))
        free(cycle->connections);
    else
        cycles->count++;
    return TUTTI_OK;
}

static int by_lookahead(const void *a, const void *b)
{
    const struct cycle *one = a, *other = b;
    const long double left = (long double)one->delays * (long double)other->windows;
    const long double right = (long double)other->delays * (long double)one->windows;

    if (left != right)
        return left < right ? -1 : 1;
    return one->connections[0] < other->connections[0] ? -1 : 1;
}

static enum tutti_status find_all(const struct schedule *schedule, struct ways *ways,
                                  size_t *backwards, struct cycles *cycles)
{
    for (size_t i = 0; i < schedule->connection_count; i++) {
        size_t length;

        if (!schedule->connections[i].is_on_cycle)
            continue;
        find_ways(schedule, schedule->connections[i].to, ways);
        length = trace(schedule, ways, i, backwards);
        if (length)
            TRY(add_cycle(schedule, backwards, length, cycles));
    }
    return TUTTI_OK;
}

enum tutti_status cycles_find(const struct schedule *schedule, struct cycles *cycles)
{
    const size_t count = schedule->participant_count + 1;
    struct ways ways = {tt_alloc_array(count, sizeof *ways.delay),
                        tt_alloc_array(count, sizeof *ways.arrival)};
    size_t *backwards = tt_alloc_array(count, sizeof *backwards);
    enum tutti_status status;

    *cycles = (struct cycles){0};
    cycles->cycles =
        tt_alloc_array(schedule->connection_count + 1, sizeof *cycles->cycles);
    if (ways.delay && ways.arrival && backwards && cycles->cycles)
        status = find_all(schedule, &ways, backwards, cycles);
    else
        status = FAIL(TUTTI_NO_MEMORY, "no memory to list the cycles");
    if (status == TUTTI_OK && cycles->count)
        qsort(cycles->cycles, cycles->count, sizeof *cycles->cycles, by_lookahead);
    free(ways.delay);
    free(ways.arrival);
    free(backwards);
    return status;
}

void cycles_free(struct cycles *cycles)
{
    for (size_t i = 0; i < cycles->count; i++)
        free(cycles->cycles[i].connections);
    free(cycles->cycles);
    *cycles = (struct cycles){0};
}
