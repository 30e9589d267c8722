/* Whether participants that wait for each other can run for ever: a graph of windows
 * and delays, and the judgement of its cycles. Used by schedule.c alone; pure.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_LIVENESS_H
#define BROKER_LIVENESS_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"
#include "tutti/time.h"

struct liveness_clock {
    struct tutti_step step;
    int64_t steps_per_window;
    int64_t last_step;
};

/* `to` may run to b only if time of `from` + effective >= b. A connection, or a credit
 * (from the reader to the sender). */
struct liveness_edge {
    size_t from, to;
    int64_t effective;
};

struct liveness_graph {
    size_t count;
    const struct liveness_clock *clocks; /* `count` of them */
    size_t edge_count;
    const struct liveness_edge *edges;
};

enum liveness_verdict {
    LIVENESS_RUNS,
    LIVENESS_STOPS,  /* all on some cycle wait for each other */
    LIVENESS_UNKNOWN /* the turns were used up */
};

/* Length of the longest window, in ns. */
int64_t liveness_longest_window(const struct liveness_clock *clock);

/* Numbers the strongly connected parts: two participants have the same number in `part`
 * exactly if they are the same or lie on a cycle. TUTTI_NO_MEMORY. */
enum tutti_status liveness_find_parts(const struct liveness_graph *graph, size_t *part);

/* Judges every cycle: by the sum of its delays, and where that does not suffice by
 * running the schedule, which takes from `*turns`. When it stops, `cycle` (room for
 * `count`) holds the edges on which all wait, in the direction of the data, and
 * `*length` their number; when it is unknown, one edge of such a cycle.
 * TUTTI_NO_MEMORY. */
enum tutti_status liveness_judge(const struct liveness_graph *graph, int64_t *turns,
                                 enum liveness_verdict *verdict, size_t *cycle,
                                 size_t *length);

#endif
