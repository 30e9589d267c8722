/* Small experiments for the tests of the schedule.
 * SPDX-License-Identifier: Apache-2.0 */
#include "graph.h"

#include <assert.h>

#include "base/time.h"

struct graph *graph_begin(struct graph *graph, int64_t stop)
{
    *graph = (struct graph){0};
    graph->schedule.participants = graph->participants;
    graph->schedule.connections = graph->connections;
    graph->schedule.stop = stop;
    return graph;
}

struct schedule_participant *graph_add(struct graph *graph, int64_t window)
{
    static const char *const names[GRAPH_MOST] = {"a", "b", "c", "d",
                                                  "e", "f", "g", "h"};
    const size_t i = graph->schedule.participant_count++;

    assert(i < GRAPH_MOST);
    graph->participants[i] = (struct schedule_participant){.name = names[i],
                                                           .convention = TUTTI_FROM,
                                                           .has_step = true,
                                                           .step = {1, 1},
                                                           .window = window};
    return &graph->participants[i];
}

struct schedule_connection *graph_connect(struct graph *graph, size_t from, size_t to,
                                          int64_t delay)
{
    const size_t i = graph->schedule.connection_count++;

    assert(i < 2 * GRAPH_MOST);
    graph->connections[i] = (struct schedule_connection){
        .from = from, .to = to, .from_port = "x", .to_port = "y", .delay = delay};
    return &graph->connections[i];
}

static int64_t next_border(const struct schedule_participant *p, int64_t windows)
{
    const int64_t step = (windows + 1) * p->steps_per_window;

    return tt_step_border(p->step, step < p->last_step ? step : p->last_step);
}

static bool may_run(const struct graph *graph, const int64_t *reached, size_t who,
                    int64_t border, const int64_t *credits)
{
    for (size_t i = 0; i < graph->schedule.connection_count; i++) {
        const struct schedule_connection *c = &graph->connections[i];

        if (c->to == who && reached[c->from] != TT_INFINITY &&
            reached[c->from] + c->effective < border)
            return false;
        if (credits && c->from == who && reached[c->to] != TT_INFINITY &&
            reached[c->to] + credits[i] < border)
            return false;
    }
    return true;
}

bool graph_runs(const struct graph *graph, const int64_t *credits)
{
    int64_t reached[GRAPH_MOST] = {0}, windows[GRAPH_MOST] = {0};
    bool has_moved = true;

    while (has_moved) {
        has_moved = false;
        for (size_t i = 0; i < graph->schedule.participant_count; i++) {
            const struct schedule_participant *p = &graph->participants[i];
            const int64_t border = next_border(p, windows[i]);

            if (reached[i] == TT_INFINITY ||
                !may_run(graph, reached, i, border, credits))
                continue;
            has_moved = true;
            windows[i]++;
            reached[i] = border == p->last_border ? TT_INFINITY : border;
        }
    }
    for (size_t i = 0; i < graph->schedule.participant_count; i++)
        if (reached[i] != TT_INFINITY)
            return false;
    return true;
}
