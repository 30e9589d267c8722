/* The schedule of an experiment: promises, windows, credit, and whether it can run.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/schedule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "broker/liveness.h"

__extension__ typedef __int128 wide; /* sums and products of times */

#define WINDOW_WITHOUT_CYCLE (10 * TT_MILLISECOND)
#define WINDOWS_IN_CREDIT 4 /* of the longest, beyond what liveness needs */

/* All that the functions below work on: the schedule and its graph of connections,
 * followed by one credit for each. */
struct planning {
    const struct schedule *schedule;
    struct liveness_clock *clocks;
    struct liveness_edge *edges;
    size_t *part;
    size_t *cycle; /* connections on which a cycle waits */
    size_t cycle_length;
    size_t *trial_cycle; /* the same while a remedy is looked for */
};

bool schedule_can_run(int64_t source_reached, int64_t effective, int64_t border)
{
    return source_reached >= border - effective;
}

static struct liveness_clock clock_of(const struct schedule_participant *participant)
{
    return (struct liveness_clock){participant->step, participant->steps_per_window,
                                   participant->last_step};
}

int64_t schedule_longest_window(const struct schedule_participant *participant)
{
    const struct liveness_clock clock = clock_of(participant);

    return liveness_longest_window(&clock);
}

/* "column.L5e -> cell.apical" */
static const char *connection_text(const struct schedule *schedule,
                                   const struct schedule_connection *connection,
                                   struct tt_text *text)
{
    tt_text_clear(text);
    tt_text_add(text, "%s.%s -> %s.%s", schedule->participants[connection->from].name,
                connection->from_port, schedule->participants[connection->to].name,
                connection->to_port);
    return tt_text_get(text);
}

/* --- participants --- */

/* A step, where one is wanted for stamps and reads: without a step it is 1 ns. */
static int64_t shortest_step(const struct schedule_participant *participant)
{
    return participant->has_step ? tt_step_shortest(participant->step) : 1;
}

static enum tutti_status check_step(const struct schedule_participant *participant)
{
    char text[TT_TIME_TEXT];

    if (participant->step.ns < 1 || participant->step.divisor < 1 ||
        tt_step_shortest(participant->step) < 1)
        return FAIL(TUTTI_BAD_CONFIG,
                    "participant '%s' has a step of %" PRId64 "/%" PRId64
                    " ns; it must be at least 1 ns",
                    participant->name, participant->step.ns, participant->step.divisor);
    if (tt_step_longest(participant->step) > SCHEDULE_LONGEST_WINDOW)
        return FAIL(TUTTI_BAD_CONFIG,
                    "participant '%s' has a step of %s; a window, and so a step, is at "
                    "most 4 s "
                    "long",
                    participant->name,
                    tt_time_text(
                        (struct tutti_time){tt_step_longest(participant->step)}, text));
    return TUTTI_OK;
}

static enum tutti_status check_override(const struct schedule_participant *participant)
{
    const int64_t window = participant->window;
    const int64_t above = tt_step_at_or_after(participant->step, window);
    char text[TT_TIME_TEXT], low[TT_TIME_TEXT], high[TT_TIME_TEXT];

    tt_time_text((struct tutti_time){window}, text);
    if (window < 1 || window > SCHEDULE_LONGEST_WINDOW)
        return FAIL(TUTTI_BAD_CONFIG,
                    "participant '%s' has a window of %s; it must be longer than 0 and "
                    "at most 4 s",
                    participant->name, text);
    if (tt_step_border(participant->step, above) == window)
        return TUTTI_OK;
    tt_time_text((struct tutti_time){tt_step_border(participant->step, above)}, high);
    if (above == 1)
        return FAIL(TUTTI_BAD_CONFIG,
                    "the window %s of participant '%s' is not a multiple of its step; "
                    "the shortest that fits is %s",
                    text, participant->name, high);
    tt_time_text((struct tutti_time){tt_step_border(participant->step, above - 1)},
                 low);
    return FAIL(TUTTI_BAD_CONFIG,
                "the window %s of participant '%s' is not a multiple of its step; the "
                "nearest that fit are %s and %s",
                text, participant->name, low, high);
}

static enum tutti_status find_end(struct schedule_participant *participant,
                                  int64_t stop)
{
    char text[TT_TIME_TEXT];

    participant->last_step = tt_step_at_or_after(participant->step, stop);
    participant->last_border =
        tt_step_border(participant->step, participant->last_step);
    if (participant->last_border == TT_INFINITY)
        return FAIL(TUTTI_BAD_CONFIG,
                    "the stop time %s is too late for the steps of participant '%s'; a "
                    "time lies below 2^61 ns (73 years)",
                    tt_time_text((struct tutti_time){stop}, text), participant->name);
    return TUTTI_OK;
}

/* --- connections --- */

static wide promise_out(const struct schedule_participant *source,
                        const struct schedule_connection *connection)
{
    wide out = source->convention == TUTTI_UP_TO ? 1 : 0;

    if (connection->from_is_at_step_ends)
        out = shortest_step(source);
    return out - connection->lag;
}

static wide promise_need(const struct schedule_participant *reader,
                         const struct schedule_connection *connection)
{
    wide need = reader->convention == TUTTI_UP_TO ? 1 : 0;

    if (connection->to_is_at_step_ends)
        need = 1 - shortest_step(reader);
    return need + connection->lead - connection->own_delay;
}

static enum tutti_status set_promises(const struct schedule *schedule,
                                      struct schedule_connection *connection)
{
    const wide out = promise_out(&schedule->participants[connection->from], connection);
    const wide need = promise_need(&schedule->participants[connection->to], connection);
    const wide effective = connection->delay + out - need;
    const wide sizes[] = {out, need, effective};
    struct tt_text text = {0};
    enum tutti_status status = TUTTI_OK;

    for (size_t i = 0; status == TUTTI_OK && i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i] <= -TT_LONGEST || sizes[i] >= TT_LONGEST)
            status = FAIL(TUTTI_BAD_CONFIG,
                          "delay, lag, lead and own delay of %s add up to more than "
                          "2^61 ns (73 years)",
                          connection_text(schedule, connection, &text));
    if (status == TUTTI_OK) {
        connection->out = (int64_t)out;
        connection->need = (int64_t)need;
        connection->effective = (int64_t)effective;
    }
    tt_text_free(&text);
    return status;
}

/* A frame holds stamps of the window and, with a lag, from before it. */
static enum tutti_status check_lag(const struct schedule *schedule,
                                   const struct schedule_connection *connection)
{
    const struct schedule_participant *source =
        &schedule->participants[connection->from];
    char window[TT_TIME_TEXT], lag[TT_TIME_TEXT];

    if (connection->lag <= UINT32_MAX - schedule_longest_window(source))
        return TUTTI_OK;
    return FAIL(
        TUTTI_BAD_CONFIG,
        "port '%s' of participant '%s' has a lag of %s and windows of %s; "
        "together they may be 4.29 s long: give the participant a shorter window",
        connection->from_port, source->name,
        tt_time_text((struct tutti_time){connection->lag}, lag),
        tt_time_text((struct tutti_time){schedule_longest_window(source)}, window));
}

/* --- windows --- */

static void mark_cycles(struct schedule *schedule, const size_t *part)
{
    for (size_t i = 0; i < schedule->participant_count; i++)
        schedule->participants[i].is_on_cycle = false;
    for (size_t i = 0; i < schedule->connection_count; i++) {
        struct schedule_connection *c = &schedule->connections[i];

        c->is_on_cycle = part[c->from] == part[c->to];
        if (c->is_on_cycle)
            schedule->participants[c->from].is_on_cycle =
                schedule->participants[c->to].is_on_cycle = true;
    }
}

/* Number of whole steps in numerator / denominator ns. */
static wide steps_in(struct tutti_step step, int64_t numerator, int64_t denominator)
{
    return (wide)numerator * step.divisor / ((wide)denominator * step.ns);
}

/* Half the delay, because then the flight of a frame hides behind computing. */
static int64_t steps_per_window(const struct schedule *schedule, size_t who)
{
    const struct schedule_participant *participant = &schedule->participants[who];
    const wide most = steps_in(participant->step, SCHEDULE_LONGEST_WINDOW, 1);
    wide steps = steps_in(participant->step, WINDOW_WITHOUT_CYCLE, 1);
    int64_t smallest = TT_INFINITY;

    if (participant->window)
        return tt_step_at_or_after(participant->step, participant->window);
    for (size_t i = 0; i < schedule->connection_count; i++) {
        const struct schedule_connection *c = &schedule->connections[i];

        if (c->is_on_cycle && (c->from == who || c->to == who) &&
            c->effective < smallest)
            smallest = c->effective;
    }
    if (smallest != TT_INFINITY)
        steps = steps_in(participant->step, smallest, 2);
    if (steps > most)
        steps = most;
    return steps < 1 ? 1 : (int64_t)steps;
}

/* --- whether it runs --- */

static struct liveness_graph graph_of(struct planning *planning)
{
    const struct schedule *schedule = planning->schedule;

    for (size_t i = 0; i < schedule->participant_count; i++)
        planning->clocks[i] = clock_of(&schedule->participants[i]);
    for (size_t i = 0; i < schedule->connection_count; i++)
        planning->edges[i] = (struct liveness_edge){schedule->connections[i].from,
                                                    schedule->connections[i].to,
                                                    schedule->connections[i].effective};
    return (struct liveness_graph){schedule->participant_count, planning->clocks,
                                   schedule->connection_count, planning->edges};
}

static struct liveness_graph graph_with_credits(struct planning *planning,
                                                int64_t credit)
{
    struct liveness_graph graph = graph_of(planning);
    const size_t count = graph.edge_count;

    for (size_t i = 0; i < count; i++)
        planning->edges[count + i] = (struct liveness_edge){
            planning->edges[i].to, planning->edges[i].from, credit};
    graph.edge_count *= 2;
    return graph;
}

/* Judges the cycle of `planning` alone, with the connections and so the windows of
 * `trial`.
 */
static enum tutti_status judge_cycle(struct planning *planning,
                                     const struct schedule *trial,
                                     enum liveness_verdict *verdict)
{
    int64_t turns = SCHEDULE_MOST_TURNS;
    struct liveness_graph graph = {trial->participant_count, planning->clocks,
                                   planning->cycle_length, planning->edges};
    size_t length;

    for (size_t i = 0; i < trial->participant_count; i++) {
        planning->clocks[i] = clock_of(&trial->participants[i]);
        planning->clocks[i].steps_per_window = steps_per_window(trial, i);
    }
    for (size_t i = 0; i < planning->cycle_length; i++) {
        const struct schedule_connection *c = &trial->connections[planning->cycle[i]];

        planning->edges[i] = (struct liveness_edge){c->from, c->to, c->effective};
    }
    return liveness_judge(&graph, &turns, verdict, planning->trial_cycle, &length);
}

/* A short delay, on the grid of the source, of connection `which` that lets the cycle
 * of `planning` run; TT_INFINITY when there is none below all times. */
static enum tutti_status find_mending_delay(struct planning *planning, size_t which,
                                            struct schedule *trial, int64_t *delay)
{
    struct schedule_connection *c = &trial->connections[which];
    const struct schedule_participant *source = &trial->participants[c->from];
    const int64_t base = c->effective - c->delay;
    const int64_t unit =
        source->has_step ? tt_step_longest(source->step) : TT_MILLISECOND / 1000;
    int64_t low = c->delay / unit; /* too short, as is known */
    int64_t high = TT_INFINITY;    /* long enough */
    int64_t next = low + 1;

    while (low + 1 < high) {
        enum liveness_verdict verdict;

        if (next >= TT_LONGEST / unit)
            break;
        c->delay = next * unit;
        c->effective = base + c->delay;
        TRY(judge_cycle(planning, trial, &verdict));
        if (verdict == LIVENESS_RUNS)
            high = next;
        else
            low = next;
        next = high == TT_INFINITY ? 2 * next : low + (high - low) / 2;
    }
    *delay = high == TT_INFINITY ? TT_INFINITY : high * unit;
    return TUTTI_OK;
}

/* The cycle as its participants, and where its delays and windows come from. */
static void describe_cycle(const struct planning *planning, struct tt_text *names,
                           struct tt_text *parts)
{
    const struct schedule *schedule = planning->schedule;
    struct tt_text connection = {0};
    char delay[TT_TIME_TEXT], window[TT_TIME_TEXT];

    for (size_t i = 0; i < planning->cycle_length; i++) {
        const struct schedule_connection *c =
            &schedule->connections[planning->cycle[i]];
        const struct schedule_participant *reader = &schedule->participants[c->to];
        const struct tutti_time longest = {schedule_longest_window(reader)};

        tt_text_add(names, "%s -> ", schedule->participants[c->from].name);
        if (i + 1 == planning->cycle_length)
            tt_text_add(names, "%s", reader->name);
        tt_text_add(parts, "%s%s has an effective delay of %s for windows of %s",
                    i ? ", " : "", connection_text(schedule, c, &connection),
                    tt_time_text((struct tutti_time){c->effective}, delay),
                    tt_time_text(longest, window));
    }
    tt_text_free(&connection);
}

static enum tutti_status refuse_cycle(struct planning *planning, struct schedule *trial)
{
    const struct schedule_connection *connections = planning->schedule->connections;
    size_t shortest = planning->cycle[0];
    int64_t delay;
    struct tt_text names = {0}, parts = {0}, connection = {0};
    char now[TT_TIME_TEXT], then[TT_TIME_TEXT];

    for (size_t i = 1; i < planning->cycle_length; i++)
        if (connections[planning->cycle[i]].effective < connections[shortest].effective)
            shortest = planning->cycle[i];
    TRY(find_mending_delay(planning, shortest, trial, &delay));
    describe_cycle(planning, &names, &parts);
    connection_text(planning->schedule, &connections[shortest], &connection);
    tt_time_text((struct tutti_time){connections[shortest].delay}, now);
    tt_time_text((struct tutti_time){delay}, then);
    if (delay == TT_INFINITY)
        tt_set_error(
            "the cycle %s would stop for ever: %s; no delay is long enough: make "
            "the lead of its inputs or the lag of its outputs shorter",
            tt_text_get(&names), tt_text_get(&parts));
    else
        tt_set_error(
            "the cycle %s would stop for ever: %s; give %s a delay of %s (it has "
            "%s), or shorter windows",
            tt_text_get(&names), tt_text_get(&parts), tt_text_get(&connection), then,
            now);
    tt_text_free(&names);
    tt_text_free(&parts);
    tt_text_free(&connection);
    return TUTTI_BAD_CONFIG;
}

static enum tutti_status refuse_unknown(const struct planning *planning)
{
    const struct schedule *schedule = planning->schedule;
    const struct schedule_connection *c = &schedule->connections[planning->cycle[0]];

    return FAIL(
        TUTTI_BAD_CONFIG,
        "whether '%s' and '%s' can run to the end does not show within %d turns: "
        "their windows have no short common multiple; give them one with "
        "`window`, or %s.%s -> %s.%s a longer delay",
        schedule->participants[c->from].name, schedule->participants[c->to].name,
        SCHEDULE_MOST_TURNS, schedule->participants[c->from].name, c->from_port,
        schedule->participants[c->to].name, c->to_port);
}

static enum tutti_status check_liveness(struct planning *planning)
{
    const struct liveness_graph graph = graph_of(planning);
    struct schedule trial = *planning->schedule;
    int64_t turns = SCHEDULE_MOST_TURNS;
    enum liveness_verdict verdict;
    enum tutti_status status;

    TRY(liveness_judge(&graph, &turns, &verdict, planning->cycle,
                       &planning->cycle_length));
    if (verdict == LIVENESS_RUNS)
        return TUTTI_OK;
    if (verdict == LIVENESS_UNKNOWN)
        return refuse_unknown(planning);
    trial.connections =
        tt_alloc_array(trial.connection_count, sizeof *trial.connections);
    if (!trial.connections)
        return FAIL(TUTTI_NO_MEMORY,
                    "no memory to look for a delay that mends a cycle");
    memcpy(trial.connections, planning->schedule->connections,
           trial.connection_count * sizeof *trial.connections);
    status = refuse_cycle(planning, &trial);
    free(trial.connections);
    return status;
}

/* --- credit --- */

/* With this credit no cycle that holds a credit can stop: it outweighs all windows and
 * all negative delays. Cycles without one were judged before. */
static int64_t ample_credit(const struct schedule *schedule)
{
    wide credit = 0;

    for (size_t i = 0; i < schedule->participant_count; i++)
        credit += schedule_longest_window(&schedule->participants[i]);
    for (size_t i = 0; i < schedule->connection_count; i++)
        if (schedule->connections[i].effective < 0)
            credit -= schedule->connections[i].effective;
    return credit < TT_LONGEST ? (int64_t)credit : TT_LONGEST - 1;
}

static enum tutti_status find_credit(struct planning *planning, int64_t *credit)
{
    int64_t turns = SCHEDULE_MOST_TURNS; /* for the whole search */
    int64_t low = -1;                    /* too small */
    int64_t high = ample_credit(planning->schedule);
    int64_t longest = 0;

    while (low + 1 < high) {
        const int64_t middle = low + (high - low) / 2;
        const struct liveness_graph graph = graph_with_credits(planning, middle);
        enum liveness_verdict verdict;

        TRY(liveness_judge(&graph, &turns, &verdict, planning->cycle,
                           &planning->cycle_length));
        if (verdict == LIVENESS_RUNS)
            high = middle;
        else
            low = middle;
    }
    for (size_t i = 0; i < planning->schedule->participant_count; i++) {
        const int64_t window =
            schedule_longest_window(&planning->schedule->participants[i]);

        if (window > longest)
            longest = window;
    }
    *credit = high + WINDOWS_IN_CREDIT * longest;
    if (*credit >= TT_LONGEST)
        *credit = TT_LONGEST - 1; /* later than any stop: it holds nobody */
    return TUTTI_OK;
}

/* --- all of it --- */

static enum tutti_status make_plan(struct schedule *schedule, struct planning *planning)
{
    struct liveness_graph graph;

    for (size_t i = 0; i < schedule->participant_count; i++) {
        struct schedule_participant *participant = &schedule->participants[i];

        TRY(check_step(participant));
        if (participant->window)
            TRY(check_override(participant));
        TRY(find_end(participant, schedule->stop));
    }
    for (size_t i = 0; i < schedule->connection_count; i++)
        TRY(set_promises(schedule, &schedule->connections[i]));
    graph = graph_of(planning);
    TRY(liveness_find_parts(&graph, planning->part));
    mark_cycles(schedule, planning->part);
    for (size_t i = 0; i < schedule->participant_count; i++)
        schedule->participants[i].steps_per_window = steps_per_window(schedule, i);
    for (size_t i = 0; i < schedule->connection_count; i++)
        TRY(check_lag(schedule, &schedule->connections[i]));
    TRY(check_liveness(planning));
    return find_credit(planning, &schedule->credit);
}

enum tutti_status schedule_plan(struct schedule *schedule)
{
    const size_t participants = schedule->participant_count + 1;
    const size_t connections = schedule->connection_count + 1;
    struct planning planning = {
        .schedule = schedule,
        .clocks = tt_alloc_array(participants, sizeof *planning.clocks),
        .edges = tt_alloc_array(2 * connections, sizeof *planning.edges),
        .part = tt_alloc_array(participants, sizeof *planning.part),
        .cycle = tt_alloc_array(participants, sizeof *planning.cycle),
        .trial_cycle = tt_alloc_array(participants, sizeof *planning.trial_cycle)};
    enum tutti_status status;

    if (planning.clocks && planning.edges && planning.part && planning.cycle &&
        planning.trial_cycle)
        status = make_plan(schedule, &planning);
    else
        status = FAIL(TUTTI_NO_MEMORY, "no memory to plan %zu participants",
                      schedule->participant_count);
    free(planning.clocks);
    free(planning.edges);
    free(planning.part);
    free(planning.cycle);
    free(planning.trial_cycle);
    return status;
}
