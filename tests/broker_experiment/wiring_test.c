/* Connections meet declared ports. SPDX-License-Identifier: Apache-2.0 */
#include "broker/wiring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 4, MOST_PORTS = 4 };

/* An experiment, and what its participants declare: at first what the file states. */
struct stage {
    struct tt_units *units;
    struct experiment *experiment;
    struct tt_port ports[MOST][MOST_PORTS];
    struct tt_declare declares[MOST];
    const struct tt_declare *declared[MOST];
    struct wiring wiring;
};

static int open_stage(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);

    *state = stage;
    return tt_units_open(&stage->units) != TUTTI_OK;
}

static int close_stage(void **state)
{
    struct stage *stage = *state;

    wiring_free(&stage->wiring);
    experiment_free(&stage->experiment);
    tt_units_close(&stage->units);
    free(stage);
    return 0;
}

static void set_up(struct stage *stage, const char *text)
{
    wiring_free(&stage->wiring);
    experiment_free(&stage->experiment);
    if (experiment_parse("e.yaml", text, strlen(text), &stage->experiment) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    memset(stage->declared, 0, sizeof stage->declared);
    for (size_t i = 0; i < stage->experiment->participant_count; i++)
        stage->declared[i] = wiring_stated(&stage->experiment->participants[i],
                                           stage->ports[i], &stage->declares[i]);
}

static enum tutti_status resolve(struct stage *stage)
{
    return wiring_resolve(stage->experiment, stage->units, stage->declared,
                          &stage->wiring);
}

/* a sends spikes (100) and a signal in mV (3); b takes both, and so does c. */
#define PARTICIPANTS                                                                   \
    "experiment: x\nduration: 1 s\nparticipants:\n"                                    \
    "  a: {ports: {s: {spikes: out, width: 100}, v: {signal: out, width: 3, unit: "    \
    "mV}}}\n"                                                                          \
    "  b: {ports: {s: {spikes: in, width: 100}, v: {signal: in, width: 3, unit: "      \
    "V}}}\n"                                                                           \
    "  c: {ports: {i: {signal: in, width: 3, unit: pA}}}\n"
#define CONNECTIONS PARTICIPANTS "connections:\n"

static void expect_error(struct stage *stage, const char *text, const char *sentence)
{
    set_up(stage, text);
    assert_int_equal(resolve(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), sentence);
    assert_null(stage->wiring.connections);
}

static void connections_find_their_ports(void **state)
{
    struct stage *stage = *state;
    const struct wiring_connection *spikes, *signal;

    set_up(stage, CONNECTIONS "- {from: a.s, to: b.s, delay: 1 ms}\n"
                              "- {from: 'a.s[10:20]', to: 'b.s[50:60]', delay: 2 ms}\n"
                              "- {from: a.v, to: b.v, delay: 0 ms}\n");
    assert_int_equal(resolve(stage), TUTTI_OK);
    assert_int_equal(stage->wiring.count, 3);
    spikes = &stage->wiring.connections[1];
    assert_int_equal(spikes->number, 1);
    assert_int_equal(spikes->from_participant, 0);
    assert_int_equal(spikes->to_participant, 1);
    assert_ptr_equal(spikes->from_port, &stage->ports[0][0]);
    assert_ptr_equal(spikes->to_port, &stage->ports[1][0]);
    assert_int_equal(spikes->first, 10);
    assert_int_equal(spikes->to, 50);
    assert_int_equal(spikes->count, 10);
    assert_int_equal(spikes->delay, 2000000);
    assert_int_equal(stage->wiring.connections[0].count, 100);
    signal = &stage->wiring.connections[2];
    assert_int_equal(signal->count, 3);
    assert_memory_equal(&signal->scale, &(double){0.001}, sizeof(double));
    assert_memory_equal(&signal->offset, &(double){0}, sizeof(double));
}

static void a_signal_may_be_put_together_from_several_sources(void **state)
{
    struct stage *stage = *state;

    set_up(stage, CONNECTIONS "- {from: 'a.v[0]', to: 'b.v[2]', delay: 1 ms}\n"
                              "- {from: 'a.v[0:2]', to: 'b.v[:2]', delay: 1 ms}\n");
    assert_int_equal(resolve(stage), TUTTI_OK);
}

static void ports_that_are_not_there_are_refused(void **state)
{
    expect_error(*state, CONNECTIONS "- {from: a.w, to: b.v, delay: 1 ms}\n",
                 "e.yaml:8:10: 'a' has no output 'w'; did you mean 's'? It has 's', "
                 "'v'");
    expect_error(*state, CONNECTIONS "- {from: a.spikes, to: b.v, delay: 1 ms}\n",
                 "e.yaml:8:10: 'a' has no output 'spikes'; it has 's', 'v'");
    expect_error(*state, CONNECTIONS "- {from: c.out, to: b.v, delay: 1 ms}\n",
                 "e.yaml:8:10: 'c' has no output 'out'; it has none");
    expect_error(
        *state, CONNECTIONS "- {from: b.s, to: c.i, delay: 1 ms}\n",
        "e.yaml:8:10: 'b.s' is an input, but stands where an output must be; a "
        "connection goes from an output to an input");
    expect_error(
        *state, CONNECTIONS "- {from: a.s, to: a.s, delay: 1 ms}\n",
        "e.yaml:8:19: 'a.s' is an output, but stands where an input must be; a "
        "connection goes from an output to an input");
}

static void widths_and_ranges_must_fit(void **state)
{
    expect_error(*state, CONNECTIONS "- {from: 'a.s[50:101]', to: b.s, delay: 1 ms}\n",
                 "e.yaml:8:10: 'a.s[50:101]' reaches beyond the port, which has the "
                 "width 100; its indices are 0 to 99");
    expect_error(
        *state, CONNECTIONS "- {from: a.s, to: 'b.s[100:]', delay: 1 ms}\n",
        "e.yaml:8:19: 'b.s[100:]' reaches beyond the port, which has the width "
        "100; its indices are 0 to 99");
    expect_error(
        *state, CONNECTIONS "- {from: 'a.s[:5]', to: b.s, delay: 1 ms}\n",
        "e.yaml:8:3: 'a.s[0:5]' has the width 5, but 'b.s' the width 100; give "
        "ranges of the same length, such as '[0:5]' and '[0:5]'");
}

static void kinds_and_units_must_fit(void **state)
{
    expect_error(*state, CONNECTIONS "- {from: a.s, to: b.v, delay: 1 ms}\n",
                 "e.yaml:8:3: 'a.s' is of the kind spikes, but 'b.v' of the kind "
                 "signal; connect ports of one kind");
    expect_error(*state, CONNECTIONS "- {from: a.v, to: c.i, delay: 1 ms}\n",
                 "e.yaml:8:3: 'a.v' is in mV, but 'c.i' in pA: 'mV' cannot be "
                 "converted to 'pA'");
}

static void an_index_of_a_signal_has_one_source(void **state)
{
    expect_error(*state,
                 CONNECTIONS "- {from: a.v, to: b.v, delay: 1 ms}\n"
                             "- {from: 'a.v[0]', to: 'b.v[2]', delay: 1 ms}\n",
                 "e.yaml:9:3: index 2 of the signal input 'b.v' has two sources, 'a.v' "
                 "(line 8) and 'a.v[0:1]'; a signal has one, remove a connection");
    expect_error(*state, CONNECTIONS "- {from: 'a.v[0]', to: 'b.v[1]', delay: 1 ms}\n",
                 "e.yaml:8:3: no source for index 0 of the signal input 'b.v', though "
                 "others of it have one; connect all or none");
    expect_error(*state, CONNECTIONS "- {from: 'a.v[0]', to: 'b.v[0]', delay: 1 ms}\n",
                 "e.yaml:8:3: no source for indices 1 to 2 of the signal input 'b.v', "
                 "though others of it have one; connect all or none");
}

static void a_message_input_has_one_source(void **state)
{
    static const char head[] = "experiment: x\nduration: 1 s\nparticipants:\n"
                               "  a: {ports: {m: {message: out}, n: {message: out}}}\n"
                               "  b: {ports: {m: {message: in}}}\n";
    char text[1024];

    snprintf(text, sizeof text,
             "%sconnections:\n- {from: a.m, to: b.m, delay: 1 ms}\n"
             "- {from: a.n, to: b.m, delay: 1 ms}\n",
             head);
    expect_error(
        *state, text,
        "e.yaml:8:3: index 0 of the message input 'b.m' has two sources, 'a.m' "
        "(line 7) and 'a.n'; a message has one, remove a connection");
}

static void what_is_not_known_yet_is_left_open(void **state)
{
    struct stage *stage = *state;

    set_up(stage, CONNECTIONS "- {from: 'a.v[0]', to: 'b.v[1]', delay: 1 ms}\n"
                              "- {from: c.u, to: 'b.v[0]', delay: 1 ms}\n"
                              "- {from: c.w, to: 'b.v[2]', delay: 1 ms}\n");
    stage->declared[2] = NULL;
    assert_int_equal(resolve(stage), TUTTI_OK);
    assert_non_null(stage->wiring.connections[0].from_port);
    assert_null(stage->wiring.connections[1].from_port);
    assert_null(stage->wiring.connections[1].to_port);
    assert_int_equal(stage->wiring.connections[1].count, 0);
}

static void the_end_that_is_known_is_judged(void **state)
{
    struct stage *stage = *state;

    set_up(stage, CONNECTIONS "- {from: c.u, to: 'b.v[3]', delay: 1 ms}\n");
    stage->declared[2] = NULL;
    assert_int_equal(resolve(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:8:19: 'b.v[3:4]' reaches beyond the port, which has "
                        "the width 3; its indices are 0 to 2");
}

#define STATED                                                                         \
    "experiment: x\nduration: 1 s\nparticipants:\n"                                    \
    "  a: {step: 0.1 ms, windows: up_to, window: 1 ms, ports: {v: {signal: out, "      \
    "width: 3, unit: mV}}}\n"

static enum tutti_status check(struct stage *stage)
{
    return wiring_check_declared(stage->experiment, 0, &stage->declares[0]);
}

static void a_program_declares_what_the_file_states(void **state)
{
    struct stage *stage = *state;
    struct tt_declare *declare = &stage->declares[0];

    set_up(stage, STATED);
    assert_int_equal(check(stage), TUTTI_OK);
    declare->step = (struct tutti_step){25000, 1};
    assert_int_equal(check(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:4:3: the file states the step 100 us for 'a', but the "
                        "program declares 25 us; correct one of them");
    declare->has_step = false;
    assert_int_equal(check(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:4:3: the file states the step 100 us for 'a', but the "
                        "program declares none; correct one of them");
    set_up(stage, STATED);
    declare->step = (struct tutti_step){200000, 2};
    assert_int_equal(check(stage), TUTTI_OK);
    declare->convention = TUTTI_FROM;
    assert_int_equal(check(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:4:3: the file states 'windows: up_to' for 'a', but the "
                        "program declares 'from'; correct one of them");
}

static void a_window_fits_the_declared_step(void **state)
{
    struct stage *stage = *state;

    set_up(stage, "experiment: x\nduration: 1 s\nparticipants: {a: {window: 1 ms, "
                  "ports: {}}}\n");
    stage->declares[0].has_step = true;
    stage->declares[0].step = (struct tutti_step){300000, 1};
    assert_int_equal(check(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:3:28: 'window': '1 ms' is not a multiple of the step "
                        "of 'a', 300 us; the nearest that fit are '900 us' and '1.2 "
                        "ms'");
}

static void a_program_declares_the_stated_ports(void **state)
{
    struct stage *stage = *state;
    struct tt_port *port = &stage->ports[0][0];

    set_up(stage, STATED);
    port->unit = "V";
    assert_int_equal(check(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:4:59: the file states the unit 'mV' for 'a.v', but the "
                        "program declares 'V'; correct one of them");
    port->width = 2;
    assert_int_equal(check(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:4:59: the file states the width 3 for 'a.v', but the "
                        "program declares 2; correct one of them");
    port->kind = TUTTI_SPIKES;
    assert_int_equal(check(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:4:59: the file states the kind signal for 'a.v', but "
                        "the program declares the kind spikes; correct one of them");
    port->is_output = false;
    assert_int_equal(check(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:4:59: the file states an output 'v' of 'a', but the "
                        "program declares none; correct one of them");
}

#define RECORDED PARTICIPANTS "record: ['a.s[10:20]', 'a.v[1:]', 'a.s[50:55]']\n"

static void the_recorder_learns_its_sources(void **state)
{
    struct stage *stage = *state;
    struct tutti_source *sources;
    size_t count;

    set_up(stage, RECORDED);
    stage->declares[0].has_step = true;
    stage->declares[0].step = (struct tutti_step){25000, 1};
    assert_true(wiring_knows_sources(stage->experiment, stage->declared, 3));
    assert_int_equal(
        wiring_sources(stage->experiment, stage->declared, 3, &sources, &count),
        TUTTI_OK);
    assert_int_equal(count, 3);
    assert_string_equal(sources[0].input, "a.s");
    assert_string_equal(sources[0].participant, "a");
    assert_string_equal(sources[0].port, "s");
    assert_int_equal(sources[0].kind, TUTTI_SPIKES);
    assert_int_equal(sources[0].width, 10);
    assert_int_equal(sources[0].first, 10);
    assert_int_equal(sources[0].to, 0);
    assert_int_equal(sources[1].width, 2);
    assert_int_equal(sources[1].first, 1);
    assert_string_equal(sources[1].unit, "mV");
    assert_int_equal(sources[1].step.ns, 25000);
    /* The second range of a port follows the first one. */
    assert_int_equal(sources[2].first, 50);
    assert_int_equal(sources[2].to, 10);
    free(sources);
}

static void sources_are_known_when_all_have_declared(void **state)
{
    struct stage *stage = *state;

    set_up(stage, CONNECTIONS "- {from: a.s, to: b.s, delay: 1 ms}\n");
    assert_true(wiring_knows_sources(stage->experiment, stage->declared, 1));
    stage->declared[0] = NULL;
    assert_false(wiring_knows_sources(stage->experiment, stage->declared, 1));
    assert_true(wiring_knows_sources(stage->experiment, stage->declared, 0));
}

static void a_recorded_port_must_be_there(void **state)
{
    struct stage *stage = *state;
    struct tutti_source *sources;
    size_t count;

    set_up(stage, PARTICIPANTS "record: [a.t]\n");
    assert_int_equal(
        wiring_sources(stage->experiment, stage->declared, 3, &sources, &count),
        TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), "e.yaml:7:10: 'a' has no output 't'; did "
                                            "you mean 's'? It has 's', 'v'");
    assert_null(sources);
}

static void the_recorder_takes_all_ranges(void **state)
{
    struct stage *stage = *state;
    struct tt_declare *recorder = &stage->declares[3];
    struct tt_port *ports = stage->ports[3];

    set_up(stage, RECORDED);
    ports[0] = (struct tt_port){"a.s", false, TUTTI_SPIKES, 15, "", .lag = 0};
    ports[1] = (struct tt_port){"a.v", false, TUTTI_SIGNAL, 2, "mV", .lag = 0};
    *recorder = (struct tt_declare){
        .convention = TUTTI_UP_TO, .step = {1, 1}, .port_count = 2, .ports = ports};
    stage->declared[3] = recorder;
    assert_int_equal(resolve(stage), TUTTI_OK);
    assert_int_equal(stage->wiring.connections[2].first, 50);
    assert_int_equal(stage->wiring.connections[2].to, 10);
    assert_int_equal(stage->wiring.connections[2].count, 5);
    ports[0].width = 14;
    wiring_free(&stage->wiring);
    assert_int_equal(resolve(stage), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "e.yaml:7:35: the recorder declares 'a.s' with the width 14, "
                        "but 15 indices are recorded; start the recorder of this "
                        "version");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_find_their_ports),
        cmocka_unit_test(a_signal_may_be_put_together_from_several_sources),
        cmocka_unit_test(ports_that_are_not_there_are_refused),
        cmocka_unit_test(widths_and_ranges_must_fit),
        cmocka_unit_test(kinds_and_units_must_fit),
        cmocka_unit_test(an_index_of_a_signal_has_one_source),
        cmocka_unit_test(a_message_input_has_one_source),
        cmocka_unit_test(what_is_not_known_yet_is_left_open),
        cmocka_unit_test(the_end_that_is_known_is_judged),
        cmocka_unit_test(a_program_declares_what_the_file_states),
        cmocka_unit_test(a_window_fits_the_declared_step),
        cmocka_unit_test(a_program_declares_the_stated_ports),
        cmocka_unit_test(the_recorder_learns_its_sources),
        cmocka_unit_test(sources_are_known_when_all_have_declared),
        cmocka_unit_test(a_recorded_port_must_be_there),
        cmocka_unit_test(the_recorder_takes_all_ranges),
    };

    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
