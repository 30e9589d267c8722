/* Reads a projection of a network file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/network_projection.h"

#include <inttypes.h>
#include <math.h>
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
    const struct tt_value *from, *to, *rule, *p, *pairs, *weight, *delay;
    uint32_t indegree, outdegree, total;
    bool allow_autapses, allow_multapses;
    int precision;
    const struct tt_value *synapse;
};

static const struct tt_form form_name = {.text = "name", .read = network_keep_value};
static const struct tt_form form_range = {.text = "name, or `\"NAME[BEGIN:END]\"`",
                                          .read = network_keep_value};
static const struct tt_form form_number = {.text = "number",
                                           .read = network_keep_value};
static const struct tt_form form_pairs = {.text = "list of pairs, or file",
                                          .read = network_keep_value};
static const struct tt_form form_weight = {
    .text = "number with its unit, list, or distribution", .read = network_keep_value};
static const struct tt_form form_delay = {.text = "time, list, or distribution",
                                          .read = network_keep_value};

/* In the order of enum format_id. */
static const char *const precisions[] = {"exact", "shared", "single", "packed", NULL};

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
     .help = "Which cells are connected, see [Rules](#rules)."},
    {.key = "indegree",
     .form = &tt_form_size,
     .offset = offsetof(struct projection_text, indegree),
     .help = "Number of synapses of each target; for `fixed_indegree`."},
    {.key = "outdegree",
     .form = &tt_form_size,
     .offset = offsetof(struct projection_text, outdegree),
     .help = "Number of synapses of each source; for `fixed_outdegree`."},
    {.key = "N",
     .form = &tt_form_size,
     .offset = offsetof(struct projection_text, total),
     .help = "Number of synapses in all; for `fixed_total_number`."},
    {.key = "p",
     .form = &form_number,
     .offset = offsetof(struct projection_text, p),
     .help = "Probability of each pair, from 0 to 1; for `pairwise_bernoulli`."},
    {.key = "pairs",
     .form = &form_pairs,
     .offset = offsetof(struct projection_text, pairs),
     .help =
         "Sources and targets, `[[0, 3], [1, 3]]`, as indices of their populations, or "
         "the name of a file that may give weights and delays too; for `pairs`."},
    {.key = "weight",
     .form = &form_weight,
     .offset = offsetof(struct projection_text, weight),
     .inside = &network_distribution_table,
     .help = "Weight of the synapses, in the unit of the target's receptors, a plain "
             "factor for currents; below zero it is inhibitory. One for all, `40 pA`, "
             "drawn, `{normal: {mean: 40 pA, std: 4 pA}}`, or with some rules a list, "
             "`[40 pA, 41 pA]`."},
    {.key = "delay",
     .form = &form_delay,
     .offset = offsetof(struct projection_text, delay),
     .inside = &network_distribution_table,
     .help =
         "Delay of the synapses: one for all, `1.5 ms`, drawn, `{uniform: {low: 0.5 "
         "ms, high: 3 ms}}`, or with some rules a list. A multiple of the step; "
         "drawn ones are rounded to the nearest, halves up. Projections from an "
         "input may leave it out: none."},
    {.key = "allow_autapses",
     .form = &tt_form_boolean,
     .offset = offsetof(struct projection_text, allow_autapses),
     .standard = "true",
     .help = "Whether a cell may be connected to itself."},
    {.key = "allow_multapses",
     .form = &tt_form_boolean,
     .offset = offsetof(struct projection_text, allow_multapses),
     .standard = "true",
     .help = "Whether two cells may be connected more than once."},
    {.key = "precision",
     .form = &tt_form_choice,
     .offset = offsetof(struct projection_text, precision),
     .choices = precisions,
     .standard = "exact",
     .help = "How weights and their sums are kept, see [Precision](#precision)."},
    {.key = "synapse",
     .form = &tt_form_map,
     .offset = offsetof(struct projection_text, synapse),
     .help = "Synapse model and its parameters, `{model: stdp_synapse, tau_plus: 20 "
             "ms}`, see [Synapses](#synapses); static without it."},
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

enum tutti_status network_read_range(const struct network *network, const char *key,
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

/* Room for a list with one value for each synapse of the rule. */
static enum tutti_status open_list(const struct tt_value *value, const char *key,
                                   const struct network_projection *projection,
                                   struct distribution *distribution)
{
    const struct rule *const rule = projection->rule;
    uint64_t size;

    if (!rule->list_size)
        return FAIL_AT(value->place,
                       "%s cannot be a list with rule %s; write one value or a "
                       "distribution",
                       key, rule->name);
    size = rule->list_size(projection);
    if (value->count != size)
        return FAIL_AT(value->place,
                       "%s has %zu values, rule %s needs %" PRIu64
                       " in this projection",
                       key, value->count, rule->name, size);
    *distribution =
        (struct distribution){.share = 1.0, .low = INFINITY, .high = -INFINITY};
    distribution->list = tt_alloc_array(value->count, sizeof *distribution->list);
    if (!distribution->list)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu values of %s", value->count,
                    key);
    return TUTTI_OK;
}

static void add_to_list(struct distribution *distribution, size_t index, double value)
{
    distribution->list[index] = value;
    distribution->low = fmin(distribution->low, value);
    distribution->high = fmax(distribution->high, value);
}

/* What a file of pairs gave is not given again. */
static enum tutti_status check_given_once(const char *key, const struct tt_value *value)
{
    if (!value)
        return TUTTI_OK;
    return FAIL_AT(value->place,
                   "the file of pairs has a column %s; leave one of both "
                   "out",
                   key);
}

static enum tutti_status read_weight(const struct tt_reader *reader,
                                     const struct network *network,
                                     const struct tt_value *value,
                                     struct network_projection *projection)
{
    const struct network_quantity quantity = {
        .name = "weight",
        .unit =
            network_weight_unit(network, projection->from.group, projection->to.group),
        .example = "normal: {mean: ..., std: ...}",
        .scale = 1.0,
        .low = -NETWORK_LARGEST_WEIGHT,
        .high = NETWORK_LARGEST_WEIGHT};
    double weight;

    if (projection->weight.list)
        return check_given_once("weight", value);
    if (!value)
        return FAIL_AT(projection->place, "projection '%s' has no weight",
                       projection->name);
    if (value->kind == TT_MAP)
        return network_read_distribution(reader, &quantity, value, &projection->weight);
    if (value->kind == TT_SCALAR) {
        TRY(network_read_weight(reader, quantity.unit, value, &weight));
        projection->weight = distribution_constant(weight);
        return TUTTI_OK;
    }
    TRY(open_list(value, "weight", projection, &projection->weight));
    for (size_t i = 0; i < value->count; i++) {
        TRY(network_read_weight(reader, quantity.unit, &value->items[i], &weight));
        add_to_list(&projection->weight, i, weight);
    }
    return TUTTI_OK;
}

enum tutti_status network_read_delay(const struct network *network,
                                     const struct network_projection *projection,
                                     const struct tt_value *value, uint32_t *steps)
{
    const bool is_from_input = projection->from.group >= network->population_count;

    return read_steps(value, "delay", network->step, !is_from_input, steps);
}

/* As one, as a list, or as a distribution. */
static enum tutti_status read_delay_value(const struct tt_reader *reader,
                                          const struct network *network,
                                          int64_t smallest,
                                          const struct tt_value *value,
                                          struct network_projection *projection)
{
    const struct network_quantity quantity = {
        .name = "delay",
        .unit = "ms",
        .example = "uniform: {low: 0.5 ms, high: 3 ms}",
        .scale = 1e6 / (double)network->step,
        .low = smallest > 0 ? (double)smallest - 0.5 : 0.0, /* is rounded to smallest */
        .high = ROWS_LONGEST_DELAY,
        .cuts_low = true};
    uint32_t steps;

    if (value->kind == TT_MAP)
        return network_read_distribution(reader, &quantity, value, &projection->delay);
    if (value->kind == TT_SCALAR) {
        TRY(network_read_delay(network, projection, value, &steps));
        projection->delay = distribution_constant(steps);
        return TUTTI_OK;
    }
    TRY(open_list(value, "delay", projection, &projection->delay));
    for (size_t i = 0; i < value->count; i++) {
        TRY(network_read_delay(network, projection, &value->items[i], &steps));
        add_to_list(&projection->delay, i, steps);
    }
    return TUTTI_OK;
}

static enum tutti_status read_delay(const struct tt_reader *reader,
                                    const struct network *network,
                                    const struct tt_value *map,
                                    const struct tt_value *value,
                                    struct network_projection *projection)
{
    const bool is_from_input = projection->from.group >= network->population_count;

    if (projection->delay.list) {
        TRY(check_given_once("delay", value));
    } else if (value) {
        TRY(read_delay_value(reader, network, !is_from_input, value, projection));
    } else if (is_from_input) {
        projection->delay = distribution_constant(0.0);
    } else {
        return FAIL_AT(map->place,
                       "projection '%s' has no delay; only one from an input may leave "
                       "it out",
                       projection->name);
    }
    /* NEST rounds in the same way. */
    projection->delay_low = (uint32_t)(projection->delay.low + 0.5);
    projection->delay_steps =
        (uint32_t)(projection->delay.high + 0.5) - projection->delay_low + 1;
    return TUTTI_OK;
}

/* Each rule has the key that it needs, and no other. */
static enum tutti_status check_number(const struct tt_value *map,
                                      const struct network_projection *projection)
{
    static const char *const numbers[] = {"indegree", "outdegree", "N", "p", "pairs"};
    const struct rule *const rule = projection->rule;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const bool is_needed = rule->number && strcmp(rule->number, numbers[i]) == 0;
        const bool is_there = tt_map_find(map, numbers[i]) != NULL;

        if (is_needed && !is_there)
            return FAIL_AT(map->place, "projection '%s': rule %s needs '%s'",
                           projection->name, rule->name, numbers[i]);
        if (!is_needed && is_there)
            return FAIL_AT(map->place, "projection '%s': rule %s takes no '%s'%s%s%s",
                           projection->name, rule->name, numbers[i],
                           rule->number ? ", but '" : "",
                           rule->number ? rule->number : "", rule->number ? "'" : "");
    }
    return TUTTI_OK;
}

static enum tutti_status read_rule_and_number(const struct tt_reader *reader,
                                              const struct network *network,
                                              const struct tt_value *map,
                                              const struct projection_text *text,
                                              struct network_projection *projection)
{
    const char *broken;

    TRY(read_rule(text->rule, &projection->rule));
    TRY(check_number(map, projection));
    if (text->p) {
        TRY(tt_value_quantity(text->p, "p", reader->units, "1",
                              &projection->probability));
        if (!(projection->probability >= 0.0 && projection->probability <= 1.0))
            return FAIL_AT(text->p->place, "p is %.15g, must be from 0 to 1",
                           projection->probability);
    }
    if (text->pairs)
        TRY(network_read_pairs(reader, network, text->pairs, projection));
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
    *projection =
        (struct network_projection){.name = text.name,
                                    .place = map->place,
                                    .indegree = text.indegree,
                                    .outdegree = text.outdegree,
                                    .total = text.total,
                                    .allow_autapses = text.allow_autapses,
                                    .allow_multapses = text.allow_multapses,
                                    .precision = (enum format_id)text.precision};
    TRY(network_read_range(network, "from", text.from, &projection->from));
    TRY(network_read_range(network, "to", text.to, &projection->to));
    if (projection->to.group >= network->population_count)
        return FAIL_AT(text.to->place,
                       "projection '%s' ends at input '%s'; it must end at a "
                       "population",
                       projection->name,
                       network_group_name(network, projection->to.group));
    TRY(check_ends(&text, network, projection));
    TRY(read_rule_and_number(reader, network, map, &text, projection));
    TRY(read_weight(reader, network, text.weight, projection));
    if (projection->precision == FORMAT_SHARED && !rules_has_one_weight(projection))
        return FAIL_AT(map->place,
                       "projection '%s': precision: shared keeps one weight for all "
                       "synapses, but these differ; use exact, single or packed",
                       projection->name);
    TRY(read_delay(reader, network, map, text.delay, projection));
    return network_read_synapse(reader, network, text.synapse, projection);
}

void network_projection_free(struct network_projection *projection)
{
    free(projection->pairs.first);
    free(projection->pairs.sources);
    free(projection->pairs.places);
    free(projection->weight.list);
    free(projection->delay.list);
}
