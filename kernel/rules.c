/* Rules that draw synapses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/rules.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network.h"

static uint32_t source_count(const struct network_projection *projection)
{
    return projection->from.end - projection->from.begin;
}

/* Whether this source is the target itself, and may not be. */
static bool is_barred(const struct network_projection *projection, uint32_t target,
                      uint32_t source)
{
    return !projection->allow_autapses && source == target &&
           projection->from.group == projection->to.group;
}

static const char *check_nothing(const struct network_projection *projection)
{
    (void)projection;
    return NULL;
}

static const char *check_indegree(const struct network_projection *projection)
{
    const uint32_t sources = source_count(projection);
    const bool bars_one =
        !projection->allow_autapses && projection->from.group == projection->to.group;

    if (bars_one && sources == 1)
        return "the only source is barred by allow_autapses: false";
    if (!projection->allow_multapses && projection->indegree > sources - bars_one)
        return "indegree is larger than the number of sources, which "
               "allow_multapses: false does not permit";
    return NULL;
}

static uint32_t most_indegree(const struct network_projection *projection)
{
    return projection->indegree;
}

static void draw_indegree(struct rules_room *room, uint32_t target)
{
    const struct network_projection *const projection = room->projection;
    struct random_sequence sequence = random_sequence(room->partner_stream, target);
    const uint32_t sources = source_count(projection);

    room->count = 0;
    while (room->count < projection->indegree) {
        const uint32_t drawn = random_below(&sequence, sources);
        const uint32_t source = projection->from.begin + drawn;

        if (is_barred(projection, target, source))
            continue;
        if (!projection->allow_multapses) {
            if (room->drawn_for[drawn] == target + 1)
                continue;
            room->drawn_for[drawn] = target + 1;
        }
        room->partners[room->count++] = source;
    }
}

static uint32_t most_all(const struct network_projection *projection)
{
    return source_count(projection);
}

static void draw_all(struct rules_room *room, uint32_t target)
{
    const struct network_projection *const projection = room->projection;

    room->count = 0;
    for (uint32_t source = projection->from.begin; source < projection->from.end;
         source++)
        if (!is_barred(projection, target, source))
            room->partners[room->count++] = source;
}

static const char *check_lengths(const struct network_projection *projection)
{
    if (source_count(projection) != projection->to.end - projection->to.begin)
        return "one_to_one needs as many sources as targets";
    return NULL;
}

static uint32_t most_one(const struct network_projection *projection)
{
    (void)projection;
    return 1;
}

static void draw_one(struct rules_room *room, uint32_t target)
{
    const struct network_projection *const projection = room->projection;
    const uint32_t source = projection->from.begin + (target - projection->to.begin);

    room->partners[0] = source;
    room->count = !is_barred(projection, target, source);
}

static const struct rule table[] = {
    {.name = "fixed_indegree",
     .help = "Each target draws `indegree` sources.",
     .needs_indegree = true,
     .check = check_indegree,
     .most = most_indegree,
     .draw = draw_indegree},
    {.name = "all_to_all",
     .help = "Each target has every source.",
     .check = check_nothing,
     .most = most_all,
     .draw = draw_all},
    {.name = "one_to_one",
     .help = "Source and target of the same place in the two ranges.",
     .check = check_lengths,
     .most = most_one,
     .draw = draw_one},
};

const struct rule *rules_get(size_t index)
{
    return index < sizeof table / sizeof *table ? &table[index] : NULL;
}

enum tutti_status rules_open(const struct network *network,
                             const struct network_projection *projection,
                             struct rules_room *room)
{
    const uint32_t most = projection->rule->most(projection);

    *room = (struct rules_room){
        .projection = projection,
        .partner_stream = random_stream(network->seed, projection->name, "sources"),
        .weight_stream = random_stream(network->seed, projection->name, "weights"),
        .delay_stream = random_stream(network->seed, projection->name, "delays")};
    room->partners = tt_alloc_array(most, sizeof *room->partners);
    room->weights = tt_alloc_array(most, sizeof *room->weights);
    room->delays = tt_alloc_array(most, sizeof *room->delays);
    room->drawn_for = tt_alloc_array(source_count(projection), sizeof *room->drawn_for);
    if (!room->partners || !room->weights || !room->delays || !room->drawn_for)
        return FAIL(TUTTI_NO_MEMORY, "no memory to draw projection '%s'",
                    projection->name);
    for (uint32_t i = 0; i < most; i++) {
        room->weights[i] = projection->weight;
        room->delays[i] = (uint16_t)projection->delay_low;
    }
    return TUTTI_OK;
}

void rules_close(struct rules_room *room)
{
    free(room->partners);
    free(room->weights);
    free(room->delays);
    free(room->drawn_for);
    *room = (struct rules_room){0};
}

void rules_draw_partners(struct rules_room *room, uint32_t anchor)
{
    room->projection->rule->draw(room, anchor);
}

void rules_draw_synapses(struct rules_room *room, uint32_t anchor)
{
    const struct network_projection *const projection = room->projection;
    struct random_sequence delays = random_sequence(room->delay_stream, anchor);

    if (projection->delay_steps > 1)
        for (uint32_t i = 0; i < room->count; i++)
            room->delays[i] =
                (uint16_t)(projection->delay_low +
                           random_below(&delays, projection->delay_steps));
}

bool rules_has_one_weight(const struct network_projection *projection)
{
    (void)projection;
    return true;
}

void rules_weight_bounds(const struct network_projection *projection, double *smallest,
                         double *largest)
{
    *smallest = projection->weight;
    *largest = projection->weight;
}

double rules_synapse_count(const struct network_projection *projection,
                           uint32_t targets)
{
    return (double)targets * projection->rule->most(projection);
}
