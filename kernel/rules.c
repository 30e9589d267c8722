/* Rules that draw synapses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/rules.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network.h"
#include "kernel/vectors.h"

struct network_range rules_partners(const struct network_projection *projection)
{
    return projection->rule->is_by_source ? projection->to : projection->from;
}

static enum tutti_status make_room(struct rules_room *room)
{
    const size_t most = room->most;
    const size_t words = most < RULES_LEAST_WORDS ? RULES_LEAST_WORDS : most + 3;

    room->partners = tt_alloc_array(most, sizeof *room->partners);
    room->weights = tt_alloc_array(most, sizeof *room->weights);
    room->delays = tt_alloc_array(most, sizeof *room->delays);
    room->drawn_in = tt_alloc_array(
        network_range_size(rules_partners(room->projection)), sizeof *room->drawn_in);
    room->words = tt_alloc_array(words, sizeof *room->words);
    room->values = tt_alloc_array(words, sizeof *room->values);
    if (!room->partners || !room->weights || !room->delays || !room->drawn_in ||
        !room->words || !room->values)
        return FAIL(TUTTI_NO_MEMORY, "no memory to draw projection '%s'",
                    room->projection->name);
    return TUTTI_OK;
}

enum tutti_status rules_open(const struct network *network,
                             const struct network_projection *projection,
                             struct rules_room *room)
{
    const struct rule *const rule = projection->rule;

    /* Streams of partners are named after them. */
    *room = (struct rules_room){
        .projection = projection,
        .partner_stream = random_stream(network->seed, projection->name,
                                        rule->is_by_source ? "targets" : "sources"),
        .weight_stream = random_stream(network->seed, projection->name, "weights"),
        .delay_stream = random_stream(network->seed, projection->name, "delays")};

    if (rule->prepare)
        TRY(rule->prepare(network, room));
    room->most =
        rule->most ? rule->most(room) : (uint32_t)rule->mean_indegree(projection);
    TRY(make_room(room));
    /* Constants are here to stay. */
    for (uint32_t i = 0; i < room->most; i++) {
        room->weights[i] = network_round_weight(projection->weight.low);
        room->delays[i] = (uint16_t)projection->delay_low;
    }
    return TUTTI_OK;
}

void rules_close(struct rules_room *room)
{
    free(room->partners);
    free(room->weights);
    free(room->delays);
    free(room->drawn_in);
    free(room->words);
    free(room->values);
    free(room->outdegrees);
    *room = (struct rules_room){0};
}

void rules_draw_partners(struct rules_room *room, uint32_t anchor)
{
    room->projection->rule->draw(room, anchor);
}

/* The value of each synapse of the anchor, of a distribution that is not constant. */
static void draw_values(struct rules_room *room, uint32_t anchor,
                        const struct distribution *distribution,
                        struct random_stream stream, double *values)
{
    if (distribution->list) {
        for (uint32_t i = 0; i < room->count; i++)
            values[i] =
                distribution->list[room->projection->rule->list_place(room, anchor, i)];
        return;
    }
    random_fill(stream, anchor, 0, (room->count + (size_t)3) / 4, room->words);
    distribution_values(distribution, room->words, room->count, values);
}

VECTORS_CLONES
static void round_weights(size_t count, double *weights)
{
    for (size_t i = 0; i < count; i++)
        weights[i] = nearbyint(weights[i] * 0x1p32) * 0x1p-32;
}

void rules_draw_synapses(struct rules_room *room, uint32_t anchor)
{
    const struct network_projection *const projection = room->projection;

    if (!distribution_is_constant(&projection->weight)) {
        draw_values(room, anchor, &projection->weight, room->weight_stream,
                    room->weights);
        round_weights(room->count, room->weights);
    }
    if (!distribution_is_constant(&projection->delay)) {
        draw_values(room, anchor, &projection->delay, room->delay_stream, room->values);
        for (uint32_t i = 0; i < room->count; i++)
            room->delays[i] = (uint16_t)(room->values[i] + 0.5);
    }
}

bool rules_has_one_weight(const struct network_projection *projection)
{
    return distribution_is_constant(&projection->weight);
}

void rules_weight_bounds(const struct network_projection *projection, double *smallest,
                         double *largest)
{
    *smallest = network_round_weight(projection->weight.low);
    *largest = network_round_weight(projection->weight.high);
}

double rules_synapse_count(const struct network_projection *projection,
                           uint32_t targets)
{
    return (double)targets * projection->rule->mean_indegree(projection);
}
