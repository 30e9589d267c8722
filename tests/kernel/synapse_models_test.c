/* What every synapse model of the table must be, and what single ones promise.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/synapse.h"
#include "models/synapses.h"

static void every_synapse_is_found_by_its_name(void **state)
{
    (void)state;
    assert_string_equal(synapses_get(0)->name, "static_synapse");
    for (size_t i = 0; synapses_get(i); i++)
        assert_ptr_equal(synapses_find(synapses_get(i)->name), synapses_get(i));
    assert_null(synapses_find("no such synapse"));
}

static void every_table_fits_into_the_room_of_the_kernel(void **state)
{
    (void)state;
    for (size_t i = 0; synapses_get(i); i++) {
        assert_in_range(synapses_get(i)->parameter_count, 0, SYNAPSE_MAX_PARAMETERS);
        assert_in_range(synapses_get(i)->state_count, 0, SYNAPSE_MAX_STATES);
        assert_true(synapses_get(i)->is_static || synapses_get(i)->send);
        assert_true(!synapses_get(i)->sees_targets || synapses_get(i)->meet);
    }
}

static void take_presets(const struct synapse *synapse, double *parameters)
{
    for (size_t i = 0; i < synapse->parameter_count; i++)
        parameters[i] = synapse->parameters[i].preset;
}

static void presets_are_legal(void **state)
{
    (void)state;
    for (size_t i = 0; synapses_get(i); i++) {
        const struct synapse *const synapse = synapses_get(i);
        double parameters[SYNAPSE_MAX_PARAMETERS];

        take_presets(synapse, parameters);
        for (size_t k = 0; k < synapse->parameter_count; k++)
            assert_true(parameters[k] >= synapse->parameters[k].low &&
                        parameters[k] <= synapse->parameters[k].high);
        if (!synapse->is_static)
            assert_null(synapse->check(parameters, 0.0, 1.0));
    }
}

/* Lanes without a spike are left alone to the last bit. */
static void a_spike_of_another_target_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; synapses_get(i); i++) {
        const struct synapse *const synapse = synapses_get(i);
        double parameters[SYNAPSE_MAX_PARAMETERS], constants[SYNAPSE_MAX_CONSTANTS];
        double source[SYNAPSE_MAX_STATES], weights[SYNAPSE_LANES];
        int32_t since[SYNAPSE_LANES];

        if (!synapse->sees_targets)
            continue;
        take_presets(synapse, parameters);
        synapse->prepare(parameters, 0.1, constants);
        synapse->start(parameters, source);
        synapse->spike(constants, 10, source);
        for (int k = 0; k < SYNAPSE_LANES; k++) {
            weights[k] = 0.1 * k + 1.0 / 3;
            since[k] = k % 2 ? 7 : -1;
        }
        synapse->meet(constants, source, since, weights);
        for (int k = 0; k < SYNAPSE_LANES; k++)
            assert_true((weights[k] == 0.1 * k + 1.0 / 3) == (k % 2 == 0));
    }
}

/* --- tsodyks_synapse ---------------------------------------------------------------
 */

enum { TSODYKS_U, TSODYKS_TAU_FAC, TSODYKS_TAU_PSC, TSODYKS_TAU_REC };

/* Share of the resource that the last of some spikes, 10 ms apart, releases. */
static double last_release(double tau_psc, double tau_rec)
{
    const struct synapse *const synapse = synapses_find("tsodyks_synapse");
    double parameters[SYNAPSE_MAX_PARAMETERS], constants[SYNAPSE_MAX_CONSTANTS];
    double source[SYNAPSE_MAX_STATES];
    double weights[SYNAPSE_LANES] = {1.0}, amounts[SYNAPSE_LANES];

    take_presets(synapse, parameters);
    parameters[TSODYKS_TAU_PSC] = tau_psc;
    parameters[TSODYKS_TAU_REC] = tau_rec;
    synapse->prepare(parameters, 0.1, constants);
    synapse->start(parameters, source);
    for (int i = 0; i < 5; i++)
        synapse->spike(constants, 100, source);
    synapse->send(constants, source, NULL, weights, amounts);
    return amounts[0];
}

static void equal_time_constants_are_between_their_neighbours(void **state)
{
    const double below = last_release(20.0 - 1e-6, 20.0);
    const double equal = last_release(20.0, 20.0);
    const double above = last_release(20.0 + 1e-6, 20.0);

    (void)state;
    assert_true(fabs(equal - (below + above) / 2) < 1e-12);
    assert_true(fabs(below - above) < 1e-6);
}

/* --- powers ------------------------------------------------------------------------
 */

static void powers_are_those_of_the_c_library(void **state)
{
    static const double exponents[] = {0.0, 0.02, 0.4, 1.0, 2.5, 17.0};

    (void)state;
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++)
        for (double x = 1e-9; x < 1e9; x *= 1.01) {
            const double expected = pow(x, exponents[i]);
            const double bound = 1e-15 * (1.0 + fabs(exponents[i] * log(x)));

            assert_true(fabs(power(x, exponents[i]) / expected - 1.0) < bound);
        }
    assert_true(power(0.0, 0.4) == 0.0 && power(-1.0, 0.4) == 0.0);
    assert_true(power(0.0, 0.0) == 1.0);
}

static void logarithms_are_those_of_the_c_library(void **state)
{
    (void)state;
    for (double x = 0x1p-1000; x < 0x1p1000; x *= 1.37) {
        const double expected = log(x);

        assert_true(fabs(logarithm(x) - expected) <= 4e-16 * fabs(expected));
    }
    assert_true(logarithm(1.0) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_synapse_is_found_by_its_name),
        cmocka_unit_test(every_table_fits_into_the_room_of_the_kernel),
        cmocka_unit_test(presets_are_legal),
        cmocka_unit_test(a_spike_of_another_target_changes_nothing),
        cmocka_unit_test(equal_time_constants_are_between_their_neighbours),
        cmocka_unit_test(powers_are_those_of_the_c_library),
        cmocka_unit_test(logarithms_are_those_of_the_c_library),
    };

    return cmocka_run_group_tests_name("synapse", tests, NULL, NULL);
}
