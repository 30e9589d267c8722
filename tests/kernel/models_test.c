/* What every model of the table must be.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/model.h"
#include "models/models.h"

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
        assert_null(model->check(parameters));
    }
}

/* With presets and no input. The presets of izhikevich are 6 mV from its rest. */
static void a_cell_without_input_comes_to_rest_and_is_silent(void **state)
{
    (void)state;
    for (size_t i = 0; models_get(i); i++) {
        const struct model *const model = models_get(i);
        double parameters[MODEL_MAX_PARAMETERS], constants[MODEL_MAX_CONSTANTS];
        double values[MODEL_MAX_STATES], zero = 0.0;
        double *states[MODEL_MAX_STATES];
        const double *inputs[MODEL_MAX_RECEPTORS];
        uint16_t spikes = 1;

        for (size_t k = 0; k < model->parameter_count; k++)
            parameters[k] = model->parameters[k].preset;
        for (size_t k = 0; k < model->state_count; k++) {
            values[k] = model->states[k].preset;
            states[k] = &values[k];
        }
        for (size_t k = 0; k < model->receptor_count; k++)
            inputs[k] = &zero;
        model->prepare(parameters, 0.1, constants);
        for (int step = 0; step < 1000; step++) {
            model->update(&(struct model_block){.size = 1,
                                                .constants = constants,
                                                .states = states,
                                                .input = inputs,
                                                .current = &(double){0.0},
                                                .spikes = &spikes});
            assert_int_equal(spikes, 0);
        }
        for (size_t k = 0; k < model->state_count; k++)
            assert_true(fabs(values[k] - model->states[k].preset) < 6.0);
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
    };

    return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
