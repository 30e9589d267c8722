/* What is due when: for each of the coming steps the pieces of rows that then arrive.
 * A spike stands on one day only, that of its next piece; delivering a piece moves it
 * to the day of the piece after it. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_CALENDAR_H
#define KERNEL_CALENDAR_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct rows;
struct calendar_visit;

/* The spikes that deliver a piece in one step. */
struct calendar_day {
    struct calendar_visit *visits;
    size_t count, room;
};

struct calendar {
    int64_t done; /* the step delivered last; 0 before the first */
    size_t span;  /* number of days, a power of two */
    struct calendar_day *days;
    struct calendar_day spare; /* empty, takes the place of the day being delivered */
};

/* TUTTI_NO_MEMORY. Ended by calendar_free(). */
enum tutti_status calendar_open(struct calendar *calendar);
void calendar_free(struct calendar *calendar);

/* A spike of `source` stamped at the end of step `step`: its synapses act at step +
 * delay, what would act at or before `done` acts in the next step. `rows` is borrowed
 * until the calendar is freed. TUTTI_NO_MEMORY. */
enum tutti_status calendar_add(struct calendar *calendar, const struct rows *rows,
                               uint32_t source, int64_t step);

/* Adds what is due at step done + 1 to the sums; that step is done then. */
enum tutti_status calendar_deliver(struct calendar *calendar, double *sums);

#endif
