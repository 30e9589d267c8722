/* A network as its file describes it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/network.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network_parts.h"

struct network_text {
    const char *name;
    int64_t seed, step;
    const struct tt_value *populations, *inputs, *projections, *signals;
};

struct input_text {
    uint32_t size;
};

static const struct tt_row input_rows[] = {
    {.key = "size",
     .form = &tt_form_size,
     .offset = offsetof(struct input_text, size),
     .is_required = true,
     .help = "Width of the port."},
};

static const struct tt_table input_table = {.title = "An input",
                                            .help = "A spike input of that name.",
                                            .rows = input_rows,
                                            .count =
                                                sizeof input_rows / sizeof *input_rows};

static const struct tt_row network_rows[] = {
    {.key = "network",
     .form = &tt_form_text,
     .offset = offsetof(struct network_text, name),
     .is_required = true,
     .help = "What the network is called."},
    {.key = "seed",
     .form = &tt_form_integer,
     .offset = offsetof(struct network_text, seed),
     .is_required = true,
     .help = "Chooses all random numbers; not negative."},
    {.key = "step",
     .form = &tt_form_positive_time,
     .offset = offsetof(struct network_text, step),
     .is_required = true,
     .help = "Integration step."},
    {.key = "populations",
     .form = &tt_form_map,
     .offset = offsetof(struct network_text, populations),
     .is_required = true,
     .inside = &network_population_table,
     .help = "The populations, by name."},
    {.key = "inputs",
     .form = &tt_form_map,
     .offset = offsetof(struct network_text, inputs),
     .inside = &input_table,
     .help = "Where spikes from other participants come in, by name."},
    {.key = "projections",
     .form = &tt_form_list,
     .offset = offsetof(struct network_text, projections),
     .inside = &network_projection_table,
     .help = "The projections."},
    {.key = "signals",
     .form = &tt_form_map,
     .offset = offsetof(struct network_text, signals),
     .inside = &network_signal_table,
     .help = "The states of cells to be seen from outside, by name."},
};

const struct tt_table network_table = {.title = "Keys",
                                       .help = "Of the file itself.",
                                       .rows = network_rows,
                                       .count =
                                           sizeof network_rows / sizeof *network_rows};

enum tutti_status network_keep_value(const struct tt_reader *reader,
                                     const struct tt_row *row,
                                     const struct tt_value *value, void *field)
{
    (void)reader;
    (void)row;
    *(const struct tt_value **)field = value;
    return TUTTI_OK;
}

const struct tt_form network_form_amount = {.text = "number with its unit",
                                            .read = network_keep_value};

enum tutti_status network_read_weight(const struct tt_reader *reader, const char *unit,
                                      const struct tt_value *value, double *weight)
{
    const double largest = NETWORK_LARGEST_WEIGHT;
    double number;

    TRY(tt_value_quantity(value, "weight", reader->units, unit, &number));
    if (!(fabs(number) <= largest))
        return FAIL_AT(value->place,
                       "weight is %.15g %s, must be from %.15g %s to %.15g %s", number,
                       unit, -largest, unit, largest, unit);
    *weight = network_round_weight(number);
    return TUTTI_OK;
}

/* Names stand before brackets, dots and equal signs elsewhere. */
static enum tutti_status check_characters(const struct tt_value *key)
{
    const char *c = key->text;

    while (isalnum((unsigned char)*c) || *c == '_' || *c == '-')
        c++;
    if (*c || c == key->text)
        return FAIL_AT(key->place, "name '%s': use letters, digits, '_' and '-' only",
                       key->text);
    return TUTTI_OK;
}

static enum tutti_status check_name(const struct network *network,
                                    const struct tt_value *key)
{
    TRY(check_characters(key));
    for (size_t i = 0; i < network_group_count(network); i++)
        if (strcmp(network_group_name(network, (uint32_t)i), key->text) == 0)
            return FAIL_AT(key->place, "'%s' is a population and an input; rename one",
                           key->text);
    return TUTTI_OK;
}

static enum tutti_status read_populations(const struct tt_reader *reader,
                                          const struct tt_value *map,
                                          struct network *network)
{
    if (map->count == 0)
        return FAIL_AT(map->place, "a network has at least one population");
    network->populations = tt_alloc_array(map->count, sizeof *network->populations);
    if (!network->populations)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu populations", map->count);
    for (size_t i = 0; i < map->count; i++) {
        const struct tt_value *const key = &map->entries[i].key;

        TRY(check_name(network, key));
        TRY(network_read_population(reader, network, &map->entries[i],
                                    &network->populations[i]));
        network->population_count++;
    }
    return TUTTI_OK;
}

static enum tutti_status read_inputs(const struct tt_reader *reader,
                                     const struct tt_value *map,
                                     struct network *network)
{
    if (!map)
        return TUTTI_OK;
    network->inputs = tt_alloc_array(map->count, sizeof *network->inputs);
    if (!network->inputs)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu inputs", map->count);
    for (size_t i = 0; i < map->count; i++) {
        struct input_text text = {0};
        char what[80];

        TRY(check_name(network, &map->entries[i].key));
        snprintf(what, sizeof what, "input '%s'", map->entries[i].key.text);
        TRY(tt_table_read(&input_table, reader, what, &map->entries[i].value, &text));
        network->inputs[i] =
            (struct network_input){map->entries[i].key.text, text.size};
        network->input_count++;
    }
    return TUTTI_OK;
}

static int compare_names(const void *a, const void *b)
{
    const struct network_projection *const *one = a, *const *other = b;

    return strcmp((*one)->name, (*other)->name);
}

/* Random numbers belong to names: two of the same name would draw the same. */
static enum tutti_status check_projection_names(const struct network *network)
{
    const struct network_projection **sorted =
        tt_alloc_array(network->projection_count, sizeof *sorted);
    enum tutti_status status = TUTTI_OK;

    if (!sorted)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu projections",
                    network->projection_count);
    for (size_t i = 0; i < network->projection_count; i++)
        sorted[i] = &network->projections[i];
    qsort(sorted, network->projection_count, sizeof *sorted, compare_names);
    for (size_t i = 1; i < network->projection_count && status == TUTTI_OK; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0) {
            const bool is_later = sorted[i] > sorted[i - 1]; /* in the file */

            status =
                FAIL_AT(sorted[is_later ? i : i - 1]->place,
                        "two projections are called '%s'; rename one", sorted[i]->name);
        }
    free(sorted);
    return status;
}

static enum tutti_status read_projections(const struct tt_reader *reader,
                                          const struct tt_value *list,
                                          struct network *network)
{
    if (!list)
        return TUTTI_OK;
    network->projections = tt_alloc_array(list->count, sizeof *network->projections);
    if (!network->projections)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu projections", list->count);
    for (size_t i = 0; i < list->count; i++) {
        /* Counted first: what it holds is freed also when it is wrong. */
        network->projection_count++;
        TRY(network_read_projection(reader, network, &list->items[i],
                                    &network->projections[i]));
    }
    return check_projection_names(network);
}

static enum tutti_status check_signal_name(const struct network *network,
                                           const struct tt_value *key)
{
    TRY(check_characters(key));
    for (size_t i = 0; i < network_group_count(network); i++)
        if (strcmp(network_group_name(network, (uint32_t)i), key->text) == 0)
            return FAIL_AT(
                key->place,
                "signal '%s' is called like a population or input; rename it",
                key->text);
    return TUTTI_OK;
}

static enum tutti_status read_signals(const struct tt_reader *reader,
                                      const struct tt_value *map,
                                      struct network *network)
{
    if (!map)
        return TUTTI_OK;
    network->signals = tt_alloc_array(map->count, sizeof *network->signals);
    if (!network->signals)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu signals", map->count);
    for (size_t i = 0; i < map->count; i++) {
        TRY(check_signal_name(network, &map->entries[i].key));
        TRY(network_read_signal(reader, network, &map->entries[i],
                                &network->signals[i]));
        network->signal_count++;
    }
    return TUTTI_OK;
}

static enum tutti_status read_root(const struct tt_units *units,
                                   struct network *network)
{
    const struct tt_value *const root = tt_document_root(network->document);
    const struct tt_reader reader = {.units = units};
    struct network_text text = {0};

    TRY(tt_table_read(&network_table, &reader, "network", root, &text));
    if (text.seed < 0)
        return FAIL_AT(tt_map_find(root, "seed")->place,
                       "seed is %" PRId64 ", must not be negative", text.seed);
    network->name = text.name;
    network->seed = (uint64_t)text.seed;
    network->step = text.step;
    TRY(read_populations(&reader, text.populations, network));
    TRY(read_inputs(&reader, text.inputs, network));
    TRY(read_projections(&reader, text.projections, network));
    return read_signals(&reader, text.signals, network);
}

enum tutti_status network_read(const char *path, const struct tt_units *units,
                               struct network *network)
{
    *network = (struct network){0};
    TRY(tt_document_read(path, &network->document));
    return read_root(units, network);
}

enum tutti_status network_parse(const char *path, const char *bytes, size_t size,
                                const struct tt_units *units, struct network *network)
{
    *network = (struct network){0};
    TRY(tt_document_parse(path, bytes, size, &network->document));
    return read_root(units, network);
}

void network_free(struct network *network)
{
    for (size_t i = 0; i < network->population_count; i++)
        network_free_events(&network->populations[i].events);
    free(network->populations);
    free(network->inputs);
    for (size_t i = 0; i < network->projection_count; i++)
        network_projection_free(&network->projections[i]);
    free(network->projections);
    free(network->signals);
    tt_document_free(&network->document);
    *network = (struct network){0};
}

size_t network_group_count(const struct network *network)
{
    return network->population_count + network->input_count;
}

const char *network_group_name(const struct network *network, uint32_t group)
{
    if (group < network->population_count)
        return network->populations[group].name;
    return network->inputs[group - network->population_count].name;
}

uint32_t network_group_size(const struct network *network, uint32_t group)
{
    if (group < network->population_count)
        return network->populations[group].size;
    return network->inputs[group - network->population_count].size;
}

const char *network_weight_unit(const struct network *network, uint32_t from,
                                uint32_t to)
{
    return network_is_current(network, from)
               ? "1"
               : network->populations[to].model->receptors[0].unit;
}

bool network_is_current(const struct network *network, uint32_t group)
{
    const struct generator *const generator =
        group < network->population_count ? network->populations[group].model->generator
                                          : NULL;

    return generator && generator->current;
}

double network_parameter(const struct network_population *population, const char *name)
{
    size_t i = 0;

    while (strcmp(population->model->parameters[i].name, name) != 0)
        i++;
    return population->parameters[i];
}

int64_t network_smallest_delay(const struct network *network, uint32_t group)
{
    int64_t smallest = -1;

    for (size_t i = 0; i < network->projection_count; i++) {
        const struct network_projection *const projection = &network->projections[i];

        if (projection->from.group == group &&
            (smallest < 0 || projection->delay_low < smallest))
            smallest = projection->delay_low;
    }
    return smallest;
}

double network_round_weight(double weight)
{
    return nearbyint(weight * 0x1p32) * 0x1p-32;
}

size_t network_receptor(const struct model *model, double weight)
{
    const int sign = weight < 0.0 ? -1 : 1;
    size_t receptor = 0;

    while (receptor + 1 < model->receptor_count &&
           model->receptors[receptor].sign != sign)
        receptor++;
    return receptor;
}
