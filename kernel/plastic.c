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

/* Becomes a part of the functions with VECTORS_CLONES, and vector instructions there.
 */
#define WITHIN_CLONES __attribute__((always_inline))

enum tutti_status plastic_open(uint32_t source_count, double step_ms,
                               struct plastic *plastic)
{
    plastic->synapse->prepare(plastic->parameters, step_ms, plastic->constants);
    return plastic_rows_open(source_count, plastic->only_delay, &plastic->rows);
}

void plastic_close(struct plastic *plastic)
{
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
    for (size_t i = 0; i < count; i++)
        plastic->synapse->start(plastic->parameters, plastic->states + i * states);
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

/* Some synapses of a piece, and the spikes of their targets that are in question: in
 * the history those of cells[i] from begins[i] on, before ends[i]. */
struct lanes {
    int32_t cells[LANES], begins[LANES], ends[LANES];
    double *weights;     /* where they lie, or, of few, ... */
    double spare[LANES]; /* ... here */
};

/* A piece while its synapses see spikes. Steps are those of the history. */
struct visit {
    const struct plastic_piece *piece;
    const double *source; /* before the spike that is due */
    int32_t seen;         /* the synapses have seen all spikes of targets up to here */
    int32_t now;          /* the spikes up to here have reached them */
    int32_t from; /* of a target that reached them with the last of the source */
};

/* Lanes without a synapse see the spikes of target 0, and nobody sees what becomes of
 * their weights. */
WITHIN_CLONES
static inline void load(const struct plastic *plastic, size_t first, uint32_t count,
                        struct lanes *lanes)
{
    const int32_t first_cell = (int32_t)plastic->first_cell;
    const uint16_t *targets = plastic->rows.targets + first;
    uint16_t few[LANES] = {0};

    lanes->weights = plastic->rows.weights + first;
    if (count < LANES) {
        memcpy(few, targets, count * sizeof *few);
        targets = few;
        memcpy(lanes->spare, lanes->weights, count * sizeof *lanes->spare);
        memset(lanes->spare + count, 0, (LANES - count) * sizeof *lanes->spare);
        lanes->weights = lanes->spare;
    }
    VECTORS_LOOP
    for (int i = 0; i < LANES; i++)
        lanes->cells[i] = first_cell + targets[i];
}

WITHIN_CLONES
static inline void store(const struct plastic *plastic, size_t first, uint32_t count,
                         const struct lanes *lanes)
{
    if (count < LANES)
        memcpy(plastic->rows.weights + first, lanes->spare,
               count * sizeof *lanes->spare);
}

/* Moves places of the history back over all spikes after `step`. places[i] is behind
 * the spike at newest[i]. Returns over how many at most. */
WITHIN_CLONES
static inline uint32_t move_back(const struct history *history, int32_t step,
                                 int32_t *places, int32_t *newest)
{
    uint32_t most = 0;

    for (;; most++) {
        int32_t any = 0;

        VECTORS_LOOP
        for (int i = 0; i < LANES; i++) {
            const int32_t is_after = newest[i] > step;

            places[i] -= is_after;
            any |= is_after;
        }
        if (!any)
            return most;
        VECTORS_LOOP
        for (int i = 0; i < LANES; i++)
            newest[i] = history->steps[places[i] - 1];
    }
}

/* The traces right before step `now` of cells whose spikes before it end at `places`.
 */
WITHIN_CLONES
static inline void read_traces(const struct history *history, int32_t now,
                               const int32_t *places, const int32_t *newest,
                               double *traces)
{
    VECTORS_LOOP
    for (int i = 0; i < LANES; i++)
        traces[i] = history->traces[places[i] - 1] *
                    exponential(history->rate * ((double)now - newest[i]));
}

/* Finds the spikes in question, and the traces right before the last that count: what
 * reaches the synapses together with the spike of the source does not. Returns how many
 * spikes a lane has at most. */
WITHIN_CLONES
static inline uint32_t find_spikes(const struct history *history,
                                   const struct visit *visit, struct lanes *lanes,
                                   double *traces)
{
    int32_t newest[LANES];
    uint32_t most;

    VECTORS_LOOP
    for (int i = 0; i < LANES; i++) {
        lanes->ends[i] = history->ends[lanes->cells[i]];
        newest[i] = history->steps[lanes->ends[i] - 1];
    }
    move_back(history, visit->now, lanes->ends, newest);
    memcpy(lanes->begins, lanes->ends, sizeof lanes->ends);
    most = move_back(history, visit->now - 1, lanes->begins, newest);
    read_traces(history, visit->now, lanes->begins, newest, traces);
    if (visit->seen >= visit->now)
        return 0;
    return most + move_back(history, visit->seen, lanes->begins, newest);
}

/* The synapses see the spikes in question, the oldest of each first. */
WITHIN_CLONES
static inline void see(const struct plastic *plastic, const struct visit *visit,
                       uint32_t most, struct lanes *lanes)
{
    const int32_t *const steps = plastic->history->steps;
    const int32_t from = visit->from;

    for (uint32_t round = 0; round < most; round++) {
        int32_t since[LANES];

        VECTORS_LOOP
        for (int i = 0; i < LANES; i++) {
            const int32_t is_there = lanes->begins[i] < lanes->ends[i];
            /* In front of begins[] there is one more. */
            const int32_t step = steps[lanes->begins[i] - 1 + is_there];

            since[i] = is_there ? step - from : -1;
            lanes->begins[i] += is_there;
        }
        plastic->synapse->meet(plastic->constants, visit->source, since,
                               lanes->weights);
    }
}

WITHIN_CLONES
static inline void add(const struct plastic *plastic, const struct lanes *lanes,
                       double *amounts, uint32_t count, double *sums)
{
    VECTORS_LOOP
    for (int i = 0; i < LANES; i++)
        amounts[i] =
            plastic->counts_spikes ? 1.0 : nearbyint(amounts[i] * 0x1p32) * 0x1p-32;
    for (uint32_t i = 0; i < count; i++)
        sums[lanes->cells[i] - (int32_t)plastic->first_cell] += amounts[i];
}

/* The synapses see what has reached them, then send the spike of `source`. */
VECTORS_CLONES
static void send(struct plastic *plastic, const struct visit *visit,
                 const double *source, double *sums)
{
    const struct synapse *const synapse = plastic->synapse;
    const struct plastic_piece *const piece = visit->piece;

    for (uint32_t i = 0; i < piece->count; i += LANES) {
        const uint32_t left = piece->count - i;
        const uint32_t count = left < LANES ? left : LANES;
        const size_t first = piece->first + i;
        double traces[LANES] = {0}, amounts[LANES];
        struct lanes lanes;

        load(plastic, first, count, &lanes);
        if (synapse->sees_targets) {
            const uint32_t most = find_spikes(plastic->history, visit, &lanes, traces);

            see(plastic, visit, most, &lanes);
        }
        synapse->send(plastic->constants, source, traces, lanes.weights, amounts);
        store(plastic, first, count, &lanes);
        add(plastic, &lanes, amounts, count, sums);
    }
}

/* The synapses see what has reached them. */
VECTORS_CLONES
static void catch_up(struct plastic *plastic, const struct visit *visit)
{
    const struct plastic_piece *const piece = visit->piece;

    for (uint32_t i = 0; i < piece->count; i += LANES) {
        const uint32_t left = piece->count - i;
        const uint32_t count = left < LANES ? left : LANES;
        const size_t first = piece->first + i;
        double traces[LANES];
        struct lanes lanes;
        uint32_t most;

        load(plastic, first, count, &lanes);
        most = find_spikes(plastic->history, visit, &lanes, traces);
        see(plastic, visit, most, &lanes);
        store(plastic, first, count, &lanes);
    }
}

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
    plastic->synapse->spike(plastic->constants, step - piece->last, source);
    send(plastic, &visit, source, sums);
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

    for (uint32_t i = 0; plastic->history && i < rows->first_piece[rows->source_count];
         i++) {
        struct visit visit = begin_visit(plastic, &rows->pieces[i], step);

        visit.source = plastic->states + i * plastic->synapse->state_count;
        catch_up(plastic, &visit);
    }
}

enum tutti_status plastic_resume(struct plastic *plastic, uint32_t source, int64_t step)
{
    const struct plastic_rows *const rows = &plastic->rows;
    uint32_t piece = rows->first_piece[source];

    while (piece < rows->first_piece[source + 1] &&
           step + rows->pieces[piece].delay <= plastic->agenda.done)
        piece++;
    if (piece == rows->first_piece[source + 1])
        return TUTTI_OK;
    return agenda_put(&plastic->agenda, step + rows->pieces[piece].delay, piece);
}
