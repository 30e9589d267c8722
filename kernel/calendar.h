/* What is due when: for each of the coming steps the pieces of rows that then arrive at
 * one tile of sums. A spike stands on one day only, that of its next piece; delivering
 * a piece moves it to the day of the piece after it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_CALENDAR_H
#define KERNEL_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct rows;
struct calendar_visit;

/* The spikes that deliver a piece in one step. */
struct calendar_day {
    struct calendar_visit *visits;
    size_t count, room;
    size_t repeats; /* how many of them may be of the same source as another */
};

struct calendar {
    const struct rows *rows;
    int64_t done; /* the step delivered last; 0 before the first */
    size_t span;  /* number of days, a power of two */
    struct calendar_day *days;
    struct calendar_day spare; /* empty, takes the place of the day being delivered */
    uint64_t delivered;        /* synapses, so far */
    bool has_overflow;         /* of a sum, which is ... */
    uint16_t overflow;
};

/* The rows are borrowed until the calendar is freed. TUTTI_NO_MEMORY. Ended by
 * calendar_free(). */
enum tutti_status calendar_open(const struct rows *rows, struct calendar *calendar);
void calendar_free(struct calendar *calendar);

/* The spike of cell `source` of a group in step `step`, stamped at its end: its
 * synapses act at step + delay, what would act at or before `done` acts in the next
 * step. TUTTI_NO_MEMORY. */
enum tutti_status calendar_add(struct calendar *calendar, uint32_t group,
                               uint32_t source, int64_t step);
/* The same when there may be other spikes of the source in that step, or when it may be
 * overdue. */
enum tutti_status calendar_add_again(struct calendar *calendar, uint32_t group,
                                     uint32_t source, int64_t step);

/* The same for a spike of which some synapses have acted: those that were to do so at
 * or before `done`. */
enum tutti_status calendar_resume(struct calendar *calendar, uint32_t group,
                                  uint32_t source, int64_t step);

/* Adds what is due at step done + 1 to the sums of the tile; that step is done then.
 * TUTTI_NO_MEMORY. Sums are void once has_overflow is set. */
enum tutti_status calendar_deliver(struct calendar *calendar, void *sums);

/* Fetches the beginnings of the pieces that are due in the next step and known already,
 * from number `begin` to `end` - 1, into the cache. */
void calendar_fetch(const struct calendar *calendar, size_t begin, size_t end);

#endif
