/* A part of a network, built and simulated step by step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/simulation.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/arrivals.h"
#include "kernel/connect.h"
#include "kernel/deal.h"
#include "kernel/exchange.h"
#include "kernel/generators.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/plasticity.h"
#include "kernel/precision.h"
#include "kernel/recent.h"
#include "kernel/shard.h"
#include "kernel/spikes.h"
#include "kernel/threads.h"

/* Steps of a run when no delay asks for fewer. */
enum { LONGEST_RUN = 1000 };

struct simulation {
    const struct network *network;
    const struct part *part;
    struct exchange *exchange; /* NULL: the only rank */
    struct precision precision;
    struct generators *generators;
    struct deal *deals; /* of each population */
    struct shard_population *populations;
    struct shard_plan plan;
    struct threads *threads;
    uint32_t first_shard, shard_count; /* of this rank; one for each thread */
    struct shard *shards;
    int64_t done, last;  /* steps: done; at which the run that is on ends */
    int64_t longest_run; /* steps that no spike can cross */
    size_t turn;         /* which of their two lists of spikes the shards fill */
    struct arrivals_spike *arrivals;
    size_t arrival_count, arrival_room;
    struct arrivals_spike *sent; /* the spikes of the last run, for the other ranks */
    size_t sent_room;
    const struct arrivals_spike *heard; /* theirs */
    size_t heard_count;
    struct recent recent;
    struct spikes fired; /* of the last run, of all shards */
    double *gathered;    /* states of a population, from several shards */
};

/* --- open */

static int64_t longest_run(const struct network *network)
{
    int64_t longest = LONGEST_RUN;

    for (uint32_t i = 0; i < network->population_count; i++) {
        const int64_t delay = network_smallest_delay(network, i);

        if (!network_is_current(network, i) && delay >= 0 && delay < longest)
            longest = delay;
    }
    return longest;
}

static enum tutti_status build_shard(void *argument, uint32_t number)
{
    struct simulation *const simulation = argument;
    const struct connect connect = {.threads = simulation->threads,
                                    .shards = simulation->shards,
                                    .first = simulation->first_shard,
                                    .count = simulation->shard_count};
    const enum tutti_status status =
        shard_open(&simulation->plan, simulation->first_shard + number,
                   &simulation->shards[number]);

    if (!threads_meet(simulation->threads, status))
        return status;
    return connect_shard(&connect, number);
}

/* Of all ranks. */
static uint32_t all_shards(const struct simulation *simulation)
{
    const int ranks = simulation->exchange ? exchange_ranks(simulation->exchange) : 1;

    return simulation->shard_count * (uint32_t)ranks;
}

/* With several shards only. */
static size_t largest_population(const struct simulation *simulation)
{
    uint32_t largest = 0;

    for (size_t i = 0; i < simulation->part->population_count; i++) {
        const struct part_range *const range = &simulation->part->ranges[i];

        if (all_shards(simulation) > 1 && range->end - range->begin > largest)
            largest = range->end - range->begin;
    }
    return largest;
}

/* The largest of each number, over all ranks. */
static enum tutti_status find_largest(const struct simulation *simulation,
                                      uint32_t *numbers, size_t count)
{
    const size_t *sizes;
    const void *all;

    if (all_shards(simulation) == simulation->shard_count)
        return TUTTI_OK;
    TRY(exchange_bytes(simulation->exchange, numbers, count * sizeof *numbers, &all,
                       &sizes));
    for (int i = 0; i < exchange_ranks(simulation->exchange); i++) {
        const uint32_t *const theirs = (const uint32_t *)all + (size_t)i * count;

        for (size_t k = 0; k < count; k++)
            if (theirs[k] > numbers[k])
                numbers[k] = theirs[k];
    }
    return TUTTI_OK;
}

/* Spikes are kept as long as a synapse of any shard, on any rank, may need them, and
 * plastic synapses onto one population see the spikes of their targets alike. `longest`
 * has room for each population and for all together. */
static enum tutti_status agree_on_delays(struct simulation *simulation,
                                         uint32_t *longest)
{
    const uint32_t count = (uint32_t)simulation->network->population_count;

    for (uint32_t i = 0; i < simulation->shard_count; i++) {
        const struct shard *const shard = &simulation->shards[i];

        for (uint32_t k = 0; k < count; k++)
            if (plasticity_longest_delay(shard->plasticity, k) > longest[k])
                longest[k] = plasticity_longest_delay(shard->plasticity, k);
        if (shard_longest_delay(shard) > longest[count])
            longest[count] = shard_longest_delay(shard);
    }
    TRY(find_largest(simulation, longest, count + 1));
    for (uint32_t i = 0; i < simulation->shard_count; i++)
        for (uint32_t k = 0; k < count; k++)
            plasticity_set_longest_delay(simulation->shards[i].plasticity, k,
                                         longest[k]);
    simulation->recent.longest_delay = longest[count];
    return TUTTI_OK;
}

static enum tutti_status agree(struct simulation *simulation)
{
    uint32_t *const longest =
        tt_alloc_array(simulation->network->population_count + 1, sizeof *longest);
    enum tutti_status status;

    if (!longest)
        return FAIL(TUTTI_NO_MEMORY, "no memory for network '%s'",
                    simulation->network->name);
    status = agree_on_delays(simulation, longest);
    free(longest);
    return status;
}

static enum tutti_status build(struct simulation *simulation)
{
    const struct network *const network = simulation->network;
    const size_t count = network->population_count;

    TRY(precision_open(network, &simulation->precision));
    TRY(generators_open(network, &simulation->generators));
    simulation->deals = tt_alloc_array(count, sizeof *simulation->deals);
    simulation->populations = tt_alloc_array(count, sizeof *simulation->populations);
    simulation->gathered =
        tt_alloc_array(largest_population(simulation), sizeof *simulation->gathered);
    simulation->shards =
        tt_alloc_array(simulation->shard_count, sizeof *simulation->shards);
    if (!simulation->deals || !simulation->populations || !simulation->gathered ||
        !simulation->shards)
        return FAIL(TUTTI_NO_MEMORY, "no memory for network '%s'", network->name);
    for (uint32_t i = 0; i < count; i++) {
        simulation->deals[i] =
            deal_population(simulation->part, i, all_shards(simulation));
        shard_prepare(network, i, &simulation->populations[i]);
    }
    simulation->plan = (struct shard_plan){.network = network,
                                           .precision = &simulation->precision,
                                           .generators = simulation->generators,
                                           .deals = simulation->deals,
                                           .populations = simulation->populations};
    simulation->longest_run = longest_run(network);
    TRY(threads_open(simulation->shard_count, &simulation->threads));
    TRY(threads_run(simulation->threads, build_shard, simulation));
    return agree(simulation);
}

enum tutti_status simulation_open_rank(const struct network *network,
                                       const struct part *part, uint32_t threads,
                                       struct exchange *exchange,
                                       struct simulation **simulation)
{
    enum tutti_status status;

    *simulation = tt_alloc(sizeof **simulation);
    if (!*simulation)
        return FAIL(TUTTI_NO_MEMORY, "no memory for network '%s'", network->name);
    (*simulation)->network = network;
    (*simulation)->part = part;
    (*simulation)->exchange = exchange;
    (*simulation)->shard_count = threads;
    if (exchange)
        (*simulation)->first_shard = threads * (uint32_t)exchange_rank(exchange);
    status = build(*simulation);
    if (status != TUTTI_OK)
        simulation_close(simulation);
    return status;
}

enum tutti_status simulation_open_threads(const struct network *network,
                                          const struct part *part, uint32_t threads,
                                          struct simulation **simulation)
{
    return simulation_open_rank(network, part, threads, NULL, simulation);
}

enum tutti_status simulation_open(const struct network *network,
                                  const struct part *part,
                                  struct simulation **simulation)
{
    return simulation_open_threads(network, part, 1, simulation);
}

void simulation_close(struct simulation **simulation)
{
    struct simulation *const it = *simulation;

    if (!it)
        return;
    threads_close(&it->threads);
    for (uint32_t i = 0; it->shards && i < it->shard_count; i++)
        if (it->shards[i].plan)
            shard_close(&it->shards[i]);
    generators_close(&it->generators);
    precision_free(&it->precision);
    spikes_free(&it->fired);
    recent_free(&it->recent);
    free(it->arrivals);
    free(it->sent);
    free(it->gathered);
    free(it->shards);
    free(it->deals);
    free(it->populations);
    free(it);
    *simulation = NULL;
}

/* --- run */

int64_t simulation_step(const struct simulation *simulation)
{
    return simulation->done;
}

enum tutti_status simulation_receive(struct simulation *simulation, uint32_t group,
                                     uint32_t cell, int64_t step)
{
    if (group < simulation->network->population_count) {
        const struct part_range *const range = &simulation->part->ranges[group];

        if (cell >= range->begin && cell < range->end)
            return FAIL(TUTTI_BAD_CONFIG,
                        "a spike of cell %" PRIu32 " of '%s' came from outside, but "
                        "this kernel simulates that cell; connect only the cells that "
                        "it does not own",
                        cell, network_group_name(simulation->network, group));
    }
    TRY(tt_grow(&simulation->arrivals, &simulation->arrival_room,
                simulation->arrival_count + 1, sizeof *simulation->arrivals));
    simulation->arrivals[simulation->arrival_count++] =
        (struct arrivals_spike){.group = group, .cell = cell, .step = step};
    return TUTTI_OK;
}

/* One thread during one run: others may still read its spikes of the run before. */
static enum tutti_status run_shard(void *argument, uint32_t number)
{
    struct simulation *const simulation = argument;
    struct shard *const shard = &simulation->shards[number];
    const size_t turn = simulation->turn;

    for (uint32_t i = 0; i < simulation->shard_count; i++)
        TRY(arrivals_take(shard, &simulation->shards[i].spikes[!turn]));
    TRY(arrivals_take_outside(shard, simulation->arrivals, simulation->arrival_count));
    spikes_begin(&shard->spikes[turn], simulation->network->population_count,
                 shard->done + 1);
    while (shard->done < simulation->last)
        TRY(shard_advance(shard, turn));
    return TUTTI_OK;
}

/* Merges one list of each shard; in each, indices rise. */
static enum tutti_status merge_list(struct simulation *simulation, int64_t step,
                                    size_t population, size_t *places)
{
    memset(places, 0, simulation->shard_count * sizeof *places);
    for (;;) {
        uint32_t smallest = 0, from = simulation->shard_count;

        for (uint32_t i = 0; i < simulation->shard_count; i++) {
            const uint32_t *cells;
            const size_t count =
                spikes_get(&simulation->shards[i].spikes[simulation->turn], step,
                           population, &cells);

            if (places[i] < count &&
                (from == simulation->shard_count || cells[places[i]] < smallest)) {
                from = i;
                smallest = cells[places[i]];
            }
        }
        if (from == simulation->shard_count)
            return spikes_close_list(&simulation->fired);
        places[from]++;
        TRY(spikes_add(&simulation->fired, smallest));
    }
}

static enum tutti_status merge_spikes(struct simulation *simulation)
{
    size_t *const places = tt_alloc_array(simulation->shard_count, sizeof *places);
    enum tutti_status status = TUTTI_OK;

    if (!places)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the spikes of a step");
    spikes_begin(&simulation->fired, simulation->network->population_count,
                 simulation->done + 1);
    for (int64_t step = simulation->done + 1; step <= simulation->last; step++)
        for (size_t i = 0;
             i < simulation->network->population_count && status == TUTTI_OK; i++)
            status = merge_list(simulation, step, i, places);
    free(places);
    return status;
}

/* Sends what was fired here, and takes in what the other ranks have fired. */
static enum tutti_status exchange_fired(struct simulation *simulation)
{
    size_t count = 0;

    if (all_shards(simulation) == simulation->shard_count)
        return TUTTI_OK;
    for (int64_t step = simulation->fired.first; step <= simulation->last; step++)
        for (uint32_t i = 0; i < simulation->network->population_count; i++) {
            const uint32_t *cells;
            const size_t fired = spikes_get(&simulation->fired, step, i, &cells);

            TRY(tt_grow(&simulation->sent, &simulation->sent_room, count + fired,
                        sizeof *simulation->sent));
            for (size_t k = 0; k < fired; k++)
                simulation->sent[count++] =
                    (struct arrivals_spike){.group = i, .cell = cells[k], .step = step};
        }
    TRY(exchange_spikes(simulation->exchange, simulation->sent, count,
                        &simulation->heard, &simulation->heard_count));
    TRY(tt_grow(&simulation->arrivals, &simulation->arrival_room,
                simulation->heard_count, sizeof *simulation->arrivals));
    if (simulation->heard_count > 0)
        memcpy(simulation->arrivals, simulation->heard,
               simulation->heard_count * sizeof *simulation->heard);
    simulation->arrival_count = simulation->heard_count;
    return TUTTI_OK;
}

/* Behind those that were heard from other ranks. */
static const struct arrivals_spike *from_outside(const struct simulation *simulation,
                                                 size_t *count)
{
    *count = simulation->arrival_count - simulation->heard_count;
    return *count ? simulation->arrivals + simulation->heard_count : NULL;
}

/* Keeps what is on its way once the run is over. */
static enum tutti_status keep_recent(struct simulation *simulation)
{
    size_t count;
    const struct arrivals_spike *const outside = from_outside(simulation, &count);

    for (size_t i = 0; i < count; i++)
        TRY(recent_add(&simulation->recent, outside[i]));
    for (int64_t step = simulation->fired.first; step <= simulation->last; step++)
        for (uint32_t i = 0; i < simulation->network->population_count; i++) {
            const uint32_t *cells;
            const size_t fired = spikes_get(&simulation->fired, step, i, &cells);

            for (size_t k = 0; k < fired; k++)
                TRY(recent_add(&simulation->recent,
                               (struct arrivals_spike){
                                   .group = i, .cell = cells[k], .step = step}));
        }
    recent_forget(&simulation->recent, simulation->last);
    return TUTTI_OK;
}

enum tutti_status simulation_run(struct simulation *simulation, int64_t last)
{
    if (last <= simulation->done)
        return TUTTI_OK;
    simulation->last = simulation->done + simulation->longest_run;
    if (simulation->last > last)
        simulation->last = last;
    simulation->turn = !simulation->turn;
    TRY(threads_run(simulation->threads, run_shard, simulation));
    TRY(merge_spikes(simulation));
    TRY(keep_recent(simulation));
    simulation->arrival_count = 0;
    TRY(exchange_fired(simulation));
    simulation->done = simulation->last;
    return TUTTI_OK;
}

int64_t simulation_first_step(const struct simulation *simulation)
{
    return simulation->fired.first;
}

size_t simulation_fired(const struct simulation *simulation, int64_t step,
                        size_t population, const uint32_t **cells)
{
    return spikes_get(&simulation->fired, step, population, cells);
}

size_t simulation_heard(const struct simulation *simulation,
                        const struct arrivals_spike **spikes)
{
    *spikes = simulation->heard;
    return simulation->heard_count;
}

enum tutti_status simulation_advance(struct simulation *simulation)
{
    return simulation_run(simulation, simulation->done + 1);
}

size_t simulation_spikes(const struct simulation *simulation, size_t population,
                         const uint32_t **cells)
{
    return simulation_fired(simulation, simulation->done, population, cells);
}

/* --- look */

const double *simulation_state(const struct simulation *simulation, size_t population,
                               size_t state)
{
    const struct deal *const deal = &simulation->deals[population];

    if (all_shards(simulation) == 1)
        return shard_state(&simulation->shards[0], (uint32_t)population, state);
    if (all_shards(simulation) > simulation->shard_count)
        for (uint32_t cell = deal->begin; cell < deal->end; cell++)
            simulation->gathered[cell - deal->begin] = (double)NAN;
    for (uint32_t i = 0; i < simulation->shard_count; i++) {
        const uint32_t shard = simulation->first_shard + i;
        const double *const values =
            shard_state(&simulation->shards[i], (uint32_t)population, state);
        const uint32_t size = deal_size(deal, shard);

        for (uint32_t local = 0; local < size; local++)
            simulation->gathered[deal_cell(deal, shard, local) - deal->begin] =
                values[local];
    }
    return simulation->gathered;
}

bool simulation_has_cell(const struct simulation *simulation, size_t population,
                         uint32_t cell)
{
    const struct deal *const deal = &simulation->deals[population];

    return cell >= deal->begin && cell < deal->end &&
           deal_shard(deal, cell) - simulation->first_shard < simulation->shard_count;
}

/* Turns what one shard knows into what all agree on. */
struct visitor {
    const struct deal *deal;
    uint32_t shard;
    void (*take)(void *argument, const struct simulation_synapse *synapse);
    void *argument;
};

static void visit_synapse(void *argument, const struct plasticity_synapse *synapse)
{
    const struct visitor *const visitor = argument;

    visitor->take(
        visitor->argument,
        &(struct simulation_synapse){
            .source = synapse->source,
            .target = deal_cell(visitor->deal, visitor->shard, synapse->local),
            .delay = synapse->delay,
            .weight = synapse->weight});
}

enum tutti_status simulation_visit(struct simulation *simulation, uint32_t projection,
                                   void (*take)(void *argument,
                                                const struct simulation_synapse *it),
                                   void *argument)
{
    const uint32_t group = simulation->network->projections[projection].to.group;

    for (uint32_t i = 0; i < simulation->shard_count; i++) {
        struct visitor visitor = {.deal = &simulation->deals[group],
                                  .shard = simulation->shards[i].number,
                                  .take = take,
                                  .argument = argument};

        TRY(plasticity_visit(simulation->shards[i].plasticity, projection,
                             visit_synapse, &visitor));
    }
    return TUTTI_OK;
}

size_t simulation_synapse_memory(const struct simulation *simulation,
                                 uint64_t *synapses)
{
    size_t bytes = 0;

    *synapses = 0;
    for (uint32_t i = 0; i < simulation->shard_count; i++)
        for (size_t k = 0; k < simulation->shards[i].store_count; k++) {
            const struct rows *const rows = &simulation->shards[i].stores[k]->rows;

            bytes += rows_memory(rows);
            *synapses += rows->synapse_count;
        }
    for (uint32_t i = 0; i < simulation->shard_count; i++) {
        uint64_t plastic;

        bytes += plasticity_memory(simulation->shards[i].plasticity, &plastic);
        *synapses += plastic;
    }
    return bytes;
}

struct simulation_parts simulation_parts(struct simulation *simulation)
{
    struct simulation_parts parts = {.network = simulation->network,
                                     .part = simulation->part,
                                     .exchange = simulation->exchange,
                                     .deals = simulation->deals,
                                     .shards = simulation->shards,
                                     .shard_count = simulation->shard_count,
                                     .recent = &simulation->recent};

    parts.waiting = from_outside(simulation, &parts.waiting_count);
    return parts;
}

void simulation_set_done(struct simulation *simulation, int64_t done)
{
    simulation->done = done;
    for (uint32_t i = 0; i < simulation->shard_count; i++)
        shard_set_done(&simulation->shards[i], done);
}

struct shard *simulation_parts_shard(const struct simulation_parts *parts,
                                     uint32_t population, uint32_t cell)
{
    const struct deal *const deal = &parts->deals[population];
    uint32_t shard;

    if (cell < deal->begin || cell >= deal->end)
        return NULL;
    shard = deal_shard(deal, cell) - parts->shards[0].number;
    return shard < parts->shard_count ? &parts->shards[shard] : NULL;
}
