/* The last spikes of the cells of one population in one shard.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/history.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/exponential.h"

enum {
    ROOM = 8,          /* entries of a cell at first */
    MANY = 64,         /* for each cell: then spikes should be settled */
    FARTHEST = 1 << 29 /* steps from `base` */
};

static enum tutti_status no_memory(const struct history *history)
{
    return FAIL(TUTTI_NO_MEMORY, "no memory for the last spikes of %u cells",
                history->cell_count);
}

/* Makes room for `needed` entries more behind those given to cells. */
static enum tutti_status extend(struct history *history, int64_t needed)
{
    const int64_t size = history->size + needed;

    if (size > INT32_MAX)
        return no_memory(history);
    TRY(tt_grow(&history->steps, &history->step_room, (size_t)size,
                sizeof *history->steps));
    return tt_grow(&history->traces, &history->trace_room, (size_t)size,
                   sizeof *history->traces);
}

enum tutti_status history_open(uint32_t cell_count, double tau_minus_ms, double step_ms,
                               struct history *history)
{
    *history = (struct history){.cell_count = cell_count, .settled = -1};
    history->rate = -step_ms / tau_minus_ms;
    history->ends = tt_alloc_array(cell_count, sizeof *history->ends);
    history->rooms = tt_alloc_array(cell_count, sizeof *history->rooms);
    if (!history->ends || !history->rooms || cell_count > INT32_MAX / MANY)
        return no_memory(history);
    TRY(extend(history, (int64_t)cell_count * ROOM));
    for (uint32_t i = 0; i < cell_count; i++) {
        const int32_t first = (int32_t)i * ROOM;

        history->steps[first] = HISTORY_OLDEST;
        history->traces[first] = 0.0;
        history->ends[i] = first + 1;
        history->rooms[i] = first + ROOM;
    }
    history->size = (int32_t)cell_count * ROOM;
    history->limit = (int32_t)cell_count * MANY;
    return TUTTI_OK;
}

void history_free(struct history *history)
{
    free(history->ends);
    free(history->rooms);
    free(history->steps);
    free(history->traces);
    *history = (struct history){0};
}

/* The first entry of a cell that history_settle(step) keeps: the newest settled one. */
static int32_t first_kept(const struct history *history, uint32_t cell, int32_t step)
{
    int32_t first = history->ends[cell] - 1;

    while (history->steps[first] > step)
        first--;
    return first;
}

/* Gives a cell new room behind all others and copies its entries there, from `first`
 * on, with other steps. `from` may be the history itself. */
static void give_room(struct history *history, uint32_t cell, int32_t room,
                      const struct history *from, int32_t first)
{
    const int64_t shift = history->base - from->base;
    int32_t at = history->size;

    for (int32_t i = first; i < from->ends[cell]; i++, at++) {
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
    int32_t end;

    if (history->ends[cell] == history->rooms[cell]) {
        const int32_t first =
            first_kept(history, cell, history_relative(history, history->settled));
        const int32_t room = 2 * (history->ends[cell] - first);

        TRY(extend(history, room));
        give_room(history, cell, room, history, first);
    }
    end = history->ends[cell]++;
    history->steps[end] = relative;
    history->traces[end] =
        history->traces[end - 1] *
            exponential(history->rate * ((double)relative - history->steps[end - 1])) +
        1.0;
    return TUTTI_OK;
}

bool history_is_full(const struct history *history, int64_t step)
{
    return history->size > history->limit || step - history->base > FARTHEST;
}

/* Room of a cell with so many entries. */
static int32_t room_for(int32_t entries)
{
    const int32_t room = entries + entries / 4;

    return room > ROOM ? room : ROOM;
}

enum tutti_status history_settle(struct history *history, int64_t step)
{
    const int32_t relative = history_relative(history, step);
    const struct history old = *history;
    int64_t needed = 0;
    enum tutti_status status;

    for (uint32_t i = 0; i < history->cell_count; i++)
        needed += room_for(history->ends[i] - first_kept(history, i, relative));
    history->steps = NULL;
    history->traces = NULL;
    history->size = 0;
    history->step_room = history->trace_room = 0;
    history->base = history->settled = step;
    status = extend(history, needed);
    for (uint32_t i = 0; i < history->cell_count && status == TUTTI_OK; i++) {
        const int32_t first = first_kept(&old, i, relative);

        give_room(history, i, room_for(old.ends[i] - first), &old, first);
    }
    free(old.steps);
    free(old.traces);
    while (history->size > history->limit / 2 && history->limit <= INT32_MAX / 2)
        history->limit *= 2;
    return status;
}

bool history_look(const struct history *history, uint32_t cell, uint32_t back,
                  int64_t *step, double *trace)
{
    const int64_t at = (int64_t)history->ends[cell] - 1 - back;

    /* Of the settled ones the newest is the last to be asked for. */
    if (back > 0 &&
        history->steps[at + 1] <= history_relative(history, history->settled))
        return false;
    *step = history->base + history->steps[at];
    *trace = history->traces[at];
    return *trace > 0.0; /* in front of the first spike, nothing has a trace */
}

void history_begin(struct history *history, int64_t step)
{
    history->base = step > 0 ? step : 0;
    history->settled = step;
}

enum tutti_status history_put_back(struct history *history, uint32_t cell, int64_t step,
                                   double trace)
{
    TRY(history_add(history, cell, step));
    history->traces[history->ends[cell] - 1] = trace;
    return TUTTI_OK;
}
