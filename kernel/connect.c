/* Draws the synapses of a part of a network. Each projection is drawn twice from the
 * same streams: to count, then to place; nothing is kept in between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/connect.h"

#include <stdbool.h>

#include "base/status.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/rows.h"
#include "kernel/rules.h"

/* One projection while it is drawn. */
struct drawing {
    const struct network_projection *projection;
    const struct model *model; /* of the targets */
    struct rules_room room;
    struct rows *rows;
    uint32_t begin, end;         /* targets in the part */
    uint32_t first_sum, to_next; /* of target `begin`; from receptor to receptor */
};

/* Partners of sources are cells of the whole network. */
static bool is_owned(const struct drawing *drawing, uint32_t target)
{
    return target >= drawing->begin && target < drawing->end;
}

static void count_synapses(struct drawing *drawing, uint32_t anchor)
{
    const struct rules_room *const room = &drawing->room;
    const bool is_by_source = drawing->projection->rule->is_by_source;

    rules_draw_partners(&drawing->room, anchor);
    for (uint32_t i = 0; i < room->count; i++)
        if (!is_by_source)
            rows_count(drawing->rows, room->partners[i]);
        else if (is_owned(drawing, room->partners[i]))
            rows_count(drawing->rows, anchor);
}

static void place_synapses(struct drawing *drawing, uint32_t anchor)
{
    const struct rules_room *const room = &drawing->room;
    const bool is_by_source = drawing->projection->rule->is_by_source;

    rules_draw_partners(&drawing->room, anchor);
    rules_draw_synapses(&drawing->room, anchor);
    for (uint32_t i = 0; i < room->count; i++) {
        const uint32_t source = is_by_source ? anchor : room->partners[i];
        const uint32_t target = is_by_source ? room->partners[i] : anchor;
        const size_t receptor = network_receptor(drawing->model, room->weights[i]);
        const bool counts = drawing->model->receptors[receptor].counts_spikes;

        if (is_owned(drawing, target))
            rows_place(drawing->rows, source,
                       drawing->first_sum + (uint32_t)receptor * drawing->to_next +
                           (target - drawing->begin),
                       counts ? 1.0 : room->weights[i], room->delays[i]);
    }
}

static struct drawing prepare(const struct network *network, const struct part *part,
                              const struct network_projection *projection,
                              struct rows *rows)
{
    const struct part_range *const range = &part->ranges[projection->to.group];
    struct drawing drawing = {.projection = projection,
                              .model = network->populations[projection->to.group].model,
                              .rows = &rows[projection->from.group],
                              .begin = range->begin,
                              .end = range->end,
                              .to_next = range->end - range->begin};

    if (drawing.begin < projection->to.begin)
        drawing.begin = projection->to.begin;
    if (drawing.end > projection->to.end)
        drawing.end = projection->to.end;
    drawing.first_sum = range->first_sum + (drawing.begin - range->begin);
    return drawing;
}

/* Draws one projection and does `take` for each anchor. */
static enum tutti_status draw(const struct network *network, struct drawing drawing,
                              void (*take)(struct drawing *drawing, uint32_t anchor))
{
    const struct network_projection *const projection = drawing.projection;
    const bool is_by_source = projection->rule->is_by_source;
    const uint32_t begin = is_by_source ? projection->from.begin : drawing.begin;
    const uint32_t end = is_by_source ? projection->from.end : drawing.end;
    enum tutti_status status;

    if (drawing.begin >= drawing.end)
        return TUTTI_OK;
    status = rules_open(network, projection, &drawing.room);
    for (uint32_t anchor = begin; anchor < end && status == TUTTI_OK; anchor++)
        take(&drawing, anchor);
    rules_close(&drawing.room);
    return status;
}

static enum tutti_status
draw_all(const struct network *network, const struct part *part, struct rows *rows,
         void (*take)(struct drawing *drawing, uint32_t anchor))
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
