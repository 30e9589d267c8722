/* The spikes of all ranks in one order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/all_fired.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/simulation.h"

static int compare(const void *a, const void *b)
{
    const struct arrivals_spike *const one = a, *const other = b;

    if (one->group != other->group)
        return one->group < other->group ? -1 : 1;
    if (one->step != other->step)
        return one->step < other->step ? -1 : 1;
    return (one->cell > other->cell) - (one->cell < other->cell);
}

/* The first of the heard spikes that is not before `spike`. */
static size_t find(const struct all_fired *all, const struct arrivals_spike *spike)
{
    size_t low = 0, high = all->heard_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (compare(&all->heard[middle], spike) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum tutti_status all_fired_take(struct all_fired *all)
{
    const struct arrivals_spike *heard;

    all->heard_count = simulation_heard(all->simulation, &heard);
    if (all->heard_count == 0)
        return TUTTI_OK;
    TRY(tt_grow(&all->heard, &all->heard_room, all->heard_count, sizeof *all->heard));
    memcpy(all->heard, heard, all->heard_count * sizeof *heard);
    qsort(all->heard, all->heard_count, sizeof *all->heard, compare);
    return TUTTI_OK;
}

void all_fired_free(struct all_fired *all)
{
    free(all->heard);
    free(all->cells);
    *all = (struct all_fired){0};
}

enum tutti_status all_fired_get(struct all_fired *all, int64_t step,
                                uint32_t population, size_t *count,
                                const uint32_t **cells)
{
    const struct arrivals_spike first = {.group = population, .step = step};
    const struct arrivals_spike next = {.group = population, .step = step + 1};
    const size_t begin = find(all, &first), end = find(all, &next);
    const uint32_t *here;
    const size_t here_count =
        simulation_fired(all->simulation, step, population, &here);
    size_t k = 0;

    *count = here_count + (end - begin);
    *cells = here;
    if (begin == end)
        return TUTTI_OK;
    TRY(tt_grow(&all->cells, &all->cell_room, *count, sizeof *all->cells));
    /* Both rise, so the result does. */
    for (size_t i = 0, heard = begin; k < *count; k++) {
        const bool is_here =
            heard == end || (i < here_count && here[i] < all->heard[heard].cell);

        all->cells[k] = is_here ? here[i++] : all->heard[heard++].cell;
    }
    *cells = all->cells;
    return TUTTI_OK;
}
