/* Whether participants that wait for each other can run for ever.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/liveness.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/time.h"
#include "broker/schedule.h"

__extension__ typedef __int128 wide; /* products of two times */

/* One strongly connected part while it is judged. */
struct part {
    const struct liveness_graph *graph;
    const size_t *number; /* of each participant's part */
    size_t self;          /* this part */
    size_t size;          /* participants in it */
    int64_t *reached;     /* of each participant; TT_INFINITY once it has ended */
    size_t *binding;      /* edge that held each participant last */
    wide *distance;
};

static bool is_inside(const struct part *part, size_t edge)
{
    const struct liveness_edge *e = &part->graph->edges[edge];

    return part->number[e->from] == part->self && part->number[e->to] == part->self;
}

static wide greatest_common_divisor(wide a, wide b)
{
    while (b) {
        const wide rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static wide round_down(wide value, wide unit)
{
    const wide rest = value % unit;

    return value - rest - (rest < 0 ? unit : 0);
}

int64_t liveness_longest_window(const struct liveness_clock *clock)
{
    const wide product = (wide)clock->step.ns * clock->steps_per_window;

    return (int64_t)((product + clock->step.divisor - 1) / clock->step.divisor);
}

/* What all borders of the windows are multiples of. Of a ratio step whose windows
 * differ in length that is 1 ns. */
static wide border_grid(const struct liveness_clock *clock)
{
    const wide product = (wide)clock->step.ns * clock->steps_per_window;

    return product % clock->step.divisor ? 1 : product / clock->step.divisor;
}

/* After which time the lengths of the windows repeat. */
static wide border_period(const struct liveness_clock *clock)
{
    const wide product = (wide)clock->step.ns * clock->steps_per_window;

    return product / greatest_common_divisor(product, clock->step.divisor);
}

/* --- strongly connected parts --- */

/* Marks what can be reached from what is marked. */
static void spread(const struct liveness_edge *edges, size_t count, bool *mark)
{
    bool has_changed = true;

    while (has_changed) {
        has_changed = false;
        for (size_t i = 0; i < count; i++)
            if (mark[edges[i].from] && !mark[edges[i].to])
                has_changed = mark[edges[i].to] = true;
    }
}

enum tutti_status liveness_find_parts(const struct liveness_graph *graph, size_t *part)
{
    struct liveness_edge *back = tt_alloc_array(graph->edge_count + 1, sizeof *back);
    bool *ahead = tt_alloc_array(graph->count + 1, sizeof *ahead);
    bool *behind = tt_alloc_array(graph->count + 1, sizeof *behind);
    enum tutti_status status = TUTTI_OK;

    if (!back || !ahead || !behind) {
        status = FAIL(TUTTI_NO_MEMORY,
                      "no memory to find the cycles of %zu participants", graph->count);
        goto done;
    }
    for (size_t i = 0; i < graph->edge_count; i++)
        back[i] = (struct liveness_edge){graph->edges[i].to, graph->edges[i].from, 0};
    for (size_t i = 0; i < graph->count; i++)
        part[i] = SIZE_MAX;
    for (size_t first = 0; first < graph->count; first++) {
        if (part[first] != SIZE_MAX)
            continue;
        for (size_t i = 0; i < graph->count; i++)
            ahead[i] = behind[i] = i == first;
        spread(graph->edges, graph->edge_count, ahead);
        spread(back, graph->edge_count, behind);
        for (size_t i = 0; i < graph->count; i++)
            if (ahead[i] && behind[i])
                part[i] = first;
    }
done:
    free(back);
    free(ahead);
    free(behind);
    return status;
}

/* --- the sum of the delays --- */

/* Whether every cycle has sum(e) > sum(W - g). Multiplied by more than the length of a
 * cycle and made one smaller, weights of a cycle that fails have a negative sum. One g
 * for the whole part is a divisor of that of each cycle, and never accepts more. */
static bool has_delays_enough(const struct part *part)
{
    const struct liveness_graph *graph = part->graph;
    const wide factor = (wide)part->size + 1;
    bool has_changed = true;
    wide grid = 0;

    for (size_t i = 0; i < graph->count; i++) {
        if (part->number[i] == part->self)
            grid = greatest_common_divisor(border_grid(&graph->clocks[i]), grid);
        part->distance[i] = 0;
    }
    for (size_t round = 0; has_changed; round++) {
        if (round == part->size)
            return false;
        has_changed = false;
        for (size_t i = 0; i < graph->edge_count; i++) {
            const struct liveness_edge *e = &graph->edges[i];
            wide weight;

            if (!is_inside(part, i))
                continue;
            weight = round_down(e->effective, grid) -
                     liveness_longest_window(&graph->clocks[e->to]) + grid;
            weight = weight / grid * factor - 1;
            if (part->distance[e->from] + weight < part->distance[e->to]) {
                part->distance[e->to] = part->distance[e->from] + weight;
                has_changed = true;
            }
        }
    }
    return true;
}

/* --- the pure schedule --- */

/* When everybody has come this far, all goes on as it began. TT_INFINITY when that lies
 * beyond all times. */
static int64_t hyperperiod(const struct part *part)
{
    wide all = 1;

    for (size_t i = 0; i < part->graph->count; i++) {
        wide period;

        if (part->number[i] != part->self)
            continue;
        period = border_period(&part->graph->clocks[i]);
        if (period >= TT_LONGEST)
            return TT_INFINITY;
        all *= period / greatest_common_divisor(all, period);
        if (all >= TT_LONGEST)
            return TT_INFINITY;
    }
    return (int64_t)all;
}

/* The last border of its windows to which a participant may run when it is held at
 * `limit`; never before where it stands. */
static int64_t last_border_up_to(const struct liveness_clock *clock, int64_t limit)
{
    int64_t windows;

    if (limit >= tt_step_border(clock->step, clock->last_step))
        return TT_INFINITY;
    if (limit < 0)
        return 0;
    windows =
        (tt_step_at_or_after(clock->step, limit + 1) - 1) / clock->steps_per_window;
    return tt_step_border(clock->step, windows * clock->steps_per_window);
}

/* Lets one participant run as far as its sources allow; false when it cannot move. */
static bool take_turn(struct part *part, size_t who)
{
    const struct liveness_graph *graph = part->graph;
    int64_t limit = TT_INFINITY;
    int64_t border;

    for (size_t i = 0; i < graph->edge_count; i++) {
        const struct liveness_edge *e = &graph->edges[i];
        int64_t reach;

        if (e->to != who || !is_inside(part, i))
            continue;
        reach = tt_time_add(part->reached[e->from], e->effective);
        if (reach < limit) {
            limit = reach;
            part->binding[who] = i;
        }
    }
    border = last_border_up_to(&graph->clocks[who], limit);
    if (border <= part->reached[who])
        return false;
    part->reached[who] = border;
    return true;
}

/* Turns in any order end in the same state: to run never takes a right away. */
static enum liveness_verdict run_schedule(struct part *part, int64_t *turns,
                                          size_t *held)
{
    const int64_t target = hyperperiod(part);
    bool has_moved = true;

    for (size_t i = 0; i < part->graph->count; i++)
        part->reached[i] = 0;
    while (has_moved) {
        bool has_all_there = true;

        has_moved = false;
        for (size_t i = 0; i < part->graph->count; i++) {
            if (part->number[i] != part->self || part->reached[i] == TT_INFINITY)
                continue;
            if (take_turn(part, i)) {
                has_moved = true;
                if (--*turns < 0)
                    return LIVENESS_UNKNOWN;
            }
            if (part->reached[i] < target) {
                has_all_there = false;
                *held = i;
            }
        }
        if (has_all_there)
            return LIVENESS_RUNS;
    }
    return LIVENESS_STOPS;
}

/* All wait; from any of them back along what holds it, until one comes again. The cycle
 * begins with its first edge, so that its sentence does not depend on who was held. */
static size_t find_cycle(const struct part *part, size_t held, size_t *cycle)
{
    const struct liveness_edge *edges = part->graph->edges;
    size_t length = 0;
    size_t first;
    size_t at = held;

    for (size_t i = 0; i < part->size; i++)
        at = edges[part->binding[at]].from;
    first = part->binding[at];
    held = at;
    do {
        if (part->binding[at] < first)
            first = part->binding[at];
        length++;
        at = edges[part->binding[at]].from;
    } while (at != held);
    at = edges[first].from;
    cycle[0] = first;
    for (size_t i = length - 1; i > 0; i--) {
        cycle[i] = part->binding[at];
        at = edges[cycle[i]].from;
    }
    return length;
}

/* --- all parts --- */

static void judge_part(struct part *part, int64_t *turns,
                       enum liveness_verdict *verdict, size_t *cycle, size_t *length)
{
    size_t inside = SIZE_MAX;
    size_t held = 0;

    part->size = 0;
    for (size_t i = 0; i < part->graph->count; i++)
        part->size += part->number[i] == part->self;
    for (size_t i = 0; i < part->graph->edge_count; i++)
        if (inside == SIZE_MAX && is_inside(part, i))
            inside = i;
    if (inside == SIZE_MAX || has_delays_enough(part)) {
        *verdict = LIVENESS_RUNS;
        return;
    }
    *verdict = run_schedule(part, turns, &held);
    if (*verdict == LIVENESS_STOPS)
        *length = find_cycle(part, held, cycle);
    if (*verdict == LIVENESS_UNKNOWN) {
        cycle[0] = inside;
        *length = 1;
    }
}

enum tutti_status liveness_judge(const struct liveness_graph *graph, int64_t *turns,
                                 enum liveness_verdict *verdict, size_t *cycle,
                                 size_t *length)
{
    size_t *number = tt_alloc_array(graph->count + 1, sizeof *number);
    struct part part = {
        .graph = graph,
        .number = number,
        .reached = tt_alloc_array(graph->count + 1, sizeof *part.reached),
        .binding = tt_alloc_array(graph->count + 1, sizeof *part.binding),
        .distance = tt_alloc_array(graph->count + 1, sizeof *part.distance)};
    enum tutti_status status = TUTTI_OK;

    *verdict = LIVENESS_RUNS;
    *length = 0;
    if (!number || !part.reached || !part.binding || !part.distance)
        status =
            FAIL(TUTTI_NO_MEMORY, "no memory to judge the cycles of %zu participants",
                 graph->count);
    if (status == TUTTI_OK)
        status = liveness_find_parts(graph, number);
    for (size_t i = 0;
         status == TUTTI_OK && i < graph->count && *verdict == LIVENESS_RUNS; i++) {
        part.self = i; /* a part has the number of its first participant */
        if (number[i] == i)
            judge_part(&part, turns, verdict, cycle, length);
    }
    free(number);
    free(part.reached);
    free(part.binding);
    free(part.distance);
    return status;
}
