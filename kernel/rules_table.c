/* The rules, each with what it draws.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/rules.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network.h"

static double range_width(struct network_range range)
{
    return (double)network_range_size(range);
}

/* How many of the cells begin .. end - 1 of the sources are targets too, where a cell
 * may not reach itself. */
static uint32_t barred_count(const struct network_projection *projection,
                             uint32_t begin, uint32_t end)
{
    const struct network_range to = projection->to;
    const uint32_t first = begin > to.begin ? begin : to.begin;
    const uint32_t last = end < to.end ? end : to.end;

    if (projection->allow_autapses || projection->from.group != to.group)
        return 0;
    return first < last ? last - first : 0;
}

static bool bars_any(const struct network_projection *projection)
{
    return barred_count(projection, projection->from.begin, projection->from.end) > 0;
}

/* The same without the anchor itself where it is barred. */
struct pool {
    uint32_t begin;
    uint32_t size;
    uint32_t barred; /* its place in the range; behind all others where none is */
};

static struct pool pool_of(const struct network_projection *projection, uint32_t anchor)
{
    const struct network_range range = rules_partners(projection);
    const bool is_barred = !projection->allow_autapses &&
                           projection->from.group == projection->to.group &&
                           anchor >= range.begin && anchor < range.end;

    return (struct pool){.begin = range.begin,
                         .size = network_range_size(range) - is_barred,
                         .barred = is_barred ? anchor - range.begin : UINT32_MAX};
}

/* --- a fixed number of partners */

/* From now on all places are free. */
static void free_places(struct rules_room *room)
{
    if (++room->drawing > 0)
        return;
    memset(room->drawn_in, 0,
           network_range_size(rules_partners(room->projection)) *
               sizeof *room->drawn_in);
    room->drawing = 1;
}

/* False when the place is taken. */
static bool take_place(struct rules_room *room, uint32_t place)
{
    if (room->drawn_in[place] == room->drawing)
        return false;
    room->drawn_in[place] = room->drawing;
    return true;
}

/* Draws `count` places of the pool into `places`, each as likely as all others. */
static void draw_places(struct rules_room *room, uint32_t anchor, struct pool pool,
                        uint32_t count, uint32_t *places)
{
    const bool may_repeat = room->projection->allow_multapses;
    const struct random_choice choice = random_choice(pool.size);
    uint64_t next_draw = 0;
    uint32_t drawn = 0;

    while (drawn < count) {
        const uint32_t draws = (count - drawn + 3) / 4;

        random_fill(room->partner_stream, anchor, next_draw, draws, room->words);
        next_draw += draws;
        for (uint32_t i = 0; i < 4 * draws && drawn < count; i++) {
            uint32_t place;

            if (!random_index(choice, room->words[i], &place))
                continue;
            place += place >= pool.barred;
            if (may_repeat || take_place(room, place))
                places[drawn++] = place;
        }
    }
}

/* Where most of the pool is drawn and nothing twice: draws what is left out. */
static void draw_left_out(struct rules_room *room, uint32_t anchor, struct pool pool,
                          uint32_t count)
{
    const uint32_t range = pool.size + (pool.barred != UINT32_MAX);

    draw_places(room, anchor, pool, pool.size - count, room->partners);
    room->count = 0;
    for (uint32_t place = 0; place < range; place++)
        if (place != pool.barred && take_place(room, place))
            room->partners[room->count++] = pool.begin + place;
}

static void draw_number(struct rules_room *room, uint32_t anchor, uint32_t count)
{
    const struct pool pool = pool_of(room->projection, anchor);

    free_places(room);
    if (!room->projection->allow_multapses && count > pool.size / 2) {
        draw_left_out(room, anchor, pool, count);
        return;
    }
    draw_places(room, anchor, pool, count, room->partners);
    for (uint32_t i = 0; i < count; i++)
        room->partners[i] += pool.begin;
    room->count = count;
}

static const char *check_indegree(const struct network_projection *projection)
{
    const uint32_t sources =
        network_range_size(projection->from) - bars_any(projection);

    if (sources == 0)
        return "the only source is barred by allow_autapses: false";
    if (!projection->allow_multapses && projection->indegree > sources)
        return "indegree is larger than the number of sources, which "
               "allow_multapses: false does not permit";
    return NULL;
}

static double mean_indegree(const struct network_projection *projection)
{
    return projection->indegree;
}

static void draw_indegree(struct rules_room *room, uint32_t target)
{
    draw_number(room, target, room->projection->indegree);
}

static const char *check_outdegree(const struct network_projection *projection)
{
    const uint32_t targets = network_range_size(projection->to) - bars_any(projection);

    if (targets == 0)
        return "the only target is barred by allow_autapses: false";
    if (!projection->allow_multapses && projection->outdegree > targets)
        return "outdegree is larger than the number of targets, which "
               "allow_multapses: false does not permit";
    return NULL;
}

static double mean_outdegree(const struct network_projection *projection)
{
    return (double)projection->outdegree * range_width(projection->from) /
           range_width(projection->to);
}

static uint32_t most_outdegree(const struct rules_room *room)
{
    return room->projection->outdegree;
}

static void draw_outdegree(struct rules_room *room, uint32_t source)
{
    draw_number(room, source, room->projection->outdegree);
}

/* --- a fixed number of synapses */

/* Pairs that the sources begin .. end - 1 may make. */
static uint64_t pair_count(const struct network_projection *projection, uint32_t begin,
                           uint32_t end)
{
    return (uint64_t)(end - begin) * network_range_size(projection->to) -
           barred_count(projection, begin, end);
}

static const char *check_total(const struct network_projection *projection)
{
    if (!projection->allow_multapses)
        return "fixed_total_number draws each pair anew and cannot obey "
               "allow_multapses: false; use pairwise_bernoulli, or leave it out";
    if (pair_count(projection, projection->from.begin, projection->from.end) == 0)
        return "the only pair is barred by allow_autapses: false";
    return NULL;
}

static double mean_total(const struct network_projection *projection)
{
    return (double)projection->total / range_width(projection->to);
}

/* How many of `total` synapses each source gets: a multinomial number, made by halving
 * the sources again and again. A border between halves is one of no other halves, so
 * its index keys the draw. */
static void share_out(struct rules_room *room, struct random_stream stream,
                      struct network_range sources, uint32_t total)
{
    const uint32_t middle = sources.begin + network_range_size(sources) / 2;
    struct random_sequence sequence = random_sequence(stream, middle);
    uint32_t before;

    if (total == 0)
        return;
    if (network_range_size(sources) == 1) {
        room->outdegrees[sources.begin - room->projection->from.begin] = total;
        room->most = total > room->most ? total : room->most;
        return;
    }
    before = (uint32_t)random_binomial(
        &sequence, total, pair_count(room->projection, sources.begin, middle),
        pair_count(room->projection, middle, sources.end));
    share_out(room, stream, (struct network_range){0, sources.begin, middle}, before);
    share_out(room, stream, (struct network_range){0, middle, sources.end},
              total - before);
}

static enum tutti_status prepare_total(const struct network *network,
                                       struct rules_room *room)
{
    const struct network_projection *const projection = room->projection;

    room->outdegrees =
        tt_alloc_array(network_range_size(projection->from), sizeof *room->outdegrees);
    if (!room->outdegrees)
        return FAIL(TUTTI_NO_MEMORY, "no memory to draw projection '%s'",
                    projection->name);
    share_out(room, random_stream(network->seed, projection->name, "outdegrees"),
              projection->from, projection->total);
    return TUTTI_OK;
}

static uint32_t most_total(const struct rules_room *room)
{
    return room->most;
}

static void draw_total(struct rules_room *room, uint32_t source)
{
    draw_number(room, source, room->outdegrees[source - room->projection->from.begin]);
}

/* --- all pairs, some of them, those of the same place */

static const char *check_nothing(const struct network_projection *projection)
{
    (void)projection;
    return NULL;
}

static double mean_all(const struct network_projection *projection)
{
    return range_width(projection->from);
}

static void draw_all(struct rules_room *room, uint32_t target)
{
    const struct pool pool = pool_of(room->projection, target);

    for (uint32_t i = 0; i < pool.size; i++)
        room->partners[i] = pool.begin + i + (i >= pool.barred);
    room->count = pool.size;
}

static uint64_t size_of_all(const struct network_projection *projection)
{
    return (uint64_t)network_range_size(projection->from) *
           network_range_size(projection->to);
}

/* As a matrix with a line for each target; barred pairs have a value nobody reads. */
static uint64_t place_of_all(const struct rules_room *room, uint32_t target, uint32_t i)
{
    const struct network_projection *const projection = room->projection;

    return (uint64_t)(target - projection->to.begin) *
               network_range_size(projection->from) +
           (room->partners[i] - projection->from.begin);
}

static double mean_bernoulli(const struct network_projection *projection)
{
    return projection->probability * range_width(projection->from);
}

static enum tutti_status prepare_bernoulli(const struct network *network,
                                           struct rules_room *room)
{
    (void)network;
    room->gap_scale = distribution_gap_scale(room->projection->probability);
    return TUTTI_OK;
}

static uint32_t most_bernoulli(const struct rules_room *room)
{
    return network_range_size(room->projection->from);
}

/* The pairs that are left out before each that is connected are a geometric number. */
static void draw_bernoulli(struct rules_room *room, uint32_t target)
{
    const double p = room->projection->probability;
    const struct pool pool = pool_of(room->projection, target);
    uint64_t next_draw = 0;
    uint32_t place = 0;

    room->count = 0;
    while (place < pool.size) {
        /* Mostly enough to end; how many are drawn at once does not show. */
        const double expected = (double)(pool.size - place) * p;
        const double gaps = expected + 2.0 * sqrt(expected) + 2.0;
        const uint32_t draws = gaps < RULES_LEAST_WORDS / 2 ? ((uint32_t)gaps + 1) / 2
                                                            : RULES_LEAST_WORDS / 4;

        random_fill(room->partner_stream, target, next_draw, draws, room->words);
        next_draw += draws;
        distribution_gaps(room->gap_scale, room->words, (size_t)draws * 2,
                          room->values);
        for (uint32_t i = 0; i < draws * 2; i++) {
            if (!(room->values[i] < (double)(pool.size - place)))
                return;
            place += (uint32_t)room->values[i];
            room->partners[room->count++] = pool.begin + place + (place >= pool.barred);
            place++;
        }
    }
}

static const char *check_lengths(const struct network_projection *projection)
{
    if (network_range_size(projection->from) != network_range_size(projection->to))
        return "one_to_one needs as many sources as targets";
    return NULL;
}

static double mean_one(const struct network_projection *projection)
{
    (void)projection;
    return 1.0;
}

static void draw_one(struct rules_room *room, uint32_t target)
{
    const struct network_projection *const projection = room->projection;
    const uint32_t source = projection->from.begin + (target - projection->to.begin);

    room->partners[0] = source;
    room->count = pool_of(projection, target).barred != source - projection->from.begin;
}

static uint64_t size_of_one(const struct network_projection *projection)
{
    return network_range_size(projection->to);
}

static uint64_t place_of_one(const struct rules_room *room, uint32_t target, uint32_t i)
{
    (void)i;
    return target - room->projection->to.begin;
}

/* --- pairs of a list */

static const char *check_pairs(const struct network_projection *projection)
{
    if (projection->allow_autapses && projection->allow_multapses)
        return NULL;
    return "rule pairs makes just the pairs of its list; leave out allow_autapses and "
           "allow_multapses";
}

static double mean_pairs(const struct network_projection *projection)
{
    return (double)projection->pairs.count / range_width(projection->to);
}

static uint32_t most_pairs(const struct rules_room *room)
{
    const struct network_pairs *const pairs = &room->projection->pairs;
    uint32_t most = 0;

    for (uint32_t i = 0; i < network_range_size(room->projection->to); i++) {
        const uint32_t count = pairs->first[i + 1] - pairs->first[i];

        most = count > most ? count : most;
    }
    return most;
}

static uint32_t first_pair(const struct network_projection *projection, uint32_t target)
{
    return projection->pairs.first[target - projection->to.begin];
}

static void draw_pairs(struct rules_room *room, uint32_t target)
{
    const struct network_projection *const projection = room->projection;
    const uint32_t first = first_pair(projection, target);

    room->count = first_pair(projection, target + 1) - first;
    for (uint32_t i = 0; i < room->count; i++)
        room->partners[i] = projection->pairs.sources[first + i];
}

static uint64_t size_of_pairs(const struct network_projection *projection)
{
    return projection->pairs.count;
}

static uint64_t place_of_pairs(const struct rules_room *room, uint32_t target,
                               uint32_t i)
{
    return room->projection->pairs.places[first_pair(room->projection, target) + i];
}

/* --- the table */

static const struct rule table[] = {
    {.name = "fixed_indegree",
     .help = "Each target draws `indegree` sources.",
     .number = "indegree",
     .check = check_indegree,
     .mean_indegree = mean_indegree,
     .draw = draw_indegree},
    {.name = "fixed_outdegree",
     .help = "Each source draws `outdegree` targets.",
     .number = "outdegree",
     .is_by_source = true,
     .check = check_outdegree,
     .mean_indegree = mean_outdegree,
     .most = most_outdegree,
     .draw = draw_outdegree},
    {.name = "fixed_total_number",
     .help = "`N` pairs are drawn, each anew; as in NEST there is no way without "
             "multapses.",
     .number = "N",
     .is_by_source = true,
     .check = check_total,
     .mean_indegree = mean_total,
     .prepare = prepare_total,
     .most = most_total,
     .draw = draw_total},
    {.name = "pairwise_bernoulli",
     .help = "Each pair is connected with probability `p`, none twice.",
     .number = "p",
     .check = check_nothing,
     .mean_indegree = mean_bernoulli,
     .prepare = prepare_bernoulli,
     .most = most_bernoulli,
     .draw = draw_bernoulli},
    {.name = "all_to_all",
     .help = "Each target has every source.",
     .check = check_nothing,
     .mean_indegree = mean_all,
     .draw = draw_all,
     .list_size = size_of_all,
     .list_place = place_of_all},
    {.name = "one_to_one",
     .help = "Source and target of the same place in the two ranges.",
     .check = check_lengths,
     .mean_indegree = mean_one,
     .draw = draw_one,
     .list_size = size_of_one,
     .list_place = place_of_one},
    {.name = "pairs",
     .help =
         "The pairs that `pairs` lists, here or in a file beside this one. The first "
         "line of the file names its columns, `source target weight/pA delay/ms` in "
         "any order, the last two if they are wanted; then each line is a pair. `#` "
         "begins a comment.",
     .number = "pairs",
     .check = check_pairs,
     .mean_indegree = mean_pairs,
     .most = most_pairs,
     .draw = draw_pairs,
     .list_size = size_of_pairs,
     .list_place = place_of_pairs},
};

const struct rule *rules_get(size_t index)
{
    return index < sizeof table / sizeof *table ? &table[index] : NULL;
}
