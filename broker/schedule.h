/* The schedule of an experiment: what each connection promises and needs, how long the
 * windows are, how far a sender may run ahead, and whether it all can run to the end.
 * Pure functions over plain structs (docs/time.md has the rules).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_SCHEDULE_H
#define BROKER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"
#include "tutti/time.h"

/* Longest window: an event's stamp travels as 32 bits of nanoseconds. */
#define SCHEDULE_LONGEST_WINDOW INT64_C(4000000000)

/* Turns of participants that the pure schedule takes at most to find out whether
 * windows and delays fit, before it says that it cannot know. */
#define SCHEDULE_MOST_TURNS 1000000

struct schedule_participant {
    const char *name; /* for sentences; borrowed */
    enum tutti_convention convention;
    bool has_step; /* false: `step` is {1, 1}, a grid of one nanosecond */
    struct tutti_step step;
    int64_t window; /* ns, as the experiment file overrides it; 0: it does not */

    /* What schedule_plan() finds. */
    bool is_on_cycle;         /* of connections; also one to itself */
    int64_t steps_per_window; /* W = border number `steps_per_window` of its step */
    int64_t last_step;        /* number of the border on which it ends ... */
    int64_t last_border;      /* ... the first one at or after the stop time, in ns */
};

struct schedule_connection {
    size_t from, to;                 /* places of the participants */
    const char *from_port, *to_port; /* for sentences; borrowed */
    int64_t delay;                   /* ns */
    int64_t lag;                     /* of the output */
    bool from_is_at_step_ends;       /* the output writes at step ends only */
    int64_t lead, own_delay;         /* of the input */
    bool to_is_at_step_ends;         /* the input is read at step borders only */

    /* What schedule_plan() finds, in ns. */
    int64_t out, need, effective;
    bool is_on_cycle;
};

struct schedule {
    size_t participant_count;
    struct schedule_participant *participants; /* borrowed */
    size_t connection_count;
    struct schedule_connection *connections; /* borrowed */
    int64_t stop;                            /* ns, positive */

    int64_t credit; /* found: no sender runs beyond its reader's time + credit */
};

/* The one sentence about horizons: a participant may run to `border` as far as this
 * connection is concerned. Right for a source that has ended (INT64_MAX). */
bool schedule_can_run(int64_t source_reached, int64_t effective, int64_t border);

/* Fills in all that is found. TUTTI_BAD_CONFIG, with what to change: a step or a window
 * too long, a window off the grid of the step, numbers beyond 2^61 ns, and windows and
 * delays that would stop for ever, with the cycle and a delay that mends it.
 * TUTTI_NO_MEMORY. */
enum tutti_status schedule_plan(struct schedule *schedule);

/* Length of the longest window of a participant in ns (those of a ratio step differ by
 * 1 ns). After schedule_plan(). */
int64_t schedule_longest_window(const struct schedule_participant *participant);

#endif
