/* Reads a projection of a network file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "config/slice.h"
#include "kernel/network_parts.h"
#include "kernel/rows.h"
#include "kernel/rules.h"

struct projection_text {
    const char *name;
    const struct tt_value *from, *to, *rule, *weight, *delay;
    uint32_t indegree;
    bool allow_autapses, allow_multapses;
};

struct uniform_text {
    const struct tt_value *low, *high;
};

static const struct tt_form form_name = {.text = "name", .read = network_keep_value};
static const struct tt_form form_range = {.text = "name, or `\"NAME[BEGIN:END]\"`",
                                          .read = network_keep_value};
static const struct tt_form form_delay = {.text = "time, or distribution",
                                          .read = network_keep_value};

static const struct tt_row uniform_rows[] = {
    {.key = "low",
     .form = &network_form_amount,
     .offset = offsetof(struct uniform_text, low),
     .is_required = true,
     .help = "Smallest delay, a multiple of the step."},
    {.key = "high",
     .form = &network_form_amount,
     .offset = offsetof(struct uniform_text, high),
     .is_required = true,
     .help = "End of the delays: the largest one is a step shorter."},
};

static const struct tt_table uniform_table = {
    .title = "Uniform delays",
    .help = "Each synapse draws one of the multiples of the step from `low` up to, "
            "not including, `high`.",
    .rows = uniform_rows,
    .count = sizeof uniform_rows / sizeof *uniform_rows};

static const struct tt_row projection_rows[] = {
    {.key = "name",
     .form = &tt_form_text,
     .offset = offsetof(struct projection_text, name),
     .is_required = true,
     .help = "Name, different from those of all other projections: random numbers "
             "belong to it."},
    {.key = "from",
     .form = &form_range,
     .offset = offsetof(struct projection_text, from),
     .is_required = true,
     .help = "Population or input whose spikes it carries, or a part: `\"E[0:200]\"`."},
    {.key = "to",
     .form = &form_range,
     .offset = offsetof(struct projection_text, to),
     .is_required = true,
     .help = "Population whose cells receive them, or a part of it."},
    {.key = "rule",
     .form = &form_name,
     .offset = offsetof(struct projection_text, rule),
     .is_required = true,
     .help = "How sources are chosen: `fixed_indegree`, `all_to_all` or "
             "`one_to_one`."},
    {.key = "indegree",
     .form = &tt_form_size,
     .offset = offsetof(struct projection_text, indegree),
     .help = "Number of synapses of each target; for `fixed_indegree`."},
    {.key = "weight",
     .form = &network_form_amount,
     .offset = offsetof(struct projection_text, weight),
     .is_required = true,
     .help = "Weight of each synapse, in the unit of the target's receptors; below "
             "zero it is inhibitory."},
    {.key = "delay",
     .form = &form_delay,
     .offset = offsetof(struct projection_text, delay),
     .inside = &uniform_table,
     .help = "Delay, a multiple of the step: one for all, `1.5 ms`, or "
             "`{uniform: {low: 0.5 ms, high: 3 ms}}`. Projections from an input may "
             "leave it out: none."},
    {.key = "allow_autapses",
     .form = &tt_form_boolean,
     .offset = offsetof(struct projection_text, allow_autapses),
     .standard = "true",
     .help = "Whether a cell may be connected to itself."},
    {.key = "allow_multapses",
     .form = &tt_form_boolean,
     .offset = offsetof(struct projection_text, allow_multapses),
     .standard = "true",
     .help = "Whether a target may get a source more than once."},
};

const struct tt_table network_projection_table = {
    .title = "A projection",
    .help = "A rule that draws synapses from a population or an input to a population.",
    .rows = projection_rows,
    .count = sizeof projection_rows / sizeof *projection_rows};

static enum tutti_status unknown_group(const struct network *network,
                                       struct tt_place place, const char *name)
{
    const size_t count = network_group_count(network);
    const char **names = tt_alloc_array(count, sizeof *names);
    enum tutti_status status;

    if (!names)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the names of %zu populations",
                    count);
    for (size_t i = 0; i < count; i++)
        names[i] = network_group_name(network, (uint32_t)i);
    status = tt_unknown_word(place, "population", name, names, count);
    free(names);
    return status;
}

/* "E" or "E[0:200]". */
static enum tutti_status read_range(const struct network *network, const char *key,
                                    const struct tt_value *value,
                                    struct network_range *range)
{
    const char *text;
    struct tt_slice slice;
    size_t name_size;
    uint32_t group = 0, size;

    TRY(tt_value_text(value, key, &text));
    TRY(tt_at_place(tt_slice_split(text, &name_size, &slice), value->place, key));
    while (group < network_group_count(network)) {
        const char *const name = network_group_name(network, group);

        if (strlen(name) == name_size && memcmp(name, text, name_size) == 0)
            break;
        group++;
    }
    if (group == network_group_count(network)) {
        char name[64];

        snprintf(name, sizeof name, "%.*s", (int)name_size, text);
        return unknown_group(network, value->place, name);
    }
    size = network_group_size(network, group);
    if (slice.end == TT_OPEN_END)
        slice.end = size;
    if (slice.end > size || slice.begin >= slice.end)
        return FAIL_AT(value->place, "'%s' lies beyond the %" PRIu32 " cells of '%s'",
                       text, size, network_group_name(network, group));
    *range = (struct network_range){group, slice.begin, slice.end};
    return TUTTI_OK;
}

static enum tutti_status read_rule(const struct tt_value *value,
                                   const struct rule **rule)
{
    const char *known[64];
    const char *name;
    size_t count = 0;

    TRY(tt_value_text(value, "rule", &name));
    for (; count < sizeof known / sizeof *known && rules_get(count); count++) {
        known[count] = rules_get(count)->name;
        if (strcmp(known[count], name) == 0) {
            *rule = rules_get(count);
            return TUTTI_OK;
        }
    }
    return tt_unknown_word(value->place, "rule", name, known, count);
}

/* A delay in steps. */
static enum tutti_status read_steps(const struct tt_value *value, const char *key,
                                    int64_t step, int64_t smallest, uint32_t *steps)
{
    const double ms = 1e6; /* ns */
    int64_t delay;

    TRY(tt_value_time(value, key, &delay));
    if (delay % step != 0) {
        const int64_t below = delay - delay % step;

        return FAIL_AT(value->place,
                       "%s %.15g ms is not a multiple of the step %.15g ms; the "
                       "nearest that fit are %.15g ms and %.15g ms",
                       key, (double)delay / ms, (double)step / ms, (double)below / ms,
                       (double)(below + step) / ms);
    }
    if (delay / step < smallest || delay / step > ROWS_LONGEST_DELAY)
        return FAIL_AT(value->place,
                       "%s is %.15g ms, must be from %.15g ms to %.15g ms", key,
                       (double)delay / ms, (double)(smallest * step) / ms,
                       (double)step * ROWS_LONGEST_DELAY / ms);
    *steps = (uint32_t)(delay / step);
    return TUTTI_OK;
}

static enum tutti_status read_uniform(const struct tt_reader *reader, int64_t step,
                                      int64_t smallest, const struct tt_value *value,
                                      struct network_projection *projection)
{
    const struct tt_value *inside = tt_map_find(value, "uniform");
    struct uniform_text text = {0};
    uint32_t low, high;

    if (!inside || value->count != 1)
        return FAIL_AT(value->place, "delay is a time such as 1.5 ms, or {uniform: "
                                     "{low: 0.5 ms, high: 3 ms}}");
    TRY(tt_table_read(&uniform_table, reader, "uniform", inside, &text));
    TRY(read_steps(text.low, "low", step, smallest, &low));
    TRY(read_steps(text.high, "high", step, smallest, &high));
    if (low >= high)
        return FAIL_AT(text.high->place,
                       "uniform: high must be above low; delays are drawn from low "
                       "up to, not including, high");
    projection->delay_low = low;
    projection->delay_steps = high - low;
    return TUTTI_OK;
}

static enum tutti_status read_delay(const struct tt_reader *reader,
                                    const struct network *network,
                                    const struct tt_value *map,
                                    const struct tt_value *value,
                                    struct network_projection *projection)
{
    const bool is_from_input = projection->from.group >= network->population_count;
    const int64_t smallest = is_from_input ? 0 : 1;

    projection->delay_steps = 1;
    if (!value && is_from_input)
        return TUTTI_OK;
    if (!value)
        return FAIL_AT(map->place,
                       "projection '%s' has no delay; only one from an input may leave "
                       "it out",
                       projection->name);
    if (value->kind == TT_MAP)
        return read_uniform(reader, network->step, smallest, value, projection);
    return read_steps(value, "delay", network->step, smallest, &projection->delay_low);
}

static enum tutti_status check_rule(const struct tt_value *map,
                                    const struct network_projection *projection)
{
    const char *broken;

    if (projection->rule->needs_indegree && !projection->indegree)
        return FAIL_AT(map->place, "projection '%s': rule %s needs an indegree",
                       projection->name, projection->rule->name);
    if (!projection->rule->needs_indegree && projection->indegree)
        return FAIL_AT(map->place, "projection '%s': rule %s takes no indegree",
                       projection->name, projection->rule->name);
    broken = projection->rule->check(projection);
    if (broken)
        return FAIL_AT(map->place, "projection '%s': %s", projection->name, broken);
    return TUTTI_OK;
}

/* Generators take nothing, and a cell that counts spikes takes no current. */
static enum tutti_status check_ends(const struct projection_text *text,
                                    const struct network *network,
                                    const struct network_projection *projection)
{
    const struct model *const model = network->populations[projection->to.group].model;

    if (model->generator)
        return FAIL_AT(text->to->place,
                       "projection '%s' ends at '%s' of model %s, which takes no input",
                       projection->name,
                       network_group_name(network, projection->to.group), model->name);
    if (network_is_current(network, projection->from.group) &&
        model->receptors[0].counts_spikes)
        return FAIL_AT(text->to->place,
                       "projection '%s' ends at '%s' of model %s, which takes no "
                       "current",
                       projection->name,
                       network_group_name(network, projection->to.group), model->name);
    return TUTTI_OK;
}

enum tutti_status network_read_projection(const struct tt_reader *reader,
                                          const struct network *network,
                                          const struct tt_value *map,
                                          struct network_projection *projection)
{
    struct projection_text text = {0};

    TRY(tt_table_read(&network_projection_table, reader, "projection", map, &text));
    *projection = (struct network_projection){.name = text.name,
                                              .place = map->place,
                                              .indegree = text.indegree,
                                              .allow_autapses = text.allow_autapses,
                                              .allow_multapses = text.allow_multapses};
    TRY(read_range(network, "from", text.from, &projection->from));
    TRY(read_range(network, "to", text.to, &projection->to));
    if (projection->to.group >= network->population_count)
        return FAIL_AT(text.to->place,
                       "projection '%s' ends at input '%s'; it must end at a "
                       "population",
                       projection->name,
                       network_group_name(network, projection->to.group));
    TRY(check_ends(&text, network, projection));
    TRY(read_rule(text.rule, &projection->rule));
    TRY(check_rule(map, projection));
    TRY(network_read_weight(
        reader,
        network_weight_unit(network, projection->from.group, projection->to.group),
        text.weight, &projection->weight));
    return read_delay(reader, network, map, text.delay, projection);
}
