/* The generators of a network while it runs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/generators.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/generator.h"
#include "kernel/network.h"
#include "kernel/random.h"

struct generator_numbers {
    struct random_stream stream;
    struct random_poisson poisson;
};

struct generators {
    const struct network *network;
    struct generator_run *runs; /* one for each population, zero for neurons */
};

static void draw_poisson(const struct generator_numbers *numbers, int64_t step,
                         uint32_t first, uint32_t size, uint16_t *spikes)
{
    const uint64_t end = (uint64_t)first + size;

    /* Four cells share a draw: those of a pack of global indices. */
    for (uint64_t pack = first / 4; pack * 4 < end; pack++) {
        uint32_t words[4];

        random_words(numbers->stream, (uint32_t)pack, (uint64_t)step, words);
        for (uint64_t cell = pack * 4; cell < pack * 4 + 4; cell++)
            if (cell >= first && cell < end)
                spikes[cell - first] =
                    (uint16_t)random_poisson_count(&numbers->poisson, words[cell % 4]);
    }
}

static double draw_normal(const struct generator_numbers *numbers, uint32_t cell,
                          uint64_t draw)
{
    uint32_t words[4];

    random_words(numbers->stream, cell, draw, words);
    return random_normal(words);
}

/* Milliseconds, checked when the file was read, in steps. */
static int64_t steps_of(const struct network_population *population, const char *name,
                        int64_t step)
{
    const double ms = network_parameter(population, name);

    return isinf(ms) ? INT64_MAX : llround(ms * 1e6) / step;
}

static enum tutti_status open_run(const struct network *network,
                                  const struct network_population *population,
                                  struct generator_run *run)
{
    const struct generator *const generator = population->model->generator;
    struct generator_numbers *const numbers = tt_alloc(sizeof *numbers);
    const int64_t stop = steps_of(population, "stop", network->step);

    run->numbers = numbers;
    if (!numbers)
        return FAIL(TUTTI_NO_MEMORY, "no memory for generator '%s'", population->name);
    run->parameters = population->parameters;
    run->step_ms = (double)network->step * 1e-6;
    run->origin = steps_of(population, "origin", network->step);
    run->begin = run->origin + steps_of(population, "start", network->step);
    run->end = stop < INT64_MAX - run->origin ? run->origin + stop : INT64_MAX;
    run->events = population->events;
    run->poisson = draw_poisson;
    run->normal = draw_normal;
    numbers->stream = random_stream(network->seed, population->name, "generator");
    if (generator->mean)
        random_poisson_prepare(generator->mean(population->parameters, run->step_ms),
                               numbers->stream, &numbers->poisson);
    return TUTTI_OK;
}

enum tutti_status generators_open(const struct network *network,
                                  struct generators **generators)
{
    enum tutti_status status = TUTTI_OK;

    *generators = tt_alloc(sizeof **generators);
    if (*generators)
        (*generators)->runs =
            tt_alloc_array(network->population_count, sizeof *(*generators)->runs);
    if (!*generators || !(*generators)->runs) {
        generators_close(generators);
        return FAIL(TUTTI_NO_MEMORY, "no memory for the generators of network '%s'",
                    network->name);
    }
    (*generators)->network = network;
    for (size_t i = 0; i < network->population_count && status == TUTTI_OK; i++)
        if (network->populations[i].model->generator)
            status =
                open_run(network, &network->populations[i], &(*generators)->runs[i]);
    if (status != TUTTI_OK)
        generators_close(generators);
    return status;
}

void generators_close(struct generators **generators)
{
    struct generators *const it = *generators;

    if (!it)
        return;
    for (size_t i = 0; it->runs && i < it->network->population_count; i++)
        free((void *)it->runs[i].numbers);
    free(it->runs);
    free(it);
    *generators = NULL;
}

void generators_fire(const struct generators *generators, size_t population,
                     int64_t step, uint32_t first, uint32_t size, uint16_t *spikes)
{
    const struct generator_run *const run = &generators->runs[population];
    const struct model *const model =
        generators->network->populations[population].model;

    if (step > run->begin && step <= run->end)
        model->generator->fire(run, step, first, size, spikes);
    else
        memset(spikes, 0, size * sizeof *spikes);
}

/* No current flows in the first step of all, whatever `start` says. */
static int64_t first_current(const struct generator_run *run)
{
    return run->begin > 1 ? run->begin : 1;
}

double generators_current(const struct generators *generators, size_t population,
                          int64_t step, uint32_t cell)
{
    const struct generator_run *const run = &generators->runs[population];
    const struct model *const model =
        generators->network->populations[population].model;

    if (step < first_current(run) || step >= run->end)
        return 0.0;
    return model->generator->current(run, step, cell);
}

bool generators_change(const struct generators *generators, size_t population,
                       int64_t step)
{
    const struct generator_run *const run = &generators->runs[population];
    const struct model *const model =
        generators->network->populations[population].model;

    if (step < first_current(run) || step > run->end)
        return false;
    return step == first_current(run) || step == run->end ||
           model->generator->changes(run, step);
}
