/* All plastic synapses that end at the cells of one shard.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/plasticity.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/history.h"
#include "kernel/network.h"
#include "kernel/plastic.h"
#include "kernel/precision.h"
#include "kernel/synapse.h"

/* The synapses of a projection onto one receptor of some of the cells. */
struct store {
    const struct network_projection *projection;
    size_t first_sum; /* of target 0 */
    struct plastic plastic;
};

/* The cells of one population. */
struct targets {
    struct history history;
    bool is_seen;           /* by a synapse: there is a history */
    uint32_t longest_delay; /* of all synapses of the network that see them */
};

/* The stores of one projection: for each receptor one for each block of cells. */
struct stores {
    uint32_t first, count, block_count;
};

struct plasticity {
    const struct network *network;
    struct targets *targets;    /* of each population */
    struct stores *projections; /* of each projection; static ones have none */
    struct store *stores;
    uint32_t store_count;
    int64_t done; /* the step delivered last */
};

bool plasticity_takes(const struct network_projection *projection)
{
    return !projection->synapse.model->is_static;
}

/* --- open */

/* Cells are numbered by 16 bits in a store: how many stores a population needs. */
static uint32_t count_blocks(uint32_t size)
{
    return (size + PLASTIC_ROWS_CELLS - 1) / PLASTIC_ROWS_CELLS;
}

/* The targets of a projection get a history. */
static enum tutti_status see(struct plasticity *plasticity,
                             const struct network_projection *projection, uint32_t size)
{
    const struct network *const network = plasticity->network;
    const uint32_t longest = projection->delay_low + projection->delay_steps - 1;
    struct targets *const targets = &plasticity->targets[projection->to.group];

    if (longest > targets->longest_delay)
        targets->longest_delay = longest;
    if (targets->is_seen)
        return TUTTI_OK;
    targets->is_seen = true;
    return history_open(size, network->populations[projection->to.group].tau_minus,
                        (double)network->step * 1e-6, &targets->history);
}

static enum tutti_status open_store(struct plasticity *plasticity, struct store *store,
                                    uint32_t first_cell)
{
    const struct network_projection *const projection = store->projection;
    struct targets *const targets = &plasticity->targets[projection->to.group];

    store->plastic.synapse = projection->synapse.model;
    store->plastic.parameters = projection->synapse.parameters;
    store->plastic.first_cell = first_cell;
    if (projection->delay_steps == 1)
        store->plastic.only_delay = (uint16_t)projection->delay_low;
    if (projection->synapse.model->sees_targets)
        store->plastic.history = &targets->history;
    return plastic_open(network_range_size(projection->from),
                        (double)plasticity->network->step * 1e-6, &store->plastic);
}

static enum tutti_status open_projection(struct plasticity *plasticity,
                                         const struct plasticity_cells *cells,
                                         uint32_t index)
{
    const struct network *const network = plasticity->network;
    const struct network_projection *const projection = &network->projections[index];
    const uint32_t group = projection->to.group;
    struct store *store = &plasticity->stores[plasticity->projections[index].first];
    size_t receptors[2];
    const size_t receptor_count = precision_receptors(network, projection, receptors);
    const struct model_receptor *const receptor =
        &network->populations[group].model->receptors[receptors[0]];

    if (projection->synapse.model->sees_targets)
        TRY(see(plasticity, projection, cells[group].size));
    for (size_t choice = 0; choice < receptor_count; choice++)
        for (uint32_t i = 0; i < count_blocks(cells[group].size); i++, store++) {
            store->projection = projection;
            store->first_sum = cells[group].first_sums[receptors[choice]] +
                               (size_t)i * PLASTIC_ROWS_CELLS;
            store->plastic.counts_spikes = receptor->counts_spikes;
            TRY(open_store(plasticity, store, i * PLASTIC_ROWS_CELLS));
        }
    return TUTTI_OK;
}

static void count_stores(struct plasticity *plasticity,
                         const struct plasticity_cells *cells, uint32_t index)
{
    const struct network_projection *const projection =
        &plasticity->network->projections[index];
    size_t receptors[2];
    struct stores *const stores = &plasticity->projections[index];

    stores->first = plasticity->store_count;
    stores->block_count = count_blocks(cells[projection->to.group].size);
    stores->count =
        (uint32_t)precision_receptors(plasticity->network, projection, receptors) *
        stores->block_count;
    plasticity->store_count += stores->count;
}

static enum tutti_status open_all(struct plasticity *plasticity,
                                  const struct plasticity_cells *cells)
{
    const struct network *const network = plasticity->network;

    plasticity->targets =
        tt_alloc_array(network->population_count, sizeof *plasticity->targets);
    plasticity->projections =
        tt_alloc_array(network->projection_count, sizeof *plasticity->projections);
    if (!plasticity->targets || !plasticity->projections)
        return FAIL(TUTTI_NO_MEMORY, "no memory for plastic projections");
    for (uint32_t i = 0; i < network->projection_count; i++)
        if (plasticity_takes(&network->projections[i]))
            count_stores(plasticity, cells, i);
    plasticity->stores =
        tt_alloc_array(plasticity->store_count, sizeof *plasticity->stores);
    if (!plasticity->stores)
        return FAIL(TUTTI_NO_MEMORY, "no memory for plastic projections");
    for (uint32_t i = 0; i < network->projection_count; i++)
        if (plasticity_takes(&network->projections[i]))
            TRY(open_projection(plasticity, cells, i));
    return TUTTI_OK;
}

static bool is_any_plastic(const struct network *network)
{
    for (size_t i = 0; i < network->projection_count; i++)
        if (plasticity_takes(&network->projections[i]))
            return true;
    return false;
}

enum tutti_status plasticity_open(const struct network *network,
                                  const struct plasticity_cells *cells,
                                  struct plasticity **plasticity)
{
    enum tutti_status status;

    *plasticity = NULL;
    if (!is_any_plastic(network))
        return TUTTI_OK;
    *plasticity = tt_alloc(sizeof **plasticity);
    if (!*plasticity)
        return FAIL(TUTTI_NO_MEMORY, "no memory for plastic projections");
    (*plasticity)->network = network;
    status = open_all(*plasticity, cells);
    if (status != TUTTI_OK)
        plasticity_close(plasticity);
    return status;
}

void plasticity_close(struct plasticity **plasticity)
{
    struct plasticity *const it = *plasticity;

    if (!it)
        return;
    for (uint32_t i = 0; it->stores && i < it->store_count; i++)
        plastic_close(&it->stores[i].plastic);
    for (size_t i = 0; it->targets && i < it->network->population_count; i++)
        history_free(&it->targets[i].history);
    free(it->stores);
    free(it->projections);
    free(it->targets);
    free(it);
    *plasticity = NULL;
}

/* --- build */

/* The rows that an end belongs to. */
static struct plastic_rows *find_rows(struct plasticity *plasticity,
                                      struct plasticity_end end)
{
    const struct stores *const stores = &plasticity->projections[end.projection];
    const size_t block =
        end.choice * stores->block_count + end.local / PLASTIC_ROWS_CELLS;

    return &plasticity->stores[stores->first + block].plastic.rows;
}

void plasticity_count(struct plasticity *plasticity, struct plasticity_end end,
                      const struct plasticity_batch *batch)
{
    const uint32_t begin = plasticity->network->projections[end.projection].from.begin;
    struct plastic_rows *const rows = find_rows(plasticity, end);

    for (uint32_t i = 0; i < batch->count; i++)
        plastic_rows_count(rows, batch->sources[i] - begin);
}

void plasticity_place(struct plasticity *plasticity, struct plasticity_end end,
                      const struct plasticity_batch *batch)
{
    const uint32_t begin = plasticity->network->projections[end.projection].from.begin;
    const uint16_t target = (uint16_t)(end.local % PLASTIC_ROWS_CELLS);
    struct plastic_rows *const rows = find_rows(plasticity, end);

    for (uint32_t i = 0; i < batch->count; i++)
        plastic_rows_place(rows, batch->sources[i] - begin, target, batch->weights[i],
                           batch->delays[i]);
}

enum tutti_status plasticity_make_room(struct plasticity *plasticity)
{
    if (!plasticity)
        return TUTTI_OK;
    for (uint32_t i = 0; i < plasticity->store_count; i++)
        TRY(plastic_rows_make_room(&plasticity->stores[i].plastic.rows));
    return TUTTI_OK;
}

enum tutti_status plasticity_finish(struct plasticity *plasticity)
{
    if (!plasticity)
        return TUTTI_OK;
    for (uint32_t i = 0; i < plasticity->store_count; i++) {
        struct store *const store = &plasticity->stores[i];

        TRY(plastic_rows_finish(&store->plastic.rows));
        TRY(plastic_start(&store->plastic));
    }
    return TUTTI_OK;
}

/* --- run */

enum tutti_status plasticity_receive(struct plasticity *plasticity, uint32_t group,
                                     uint32_t cell, int64_t step)
{
    if (!plasticity)
        return TUTTI_OK;
    for (uint32_t i = 0; i < plasticity->store_count; i++) {
        struct store *const store = &plasticity->stores[i];
        const struct network_range from = store->projection->from;

        if (from.group == group && cell >= from.begin && cell < from.end)
            TRY(plastic_receive(&store->plastic, cell - from.begin, step));
    }
    return TUTTI_OK;
}

enum tutti_status plasticity_fired(struct plasticity *plasticity, uint32_t population,
                                   uint32_t local, int64_t step)
{
    struct targets *const targets = &plasticity->targets[population];

    return targets->is_seen ? history_add(&targets->history, local, step) : TUTTI_OK;
}

/* Shows all synapses of a population the spikes that are old enough, so that these can
 * be forgotten. */
static enum tutti_status settle(struct plasticity *plasticity, size_t population)
{
    struct targets *const targets = &plasticity->targets[population];
    const int64_t step = plasticity->done - 2 * (int64_t)targets->longest_delay;

    if (step <= targets->history.settled)
        return TUTTI_OK;
    for (uint32_t i = 0; i < plasticity->store_count; i++)
        if (plasticity->stores[i].projection->to.group == population)
            plastic_catch_up(&plasticity->stores[i].plastic, step);
    return history_settle(&targets->history, step);
}

enum tutti_status plasticity_deliver(struct plasticity *plasticity, double *sums)
{
    if (!plasticity)
        return TUTTI_OK;
    for (size_t i = 0; i < plasticity->network->population_count; i++)
        if (plasticity->targets[i].is_seen &&
            history_is_full(&plasticity->targets[i].history, plasticity->done))
            TRY(settle(plasticity, i));
    for (uint32_t i = 0; i < plasticity->store_count; i++) {
        struct store *const store = &plasticity->stores[i];

        TRY(plastic_deliver(&store->plastic, sums + store->first_sum));
    }
    plasticity->done++;
    return TUTTI_OK;
}

/* --- look */

static void visit_source(const struct store *store, uint32_t source,
                         void (*take)(void *argument,
                                      const struct plasticity_synapse *synapse),
                         void *argument)
{
    const struct plastic_rows *const rows = &store->plastic.rows;

    for (uint32_t i = rows->first_piece[source]; i < rows->first_piece[source + 1]; i++)
        for (size_t k = 0; k < rows->pieces[i].count; k++) {
            const size_t at = rows->pieces[i].first + k;

            take(argument, &(struct plasticity_synapse){
                               .source = store->projection->from.begin + source,
                               .local = store->plastic.first_cell + rows->targets[at],
                               .delay = rows->pieces[i].delay,
                               .weight = rows->weights[at]});
        }
}

enum tutti_status plasticity_visit(struct plasticity *plasticity, uint32_t projection,
                                   void (*take)(void *argument,
                                                const struct plasticity_synapse *it),
                                   void *argument)
{
    const struct stores *stores;

    if (!plasticity)
        return TUTTI_OK;
    for (size_t i = 0; i < plasticity->network->population_count; i++)
        if (plasticity->targets[i].is_seen)
            TRY(settle(plasticity, i));
    stores = &plasticity->projections[projection];
    for (uint32_t i = stores->first; i < stores->first + stores->count; i++)
        for (uint32_t source = 0;
             source < plasticity->stores[i].plastic.rows.source_count; source++)
            visit_source(&plasticity->stores[i], source, take, argument);
    return TUTTI_OK;
}

size_t plasticity_memory(const struct plasticity *plasticity, uint64_t *synapses)
{
    size_t memory = 0;

    *synapses = 0;
    if (!plasticity)
        return 0;
    for (uint32_t i = 0; i < plasticity->store_count; i++) {
        const struct plastic *const plastic = &plasticity->stores[i].plastic;
        const struct plastic_rows *const rows = &plastic->rows;

        *synapses += rows->synapse_count;
        memory += plastic_rows_memory(rows) + rows->first_piece[rows->source_count] *
                                                  plastic->synapse->state_count *
                                                  sizeof *plastic->states;
    }
    for (size_t i = 0; i < plasticity->network->population_count; i++)
        memory +=
            plasticity->targets[i].history.size * (sizeof(int32_t) + sizeof(double));
    return memory;
}

/* --- save and restore */

uint32_t plasticity_longest_delay(const struct plasticity *plasticity,
                                  uint32_t population)
{
    return plasticity ? plasticity->targets[population].longest_delay : 0;
}

void plasticity_set_longest_delay(struct plasticity *plasticity, uint32_t population,
                                  uint32_t delay)
{
    if (plasticity)
        plasticity->targets[population].longest_delay = delay;
}

enum tutti_status plasticity_settle(struct plasticity *plasticity)
{
    if (!plasticity)
        return TUTTI_OK;
    for (size_t i = 0; i < plasticity->network->population_count; i++)
        if (plasticity->targets[i].is_seen)
            TRY(settle(plasticity, i));
    return TUTTI_OK;
}

struct history *plasticity_history(struct plasticity *plasticity, uint32_t population)
{
    if (!plasticity || !plasticity->targets[population].is_seen)
        return NULL;
    return &plasticity->targets[population].history;
}

static struct plasticity_piece describe_piece(const struct store *store,
                                              uint32_t choice, uint32_t source,
                                              uint32_t index)
{
    const struct plastic *const plastic = &store->plastic;
    struct plastic_piece *const piece = &plastic->rows.pieces[index];
    const size_t state_count = plastic->synapse->state_count;

    return (struct plasticity_piece){.choice = choice,
                                     .source = store->projection->from.begin + source,
                                     .delay = piece->delay,
                                     .count = piece->count,
                                     .first_local = plastic->first_cell,
                                     .targets = plastic->rows.targets + piece->first,
                                     .weights = plastic->rows.weights + piece->first,
                                     .last = &piece->last,
                                     .states = plastic->states + index * state_count,
                                     .state_count = state_count};
}

static enum tutti_status visit_store(
    const struct store *store, uint32_t choice,
    enum tutti_status (*take)(void *argument, const struct plasticity_piece *piece),
    void *argument)
{
    const struct plastic_rows *const rows = &store->plastic.rows;

    for (uint32_t source = 0; source < rows->source_count; source++)
        for (uint32_t i = rows->first_piece[source]; i < rows->first_piece[source + 1];
             i++) {
            const struct plasticity_piece piece =
                describe_piece(store, choice, source, i);

            TRY(take(argument, &piece));
        }
    return TUTTI_OK;
}

enum tutti_status plasticity_visit_pieces(
    struct plasticity *plasticity, uint32_t projection,
    enum tutti_status (*take)(void *argument, const struct plasticity_piece *piece),
    void *argument)
{
    const struct stores *stores;

    if (!plasticity)
        return TUTTI_OK;
    stores = &plasticity->projections[projection];
    for (uint32_t i = 0; i < stores->count; i++)
        TRY(visit_store(&plasticity->stores[stores->first + i], i / stores->block_count,
                        take, argument));
    return TUTTI_OK;
}

bool plasticity_find_piece(struct plasticity *plasticity, uint32_t projection,
                           const struct plasticity_piece *key,
                           struct plasticity_piece *piece)
{
    const struct stores *const stores = &plasticity->projections[projection];
    const uint32_t number =
        key->choice * stores->block_count + key->first_local / PLASTIC_ROWS_CELLS;
    const struct store *store;
    const struct plastic_rows *rows;
    uint32_t source;

    if (number >= stores->count)
        return false;
    store = &plasticity->stores[stores->first + number];
    rows = &store->plastic.rows;
    source = key->source - store->projection->from.begin;
    for (uint32_t i = rows->first_piece[source]; i < rows->first_piece[source + 1]; i++)
        if (rows->pieces[i].delay == key->delay) {
            *piece = describe_piece(store, key->choice, source, i);
            return true;
        }
    return false;
}

void plasticity_set_done(struct plasticity *plasticity, int64_t done)
{
    if (!plasticity)
        return;
    plasticity->done = done;
    for (uint32_t i = 0; i < plasticity->store_count; i++)
        plasticity->stores[i].plastic.agenda.done = done;
}

enum tutti_status plasticity_resume(struct plasticity *plasticity, uint32_t group,
                                    uint32_t cell, int64_t step)
{
    if (!plasticity)
        return TUTTI_OK;
    for (uint32_t i = 0; i < plasticity->store_count; i++) {
        struct store *const store = &plasticity->stores[i];
        const struct network_range from = store->projection->from;

        if (from.group == group && cell >= from.begin && cell < from.end)
            TRY(plastic_resume(&store->plastic, cell - from.begin, step));
    }
    return TUTTI_OK;
}
