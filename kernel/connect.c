/* Draws the synapses of a part of a network. Each projection is drawn twice from the
 * same streams: to count, then to place; nothing is kept in between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/connect.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/random.h"
#include "kernel/rows.h"
#include "kernel/rules.h"

/* One projection while it is drawn. */
struct drawing {
    const struct network_projection *projection;
    struct random_stream sources, delays;
    struct rules_room room;
    struct rows *rows;
    uint32_t begin, end; /* targets in the part */
    uint32_t first_sum;  /* of target `begin` */
};

static void count_synapses(struct drawing *drawing, uint32_t target)
{
    const struct rule *const rule = drawing->projection->rule;
    const uint32_t count =
        rule->draw(drawing->projection, drawing->sources, target, &drawing->room);

    for (uint32_t i = 0; i < count; i++)
        rows_count(drawing->rows, drawing->room.sources[i]);
}

static void place_synapses(struct drawing *drawing, uint32_t target)
{
    const struct network_projection *const projection = drawing->projection;
    struct random_sequence delays = random_sequence(drawing->delays, target);
    const uint32_t count =
        projection->rule->draw(projection, drawing->sources, target, &drawing->room);

    for (uint32_t i = 0; i < count; i++) {
        uint32_t delay = projection->delay_low;

        if (projection->delay_steps > 1)
            delay += random_below(&delays, projection->delay_steps);
        rows_place(drawing->rows, drawing->room.sources[i],
                   drawing->first_sum + (target - drawing->begin), projection->weight,
                   delay);
    }
}

static struct drawing prepare(const struct network *network, const struct part *part,
                              const struct network_projection *projection,
                              struct rows *rows)
{
    const struct part_range *const range = &part->ranges[projection->to.group];
    const size_t receptor = network_receptor(
        network->populations[projection->to.group].model, projection->weight);
    struct drawing drawing = {
        .projection = projection,
        .sources = random_stream(network->seed, projection->name, "sources"),
        .delays = random_stream(network->seed, projection->name, "delays"),
        .rows = &rows[projection->from.group],
        .begin = range->begin,
        .end = range->end};

    if (drawing.begin < projection->to.begin)
        drawing.begin = projection->to.begin;
    if (drawing.end > projection->to.end)
        drawing.end = projection->to.end;
    drawing.first_sum = range->first_sum +
                        (uint32_t)receptor * (range->end - range->begin) +
                        (drawing.begin - range->begin);
    return drawing;
}

/* Draws one projection and does `take` for each target. */
static enum tutti_status draw(struct drawing drawing,
                              void (*take)(struct drawing *drawing, uint32_t target))
{
    const struct network_projection *const projection = drawing.projection;
    const uint32_t sources = projection->from.end - projection->from.begin;
    enum tutti_status status = TUTTI_OK;

    if (drawing.begin >= drawing.end)
        return TUTTI_OK;
    drawing.room.sources =
        tt_alloc_array(projection->rule->most(projection), sizeof(uint32_t));
    drawing.room.drawn_for = tt_alloc_array(sources, sizeof(uint32_t));
    if (drawing.room.sources && drawing.room.drawn_for)
        for (uint32_t target = drawing.begin; target < drawing.end; target++)
            take(&drawing, target);
    else
        status = FAIL(TUTTI_NO_MEMORY, "no memory to draw projection '%s'",
                      projection->name);
    free(drawing.room.sources);
    free(drawing.room.drawn_for);
    return status;
}

static enum tutti_status
draw_all(const struct network *network, const struct part *part, struct rows *rows,
         void (*take)(struct drawing *drawing, uint32_t target))
{
    for (size_t i = 0; i < network->projection_count; i++)
        TRY(draw(prepare(network, part, &network->projections[i], rows), take));
    return TUTTI_OK;
}

enum tutti_status connect_part(const struct network *network, const struct part *part,
                               struct rows *rows)
{
    const size_t groups = network_group_count(network);

    for (size_t i = 0; i < groups; i++)
        TRY(rows_open(network_group_size(network, (uint32_t)i), &rows[i]));
    TRY(draw_all(network, part, rows, count_synapses));
    for (size_t i = 0; i < groups; i++)
        TRY(rows_make_room(&rows[i]));
    TRY(draw_all(network, part, rows, place_synapses));
    for (size_t i = 0; i < groups; i++)
        TRY(rows_sort(&rows[i]));
    return TUTTI_OK;
}
