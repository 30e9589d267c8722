/* The part of a network that one kernel simulates.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/part.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "config/slice.h"
#include "kernel/network.h"
#include "kernel/rows.h"
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
        part->ranges[i].first_sum = (uint32_t)part->sum_count;
        part->sum_count += population->model->receptor_count * owned(part, i);
    }
    if (part->sum_count > UINT32_MAX)
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

double part_memory(const struct part *part, const struct network *network)
{
    double bytes = (double)part->sum_count * sizeof(double);

    for (size_t i = 0; i < part->population_count; i++)
        bytes += (double)owned(part, i) *
                 (double)(network->populations[i].model->state_count * sizeof(double) +
                          sizeof(uint32_t) + 1);
    for (size_t i = 0; i < network_group_count(network); i++)
        bytes += (double)network_group_size(network, (uint32_t)i) * 3 * sizeof(size_t);
    for (size_t i = 0; i < network->projection_count; i++) {
        const struct network_projection *const projection = &network->projections[i];
        const double synapses =
            rules_synapse_count(projection, (uint32_t)target_count(part, projection));
        const double pieces = (double)(projection->from.end - projection->from.begin) *
                              projection->delay_steps;

        bytes += synapses * (double)ROWS_BYTES_PER_SYNAPSE;
        bytes += (pieces < synapses ? pieces : synapses) * sizeof(struct rows_piece);
    }
    return bytes;
}

enum tutti_status part_check_memory(const struct part *part,
                                    const struct network *network, double limit)
{
    const double bytes = part_memory(part, network);

    if (bytes <= limit)
        return TUTTI_OK;
    return FAIL(TUTTI_NO_MEMORY,
                "%s:1:1: the network needs about %.1f GB of memory, this machine has "
                "%.1f GB; make it smaller, or split it with owns over several machines",
                tt_document_path(network->document), bytes * 1e-9, limit * 1e-9);
}
