/* What is to be done when.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/agenda.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

enum tutti_status agenda_open(struct agenda *agenda)
{
    *agenda = (struct agenda){.span = 64};
    agenda->days = tt_alloc_array(agenda->span, sizeof *agenda->days);
    if (!agenda->days)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the agenda of spikes");
    return TUTTI_OK;
}

void agenda_free(struct agenda *agenda)
{
    for (size_t i = 0; agenda->days && i < agenda->span; i++)
        free(agenda->days[i].entries);
    free(agenda->days);
    free(agenda->today.entries);
    *agenda = (struct agenda){0};
}

/* Makes the agenda reach to `due`. */
static enum tutti_status extend(struct agenda *agenda, int64_t due)
{
    size_t span = agenda->span;
    struct agenda_day *days;

    while ((uint64_t)(due - agenda->done) > span)
        span *= 2;
    days = tt_alloc_array(span, sizeof *days);
    if (!days)
        return FAIL(TUTTI_NO_MEMORY, "no memory for an agenda of %zu steps", span);
    for (size_t i = 1; i <= agenda->span; i++) {
        const size_t step = (size_t)agenda->done + i;

        days[step & (span - 1)] = agenda->days[step & (agenda->span - 1)];
    }
    free(agenda->days);
    agenda->days = days;
    agenda->span = span;
    return TUTTI_OK;
}

enum tutti_status agenda_put(struct agenda *agenda, int64_t due, uint32_t entry)
{
    struct agenda_day *day;

    if (due <= agenda->done)
        due = agenda->done + 1;
    if ((uint64_t)(due - agenda->done) > agenda->span)
        TRY(extend(agenda, due));
    day = &agenda->days[(size_t)due & (agenda->span - 1)];
    TRY(tt_grow(&day->entries, &day->room, day->count + 1, sizeof *day->entries));
    day->entries[day->count++] = entry;
    return TUTTI_OK;
}

const struct agenda_day *agenda_take(struct agenda *agenda)
{
    const size_t place = (size_t)++agenda->done & (agenda->span - 1);
    const struct agenda_day spare = agenda->today;

    /* Today's place is that of the day `span` later from now on. */
    agenda->today = agenda->days[place];
    agenda->days[place] = spare;
    agenda->days[place].count = 0;
    return &agenda->today;
}
