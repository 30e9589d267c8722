/* The weights of all plastic synapses of a network, as a table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/weights.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/exchange.h"
#include "kernel/network.h"
#include "kernel/plasticity.h"
#include "kernel/simulation.h"

struct line {
    struct simulation_synapse synapse;
    uint64_t order; /* among the lines of one rank */
};

/* The lines of one projection. */
struct lines {
    struct line *lines;
    size_t count, room;
    enum tutti_status status;
};

enum tutti_status weights_check(const struct network *network)
{
    for (size_t i = 0; i < network->projection_count; i++)
        if (plasticity_takes(&network->projections[i]))
            return TUTTI_OK;
    return FAIL(TUTTI_BAD_CONFIG,
                "--weights: network '%s' has no plastic projection; give one a synapse "
                "such as {model: stdp_synapse}",
                network->name);
}

static void take(void *argument, const struct simulation_synapse *synapse)
{
    struct lines *const lines = argument;

    if (lines->status == TUTTI_OK)
        lines->status = tt_grow(&lines->lines, &lines->room, lines->count + 1,
                                sizeof *lines->lines);
    if (lines->status != TUTTI_OK)
        return;
    lines->lines[lines->count] = (struct line){*synapse, lines->count};
    lines->count++;
}

/* Synapses of one source, target and delay are all of one rank. */
static int compare(const void *a, const void *b)
{
    const struct line *const one = a, *const other = b;

    if (one->synapse.source != other->synapse.source)
        return one->synapse.source < other->synapse.source ? -1 : 1;
    if (one->synapse.target != other->synapse.target)
        return one->synapse.target < other->synapse.target ? -1 : 1;
    if (one->synapse.delay != other->synapse.delay)
        return one->synapse.delay < other->synapse.delay ? -1 : 1;
    return (one->order > other->order) - (one->order < other->order);
}

/* The lines of all ranks become those of each. */
static enum tutti_status gather(struct exchange *exchange, struct lines *lines)
{
    const void *all;
    const size_t *sizes;
    size_t size = 0;

    TRY(exchange_bytes(exchange, lines->lines, lines->count * sizeof *lines->lines,
                       &all, &sizes));
    for (int i = 0; i < exchange_ranks(exchange); i++)
        size += sizes[i];
    TRY(tt_grow(&lines->lines, &lines->room, size / sizeof *lines->lines,
                sizeof *lines->lines));
    if (size)
        memcpy(lines->lines, all, size);
    lines->count = size / sizeof *lines->lines;
    return TUTTI_OK;
}

static void print(const struct network *network, const char *name,
                  const struct lines *lines, FILE *file)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct simulation_synapse *const it = &lines->lines[i].synapse;

        fprintf(file, "%s,%" PRIu32 ",%" PRIu32 ",%.10g,%.17g\n", name, it->source,
                it->target, it->delay * ((double)network->step * 1e-6), it->weight);
    }
}

static enum tutti_status write_projection(const struct network *network,
                                          struct simulation *simulation,
                                          struct exchange *exchange, uint32_t index,
                                          FILE *file)
{
    struct lines lines = {.status = TUTTI_OK};
    enum tutti_status status = simulation_visit(simulation, index, take, &lines);

    if (status == TUTTI_OK)
        status = lines.status;
    if (status == TUTTI_OK && exchange)
        status = gather(exchange, &lines);
    if (status == TUTTI_OK && file) {
        if (lines.count)
            qsort(lines.lines, lines.count, sizeof *lines.lines, compare);
        print(network, network->projections[index].name, &lines, file);
    }
    free(lines.lines);
    return status;
}

/* `file` is NULL on ranks that do not write. */
static enum tutti_status write_all(const struct network *network,
                                   struct simulation *simulation,
                                   struct exchange *exchange, FILE *file)
{
    if (file)
        fputs("projection,source,target,delay_ms,weight\n", file);
    for (uint32_t i = 0; i < network->projection_count; i++)
        if (plasticity_takes(&network->projections[i]))
            TRY(write_projection(network, simulation, exchange, i, file));
    return TUTTI_OK;
}

static enum tutti_status cannot_write(const char *path)
{
    return FAIL(TUTTI_SYSTEM, "cannot write weights to '%s': %s; give another file",
                path, strerror(errno));
}

enum tutti_status weights_write(const struct network *network,
                                struct simulation *simulation,
                                struct exchange *exchange, const char *path)
{
    const bool is_first = !exchange || exchange_rank(exchange) == 0;
    FILE *const file = is_first ? fopen(path, "w") : NULL;
    enum tutti_status status;
    bool is_written;

    if (is_first && !file)
        return cannot_write(path);
    status = write_all(network, simulation, exchange, file);
    if (!file)
        return status;
    is_written = !ferror(file);
    is_written = fclose(file) == 0 && is_written;
    return status == TUTTI_OK && !is_written ? cannot_write(path) : status;
}
