/* What is due when.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/calendar.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/rows.h"

/* A spike on its way: the rest of its row. */
struct calendar_visit {
    const struct rows *rows;
    size_t piece, piece_end;
    size_t synapse;
    int64_t step; /* end of which it is stamped with */
};

enum tutti_status calendar_open(struct calendar *calendar)
{
    *calendar = (struct calendar){.span = 64};
    calendar->days = tt_alloc_array(calendar->span, sizeof *calendar->days);
    if (!calendar->days)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the calendar of spikes");
    return TUTTI_OK;
}

void calendar_free(struct calendar *calendar)
{
    for (size_t i = 0; calendar->days && i < calendar->span; i++)
        free(calendar->days[i].visits);
    free(calendar->days);
    free(calendar->spare.visits);
    *calendar = (struct calendar){0};
}

/* Makes the calendar reach to `due`. */
static enum tutti_status extend(struct calendar *calendar, int64_t due)
{
    size_t span = calendar->span;
    struct calendar_day *days;

    while ((uint64_t)(due - calendar->done) > span)
        span *= 2;
    days = tt_alloc_array(span, sizeof *days);
    if (!days)
        return FAIL(TUTTI_NO_MEMORY, "no memory for a calendar of %zu steps", span);
    for (size_t i = 1; i <= calendar->span; i++) {
        const size_t step = (size_t)calendar->done + i;

        days[step & (span - 1)] = calendar->days[step & (calendar->span - 1)];
    }
    free(calendar->days);
    calendar->days = days;
    calendar->span = span;
    return TUTTI_OK;
}

static enum tutti_status put(struct calendar *calendar, struct calendar_visit visit)
{
    int64_t due = visit.step + visit.rows->pieces[visit.piece].delay;
    struct calendar_day *day;

    if (due <= calendar->done)
        due = calendar->done + 1;
    if ((uint64_t)(due - calendar->done) > calendar->span)
        TRY(extend(calendar, due));
    day = &calendar->days[(size_t)due & (calendar->span - 1)];
    TRY(tt_grow(&day->visits, &day->room, day->count + 1, sizeof *day->visits));
    day->visits[day->count++] = visit;
    return TUTTI_OK;
}

enum tutti_status calendar_add(struct calendar *calendar, const struct rows *rows,
                               uint32_t source, int64_t step)
{
    const struct calendar_visit visit = {.rows = rows,
                                         .piece = rows->first_piece[source],
                                         .piece_end = rows->first_piece[source + 1],
                                         .synapse = rows->first_synapse[source],
                                         .step = step};

    if (visit.piece == visit.piece_end)
        return TUTTI_OK;
    return put(calendar, visit);
}

/* The loop that everything else is laid out for. */
static void add_piece(const uint32_t *restrict at, const double *restrict weights,
                      uint32_t count, double *restrict sums)
{
    for (uint32_t i = 0; i < count; i++)
        sums[at[i]] += weights[i];
}

/* Adds the piece of a visit and moves it on to the next one. */
static enum tutti_status make_visit(struct calendar *calendar,
                                    struct calendar_visit visit, double *sums)
{
    const struct rows_piece piece = visit.rows->pieces[visit.piece];

    add_piece(visit.rows->sums + visit.synapse, visit.rows->weights + visit.synapse,
              piece.count, sums);
    visit.synapse += piece.count;
    visit.piece++;
    return visit.piece < visit.piece_end ? put(calendar, visit) : TUTTI_OK;
}

enum tutti_status calendar_deliver(struct calendar *calendar, double *sums)
{
    const size_t today = (size_t)++calendar->done & (calendar->span - 1);
    struct calendar_day day = calendar->days[today];
    enum tutti_status status = TUTTI_OK;

    /* Visits may move on to the day that is `span` later and takes today's place. */
    calendar->days[today] = calendar->spare;
    for (size_t i = 0; i < day.count && status == TUTTI_OK; i++)
        status = make_visit(calendar, day.visits[i], sums);
    day.count = 0;
    calendar->spare = day;
    return status;
}
