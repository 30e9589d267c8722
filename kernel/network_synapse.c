/* Reads the synapse model of a projection.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/network_synapse.h"

#include <string.h>

#include "base/status.h"
#include "kernel/network.h"
#include "kernel/rules.h"
#include "models/synapses.h"

static enum tutti_status find_model(const struct tt_value *value,
                                    const struct synapse **model)
{
    const char *known[64];
    const char *name;
    size_t count = 0;

    TRY(tt_value_text(value, "model", &name));
    *model = synapses_find(name);
    if (*model)
        return TUTTI_OK;
    for (; count < sizeof known / sizeof *known && synapses_get(count); count++)
        known[count] = synapses_get(count)->name;
    return tt_unknown_word(value->place, "synapse model", name, known, count);
}

static enum tutti_status find_parameter(const struct synapse *model,
                                        const struct tt_value *key, size_t *index)
{
    const char *known[SYNAPSE_MAX_PARAMETERS + 1];

    for (*index = 0; *index < model->parameter_count; ++*index) {
        known[*index] = model->parameters[*index].name;
        if (strcmp(known[*index], key->text) == 0)
            return TUTTI_OK;
    }
    known[model->parameter_count] = "model";
    return tt_unknown_word(key->place, "parameter", key->text, known,
                           model->parameter_count + 1);
}

static enum tutti_status read_parameter(const struct tt_reader *reader,
                                        const char *weight_unit,
                                        const struct tt_entry *entry,
                                        struct network_synapse *synapse)
{
    const struct model_parameter *parameter;
    const char *unit;
    size_t index;
    double number;

    TRY(find_parameter(synapse->model, &entry->key, &index));
    parameter = &synapse->model->parameters[index];
    unit = strcmp(parameter->unit, SYNAPSE_WEIGHT_UNIT) == 0 ? weight_unit
                                                             : parameter->unit;
    TRY(tt_value_quantity(&entry->value, parameter->name, reader->units, unit,
                          &number));
    if (!(number >= parameter->low && number <= parameter->high))
        return FAIL_AT(entry->value.place, "%s of %s is %.15g%s%s, must be %s",
                       parameter->name, synapse->model->name, number,
                       strcmp(unit, "1") == 0 ? "" : " ",
                       strcmp(unit, "1") == 0 ? "" : unit, parameter->range);
    synapse->parameters[index] = number;
    return TUTTI_OK;
}

static enum tutti_status read_map(const struct tt_reader *reader,
                                  const char *weight_unit, const struct tt_value *map,
                                  struct network_synapse *synapse)
{
    const struct tt_value *const model = tt_map_find(map, "model");

    if (!model)
        return FAIL_AT(map->place, "synapse has no model, such as {model: "
                                   "stdp_synapse, tau_plus: 20 ms}");
    TRY(find_model(model, &synapse->model));
    for (size_t i = 0; i < synapse->model->parameter_count; i++)
        synapse->parameters[i] = synapse->model->parameters[i].preset;
    for (size_t i = 0; i < map->count; i++)
        if (&map->entries[i].value != model)
            TRY(read_parameter(reader, weight_unit, &map->entries[i], synapse));
    return TUTTI_OK;
}

/* What synapses that see their targets need. */
static enum tutti_status check_delays(struct tt_place place,
                                      const struct network_projection *projection)
{
    const struct synapse *const model = projection->synapse.model;

    if (model->sees_targets && projection->delay_low < 1)
        return FAIL_AT(place,
                       "projection '%s': %s needs delays of at least one step; its "
                       "smallest delay is 0 ms",
                       projection->name, model->name);
    return TUTTI_OK;
}

static enum tutti_status check_plastic(const struct network *network,
                                       struct tt_place place,
                                       const struct network_projection *projection)
{
    const struct synapse *const model = projection->synapse.model;
    double smallest, largest;
    const char *broken;

    if (network_is_current(network, projection->from.group))
        return FAIL_AT(place,
                       "projection '%s' carries a current, its synapses cannot be of "
                       "model %s",
                       projection->name, model->name);
    if (projection->precision != FORMAT_EXACT)
        return FAIL_AT(place,
                       "projection '%s': weights of %s are exact; leave out precision",
                       projection->name, model->name);
    rules_weight_bounds(projection, &smallest, &largest);
    broken = model->check(projection->synapse.parameters, smallest, largest);
    if (broken)
        return FAIL_AT(place, "projection '%s': parameters of %s: %s", projection->name,
                       model->name, broken);
    return check_delays(place, projection);
}

enum tutti_status network_read_synapse(const struct tt_reader *reader,
                                       const struct network *network,
                                       const struct tt_value *value,
                                       struct network_projection *projection)
{
    const struct network_range *const from = &projection->from;
    const char *const unit =
        network_weight_unit(network, from->group, projection->to.group);

    projection->synapse.model = synapses_get(0);
    if (!value)
        return TUTTI_OK;
    TRY(tt_value_expect(value, TT_MAP, "synapse"));
    TRY(read_map(reader, unit, value, &projection->synapse));
    if (projection->synapse.model->is_static)
        return TUTTI_OK;
    return check_plastic(network, value->place, projection);
}
