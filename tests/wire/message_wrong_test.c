/* Control messages that must be refused, each with its sentence.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "wire/message.h"

static const struct tt_message join = {.kind = TT_JOIN,
                                       .join = {.protocol = 1,
                                                .version = "0.1.0",
                                                .name = "cell",
                                                .host = "boot",
                                                .pid = 1,
                                                .inbox = "ipc://@x",
                                                .ranks = 1}};
static const struct tt_message welcome = {
    .kind = TT_WELCOME,
    .welcome = {.protocol = 1, .stop = 1, .start_timeout = 1, .patience = 1}};
static const struct tt_message progress = {.kind = TT_PROGRESS};

/* Encodes what no honest program sends, and reads why it is refused. */
static void expect(const struct tt_message *message, const char *sentence)
{
    struct tt_message arrived;
    uint8_t *bytes;
    size_t size;

    assert_int_equal(tt_message_encode(message, &bytes, &size), TUTTI_OK);
    assert_int_equal(tt_message_decode(bytes, size, &arrived), TUTTI_REFUSED);
    assert_string_equal(tutti_last_error(), sentence);
    free(bytes);
}

static void expect_bytes(const char *bytes, size_t size, const char *sentence)
{
    struct tt_message arrived;

    assert_int_equal(tt_message_decode(bytes, size, &arrived), TUTTI_REFUSED);
    assert_string_equal(tutti_last_error(), sentence);
}

static void bytes_that_are_no_message_are_refused(void **state)
{
    (void)state;
    expect_bytes("hello", 5, "5 bytes are no control message of Tutti");
    expect_bytes("", 0,
                 "a control message is refused: it is empty or of a kind that this "
                 "version does not know");
    /* Field 99 of a later version. */
    expect_bytes("\x9a\x06\x00", 3,
                 "a control message is refused: it is empty or of a kind that this "
                 "version does not know");
}

static void a_message_over_the_limit_is_refused_unread(void **state)
{
    (void)state;
    expect_bytes("", TT_MESSAGE_LIMIT + 1,
                 "a control message has 16777217 bytes, the limit is 16777216");
}

static void a_small_message_cannot_ask_for_much_memory(void **state)
{
    enum { PORTS = 100000, SIZE = 2 * PORTS, HEAD = 5 };
    char *bytes = malloc(HEAD + SIZE);

    (void)state;
    assert_non_null(bytes);
    /* A declare of 200,000 bytes that hold 100,000 empty ports. */
    memcpy(bytes, "\x1a\xc0\x9a\x0c\x22", HEAD);
    for (int i = 0; i < PORTS; i++)
        memcpy(bytes + 4 + 2 * i, "\x22\x00", 2);
    expect_bytes(bytes, 4 + SIZE,
                 "a control message of 200004 bytes asks for more memory than such a "
                 "message needs");
    free(bytes);
}

static void text_must_be_text(void **state)
{
    static const struct {
        const char *name, *sentence;
    } cases[] = {
        {"", "a control message is refused: it has no name"},
        {"a\nb", "a control message is refused: its name is no text at byte 1"},
        {"\x7f", "a control message is refused: its name is no text at byte 0"},
        {"ab\xc2\x85", "a control message is refused: its name is no text at byte 2"},
        {"\xc0\x80", "a control message is refused: its name is no text at byte 0"},
        {"\xed\xa0\x80", "a control message is refused: its name is no text at byte 0"},
        {"\xf4\x90\x80\x80",
         "a control message is refused: its name is no text at byte 0"},
        {"\xe2\x82", "a control message is refused: its name is no text at byte 0"},
    };
    char longest[4098];
    struct tt_message wrong = join;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wrong.join.name = cases[i].name;
        expect(&wrong, cases[i].sentence);
    }
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    wrong.join.name = longest;
    expect(&wrong, "a control message is refused: its name is longer than 4096 bytes");
}

static void required_words_must_be_there(void **state)
{
    struct tt_message wrong = join;

    (void)state;
    wrong.join.inbox = "";
    expect(&wrong, "a control message is refused: it has no inbox");
    wrong = join;
    wrong.join.version = "";
    expect(&wrong, "a control message is refused: it has no version");
}

static void a_rank_is_one_of_its_ranks(void **state)
{
    struct tt_message wrong = join;

    (void)state;
    wrong.join.rank = 3;
    wrong.join.ranks = 3;
    expect(&wrong, "a control message is refused: it is of rank 3 of 3");
}

static void the_session_has_sixteen_bytes(void **state)
{
    (void)state;
    expect_bytes("\x3a\x00", 2,
                 "a control message is refused: its session has 0 bytes instead of 16");
}

static void times_lie_in_their_range(void **state)
{
    struct tt_message wrong = welcome;

    (void)state;
    wrong.welcome.stop = -1;
    expect(&wrong, "a control message is refused: its stop time is -1");
    wrong.welcome.stop = TT_LONGEST;
    expect(&wrong,
           "a control message is refused: its stop time is 2305843009213693952");
    wrong = progress;
    wrong.progress.reached = TT_LONGEST;
    expect(&wrong,
           "a control message is refused: its time reached is 2305843009213693952");
    wrong = progress;
    wrong.progress.waited = -5;
    expect(&wrong, "a control message is refused: its waiting time is -5");
}

static void options_have_a_key(void **state)
{
    const struct tt_option option = {"", "value"};
    struct tt_message wrong = welcome;

    (void)state;
    wrong.welcome.option_count = 1;
    wrong.welcome.options = &option;
    expect(&wrong, "a control message is refused: it has no option");
}

static void ports_make_sense(void **state)
{
    const double initial[3] = {0};
    const struct tt_port good = {
        .name = "v", .is_output = true, .kind = TUTTI_SIGNAL, .width = 2, .unit = "mV"};
    struct tt_port port = good;
    struct tt_message wrong = {
        .kind = TT_DECLARE,
        .declare = {
            .has_step = true, .step = {100, 1}, .port_count = 1, .ports = &port}};

    (void)state;
    port.kind = (enum tutti_kind)9;
    expect(&wrong,
           "a control message is refused: there is no kind of port with number 9");
    port = good;
    port.width = 0;
    expect(&wrong, "a control message is refused: its port has 0 indices from 0 on");
    port = good;
    port.lead = -1;
    expect(&wrong, "a control message is refused: its lead is -1");
    port = good;
    port.initial_count = 3;
    port.initial = initial;
    expect(&wrong, "a control message is refused: its port has 3 initial values for "
                   "width 2");
    port = good;
    port.interpolation = (enum tutti_interpolation)7;
    expect(&wrong,
           "a control message is refused: there is no interpolation with number 7");
    port = good;
    port.ranges = (struct tt_ranges){1, (const uint32_t[]){1, 1}};
    expect(&wrong, "a control message is refused: the ranges of its port do not rise");
    port.ranges.numbers = (const uint32_t[]){1, 3};
    expect(&wrong,
           "a control message is refused: its port has 2 ends of ranges up to 3 "
           "for width 2");
    port = good;
    wrong.declare.step.ns = 0;
    expect(&wrong, "a control message is refused: its step is 0 / 1 ns");
}

static void wires_make_sense(void **state)
{
    const struct tt_wire good = {
        .number = 2, .port = "a", .peer_port = "b", .count = 1, .scale = 1};
    struct tt_wire wires[] = {good, good};
    struct tt_message wrong = {
        .kind = TT_WIRING,
        .wiring = {.steps_per_window = 1, .wire_count = 2, .wires = wires}};

    (void)state;
    wires[1].number = 1;
    expect(&wrong, "a control message is refused: connection 1 comes after 2");
    wires[1] = good;
    wires[1].first = UINT32_MAX;
    expect(&wrong, "a control message is refused: its connection has 1 indices from "
                   "4294967295 on");
    wires[1] = good;
    wires[1].need = -TT_LONGEST;
    expect(&wrong, "a control message is refused: its need is -2305843009213693952");
    wires[1] = good;
    wires[1].scale = NAN;
    expect(&wrong, "a control message is refused: connection 2 converts units with "
                   "nan x + 0");
    wires[1] = good;
    wrong.wiring.steps_per_window = 0;
    expect(&wrong, "a control message is refused: its number of steps in a window is "
                   "0");
}

static void arrays_have_a_limit(void **state)
{
    enum { PEERS = 1000001 };
    struct tt_peer_address *peers = calloc(PEERS, sizeof *peers);

    (void)state;
    assert_non_null(peers);
    for (int i = 0; i < PEERS; i++)
        peers[i] = (struct tt_peer_address){1, "abc", "ipc", false};
    expect(
        &(struct tt_message){
            .kind = TT_WIRING,
            .wiring = {.steps_per_window = 1, .peer_count = PEERS, .peers = peers}},
        "a control message is refused: it has 1000001 peers, the limit is 1000000");
    free(peers);
}

static void a_failure_has_a_known_number(void **state)
{
    (void)state;
    expect(&(struct tt_message){.kind = TT_FAILURE, .failure = {TUTTI_AGAIN, "x"}},
           "a control message is refused: there is no failure with number 2");
    expect(&(struct tt_message){.kind = TT_FAILURE,
                                .failure = {(enum tutti_status)99, "x"}},
           "a control message is refused: there is no failure with number 99");
}

static void random_damage_is_refused_or_harmless(void **state)
{
    uint64_t random = 99;
    uint8_t *bytes;
    size_t size;

    (void)state;
    assert_int_equal(tt_message_encode(&join, &bytes, &size), TUTTI_OK);
    for (int round = 0; round < 5000; round++) {
        struct tt_message arrived;
        uint8_t *copy = malloc(size);

        assert_non_null(copy);
        memcpy(copy, bytes, size);
        for (int i = 0; i < 3; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            copy[(random >> 33) % size] = (uint8_t)(random >> 25);
        }
        if (tt_message_decode(copy, size, &arrived) == TUTTI_OK)
            tt_message_free(&arrived);
        free(copy);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_are_no_message_are_refused),
        cmocka_unit_test(a_message_over_the_limit_is_refused_unread),
        cmocka_unit_test(a_small_message_cannot_ask_for_much_memory),
        cmocka_unit_test(text_must_be_text),
        cmocka_unit_test(required_words_must_be_there),
        cmocka_unit_test(a_rank_is_one_of_its_ranks),
        cmocka_unit_test(the_session_has_sixteen_bytes),
        cmocka_unit_test(times_lie_in_their_range),
        cmocka_unit_test(options_have_a_key),
        cmocka_unit_test(ports_make_sense),
        cmocka_unit_test(wires_make_sense),
        cmocka_unit_test(arrays_have_a_limit),
        cmocka_unit_test(a_failure_has_a_known_number),
        cmocka_unit_test(random_damage_is_refused_or_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
