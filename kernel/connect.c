/* Draws the synapses of all shards of a process. Each projection is drawn twice from
 * the same streams: to count, then to place; nothing is kept in between. Of rules by
 * target each thread draws those of its own cells; of rules by source each draws some
 * of the sources, for the cells of all shards.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/connect.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network.h"
#include "kernel/plasticity.h"
#include "kernel/precision.h"
#include "kernel/rules.h"
#include "kernel/shard.h"
#include "kernel/threads.h"

enum { BATCH = 256 };

/* One projection while a thread draws it. */
struct drawing {
    const struct connect *connect;
    const struct network_projection *projection;
    uint32_t index; /* of the projection */
    struct rules_room room;
    bool is_placing;
    size_t receptor_count, receptors[2]; /* with two: for weights below 0, for others */
    enum format_id formats[2];
    double quanta[2];
    bool counts_spikes; /* weights are 1, whatever they are */
    bool is_plastic;

    /* Synapses that go to the same store by the same quantum. */
    struct shard_store *store;
    size_t choice; /* of the two receptors */
    uint32_t count;
    uint32_t sources[BATCH];
    uint16_t sums[BATCH], delays[BATCH];
    double weights[BATCH];
};

static struct drawing prepare(const struct connect *connect, uint32_t index)
{
    const struct shard_plan *const plan = connect->shards[0].plan;
    const struct network_projection *const projection =
        &plan->network->projections[index];
    const struct model *const model =
        plan->network->populations[projection->to.group].model;
    struct drawing drawing = {
        .connect = connect, .projection = projection, .index = index};

    drawing.receptor_count =
        precision_receptors(plan->network, projection, drawing.receptors);
    for (size_t i = 0; i < drawing.receptor_count; i++) {
        const size_t receptor = drawing.receptors[i];

        drawing.formats[i] = precision_format(plan->precision, projection, receptor);
        drawing.quanta[i] =
            plan->precision->sums[projection->to.group][receptor].quantum;
    }
    drawing.counts_spikes = model->receptors[drawing.receptors[0]].counts_spikes;
    drawing.is_plastic = plasticity_takes(projection);
    return drawing;
}

/* The cells of a shard that a projection may reach, as locals. */
static uint32_t find_targets(const struct shard *shard,
                             const struct network_projection *projection, uint32_t *end)
{
    const struct deal *const deal = &shard->plan->deals[projection->to.group];

    *end = deal_first_local(deal, shard->number, projection->to.end);
    return deal_first_local(deal, shard->number, projection->to.begin);
}

/* --- make stores */

static enum tutti_status expect_tile(struct shard *shard, const struct drawing *drawing,
                                     size_t choice, uint32_t tile)
{
    const struct network *const network = shard->plan->network;
    const struct network_projection *const projection = drawing->projection;
    struct shard_store *store;

    TRY(shard_make_store(shard, drawing->formats[choice], tile, &store));
    if (store->format == FORMAT_SHARED) {
        double smallest, weight;

        rules_weight_bounds(projection, &smallest, &weight);
        TRY(rows_add_weight(&store->rows, drawing->counts_spikes ? 1.0 : weight,
                            &store->shared_places[drawing->index]));
    }
    return rows_expect(&store->rows, projection->from.group,
                       network_group_size(network, projection->from.group),
                       projection->delay_steps);
}

static enum tutti_status expect_projection(struct shard *shard,
                                           const struct drawing *drawing)
{
    const struct network_projection *const projection = drawing->projection;
    uint32_t end;
    const uint32_t begin = find_targets(shard, projection, &end);

    for (size_t i = 0; i < drawing->receptor_count && begin < end; i++) {
        const size_t receptor = drawing->receptors[i];
        const uint32_t tile = format_tile[format_get(drawing->formats[i])->sums];
        const uint32_t group = projection->to.group;
        const size_t first = shard_sum(shard, group, receptor, begin) / tile;
        const size_t last = shard_sum(shard, group, receptor, end - 1) / tile;

        for (size_t k = first; k <= last; k++)
            TRY(expect_tile(shard, drawing, i, (uint32_t)k));
    }
    return TUTTI_OK;
}

static enum tutti_status make_stores(const struct connect *connect, uint32_t number)
{
    const struct network *const network = connect->shards[number].plan->network;

    for (uint32_t i = 0; i < network->projection_count; i++) {
        const struct drawing drawing = prepare(connect, i);

        if (!drawing.is_plastic &&
            !network_is_current(network, drawing.projection->from.group))
            TRY(expect_projection(&connect->shards[number], &drawing));
    }
    return TUTTI_OK;
}

/* --- draw */

static enum tutti_status place(const struct drawing *drawing, struct shard_store *store,
                               size_t choice, const struct rows_batch *batch)
{
    struct rows_batch it = *batch;

    it.quantum = drawing->quanta[choice];
    if (store->format == FORMAT_SHARED)
        it.shared = store->shared_places[drawing->index];
    if (rows_place(&store->rows, drawing->projection->from.group, &it))
        return TUTTI_OK;
    return FAIL(TUTTI_BAD_CONFIG,
                "projection '%s': a weight is larger than precision: %s can hold; use "
                "another precision, or give its weights a bound",
                drawing->projection->name, format_get(store->format)->name);
}

static enum tutti_status flush(struct drawing *drawing)
{
    const struct rows_batch batch = {.count = drawing->count,
                                     .sources = drawing->sources,
                                     .sums = drawing->sums,
                                     .weights = drawing->weights,
                                     .delays = drawing->delays};

    drawing->count = 0;
    if (batch.count == 0)
        return TUTTI_OK;
    if (drawing->is_placing)
        return place(drawing, drawing->store, drawing->choice, &batch);
    rows_count(&drawing->store->rows, drawing->projection->from.group, batch.sources,
               batch.count);
    return TUTTI_OK;
}

/* `count` synapses of the room, from number `first` on, go to the plastic ones. */
static void add_plastic(const struct drawing *drawing, struct shard *shard,
                        struct plasticity_end end, const uint32_t *sources,
                        uint32_t first, uint32_t count)
{
    const struct plasticity_batch batch = {.count = count,
                                           .sources = sources,
                                           .weights = drawing->room.weights + first,
                                           .delays = drawing->room.delays + first};

    if (drawing->is_placing)
        plasticity_place(shard->plasticity, end, &batch);
    else
        plasticity_count(shard->plasticity, end, &batch);
}

/* Puts synapse number `i` of the room to others of its store. */
static enum tutti_status add(struct drawing *drawing, struct shard *shard,
                             uint32_t source, uint32_t local, uint32_t i)
{
    const struct network_projection *const projection = drawing->projection;
    const double weight = drawing->counts_spikes ? 1.0 : drawing->room.weights[i];
    const size_t choice =
        drawing->receptor_count > 1 && !(drawing->room.weights[i] < 0.0) ? 1 : 0;
    const enum format_id format = drawing->formats[choice];
    const size_t sum =
        shard_sum(shard, projection->to.group, drawing->receptors[choice], local);
    const uint32_t tile_size = format_tile[format_get(format)->sums];
    struct shard_store *const store =
        shard_find_store(shard, format, (uint32_t)(sum / tile_size));

    if (drawing->is_plastic) {
        const struct plasticity_end end = {drawing->index, choice, local};

        add_plastic(drawing, shard, end, &source, i, 1);
        return TUTTI_OK;
    }
    if (store != drawing->store || choice != drawing->choice || drawing->count == BATCH)
        TRY(flush(drawing));
    drawing->store = store;
    drawing->choice = choice;
    drawing->sources[drawing->count] = source;
    drawing->sums[drawing->count] = (uint16_t)(sum % tile_size);
    drawing->weights[drawing->count] = weight;
    drawing->delays[drawing->count] = drawing->room.delays[i];
    drawing->count++;
    return TUTTI_OK;
}

/* All synapses of one target end at one sum: no need to look at each. */
static enum tutti_status take_target(struct drawing *drawing, struct shard *shard,
                                     uint32_t local)
{
    const struct rules_room *const room = &drawing->room;
    const size_t sum =
        shard_sum(shard, drawing->projection->to.group, drawing->receptors[0], local);
    const uint32_t tile_size = format_tile[format_get(drawing->formats[0])->sums];
    struct shard_store *const store =
        shard_find_store(shard, drawing->formats[0], (uint32_t)(sum / tile_size));

    if (!drawing->is_placing) {
        rows_count(&store->rows, drawing->projection->from.group, room->partners,
                   room->count);
        return TUTTI_OK;
    }
    for (uint32_t i = 0; i < BATCH && i < room->count; i++)
        drawing->sums[i] = (uint16_t)(sum % tile_size);
    for (uint32_t i = 0; i < room->count; i += BATCH) {
        const uint32_t left = room->count - i;
        const struct rows_batch batch = {.count = left < BATCH ? left : BATCH,
                                         .sources = room->partners + i,
                                         .sums = drawing->sums,
                                         .weights = room->weights + i,
                                         .delays = room->delays + i};

        TRY(place(drawing, store, 0, &batch));
    }
    return TUTTI_OK;
}

static enum tutti_status draw_target(struct drawing *drawing, struct shard *shard,
                                     uint32_t local)
{
    const uint32_t target = deal_cell(
        &shard->plan->deals[drawing->projection->to.group], shard->number, local);
    struct rules_room *const room = &drawing->room;

    rules_draw_partners(room, target);
    if (drawing->is_placing || drawing->receptor_count > 1)
        rules_draw_synapses(room, target);
    if (drawing->receptor_count == 1 && drawing->is_plastic) {
        const struct plasticity_end end = {drawing->index, 0, local};

        add_plastic(drawing, shard, end, room->partners, 0, room->count);
        return TUTTI_OK;
    }
    if (drawing->receptor_count == 1 && !drawing->counts_spikes)
        return take_target(drawing, shard, local);
    for (uint32_t i = 0; i < room->count; i++)
        TRY(add(drawing, shard, room->partners[i], local, i));
    return TUTTI_OK;
}

static enum tutti_status draw_source(struct drawing *drawing, uint32_t source)
{
    const struct connect *const connect = drawing->connect;
    const struct deal *const deal =
        &connect->shards[0].plan->deals[drawing->projection->to.group];
    struct rules_room *const room = &drawing->room;

    rules_draw_partners(room, source);
    if (drawing->is_placing || drawing->receptor_count > 1)
        rules_draw_synapses(room, source);
    for (uint32_t i = 0; i < room->count; i++) {
        const uint32_t target = room->partners[i];
        uint32_t shard;

        if (target < deal->begin || target >= deal->end)
            continue;
        shard = deal_shard(deal, target) - connect->first;
        if (shard < connect->count)
            TRY(add(drawing, &connect->shards[shard], source, deal_local(deal, target),
                    i));
    }
    return TUTTI_OK;
}

static enum tutti_status draw_cells(struct drawing *drawing, uint32_t number)
{
    const struct network_projection *const projection = drawing->projection;
    struct shard *const shard = &drawing->connect->shards[number];
    uint32_t begin, end;

    if (projection->rule->is_by_source)
        for (uint32_t source = projection->from.begin + number;
             source < projection->from.end && source >= projection->from.begin;
             source += drawing->connect->count)
            TRY(draw_source(drawing, source));
    else
        for (begin = find_targets(shard, projection, &end); begin < end; begin++)
            TRY(draw_target(drawing, shard, begin));
    return flush(drawing);
}

static enum tutti_status draw_projection(const struct connect *connect, uint32_t number,
                                         uint32_t index, bool is_placing)
{
    const struct network *const network = connect->shards[number].plan->network;
    struct drawing drawing = prepare(connect, index);
    enum tutti_status status;

    drawing.is_placing = is_placing;
    status = rules_open(network, drawing.projection, &drawing.room);
    if (status == TUTTI_OK)
        status = draw_cells(&drawing, number);
    rules_close(&drawing.room);
    return status;
}

/* Of rules by source, several threads write to one shard: never while its own thread
 * does so for another projection. */
static enum tutti_status draw_all(const struct connect *connect, uint32_t number,
                                  bool is_placing)
{
    const struct network *const network = connect->shards[number].plan->network;
    enum tutti_status status = TUTTI_OK;
    bool is_by_source = false;

    for (uint32_t i = 0; i < network->projection_count; i++) {
        const struct network_projection *const projection = &network->projections[i];

        if (network_is_current(network, projection->from.group))
            continue;
        if ((is_by_source || projection->rule->is_by_source) &&
            !threads_meet(connect->threads, status))
            return status;
        is_by_source = projection->rule->is_by_source;
        if (status == TUTTI_OK)
            status = draw_projection(connect, number, i, is_placing);
    }
    return status;
}

static enum tutti_status make_room(struct shard *shard)
{
    for (size_t i = 0; i < shard->store_count; i++)
        TRY(rows_make_room(&shard->stores[i]->rows));
    return plasticity_make_room(shard->plasticity);
}

static enum tutti_status finish(struct shard *shard)
{
    for (size_t i = 0; i < shard->store_count; i++)
        TRY(rows_finish(&shard->stores[i]->rows));
    TRY(plasticity_finish(shard->plasticity));
    return shard_open_calendars(shard);
}

enum tutti_status connect_shard(const struct connect *connect, uint32_t number)
{
    struct shard *const shard = &connect->shards[number];
    enum tutti_status status = make_stores(connect, number);

    if (!threads_meet(connect->threads, status))
        return status;
    status = draw_all(connect, number, false);
    if (!threads_meet(connect->threads, status))
        return status;
    status = make_room(shard);
    if (!threads_meet(connect->threads, status))
        return status;
    status = draw_all(connect, number, true);
    if (!threads_meet(connect->threads, status))
        return status;
    return finish(shard);
}
