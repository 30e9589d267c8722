/* Control messages: what is encoded is decoded.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "wire/message.h"

/* There and back; the result is ended by tt_message_free(). */
static struct tt_message travel(const struct tt_message *message)
{
    struct tt_message arrived;
    uint8_t *bytes;
    size_t size;

    assert_int_equal(tt_message_encode(message, &bytes, &size), TUTTI_OK);
    assert_int_equal(tt_message_decode(bytes, size, &arrived), TUTTI_OK);
    assert_int_equal(arrived.kind, message->kind);
    free(bytes);
    return arrived;
}

static void a_join_arrives_whole(void **state)
{
    struct tt_message arrived = travel(&(struct tt_message){
        .kind = TT_JOIN,
        .join = {1, "0.1.0", "cell", "boot", 1234, "ipc://@tutti-x", 2, 3, true}});

    (void)state;
    assert_int_equal(arrived.join.protocol, 1);
    assert_string_equal(arrived.join.version, "0.1.0");
    assert_string_equal(arrived.join.name, "cell");
    assert_string_equal(arrived.join.host, "boot");
    assert_int_equal(arrived.join.pid, 1234);
    assert_string_equal(arrived.join.inbox, "ipc://@tutti-x");
    assert_int_equal(arrived.join.rank, 2);
    assert_int_equal(arrived.join.ranks, 3);
    assert_true(arrived.join.shares_memory);
    tt_message_free(&arrived);
}

static void a_welcome_arrives_whole(void **state)
{
    const struct tt_option options[] = {{"morphology", "cell.swc"}, {"list", "a\n\tb"}};
    struct tt_message arrived =
        travel(&(struct tt_message){.kind = TT_WELCOME,
                                    .welcome = {.protocol = 1,
                                                .session = {1, 2, 3},
                                                .experiment = {[15] = 9},
                                                .process = 3,
                                                .stop = 1000000000,
                                                .start_timeout = 5,
                                                .patience = 6,
                                                .max_queue = UINT64_MAX,
                                                .option_count = 2,
                                                .options = options}});
    const struct tt_welcome *welcome = &arrived.welcome;

    (void)state;
    assert_int_equal(welcome->protocol, 1);
    assert_memory_equal(welcome->session, ((uint8_t[16]){1, 2, 3}), 16);
    assert_memory_equal(welcome->experiment, ((uint8_t[16]){[15] = 9}), 16);
    assert_int_equal(welcome->process, 3);
    assert_int_equal(welcome->stop, 1000000000);
    assert_int_equal(welcome->start_timeout, 5);
    assert_int_equal(welcome->patience, 6);
    assert_int_equal(welcome->max_queue, UINT64_MAX);
    assert_int_equal(welcome->option_count, 2);
    assert_string_equal(welcome->options[0].key, "morphology");
    assert_string_equal(welcome->options[1].value, "a\n\tb");
    tt_message_free(&arrived);
}

static void a_declaration_arrives_whole(void **state)
{
    const double initial[] = {-65.0, -70.5};
    const uint32_t numbers[] = {0, 2, 5, 10};
    const struct tt_port ports[] = {{.name = "spikes",
                                     .kind = TUTTI_SPIKES,
                                     .width = 10,
                                     .unit = "",
                                     .lead = 2,
                                     .own_delay = 3,
                                     .is_at_step_ends = true,
                                     .has_ranges = true,
                                     .ranges = {2, numbers}},
                                    {.name = "soma_v",
                                     .is_output = true,
                                     .kind = TUTTI_SIGNAL,
                                     .width = 2,
                                     .unit = "mV",
                                     .lag = 1,
                                     .initial_count = 2,
                                     .initial = initial}};
    struct tt_message arrived =
        travel(&(struct tt_message){.kind = TT_DECLARE,
                                    .declare = {.convention = TUTTI_UP_TO,
                                                .step = {1000000000, 60},
                                                .has_step = true,
                                                .port_count = 2,
                                                .ports = ports}});
    const struct tt_port *port = arrived.declare.ports;

    (void)state;
    assert_int_equal(arrived.declare.convention, TUTTI_UP_TO);
    assert_true(arrived.declare.has_step);
    assert_int_equal(arrived.declare.step.ns, 1000000000);
    assert_int_equal(arrived.declare.step.divisor, 60);
    assert_int_equal(arrived.declare.port_count, 2);
    assert_string_equal(port[0].name, "spikes");
    assert_false(port[0].is_output);
    assert_int_equal(port[0].lead, 2);
    assert_int_equal(port[0].own_delay, 3);
    assert_true(port[0].is_at_step_ends);
    assert_int_equal(port[0].initial_count, 0);
    assert_true(port[0].has_ranges);
    assert_int_equal(port[0].ranges.count, 2);
    assert_memory_equal(port[0].ranges.numbers, numbers, sizeof numbers);
    assert_false(port[1].has_ranges);
    assert_true(port[1].is_output);
    assert_int_equal(port[1].kind, TUTTI_SIGNAL);
    assert_int_equal(port[1].width, 2);
    assert_string_equal(port[1].unit, "mV");
    assert_int_equal(port[1].lag, 1);
    assert_memory_equal(port[1].initial, initial, sizeof initial);
    tt_message_free(&arrived);
}

static void who_has_no_step_gets_the_grid_of_a_nanosecond(void **state)
{
    struct tt_message arrived =
        travel(&(struct tt_message){.kind = TT_DECLARE, .declare = {.step = {77, 7}}});

    (void)state;
    assert_false(arrived.declare.has_step);
    assert_int_equal(arrived.declare.step.ns, 1);
    assert_int_equal(arrived.declare.step.divisor, 1);
    assert_int_equal(arrived.declare.convention, TUTTI_FROM);
    tt_message_free(&arrived);
}

static void sources_arrive_whole(void **state)
{
    const struct tutti_source sources[] = {
        {"in", "cell", "v", TUTTI_SIGNAL, 2, 1, 0, "mV", {25000, 1}},
        {"in", "column", "E", TUTTI_SPIKES, 8, 4, 2, "", {1, 1}}};
    struct tt_message arrived =
        travel(&(struct tt_message){.kind = TT_SOURCES, .sources = {2, sources}});
    const struct tutti_source *source = arrived.sources.sources;

    (void)state;
    assert_int_equal(arrived.sources.count, 2);
    assert_string_equal(source[0].input, "in");
    assert_string_equal(source[0].participant, "cell");
    assert_string_equal(source[0].port, "v");
    assert_string_equal(source[0].unit, "mV");
    assert_int_equal(source[0].step.ns, 25000);
    assert_int_equal(source[1].kind, TUTTI_SPIKES);
    assert_int_equal(source[1].width, 8);
    assert_int_equal(source[1].first, 4);
    assert_int_equal(source[1].to, 2);
    tt_message_free(&arrived);
}

static void a_wiring_arrives_whole(void **state)
{
    const double initial[] = {1.5, 2.5};
    const struct tt_peer_address peers[] = {{0, "column", "ipc://@a", false},
                                            {2, "cell", "ipc://@b", true}};
    const struct tt_wire wires[] = {{.number = 1,
                                     .peer = 2,
                                     .is_output = true,
                                     .port = "E",
                                     .peer_port = "apical",
                                     .first = 5,
                                     .to = 6,
                                     .count = 7,
                                     .delay = 1500000,
                                     .out = 1,
                                     .need = -9,
                                     .scale = 1},
                                    {.number = 1,
                                     .peer = 0,
                                     .port = "v",
                                     .peer_port = "w",
                                     .count = 2,
                                     .scale = 1000,
                                     .offset = -0.5,
                                     .initial_count = 2,
                                     .initial = initial}};
    struct tt_message arrived = travel(&(struct tt_message){
        .kind = TT_WIRING, .wiring = {4, TT_INFINITY, 2, peers, 2, wires}});
    const struct tt_wire *wire = arrived.wiring.wires;

    (void)state;
    assert_int_equal(arrived.wiring.steps_per_window, 4);
    assert_int_equal(arrived.wiring.credit, TT_INFINITY);
    assert_int_equal(arrived.wiring.peer_count, 2);
    assert_int_equal(arrived.wiring.peers[1].process, 2);
    assert_string_equal(arrived.wiring.peers[1].name, "cell");
    assert_string_equal(arrived.wiring.peers[0].inbox, "ipc://@a");
    assert_true(arrived.wiring.peers[1].shares_memory);
    assert_int_equal(arrived.wiring.wire_count, 2);
    assert_int_equal(wire[0].number, 1);
    assert_int_equal(wire[0].peer, 2);
    assert_true(wire[0].is_output);
    assert_string_equal(wire[0].port, "E");
    assert_string_equal(wire[0].peer_port, "apical");
    assert_int_equal(wire[0].first, 5);
    assert_int_equal(wire[0].to, 6);
    assert_int_equal(wire[0].count, 7);
    assert_int_equal(wire[0].delay, 1500000);
    assert_int_equal(wire[0].out, 1);
    assert_int_equal(wire[0].need, -9);
    assert_true(wire[1].scale == 1000 && wire[1].offset == -0.5);
    assert_int_equal(wire[1].initial_count, 2);
    assert_memory_equal(wire[1].initial, initial, sizeof initial);
    tt_message_free(&arrived);
}

static void progress_and_leave_arrive_whole(void **state)
{
    struct tt_message progress = travel(&(struct tt_message){
        .kind = TT_PROGRESS, .progress = {10, TT_INFINITY, true, 3, 4, true, 20, 30}});
    struct tt_message leave =
        travel(&(struct tt_message){.kind = TT_LEAVE,
                                    .leave = {.is_end = true,
                                              .undelivered = 1,
                                              .sent = 2,
                                              .received = 3,
                                              .strangers = 4,
                                              .ran = 5,
                                              .wait_count = 1,
                                              .waits = &(struct tt_wait){6, 7, 8}}});

    (void)state;
    assert_int_equal(progress.progress.reached, 10);
    assert_int_equal(progress.progress.window_end, TT_INFINITY);
    assert_true(progress.progress.is_waiting && progress.progress.is_credit);
    assert_int_equal(progress.progress.peer, 3);
    assert_int_equal(progress.progress.connection, 4);
    assert_int_equal(progress.progress.peer_reached, 20);
    assert_int_equal(progress.progress.waited, 30);
    assert_true(leave.leave.is_end);
    assert_int_equal(leave.leave.undelivered, 1);
    assert_int_equal(leave.leave.sent, 2);
    assert_int_equal(leave.leave.received, 3);
    assert_int_equal(leave.leave.strangers, 4);
    assert_int_equal(leave.leave.ran, 5);
    assert_int_equal(leave.leave.wait_count, 1);
    assert_int_equal(leave.leave.waits[0].peer, 6);
    assert_int_equal(leave.leave.waits[0].waited, 7);
    assert_int_equal(leave.leave.waits[0].windows, 8);
    tt_message_free(&progress);
    tt_message_free(&leave);
}

static void messages_without_content_arrive(void **state)
{
    static const enum tt_message_kind kinds[] = {TT_ASK_SOURCES, TT_READY, TT_GO,
                                                 TT_PING};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct tt_message arrived = travel(&(struct tt_message){.kind = kinds[i]});

        tt_message_free(&arrived);
    }
}

static void a_failure_arrives_in_words(void **state)
{
    struct tt_message arrived = travel(&(struct tt_message){
        .kind = TT_FAILURE,
        .failure = {TUTTI_LOST, "'cell' is gone, its last lines:\n\té 20 µs"}});

    (void)state;
    assert_int_equal(arrived.failure.status, TUTTI_LOST);
    assert_string_equal(arrived.failure.text,
                        "'cell' is gone, its last lines:\n\té 20 µs");
    tt_message_free(&arrived);
}

static void a_failure_arrives_whatever_its_text_holds(void **state)
{
    char longest[6000];
    struct tt_message arrived = travel(&(struct tt_message){
        .kind = TT_FAILURE, .failure = {TUTTI_LOST, "a\001b\x1b[31m \xff\xc3 é"}});

    (void)state;
    assert_string_equal(arrived.failure.text, "a?b?[31m ?? é");
    tt_message_free(&arrived);

    /* Of two-byte letters behind one byte: the limit falls into the middle of one. */
    longest[0] = 'x';
    for (size_t i = 1; i + 2 < sizeof longest; i += 2)
        memcpy(longest + i, "é", 3);
    arrived = travel(
        &(struct tt_message){.kind = TT_FAILURE, .failure = {TUTTI_LOST, longest}});
    assert_int_equal(strlen(arrived.failure.text), 4095);
    tt_message_free(&arrived);
}

static void a_message_over_the_limit_is_not_encoded(void **state)
{
    enum { PORTS = 3 };
    const uint32_t width = 800000;
    double *initial = calloc(width, sizeof *initial);
    struct tt_port ports[PORTS];
    uint8_t *bytes;
    size_t size;

    (void)state;
    assert_non_null(initial);
    for (int i = 0; i < PORTS; i++)
        ports[i] = (struct tt_port){.name = "v",
                                    .is_output = true,
                                    .kind = TUTTI_SIGNAL,
                                    .width = width,
                                    .unit = "mV",
                                    .initial_count = width,
                                    .initial = initial};
    assert_int_equal(
        tt_message_encode(
            &(struct tt_message){.kind = TT_DECLARE,
                                 .declare = {.port_count = PORTS, .ports = ports}},
            &bytes, &size),
        TUTTI_BAD_CONFIG);
    assert_non_null(strstr(tutti_last_error(),
                           "bytes, the limit is 16777216: use fewer "
                           "connections or smaller initial values"));
    free(initial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_join_arrives_whole),
        cmocka_unit_test(a_welcome_arrives_whole),
        cmocka_unit_test(a_declaration_arrives_whole),
        cmocka_unit_test(who_has_no_step_gets_the_grid_of_a_nanosecond),
        cmocka_unit_test(sources_arrive_whole),
        cmocka_unit_test(a_wiring_arrives_whole),
        cmocka_unit_test(progress_and_leave_arrive_whole),
        cmocka_unit_test(messages_without_content_arrive),
        cmocka_unit_test(a_failure_arrives_in_words),
        cmocka_unit_test(a_failure_arrives_whatever_its_text_holds),
        cmocka_unit_test(a_message_over_the_limit_is_not_encoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
