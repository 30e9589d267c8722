/* Signals: states of cells, sampled as by NEST's multimeter.
 * SPDX-License-Identifier: Apache-2.0 */
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
#include "kernel/network.h"
#include "kernel/ports.h"
#include "kernel/signals.h"
#include "kernel/simulation.h"
#include "piece.h"

#define HEAD                                                                           \
    "network: n\nseed: 7\nstep: 0.1 ms\npopulations:\n"                                \
    "  G: {model: dc_generator, size: 1, parameters: {amplitude: 3 pA, start: 1 "      \
    "ms}}\n"                                                                           \
    "  E: {model: iaf_psc_exp, size: 4, initial: {V_m: {normal: {mean: -60 mV, std: "  \
    "2 "                                                                               \
    "mV}}}}\n"

static const char sampled[] =
    HEAD "inputs: {in: {size: 4}}\n"
         "projections: [{name: p, from: in, to: E, rule: one_to_one, weight: 8 pA}]\n"
         "signals:\n"
         "  v: {population: \"E[1:3]\", states: [V_m], interval: 0.5 ms}\n"
         "  i: {population: E, states: [I_syn_ex, I_syn_in], interval: 0.2 ms}\n"
         "  g: {population: G, states: [I]}\n";

static void a_signal_has_the_states_of_its_cells_at_its_interval(void **state)
{
    struct piece piece;
    struct signals *signals;

    (void)state;
    piece_open(sampled, NULL, 0, &piece);
    assert_int_equal(
        signals_open(&piece.network, &piece.part, piece.simulation, &signals),
        TUTTI_OK);
    assert_int_equal(simulation_receive(piece.simulation, 2, 3, 2), TUTTI_OK);
    assert_false(signals_are_due(signals, &piece.network.signals[0]));
    for (int step = 1; step <= 20; step++) {
        const struct network_signal *const all = piece.network.signals;
        const double *v, *i;

        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        assert_int_equal(signals_are_due(signals, &all[0]), step % 5 == 0);
        assert_int_equal(signals_are_due(signals, &all[1]), step % 2 == 0);
        assert_int_equal(signals_are_due(signals, &all[2]), step % 10 == 0);
        v = simulation_state(piece.simulation, 1, 0);
        assert_memory_equal(signals_sample(signals, &all[0]), v + 1, 2 * sizeof *v);
        /* State by state: the current of cell 3 stands at place 3. */
        i = signals_sample(signals, &all[1]);
        for (int k = 0; k < 8; k++)
            assert_true((i[k] != 0.0) == (k == 3 && step >= 2));
        /* On from the step that begins at 1 ms. */
        assert_true(*signals_sample(signals, &all[2]) == (step > 10 ? 3.0 : 0.0));
    }
    signals_close(&signals);
    piece_close(&piece);
}

static void a_part_samples_its_own_cells(void **state)
{
    const char *const owns[] = {"E=2:4"};
    struct piece whole, part;
    struct signals *of_whole, *of_part;
    const double *v;

    (void)state;
    piece_open(sampled, NULL, 0, &whole);
    piece_open(sampled, owns, 1, &part);
    assert_int_equal(
        signals_open(&whole.network, &whole.part, whole.simulation, &of_whole),
        TUTTI_OK);
    assert_int_equal(signals_open(&part.network, &part.part, part.simulation, &of_part),
                     TUTTI_OK);
    v = signals_sample(of_part, &part.network.signals[0]);
    assert_true(isnan(v[0]));
    assert_true(v[1] == signals_sample(of_whole, &whole.network.signals[0])[1]);
    signals_close(&of_part);
    signals_close(&of_whole);
    piece_close(&part);
    piece_close(&whole);
}

static void signals_are_ports_with_a_unit(void **state)
{
    struct piece piece;
    struct tt_text json = {0};

    (void)state;
    assert_int_equal(piece_describe(sampled, NULL, 0, &piece), TUTTI_OK);
    assert_int_equal(ports_write(&piece.network, &piece.part, &json), TUTTI_OK);
    assert_non_null(
        strstr(tt_text_get(&json),
               "{\"name\": \"v\", \"direction\": \"out\", \"kind\": \"signal\", "
               "\"width\": 2, \"own_delay\": 0, \"at_step_ends\": true, \"unit\": "
               "\"mV\"}"));
    assert_non_null(strstr(tt_text_get(&json), "\"width\": 8"));
    /* A generator of current has no spikes. */
    assert_null(strstr(tt_text_get(&json), "\"G\""));
    tt_text_free(&json);
    piece_close(&piece);
}

static void a_part_without_a_cell_of_a_signal_has_no_port(void **state)
{
    const char *const owns[] = {"E=0:1"};
    struct piece piece;
    struct tt_text json = {0};

    (void)state;
    assert_int_equal(piece_describe(sampled, owns, 1, &piece), TUTTI_OK);
    assert_int_equal(ports_write(&piece.network, &piece.part, &json), TUTTI_OK);
    assert_null(strstr(tt_text_get(&json), "\"v\""));
    assert_non_null(strstr(tt_text_get(&json), "\"i\""));
    tt_text_free(&json);
    piece_close(&piece);
}

static void wrong_signals_are_refused(void **state)
{
    static const struct {
        const char *signal, *message;
    } cases[] = {
        {"v: {population: cortex, states: [V_m]}",
         "unknown population 'cortex'; there are G, E and in"},
        {"v: {population: \"E[2:9]\", states: [V_m]}",
         "'E[2:9]' lies beyond the 4 cells of 'E'"},
        {"v: {population: in, states: [V_m]}",
         "signal 'v' is of input 'in', which has no states; name a population"},
        {"v: {population: E, states: [V_n]}",
         "unknown state 'V_n'; did you mean 'V_m'?"},
        {"v: {population: G, states: [V_m]}", "unknown state 'V_m'; there is I"},
        {"v: {population: E, states: []}",
         "signal 'v' has 0 states, must have 1 to 16"},
        {"v: {population: E, states: [V_m, I_syn_ex]}",
         "signal 'v' has states in mV and in pA; make one signal for each unit"},
        {"v: {population: E, states: [V_m], interval: 0.25 ms}",
         "interval is 0.25 ms, not a multiple of the step 0.1 ms; the nearest that fit "
         "are 0.2 ms and 0.3 ms"},
        {"v: {population: E, states: [V_m], interval: 0.05 ms}",
         "interval is 0.05 ms, not a multiple of the step 0.1 ms"},
        {"E: {population: E, states: [V_m]}",
         "signal 'E' is called like a population or input; rename it"},
        {"a.b: {population: E, states: [V_m]}",
         "name 'a.b': use letters, digits, '_' and '-' only"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network network;
        char text[1024];

        snprintf(text, sizeof text, HEAD "inputs: {in: {size: 1}}\nsignals: {%s}\n",
                 cases[i].signal);
        assert_int_equal(piece_parse(text, &network), TUTTI_BAD_CONFIG);
        if (!strstr(tutti_last_error(), cases[i].message))
            fail_msg("'%s' says '%s'", cases[i].signal, tutti_last_error());
        network_free(&network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_has_the_states_of_its_cells_at_its_interval),
        cmocka_unit_test(a_part_samples_its_own_cells),
        cmocka_unit_test(signals_are_ports_with_a_unit),
        cmocka_unit_test(a_part_without_a_cell_of_a_signal_has_no_port),
        cmocka_unit_test(wrong_signals_are_refused),
    };

    return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
