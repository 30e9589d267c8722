/* Saving and restoring a simulation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/deal.h"
#include "kernel/exchange.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/recent.h"
#include "kernel/shard.h"
#include "kernel/simulation.h"
#include "kernel/state_file.h"
#include "kernel/state_plastic.h"

/* Kinds of sections. */
enum kind {
    CELLS = 1, /* of the population with that number: struct cells, indices, states */
    RECENT,    /* spikes that may not have acted on all their targets */
    WAITING    /* spikes from outside that nobody has taken in */
};

struct cells {
    uint32_t count, states;
};

static uint64_t network_checksum(const struct network *network)
{
    size_t size;
    const char *const text = tt_document_text(network->document, &size);

    return state_file_checksum(STATE_FILE_CHECKSUM, text, size);
}

/* Size of a section of cells; states stand behind indices, at a multiple of 8. */
static size_t cells_size(struct cells cells, size_t *first_state)
{
    *first_state =
        (sizeof cells + cells.count * sizeof(uint32_t) + sizeof(double) - 1) /
        sizeof(double) * sizeof(double);
    return *first_state + (size_t)cells.count * cells.states * sizeof(double);
}

/* --- save */

static enum tutti_status save_cells(const struct simulation_parts *parts,
                                    const struct shard *shard, uint32_t population,
                                    struct state_file *file)
{
    const struct deal *const deal = &parts->deals[population];
    const struct cells cells = {
        deal_size(deal, shard->number),
        (uint32_t)parts->network->populations[population].model->state_count};
    size_t first_state;
    const size_t size = cells_size(cells, &first_state);
    unsigned char *bytes;
    enum tutti_status status;

    if (cells.count == 0 || cells.states == 0)
        return TUTTI_OK;
    bytes = tt_alloc(size);
    if (!bytes)
        return FAIL(TUTTI_NO_MEMORY, "no memory to save %" PRIu32 " cells of '%s'",
                    cells.count, parts->network->populations[population].name);
    memcpy(bytes, &cells, sizeof cells);
    for (uint32_t local = 0; local < cells.count; local++) {
        const uint32_t cell = deal_cell(deal, shard->number, local);

        memcpy(bytes + sizeof cells + local * sizeof cell, &cell, sizeof cell);
    }
    for (uint32_t i = 0; i < cells.states; i++)
        memcpy(bytes + first_state + (size_t)i * cells.count * sizeof(double),
               shard_state(shard, population, i), cells.count * sizeof(double));
    status = state_file_put(file, CELLS, population, bytes, size);
    free(bytes);
    return status;
}

/* Whether a spike was fired by a cell of the part, and not outside. */
static bool is_own(const struct simulation_parts *parts,
                   const struct arrivals_spike *spike)
{
    const struct part_range *range;

    if (spike->group >= parts->network->population_count)
        return false;
    range = &parts->part->ranges[spike->group];
    return spike->cell >= range->begin && spike->cell < range->end;
}

/* All ranks know the spikes from outside; the first one writes them. */
static enum tutti_status save_spikes(const struct simulation_parts *parts, int rank,
                                     struct state_file *file)
{
    const struct recent *const recent = parts->recent;
    struct arrivals_spike *const spikes = tt_alloc_array(recent->count, sizeof *spikes);
    enum tutti_status status;
    size_t count = 0;

    if (!spikes)
        return FAIL(TUTTI_NO_MEMORY, "no memory to save %zu spikes", recent->count);
    for (size_t i = 0; i < recent->count; i++)
        if (rank == 0 || is_own(parts, &recent->spikes[i]))
            spikes[count++] = recent->spikes[i];
    status = state_file_put(file, RECENT, 0, spikes, count * sizeof *spikes);
    free(spikes);
    if (status == TUTTI_OK && rank == 0)
        status = state_file_put(file, WAITING, 0, parts->waiting,
                                parts->waiting_count * sizeof *parts->waiting);
    return status;
}

static enum tutti_status save_rank(const struct simulation_parts *parts, int rank,
                                   const char *path)
{
    struct state_file *file;
    enum tutti_status status;

    TRY(state_file_continue(path, &file));
    status = save_spikes(parts, rank, file);
    for (uint32_t i = 0; i < parts->shard_count; i++)
        for (uint32_t k = 0; k < parts->network->population_count && status == TUTTI_OK;
             k++)
            status = save_cells(parts, &parts->shards[i], k, file);
    if (status == TUTTI_OK)
        status = state_plastic_save(parts, file);
    if (status == TUTTI_OK)
        status = state_file_pause(&file);
    state_file_close(&file);
    return status;
}

enum tutti_status state_save(struct simulation *simulation, const char *path)
{
    const struct simulation_parts parts = simulation_parts(simulation);
    struct exchange *const exchange = parts.exchange;
    const int rank = exchange ? exchange_rank(exchange) : 0;
    const int ranks = exchange ? exchange_ranks(exchange) : 1;

    if (rank == 0)
        TRY(state_file_begin(
            path, &(struct state_file_head){.network = network_checksum(parts.network),
                                            .step = simulation_step(simulation)}));
    for (int turn = 0; turn < ranks; turn++) {
        if (turn == rank)
            TRY(save_rank(&parts, rank, path));
        if (exchange)
            TRY(exchange_wait(exchange));
    }
    if (rank == 0)
        TRY(state_file_end(path));
    return exchange ? exchange_wait(exchange) : TUTTI_OK;
}

/* --- restore */

struct restoring {
    struct simulation *simulation;
    struct simulation_parts parts;
    const char *path;
    uint64_t *missing; /* of each population: cells that are still to come */
};

static enum tutti_status misfit(const struct restoring *restoring)
{
    return FAIL(
        TUTTI_BAD_CONFIG,
        "state file '%s' does not fit network '%s', though it was saved from the "
        "same file; save again with this kernel",
        restoring->path, restoring->parts.network->name);
}

static enum tutti_status restore_cells(struct restoring *restoring,
                                       const struct state_file_section *section)
{
    const struct simulation_parts *const parts = &restoring->parts;
    const uint32_t population = section->number;
    struct cells cells = {0};
    size_t first_state;

    if (section->size >= sizeof cells)
        memcpy(&cells, section->bytes, sizeof cells);
    if (population >= parts->network->population_count ||
        cells.states != parts->network->populations[population].model->state_count ||
        section->size != cells_size(cells, &first_state))
        return misfit(restoring);
    for (uint32_t i = 0; i < cells.count; i++) {
        uint32_t cell, local;
        struct shard *shard;

        memcpy(&cell, section->bytes + sizeof cells + i * sizeof cell, sizeof cell);
        shard = simulation_parts_shard(parts, population, cell);
        if (!shard)
            continue;
        local = deal_local(&parts->deals[population], cell);
        for (uint32_t k = 0; k < cells.states; k++)
            memcpy(shard_state(shard, population, k) + local,
                   section->bytes + first_state +
                       ((size_t)k * cells.count + i) * sizeof(double),
                   sizeof(double));
        restoring->missing[population]--;
    }
    return TUTTI_OK;
}

static enum tutti_status restore_recent(struct restoring *restoring,
                                        struct arrivals_spike spike)
{
    const struct simulation_parts *const parts = &restoring->parts;

    for (uint32_t i = 0; i < parts->shard_count; i++)
        TRY(shard_resume(&parts->shards[i], spike.group, spike.cell, spike.step));
    if (is_own(parts, &spike) &&
        !simulation_parts_shard(parts, spike.group, spike.cell))
        return TUTTI_OK; /* another rank keeps it */
    return recent_add(parts->recent, spike);
}

static enum tutti_status restore_spikes(struct restoring *restoring,
                                        const struct state_file_section *section)
{
    const struct network *const network = restoring->parts.network;
    struct arrivals_spike spike;

    if (section->size % sizeof spike != 0)
        return misfit(restoring);
    for (size_t at = 0; at < section->size; at += sizeof spike) {
        memcpy(&spike, section->bytes + at, sizeof spike);
        if (spike.group >= network_group_count(network) ||
            spike.cell >= network_group_size(network, spike.group))
            return misfit(restoring);
        if (section->kind == RECENT)
            TRY(restore_recent(restoring, spike));
        else
            TRY(simulation_receive(restoring->simulation, spike.group, spike.cell,
                                   spike.step));
    }
    return TUTTI_OK;
}

static enum tutti_status restore_sections(struct restoring *restoring,
                                          struct state_file *file)
{
    struct state_file_section section;
    bool fits;

    for (;;) {
        TRY(state_file_next(file, &section));
        switch (section.kind) {
        case 0:
            return TUTTI_OK;
        case CELLS:
            TRY(restore_cells(restoring, &section));
            break;
        case RECENT:
        case WAITING:
            TRY(restore_spikes(restoring, &section));
            break;
        case STATE_PLASTIC_HISTORY:
        case STATE_PLASTIC_PIECES:
            TRY(state_plastic_restore(&restoring->parts, &section, &fits));
            if (!fits)
                return misfit(restoring);
            break;
        default:
            return misfit(restoring);
        }
    }
}

static void count_cells(struct restoring *restoring)
{
    const struct simulation_parts *const parts = &restoring->parts;

    for (uint32_t i = 0; i < parts->network->population_count; i++)
        for (uint32_t k = 0; k < parts->shard_count; k++)
            if (parts->network->populations[i].model->state_count > 0)
                restoring->missing[i] +=
                    deal_size(&parts->deals[i], parts->shards[k].number);
}

static enum tutti_status check_complete(const struct restoring *restoring)
{
    const struct network *const network = restoring->parts.network;

    for (size_t i = 0; i < network->population_count; i++)
        if (restoring->missing[i] > 0)
            return FAIL(TUTTI_BAD_CONFIG,
                        "state file '%s' lacks %" PRIu64 " cells of '%s' that are "
                        "simulated here; save with the same --owns, or without any",
                        restoring->path, restoring->missing[i],
                        network->populations[i].name);
    return TUTTI_OK;
}

static enum tutti_status restore_file(struct restoring *restoring,
                                      struct state_file *file,
                                      const struct state_file_head *head)
{
    const struct network *const network = restoring->parts.network;

    if (head->network != network_checksum(network))
        return FAIL(TUTTI_BAD_CONFIG,
                    "state file '%s' was saved from another network file than '%s', or "
                    "this one has changed since; restore with the file it was saved "
                    "from",
                    restoring->path, tt_document_path(network->document));
    restoring->missing =
        tt_alloc_array(network->population_count, sizeof *restoring->missing);
    if (!restoring->missing)
        return FAIL(TUTTI_NO_MEMORY, "no memory to restore network '%s'",
                    network->name);
    count_cells(restoring);
    simulation_set_done(restoring->simulation, head->step);
    TRY(restore_sections(restoring, file));
    return check_complete(restoring);
}

enum tutti_status state_restore(struct simulation *simulation, const char *path)
{
    struct restoring restoring = {
        .simulation = simulation, .parts = simulation_parts(simulation), .path = path};
    struct state_file_head head;
    enum tutti_status status;
    struct state_file *file;

    assert(simulation_step(simulation) == 0);
    TRY(state_file_open(path, &head, &file));
    status = restore_file(&restoring, file, &head);
    free(restoring.missing);
    state_file_close(&file);
    return status;
}
