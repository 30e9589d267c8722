/* Draws the synapses of a part of a network. Each projection is drawn twice from the
 * same streams: to count, then to place; nothing is kept in between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/connect.h"

#include "base/status.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/rows.h"
#include "kernel/rules.h"

/* One projection while it is drawn. */
struct drawing {
    const struct network_projection *projection;
    struct rules_room room;
    struct rows *rows;
    uint32_t begin, end; /* targets in the part */
    uint32_t first_sum;  /* of target `begin` */
};

static void count_synapses(struct drawing *drawing, uint32_t target)
{
    rules_draw_partners(&drawing->room, target);
    for (uint32_t i = 0; i < drawing->room.count; i++)
        rows_count(drawing->rows, drawing->room.partners[i]);
}

static void place_synapses(struct drawing *drawing, uint32_t target)
{
    const struct rules_room *const room = &drawing->room;

    rules_draw_partners(&drawing->room, target);
    rules_draw_synapses(&drawing->room, target);
    for (uint32_t i = 0; i < room->count; i++)
        rows_place(drawing->rows, room->partners[i],
                   drawing->first_sum + (target - drawing->begin), room->weights[i],
                   room->delays[i]);
}

static struct drawing prepare(const struct network *network, const struct part *part,
                              const struct network_projection *projection,
                              struct rows *rows)
{
    const struct part_range *const range = &part->ranges[projection->to.group];
    const size_t receptor = network_receptor(
        network->populations[projection->to.group].model, projection->weight);
    struct drawing drawing = {.projection = projection,
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
static enum tutti_status draw(const struct network *network, struct drawing drawing,
                              void (*take)(struct drawing *drawing, uint32_t target))
{
    enum tutti_status status;

    if (drawing.begin >= drawing.end)
        return TUTTI_OK;
    status = rules_open(network, drawing.projection, &drawing.room);
    for (uint32_t target = drawing.begin; target < drawing.end && status == TUTTI_OK;
         target++)
        take(&drawing, target);
    rules_close(&drawing.room);
    return status;
}

static enum tutti_status
draw_all(const struct network *network, const struct part *part, struct rows *rows,
         void (*take)(struct drawing *drawing, uint32_t target))
{
    for (size_t i = 0; i < network->projection_count; i++)
        if (!network_is_current(network, network->projections[i].from.group))
            TRY(draw(network, prepare(network, part, &network->projections[i], rows),
                     take));
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
