/* The cells that one thread owns.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/shard.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/currents.h"
#include "kernel/drive.h"
#include "kernel/generators.h"
#include "kernel/network.h"
#include "kernel/plasticity.h"
#include "kernel/precision.h"
#include "kernel/random.h"

/* Cells that are updated one after the other: their sums and states stay in the
 * first-level cache from the first look to the last. A whole number of packs. */
enum { BLOCK = DRIVE_MOST };

/* The cells of one population. */
struct shard_cells {
    uint32_t size;
    double *states[MODEL_MAX_STATES];
    size_t first_sums[MODEL_MAX_RECEPTORS]; /* among the sums of their kind */
    uint32_t *indices;                      /* of the cells in the population */
};

/* --- open */

/* The C library computes log(k!) with a variable of its own. */
void shard_prepare(const struct network *network, uint32_t population,
                   struct shard_population *shared)
{
    const struct network_population *const it = &network->populations[population];

    if (it->model->generator)
        return;
    it->model->prepare(it->parameters, (double)network->step * 1e-6, shared->constants);
    shared->has_poisson = it->poisson.rate > 0.0;
    random_poisson_prepare(it->poisson.rate * ((double)network->step * 1e-9),
                           random_stream(network->seed, it->name, "poisson"),
                           &shared->poisson);
}

static enum tutti_status allocate_cells(const struct network_population *population,
                                        struct shard_cells *cells)
{
    bool is_complete = true;

    for (size_t i = 0; i < population->model->state_count; i++) {
        cells->states[i] = tt_alloc_array(cells->size, sizeof(double));
        is_complete = is_complete && cells->states[i];
    }
    cells->indices = tt_alloc_array(cells->size, sizeof *cells->indices);
    if (!is_complete || !cells->indices)
        return FAIL(TUTTI_NO_MEMORY,
                    "no memory for %" PRIu32 " cells of population '%s'", cells->size,
                    population->name);
    return TUTTI_OK;
}

static void start_states(const struct network *network,
                         const struct network_population *population,
                         struct shard_cells *cells)
{
    for (size_t i = 0; i < population->model->state_count; i++) {
        const struct network_initial initial = population->initial[i];
        const struct random_stream stream = random_stream(
            network->seed, population->name, population->model->states[i].name);

        for (uint32_t local = 0; local < cells->size; local++) {
            uint32_t words[4];

            cells->states[i][local] = initial.mean;
            if (initial.std > 0.0) {
                random_words(stream, cells->indices[local], 0, words);
                cells->states[i][local] += initial.std * random_normal(words);
            }
        }
    }
}

static enum tutti_status open_cells(struct shard *shard, uint32_t index)
{
    const struct network *const network = shard->plan->network;
    const struct network_population *const population = &network->populations[index];
    const struct deal *const deal = &shard->plan->deals[index];
    struct shard_cells *const cells = &shard->cells[index];

    cells->size = deal_size(deal, shard->number);
    TRY(allocate_cells(population, cells));
    for (uint32_t local = 0; local < cells->size; local++)
        cells->indices[local] = deal_cell(deal, shard->number, local);
    if (!population->model->generator)
        start_states(network, population, cells);
    return TUTTI_OK;
}

enum format_sums shard_sum_kind(const struct shard *shard, uint32_t population,
                                size_t receptor)
{
    return shard->plan->precision->sums[population][receptor].kind;
}

/* Receptor by receptor: sources of one sign, which most are, then reach one half. */
static enum tutti_status open_sums(struct shard *shard)
{
    const struct network *const network = shard->plan->network;

    for (size_t receptor = 0; receptor < MODEL_MAX_RECEPTORS; receptor++)
        for (uint32_t i = 0; i < network->population_count; i++) {
            const enum format_sums kind = shard_sum_kind(shard, i, receptor);

            if (receptor >= network->populations[i].model->receptor_count)
                continue;
            shard->cells[i].first_sums[receptor] = shard->sum_counts[kind];
            shard->sum_counts[kind] += shard->cells[i].size;
        }
    for (size_t kind = 0; kind < FORMAT_SUMS_KINDS; kind++) {
        shard->sums[kind] =
            tt_alloc_array(shard->sum_counts[kind], format_sum_bytes[kind]);
        if (!shard->sums[kind])
            return FAIL(TUTTI_NO_MEMORY, "no memory for %zu sums of what arrives",
                        shard->sum_counts[kind]);
    }
    return TUTTI_OK;
}

static enum tutti_status open_currents(struct shard *shard)
{
    const size_t count = shard->plan->network->population_count;
    struct currents_cells *const targets = tt_alloc_array(count, sizeof *targets);
    enum tutti_status status;

    if (!targets)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the currents of %zu populations",
                    count);
    for (size_t i = 0; i < count; i++)
        targets[i] = (struct currents_cells){.cells = shard->cells[i].indices,
                                             .count = shard->cells[i].size};
    status = currents_open(shard->plan->network, shard->plan->generators, targets,
                           &shard->currents);
    free(targets);
    return status;
}

static enum tutti_status open_plasticity(struct shard *shard)
{
    const struct network *const network = shard->plan->network;
    struct plasticity_cells *const cells =
        tt_alloc_array(network->population_count, sizeof *cells);
    enum tutti_status status;

    if (!cells)
        return FAIL(TUTTI_NO_MEMORY, "no memory for plastic projections");
    for (uint32_t i = 0; i < network->population_count; i++) {
        cells[i].size = shard->cells[i].size;
        memcpy(cells[i].first_sums, shard->cells[i].first_sums,
               sizeof cells[i].first_sums);
    }
    status = plasticity_open(network, cells, &shard->plasticity);
    free(cells);
    return status;
}

enum tutti_status shard_open(const struct shard_plan *plan, uint32_t number,
                             struct shard *shard)
{
    const size_t count = plan->network->population_count;

    *shard = (struct shard){.plan = plan, .number = number};
    shard->cells = tt_alloc_array(count, sizeof *shard->cells);
    shard->inputs =
        tt_alloc_array((size_t)MODEL_MAX_RECEPTORS * BLOCK, sizeof *shard->inputs);
    if (!shard->cells || !shard->inputs)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu populations", count);
    for (uint32_t i = 0; i < count; i++)
        TRY(open_cells(shard, i));
    TRY(open_sums(shard));
    TRY(open_plasticity(shard));
    return open_currents(shard);
}

void shard_close(struct shard *shard)
{
    for (size_t i = 0; shard->cells && i < shard->plan->network->population_count;
         i++) {
        for (size_t k = 0; k < MODEL_MAX_STATES; k++)
            free(shard->cells[i].states[k]);
        free(shard->cells[i].indices);
    }
    for (size_t i = 0; i < shard->store_count; i++) {
        calendar_free(&shard->stores[i]->calendar);
        rows_free(&shard->stores[i]->rows);
        free(shard->stores[i]->shared_places);
        free(shard->stores[i]);
    }
    for (size_t kind = 0; kind < FORMAT_SUMS_KINDS; kind++)
        free(shard->sums[kind]);
    spikes_free(&shard->spikes[0]);
    spikes_free(&shard->spikes[1]);
    plasticity_close(&shard->plasticity);
    currents_close(&shard->currents);
    free(shard->stores);
    free(shard->inputs);
    free(shard->cells);
    *shard = (struct shard){0};
}

/* --- stores */

size_t shard_sum(const struct shard *shard, uint32_t population, size_t receptor,
                 uint32_t local)
{
    return shard->cells[population].first_sums[receptor] + local;
}

struct shard_store *shard_find_store(const struct shard *shard, enum format_id format,
                                     uint32_t tile)
{
    for (size_t i = 0; i < shard->store_count; i++)
        if (shard->stores[i]->format == format && shard->stores[i]->tile == tile)
            return shard->stores[i];
    return NULL;
}

enum tutti_status shard_make_store(struct shard *shard, enum format_id format,
                                   uint32_t tile, struct shard_store **store)
{
    const size_t groups = network_group_count(shard->plan->network);
    struct shard_store *it = shard_find_store(shard, format, tile);

    *store = it;
    if (it)
        return TUTTI_OK;
    TRY(tt_grow(&shard->stores, &shard->store_room, shard->store_count + 1,
                sizeof *shard->stores));
    it = tt_alloc(sizeof *it);
    if (!it)
        return FAIL(TUTTI_NO_MEMORY, "no memory for synapses");
    *it = (struct shard_store){.format = format, .tile = tile};
    shard->stores[shard->store_count++] = it;
    TRY(rows_open(format_get(format), groups, &it->rows));
    it->shared_places = tt_alloc_array(shard->plan->network->projection_count,
                                       sizeof *it->shared_places);
    if (!it->shared_places)
        return FAIL(TUTTI_NO_MEMORY, "no memory for synapses");
    *store = it;
    return TUTTI_OK;
}

enum tutti_status shard_open_calendars(struct shard *shard)
{
    for (size_t i = 0; i < shard->store_count; i++)
        TRY(calendar_open(&shard->stores[i]->rows, &shard->stores[i]->calendar));
    return TUTTI_OK;
}

/* --- run */

enum tutti_status shard_receive(struct shard *shard, uint32_t group, uint32_t cell,
                                int64_t step)
{
    for (size_t i = 0; i < shard->store_count; i++)
        TRY(calendar_add(&shard->stores[i]->calendar, group, cell, step));
    return plasticity_receive(shard->plasticity, group, cell, step);
}

enum tutti_status shard_receive_again(struct shard *shard, uint32_t group,
                                      uint32_t cell, int64_t step)
{
    for (size_t i = 0; i < shard->store_count; i++)
        TRY(calendar_add_again(&shard->stores[i]->calendar, group, cell, step));
    return plasticity_receive(shard->plasticity, group, cell, step);
}

void shard_set_done(struct shard *shard, int64_t done)
{
    shard->done = done;
    for (size_t i = 0; i < shard->store_count; i++)
        shard->stores[i]->calendar.done = done;
    plasticity_set_done(shard->plasticity, done);
}

enum tutti_status shard_resume(struct shard *shard, uint32_t group, uint32_t cell,
                               int64_t step)
{
    for (size_t i = 0; i < shard->store_count; i++)
        TRY(calendar_resume(&shard->stores[i]->calendar, group, cell, step));
    return plasticity_resume(shard->plasticity, group, cell, step);
}

uint32_t shard_longest_delay(const struct shard *shard)
{
    uint32_t longest = 0;

    for (size_t i = 0; i < shard->store_count; i++)
        if (shard->stores[i]->rows.longest_delay > longest)
            longest = shard->stores[i]->rows.longest_delay;
    for (uint32_t i = 0; i < shard->plan->network->population_count; i++)
        if (plasticity_longest_delay(shard->plasticity, i) > longest)
            longest = plasticity_longest_delay(shard->plasticity, i);
    return longest;
}

static void *tile_of(const struct shard *shard, const struct shard_store *store)
{
    const enum format_sums kind = format_get(store->format)->sums;
    const size_t first = (size_t)store->tile * format_tile[kind];

    return (unsigned char *)shard->sums[kind] + first * format_sum_bytes[kind];
}

/* Which population and receptor the sum belongs to, for the sentence. */
static enum tutti_status say_overflow(const struct shard *shard,
                                      const struct shard_store *store)
{
    const struct network *const network = shard->plan->network;
    const enum format_sums kind = format_get(store->format)->sums;
    const size_t sum =
        (size_t)store->tile * format_tile[kind] + store->calendar.overflow;

    for (uint32_t i = 0; i < network->population_count; i++)
        for (size_t k = 0; k < network->populations[i].model->receptor_count; k++) {
            const size_t first = shard->cells[i].first_sums[k];

            if (shard_sum_kind(shard, i, k) == kind && sum >= first &&
                sum - first < shard->cells[i].size)
                return FAIL(
                    TUTTI_BAD_CONFIG,
                    "population '%s' at %.9g ms: more arrives at receptor %s of cell "
                    "%" PRIu32 " in one step than a packed sum holds (%.3g %s); give "
                    "its projections precision: single",
                    network->populations[i].name,
                    (double)shard->done * (double)network->step * 1e-6,
                    network->populations[i].model->receptors[k].name,
                    shard->cells[i].indices[sum - first],
                    INT32_MAX * shard->plan->precision->sums[i][k].quantum,
                    network->populations[i].model->receptors[k].unit);
        }
    return TUTTI_OK;
}

static enum tutti_status deliver(struct shard *shard)
{
    for (size_t i = 0; i < shard->store_count; i++) {
        struct shard_store *const store = shard->stores[i];

        TRY(calendar_deliver(&store->calendar, tile_of(shard, store)));
        if (store->calendar.has_overflow)
            return say_overflow(shard, store);
    }
    return plasticity_deliver(shard->plasticity, shard->sums[FORMAT_SUMS_DOUBLE]);
}

/* The sums of a receptor as weights: as they are, or from units. */
static double *read_sums(struct shard *shard, uint32_t population, size_t receptor,
                         uint32_t first, uint32_t size)
{
    const struct precision_sums *const how =
        &shard->plan->precision->sums[population][receptor];
    const size_t at = shard_sum(shard, population, receptor, first);
    double *const inputs = shard->inputs + receptor * BLOCK;

    if (how->kind == FORMAT_SUMS_DOUBLE)
        return (double *)shard->sums[how->kind] + at;
    if (how->kind == FORMAT_SUMS_LONG) {
        int64_t *const sums = (int64_t *)shard->sums[how->kind] + at;

        for (uint32_t i = 0; i < size; i++)
            inputs[i] = (double)sums[i] * how->quantum;
    } else {
        int32_t *const sums = (int32_t *)shard->sums[how->kind] + at;

        for (uint32_t i = 0; i < size; i++)
            inputs[i] = sums[i] * how->quantum;
    }
    return inputs;
}

static void clear_sums(struct shard *shard, uint32_t population, size_t receptor,
                       uint32_t first, uint32_t size)
{
    const enum format_sums kind = shard_sum_kind(shard, population, receptor);
    const size_t at = shard_sum(shard, population, receptor, first);

    memset((unsigned char *)shard->sums[kind] + at * format_sum_bytes[kind], 0,
           size * format_sum_bytes[kind]);
}

/* Lists the cells that fired, each as often as it did. */
static enum tutti_status collect(const uint32_t *indices, const uint16_t *counts,
                                 uint32_t size, struct spikes *spikes)
{
    for (uint32_t i = 0; i < size; i += 4) {
        uint64_t four;

        memcpy(&four, counts + i, sizeof four);
        if (four == 0)
            continue;
        for (uint32_t cell = i; cell < i + 4 && cell < size; cell++)
            for (unsigned spike = 0; spike < counts[cell]; spike++)
                TRY(spikes_add(spikes, indices[cell]));
    }
    return TUTTI_OK;
}

/* Plastic synapses see the spikes of their targets. */
static enum tutti_status remember(struct shard *shard, uint32_t index, uint32_t first,
                                  const uint16_t *counts, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        for (unsigned spike = 0; spike < counts[i]; spike++)
            TRY(plasticity_fired(shard->plasticity, index, first + i, shard->done));
    return TUTTI_OK;
}

static enum tutti_status update_block(struct shard *shard, uint32_t index,
                                      uint32_t first, uint32_t size,
                                      struct spikes *spikes)
{
    const struct network *const network = shard->plan->network;
    const struct network_population *const population = &network->populations[index];
    const struct model *const model = population->model;
    const struct shard_cells *const cells = &shard->cells[index];
    const struct shard_population *const shared = &shard->plan->populations[index];
    double *states[MODEL_MAX_STATES], *inputs[MODEL_MAX_RECEPTORS];
    uint16_t counts[BLOCK] = {0}; /* looked through four at a time */
    const char *trouble;

    for (size_t i = 0; i < model->state_count; i++)
        states[i] = cells->states[i] + first;
    for (size_t i = 0; i < model->receptor_count; i++)
        inputs[i] = read_sums(shard, index, i, first, size);
    if (shared->has_poisson)
        drive_add(&shared->poisson, shard->done, population->poisson.weight,
                  cells->indices + first, size,
                  inputs[network_receptor(model, population->poisson.weight)]);
    trouble = model->update(
        &(struct model_block){.size = size,
                              .constants = shared->constants,
                              .states = states,
                              .input = (const double *const *)inputs,
                              .current = currents_get(shard->currents, index) + first,
                              .spikes = counts});
    if (trouble)
        return FAIL(TUTTI_BAD_CONFIG, "population '%s' at %.9g ms: %s",
                    population->name,
                    (double)shard->done * (double)network->step * 1e-6, trouble);
    for (size_t i = 0; i < model->receptor_count; i++)
        clear_sums(shard, index, i, first, size);
    if (shard->plasticity)
        TRY(remember(shard, index, first, counts, size));
    return collect(cells->indices + first, counts, size, spikes);
}

/* The spikes of generators, pack by pack. */
static enum tutti_status generate(struct shard *shard, uint32_t index,
                                  struct spikes *spikes)
{
    const struct shard_cells *const cells = &shard->cells[index];

    for (uint32_t i = 0; i < cells->size; i += DEAL_PACK) {
        const uint32_t left = cells->size - i;
        const uint32_t size = left < DEAL_PACK ? left : DEAL_PACK;
        uint16_t counts[DEAL_PACK] = {0};

        generators_fire(shard->plan->generators, index, shard->done, cells->indices[i],
                        size, counts);
        TRY(collect(cells->indices + i, counts, size, spikes));
    }
    return TUTTI_OK;
}

static enum tutti_status update_cells(struct shard *shard, uint32_t index,
                                      struct spikes *spikes)
{
    const struct network *const network = shard->plan->network;
    const uint32_t size = shard->cells[index].size;

    if (network_is_current(network, index))
        return TUTTI_OK;
    if (network->populations[index].model->generator)
        return generate(shard, index, spikes);
    for (uint32_t first = 0; first < size; first += BLOCK)
        TRY(update_block(shard, index, first,
                         size - first < BLOCK ? size - first : BLOCK, spikes));
    return TUTTI_OK;
}

enum tutti_status shard_advance(struct shard *shard, size_t turn)
{
    const uint32_t count = (uint32_t)shard->plan->network->population_count;
    struct spikes *const spikes = &shard->spikes[turn];

    shard->done++;
    TRY(deliver(shard));
    currents_move(shard->currents, shard->done);
    for (uint32_t i = 0; i < count; i++) {
        TRY(update_cells(shard, i, spikes));
        TRY(spikes_close_list(spikes));
    }
    return TUTTI_OK;
}

double *shard_state(const struct shard *shard, uint32_t population, size_t state)
{
    return shard->cells[population].states[state];
}
