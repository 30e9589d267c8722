/* One cell against NEST, by the functions of its model.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/model.h"
#include "kernel/network.h"
#include "lone_cell.h"
#include "models/models.h"
#include "reference_case.h"

struct cell {
    struct lone_cell it;
    double step_ms;
    size_t steps;
    double *input;   /* [step][receptor] */
    double *current; /* [step] */
};

/* What the tests do not need: NEST's parameters of other uses, and what our model lacks
 * but only as long as it has the value that makes no difference. */
static bool is_without_effect(const char *name, double value)
{
    return strncmp(name, "tau_minus", strlen("tau_minus")) == 0 ||
           strcmp(name, "rho") == 0 || (strcmp(name, "delta") == 0 && value == 0.0);
}

/* The name of a parameter that the model does not know; NULL when it knows all. */
static const char *take_values(struct cell *cell, const json_t *map)
{
    const char *name;
    const json_t *value;
    json_t *const all = (json_t *)map; /* jansson iterates over what it may change */

    json_object_foreach(all, name, value)
    {
        const double number =
            json_is_boolean(value) ? json_is_true(value) : json_number_value(value);

        if (!json_is_null(value) && !lone_cell_set(&cell->it, name, number) &&
            !is_without_effect(name, number))
            return name;
    }
    return NULL;
}

static const char *describe_cell(const struct model *model, const json_t *parameters,
                                 const json_t *own, struct cell *cell)
{
    const char *unknown;

    lone_cell_open(model, &cell->it);
    unknown = take_values(cell, parameters);
    return unknown ? unknown : take_values(cell, own);
}

/* Makes room for the input of all steps. */
static void make_input(struct cell *cell, double duration_ms, double step_ms)
{
    cell->step_ms = step_ms;
    cell->steps = (size_t)lround(duration_ms / step_ms);
    cell->input =
        tt_alloc_array((cell->steps + 1) * MODEL_MAX_RECEPTORS, sizeof *cell->input);
    cell->current = tt_alloc_array(cell->steps + 1, sizeof *cell->current);
    if (!cell->input || !cell->current)
        abort();
}

static void free_input(struct cell *cell)
{
    free(cell->input);
    free(cell->current);
}

static void add_spikes(struct cell *cell, const json_t *times, double weight,
                       double delay_ms)
{
    const struct model *const model = cell->it.model;
    const size_t receptor = network_receptor(model, weight);
    const double one = model->receptors[receptor].counts_spikes ? 1.0 : weight;

    for (size_t i = 0; i < json_array_size(times); i++) {
        const long step = lround((reference_item(times, i) + delay_ms) / cell->step_ms);

        if (step >= 1 && (size_t)step <= cell->steps)
            cell->input[(size_t)step * MODEL_MAX_RECEPTORS + receptor] += one;
    }
}

/* Spikes at receptor 1 of a parrot have no effect. */
static void add_sources(struct cell *cell, const json_t *sources)
{
    for (size_t i = 0; i < json_array_size(sources); i++) {
        const json_t *const source = json_array_get(sources, i);

        if (reference_number(source, "receptor") == 0.0)
            add_spikes(cell, json_object_get(source, "times_ms"),
                       reference_number(source, "weight"),
                       reference_number(source, "delay_ms"));
    }
}

static void add_current(struct cell *cell, const json_t *current)
{
    const json_t *const onsets = json_object_get(current, "onset_ms");
    const json_t *const amplitudes = json_object_get(current, "amplitude_pA");

    for (size_t step = 1; step <= cell->steps; step++)
        for (size_t i = 0; i < json_array_size(onsets); i++)
            if (reference_item(onsets, i) <=
                ((double)step - 1.0) * cell->step_ms + 1e-9)
                cell->current[step] = reference_item(amplitudes, i);
}

static int run_step(struct cell *cell, size_t step)
{
    memcpy(cell->it.input, cell->input + step * MODEL_MAX_RECEPTORS,
           sizeof cell->it.input);
    cell->it.current = cell->current[step];
    return lone_cell_step(&cell->it);
}

struct comparison {
    const json_t *spikes, *expect;
    double spike_ms, V_abs, away_ms;
    size_t every; /* steps from sample to sample; 0: none */
};

static bool is_near_a_spike(const struct comparison *comparison, double time_ms)
{
    for (size_t i = 0; i < json_array_size(comparison->spikes); i++)
        if (fabs(reference_item(comparison->spikes, i) - time_ms) <=
            comparison->away_ms)
            return true;
    return false;
}

static struct reference_outcome compare_states(const struct cell *cell,
                                               const struct comparison *comparison,
                                               size_t step)
{
    const double time_ms = (double)step * cell->step_ms;

    if (comparison->away_ms > 0.0 && is_near_a_spike(comparison, time_ms))
        return reference_passed();
    for (size_t i = 0; i < cell->it.model->state_count; i++) {
        const char *const name = cell->it.model->states[i].name;
        const json_t *const samples = json_object_get(comparison->expect, name);
        const double want = reference_item(samples, step / comparison->every - 1);

        if (samples && !(fabs(cell->it.states[i] - want) <= comparison->V_abs))
            return reference_failed("%s at %.10g ms is %.12g, not %.12g", name, time_ms,
                                    cell->it.states[i], want);
    }
    return reference_passed();
}

static struct reference_outcome compare_spike(const struct cell *cell,
                                              const struct comparison *comparison,
                                              size_t step, size_t seen)
{
    const double time_ms = (double)step * cell->step_ms;
    const double want = reference_item(comparison->spikes, seen);

    if (seen >= json_array_size(comparison->spikes))
        return reference_failed("one spike too many at %.10g ms", time_ms);
    if (!(fabs(time_ms - want) <= comparison->spike_ms + 1e-6))
        return reference_failed("spike %zu at %.10g ms, not at %.10g ms", seen, time_ms,
                                want);
    return reference_passed();
}

static struct reference_outcome run_cell(struct cell *cell,
                                         const struct comparison *comparison)
{
    struct reference_outcome outcome = reference_passed();
    size_t seen = 0;

    lone_cell_prepare(&cell->it, cell->step_ms);
    for (size_t step = 1; step <= cell->steps; step++) {
        const int fired = run_step(cell, step);

        if (fired < 0)
            return reference_failed("at step %zu: %s", step, cell->it.trouble);
        for (int i = 0; i < fired && outcome.verdict == REFERENCE_PASSED; i++)
            outcome = compare_spike(cell, comparison, step, seen++);
        if (outcome.verdict == REFERENCE_PASSED && comparison->every > 0 &&
            step % comparison->every == 0)
            outcome = compare_states(cell, comparison, step);
        if (outcome.verdict != REFERENCE_PASSED)
            return outcome;
    }
    if (seen != json_array_size(comparison->spikes))
        return reference_failed("%zu spikes instead of %zu", seen,
                                json_array_size(comparison->spikes));
    return outcome;
}

struct reference_outcome reference_play_cell(const struct reference_case *it)
{
    const char *const name = json_string_value(json_object_get(it->file, "model"));
    const struct model *const model = models_find(name);
    const json_t *const tolerance = json_object_get(it->file, "tolerance");
    const double step_ms = reference_number(it->file, "resolution_ms");
    struct comparison comparison = {.expect = json_object_get(it->one, "expect")};
    struct reference_outcome outcome;
    struct cell cell = {0};
    const char *unknown;

    if (!model)
        return reference_left_out("the kernel has no model %s", name);
    unknown = describe_cell(model, json_object_get(it->file, "parameters"),
                            json_object_get(it->one, "parameters"), &cell);
    if (unknown)
        return reference_left_out("%s has no parameter %s", name, unknown);
    comparison.spikes = json_object_get(comparison.expect, "spike_times_ms");
    comparison.spike_ms = reference_number(tolerance, "spike_ms");
    comparison.V_abs = reference_number(tolerance, "V_abs");
    comparison.away_ms = reference_number(tolerance, "away_from_spikes_ms");
    comparison.every =
        (size_t)lround(reference_number(it->one, "record_interval_ms") / step_ms);
    make_input(&cell, reference_number(it->one, "duration_ms"), step_ms);
    add_sources(&cell, json_object_get(it->one, "spikes_in"));
    add_current(&cell, json_object_get(it->one, "current_in"));
    outcome = run_cell(&cell, &comparison);
    free_input(&cell);
    return outcome;
}

/* "gsl" and so on, as the file of the same model in neurons/ says it. */
static bool is_adaptive(const char *folder, const char *model)
{
    char path[4096];
    json_t *file;
    bool is_gsl;

    snprintf(path, sizeof path, "%s/neurons/%s.json", folder, model);
    file = json_load_file(path, 0, NULL);
    is_gsl =
        file && strcmp(json_string_value(json_object_get(file, "class")), "gsl") == 0;
    json_decref(file);
    return is_gsl;
}

/* One train and one weight for each source. Where a file has trains, the V_m among its
 * parameters is that of the end of a run: the cell started from the model's standard.
 */
static void add_trains(struct cell *cell, const struct reference_case *it)
{
    const json_t *const trains = json_object_get(it->file, "input_spike_times_ms");
    const json_t *const weights = json_object_get(it->one, "weights");

    if (trains)
        cell->it.states[0] = cell->it.model->states[0].preset;
    for (size_t i = 0; i < json_array_size(trains); i++)
        add_spikes(cell, json_array_get(trains, i), reference_item(weights, i),
                   reference_number(it->file, "delay_ms"));
}

struct reference_outcome reference_play_resolution(const struct reference_case *it)
{
    const char *const name = json_string_value(json_object_get(it->file, "model"));
    const struct model *const model = models_find(name);
    const json_t *const expect = json_object_get(it->one, "expect");
    const json_t *const step = json_object_get(it->one, "resolution_ms");
    struct comparison comparison = {
        .expect = expect, .spikes = json_object_get(expect, "spike_times_ms")};
    const json_t *const length = json_object_get(it->file, "duration_ms");
    const size_t spikes = json_array_size(comparison.spikes);
    struct reference_outcome outcome;
    struct cell cell = {0};
    const char *unknown;

    if (!model)
        return reference_left_out("the kernel has no model %s", name);
    unknown =
        describe_cell(model, json_object_get(it->file, "parameters"), NULL, &cell);
    if (unknown)
        return reference_left_out("%s has no parameter %s", name, unknown);
    /* Without a duration the last spike is the end. */
    make_input(&cell,
               length ? json_number_value(length)
                      : reference_item(comparison.spikes, spikes - 1),
               step ? json_number_value(step)
                    : reference_number(it->file, "resolution_ms"));
    comparison.spike_ms = is_adaptive(it->folder, name) ? cell.step_ms : 0.0;
    add_sources(&cell, json_object_get(it->file, "spikes_in"));
    add_current(&cell, json_object_get(it->file, "current_in"));
    add_trains(&cell, it);
    outcome = run_cell(&cell, &comparison);
    free_input(&cell);
    return outcome;
}
