/* Plastic synapses at work.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/plastic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/history.h"

enum { LANES = SYNAPSE_LANES };

enum tutti_status plastic_open(uint32_t source_count, double step_ms,
                               struct plastic *plastic)
{
    const struct synapse *const synapse = plastic->synapse;

    plastic->run.step_ms = step_ms;
    synapse->prepare(plastic->parameters, step_ms, plastic->run.constants);
    if (synapse->sees_targets)
        TRY(decay_open(plastic->parameters[synapse->time_constant], step_ms,
                       &plastic->run.decay));
    return plastic_rows_open(source_count, &plastic->rows);
}

void plastic_close(struct plastic *plastic)
{
    decay_free(&plastic->run.decay);
    plastic_rows_free(&plastic->rows);
    free(plastic->states);
    agenda_free(&plastic->agenda);
    *plastic = (struct plastic){0};
}

enum tutti_status plastic_start(struct plastic *plastic)
{
    const struct plastic_rows *const rows = &plastic->rows;
    const size_t count = rows->first_piece[rows->source_count];
    const size_t states = plastic->synapse->state_count;

    plastic->states = tt_alloc_array(count * states, sizeof *plastic->states);
    if (!plastic->states)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the traces of %zu sources", count);
    for (size_t i = 0; i < count; i++) {
        plastic->synapse->start(plastic->parameters, plastic->states + i * states);
        if (rows->pieces[i].delay > plastic->longest_delay)
            plastic->longest_delay = rows->pieces[i].delay;
    }
    return agenda_open(&plastic->agenda);
}

enum tutti_status plastic_receive(struct plastic *plastic, uint32_t source,
                                  int64_t step)
{
    const struct plastic_rows *const rows = &plastic->rows;
    const uint32_t piece = rows->first_piece[source];

    if (piece == rows->first_piece[source + 1])
        return TUTTI_OK;
    return agenda_put(&plastic->agenda, step + rows->pieces[piece].delay, piece);
}

/* Some synapses of a piece, and the spikes of their targets that they are to see: of
 * each the entries from begins[] on, before ends[], in the history. In their traces
 * only those before trace_ends[] count. */
struct lanes {
    uint32_t cells[LANES];
    uint32_t begins[LANES], ends[LANES], trace_ends[LANES];
    double weights[LANES];
};

/* Counts instead of searching: most often no more than HISTORY_GUARDS spikes are in
 * question. */
VECTORS_CLONES
static bool count_spikes(const struct history *history, int32_t after, int32_t up_to,
                         struct lanes *lanes)
{
    uint32_t most = 0;

    for (int i = 0; i < LANES; i++) {
        const uint32_t end = history->ends[lanes->cells[i]];
        const int32_t *const steps = history->steps + end - HISTORY_GUARDS;
        uint32_t newer = 0, later = 0, not_earlier = 0;

        for (int k = 0; k < HISTORY_GUARDS; k++) {
            newer += steps[k] > after;
            later += steps[k] > up_to;
            not_earlier += steps[k] >= up_to;
        }
        lanes->begins[i] = end - newer;
        lanes->ends[i] = end - later;
        lanes->trace_ends[i] = end - not_earlier;
        most = newer > most ? newer : most;
    }
    return most < HISTORY_GUARDS;
}

static void find_spikes(const struct history *history, int32_t after, int32_t up_to,
                        struct lanes *lanes)
{
    if (count_spikes(history, after, up_to, lanes))
        return;
    for (int i = 0; i < LANES; i++) {
        while (history->steps[lanes->begins[i] - 1] > after)
            lanes->begins[i]--;
        while (history->steps[lanes->ends[i] - 1] > up_to)
            lanes->ends[i]--;
        while (history->steps[lanes->trace_ends[i] - 1] >= up_to)
            lanes->trace_ends[i]--;
    }
}

/* How long after step `from` the next spike of each target came; -1: there is none.
 * False when there is none of any. */
VECTORS_CLONES
static bool next_spikes(const struct history *history, int32_t from,
                        struct lanes *lanes, int32_t *since)
{
    uint32_t any = 0;

    for (int i = 0; i < LANES; i++) {
        const uint32_t is_there = lanes->begins[i] < lanes->ends[i];
        /* The entry before begins[] always is. */
        const int32_t step = history->steps[lanes->begins[i] - 1 + is_there];

        since[i] = is_there ? step - from : -1;
        lanes->begins[i] += is_there;
        any |= is_there;
    }
    return any;
}

/* The traces of the targets right before step `at`. */
VECTORS_CLONES
static void read_traces(const struct history *history, int32_t at,
                        const struct lanes *lanes, double *traces)
{
    for (int i = 0; i < LANES; i++) {
        const uint32_t newest = lanes->trace_ends[i] - 1;

        traces[i] = history->traces[newest] *
                    decay_after(&history->decay,
                                (uint32_t)at - (uint32_t)history->steps[newest]);
    }
}

static void load(const struct plastic *plastic, size_t first, uint32_t count,
                 struct lanes *lanes)
{
    const uint16_t *const targets = plastic->rows.targets + first;

    for (uint32_t i = 0; i < LANES; i++)
        lanes->cells[i] = plastic->first_cell + targets[i < count ? i : 0];
    for (uint32_t i = 0; i < LANES; i++)
        lanes->weights[i] = plastic->rows.weights[first + (i < count ? i : 0)];
}

/* A piece while its synapses see spikes. Steps are those of the history. */
struct visit {
    const struct plastic_piece *piece;
    const double *source; /* before the spike that is due */
    int32_t seen;         /* the synapses have seen all spikes of targets up to here */
    int32_t now;          /* the spikes up to here have reached them */
    int32_t from; /* of a target that reached them with the last of the source */
};

static struct visit begin_visit(const struct plastic *plastic,
                                const struct plastic_piece *piece, int64_t now)
{
    const struct history *const history = plastic->history;
    const int64_t from = piece->last - piece->delay;

    return (struct visit){.piece = piece,
                          .seen = history_relative(history, from > history->settled
                                                                ? from
                                                                : history->settled),
                          .now = history_relative(history, now),
                          .from = history_relative(history, from)};
}

static void see_targets(const struct plastic *plastic, const struct visit *visit,
                        struct lanes *lanes)
{
    int32_t since[LANES];

    find_spikes(plastic->history, visit->seen, visit->now, lanes);
    while (next_spikes(plastic->history, visit->from, lanes, since))
        plastic->synapse->meet(&plastic->run, visit->source, since, lanes->weights);
}

static inline double rounded(double amount)
{
    return nearbyint(amount * 0x1p32) * 0x1p-32;
}

static void add(const struct plastic *plastic, const struct lanes *lanes,
                const double *amounts, uint32_t count, double *sums)
{
    double values[LANES];

    for (uint32_t i = 0; i < LANES; i++)
        values[i] = plastic->counts_spikes ? 1.0 : rounded(amounts[i]);
    for (uint32_t i = 0; i < count; i++)
        sums[lanes->cells[i] - plastic->first_cell] += values[i];
}

static void deliver_lanes(struct plastic *plastic, const struct visit *visit,
                          const double *source, uint32_t begin, double *sums)
{
    const struct synapse *const synapse = plastic->synapse;
    const uint32_t left = visit->piece->count - begin;
    const uint32_t count = left < LANES ? left : LANES;
    const size_t first = visit->piece->first + begin;
    double traces[LANES] = {0}, amounts[LANES];
    struct lanes lanes;

    load(plastic, first, count, &lanes);
    if (synapse->sees_targets) {
        see_targets(plastic, visit, &lanes);
        read_traces(plastic->history, visit->now, &lanes, traces);
    }
    synapse->send(&plastic->run, source, traces, lanes.weights, amounts);
    memcpy(plastic->rows.weights + first, lanes.weights, count * sizeof(double));
    add(plastic, &lanes, amounts, count, sums);
}

/* The effect of a spike of the source is due. */
static void deliver_piece(struct plastic *plastic, uint32_t index, double *sums)
{
    const size_t state_count = plastic->synapse->state_count;
    struct plastic_piece *const piece = &plastic->rows.pieces[index];
    const int64_t step = plastic->agenda.done - piece->delay;
    double *const source = plastic->states + index * state_count;
    double before[SYNAPSE_MAX_STATES];
    struct visit visit = {.piece = piece};

    if (plastic->synapse->sees_targets)
        visit = begin_visit(plastic, piece, step - piece->delay);
    memcpy(before, source, state_count * sizeof *source);
    visit.source = before;
    plastic->synapse->spike(&plastic->run, step - piece->last, source);
    for (uint32_t i = 0; i < piece->count; i += LANES)
        deliver_lanes(plastic, &visit, source, i, sums);
    piece->last = step;
}

enum tutti_status plastic_deliver(struct plastic *plastic, double *sums)
{
    const struct agenda_day *const today = agenda_take(&plastic->agenda);

    for (size_t i = 0; i < today->count; i++) {
        const uint32_t index = today->entries[i];
        const struct plastic_piece *const piece = &plastic->rows.pieces[index];

        deliver_piece(plastic, index, sums);
        if (!piece->is_last)
            TRY(agenda_put(&plastic->agenda,
                           plastic->agenda.done + piece[1].delay - piece[0].delay,
                           index + 1));
    }
    return TUTTI_OK;
}

void plastic_catch_up(struct plastic *plastic, int64_t step)
{
    const struct plastic_rows *const rows = &plastic->rows;

    if (!plastic->synapse->sees_targets)
        return;
    for (uint32_t i = 0; i < rows->first_piece[rows->source_count]; i++) {
        const struct plastic_piece *const piece = &rows->pieces[i];
        struct visit visit = begin_visit(plastic, piece, step);

        visit.source = plastic->states + i * plastic->synapse->state_count;
        for (uint32_t k = 0; k < piece->count; k += LANES) {
            const uint32_t left = piece->count - k;
            const uint32_t count = left < LANES ? left : LANES;
            struct lanes lanes;

            load(plastic, piece->first + k, count, &lanes);
            see_targets(plastic, &visit, &lanes);
            memcpy(rows->weights + piece->first + k, lanes.weights,
                   count * sizeof(double));
        }
    }
}
