/* Pairs of a projection that a file lists, with weights and delays.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/network.h"
#include "kernel/rules.h"
#include "piece.h"

/* A network of 10 cells whose only projection, from [0:8] to [2:10], takes its pairs
 * from a file with this content; `rest` follows in its map. */
static enum tutti_status read_pairs(const char *content, const char *rest,
                                    char path[32], struct network *network)
{
    char text[500];
    int file;

    strcpy(path, "/tmp/pairs-XXXXXX");
    file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, strlen(content)), (ssize_t)strlen(content));
    close(file);
    snprintf(
        text, sizeof text,
        "network: n\n"
        "seed: 1\n"
        "step: 0.1 ms\n"
        "populations: {E: {model: iaf_psc_exp, size: 10}}\n"
        "projections:\n"
        "- {name: p, from: \"E[0:8]\", to: \"E[2:10]\", rule: pairs, pairs: %s%s}\n",
        path, rest);
    return piece_parse(text, network);
}

static void a_file_gives_pairs_with_weights_and_delays(void **state)
{
    struct network network;
    const struct network_projection *projection;
    struct rules_room room;
    char path[32];

    (void)state;
    if (read_pairs("# made by hand\n"
                   "delay/ms, target, source, weight/nA\n"
                   "\n"
                   "1.5, 4, 0, 0.25   # the first\n"
                   "0.1, 9, 7, -1e-3\r\n"
                   "2, 4, 3, 1",
                   "", path, &network) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    unlink(path);
    projection = &network.projections[0];
    assert_int_equal(projection->pairs.count, 3);
    assert_int_equal(projection->delay_low, 1);
    assert_int_equal(projection->delay_steps, 20);
    assert_int_equal(rules_open(&network, projection, &room), TUTTI_OK);
    rules_draw_partners(&room, 4);
    rules_draw_synapses(&room, 4);
    assert_int_equal(room.count, 2);
    assert_true(room.partners[0] == 0 && room.weights[0] == 250.0);
    assert_true(room.partners[1] == 3 && room.weights[1] == 1000.0);
    assert_true(room.delays[0] == 15 && room.delays[1] == 20);
    rules_draw_partners(&room, 9);
    rules_draw_synapses(&room, 9);
    assert_true(room.count == 1 && room.partners[0] == 7 && room.weights[0] == -1.0);
    rules_close(&room);
    network_free(&network);
}

static void what_the_file_does_not_give_the_projection_does(void **state)
{
    struct network network;
    char path[32];

    (void)state;
    if (read_pairs("source target\n1 2\n", ", weight: 3 pA, delay: 1 ms", path,
                   &network) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    unlink(path);
    assert_true(network.projections[0].weight.low == 3.0);
    assert_int_equal(network.projections[0].delay_low, 10);
    network_free(&network);
}

static void wrong_files_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *content, *rest, *message; /* behind the path */
    } wrong[] = {
        {"", "",
         ":1:1: the first line of a file of pairs names its columns, such as 'source "
         "target weight/pA delay/ms'"},
        {"1 2 3 4\n", "",
         ":1:1: unknown column '1'; there are source, target, weight "
         "and delay"},
        {"source weigth/pA\n", "",
         ":1:1: unknown column 'weigth'; did you mean "
         "'weight'?"},
        {"source weight/pA\n", "",
         ":1:1: the first line of a file of pairs names its columns, such as 'source "
         "target weight/pA delay/ms'"},
        {"source target source\n", "",
         ":1:1: there are two columns 'source'; leave one "
         "out"},
        {"source target\n", "", ":1:1: the file lists no pairs"},
        {"source target\n1\n", "", ":2:1: each line has 2 values, one for each column"},
        {"source target\n1 2 3\n", "",
         ":2:1: each line has 2 values, one for each "
         "column"},
        {"source target\n\n1 2\n8 2\n", "",
         ":4:1: source 8 of 'E' lies beyond its range; the projection has 0 to 7"},
        {"source target\n1 1\n", "",
         ":2:1: target 1 of 'E' lies beyond its range; the projection has 2 to 9"},
        {"source target\n1 2.5\n", "",
         ":2:1: 'target' is '2.5', should be a whole "
         "number"},
        {"source target weight\n1 2 3\n", "",
         ":2:1: 'weight': '3' has no unit; write "
         "'3 pA'"},
        {"source target weight/mV\n1 2 3\n", "",
         ":2:1: 'weight': 'mV' cannot be converted to 'pA'"},
        {"source target delay/ms\n1 2 0.25\n", "",
         ":2:1: delay 0.25 ms is not a multiple of the step 0.1 ms; the nearest that "
         "fit are 0.2 ms and 0.3 ms"},
        {"source target delay/ms\n1 2 0\n", "",
         ":2:1: delay is 0 ms, must be from 0.1 ms to 6553.5 ms"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct network network;
        char path[32], expected[300];

        assert_int_equal(read_pairs(wrong[i].content, wrong[i].rest, path, &network),
                         TUTTI_BAD_CONFIG);
        unlink(path);
        snprintf(expected, sizeof expected, "%s%s", path, wrong[i].message);
        assert_string_equal(tutti_last_error(), expected);
        network_free(&network);
    }
}

static void a_column_that_the_projection_gives_too_is_refused(void **state)
{
    struct network network;
    char path[32];

    (void)state;
    assert_int_equal(read_pairs("source target weight/pA\n1 2 3\n",
                                ", delay: 1 ms, weight: 3 pA", path, &network),
                     TUTTI_BAD_CONFIG);
    unlink(path);
    assert_non_null(strstr(tutti_last_error(),
                           "the file of pairs has a column weight; leave one of both "
                           "out"));
    network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_gives_pairs_with_weights_and_delays),
        cmocka_unit_test(what_the_file_does_not_give_the_projection_does),
        cmocka_unit_test(wrong_files_are_refused_with_their_line),
        cmocka_unit_test(a_column_that_the_projection_gives_too_is_refused),
    };

    return cmocka_run_group_tests_name("pairs", tests, NULL, NULL);
}
