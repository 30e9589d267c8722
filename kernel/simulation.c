/* A part of a network, built and simulated step by step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/simulation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/calendar.h"
#include "kernel/connect.h"
#include "kernel/currents.h"
#include "kernel/generators.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/random.h"
#include "kernel/rows.h"

/* The cells of a population that live here. */
struct block {
    uint32_t first; /* global index of cell 0 */
    uint32_t size;
    double constants[MODEL_MAX_CONSTANTS];
    double *states[MODEL_MAX_STATES];
    double *sums[MODEL_MAX_RECEPTORS]; /* borrowed from the simulation's */
    uint16_t *spikes;                  /* of the last step */
    uint32_t *fired;                   /* global indices */
    size_t fired_count, fired_room;
    bool has_poisson;
    struct random_poisson poisson;
};

struct simulation {
    const struct network *network;
    const struct part *part;
    struct block *blocks; /* one for each population */
    double *sums;         /* what arrives in this step, of all cells and receptors */
    struct rows *rows;    /* one for each group */
    struct calendar calendar;
    struct generators *generators;
    struct currents *currents;
};

static enum tutti_status allocate_block(const struct network_population *population,
                                        struct block *block)
{
    bool is_complete = true;

    for (size_t i = 0; i < population->model->state_count; i++) {
        block->states[i] = tt_alloc_array(block->size, sizeof(double));
        is_complete = is_complete && block->states[i];
    }
    /* A multiple of four counts, which are looked through four at once. */
    block->spikes =
        tt_alloc_array(((size_t)block->size + 3) / 4 * 4, sizeof *block->spikes);
    if (!is_complete || !block->spikes)
        return FAIL(TUTTI_NO_MEMORY,
                    "no memory for %" PRIu32 " cells of population '%s'", block->size,
                    population->name);
    return TUTTI_OK;
}

static void start_states(const struct network *network,
                         const struct network_population *population,
                         struct block *block)
{
    for (size_t i = 0; i < population->model->state_count; i++) {
        const struct network_initial initial = population->initial[i];
        const struct random_stream stream = random_stream(
            network->seed, population->name, population->model->states[i].name);

        for (uint32_t cell = 0; cell < block->size; cell++) {
            uint32_t words[4];

            block->states[i][cell] = initial.mean;
            if (initial.std > 0.0) {
                random_words(stream, block->first + cell, 0, words);
                block->states[i][cell] += initial.std * random_normal(words);
            }
        }
    }
}

static enum tutti_status open_block(struct simulation *simulation, size_t index)
{
    const struct network *const network = simulation->network;
    const struct network_population *const population = &network->populations[index];
    const struct part_range *const range = &simulation->part->ranges[index];
    struct block *const block = &simulation->blocks[index];

    block->first = range->begin;
    block->size = range->end - range->begin;
    for (size_t i = 0; i < population->model->receptor_count; i++)
        block->sums[i] = simulation->sums + range->first_sum + i * block->size;
    if (!population->model->generator)
        population->model->prepare(population->parameters, (double)network->step * 1e-6,
                                   block->constants);
    block->has_poisson = population->poisson.rate > 0.0;
    random_poisson_prepare(population->poisson.rate * ((double)network->step * 1e-9),
                           random_stream(network->seed, population->name, "poisson"),
                           &block->poisson);
    TRY(allocate_block(population, block));
    start_states(network, population, block);
    return TUTTI_OK;
}

static enum tutti_status open_currents(struct simulation *simulation)
{
    const size_t count = simulation->network->population_count;
    struct currents_cells *const targets = tt_alloc_array(count, sizeof *targets);
    enum tutti_status status;

    if (!targets)
        return FAIL(TUTTI_NO_MEMORY, "no memory for network '%s'",
                    simulation->network->name);
    for (size_t i = 0; i < count; i++)
        targets[i] = (struct currents_cells){.first = simulation->blocks[i].first,
                                             .count = simulation->blocks[i].size};
    status = currents_open(simulation->network, simulation->generators, targets,
                           &simulation->currents);
    free(targets);
    return status;
}

static enum tutti_status build(struct simulation *simulation)
{
    const struct network *const network = simulation->network;

    simulation->blocks =
        tt_alloc_array(network->population_count, sizeof *simulation->blocks);
    simulation->rows =
        tt_alloc_array(network_group_count(network), sizeof *simulation->rows);
    simulation->sums = tt_alloc_array(simulation->part->sum_count, sizeof(double));
    if (!simulation->blocks || !simulation->rows || !simulation->sums)
        return FAIL(TUTTI_NO_MEMORY, "no memory for network '%s'", network->name);
    TRY(calendar_open(&simulation->calendar));
    for (size_t i = 0; i < network->population_count; i++)
        TRY(open_block(simulation, i));
    TRY(generators_open(network, &simulation->generators));
    TRY(open_currents(simulation));
    return connect_part(network, simulation->part, simulation->rows);
}

enum tutti_status simulation_open(const struct network *network,
                                  const struct part *part,
                                  struct simulation **simulation)
{
    enum tutti_status status;

    *simulation = tt_alloc(sizeof **simulation);
    if (!*simulation)
        return FAIL(TUTTI_NO_MEMORY, "no memory for network '%s'", network->name);
    (*simulation)->network = network;
    (*simulation)->part = part;
    status = build(*simulation);
    if (status != TUTTI_OK)
        simulation_close(simulation);
    return status;
}

void simulation_close(struct simulation **simulation)
{
    struct simulation *const it = *simulation;

    if (!it)
        return;
    for (size_t i = 0; it->blocks && i < it->network->population_count; i++) {
        for (size_t k = 0; k < MODEL_MAX_STATES; k++)
            free(it->blocks[i].states[k]);
        free(it->blocks[i].spikes);
        free(it->blocks[i].fired);
    }
    for (size_t i = 0; it->rows && i < network_group_count(it->network); i++)
        rows_free(&it->rows[i]);
    calendar_free(&it->calendar);
    currents_close(&it->currents);
    generators_close(&it->generators);
    free(it->blocks);
    free(it->rows);
    free(it->sums);
    free(it);
    *simulation = NULL;
}

int64_t simulation_step(const struct simulation *simulation)
{
    return simulation->calendar.done;
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
    return calendar_add(&simulation->calendar, &simulation->rows[group], cell, step);
}

/* Lists the cells that fired, each as often as it did. */
static enum tutti_status collect_fired(struct block *block)
{
    block->fired_count = 0;
    for (uint32_t i = 0; i < block->size; i += 4) {
        uint64_t four;

        memcpy(&four, block->spikes + i, sizeof four);
        if (four == 0)
            continue;
        for (uint32_t cell = i; cell < i + 4 && cell < block->size; cell++) {
            TRY(tt_grow(&block->fired, &block->fired_room,
                        block->fired_count + block->spikes[cell],
                        sizeof *block->fired));
            for (unsigned spike = 0; spike < block->spikes[cell]; spike++)
                block->fired[block->fired_count++] = block->first + cell;
        }
    }
    return TUTTI_OK;
}

static enum tutti_status update_cells(const struct network_population *population,
                                      struct block *block, const double *current,
                                      int64_t step, double step_ms)
{
    const char *trouble;

    if (block->has_poisson)
        random_poisson_add(&block->poisson, (uint64_t)step, population->poisson.weight,
                           block->first, block->size,
                           block->sums[network_receptor(population->model,
                                                        population->poisson.weight)]);
    trouble = population->model->update(
        &(struct model_block){.size = block->size,
                              .constants = block->constants,
                              .states = block->states,
                              .input = (const double *const *)block->sums,
                              .current = current,
                              .spikes = block->spikes});
    if (trouble)
        return FAIL(TUTTI_BAD_CONFIG, "population '%s' at %.9g ms: %s",
                    population->name, (double)step * step_ms, trouble);
    return TUTTI_OK;
}

static enum tutti_status update_block(struct simulation *simulation, size_t index)
{
    const struct network *const network = simulation->network;
    const struct network_population *const population = &network->populations[index];
    const int64_t step = simulation->calendar.done;
    struct block *const block = &simulation->blocks[index];

    if (network_is_current(network, (uint32_t)index))
        return TUTTI_OK;
    if (population->model->generator)
        generators_fire(simulation->generators, index, step, block->first, block->size,
                        block->spikes);
    else
        TRY(update_cells(population, block, currents_get(simulation->currents, index),
                         step, (double)network->step * 1e-6));
    return collect_fired(block);
}

enum tutti_status simulation_advance(struct simulation *simulation)
{
    const struct network *const network = simulation->network;

    TRY(calendar_deliver(&simulation->calendar, simulation->sums));
    currents_move(simulation->currents, simulation->calendar.done);
    for (size_t i = 0; i < network->population_count; i++)
        TRY(update_block(simulation, i));
    memset(simulation->sums, 0, simulation->part->sum_count * sizeof(double));
    for (size_t i = 0; i < network->population_count; i++) {
        const struct block *const block = &simulation->blocks[i];

        for (size_t k = 0; k < block->fired_count; k++)
            TRY(calendar_add(&simulation->calendar, &simulation->rows[i],
                             block->fired[k], simulation->calendar.done));
    }
    return TUTTI_OK;
}

size_t simulation_spikes(const struct simulation *simulation, size_t population,
                         const uint32_t **cells)
{
    *cells = simulation->blocks[population].fired;
    return simulation->blocks[population].fired_count;
}

const double *simulation_state(const struct simulation *simulation, size_t population,
                               size_t state)
{
    return simulation->blocks[population].states[state];
}
