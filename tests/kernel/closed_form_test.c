/* Models against solutions that can be written down.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lone_cell.h"
#include "models/models.h"

static const double STEP_MS = 0.1;

enum { EXCITATORY, INHIBITORY };

static struct lone_cell cell_of(const char *name)
{
    struct lone_cell cell;

    lone_cell_open(models_find(name), &cell);
    return cell;
}

static void set(struct lone_cell *cell, const char *name, double value)
{
    assert_true(lone_cell_set(cell, name, value));
}

static double value_of(const struct lone_cell *cell, const char *name)
{
    return *lone_cell_state(cell, name);
}

/* A spike of weight `weight` at the end of the next step. */
static void arrive(struct lone_cell *cell, int receptor, double weight)
{
    cell->input[receptor] = weight;
    assert_int_equal(lone_cell_step(cell), 0);
    cell->input[receptor] = 0.0;
}

/* The response of V_m after `time` ms to a spike of 1 pA, of 1 / C_m pF. */
struct response {
    const char *model;
    double tau_m, tau_syn;
    double (*at)(const struct response *response, double time);
};

static double of_exponential(const struct response *response, double time)
{
    const double a = 1.0 / response->tau_m, b = 1.0 / response->tau_syn;

    return (exp(-b * time) - exp(-a * time)) / (a - b);
}

static double of_equal_exponential(const struct response *response, double time)
{
    return time * exp(-time / response->tau_m);
}

static double of_alpha(const struct response *response, double time)
{
    const double a = 1.0 / response->tau_m, b = 1.0 / response->tau_syn, d = a - b;

    return exp(1.0) / response->tau_syn * exp(-a * time) *
           (exp(d * time) * (d * time - 1.0) + 1.0) / (d * d);
}

static double of_equal_alpha(const struct response *response, double time)
{
    return exp(1.0) / response->tau_syn * 0.5 * time * time *
           exp(-time / response->tau_m);
}

static double of_delta(const struct response *response, double time)
{
    return exp(-time / response->tau_m);
}

/* For 60 ms; the largest difference, in parts of the response's peak of about 1. */
static double difference(const struct response *response)
{
    struct lone_cell cell = cell_of(response->model);
    double largest = 0.0;

    set(&cell, "tau_m", response->tau_m);
    set(&cell, "C_m", 1.0);
    lone_cell_set(&cell, "tau_syn_ex", response->tau_syn);
    lone_cell_prepare(&cell, STEP_MS);
    arrive(&cell, EXCITATORY, 1.0);
    for (int step = 1; step <= 600; step++) {
        lone_cell_step(&cell);
        largest = fmax(largest, fabs(value_of(&cell, "V_m") + 70.0 -
                                     response->at(response, step * STEP_MS)));
    }
    return largest;
}

static void a_spike_gives_the_response_that_can_be_written_down(void **state)
{
    const struct response responses[] = {
        {"iaf_psc_delta", 10.0, 0.0, of_delta},
        {"iaf_psc_exp", 10.0, 2.0, of_exponential},
        {"iaf_psc_exp", 2.0, 10.0, of_exponential},
        {"iaf_psc_exp", 10.0, 10.0, of_equal_exponential},
        {"iaf_psc_alpha", 10.0, 2.0, of_alpha},
        {"iaf_psc_alpha", 2.0, 10.0, of_alpha},
        {"iaf_psc_alpha", 10.0, 0.05, of_alpha},
        {"iaf_psc_alpha", 10.0, 10.0, of_equal_alpha},
    };

    (void)state;
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++)
        assert_true(difference(&responses[i]) < 1e-11);
}

/* Where the textbook form loses all digits. */
static void
nearly_equal_time_constants_give_nearly_the_response_of_equal_ones(void **state)
{
    const struct response exponential = {"iaf_psc_exp", 10.0, 0.0,
                                         of_equal_exponential};
    const struct response alpha = {"iaf_psc_alpha", 10.0, 0.0, of_equal_alpha};

    (void)state;
    for (double apart = 1e-3; apart > 1e-16; apart /= 10.0)
        for (int side = -1; side <= 1; side += 2) {
            struct response near[] = {exponential, alpha};

            for (size_t i = 0; i < 2; i++) {
                near[i].tau_syn = 10.0 * (1.0 + side * apart);
                assert_true(difference(&near[i]) < 20.0 * apart + 1e-11);
            }
        }
}

static void
the_weight_is_the_peak_of_an_alpha_current_one_time_constant_later(void **state)
{
    const char *const models[] = {"iaf_psc_alpha", "hh_psc_alpha"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct lone_cell cell = cell_of(models[i]);

        set(&cell, "tau_syn_ex", 2.0);
        set(&cell, "tau_syn_in", 3.0);
        lone_cell_prepare(&cell, STEP_MS);
        cell.input[INHIBITORY] = -5.0;
        arrive(&cell, EXCITATORY, 7.0);
        cell.input[INHIBITORY] = 0.0;
        for (int step = 1; step <= 30; step++) {
            lone_cell_step(&cell);
            assert_true(value_of(&cell, "I_syn_ex") <= 7.0 + 1e-12);
            if (step == 20)
                assert_true(fabs(value_of(&cell, "I_syn_ex") - 7.0) < 1e-12);
        }
        assert_true(fabs(value_of(&cell, "I_syn_in") + 5.0) < 1e-12);
    }
}

static void a_current_of_a_step_acts_in_it_as_I_e_does(void **state)
{
    (void)state;
    for (size_t i = 0; models_get(i); i++) {
        struct lone_cell one, other;

        lone_cell_open(models_get(i), &one);
        other = one;
        if (!lone_cell_set(&one, "I_e", 3.5))
            continue;
        other.current = 3.5;
        lone_cell_prepare(&one, STEP_MS);
        lone_cell_prepare(&other, STEP_MS);
        lone_cell_step(&one);
        lone_cell_step(&other);
        assert_memory_equal(one.states, other.states, sizeof one.states);
        assert_true(one.states[0] != models_get(i)->states[0].preset);
    }
}

static void a_cell_is_held_for_t_ref_after_the_step_of_its_spike(void **state)
{
    const char *const models[] = {"iaf_psc_delta", "iaf_psc_exp", "iaf_psc_alpha",
                                  "iaf_cond_exp", "iaf_cond_alpha"};

    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct lone_cell cell = cell_of(models[i]);
        const double reset = -60.0;

        set(&cell, "V_reset", reset);
        set(&cell, "t_ref", 0.5);
        set(&cell, "V_m", -54.0);
        lone_cell_prepare(&cell, STEP_MS);
        assert_int_equal(lone_cell_step(&cell), 1);
        for (int step = 0; step < 5; step++) {
            assert_true(value_of(&cell, "V_m") == reset);
            assert_int_equal(lone_cell_step(&cell), 0);
        }
        assert_true(value_of(&cell, "V_m") == reset);
        lone_cell_step(&cell);
        assert_true(value_of(&cell, "V_m") < reset);
    }
}

/* What arrives with 2 steps of refractoriness left has decayed for 2 steps then. */
static void refractory_input_is_kept_and_decays_until_the_cell_is_free(void **state)
{
    struct lone_cell cell = cell_of("iaf_psc_delta");

    (void)state;
    set(&cell, "refractory_input", 1.0);
    set(&cell, "t_ref", 0.3);
    set(&cell, "V_m", -50.0);
    lone_cell_prepare(&cell, STEP_MS);
    assert_int_equal(lone_cell_step(&cell), 1);
    lone_cell_step(&cell);
    arrive(&cell, 0, 4.0);
    lone_cell_step(&cell);
    assert_true(value_of(&cell, "V_m") == -70.0);
    lone_cell_step(&cell);
    assert_true(fabs(value_of(&cell, "V_m") + 70.0 - 4.0 * exp(-2.0 * 0.1 / 10.0)) <
                1e-12);
}

static void V_min_bounds_the_potential_from_below(void **state)
{
    const char *const models[] = {"iaf_psc_delta", "iaf_psc_alpha", "izhikevich"};

    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct lone_cell cell = cell_of(models[i]);

        set(&cell, "V_min", -71.0);
        set(&cell, "I_e", -1e5);
        lone_cell_prepare(&cell, STEP_MS);
        lone_cell_step(&cell);
        assert_true(value_of(&cell, "V_m") == -71.0);
    }
}

/* A conductance that does not decay makes the equation linear. */
static void a_constant_conductance_draws_V_m_exponentially_to_its_rest(void **state)
{
    const char *const models[] = {"iaf_cond_exp", "iaf_cond_alpha"};
    const double g_L = 16.6667, g = 10.0, C_m = 250.0;
    const double rest = (g_L * -70.0 + 50.0) / (g_L + g);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct lone_cell cell = cell_of(models[i]);

        set(&cell, "tau_syn_ex", 1e12);
        set(&cell, "g_ex", g);
        set(&cell, "I_e", 50.0);
        set(&cell, "V_th", 10.0);
        lone_cell_prepare(&cell, STEP_MS);
        for (int step = 1; step <= 500; step++) {
            const double right =
                rest + (-70.0 - rest) * exp(-step * STEP_MS * (g_L + g) / C_m);

            lone_cell_step(&cell);
            assert_true(fabs(value_of(&cell, "V_m") - right) < 1e-6);
        }
    }
}

static void
an_adaptive_cell_may_fire_twice_in_a_step_unless_it_is_refractory(void **state)
{
    (void)state;
    for (int is_refractory = 0; is_refractory < 2; is_refractory++) {
        struct lone_cell cell = cell_of("aeif_cond_exp");
        int fired;

        set(&cell, "I_e", 1e5);
        set(&cell, "t_ref", is_refractory ? 1.0 : 0.0);
        lone_cell_prepare(&cell, 1.0);
        fired = lone_cell_step(&cell);
        assert_true(is_refractory ? fired == 1 : fired > 1);
        assert_true(value_of(&cell, "w") > 0.9 * 80.5 * fired);
        assert_true(value_of(&cell, "fired") == 0.0);
    }
}

/* By hand: V' = 0.04 V^2 + 5 V + 140 - U + I = 7 at first, 6.79 after half a step. */
static void izhikevich_takes_the_steps_of_NEST_or_those_of_the_paper(void **state)
{
    struct lone_cell cell = cell_of("izhikevich");

    (void)state;
    set(&cell, "I_e", 10.0);
    lone_cell_prepare(&cell, 1.0);
    arrive(&cell, 0, 2.0);
    assert_true(fabs(value_of(&cell, "V_m") - (-58.0 + 2.0)) < 1e-12);
    assert_true(fabs(value_of(&cell, "U_m") - -13.0) < 1e-12);

    cell = cell_of("izhikevich");
    set(&cell, "I_e", 8.0);
    set(&cell, "consistent_integration", 0.0);
    lone_cell_prepare(&cell, 1.0);
    arrive(&cell, 0, 2.0);
    assert_true(fabs(value_of(&cell, "V_m") - -58.105) < 1e-12);
    assert_true(fabs(value_of(&cell, "U_m") - (-13.0 + 0.02 * 1.379)) < 1e-12);
}

static void the_gates_of_hodgkin_and_huxley_start_at_rest(void **state)
{
    const struct lone_cell cell = cell_of("hh_psc_alpha");
    const double alpha_m = 2.5 / expm1(2.5), beta_m = 4.0;
    const double alpha_n = 0.1 / expm1(1.0), beta_n = 0.125;
    const double alpha_h = 0.07, beta_h = 1.0 / (1.0 + exp(3.0));

    (void)state;
    assert_true(fabs(value_of(&cell, "Act_m") - alpha_m / (alpha_m + beta_m)) < 1e-15);
    assert_true(fabs(value_of(&cell, "Act_n") - alpha_n / (alpha_n + beta_n)) < 1e-15);
    assert_true(fabs(value_of(&cell, "Inact_h") - alpha_h / (alpha_h + beta_h)) <
                1e-15);
}

/* Where the rates of the gates are 0/0. */
static void hodgkin_and_huxley_pass_through_the_gaps_of_their_rates(void **state)
{
    (void)state;
    for (double v = -55.0; v <= -40.0; v += 15.0) {
        struct lone_cell at = cell_of("hh_psc_alpha"), beside = at;

        set(&at, "V_m", v);
        set(&beside, "V_m", v + 1e-7);
        lone_cell_prepare(&at, STEP_MS);
        lone_cell_prepare(&beside, STEP_MS);
        lone_cell_step(&at);
        lone_cell_step(&beside);
        assert_true(fabs(at.states[0] - beside.states[0]) < 1e-5);
        assert_true(fabs(value_of(&at, "Act_m") - value_of(&beside, "Act_m")) < 1e-6);
    }
}

/* The solver is as good as 100 times smaller steps, where nobody fires. */
static void cells_that_are_solved_do_not_depend_on_the_step(void **state)
{
    const char *const models[] = {"iaf_cond_exp", "iaf_cond_alpha", "aeif_cond_exp",
                                  "hh_psc_alpha"};

    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct lone_cell coarse = cell_of(models[i]), fine = coarse;

        lone_cell_prepare(&coarse, 0.1);
        lone_cell_prepare(&fine, 0.001);
        arrive(&coarse, EXCITATORY, 5.0);
        for (int step = 1; step < 100; step++)
            lone_cell_step(&fine);
        arrive(&fine, EXCITATORY, 5.0);
        for (int step = 1; step <= 10000; step++) {
            assert_int_equal(lone_cell_step(&fine), 0);
            if (step % 100 == 0) {
                assert_int_equal(lone_cell_step(&coarse), 0);
                assert_true(fabs(coarse.states[0] - fine.states[0]) < 1e-5);
            }
        }
    }
}

static void a_parrot_repeats_every_spike_and_at_most_65535(void **state)
{
    struct lone_cell cell = cell_of("parrot_neuron");

    (void)state;
    lone_cell_prepare(&cell, STEP_MS);
    assert_int_equal(lone_cell_step(&cell), 0);
    cell.input[0] = 3.0;
    assert_int_equal(lone_cell_step(&cell), 3);
    cell.input[0] = 1e6;
    assert_int_equal(lone_cell_step(&cell), 65535);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spike_gives_the_response_that_can_be_written_down),
        cmocka_unit_test(
            nearly_equal_time_constants_give_nearly_the_response_of_equal_ones),
        cmocka_unit_test(
            the_weight_is_the_peak_of_an_alpha_current_one_time_constant_later),
        cmocka_unit_test(a_current_of_a_step_acts_in_it_as_I_e_does),
        cmocka_unit_test(a_cell_is_held_for_t_ref_after_the_step_of_its_spike),
        cmocka_unit_test(refractory_input_is_kept_and_decays_until_the_cell_is_free),
        cmocka_unit_test(V_min_bounds_the_potential_from_below),
        cmocka_unit_test(a_constant_conductance_draws_V_m_exponentially_to_its_rest),
        cmocka_unit_test(
            an_adaptive_cell_may_fire_twice_in_a_step_unless_it_is_refractory),
        cmocka_unit_test(izhikevich_takes_the_steps_of_NEST_or_those_of_the_paper),
        cmocka_unit_test(the_gates_of_hodgkin_and_huxley_start_at_rest),
        cmocka_unit_test(hodgkin_and_huxley_pass_through_the_gaps_of_their_rates),
        cmocka_unit_test(cells_that_are_solved_do_not_depend_on_the_step),
        cmocka_unit_test(a_parrot_repeats_every_spike_and_at_most_65535),
    };

    return cmocka_run_group_tests_name("closed form", tests, NULL, NULL);
}
