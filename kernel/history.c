/* The last spikes of the cells of one population in one shard.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/history.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

enum {
    ROOM = 16,         /* entries of a cell at first */
    MANY = 64,         /* for each cell: then spikes should be settled */
    FARTHEST = 1 << 29 /* steps from `base` */
};

static enum tutti_status no_memory(const struct history *history)
{
    return FAIL(TUTTI_NO_MEMORY, "no memory for the last spikes of %u cells",
                history->cell_count);
}

/* Makes room for `needed` entries more behind those given to cells. */
static enum tutti_status extend(struct history *history, uint64_t needed)
{
    const uint64_t size = history->size + needed;
    uint64_t room = history->room + history->room / 2;
    int32_t *steps;
    double *traces;

    if (size <= history->room)
        return TUTTI_OK;
    room = room > size ? room : size;
    if (room > UINT32_MAX)
        return no_memory(history);
    steps = realloc(history->steps, room * sizeof *steps);
    if (steps)
        history->steps = steps;
    traces = realloc(history->traces, room * sizeof *traces);
    if (traces)
        history->traces = traces;
    if (!steps || !traces)
        return no_memory(history);
    history->room = (uint32_t)room;
    return TUTTI_OK;
}

enum tutti_status history_open(uint32_t cell_count, double tau_minus_ms, double step_ms,
                               struct history *history)
{
    *history = (struct history){.cell_count = cell_count, .base = 0, .settled = 0};
    TRY(decay_open(tau_minus_ms, step_ms, &history->decay));
    history->ends = tt_alloc_array(cell_count, sizeof *history->ends);
    history->rooms = tt_alloc_array(cell_count, sizeof *history->rooms);
    if (!history->ends || !history->rooms || cell_count > UINT32_MAX / MANY)
        return no_memory(history);
    TRY(extend(history, (uint64_t)cell_count * ROOM));
    for (uint32_t i = 0; i < cell_count; i++) {
        const uint32_t first = i * ROOM;

        for (uint32_t k = first; k < first + HISTORY_GUARDS; k++) {
            history->steps[k] = HISTORY_OLDEST;
            history->traces[k] = 0.0;
        }
        history->ends[i] = first + HISTORY_GUARDS;
        history->rooms[i] = first + ROOM;
    }
    history->size = cell_count * ROOM;
    history->limit = cell_count * MANY;
    /* Spikes of step 0 and before never were. */
    history->settled = -1;
    return TUTTI_OK;
}

void history_free(struct history *history)
{
    decay_free(&history->decay);
    free(history->ends);
    free(history->rooms);
    free(history->steps);
    free(history->traces);
    *history = (struct history){0};
}

/* First entry of a cell that history_settle( step ) keeps, guards included. */
static uint32_t first_kept(const struct history *history, uint32_t cell, int32_t step)
{
    uint32_t first = history->ends[cell];

    while (history->steps[first - 1] > step)
        first--;
    return first - HISTORY_GUARDS;
}

/* Gives a cell new room behind all others and copies its entries there, from `first`
 * on, with other steps. `from` may be the history itself. */
static void give_room(struct history *history, uint32_t cell, uint32_t room,
                      const struct history *from, uint32_t first)
{
    const int64_t shift = history->base - from->base;
    uint32_t at = history->size;

    for (uint32_t i = first; i < from->ends[cell]; i++, at++) {
        const int64_t step = from->steps[i] - shift;

        history->steps[at] = (int32_t)(step > HISTORY_OLDEST ? step : HISTORY_OLDEST);
        history->traces[at] = from->traces[i];
    }
    history->ends[cell] = at;
    history->size += room;
    history->rooms[cell] = history->size;
}

enum tutti_status history_add(struct history *history, uint32_t cell, int64_t step)
{
    const int32_t relative = history_relative(history, step);
    uint32_t end;

    if (history->ends[cell] == history->rooms[cell]) {
        const uint32_t first =
            first_kept(history, cell, history_relative(history, history->settled));
        const uint32_t room = 2 * (history->ends[cell] - first);

        TRY(extend(history, room));
        give_room(history, cell, room, history, first);
    }
    end = history->ends[cell]++;
    history->steps[end] = relative;
    history->traces[end] =
        history->traces[end - 1] *
            decay_after(&history->decay,
                        (uint32_t)relative - (uint32_t)history->steps[end - 1]) +
        1.0;
    return TUTTI_OK;
}

bool history_is_full(const struct history *history, int64_t step)
{
    return history->size > history->limit || step - history->base > FARTHEST;
}

/* Room of a cell with so many entries. */
static uint32_t room_for(uint32_t entries)
{
    const uint32_t room = entries + entries / 4;

    return room > ROOM ? room : ROOM;
}

enum tutti_status history_settle(struct history *history, int64_t step)
{
    const int32_t relative = history_relative(history, step);
    const struct history old = *history;
    uint64_t needed = 0;
    enum tutti_status status;

    if (step <= history->settled)
        return TUTTI_OK;
    for (uint32_t i = 0; i < history->cell_count; i++)
        needed += room_for(history->ends[i] - first_kept(history, i, relative));
    history->steps = NULL;
    history->traces = NULL;
    history->size = history->room = 0;
    history->base = history->settled = step;
    status = extend(history, needed);
    for (uint32_t i = 0; i < history->cell_count && status == TUTTI_OK; i++) {
        const uint32_t first = first_kept(&old, i, relative);

        give_room(history, i, room_for(old.ends[i] - first), &old, first);
    }
    free(old.steps);
    free(old.traces);
    while (history->size > history->limit / 2 && history->limit <= UINT32_MAX / 2)
        history->limit *= 2;
    return status;
}
