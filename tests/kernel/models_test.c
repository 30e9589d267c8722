/* What every model of the table must be.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/model.h"
#include "lone_cell.h"
#include "models/models.h"
#include "piece.h"

static void every_model_is_found_by_its_name(void **state)
{
    (void)state;
    assert_non_null(models_get(0));
    for (size_t i = 0; models_get(i); i++)
        assert_ptr_equal(models_find(models_get(i)->name), models_get(i));
    assert_null(models_find("no such model"));
}

static void every_table_fits_into_the_room_of_the_kernel(void **state)
{
    (void)state;
    for (size_t i = 0; models_get(i); i++) {
        assert_true(strlen(models_get(i)->help) > 0);
        assert_in_range(models_get(i)->parameter_count, 0, MODEL_MAX_PARAMETERS);
        assert_in_range(models_get(i)->state_count, 0, MODEL_MAX_STATES);
        assert_in_range(models_get(i)->receptor_count, 1, MODEL_MAX_RECEPTORS);
    }
}

static void all_receptors_of_a_model_have_one_unit(void **state)
{
    (void)state;
    for (size_t i = 0; models_get(i); i++)
        for (size_t k = 0; k < models_get(i)->receptor_count; k++)
            assert_string_equal(models_get(i)->receptors[k].unit,
                                models_get(i)->receptors[0].unit);
}

static void presets_are_legal(void **state)
{
    (void)state;
    for (size_t i = 0; models_get(i); i++) {
        const struct model *const model = models_get(i);
        double parameters[MODEL_MAX_PARAMETERS];

        for (size_t k = 0; k < model->parameter_count; k++) {
            parameters[k] = model->parameters[k].preset;
            assert_true(parameters[k] >= model->parameters[k].low);
            assert_true(parameters[k] <= model->parameters[k].high);
        }
        if (model->check)
            assert_null(model->check(parameters));
    }
}

/* With presets and no input. The presets of izhikevich are 6 mV from its rest. */
static void a_cell_without_input_comes_to_rest_and_is_silent(void **state)
{
    (void)state;
    for (size_t i = 0; models_get(i); i++) {
        const struct model *const model = models_get(i);
        struct lone_cell cell;

        lone_cell_open(model, &cell);
        lone_cell_prepare(&cell, 0.1);
        for (int step = 0; step < 1000; step++)
            assert_int_equal(lone_cell_step(&cell), 0);
        for (size_t k = 0; k < model->state_count; k++)
            assert_true(fabs(cell.states[k] - model->states[k].preset) < 6.0);
    }
}

enum { CELLS = 37, STEPS = 200 };

/* Cells of one model, and what they receive in this step. */
struct crowd {
    const struct model *model;
    double constants[MODEL_MAX_CONSTANTS];
    double states[MODEL_MAX_STATES][CELLS];
    double input[MODEL_MAX_RECEPTORS][CELLS];
    double current[CELLS];
    uint16_t spikes[CELLS];
    long fired;
};

static void gather_crowd(const struct model *model, struct crowd *crowd)
{
    double parameters[MODEL_MAX_PARAMETERS];

    *crowd = (struct crowd){.model = model};
    for (size_t i = 0; i < model->parameter_count; i++)
        parameters[i] = model->parameters[i].preset;
    for (size_t i = 0; i < model->state_count; i++)
        for (int cell = 0; cell < CELLS; cell++)
            crowd->states[i][cell] = model->states[i].preset;
    for (int cell = 0; cell < CELLS && model->state_count > 0; cell++)
        crowd->states[0][cell] += 0.1 * cell;
    model->prepare(parameters, 0.1, crowd->constants);
}

/* Enough to make each model fire, another for each cell and step. */
static void drive_crowd(struct crowd *crowd, int step)
{
    const double amplitude = crowd->model->receptors[0].counts_spikes ? 2.0 : 10.0;

    for (size_t i = 0; i < crowd->model->receptor_count; i++)
        for (int cell = 0; cell < CELLS; cell++)
            crowd->input[i][cell] = (step * 7 + cell * 5) % 13 == 0
                                        ? amplitude * (i == 0 ? 1.0 : -0.5)
                                        : 0.0;
    for (int cell = 0; cell < CELLS; cell++)
        crowd->current[cell] = crowd->model->receptors[0].unit[0] == 'm'
                                   ? 10.0 + cell
                                   : 600.0 + 20.0 * cell;
}

static void move_crowd(struct crowd *crowd, size_t size)
{
    for (size_t first = 0; first < CELLS; first += size) {
        double *states[MODEL_MAX_STATES];
        const double *inputs[MODEL_MAX_RECEPTORS];

        for (size_t i = 0; i < MODEL_MAX_STATES; i++)
            states[i] = crowd->states[i] + first;
        for (size_t i = 0; i < MODEL_MAX_RECEPTORS; i++)
            inputs[i] = crowd->input[i] + first;
        assert_null(crowd->model->update(
            &(struct model_block){.size = CELLS - first < size ? CELLS - first : size,
                                  .constants = crowd->constants,
                                  .states = states,
                                  .input = inputs,
                                  .current = crowd->current + first,
                                  .spikes = crowd->spikes + first}));
    }
    for (int cell = 0; cell < CELLS; cell++)
        crowd->fired += crowd->spikes[cell];
}

static void blocks_of_any_size_give_the_same_bits(void **state)
{
    const size_t sizes[] = {1, 5, 16};

    (void)state;
    for (size_t i = 0; models_get(i); i++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            static struct crowd whole, parts;

            gather_crowd(models_get(i), &whole);
            parts = whole;
            for (int step = 0; step < STEPS; step++) {
                drive_crowd(&whole, step);
                drive_crowd(&parts, step);
                move_crowd(&whole, CELLS);
                move_crowd(&parts, sizes[k]);
                assert_memory_equal(whole.states, parts.states, sizeof whole.states);
                assert_memory_equal(whole.spikes, parts.spikes, sizeof whole.spikes);
            }
            assert_true(whole.fired > 0);
        }
}

/* Reads a network of one cell of `model` with `text` in its description; the sentence
 * of the failure is returned. */
static const char *refusal(const char *model, const char *text)
{
    struct network network;
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "network: n\nseed: 1\nstep: 0.1 ms\npopulations:\n"
             "  A: {model: %s, size: 1, %s}\n",
             model, text);
    assert_int_not_equal(piece_parse(yaml, &network), TUTTI_OK);
    network_free(&network);
    return tutti_last_error();
}

static void expect_refusal(const struct model *model,
                           const struct model_parameter *parameter, double value)
{
    const char *const unit = strcmp(parameter->unit, "1") == 0 ? "" : parameter->unit;
    char text[256], sentence[256];

    snprintf(text, sizeof text, "parameters: {%s: %.15g %s}", parameter->name, value,
             unit);
    snprintf(sentence, sizeof sentence, "%s of %s is %.15g %s, must be %s",
             parameter->name, model->name, value, parameter->unit, parameter->range);
    assert_non_null(strstr(refusal(model->name, text), sentence));
}

static void every_parameter_out_of_range_is_refused_with_its_range(void **state)
{
    (void)state;
    for (size_t i = 0; models_get(i); i++)
        for (size_t k = 0; k < models_get(i)->parameter_count; k++) {
            const struct model_parameter *const one = &models_get(i)->parameters[k];

            if (one->unit && isfinite(one->low))
                expect_refusal(models_get(i), one,
                               one->low < 1e-9 ? one->low - 1.0 : 0);
            if (one->unit && isfinite(one->high))
                expect_refusal(models_get(i), one, one->high * 2.0);
        }
}

/* What each text of `text` brings, from `model`. */
struct sentence {
    const char *model, *text, *says;
};

static void what_is_wrong_with_a_cell_is_said(void **state)
{
    const struct sentence sentences[] = {
        {"iaf_psc_delta", "parameters: {refractory_input: 2}",
         "'refractory_input' is '2', should be true or false"},
        {"iaf_psc_alpha", "parameters: {V_reset: -50 mV}",
         "population 'A': parameters of iaf_psc_alpha: V_reset must be below V_th"},
        {"iaf_cond_alpha", "parameters: {V_reset: -50 mV}",
         "parameters of iaf_cond_alpha: V_reset must be below V_th"},
        {"aeif_cond_exp", "parameters: {V_reset: 1 mV}",
         "parameters of aeif_cond_exp: V_reset must be below V_peak"},
        {"aeif_cond_exp", "parameters: {V_th: 1 mV}",
         "parameters of aeif_cond_exp: V_peak must not be below V_th"},
        {"aeif_cond_exp", "parameters: {Delta_T: 0.01 mV}",
         "V_peak - V_th must be below 663 Delta_T, else exp() overflows"},
        {"aeif_cond_exp", "initial: {g_ex: -1 nS}",
         "g_ex of aeif_cond_exp is -1 nS, must be from 0 nS to 1e6 nS"},
        {"hh_psc_alpha", "initial: {Act_m: {normal: {mean: 0.1, std: 0.1}}}",
         "Act_m must be 0 or above, which not all numbers of a normal distribution "
         "are; "
         "give it one value"},
        {"hh_psc_alpha", "initial: {I_syn_ex: 1 pA}", "unknown state 'I_syn_ex'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        assert_non_null(
            strstr(refusal(sentences[i].model, sentences[i].text), sentences[i].says));
}

static void a_cell_that_runs_away_stops_the_run_with_a_sentence(void **state)
{
    struct piece piece;

    (void)state;
    piece_open("network: n\nseed: 1\nstep: 0.1 ms\npopulations:\n"
               "  A: {model: aeif_cond_exp, size: 3, parameters: {I_e: -1e8 pA}}\n",
               NULL, 0, &piece);
    assert_int_equal(simulation_advance(piece.simulation), TUTTI_BAD_CONFIG);
    assert_string_equal(
        tutti_last_error(),
        "population 'A' at 0.1 ms: V_m is below -1e3 mV or w beyond 1e6 "
        "pA: the cell has run away; use a smaller step, smaller "
        "weights, or a and b that are not so far from 0");
    piece_close(&piece);
}

/* Through a generator and two parrots, with weights that would round to nothing or have
 * the wrong sign. */
static void
parrots_repeat_spikes_whatever_the_weights_as_often_as_they_came(void **state)
{
    struct piece piece;

    (void)state;
    piece_open(
        "network: n\nseed: 1\nstep: 0.1 ms\npopulations:\n"
        "  S: {model: spike_generator, size: 1, parameters: {spike_times: [1 ms, "
        "1 ms, 2 ms]}}\n"
        "  P: {model: parrot_neuron, size: 1}\n"
        "  Q: {model: parrot_neuron, size: 1}\n"
        "projections:\n"
        "- {name: a, from: S, to: P, rule: all_to_all, weight: 0.25, delay: 1 ms}\n"
        "- {name: b, from: P, to: Q, rule: all_to_all, weight: -3, delay: 0.5 "
        "ms}\n",
        NULL, 0, &piece);
    for (int step = 1; step <= 40; step++) {
        const uint32_t *cells;

        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        assert_int_equal(simulation_spikes(piece.simulation, 1, &cells),
                         step == 20 ? 2 : step == 30);
        assert_int_equal(simulation_spikes(piece.simulation, 2, &cells),
                         step == 25 ? 2 : step == 35);
    }
    piece_close(&piece);
}

/* Weights of both signs end on the one receptor of a cell whose potential jumps. */
static void weights_of_both_signs_move_a_cell_with_one_receptor(void **state)
{
    const char *const models[] = {"iaf_psc_delta", "izhikevich"};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (int weight = -2; weight <= 2; weight += 4) {
            struct piece piece;
            char text[512];
            double before, moved;

            snprintf(
                text, sizeof text,
                "network: n\nseed: 1\nstep: 0.1 ms\npopulations:\n"
                "  S: {model: spike_generator, size: 1, parameters: {spike_times: "
                "[0.1 ms]}}\n"
                "  A: {model: %s, size: 1}\n"
                "projections: [{name: a, from: S, to: A, rule: all_to_all, weight: "
                "%d mV, delay: 0.1 ms}]\n",
                models[i], weight);
            piece_open(text, NULL, 0, &piece);
            assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
            before = *simulation_state(piece.simulation, 1, 0);
            assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
            moved = *simulation_state(piece.simulation, 1, 0) - before;
            assert_true(fabs(moved - weight) < 0.5);
            piece_close(&piece);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_is_found_by_its_name),
        cmocka_unit_test(every_table_fits_into_the_room_of_the_kernel),
        cmocka_unit_test(all_receptors_of_a_model_have_one_unit),
        cmocka_unit_test(presets_are_legal),
        cmocka_unit_test(a_cell_without_input_comes_to_rest_and_is_silent),
        cmocka_unit_test(blocks_of_any_size_give_the_same_bits),
        cmocka_unit_test(every_parameter_out_of_range_is_refused_with_its_range),
        cmocka_unit_test(what_is_wrong_with_a_cell_is_said),
        cmocka_unit_test(a_cell_that_runs_away_stops_the_run_with_a_sentence),
        cmocka_unit_test(
            parrots_repeat_spikes_whatever_the_weights_as_often_as_they_came),
        cmocka_unit_test(weights_of_both_signs_move_a_cell_with_one_receptor),
    };

    return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
