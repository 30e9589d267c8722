/* What is due when.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/calendar.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/format.h"
#include "kernel/rows.h"

enum {
    LINE = 64, /* bytes that memory hands over at a time */
    AHEAD = 3  /* visits between fetching a piece and adding it */
};

/* A spike on its way: the rest of its row. */
struct calendar_visit {
    const unsigned char *piece;
    int64_t step;   /* end of which it is stamped with */
    uint16_t lines; /* that the piece takes */
    bool may_repeat;
};

enum tutti_status calendar_open(const struct rows *rows, struct calendar *calendar)
{
    *calendar = (struct calendar){.rows = rows, .span = 64};
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

static enum tutti_status put(struct calendar *calendar, struct calendar_visit visit,
                             int64_t due)
{
    struct calendar_day *day;

    if (due <= calendar->done)
        due = calendar->done + 1;
    if ((uint64_t)(due - calendar->done) > calendar->span)
        TRY(extend(calendar, due));
    day = &calendar->days[(size_t)due & (calendar->span - 1)];
    TRY(tt_grow(&day->visits, &day->room, day->count + 1, sizeof *day->visits));
    day->visits[day->count++] = visit;
    day->repeats += visit.may_repeat;
    return TUTTI_OK;
}

static enum tutti_status begin(struct calendar *calendar, uint32_t group,
                               uint32_t source, struct calendar_visit visit)
{
    const struct rows *const rows = calendar->rows;
    struct rows_start start;

    if (!rows->groups[group].starts)
        return TUTTI_OK;
    start = rows->groups[group].starts[source];
    if (start.place == ROWS_NONE)
        return TUTTI_OK;
    visit.piece = rows->bytes + (size_t)start.place * 8;
    visit.lines = start.lines;
    return put(calendar, visit, visit.step + start.delay);
}

enum tutti_status calendar_add(struct calendar *calendar, uint32_t group,
                               uint32_t source, int64_t step)
{
    return begin(calendar, group, source, (struct calendar_visit){.step = step});
}

enum tutti_status calendar_add_again(struct calendar *calendar, uint32_t group,
                                     uint32_t source, int64_t step)
{
    return begin(calendar, group, source,
                 (struct calendar_visit){.step = step, .may_repeat = true});
}

enum tutti_status calendar_resume(struct calendar *calendar, uint32_t group,
                                  uint32_t source, int64_t step)
{
    const struct rows *const rows = calendar->rows;
    struct calendar_visit visit = {.step = step, .may_repeat = true};
    struct rows_start start = {.place = ROWS_NONE};

    if (rows->groups[group].starts)
        start = rows->groups[group].starts[source];
    if (start.place == ROWS_NONE)
        return TUTTI_OK;
    visit.piece = rows->bytes + (size_t)start.place * 8;
    while (step + start.delay <= calendar->done) {
        struct format_piece piece;

        memcpy(&piece, visit.piece, sizeof piece);
        if (piece.is_last)
            return TUTTI_OK;
        visit.piece += sizeof piece + format_bytes(rows->format, piece.count);
        start.delay = piece.next_delay;
    }
    return put(calendar, visit, step + start.delay);
}

/* One step of deliveries. */
struct delivery {
    struct calendar *calendar;
    void *sums;
    bool is_safe; /* no sum can overflow */
    uint64_t synapses;
};

/* In a step, a synapse acts once, unless its source repeats. */
static bool is_safe(const struct rows *rows, size_t repeats)
{
    return !rows->format->add_checked ||
           rows->largest_input <= (uint64_t)INT32_MAX / (repeats + 1);
}

static void add_piece(struct delivery *delivery, struct format_piece piece,
                      const unsigned char *chunks)
{
    struct calendar *const calendar = delivery->calendar;
    const struct rows *const rows = calendar->rows;

    delivery->synapses += piece.count;
    if (delivery->is_safe)
        rows->format->add(chunks, piece.count,
                          rows->weights ? rows->weights[piece.weight] : 0.0,
                          delivery->sums);
    else if (!rows->format->add_checked(chunks, piece.count, delivery->sums,
                                        &calendar->overflow))
        calendar->has_overflow = true;
}

/* Adds the pieces of a visit that are due and moves it on to the next one. */
static enum tutti_status make_visit(struct delivery *delivery,
                                    struct calendar_visit visit)
{
    struct calendar *const calendar = delivery->calendar;
    const struct format *const format = calendar->rows->format;
    struct format_piece piece;

    do {
        const unsigned char *const chunks = visit.piece + sizeof piece;

        memcpy(&piece, visit.piece, sizeof piece);
        add_piece(delivery, piece, chunks);
        visit.piece = chunks + format_bytes(format, piece.count);
        if (piece.is_last)
            return TUTTI_OK;
        visit.lines = piece.next_lines;
    } while (visit.step + piece.next_delay <= calendar->done);
    return put(calendar, visit, visit.step + piece.next_delay);
}

static void fetch(struct calendar_visit visit)
{
    for (size_t i = 0; i < visit.lines; i++)
        __builtin_prefetch(visit.piece + i * LINE);
}

enum tutti_status calendar_deliver(struct calendar *calendar, void *sums)
{
    const size_t place = (size_t)++calendar->done & (calendar->span - 1);
    struct calendar_day day = calendar->days[place];
    struct delivery delivery = {.calendar = calendar,
                                .sums = sums,
                                .is_safe = is_safe(calendar->rows, day.repeats)};
    enum tutti_status status = TUTTI_OK;

    /* Visits may move on to the day that is `span` later and takes today's place. */
    calendar->days[place] = calendar->spare;
    for (size_t i = 0; i < day.count && status == TUTTI_OK; i++) {
        if (i + AHEAD < day.count)
            fetch(day.visits[i + AHEAD]);
        status = make_visit(&delivery, day.visits[i]);
    }
    day.count = 0;
    day.repeats = 0;
    calendar->spare = day;
    calendar->delivered += delivery.synapses;
    return status;
}

void calendar_fetch(const struct calendar *calendar, size_t begin, size_t end)
{
    const struct calendar_day *const day =
        &calendar->days[(size_t)(calendar->done + 1) & (calendar->span - 1)];

    for (size_t i = begin; i < end && i < day->count; i++)
        fetch(day->visits[i]);
}
