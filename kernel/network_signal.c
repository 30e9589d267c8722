/* Reads a signal of a network file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/network_signal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "kernel/generator.h"
#include "kernel/network_parts.h"

struct signal_text {
    const struct tt_value *population, *states;
    int64_t interval; /* ns */
};

static const struct tt_form form_range = {.text = "name, or `\"NAME[BEGIN:END]\"`",
                                          .read = network_keep_value};

static const struct tt_row signal_rows[] = {
    {.key = "population",
     .form = &form_range,
     .offset = offsetof(struct signal_text, population),
     .is_required = true,
     .help = "Whose cells are sampled, or some of them: `\"E[0:10]\"`."},
    {.key = "states",
     .form = &tt_form_list,
     .offset = offsetof(struct signal_text, states),
     .is_required = true,
     .help = "States of the model, all of one unit: `[V_m]`; of a generator of "
             "current `[I]`. Index *s* x *cells* + *c* of the signal is state *s* of "
             "cell *c*."},
    {.key = "interval",
     .form = &tt_form_positive_time,
     .offset = offsetof(struct signal_text, interval),
     .standard = "1 ms",
     .help = "From sample to sample, a multiple of the step; the first is one interval "
             "after the start."},
};

const struct tt_table network_signal_table = {
    .title = "A signal",
    .help = "States of cells as they are at the ends of steps, as NEST's `multimeter` "
            "gives them: a signal output of that name. A part of a network has the "
            "signals of which it has a cell; the "
            "values of cells that it does not have are NaN.",
    .rows = signal_rows,
    .count = sizeof signal_rows / sizeof *signal_rows};

/* A state by its name: every state of a model can be sampled. */
static enum tutti_status find_state(const struct network_population *population,
                                    const struct tt_value *item, size_t *state,
                                    const char **unit)
{
    const struct model *const model = population->model;
    const bool is_current = model->generator && model->generator->current;
    const char *known[MODEL_MAX_STATES + 1];
    const char *name;

    TRY(tt_value_text(item, "states", &name));
    for (size_t i = 0; i < model->state_count; i++) {
        known[i] = model->states[i].name;
        *state = i;
        *unit = model->states[i].unit;
        if (strcmp(known[i], name) == 0)
            return TUTTI_OK;
    }
    if (!is_current)
        return tt_unknown_word(item->place, "state", name, known, model->state_count);
    *state = 0;
    *unit = "pA";
    known[0] = "I";
    return strcmp(name, "I") == 0
               ? TUTTI_OK
               : tt_unknown_word(item->place, "state", name, known, 1);
}

static enum tutti_status read_states(const struct network_population *population,
                                     const struct tt_value *list,
                                     struct network_signal *signal)
{
    if (list->count == 0 || list->count > MODEL_MAX_STATES)
        return FAIL_AT(list->place, "signal '%s' has %zu states, must have 1 to %d",
                       signal->name, list->count, MODEL_MAX_STATES);
    for (size_t i = 0; i < list->count; i++) {
        const char *unit = NULL;

        TRY(find_state(population, &list->items[i], &signal->states[i], &unit));
        if (i > 0 && strcmp(unit, signal->unit) != 0)
            return FAIL_AT(list->items[i].place,
                           "signal '%s' has states in %s and in %s; make one signal "
                           "for each unit",
                           signal->name, signal->unit, unit);
        signal->unit = unit;
    }
    signal->state_count = list->count;
    return TUTTI_OK;
}

static enum tutti_status check_interval(const struct network *network,
                                        const struct tt_value *map, int64_t interval)
{
    const struct tt_value *const value = tt_map_find(map, "interval");
    const int64_t below = interval - interval % network->step;
    const double ms = 1e6; /* ns */

    if (interval % network->step == 0)
        return TUTTI_OK;
    if (below == 0)
        return FAIL_AT(value ? value->place : map->place,
                       "interval is %.15g ms, not a multiple of the step %.15g ms",
                       (double)interval / ms, (double)network->step / ms);
    return FAIL_AT(value ? value->place : map->place,
                   "interval is %.15g ms, not a multiple of the step %.15g ms; the "
                   "nearest that fit are %.15g ms and %.15g ms",
                   (double)interval / ms, (double)network->step / ms,
                   (double)below / ms, (double)(below + network->step) / ms);
}

enum tutti_status network_read_signal(const struct tt_reader *reader,
                                      const struct network *network,
                                      const struct tt_entry *entry,
                                      struct network_signal *signal)
{
    struct signal_text text = {0};
    struct network_range range;
    char what[80];

    snprintf(what, sizeof what, "signal '%s'", entry->key.text);
    TRY(tt_table_read(&network_signal_table, reader, what, &entry->value, &text));
    TRY(network_read_range(network, "population", text.population, &range));
    if (range.group >= network->population_count)
        return FAIL_AT(text.population->place,
                       "signal '%s' is of input '%s', which has no states; name a "
                       "population",
                       entry->key.text, network_group_name(network, range.group));
    *signal = (struct network_signal){.name = entry->key.text,
                                      .population = range.group,
                                      .begin = range.begin,
                                      .end = range.end,
                                      .interval = text.interval / network->step};
    TRY(check_interval(network, &entry->value, text.interval));
    TRY(read_states(&network->populations[range.group], text.states, signal));
    if ((uint64_t)signal->state_count * (range.end - range.begin) > UINT32_MAX)
        return FAIL_AT(entry->value.place,
                       "signal '%s' has more values than a port can have",
                       signal->name);
    return TUTTI_OK;
}
