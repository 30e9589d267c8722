/* The part of a network that one kernel simulates.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/part.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "config/slice.h"
#include "kernel/format.h"
#include "kernel/network.h"
#include "kernel/rules.h"

static uint32_t owned(const struct part *part, size_t population)
{
    return part->ranges[population].end - part->ranges[population].begin;
}

static enum tutti_status read_owns(const struct network *network, const char *text,
                                   struct part *part)
{
    const char *const equals = strchr(text, '=');
    struct tt_slice slice;
    size_t population = 0;
    uint32_t size;

    if (!equals)
        return FAIL(TUTTI_BAD_CONFIG,
                    "owns '%s' is not of the form POPULATION=BEGIN:END", text);
    while (population < network->population_count &&
           (strncmp(network->populations[population].name, text,
                    (size_t)(equals - text)) != 0 ||
            network->populations[population].name[equals - text] != '\0'))
        population++;
    if (population == network->population_count)
        return FAIL(TUTTI_BAD_CONFIG, "owns '%s': the network has no population '%.*s'",
                    text, (int)(equals - text), text);
    if (tt_slice_parse(equals + 1, &slice) != TUTTI_OK)
        return FAIL(TUTTI_BAD_CONFIG, "owns '%s': %s", text, tutti_last_error());
    size = network->populations[population].size;
    if (slice.end == TT_OPEN_END)
        slice.end = size;
    if (slice.end > size || slice.begin >= slice.end)
        return FAIL(TUTTI_BAD_CONFIG,
                    "owns '%s' lies beyond the %" PRIu32 " cells of '%s'", text, size,
                    network->populations[population].name);
    if (owned(part, population))
        return FAIL(TUTTI_BAD_CONFIG, "owns '%s': a range of '%s' is given already",
                    text, network->populations[population].name);
    part->ranges[population] =
        (struct part_range){.begin = slice.begin, .end = slice.end};
    return TUTTI_OK;
}

enum tutti_status part_open(const struct network *network, const char *const *owns,
                            size_t count, struct part *part)
{
    uint64_t sums = 0;

    *part = (struct part){.population_count = network->population_count};
    part->ranges = tt_alloc_array(part->population_count, sizeof *part->ranges);
    if (!part->ranges)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the ranges of %zu populations",
                    part->population_count);
    for (size_t i = 0; i < count; i++)
        TRY(read_owns(network, owns[i], part));
    for (size_t i = 0; i < part->population_count; i++) {
        const struct network_population *const population = &network->populations[i];

        if (count == 0)
            part->ranges[i].end = population->size;
        sums += (uint64_t)population->model->receptor_count * owned(part, i);
    }
    if (sums > UINT32_MAX)
        return FAIL(TUTTI_BAD_CONFIG,
                    "%s:1:1: the populations have too many cells for one kernel; split "
                    "the network with owns",
                    tt_document_path(network->document));
    return TUTTI_OK;
}

void part_free(struct part *part)
{
    free(part->ranges);
    *part = (struct part){0};
}

bool part_is_whole(const struct part *part, const struct network *network,
                   size_t population)
{
    return owned(part, population) == network->populations[population].size;
}

/* Targets of a projection that are in the part. */
static double target_count(const struct part *part,
                           const struct network_projection *projection)
{
    const struct part_range *const range = &part->ranges[projection->to.group];
    const uint32_t begin =
        range->begin > projection->to.begin ? range->begin : projection->to.begin;
    const uint32_t end =
        range->end < projection->to.end ? range->end : projection->to.end;

    return begin < end ? (double)end - begin : 0.0;
}

/* What the synapses of each format take; returns the sum. */
static double estimate_synapses(const struct part *part, const struct network *network,
                                double bytes[FORMAT_COUNT])
{
    double sum = 0.0;

    for (size_t i = 0; i < FORMAT_COUNT; i++)
        bytes[i] = 0.0;
    for (size_t i = 0; i < network->projection_count; i++) {
        const struct network_projection *const projection = &network->projections[i];
        const double synapses =
            rules_synapse_count(projection, (uint32_t)target_count(part, projection));
        const double pieces = (double)(projection->from.end - projection->from.begin) *
                              projection->delay_steps;
        const double own =
            format_estimate(format_get(projection->precision), synapses, pieces);

        bytes[projection->precision] += own;
        sum += own;
    }
    return sum;
}

/* What cells and the beginnings of rows take. */
static double estimate_cells(const struct part *part, const struct network *network)
{
    double bytes = 0.0;

    for (size_t i = 0; i < part->population_count; i++) {
        const struct model *const model = network->populations[i].model;

        bytes +=
            (double)owned(part, i) *
            (double)((model->state_count + model->receptor_count) * sizeof(double) +
                     sizeof(uint32_t));
    }
    for (size_t i = 0; i < network_group_count(network); i++)
        bytes += (double)network_group_size(network, (uint32_t)i) * 3 * sizeof(size_t);
    return bytes;
}

enum tutti_status part_check_memory(const struct part *part,
                                    const struct network *network, double limit)
{
    const double cells = estimate_cells(part, network);
    double bytes[FORMAT_COUNT];
    const double synapses = estimate_synapses(part, network, bytes);
    struct tt_text list = {0};

    if (cells + synapses <= limit)
        return TUTTI_OK;
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (bytes[i] > 0.0)
            tt_text_add(&list, ", %s synapses %.1f GB",
                        format_get((enum format_id)i)->name, bytes[i] * 1e-9);
    tt_set_error("%s:1:1: the network needs about %.1f GB of memory (cells %.1f GB%s), "
                 "this machine has %.1f GB; make it smaller, choose another precision, "
                 "or split it with owns over several machines",
                 tt_document_path(network->document), (cells + synapses) * 1e-9,
                 cells * 1e-9, tt_text_get(&list), limit * 1e-9);
    tt_text_free(&list);
    return TUTTI_NO_MEMORY;
}
