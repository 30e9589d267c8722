/* What a network file says, and how wrong ones are refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/network.h"
#include "kernel/rules.h"
#include "piece.h"

#define HEAD                                                                           \
    "network: n\n"                                                                     \
    "seed: 1\n"                                                                        \
    "step: 0.1 ms\n"                                                                   \
    "inputs: {in: {size: 2}}\n"
#define CELLS HEAD "populations: {E: {model: iaf_psc_exp, size: 10}}\n"
/* Line 6. */
#define PROJECTION(rest) CELLS "projections: [{name: p, " rest "}]\n"
#define ALL "rule: all_to_all, weight: 1 pA, "
#define ONE "weight: 1 pA, delay: 1 ms, "
#define WEIGHT(value)                                                                  \
    PROJECTION("from: E, to: E, rule: fixed_indegree, indegree: 1, delay: 1 ms, "      \
               "weight: " value)
#define LISTED(value)                                                                  \
    PROJECTION("from: \"E[0]\", to: \"E[0:3]\", rule: all_to_all, delay: 1 ms, "       \
               "weight: " value)
#define DELAY(value)                                                                   \
    PROJECTION("from: E, to: E, rule: fixed_indegree, indegree: 1, weight: 1 pA, "     \
               "delay: " value)

static void parse(const char *text, struct network *network)
{
    if (piece_parse(text, network) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
}

struct wrong {
    const char *text, *message;
};

static void check_refused(const struct wrong *wrong, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct network network;

        assert_int_equal(piece_parse(wrong[i].text, &network), TUTTI_BAD_CONFIG);
        assert_string_equal(tutti_last_error(), wrong[i].message);
        network_free(&network);
    }
}
#define CHECK_REFUSED(table) check_refused(table, sizeof table / sizeof *table)

static void a_population_has_the_presets_of_its_model(void **state)
{
    struct network network;
    const struct network_population *population;

    (void)state;
    parse(CELLS, &network);
    population = &network.populations[0];
    assert_string_equal(population->name, "E");
    assert_int_equal(population->size, 10);
    for (size_t i = 0; i < population->model->parameter_count; i++)
        assert_true(population->parameters[i] ==
                    population->model->parameters[i].preset);
    assert_true(population->initial[0].mean == -70.0);
    assert_true(population->poisson.rate == 0.0);
    assert_true(network.seed == 1 && network.step == 100000);
    network_free(&network);
}

static void parameters_are_read_in_any_unit(void **state)
{
    struct network network;
    const struct network_population *e;

    (void)state;
    parse(HEAD
          "populations:\n"
          "  E:\n"
          "    model: iaf_psc_exp\n"
          "    size: 1\n"
          "    parameters: {C_m: 0.2 nF, E_L: -0.065 V, tau_m: 0.02 s, I_e: 1 nA}\n"
          "    initial: {V_m: {normal: {mean: -58 mV, std: 5000 uV}}}\n"
          "    poisson: {rate: 8 kHz, weight: 0.04 nA}\n",
          &network);
    e = &network.populations[0];
    assert_true(e->parameters[0] == 200.0 && e->parameters[1] == -65.0);
    assert_true(e->parameters[2] == 1000.0 && e->parameters[3] == 20.0);
    assert_true(e->initial[0].mean == -58.0 && e->initial[0].std == 5.0);
    assert_true(e->poisson.rate == 8000.0);
    assert_true(e->poisson.weight == 40.0);
    network_free(&network);
}

static void a_population_like_another_takes_all_but_what_it_states(void **state)
{
    struct network network;
    const struct network_population *i;

    (void)state;
    parse(HEAD "populations:\n"
               "  E: {model: iaf_psc_exp, size: 8, parameters: {tau_m: 20 ms, C_m: 100 "
               "pF}, initial: {V_m: -60 mV}, poisson: {rate: 5 Hz, weight: 1 pA}}\n"
               "  I: {size: 2, like: E, parameters: {C_m: 200 pF}}\n",
          &network);
    i = &network.populations[1];
    assert_string_equal(i->name, "I");
    assert_int_equal(i->size, 2);
    assert_true(i->parameters[0] == 200.0 && i->parameters[3] == 20.0);
    assert_true(i->initial[0].mean == -60.0 && i->poisson.rate == 5.0);
    network_free(&network);
}

static void a_projection_is_read_with_its_parts_and_delays(void **state)
{
    struct network network;
    const struct network_projection *p;

    (void)state;
    parse(CELLS
          "projections:\n"
          "- {name: a, from: E, to: \"E[2:5]\", rule: fixed_indegree, indegree: 3, "
          "weight: -0.1 nA, delay: {uniform: {low: 0.5 ms, high: 3 ms}}, "
          "allow_autapses: false}\n"
          "- {name: b, from: \"in[1]\", to: E, rule: all_to_all, weight: 1 pA}\n",
          &network);
    p = network.projections;
    assert_string_equal(p[0].rule->name, "fixed_indegree");
    assert_true(p[0].from.group == 0 && p[0].from.begin == 0 && p[0].from.end == 10);
    assert_true(p[0].to.begin == 2 && p[0].to.end == 5 && p[0].indegree == 3);
    assert_true(p[0].delay_low == 5 && p[0].delay_steps == 26);
    assert_true(p[0].weight.low == -100.0 && p[0].weight.high == -100.0);
    assert_true(!p[0].allow_autapses && p[0].allow_multapses);
    assert_true(p[1].from.group == 1 && p[1].from.begin == 1 && p[1].from.end == 2);
    assert_true(p[1].delay_low == 0 && p[1].delay_steps == 1);
    assert_int_equal(network_smallest_delay(&network, 0), 5);
    assert_int_equal(network_smallest_delay(&network, 1), 0);
    network_free(&network);
}

static void distributions_are_read_in_any_unit_and_with_their_bounds(void **state)
{
    struct network network;
    const struct network_projection *p;

    (void)state;
    parse(CELLS
          "projections:\n"
          "- {name: a, from: E, to: E, rule: fixed_outdegree, outdegree: 4, weight: "
          "{normal: {mean: 0.04 nA, std: 4 pA}, min: 30 pA, max: 0.05 nA}, delay: "
          "{normal: {mean: 1500 us, std: 0.5 ms}, max: 3 ms}}\n"
          "- {name: b, from: E, to: E, rule: fixed_total_number, N: 77, weight: "
          "{lognormal: {mean: 1.5, std: 0.5, factor: -2 pA}, min: -1 nA}, delay: "
          "{lognormal: {mean: 0, std: 0.5}, bounds: clip}}\n"
          "- {name: c, from: in, to: E, rule: pairwise_bernoulli, p: 0.25, weight: "
          "{exponential: {beta: 3 pA}}, delay: {uniform: {low: 0 ms, high: 1 ms}}}\n",
          &network);
    p = network.projections;
    assert_true(p[0].outdegree == 4 && p[1].total == 77 && p[2].probability == 0.25);
    assert_string_equal(p[0].weight.shape->name, "normal");
    assert_true(p[0].weight.parameters[0] == 40.0 && p[0].weight.parameters[1] == 4.0);
    assert_true(p[0].weight.low >= 30.0 && p[0].weight.low < 30.001);
    assert_true(p[0].weight.high <= 50.0 && p[0].weight.high > 49.999);
    assert_true(p[0].delay.parameters[0] == 15.0 && p[0].delay.parameters[1] == 5.0);
    assert_true(p[0].delay_low == 1 && p[0].delay_steps == 30);
    assert_true(p[1].weight.parameters[2] == -2.0 && p[1].weight.high < 0.0);
    assert_true(p[1].delay.parameters[2] == 10.0); /* 1 ms in steps */
    assert_true(p[2].weight.parameters[0] == 3.0);
    assert_true(p[2].delay_low == 0 && p[2].delay_steps == 11);
    network_free(&network);
}

static void weights_are_multiples_of_two_to_the_minus_32(void **state)
{
    (void)state;
    assert_true(network_round_weight(40.0) == 40.0);
    assert_true(fabs(network_round_weight(0.1) - 0.1) <= 0x1p-33);
    assert_true(fmod(network_round_weight(0.1), 0x1p-32) == 0.0);
    assert_true(network_round_weight(-0.1) == -network_round_weight(0.1));
}

static void wrong_populations_are_refused(void **state)
{
    static const struct wrong wrong[] = {
        {HEAD "populations: {E: {model: iaf_psc_exq, size: 1}}\n",
         "net.yaml:5:26: unknown model 'iaf_psc_exq'; did you mean 'iaf_psc_exp'?"},
        {HEAD "populations: {E: {size: 1}}\n",
         "net.yaml:5:18: population 'E' has no model"},
        {HEAD "populations: {E: {model: iaf_psc_exp}}\n",
         "net.yaml:5:18: population 'E' has no 'size'; write 'size: 1000'"},
        {HEAD "populations: {}\n",
         "net.yaml:5:14: a network has at least one population"},
        {HEAD "populations: {E.x: {model: iaf_psc_exp, size: 1}}\n",
         "net.yaml:5:15: name 'E.x': use letters, digits, '_' and '-' only"},
        {HEAD "populations: {in: {model: iaf_psc_exp, size: 1}}\n",
         "net.yaml:4:10: 'in' is a population and an input; rename one"},
        {HEAD "populations: {E: {like: F, size: 1}}\n",
         "net.yaml:5:25: like: no population 'F' is described further up in the file"},
        {HEAD "populations: {E: {model: iaf_psc_exp, size: 1, parameters: {tau: 1 "
              "ms}}}\n",
         "net.yaml:5:61: unknown parameter 'tau'; did you mean 'tau_m'?"},
        {HEAD "populations: {E: {model: iaf_psc_exp, size: 1, parameters: {tau_m: -5 "
              "ms}}}\n",
         "net.yaml:5:68: tau_m of iaf_psc_exp is -5 ms, must be above 0 ms"},
        {HEAD
         "populations: {E: {model: iaf_psc_exp, size: 1, parameters: {V_reset: -50 "
         "mV}}}\n",
         "net.yaml:5:60: population 'E': parameters of iaf_psc_exp: V_reset must be "
         "below V_th"},
        {HEAD "populations: {E: {model: iaf_psc_exp, size: 1, initial: {I_syn_ex: 1 "
              "pA}}}\n",
         "net.yaml:5:58: unknown state 'I_syn_ex'; there is V_m"},
        {HEAD "populations: {E: {model: iaf_psc_exp, size: 1, initial: {V_m: {gauss: "
              "1}}}}\n",
         "net.yaml:5:63: V_m is a quantity such as -60 mV, or {normal: {mean: ..., "
         "std: "
         "...}}"},
        {HEAD "populations: {E: {model: iaf_psc_exp, size: 1, initial: {V_m: {normal: "
              "{mean: 1 mV, std: -1 mV}}}}}\n",
         "net.yaml:5:90: std is -1 mV, must not be negative"},
        {HEAD "populations: {E: {model: iaf_psc_exp, size: 1, poisson: {rate: 20 MHz, "
              "weight: 1 pA}}}\n",
         "net.yaml:5:57: rate is 20000000 Hz, must be from 0 Hz to 10000000 Hz"},
        {HEAD "populations: {E: {model: iaf_psc_exp, size: 1, poisson: {rate: 2 Hz, "
              "weight: 2 A}}}\n",
         "net.yaml:5:78: weight is 2000000000000 pA, must be from -1000000 pA to "
         "1000000 pA"},
    };

    (void)state;
    CHECK_REFUSED(wrong);
}

static void wrong_projections_are_refused(void **state)
{
    static const struct wrong wrong[] = {
        {PROJECTION("from: F, to: E, delay: 1 ms, " ALL),
         "net.yaml:6:31: unknown population 'F'; did you mean 'E'?"},
        {PROJECTION("from: E, to: column, delay: 1 ms, " ALL),
         "net.yaml:6:38: unknown population 'column'; there are E and in"},
        {PROJECTION("from: E, to: in, delay: 1 ms, " ALL),
         "net.yaml:6:38: projection 'p' ends at input 'in'; it must end at a "
         "population"},
        {PROJECTION("from: E, to: \"E[5:11]\", delay: 1 ms, " ALL),
         "net.yaml:6:38: 'E[5:11]' lies beyond the 10 cells of 'E'"},
        {PROJECTION("from: E, to: E, delay: 1 ms, weight: 1 pA, rule: all_to_al"),
         "net.yaml:6:74: unknown rule 'all_to_al'; did you mean 'all_to_all'?"},
        {PROJECTION("from: E, to: E, delay: 0.25 ms, " ALL),
         "net.yaml:6:48: delay 0.25 ms is not a multiple of the step 0.1 ms; the "
         "nearest "
         "that fit are 0.2 ms and 0.3 ms"},
        {PROJECTION("from: E, to: E, delay: 0 ms, " ALL),
         "net.yaml:6:48: delay is 0 ms, must be from 0.1 ms to 6553.5 ms"},
        {PROJECTION("from: E, to: E, " ALL),
         "net.yaml:6:15: projection 'p' has no delay; only one from an input may leave "
         "it out"},
        {PROJECTION("from: E, to: E, delay: 1 ms, rule: fixed_indegree, weight: 1 pA"),
         "net.yaml:6:15: projection 'p': rule fixed_indegree needs 'indegree'"},
        {PROJECTION("from: E, to: E, delay: 1 ms, indegree: 3, " ALL),
         "net.yaml:6:15: projection 'p': rule all_to_all takes no 'indegree'"},
        {PROJECTION("from: E, to: \"E[0:3]\", delay: 1 ms, weight: 1 pA, rule: "
                    "one_to_one"),
         "net.yaml:6:15: projection 'p': one_to_one needs as many sources as targets"},
        {PROJECTION("from: E, to: E, delay: 1 ms, weight: 1 pA, rule: fixed_indegree, "
                    "indegree: 11, allow_multapses: false"),
         "net.yaml:6:15: projection 'p': indegree is larger than the number of "
         "sources, "
         "which allow_multapses: false does not permit"},
        {PROJECTION("from: \"E[3]\", to: E, delay: 1 ms, weight: 1 pA, rule: "
                    "fixed_indegree, indegree: 1, allow_autapses: false"),
         "net.yaml:6:15: projection 'p': the only source is barred by allow_autapses: "
         "false"},
        {PROJECTION("from: E, to: E, delay: 1 ms, weight: 1, rule: all_to_all"),
         "net.yaml:6:62: 'weight': '1' has no unit; write '1 pA'"},
        {CELLS "projections:\n"
               "- {name: p, from: in, to: E, " ALL "}\n"
               "- {name: p, from: in, to: E, " ALL "}\n",
         "net.yaml:8:3: two projections are called 'p'; rename one"},
    };

    (void)state;
    CHECK_REFUSED(wrong);
}

static void wrong_rules_are_refused(void **state)
{
    static const struct wrong wrong[] = {
        {PROJECTION("from: E, to: E, " ONE "rule: fixed_outdegree"),
         "net.yaml:6:15: projection 'p': rule fixed_outdegree needs 'outdegree'"},
        {PROJECTION("from: E, to: E, " ONE "rule: fixed_total_number, N: 5, p: 0.1"),
         "net.yaml:6:15: projection 'p': rule fixed_total_number takes no 'p', but "
         "'N'"},
        {PROJECTION("from: E, to: E, " ONE "rule: fixed_total_number, N: 0"),
         "net.yaml:6:97: 'N' is 0, should lie between 1 and 4294967294"},
        {PROJECTION("from: E, to: E, " ONE "rule: pairwise_bernoulli, p: 1.5"),
         "net.yaml:6:97: p is 1.5, must be from 0 to 1"},
        {PROJECTION("from: E, to: E, " ONE "rule: pairwise_bernoulli, p: often"),
         "net.yaml:6:97: 'p': 'often' is not a number"},
        {PROJECTION("from: E, to: E, " ONE "rule: fixed_outdegree, outdegree: 11, "
                    "allow_multapses: false"),
         "net.yaml:6:15: projection 'p': outdegree is larger than the number of "
         "targets, which allow_multapses: false does not permit"},
        {PROJECTION("from: E, to: \"E[3]\", " ONE "rule: fixed_outdegree, outdegree: "
                    "1, allow_autapses: false"),
         "net.yaml:6:15: projection 'p': the only target is barred by allow_autapses: "
         "false"},
        {PROJECTION("from: E, to: E, " ONE "rule: fixed_total_number, N: 5, "
                    "allow_multapses: false"),
         "net.yaml:6:15: projection 'p': fixed_total_number draws each pair anew and "
         "cannot obey allow_multapses: false; use pairwise_bernoulli, or leave it out"},
        {PROJECTION("from: \"E[3]\", to: \"E[3]\", " ONE "rule: fixed_total_number, N: "
                    "5, allow_autapses: false"),
         "net.yaml:6:15: projection 'p': the only pair is barred by allow_autapses: "
         "false"},
        {PROJECTION("from: E, to: E, " ONE "rule: pairs, pairs: {}"),
         "net.yaml:6:88: pairs is a list, such as [[0, 3], [1, 3]], or the name of a "
         "file"},
        {PROJECTION("from: E, to: E, " ONE "rule: pairs, pairs: none.txt"),
         "net.yaml:6:88: pairs: cannot read 'none.txt': No such file or directory"},
        {PROJECTION("from: E, to: E, " ONE "rule: pairs, pairs: [[1, 2], [3]]"),
         "net.yaml:6:97: a pair is a source and a target, such as [0, 3]"},
        {PROJECTION("from: E, to: E, " ONE "rule: pairs, pairs: [[1, 2], [10, 2]]"),
         "net.yaml:6:98: source 10 of 'E' lies beyond its range; the projection has 0 "
         "to 9"},
        {PROJECTION("from: E, to: \"E[2:4]\", " ONE "rule: pairs, pairs: [[1, 1]]"),
         "net.yaml:6:100: target 1 of 'E' lies beyond its range; the projection has 2 "
         "to 3"},
        {PROJECTION("from: E, to: E, " ONE "rule: pairs, pairs: [[1, two]]"),
         "net.yaml:6:93: 'target' is 'two', should be a whole number"},
        {PROJECTION("from: E, to: E, " ONE "rule: pairs, pairs: [[1, 2]], "
                    "allow_autapses: false"),
         "net.yaml:6:15: projection 'p': rule pairs makes just the pairs of its list; "
         "leave out allow_autapses and allow_multapses"},
    };

    (void)state;
    CHECK_REFUSED(wrong);
}

static void wrong_weights_are_refused(void **state)
{
    static const struct wrong wrong[] = {
        {PROJECTION("from: E, to: E, delay: 1 ms, rule: all_to_all"),
         "net.yaml:6:15: projection 'p' has no weight"},
        {WEIGHT("[1 pA, 2 pA]"), "net.yaml:6:97: weight cannot be a list with rule "
                                 "fixed_indegree; write one value or a distribution"},
        {LISTED("[1 pA, 2 pA]"), "net.yaml:6:92: weight has 2 values, rule all_to_all "
                                 "needs 3 in this projection"},
        {LISTED("[1 pA, 2 pA, 3]"),
         "net.yaml:6:105: 'weight': '3' has no unit; write '3 pA'"},
        {WEIGHT("{}"), "net.yaml:6:97: weight: state one of uniform, normal, lognormal "
                       "and exponential, such as {normal: {mean: ..., std: ...}}"},
        {WEIGHT("{min: 1 pA}"),
         "net.yaml:6:97: weight: state one of uniform, normal, lognormal and "
         "exponential, such as {normal: {mean: ..., std: ...}}"},
        {WEIGHT("{normal: {mean: 1 pA, std: 1 pA}, uniform: {low: 1 pA, high: 2 pA}}"),
         "net.yaml:6:97: weight: state one of uniform, normal, lognormal and "
         "exponential, such as {normal: {mean: ..., std: ...}}"},
        {WEIGHT("{gamma: {shape: 1}}"),
         "net.yaml:6:98: unknown key 'gamma' in weight; the keys are: uniform, normal, "
         "lognormal, exponential, min, max, bounds"},
        {WEIGHT("{normal: {mean: 1 pA}}"),
         "net.yaml:6:106: normal has no 'std', which it must have"},
        {WEIGHT("{normal: {mean: 1 pA, std: 0 pA}}"),
         "net.yaml:6:106: normal: std must be above 0"},
        {WEIGHT("{normal: {mean: 1 pA, std: 1 mV}}"),
         "net.yaml:6:124: 'std': 'mV' cannot be converted to 'pA'"},
        {WEIGHT("{uniform: {low: 2 pA, high: 2 pA}}"),
         "net.yaml:6:107: uniform: high must be above low"},
        {WEIGHT("{lognormal: {mean: 1 pA, std: 1}}"),
         "net.yaml:6:116: mean is that of the logarithm, a plain number such as 1.5"},
        {WEIGHT("{lognormal: {mean: 1, std: 1, factor: 0 pA}}"),
         "net.yaml:6:109: lognormal: factor must not be 0"},
        {WEIGHT("{exponential: {beta: 0 pA}}"),
         "net.yaml:6:111: exponential: beta must not be 0"},
        {WEIGHT("{normal: {mean: 1 pA, std: 1 pA}, min: -2 uA}"),
         "net.yaml:6:136: min is -2000000 pA, must be from -1000000 pA to 1000000 pA"},
        {WEIGHT("{normal: {mean: 1 pA, std: 1 pA}, min: 2 pA, max: 1 pA}"),
         "net.yaml:6:97: weight: min 2 pA is above max 1 pA"},
        {WEIGHT("{normal: {mean: 1 pA, std: 1 pA}, bounds: cut}"),
         "net.yaml:6:139: unknown bounds 'cut'; there are redraw and clip"},
        {WEIGHT("{lognormal: {mean: 10, std: 2}}"),
         "net.yaml:6:97: weight may be drawn from 0.0688438 pA to 7.04734e+09 pA, must "
         "be from -1000000 pA to 1000000 pA; state min and max"},
        {WEIGHT("{normal: {mean: 1 pA, std: 1 pA}, min: 5 pA}"),
         "net.yaml:6:97: weight: less than 1 % of the values lie from 5 pA to 1000000 "
         "pA; widen min and max, or choose another distribution"},
    };

    (void)state;
    CHECK_REFUSED(wrong);
}

static void wrong_delays_are_refused(void **state)
{
    static const struct wrong wrong[] = {
        {DELAY("[1 ms]"), "net.yaml:6:97: delay cannot be a list with rule "
                          "fixed_indegree; write one value or a distribution"},
        {DELAY("{normal: {mean: 1 ms}}"),
         "net.yaml:6:106: normal has no 'std', which it must have"},
        {DELAY("{uniform: {low: 1 ms, high: 1 ms}}"),
         "net.yaml:6:107: uniform: high must be above low"},
        {DELAY("{uniform: {low: 1 ms, high: 9 s}}"),
         "net.yaml:6:97: delay may be drawn from 1 ms to 9000 ms, must be from 0.05 ms "
         "to 6553.5 ms; state min and max"},
        {DELAY("{uniform: {low: 1 ms, high: 2 ms}, min: 0 ms}"),
         "net.yaml:6:137: min is 0 ms, must be from 0.05 ms to 6553.5 ms"},
        {DELAY("{normal: {mean: -2 ms, std: 0.1 ms}}"),
         "net.yaml:6:97: delay: less than 1 % of the values lie from 0.05 ms to 6553.5 "
         "ms; widen min and max, or choose another distribution"},
        {DELAY("{uniform: {low: 1 pA, high: 2 ms}}"),
         "net.yaml:6:113: 'low': 'pA' cannot be converted to 'ms'"},
        {PROJECTION("from: \"E[0]\", to: \"E[0:2]\", rule: all_to_all, weight: 1 pA, "
                    "delay: [1 ms, 0.25 ms]"),
         "net.yaml:6:99: delay 0.25 ms is not a multiple of the step 0.1 ms; the "
         "nearest that fit are 0.2 ms and 0.3 ms"},
    };

    (void)state;
    CHECK_REFUSED(wrong);
}

static void a_wrong_file_is_refused_with_its_place(void **state)
{
    static const struct wrong wrong[] = {
        {"network: n\nseed: -1\nstep: 1 ms\npopulations: {E: {model: iaf_psc_exp, "
         "size: "
         "1}}\n",
         "net.yaml:2:7: seed is -1, must not be negative"},
        {CELLS "projektions: []\n", "net.yaml:6:1: unknown key 'projektions' in "
                                    "network; did you mean 'projections'?"},
    };

    (void)state;
    CHECK_REFUSED(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_population_has_the_presets_of_its_model),
        cmocka_unit_test(parameters_are_read_in_any_unit),
        cmocka_unit_test(a_population_like_another_takes_all_but_what_it_states),
        cmocka_unit_test(a_projection_is_read_with_its_parts_and_delays),
        cmocka_unit_test(distributions_are_read_in_any_unit_and_with_their_bounds),
        cmocka_unit_test(weights_are_multiples_of_two_to_the_minus_32),
        cmocka_unit_test(wrong_populations_are_refused),
        cmocka_unit_test(wrong_projections_are_refused),
        cmocka_unit_test(wrong_rules_are_refused),
        cmocka_unit_test(wrong_weights_are_refused),
        cmocka_unit_test(wrong_delays_are_refused),
        cmocka_unit_test(a_wrong_file_is_refused_with_its_place),
    };

    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
