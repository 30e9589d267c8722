/* Every model against NEST: its cells driven by currents and spikes, and a network of
 * them connection by connection. SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "json_value.h"
#include "kernel/model.h"
#include "kernel/network.h"
#include "kernel/simulation.h"
#include "models/models.h"
#include "piece.h"

/* --- one cell, by the functions of its model
 * ------------------------------------------ */

struct cell {
    const struct model *model;
    double step_ms;
    double parameters[MODEL_MAX_PARAMETERS];
    double constants[MODEL_MAX_CONSTANTS];
    double state[MODEL_MAX_STATES];
    double input[MODEL_MAX_RECEPTORS];
    double base_current; /* I_e without what the case adds */
    size_t current_index;
};

/* Sets what the model knows; NEST has parameters of other uses too. */
static void take_values(struct cell *cell, const struct tt_value *map)
{
    const struct model *const model = cell->model;

    for (size_t i = 0; i < model->parameter_count; i++)
        if (tt_map_find(map, model->parameters[i].name))
            cell->parameters[i] = json_number_of(map, model->parameters[i].name);
    for (size_t i = 0; i < model->state_count; i++)
        if (tt_map_find(map, model->states[i].name))
            cell->state[i] = json_number_of(map, model->states[i].name);
}

/* A cell of the file; `one`, when not NULL, is a case with parameters of its own. */
static struct cell make_cell(const struct tt_value *file, const struct tt_value *one,
                             double step_ms)
{
    struct cell cell = {.model = models_find(json_get(file, "model")->text),
                        .step_ms = step_ms};

    assert_non_null(cell.model);
    for (size_t i = 0; i < cell.model->state_count; i++)
        cell.state[i] = cell.model->states[i].preset;
    take_values(&cell, json_get(file, "parameters"));
    if (one)
        take_values(&cell, json_get(one, "parameters"));
    for (size_t i = 0; i < cell.model->parameter_count; i++)
        if (strcmp(cell.model->parameters[i].name, "I_e") == 0)
            cell.current_index = i;
    cell.base_current = cell.parameters[cell.current_index];
    return cell;
}

/* The current that the case gives in the step that ends at `step`. */
static double current_at(const struct cell *cell, const struct tt_value *current,
                         long step)
{
    const double begin = ((double)step - 1.0) * cell->step_ms + 1e-9;
    double now = 0.0;

    if (current->kind != TT_MAP)
        return 0.0;
    for (size_t i = 0; i < json_get(current, "onset_ms")->count; i++)
        if (json_number(&json_get(current, "onset_ms")->items[i]) <= begin)
            now = json_number(&json_get(current, "amplitude_pA")->items[i]);
    return now;
}

static void collect_input(struct cell *cell, const struct tt_value *sources, long step)
{
    memset(cell->input, 0, sizeof cell->input);
    for (size_t i = 0; i < sources->count; i++) {
        const struct tt_value *const source = &sources->items[i];
        const struct tt_value *const times = json_get(source, "times_ms");
        const double weight = json_number_of(source, "weight");
        const double delay = json_number_of(source, "delay_ms");

        for (size_t k = 0; k < times->count; k++)
            if (lround((json_number(&times->items[k]) + delay) / cell->step_ms) == step)
                cell->input[network_receptor(cell->model, weight)] += weight;
    }
}

/* `drive` holds the spikes and the current that the cell receives. */
static bool run_step(struct cell *cell, const struct tt_value *drive, long step)
{
    double *states[MODEL_MAX_STATES];
    const double *inputs[MODEL_MAX_RECEPTORS];
    uint16_t spikes = 0;

    for (size_t i = 0; i < MODEL_MAX_STATES; i++)
        states[i] = &cell->state[i];
    for (size_t i = 0; i < MODEL_MAX_RECEPTORS; i++)
        inputs[i] = &cell->input[i];
    cell->parameters[cell->current_index] =
        cell->base_current + current_at(cell, json_get(drive, "current_in"), step);
    cell->model->prepare(cell->parameters, cell->step_ms, cell->constants);
    collect_input(cell, json_get(drive, "spikes_in"), step);
    cell->model->update(&(struct model_block){.size = 1,
                                              .constants = cell->constants,
                                              .states = states,
                                              .input = inputs,
                                              .current = &(double){0.0},
                                              .spikes = &spikes});
    return spikes > 0;
}

/* Sample number `sample` of every state that NEST recorded. */
static void compare_states(const struct cell *cell, const struct tt_value *expect,
                           size_t sample, double tolerance)
{
    for (size_t i = 0; i < cell->model->state_count; i++) {
        const struct tt_value *const want =
            tt_map_find(expect, cell->model->states[i].name);

        if (want)
            assert_true(fabs(cell->state[i] - json_number(&want->items[sample])) <=
                        tolerance);
    }
}

static void play_case(const struct tt_value *file, const struct tt_value *one)
{
    const struct tt_value *const expect = json_get(one, "expect");
    const struct tt_value *const spikes = json_get(expect, "spike_times_ms");
    const double tolerance = json_number_of(json_get(file, "tolerance"), "V_abs");
    struct cell cell = make_cell(file, one, json_number_of(file, "resolution_ms"));
    const long steps = lround(json_number_of(one, "duration_ms") / cell.step_ms);
    const long every = lround(json_number_of(one, "record_interval_ms") / cell.step_ms);
    size_t fired = 0;

    for (long step = 1; step <= steps; step++) {
        if (run_step(&cell, one, step)) {
            assert_true(fired < spikes->count);
            assert_int_equal(step,
                             lround(json_number(&spikes->items[fired]) / cell.step_ms));
            fired++;
        }
        if (step % every == 0)
            compare_states(&cell, expect, (size_t)(step / every) - 1, tolerance);
    }
    assert_int_equal(fired, spikes->count);
}

static void each_model_gives_the_voltages_and_spikes_of_nest(void **state)
{
    (void)state;
    for (size_t i = 0; models_get(i); i++) {
        struct tt_text path = {0};
        struct tt_document *document;
        const struct tt_value *file, *cases;

        tt_text_add(&path, REFERENCE "/neurons/%s.json", models_get(i)->name);
        document = json_read(tt_text_get(&path));
        file = tt_document_root(document);
        cases = json_get(file, "cases");
        assert_true(cases->count > 0);
        for (size_t k = 0; k < cases->count; k++)
            play_case(file, &cases->items[k]);
        tt_document_free(&document);
        tt_text_free(&path);
    }
}

static void play_resolution(const struct tt_value *file, const struct tt_value *one)
{
    const struct tt_value *const spikes =
        json_get(json_get(one, "expect"), "spike_times_ms");
    struct cell cell = make_cell(file, NULL, json_number_of(one, "resolution_ms"));
    const long steps = lround(json_number_of(file, "duration_ms") / cell.step_ms);
    size_t fired = 0;

    for (long step = 1; step <= steps; step++)
        if (run_step(&cell, file, step)) {
            assert_true(fired < spikes->count);
            assert_int_equal(step,
                             lround(json_number(&spikes->items[fired]) / cell.step_ms));
            fired++;
        }
    assert_int_equal(fired, spikes->count);
}

static void steps_from_10_us_to_1_ms_give_the_spikes_of_nest(void **state)
{
    struct tt_document *document = json_read(REFERENCE "/resolution/iaf_psc_exp.json");
    const struct tt_value *const file = tt_document_root(document);
    const struct tt_value *const cases = json_get(file, "cases");

    (void)state;
    assert_true(cases->count > 0);
    for (size_t i = 0; i < cases->count; i++)
        play_resolution(file, &cases->items[i]);
    tt_document_free(&document);
}

/* --- a network, by its file
 * ------------------------------------------------------------ */

/* A population for each cell, a projection for each connection. */
static void write_network(const struct tt_value *file, struct tt_text *text)
{
    const struct tt_value *const connections = json_get(file, "connections");
    const struct tt_value *const sources = json_get(connections, "source");
    const char *const unit =
        models_find(json_get(file, "model")->text)->receptors[0].unit;

    tt_text_add(text, "network: reference\nseed: 1\nstep: %s ms\npopulations:\n",
                json_get(file, "resolution_ms")->text);
    for (size_t i = 0; i < json_get(file, "I_e_pA")->count; i++)
        tt_text_add(text,
                    "  c%zu: {model: %s, size: 1, parameters: {I_e: %s pA}, initial: "
                    "{V_m: %s mV}}\n",
                    i, json_get(file, "model")->text,
                    json_get(file, "I_e_pA")->items[i].text,
                    json_get(file, "V_m0_mV")->items[i].text);
    tt_text_add(text, "projections:\n");
    for (size_t i = 0; i < sources->count; i++)
        tt_text_add(text,
                    "  - {name: p%zu, from: c%s, to: c%s, rule: one_to_one, weight: %s "
                    "%s, delay: %s ms}\n",
                    i, sources->items[i].text,
                    json_get(connections, "target")->items[i].text,
                    json_get(connections, "weight")->items[i].text, unit,
                    json_get(connections, "delay_ms")->items[i].text);
}

/* All spikes of one step, in the order of the cells. */
static size_t compare_spikes(const struct network *network,
                             const struct simulation *simulation,
                             const struct tt_value *expect, size_t seen)
{
    const struct tt_value *const times = json_get(expect, "spike_times_ms");
    const struct tt_value *const senders = json_get(expect, "spike_senders");
    const double step_ms = (double)network->step * 1e-6;

    for (size_t i = 0; i < network->population_count; i++) {
        const uint32_t *cells;

        if (simulation_spikes(simulation, i, &cells) == 0)
            continue;
        assert_true(seen < times->count);
        assert_int_equal(i, lround(json_number(&senders->items[seen])));
        assert_int_equal(simulation_step(simulation),
                         lround(json_number(&times->items[seen]) / step_ms));
        seen++;
    }
    return seen;
}

static void play_network(struct piece *piece, const struct tt_value *one)
{
    const struct network *const network = &piece->network;
    struct simulation *const simulation = piece->simulation;
    const struct tt_value *const expect = json_get(one, "expect");
    const struct tt_value *const voltages = json_get(expect, "V_m_first_three");
    const double step_ms = (double)network->step * 1e-6;
    const long every = lround(json_number_of(expect, "record_interval_ms") / step_ms);
    const long steps = lround(json_number_of(one, "duration_ms") / step_ms);
    size_t seen = 0;

    for (long step = 1; step <= steps; step++) {
        assert_int_equal(simulation_advance(simulation), TUTTI_OK);
        seen = compare_spikes(network, simulation, expect, seen);
        for (size_t i = 0; step % every == 0 && i < voltages->count; i++) {
            const size_t sample = (size_t)(step / every) - 1;

            if (sample < voltages->items[i].count)
                assert_true(fabs(*simulation_state(simulation, i, 0) -
                                 json_number(&voltages->items[i].items[sample])) <
                            1e-6);
        }
    }
    assert_int_equal(seen, json_get(expect, "spike_times_ms")->count);
}

static void a_network_of_100_cells_fires_every_spike_of_nest(void **state)
{
    struct tt_document *document = json_read(REFERENCE "/network/iaf_psc_exp.json");
    const struct tt_value *const file = tt_document_root(document);
    struct tt_text text = {0};
    struct piece piece;

    (void)state;
    write_network(file, &text);
    piece_open(tt_text_get(&text), NULL, 0, &piece);
    play_network(&piece, &json_get(file, "cases")->items[0]);
    piece_close(&piece);
    tt_text_free(&text);
    tt_document_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_model_gives_the_voltages_and_spikes_of_nest),
        cmocka_unit_test(steps_from_10_us_to_1_ms_give_the_spikes_of_nest),
        cmocka_unit_test(a_network_of_100_cells_fires_every_spike_of_nest),
    };

    return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
