/* The currents that flow into cells. Most currents stay the same for many steps, so all
 * are summed anew only in steps in which one of them may change; their order is that of
 * the projections and their draws, whoever owns the cells.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/currents.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/generators.h"
#include "kernel/network.h"
#include "kernel/rules.h"

/* A source as it is seen after a delay: all synapses that share both see the same. */
struct line {
    uint32_t population, cell;
    uint32_t delay; /* steps */
    double current; /* of the last step, pA */
};

struct current_synapse {
    struct line line;
    size_t line_index;
    uint32_t population, target; /* index among the cells */
    double weight;
};

struct currents {
    const struct generators *generators;
    size_t population_count;
    double **sums; /* of each population */
    uint32_t *sizes;
    struct current_synapse *synapses; /* in the order in which they are drawn */
    size_t synapse_count, synapse_room;
    struct line *lines;
    size_t line_count;
    int64_t step; /* that the sums belong to; 0: none */
};

/* --- drawing -------------------------------------------------------------------- */

/* The place of a cell among the targets; UINT32_MAX when it is none of them. */
static uint32_t find_target(const struct currents_cells *targets, uint32_t cell)
{
    uint32_t low = 0, high = targets->count;

    if (!targets->cells)
        return cell >= targets->first && cell - targets->first < targets->count
                   ? cell - targets->first
                   : UINT32_MAX;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (targets->cells[middle] < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low < targets->count && targets->cells[low] == cell ? low : UINT32_MAX;
}

static enum tutti_status add_synapse(struct currents *currents,
                                     const struct current_synapse *synapse)
{
    TRY(tt_grow(&currents->synapses, &currents->synapse_room,
                currents->synapse_count + 1, sizeof *currents->synapses));
    currents->synapses[currents->synapse_count++] = *synapse;
    return TUTTI_OK;
}

/* Adds those synapses of an anchor that end at one of the targets. */
static enum tutti_status draw_anchor(struct currents *currents,
                                     const struct currents_cells *targets,
                                     uint32_t anchor, struct rules_room *room)
{
    const struct network_projection *const projection = room->projection;
    const bool is_by_source = projection->rule->is_by_source;

    if (!is_by_source && find_target(targets, anchor) == UINT32_MAX)
        return TUTTI_OK;
    rules_draw_partners(room, anchor);
    rules_draw_synapses(room, anchor);
    for (uint32_t i = 0; i < room->count; i++) {
        const uint32_t partner = room->partners[i];
        const uint32_t target = find_target(targets, is_by_source ? partner : anchor);
        const struct line line = {.population = projection->from.group,
                                  .cell = is_by_source ? anchor : partner,
                                  .delay = room->delays[i]};

        if (target != UINT32_MAX)
            TRY(add_synapse(
                currents, &(struct current_synapse){.line = line,
                                                    .population = projection->to.group,
                                                    .target = target,
                                                    .weight = room->weights[i]}));
    }
    return TUTTI_OK;
}

static enum tutti_status draw_projection(struct currents *currents,
                                         const struct network *network,
                                         const struct network_projection *projection,
                                         const struct currents_cells *targets)
{
    const struct network_range anchors =
        projection->rule->is_by_source ? projection->from : projection->to;
    struct rules_room room = {0};
    enum tutti_status status = rules_open(network, projection, &room);

    for (uint32_t anchor = anchors.begin; anchor < anchors.end && status == TUTTI_OK;
         anchor++)
        status = draw_anchor(currents, targets, anchor, &room);
    rules_close(&room);
    return status;
}

static int compare_lines(const struct line *one, const struct line *other)
{
    if (one->population != other->population)
        return one->population < other->population ? -1 : 1;
    if (one->cell != other->cell)
        return one->cell < other->cell ? -1 : 1;
    return (one->delay > other->delay) - (one->delay < other->delay);
}

static int compare_synapses(const void *a, const void *b)
{
    const struct current_synapse *const *one = a, *const *other = b;

    return compare_lines(&(*one)->line, &(*other)->line);
}

/* Finds the different lines, and that of each synapse. */
static enum tutti_status make_lines(struct currents *currents)
{
    const size_t count = currents->synapse_count;
    struct current_synapse **const sorted =
        tt_alloc_array(count, sizeof(struct current_synapse *));

    currents->lines = tt_alloc_array(count, sizeof *currents->lines);
    if (!sorted || !currents->lines) {
        free(sorted);
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu connections of currents",
                    count);
    }
    for (size_t i = 0; i < count; i++)
        sorted[i] = &currents->synapses[i];
    qsort(sorted, count, sizeof(struct current_synapse *), compare_synapses);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_synapses(&sorted[i - 1], &sorted[i]) != 0)
            currents->lines[currents->line_count++] = sorted[i]->line;
        sorted[i]->line_index = currents->line_count - 1;
    }
    free(sorted);
    return TUTTI_OK;
}

static enum tutti_status fill(struct currents *currents, const struct network *network,
                              const struct currents_cells *targets)
{
    currents->population_count = network->population_count;
    currents->sums = tt_alloc_array(network->population_count, sizeof *currents->sums);
    currents->sizes =
        tt_alloc_array(network->population_count, sizeof *currents->sizes);
    if (!currents->sums || !currents->sizes)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the currents of network '%s'",
                    network->name);
    for (size_t i = 0; i < network->population_count; i++) {
        currents->sizes[i] = targets[i].count;
        currents->sums[i] = tt_alloc_array(targets[i].count, sizeof(double));
        if (!currents->sums[i])
            return FAIL(TUTTI_NO_MEMORY, "no memory for the currents of '%s'",
                        network->populations[i].name);
    }
    for (size_t i = 0; i < network->projection_count; i++) {
        const struct network_projection *const projection = &network->projections[i];

        if (network_is_current(network, projection->from.group))
            TRY(draw_projection(currents, network, projection,
                                &targets[projection->to.group]));
    }
    return make_lines(currents);
}

enum tutti_status currents_open(const struct network *network,
                                const struct generators *generators,
                                const struct currents_cells *targets,
                                struct currents **currents)
{
    enum tutti_status status;

    *currents = tt_alloc(sizeof **currents);
    if (!*currents)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the currents of network '%s'",
                    network->name);
    (*currents)->generators = generators;
    status = fill(*currents, network, targets);
    if (status != TUTTI_OK)
        currents_close(currents);
    return status;
}

void currents_close(struct currents **currents)
{
    struct currents *const it = *currents;

    if (!it)
        return;
    for (size_t i = 0; it->sums && i < it->population_count; i++)
        free(it->sums[i]);
    free(it->sums);
    free(it->sizes);
    free(it->synapses);
    free(it->lines);
    free(it);
    *currents = NULL;
}

/* --- the run -------------------------------------------------------------------- */

/* Brings the lines up to date; returns whether one may have changed. */
static bool move_lines(struct currents *currents, int64_t step)
{
    const bool is_next = currents->step == step - 1 && step > 1;
    bool has_changed = false;

    for (size_t i = 0; i < currents->line_count; i++) {
        struct line *const line = &currents->lines[i];
        const int64_t then = step - 1 - line->delay;

        if (is_next && !generators_change(currents->generators, line->population, then))
            continue;
        line->current = generators_current(currents->generators, line->population, then,
                                           line->cell);
        has_changed = true;
    }
    return has_changed;
}

void currents_move(struct currents *currents, int64_t step)
{
    const bool has_changed = move_lines(currents, step);

    currents->step = step;
    if (!has_changed)
        return;
    for (size_t i = 0; i < currents->population_count; i++)
        memset(currents->sums[i], 0, currents->sizes[i] * sizeof(double));
    for (size_t i = 0; i < currents->synapse_count; i++) {
        const struct current_synapse *const synapse = &currents->synapses[i];

        currents->sums[synapse->population][synapse->target] +=
            synapse->weight * currents->lines[synapse->line_index].current;
    }
}

const double *currents_get(const struct currents *currents, size_t population)
{
    return currents->sums[population];
}
