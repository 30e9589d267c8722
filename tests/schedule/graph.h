/* Small experiments for the tests of the schedule.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SCHEDULE_GRAPH_H
#define SCHEDULE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/schedule.h"

#define GRAPH_MOST 8

/* Participants "a", "b", "c" ..., all [begin, end) with a step of 1 ns, and connections
 * without lag, lead and own delay: delays are effective delays. Tests change the rest.
 */
struct graph {
    struct schedule_participant participants[GRAPH_MOST];
    struct schedule_connection connections[2 * GRAPH_MOST];
    struct schedule schedule;
};

struct graph *graph_begin(struct graph *graph, int64_t stop);
struct schedule_participant *graph_add(struct graph *graph, int64_t window);
struct schedule_connection *graph_connect(struct graph *graph, size_t from, size_t to,
                                          int64_t delay);

/* Runs the planned windows one at a time, with `credits[i]` ns of credit on connection
 * i, NULL for none. False when somebody is held for ever. */
bool graph_runs(const struct graph *graph, const int64_t *credits);

#endif
