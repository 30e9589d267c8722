/* Rules that say which sources a target cell has.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/rules.h"

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

static uint32_t draw_indegree(const struct network_projection *projection,
                              struct random_stream stream, uint32_t target,
                              struct rules_room *room)
{
    struct random_sequence sequence = random_sequence(stream, target);
    const uint32_t sources = source_count(projection);
    uint32_t count = 0;

    while (count < projection->indegree) {
        const uint32_t drawn = random_below(&sequence, sources);
        const uint32_t source = projection->from.begin + drawn;

        if (is_barred(projection, target, source))
            continue;
        if (!projection->allow_multapses) {
            if (room->drawn_for[drawn] == target + 1)
                continue;
            room->drawn_for[drawn] = target + 1;
        }
        room->sources[count++] = source;
    }
    return count;
}

static uint32_t most_all(const struct network_projection *projection)
{
    return source_count(projection);
}

static uint32_t draw_all(const struct network_projection *projection,
                         struct random_stream stream, uint32_t target,
                         struct rules_room *room)
{
    uint32_t count = 0;

    (void)stream;
    for (uint32_t source = projection->from.begin; source < projection->from.end;
         source++)
        if (!is_barred(projection, target, source))
            room->sources[count++] = source;
    return count;
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

static uint32_t draw_one(const struct network_projection *projection,
                         struct random_stream stream, uint32_t target,
                         struct rules_room *room)
{
    const uint32_t source = projection->from.begin + (target - projection->to.begin);

    (void)stream;
    room->sources[0] = source;
    return !is_barred(projection, target, source);
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
