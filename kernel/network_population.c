/* Reads a population of a network file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "kernel/network_parts.h"
#include "kernel/random.h"
#include "models/models.h"

/* What the file says, before units and names are looked up. */
struct population_text {
    uint32_t size;
    const struct tt_value *model, *like, *parameters, *initial, *poisson, *tau_minus;
};

struct poisson_text {
    double rate;
    const struct tt_value *weight;
};

struct normal_text {
    const struct tt_value *mean, *std;
};

static const struct tt_form form_name = {.text = "name", .read = network_keep_value};

static const struct tt_row poisson_rows[] = {
    {.key = "rate",
     .form = &tt_form_quantity,
     .offset = offsetof(struct poisson_text, rate),
     .is_required = true,
     .unit = "Hz",
     .help = "Rate of the spikes that each cell receives, independent of all others."},
    {.key = "weight",
     .form = &network_form_amount,
     .offset = offsetof(struct poisson_text, weight),
     .is_required = true,
     .help = "Weight of each of them, in the unit of the model's receptors."},
};

static const struct tt_table poisson_table = {
    .title = "Poisson drive",
    .help = "Each cell gets its own random spikes; they act at the end of the step "
            "into which they fall.",
    .rows = poisson_rows,
    .count = sizeof poisson_rows / sizeof *poisson_rows};

static const struct tt_row normal_rows[] = {
    {.key = "mean",
     .form = &network_form_amount,
     .offset = offsetof(struct normal_text, mean),
     .is_required = true,
     .help = "Mean, in the unit of the state."},
    {.key = "std",
     .form = &network_form_amount,
     .offset = offsetof(struct normal_text, std),
     .is_required = true,
     .help = "Standard deviation."},
};

static const struct tt_table normal_table = {.title = "A normal distribution",
                                             .help = "",
                                             .rows = normal_rows,
                                             .count = sizeof normal_rows /
                                                      sizeof *normal_rows};

static const struct tt_row population_rows[] = {
    {.key = "model",
     .form = &form_name,
     .offset = offsetof(struct population_text, model),
     .help = "Name of the model of the cells; may be left out with `like`."},
    {.key = "size",
     .form = &tt_form_size,
     .offset = offsetof(struct population_text, size),
     .is_required = true,
     .help = "Number of cells."},
    {.key = "like",
     .form = &form_name,
     .offset = offsetof(struct population_text, like),
     .help = "A population further up in the file: its parameters, initial values and "
             "Poisson drive hold here too, unless this population states its own."},
    {.key = "parameters",
     .form = &tt_form_map,
     .offset = offsetof(struct population_text, parameters),
     .help = "Parameters of the model, such as `{tau_m: 20 ms}`, of generators also "
             "lists, `{spike_times: [1 ms, 2.5 ms]}`; the others have the model's "
             "standard values."},
    {.key = "initial",
     .form = &tt_form_map,
     .offset = offsetof(struct population_text, initial),
     .inside = &normal_table,
     .help = "Initial values of states: one for all cells, `{V_m: -60 mV}`, or drawn "
             "for each, `{V_m: {normal: {mean: -58 mV, std: 5 mV}}}`."},
    {.key = "poisson",
     .form = &tt_form_map,
     .offset = offsetof(struct population_text, poisson),
     .inside = &poisson_table,
     .help = "Random spikes from outside."},
    {.key = "tau_minus",
     .form = &network_form_amount,
     .offset = offsetof(struct population_text, tau_minus),
     .help =
         "Time constant of the traces that the cells leave in plastic synapses onto "
         "them; `20 ms` without it."},
};

const struct tt_table network_population_table = {
    .title = "A population",
    .help = "Cells of one model with the same parameters. Each population is a spike "
            "output of its name; record that where NEST has a `spike_recorder`.",
    .rows = population_rows,
    .count = sizeof population_rows / sizeof *population_rows};

static enum tutti_status find_model(const struct tt_value *value,
                                    const struct model **model)
{
    const char *known[256];
    const char *name;
    size_t count = 0;

    TRY(tt_value_text(value, "model", &name));
    *model = models_find(name);
    if (*model)
        return TUTTI_OK;
    for (; count < sizeof known / sizeof *known && models_get(count); count++)
        known[count] = models_get(count)->name;
    for (size_t i = 0; count < sizeof known / sizeof *known && models_get_generator(i);
         i++)
        known[count++] = models_get_generator(i)->name;
    return tt_unknown_word(value->place, "model", name, known, count);
}

static enum tutti_status find_like(const struct network *network,
                                   const struct tt_value *value,
                                   const struct network_population **like)
{
    const char *name;

    TRY(tt_value_text(value, "like", &name));
    for (size_t i = 0; i < network->population_count; i++)
        if (strcmp(network->populations[i].name, name) == 0) {
            *like = &network->populations[i];
            return TUTTI_OK;
        }
    return FAIL_AT(value->place,
                   "like: no population '%s' is described further up in the file",
                   name);
}

static void take_presets(const struct model *model,
                         struct network_population *population)
{
    for (size_t i = 0; i < model->parameter_count; i++)
        population->parameters[i] = model->parameters[i].preset;
    for (size_t i = 0; i < model->state_count; i++)
        population->initial[i].mean = model->states[i].preset;
    population->tau_minus = 20.0;
}

/* The model, and the values that hold where the population states none. */
static enum tutti_status read_origin(const struct network *network,
                                     const struct tt_entry *entry,
                                     const struct population_text *text,
                                     struct network_population *population)
{
    const struct network_population *like = NULL;

    if (!text->model && !text->like)
        return FAIL_AT(entry->value.place, "population '%s' has no model",
                       entry->key.text);
    if (text->like) {
        TRY(find_like(network, text->like, &like));
        *population = *like;
    }
    if (text->model)
        TRY(find_model(text->model, &population->model));
    if (like && like->model != population->model)
        return FAIL_AT(text->like->place,
                       "population '%s' is of model %s, it cannot be like '%s' of "
                       "model %s",
                       entry->key.text, population->model->name, like->name,
                       like->model->name);
    if (!like)
        take_presets(population->model, population);
    population->name = entry->key.text;
    population->size = text->size;
    return TUTTI_OK;
}

static enum tutti_status find_parameter(const struct model *model,
                                        const struct tt_value *key, size_t *index)
{
    const char *known[MODEL_MAX_PARAMETERS + 2];
    size_t count = model->parameter_count;

    for (size_t i = 0; i < model->parameter_count; i++) {
        known[i] = model->parameters[i].name;
        if (strcmp(known[i], key->text) == 0) {
            *index = i;
            return TUTTI_OK;
        }
    }
    if (model->generator && model->generator->times)
        known[count++] = model->generator->times;
    if (model->generator && model->generator->values)
        known[count++] = model->generator->values;
    return tt_unknown_word(key->place, "parameter", key->text, known, count);
}

static enum tutti_status read_parameter(const struct tt_reader *reader,
                                        const struct model *model,
                                        const struct model_parameter *parameter,
                                        const struct tt_value *value, double *number)
{
    bool is_true = false;

    if (!parameter->unit) {
        TRY(tt_value_boolean(value, parameter->name, &is_true));
        *number = is_true;
        return TUTTI_OK;
    }
    TRY(tt_value_quantity(value, parameter->name, reader->units, parameter->unit,
                          number));
    if (!(*number >= parameter->low && *number <= parameter->high))
        return FAIL_AT(value->place, "%s of %s is %.15g %s, must be %s",
                       parameter->name, model->name, *number, parameter->unit,
                       parameter->range);
    return TUTTI_OK;
}

static enum tutti_status read_parameters(const struct tt_reader *reader,
                                         const struct tt_value *map,
                                         struct network_population *population)
{
    const struct model *const model = population->model;

    for (size_t i = 0; map && i < map->count; i++) {
        size_t index = 0;

        if (network_is_list(model, map->entries[i].key.text))
            continue;
        TRY(find_parameter(model, &map->entries[i].key, &index));
        TRY(read_parameter(reader, model, &model->parameters[index],
                           &map->entries[i].value, &population->parameters[index]));
    }
    return TUTTI_OK;
}

static enum tutti_status find_state(const struct model *model,
                                    const struct tt_value *key, size_t *index)
{
    const char *known[MODEL_MAX_STATES];
    size_t count = 0;

    for (size_t i = 0; i < model->state_count; i++) {
        if (!model->states[i].is_settable)
            continue;
        known[count++] = model->states[i].name;
        if (strcmp(model->states[i].name, key->text) == 0) {
            *index = i;
            return TUTTI_OK;
        }
    }
    return tt_unknown_word(key->place, "state", key->text, known, count);
}

static enum tutti_status read_normal(const struct tt_reader *reader,
                                     const struct model_state *state,
                                     const struct tt_value *value,
                                     struct network_initial *initial)
{
    const struct tt_value *inside = tt_map_find(value, "normal");
    struct normal_text text = {0};

    if (!inside || value->count != 1)
        return FAIL_AT(value->place,
                       "%s is a quantity such as -60 %s, or {normal: {mean: ..., std: "
                       "...}}",
                       state->name, state->unit);
    if (state->range)
        return FAIL_AT(value->place,
                       "%s must be %s, which not all numbers of a normal distribution "
                       "are; give it one value",
                       state->name, state->range);
    TRY(tt_table_read(&normal_table, reader, "normal", inside, &text));
    TRY(tt_value_quantity(text.mean, "mean", reader->units, state->unit,
                          &initial->mean));
    TRY(tt_value_quantity(text.std, "std", reader->units, state->unit, &initial->std));
    if (!(initial->std >= 0.0))
        return FAIL_AT(text.std->place, "std is %.15g %s, must not be negative",
                       initial->std, state->unit);
    return TUTTI_OK;
}

static enum tutti_status read_one_value(const struct tt_reader *reader,
                                        const struct model *model,
                                        const struct model_state *state,
                                        const struct tt_value *value, double *number)
{
    TRY(tt_value_quantity(value, state->name, reader->units, state->unit, number));
    if (state->range && !(*number >= state->low && *number <= state->high))
        return FAIL_AT(value->place, "%s of %s is %.15g %s, must be %s", state->name,
                       model->name, *number, state->unit, state->range);
    return TUTTI_OK;
}

static enum tutti_status read_initial(const struct tt_reader *reader,
                                      const struct tt_value *map,
                                      struct network_population *population)
{
    for (size_t i = 0; map && i < map->count; i++) {
        const struct tt_value *const value = &map->entries[i].value;
        struct network_initial initial = {0};
        const struct model_state *state;
        size_t index = 0;

        TRY(find_state(population->model, &map->entries[i].key, &index));
        state = &population->model->states[index];
        if (value->kind == TT_MAP)
            TRY(read_normal(reader, state, value, &initial));
        else
            TRY(read_one_value(reader, population->model, state, value, &initial.mean));
        population->initial[index] = initial;
    }
    return TUTTI_OK;
}

static enum tutti_status read_poisson(const struct tt_reader *reader, int64_t step,
                                      const struct tt_value *map,
                                      struct network_population *population)
{
    const double largest = RANDOM_LARGEST_MEAN / ((double)step * 1e-9);
    struct poisson_text text = {0};

    if (!map)
        return TUTTI_OK;
    if (population->model->generator)
        return FAIL_AT(map->place,
                       "population '%s' is of model %s, which takes no poisson",
                       population->name, population->model->name);
    TRY(tt_table_read(&poisson_table, reader, "poisson", map, &text));
    if (!(text.rate >= 0.0 && text.rate <= largest))
        return FAIL_AT(map->place, "rate is %.15g Hz, must be from 0 Hz to %.15g Hz",
                       text.rate, largest);
    population->poisson.rate = text.rate;
    TRY(network_read_weight(reader, population->model->receptors[0].unit, text.weight,
                            &population->poisson.weight));
    if (population->model->receptors[0].counts_spikes)
        population->poisson.weight = 1.0;
    return TUTTI_OK;
}

static enum tutti_status read_tau_minus(const struct tt_reader *reader,
                                        const struct tt_value *value,
                                        struct network_population *population)
{
    double tau;

    if (!value)
        return TUTTI_OK;
    TRY(tt_value_quantity(value, "tau_minus", reader->units, "ms", &tau));
    if (!(tau > 0.0 && tau <= 1e9))
        return FAIL_AT(value->place,
                       "tau_minus is %.15g ms, must be above 0 ms and at most 1e9 ms",
                       tau);
    population->tau_minus = tau;
    return TUTTI_OK;
}

enum tutti_status network_read_population(const struct tt_reader *reader,
                                          const struct network *network,
                                          const struct tt_entry *entry,
                                          struct network_population *population)
{
    struct population_text text = {0};
    const char *broken = NULL;
    char what[80];

    snprintf(what, sizeof what, "population '%s'", entry->key.text);
    TRY(tt_table_read(&network_population_table, reader, what, &entry->value, &text));
    TRY(read_origin(network, entry, &text, population));
    TRY(read_parameters(reader, text.parameters, population));
    if (population->model->check)
        broken = population->model->check(population->parameters);
    if (broken)
        return FAIL_AT(text.parameters ? text.parameters->place : entry->value.place,
                       "population '%s': parameters of %s: %s", population->name,
                       population->model->name, broken);
    TRY(read_initial(reader, text.initial, population));
    TRY(read_poisson(reader, network->step, text.poisson, population));
    TRY(read_tau_minus(reader, text.tau_minus, population));
    return network_read_generator(reader, network, entry, text.parameters, population);
}
