/* The part of a saved state that plastic synapses need.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/state_plastic.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/deal.h"
#include "kernel/history.h"
#include "kernel/network.h"
#include "kernel/plastic_rows.h"
#include "kernel/plasticity.h"
#include "kernel/shard.h"
#include "kernel/simulation.h"
#include "kernel/state_file.h"

/* Bytes from which on a section is long enough. */
enum { SECTION = 1 << 24 };

/* In a section of a history: its head, then for each cell an entry and its spikes. */
struct history_head {
    int64_t settled;
};
struct history_cell {
    uint32_t cell, count;
};
struct history_spike {
    int64_t step;
    double trace;
};

/* In a section of pieces, for each: this, its states, its weights, its targets. */
struct piece_head {
    uint32_t choice, source, delay, count;
    int64_t last;
};

/* --- save */

/* A section while it is made. */
struct making {
    struct state_file *file;
    uint32_t kind, number;
    const struct deal *deal;
    uint32_t shard;
    unsigned char *bytes;
    size_t size, room;
};

static enum tutti_status append(struct making *making, const void *bytes, size_t size)
{
    TRY(tt_grow(&making->bytes, &making->room, making->size + size, 1));
    if (size > 0)
        memcpy(making->bytes + making->size, bytes, size);
    making->size += size;
    return TUTTI_OK;
}

static enum tutti_status flush(struct making *making)
{
    enum tutti_status status = TUTTI_OK;

    if (making->size > 0)
        status = state_file_put(making->file, making->kind, making->number,
                                making->bytes, making->size);
    making->size = 0;
    return status;
}

/* The oldest spike first. */
static enum tutti_status add_cell(struct making *making, const struct history *history,
                                  uint32_t local)
{
    struct history_cell cell = {.cell = deal_cell(making->deal, making->shard, local)};
    struct history_spike spike;

    while (history_look(history, local, cell.count, &spike.step, &spike.trace))
        cell.count++;
    TRY(append(making, &cell, sizeof cell));
    for (uint32_t i = cell.count; i-- > 0;) {
        history_look(history, local, i, &spike.step, &spike.trace);
        TRY(append(making, &spike, sizeof spike));
    }
    return TUTTI_OK;
}

static enum tutti_status save_history(struct making *making,
                                      const struct history *history)
{
    const struct history_head head = {history->settled};

    TRY(append(making, &head, sizeof head));
    for (uint32_t local = 0; local < history->cell_count; local++)
        TRY(add_cell(making, history, local));
    return flush(making);
}

static enum tutti_status save_piece(void *argument,
                                    const struct plasticity_piece *piece)
{
    struct making *const making = argument;
    const struct piece_head head = {piece->choice, piece->source, piece->delay,
                                    piece->count, *piece->last};

    TRY(append(making, &head, sizeof head));
    TRY(append(making, piece->states, piece->state_count * sizeof *piece->states));
    TRY(append(making, piece->weights, piece->count * sizeof *piece->weights));
    for (uint32_t i = 0; i < piece->count + piece->count % 2; i++) {
        /* An even number of them, so that doubles stay in their places. */
        const uint32_t at = i < piece->count ? i : 0;
        const uint32_t cell = deal_cell(making->deal, making->shard,
                                        piece->first_local + piece->targets[at]);

        TRY(append(making, &cell, sizeof cell));
    }
    return making->size > SECTION ? flush(making) : TUTTI_OK;
}

static enum tutti_status save_shard(const struct simulation_parts *parts,
                                    const struct shard *shard, struct making *making)
{
    const struct network *const network = parts->network;

    making->shard = shard->number;
    TRY(plasticity_settle(shard->plasticity));
    making->kind = STATE_PLASTIC_HISTORY;
    for (uint32_t i = 0; i < network->population_count; i++) {
        const struct history *const history = plasticity_history(shard->plasticity, i);

        making->number = i;
        making->deal = &parts->deals[i];
        if (history)
            TRY(save_history(making, history));
    }
    making->kind = STATE_PLASTIC_PIECES;
    for (uint32_t i = 0; i < network->projection_count; i++) {
        making->number = i;
        making->deal = &parts->deals[network->projections[i].to.group];
        TRY(plasticity_visit_pieces(shard->plasticity, i, save_piece, making));
        TRY(flush(making));
    }
    return TUTTI_OK;
}

enum tutti_status state_plastic_save(const struct simulation_parts *parts,
                                     struct state_file *file)
{
    struct making making = {.file = file};
    enum tutti_status status = TUTTI_OK;

    for (uint32_t i = 0; i < parts->shard_count && status == TUTTI_OK; i++)
        status = save_shard(parts, &parts->shards[i], &making);
    free(making.bytes);
    return status;
}

/* --- restore */

/* A section while it is read. */
struct reading {
    const unsigned char *bytes;
    size_t left;
};

/* NULL: there are not so many. All that is read is a multiple of 8 bytes. */
static const void *take(struct reading *reading, size_t size)
{
    const unsigned char *const bytes = reading->bytes;

    if (size > reading->left)
        return NULL;
    reading->bytes += size;
    reading->left -= size;
    return bytes;
}

static enum tutti_status put_back(struct history *history, uint32_t local,
                                  const struct history_spike *spikes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        TRY(history_put_back(history, local, spikes[i].step, spikes[i].trace));
    return TUTTI_OK;
}

static enum tutti_status restore_history(const struct simulation_parts *parts,
                                         uint32_t population, struct reading *reading,
                                         bool *fits)
{
    const struct history_head *const head = take(reading, sizeof *head);
    const struct deal *const deal = &parts->deals[population];

    *fits = head != NULL;
    for (uint32_t i = 0; i < parts->shard_count && *fits; i++) {
        struct history *const history =
            plasticity_history(parts->shards[i].plasticity, population);

        if (history)
            history_begin(history, head->settled);
    }
    while (*fits && reading->left > 0) {
        const struct history_cell *const cell = take(reading, sizeof *cell);
        const struct history_spike *const spikes =
            cell ? take(reading, cell->count * sizeof *spikes) : NULL;
        const struct shard *const shard =
            spikes ? simulation_parts_shard(parts, population, cell->cell) : NULL;
        struct history *const history =
            shard ? plasticity_history(shard->plasticity, population) : NULL;

        *fits = spikes && (!shard || history);
        if (history)
            TRY(put_back(history, deal_local(deal, cell->cell), spikes, cell->count));
    }
    return TUTTI_OK;
}

/* What is read of a piece. */
struct saved_piece {
    struct piece_head head;
    const double *states, *weights;
    const uint32_t *targets;
};

/* Gives the synapses of a piece their weights: those of the saved piece are, as far as
 * they are in this one, in the same order. */
static bool merge_piece(const struct deal *deal, const struct shard *shard,
                        const struct saved_piece *saved,
                        const struct plasticity_piece *piece)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < saved->head.count; i++) {
        uint32_t local;

        if (saved->targets[i] < deal->begin || saved->targets[i] >= deal->end ||
            deal_shard(deal, saved->targets[i]) != shard->number)
            continue;
        local = deal_local(deal, saved->targets[i]) - piece->first_local;
        if (local >= PLASTIC_ROWS_CELLS)
            continue;
        while (next < piece->count && piece->targets[next] != local)
            next++;
        if (next == piece->count)
            return false;
        piece->weights[next++] = saved->weights[i];
    }
    memcpy(piece->states, saved->states, piece->state_count * sizeof *piece->states);
    *piece->last = saved->head.last;
    return true;
}

static bool restore_piece(const struct simulation_parts *parts, uint32_t projection,
                          const struct saved_piece *saved)
{
    const struct deal *const deal =
        &parts->deals[parts->network->projections[projection].to.group];
    struct plasticity_piece piece = {.choice = saved->head.choice,
                                     .source = saved->head.source,
                                     .delay = saved->head.delay};

    for (uint32_t i = 0; i < parts->shard_count; i++) {
        const struct shard *const shard = &parts->shards[i];
        const uint32_t size = deal_size(deal, shard->number);

        for (uint32_t first = 0; first < size; first += PLASTIC_ROWS_CELLS) {
            piece.first_local = first;
            if (plasticity_find_piece(shard->plasticity, projection, &piece, &piece) &&
                !merge_piece(deal, shard, saved, &piece))
                return false;
        }
    }
    return true;
}

static bool restore_pieces(const struct simulation_parts *parts, uint32_t projection,
                           struct reading *reading)
{
    const struct network_projection *const of =
        &parts->network->projections[projection];
    const size_t states = of->synapse.model->state_count;

    while (reading->left > 0) {
        const struct piece_head *const head = take(reading, sizeof *head);
        struct saved_piece saved;

        if (!head || head->choice > 1 || head->source < of->from.begin ||
            head->source >= of->from.end)
            return false;
        saved.head = *head;
        saved.states = take(reading, states * sizeof(double));
        saved.weights = take(reading, head->count * sizeof(double));
        saved.targets =
            take(reading, (head->count + head->count % 2) * sizeof(uint32_t));
        if (!saved.states || !saved.weights || !saved.targets ||
            !restore_piece(parts, projection, &saved))
            return false;
    }
    return true;
}

enum tutti_status state_plastic_restore(const struct simulation_parts *parts,
                                        const struct state_file_section *section,
                                        bool *fits)
{
    const struct network *const network = parts->network;
    struct reading reading = {section->bytes, section->size};

    if (section->kind == STATE_PLASTIC_HISTORY) {
        *fits = section->number < network->population_count;
        return *fits ? restore_history(parts, section->number, &reading, fits)
                     : TUTTI_OK;
    }
    *fits = section->number < network->projection_count &&
            plasticity_takes(&network->projections[section->number]) &&
            restore_pieces(parts, section->number, &reading);
    return TUTTI_OK;
}
