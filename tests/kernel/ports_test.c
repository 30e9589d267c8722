/* Parts of a network, their ports, and what they need.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "kernel/model.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/ports.h"
#include "kernel/reference.h"
#include "models/models.h"
#include "piece.h"

static const char text[] =
    "network: n\n"
    "seed: 1\n"
    "step: 0.1 ms\n"
    "populations:\n"
    "  E: {model: iaf_psc_exp, size: 10}\n"
    "  I: {model: iaf_psc_exp, size: 4}\n"
    "inputs: {in: {size: 2}, other: {size: 3}}\n"
    "projections:\n"
    "- {name: a, from: E, to: E, rule: all_to_all, weight: 1 pA, delay: 1.5 ms}\n"
    "- {name: b, from: E, to: I, rule: all_to_all, weight: 1 pA, delay: {uniform: "
    "{low: "
    "0.4 ms, high: 2 ms}}}\n"
    "- {name: c, from: in, to: E, rule: all_to_all, weight: 1 pA, delay: 0.3 ms}\n"
    "- {name: d, from: other, to: E, rule: all_to_all, weight: 1 pA}\n";

static enum tutti_status describe(const char *owns, struct piece *piece)
{
    return piece_describe(text, &owns, owns != NULL, piece);
}

static void check_ports(const char *owns, const struct ports_port *expect, size_t count)
{
    struct piece piece;
    struct ports_port *ports;
    size_t found;

    assert_int_equal(describe(owns, &piece), TUTTI_OK);
    assert_int_equal(ports_list(&piece.network, &piece.part, &ports, &found), TUTTI_OK);
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(ports[i].name, expect[i].name);
        assert_int_equal(ports[i].group, expect[i].group);
        assert_int_equal(ports[i].is_output, expect[i].is_output);
        assert_int_equal(ports[i].width, expect[i].width);
        assert_int_equal(ports[i].own_delay, expect[i].own_delay);
    }
    free(ports);
    piece_close(&piece);
}

static void a_whole_network_has_its_populations_and_inputs_as_ports(void **state)
{
    const struct ports_port expect[] = {{"E", 0, true, 10, 0, NULL},
                                        {"I", 1, true, 4, 0, NULL},
                                        {"in", 2, false, 2, 3, NULL},
                                        {"other", 3, false, 3, 0, NULL}};

    (void)state;
    check_ports(NULL, expect, 4);
}

static void a_part_has_inputs_for_cells_that_it_lacks(void **state)
{
    /* I has no projections: nobody needs its spikes. */
    const struct ports_port some[] = {{"E", 0, true, 10, 0, NULL},
                                      {"E", 0, false, 10, 4, NULL},
                                      {"in", 2, false, 2, 3, NULL},
                                      {"other", 3, false, 3, 0, NULL}};
    const struct ports_port whole_population[] = {{"E", 0, true, 10, 0, NULL},
                                                  {"in", 2, false, 2, 3, NULL},
                                                  {"other", 3, false, 3, 0, NULL}};

    (void)state;
    check_ports("E=2:5", some, 4);
    check_ports("E=0:10", whole_population, 3);
}

static void ports_are_written_as_json(void **state)
{
    struct piece piece;
    struct tt_text json = {0};

    (void)state;
    assert_int_equal(describe("I=1:2", &piece), TUTTI_OK);
    assert_int_equal(ports_write(&piece.network, &piece.part, &json), TUTTI_OK);
    assert_string_equal(tt_text_get(&json),
                        "{\"step\": {\"ns\": 100000, \"divisor\": 1},\n"
                        " \"convention\": \"up_to\",\n"
                        " \"ports\": [\n"
                        "  {\"name\": \"E\", \"direction\": \"in\", \"kind\": "
                        "\"spikes\", \"width\": 10, "
                        "\"own_delay\": 400000, \"at_step_ends\": false},\n"
                        "  {\"name\": \"I\", \"direction\": \"out\", \"kind\": "
                        "\"spikes\", \"width\": 4, "
                        "\"own_delay\": 0, \"at_step_ends\": true},\n"
                        "  {\"name\": \"in\", \"direction\": \"in\", \"kind\": "
                        "\"spikes\", \"width\": 2, "
                        "\"own_delay\": 300000, \"at_step_ends\": false},\n"
                        "  {\"name\": \"other\", \"direction\": \"in\", \"kind\": "
                        "\"spikes\", \"width\": "
                        "3, \"own_delay\": 0, \"at_step_ends\": false}\n"
                        " ]}\n");
    tt_text_free(&json);
    piece_close(&piece);
}

static void wrong_parts_are_refused(void **state)
{
    static const struct {
        const char *owns, *message;
    } wrong[] = {
        {"E", "owns 'E' is not of the form POPULATION=BEGIN:END"},
        {"F=0:4", "owns 'F=0:4': the network has no population 'F'"},
        {"E=4:2", "owns 'E=4:2': the range '4:2' is empty; its end is the first index "
                  "that is not in it"},
        {"E=0:11", "owns 'E=0:11' lies beyond the 10 cells of 'E'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct piece piece;

        assert_int_equal(describe(wrong[i].owns, &piece), TUTTI_BAD_CONFIG);
        assert_string_equal(tutti_last_error(), wrong[i].message);
        piece_close(&piece);
    }
}

static void a_population_can_be_owned_once_only(void **state)
{
    const char *const owns[] = {"E=0:4", "E=4:8"};
    struct piece piece;

    (void)state;
    assert_int_equal(piece_describe(text, owns, 2, &piece), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "owns 'E=4:8': a range of 'E' is given already");
    piece_close(&piece);
}

static void a_network_too_large_is_refused_before_it_is_built(void **state)
{
    static const char large[] =
        "network: n\nseed: 1\nstep: 0.1 ms\n"
        "populations: {E: {model: iaf_psc_exp, size: 1000000}}\n"
        "projections: [{name: a, from: E, to: E, rule: all_to_all, weight: 1 pA, "
        "delay: "
        "1 ms}]\n";
    struct piece piece;

    (void)state;
    assert_int_equal(piece_describe(large, NULL, 0, &piece), TUTTI_OK);
    assert_int_equal(part_check_memory(&piece.part, &piece.network, 16e9),
                     TUTTI_NO_MEMORY);
    assert_string_equal(tutti_last_error(),
                        "net.yaml:1:1: the network needs about 12000.1 GB of memory "
                        "(cells 0.1 GB, exact "
                        "synapses 12000.0 GB), this machine has 16.0 GB; make it "
                        "smaller, choose another "
                        "precision, or split it with owns over several machines");
    assert_int_equal(part_check_memory(&piece.part, &piece.network, 2e15), TUTTI_OK);
    piece_close(&piece);
}

static void a_network_with_too_many_cells_is_refused(void **state)
{
    static const char large[] =
        "network: n\nseed: 1\nstep: 0.1 ms\n"
        "populations: {E: {model: iaf_psc_exp, size: 3000000000}}\n";
    struct piece piece;

    (void)state;
    assert_int_equal(piece_describe(large, NULL, 0, &piece), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "net.yaml:1:1: the populations have too many cells for one "
                        "kernel; split the network with owns");
    piece_close(&piece);
}

static void the_reference_page_names_every_parameter_of_every_model(void **state)
{
    struct tt_text page = {0};

    (void)state;
    assert_int_equal(reference_write(&page), TUTTI_OK);
    for (size_t i = 0; models_get(i); i++) {
        const struct model *const model = models_get(i);

        assert_non_null(strstr(tt_text_get(&page), model->name));
        for (size_t k = 0; k < model->parameter_count; k++)
            assert_non_null(strstr(tt_text_get(&page), model->parameters[k].name));
    }
    assert_non_null(strstr(tt_text_get(&page), "fixed_indegree"));
    tt_text_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_network_has_its_populations_and_inputs_as_ports),
        cmocka_unit_test(a_part_has_inputs_for_cells_that_it_lacks),
        cmocka_unit_test(ports_are_written_as_json),
        cmocka_unit_test(wrong_parts_are_refused),
        cmocka_unit_test(a_population_can_be_owned_once_only),
        cmocka_unit_test(a_network_too_large_is_refused_before_it_is_built),
        cmocka_unit_test(a_network_with_too_many_cells_is_refused),
        cmocka_unit_test(the_reference_page_names_every_parameter_of_every_model),
    };

    return cmocka_run_group_tests_name("ports", tests, NULL, NULL);
}
