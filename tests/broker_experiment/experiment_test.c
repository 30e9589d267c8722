/* The experiment file as a struct, and every sentence about it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/experiment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char whole[] =
    "experiment: a column and a cell\n"
    "duration: 1.5 s\n"
    "participants:\n"
    "  column: {kernel: column.yaml, owns: {E: \"0:4000\"}}\n"
    "  cell:\n"
    "    command: python3 cell.py 'a b'\n"
    "    options: {seed: 3, morphology: cell.swc}\n"
    "    step: 0.025 ms\n"
    "    windows: from\n"
    "    window: 0.5 ms\n"
    "    ports:\n"
    "      apical: {spikes: in, width: 100}\n"
    "      soma_v: {signal: out, width: 3, unit: mV}\n"
    "  robot: {}\n"
    "connections:\n"
    "  - from: column.E[10:110]\n"
    "    to: cell.apical\n"
    "    delay: 1.5 ms\n"
    "  - {from: cell.soma_v, to: \"robot.v[2:]\", delay: 0 ms}\n"
    "record: [column.E, \"cell.soma_v[0]\", \"cell.soma_v[1:]\"]\n"
    "link: tcp\n"
    "patience: 5 s\n"
    "max_queue: 1 MiB\n"
    "afterwards: python3 plot.py\n";

static struct experiment *parse(const char *text)
{
    struct experiment *experiment;

    if (experiment_parse("dir/e.yaml", text, strlen(text), &experiment) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    return experiment;
}

static void a_file_becomes_a_struct(void **state)
{
    struct experiment *e = parse(whole);
    const struct experiment_participant *column = &e->participants[0];
    const struct experiment_participant *cell = &e->participants[1];

    (void)state;
    assert_string_equal(e->name, "a column and a cell");
    assert_int_equal(e->duration, 1500000000);
    assert_int_equal(e->link, EXPERIMENT_TCP);
    assert_int_equal(e->start_timeout, INT64_C(300000000000));
    assert_int_equal(e->patience, INT64_C(5000000000));
    assert_int_equal(e->max_queue, 1 << 20);
    assert_string_equal(e->afterwards, "python3 plot.py");
    assert_int_equal(e->participant_count, 4);

    assert_string_equal(column->name, "column");
    assert_string_equal(column->kernel, "column.yaml");
    assert_null(column->command);
    assert_int_equal(column->part_count, 1);
    assert_string_equal(column->parts[0].population, "E");
    assert_string_equal(column->parts[0].range, "0:4000");
    assert_int_equal(column->parts[0].slice.end, 4000);
    assert_int_equal(column->step.ns, 0);
    assert_int_equal(column->windows, EXPERIMENT_WINDOWS_UNSTATED);
    assert_false(column->has_ports);

    assert_string_equal(cell->command, "python3 cell.py 'a b'");
    assert_int_equal(cell->option_count, 2);
    assert_string_equal(cell->options[0].key, "seed");
    assert_string_equal(cell->options[0].value, "3");
    assert_int_equal(cell->step.ns, 25000);
    assert_int_equal(cell->windows, EXPERIMENT_WINDOWS_FROM);
    assert_int_equal(cell->window, 500000);
    assert_int_equal(cell->port_count, 2);
    assert_int_equal(cell->ports[0].kind, TUTTI_SPIKES);
    assert_false(cell->ports[0].is_output);
    assert_int_equal(cell->ports[0].width, 100);
    assert_string_equal(cell->ports[0].unit, "");
    assert_int_equal(cell->ports[1].kind, TUTTI_SIGNAL);
    assert_true(cell->ports[1].is_output);
    assert_string_equal(cell->ports[1].unit, "mV");
    assert_int_equal(cell->place.line, 5);
    assert_int_equal(experiment_find(e, "robot"), 2);
    assert_int_equal(experiment_find(e, "nobody"), EXPERIMENT_NONE);
    experiment_free(&e);
    assert_null(e);
}

static void connections_are_numbered_by_their_place(void **state)
{
    struct experiment *e = parse(whole);
    const struct experiment_connection *first = &e->connections[0];
    const struct experiment_connection *second = &e->connections[1];

    (void)state;
    assert_int_equal(e->connection_count, 5);
    assert_int_equal(first->from.participant, 0);
    assert_string_equal(first->from.port, "E");
    assert_int_equal(first->from.slice.begin, 10);
    assert_int_equal(first->from.slice.end, 110);
    assert_int_equal(first->to.participant, 1);
    assert_string_equal(first->to.port, "apical");
    assert_int_equal(first->to.slice.end, TT_OPEN_END);
    assert_int_equal(first->delay, 1500000);
    assert_int_equal(first->place.line, 16);
    assert_int_equal(first->place.column, 5);
    assert_int_equal(second->delay, 0);
    assert_int_equal(second->to.slice.begin, 2);
    experiment_free(&e);
}

static void what_is_recorded_is_connected_to_the_recorder(void **state)
{
    struct experiment *e = parse(whole);
    const struct experiment_connection *voltage = &e->connections[3];

    (void)state;
    assert_int_equal(e->recorder, 3);
    assert_string_equal(e->participants[3].name, "recorder");
    assert_int_equal(e->participants[3].windows, EXPERIMENT_WINDOWS_UNSTATED);
    assert_int_equal(e->record_first, 2);
    assert_string_equal(e->connections[2].to.port, "column.E");
    assert_string_equal(voltage->to.port, "cell.soma_v");
    assert_int_equal(voltage->to.participant, 3);
    assert_int_equal(voltage->from.slice.end, 1);
    assert_int_equal(voltage->delay, 0);
    assert_int_equal(voltage->place.line, 20);
    experiment_free(&e);
}

static void without_record_there_is_no_recorder(void **state)
{
    struct experiment *e = parse("experiment: x\nduration: 1 s\n"
                                 "participants: {a: {command: b}}\nrecord: []\n");

    (void)state;
    assert_int_equal(e->participant_count, 1);
    assert_int_equal(e->recorder, EXPERIMENT_NONE);
    assert_int_equal(e->record_first, 0);
    assert_int_equal(e->connection_count, 0);
    assert_int_equal(e->link, EXPERIMENT_SHM);
    assert_int_equal(e->max_queue, 256000000);
    experiment_free(&e);
}

static void the_file_is_kept_with_its_hash_and_folder(void **state)
{
    /* As python-xxhash and `xxhsum -H128` write it. */
    static const uint8_t hash[16] = {0x2f, 0x75, 0xb0, 0x17, 0xc9, 0xbf, 0x64, 0xa3,
                                     0x8c, 0x02, 0xae, 0x2b, 0xc9, 0x85, 0x59, 0x56};
    struct experiment *e = parse(whole);

    (void)state;
    assert_memory_equal(e->hash, hash, sizeof hash);
    assert_string_equal(e->path, "dir/e.yaml");
    assert_string_equal(e->folder, "dir");
    assert_string_equal(e->text, whole);
    assert_int_equal(e->text_size, sizeof whole - 1);
    experiment_free(&e);
}

/* The lines that every experiment needs, two of them, and one participant. */
#define HEAD "experiment: x\nduration: 1 s\n"
#define A_AND_B                                                                        \
    HEAD "participants: {a: {command: x}, b: {}}\n"                                    \
         "connections:\n"

static void expect_error(const char *text, const char *sentence)
{
    struct experiment *experiment;

    assert_int_equal(experiment_parse("e.yaml", text, strlen(text), &experiment),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), sentence);
    assert_null(experiment);
}

static void the_file_has_its_keys(void **state)
{
    (void)state;
    expect_error("[1]", "e.yaml:1:1: the experiment must be a map, 'key: value'");
    expect_error("duration: 1 s\n",
                 "e.yaml:1:1: the experiment has no 'experiment', which it must have");
    expect_error("experiment: x\n",
                 "e.yaml:1:1: the experiment has no 'duration'; write 'duration: 1 s'");
    expect_error(HEAD,
                 "e.yaml:1:1: the experiment has no 'participants', which it must "
                 "have");
    expect_error(HEAD "conections: []\n",
                 "e.yaml:3:1: unknown key 'conections' in the experiment; did you mean "
                 "'connections'?");
    expect_error("experiment: x\nduration: 1\n",
                 "e.yaml:2:11: 'duration': '1' has no unit; write '1 ms'");
    expect_error("experiment: x\nduration: 0 s\n",
                 "e.yaml:2:11: 'duration' is '0 s', must be above 0");
    expect_error(HEAD "link: shared\n",
                 "e.yaml:3:7: unknown link 'shared'; there are shm, ipc and tcp");
    expect_error(HEAD "patience: 0 s\n",
                 "e.yaml:3:11: 'patience' is '0 s', must be above 0");
}

static void participants_are_checked(void **state)
{
    (void)state;
    expect_error(HEAD "participants: {}\n",
                 "e.yaml:3:15: there is no participant; add one, 'name: {command: "
                 "program}'");
    expect_error(HEAD "participants: {a.b: {}}\n",
                 "e.yaml:3:16: 'a.b' cannot be the name of a participant; use letters, "
                 "digits, '_' and '-'");
    expect_error(
        HEAD "participants: {nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: "
             "{}}\n",
        "e.yaml:3:16: the name "
        "'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn' is longer than 48 "
        "characters");
    expect_error(HEAD "participants: {recorder: {}}\n",
                 "e.yaml:3:16: the name 'recorder' is taken by what carries out "
                 "'record'; choose another one");
    expect_error(HEAD "participants: {a: x}\n",
                 "e.yaml:3:19: participant 'a' must be a map, 'key: value'");
    expect_error(HEAD "participants: {a: {comand: x}}\n",
                 "e.yaml:3:20: unknown key 'comand' in participant 'a'; did you mean "
                 "'command'?");
    expect_error(HEAD "participants: {a: {command: x, kernel: y}}\n",
                 "e.yaml:3:16: participant 'a' has a 'command' and a 'kernel'; remove "
                 "one");
    expect_error(
        HEAD "participants: {a: {owns: {E: 3}}}\n",
        "e.yaml:3:26: 'owns' is for participants with a 'kernel', which 'a' is "
        "not");
    expect_error(HEAD "participants: {a: {kernel: k, owns: {E: x}}}\n",
                 "e.yaml:3:41: 'E': 'x' is not a range of indices; write '0:200', "
                 "'100:', ':100' or '3'");
    expect_error(HEAD "participants: {a: {options: {k: [1]}}}\n",
                 "e.yaml:3:33: 'k' is a list, should be a single value");
    expect_error(HEAD "participants: {a: {windows: up}}\n",
                 "e.yaml:3:29: unknown windows 'up'; there are from and up_to");
}

static void a_window_is_a_multiple_of_the_step(void **state)
{
    (void)state;
    expect_error(HEAD "participants: {a: {step: 0.1 ms, window: 1.05 ms}}\n",
                 "e.yaml:3:42: 'window': '1.05 ms' is not a multiple of the step of "
                 "'a', 100 us; the nearest that fit are '1 ms' and '1.1 ms'");
    expect_error(HEAD "participants: {a: {window: 1 us, step: 0.1 ms}}\n",
                 "e.yaml:3:28: 'window': '1 us' is shorter than the step of 'a', 100 "
                 "us; the shortest that fits is '100 us'");
    expect_error(HEAD "participants: {a: {step: 1/60 s, window: 20 ms}}\n",
                 "e.yaml:3:42: 'window': '20 ms' is not a multiple of the step of 'a', "
                 "1/60 s; the nearest that fit are '16.666666 ms' and '33.333333 ms'");
}

static void ports_are_checked(void **state)
{
    (void)state;
    expect_error(HEAD "participants: {a: {ports: {p: {width: 1}}}}\n",
                 "e.yaml:3:28: port 'p' must have one of 'spikes', 'signal' and "
                 "'message', with 'in' or 'out'");
    expect_error(HEAD "participants: {a: {ports: {p: {spikes: in}}}}\n",
                 "e.yaml:3:28: port 'p' has no 'width'; write 'width: 1000'");
    expect_error(HEAD "participants: {a: {ports: {p: {message: in, width: 1}}}}\n",
                 "e.yaml:3:28: messages have no width; remove 'width' from port 'p'");
    expect_error(HEAD "participants: {a: {ports: {p: {message: in, unit: mV}}}}\n",
                 "e.yaml:3:28: messages have no unit; remove 'unit' from port 'p'");
    expect_error(HEAD "participants: {a: {ports: {p: {spikes: in, width: 0}}}}\n",
                 "e.yaml:3:51: 'width' is 0, should lie between 1 and 4294967294");
    expect_error(HEAD "participants: {a: {ports: {p: {signal: in, width: 1}}}}\n",
                 "e.yaml:3:28: the signal 'p' has no 'unit'; write 'unit: mV', or "
                 "'unit: 1' where there is none");
    expect_error(HEAD
                 "participants: {a: {ports: {p: {spikes: in, width: 1, unit: mV}}}}\n",
                 "e.yaml:3:28: spikes have no unit; remove 'unit' from port 'p'");
    expect_error(HEAD "participants: {a: {ports: {p: {spikes: both, width: 1}}}}\n",
                 "e.yaml:3:40: unknown spikes 'both'; there are in and out");
}

static void connections_are_checked(void **state)
{
    (void)state;
    expect_error(A_AND_B "- {from: a.x, to: b.y}\n",
                 "e.yaml:5:3: this connection has no 'delay'; write 'delay: 1.5 ms'");
    expect_error(A_AND_B "- {from: a.x, delay: 1 ms}\n",
                 "e.yaml:5:3: this connection has no 'to'; write 'to: cell.apical'");
    expect_error(A_AND_B "- {from: a.x, to: b.y, delay: -1 ms}\n",
                 "e.yaml:5:31: 'delay' is '-1 ms', must not be negative");
    expect_error(A_AND_B "- {from: aa.x, to: b.y, delay: 1 ms}\n",
                 "e.yaml:5:10: unknown participant 'aa'; did you mean 'a'?");
    expect_error(A_AND_B "- {from: column.x, to: b.y, delay: 1 ms}\n",
                 "e.yaml:5:10: unknown participant 'column'; there are a and b");
    expect_error(A_AND_B "- {from: a, to: b.y, delay: 1 ms}\n",
                 "e.yaml:5:10: 'from': 'a' is not a participant and a port; write "
                 "'PARTICIPANT.PORT'");
    expect_error(A_AND_B "- {from: a.x, to: 'b.y[3:1]', delay: 1 ms}\n",
                 "e.yaml:5:19: 'to': the range '3:1' is empty; its end is the first "
                 "index that is not in it");
    expect_error(A_AND_B "- {from: a.x, to: recorder.y, delay: 1 ms}\n",
                 "e.yaml:5:19: nothing is connected to the recorder by hand; list the "
                 "port under 'record'");
    expect_error(A_AND_B "- a.x -> b.y\n",
                 "e.yaml:5:3: this connection must be a map, 'key: value'");
}

static void what_is_recorded_is_checked(void **state)
{
    (void)state;
    expect_error(HEAD "participants: {a: {}}\nrecord: [b.x]\n",
                 "e.yaml:4:10: unknown participant 'b'; did you mean 'a'?");
    expect_error(HEAD "participants: {a: {}}\nrecord: [a.x, {a: b}]\n",
                 "e.yaml:4:15: 'record' is a map, should be a single value");
    expect_error(HEAD "participants: {a: {}}\nrecord: [a.x, a.x]\n",
                 "e.yaml:4:15: 'record': 'a.x' is recorded twice, first in line 4; "
                 "remove one");
    expect_error(HEAD "participants: {a: {}}\nrecord: ['a.x[:5]', 'a.x[4]']\n",
                 "e.yaml:4:21: 'record': 'a.x[4]' is recorded twice, first in line 4; "
                 "remove one");
}

static void too_much_is_refused(void **state)
{
    struct tt_text text = {0};

    (void)state;
    tt_text_add(&text, HEAD "participants:\n");
    for (int i = 0; i < 1001; i++)
        tt_text_add(&text, "  a%d: {}\n", i);
    expect_error(tt_text_get(&text), "e.yaml:4:3: 'participants' has 1001 entries, may "
                                     "have 1000 at most");
    tt_text_free(&text);
}

/* In a folder of its own, which is gone afterwards. */
static void the_network_file_must_be_there(void **state)
{
    static const char text[] = HEAD "participants: {a: {kernel: k.yaml}}\n";
    char folder[] = "/tmp/tutti-experiment-XXXXXX";
    char path[64], network[64], sentence[256];
    struct experiment *experiment;
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/e.yaml", folder);
    snprintf(network, sizeof network, "%s/k.yaml", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);

    assert_int_equal(experiment_read(path, &experiment), TUTTI_BAD_CONFIG);
    snprintf(sentence, sizeof sentence,
             "%s:3:28: 'kernel': cannot read 'k.yaml': No such file or directory; the "
             "path starts at the folder of the experiment file",
             path);
    assert_string_equal(tutti_last_error(), sentence);

    fclose(fopen(network, "w"));
    assert_int_equal(experiment_read(path, &experiment), TUTTI_OK);
    assert_string_equal(experiment->folder, folder);
    experiment_free(&experiment);
    unlink(network);
    unlink(path);
    rmdir(folder);
}

static void a_missing_file_is_named(void **state)
{
    struct experiment *experiment;

    (void)state;
    assert_int_equal(experiment_read("no/e.yaml", &experiment), TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(),
                        "cannot read 'no/e.yaml': No such file or directory");
    assert_null(experiment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_becomes_a_struct),
        cmocka_unit_test(connections_are_numbered_by_their_place),
        cmocka_unit_test(what_is_recorded_is_connected_to_the_recorder),
        cmocka_unit_test(without_record_there_is_no_recorder),
        cmocka_unit_test(the_file_is_kept_with_its_hash_and_folder),
        cmocka_unit_test(the_file_has_its_keys),
        cmocka_unit_test(participants_are_checked),
        cmocka_unit_test(a_window_is_a_multiple_of_the_step),
        cmocka_unit_test(ports_are_checked),
        cmocka_unit_test(connections_are_checked),
        cmocka_unit_test(what_is_recorded_is_checked),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(the_network_file_must_be_there),
        cmocka_unit_test(a_missing_file_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
