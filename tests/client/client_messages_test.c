/* Messages: in order, whole, of any size.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "stage.h"

#define LIMIT (1000 * TT_SECOND)

/* Byte i of a message of that number. */
static uint8_t byte_of(size_t number, size_t i)
{
    return (uint8_t)(number * 31 + i * 7 + (i >> 13));
}

/* Sizes around the border of 8 bytes and that of a frame, from nothing to 40 MB. */
static const size_t sizes[] = {
    0, 1, 7, 8, 9, 1000, (8 << 20) - 100, 8 << 20, (8 << 20) + 1, 3, 40000000, 5};

enum { MESSAGES = sizeof sizes / sizeof *sizes };

static void send_all(struct stage_actor *actor, struct tutti_participant *me)
{
    struct tutti_window window;
    struct tutti_port *out;

    if (!stage_is_ok(actor, tutti_message_output(me, "out", &out)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        for (size_t n = 0; window.begin.ns == 0 && n < MESSAGES; n++) {
            uint8_t *bytes = malloc(sizes[n] + 1);

            for (size_t i = 0; i < sizes[n]; i++)
                bytes[i] = byte_of(n, i);
            stage_is_ok(actor,
                        tutti_send_message(out, (struct tutti_time){(int64_t)(n / 2)},
                                           bytes, sizes[n]));
            free(bytes);
        }
}

struct heard {
    size_t count;
    bool is_wrong;
};

static void hear_all(struct stage_actor *actor, struct tutti_participant *me)
{
    struct heard *heard = actor->data;
    struct tutti_message message;
    struct tutti_window window;
    struct tutti_port *in;

    if (!stage_is_ok(actor, tutti_message_input(me, "in", &in)) ||
        !stage_is_ok(actor, tutti_start(me)))
        return;
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        while (tutti_next_message(in, window.end, &message)) {
            const size_t n = heard->count++;
            const uint8_t *bytes = message.bytes;

            heard->is_wrong |= n >= MESSAGES || message.size != sizes[n] ||
                               message.due.ns != (int64_t)(n / 2) + 3;
            for (size_t i = 0; !heard->is_wrong && i < message.size; i++)
                heard->is_wrong = bytes[i] != byte_of(n, i);
        }
}

static void run(const char *text, struct stage_actor *actors, struct stage *stage)
{
    stage_open(stage, 1, text);
    stage_add(stage, &actors[0]);
    stage_add(stage, &actors[1]);
    stage_run(stage, LIMIT);
}

static const char text[] = "experiment: messages\nduration: 20 ns\n"
                           "participants: {a: {window: 10 ns}, b: {window: 5 ns}}\n"
                           "connections:\n  - {from: a.out, to: b.in, delay: 3 ns}\n";

static void messages_of_any_size_arrive_whole_and_in_order(void **state)
{
    struct heard heard = {0};
    struct stage_actor actors[] = {{.name = "a", .play = send_all},
                                   {.name = "b", .play = hear_all, .data = &heard}};
    struct stage stage;

    (void)state;
    run(text, actors, &stage);
    assert_string_equal(stage.sentence, "");
    assert_int_equal(heard.count, MESSAGES);
    assert_false(heard.is_wrong);
    stage_close(&stage);
}

static void more_than_max_queue_names_the_port(void **state)
{
    struct heard heard = {0};
    struct stage_actor actors[] = {{.name = "a", .play = send_all},
                                   {.name = "b", .play = hear_all, .data = &heard}};
    struct stage stage;
    char limited[512];

    (void)state;
    snprintf(limited, sizeof limited, "%smax_queue: 10 MB\n", text);
    run(limited, actors, &stage);
    assert_non_null(
        strstr(stage.sentence, "more than max_queue (10000000 bytes) wait"));
    stage_close(&stage);
}

/* --- what is refused */

static void send_unordered(struct stage_actor *actor, struct tutti_participant *me)
{
    static const int64_t stamps[] = {7, 2, 7, 2};
    struct tutti_window window;
    struct tutti_port *out, *spikes;

    assert_int_equal(tutti_message_output(me, "out", &out), TUTTI_OK);
    assert_int_equal(tutti_spike_output(me, "spikes", 1, &spikes), TUTTI_OK);
    assert_int_equal(tutti_start(me), TUTTI_OK);
    assert_int_equal(tutti_advance(me, &window), TUTTI_OK);
    for (char i = 0; i < 4; i++)
        assert_int_equal(
            tutti_send_message(out, (struct tutti_time){stamps[(int)i]}, &i, 1),
            TUTTI_OK);
    assert_int_equal(
        tutti_send_message(out, window.begin, "", TUTTI_LONGEST_MESSAGE + 1),
        TUTTI_BAD_CALL);
    assert_string_equal(
        tutti_last_error(),
        "a message of 1073741825 bytes at output 'out' of 'a' is too long, "
        "the limit is 1073741824: send it in parts");
    assert_int_equal(tutti_send_message(spikes, window.begin, "", 0), TUTTI_BAD_CALL);
    assert_string_equal(
        tutti_last_error(),
        "'spikes' is a spike output; this call is for a message output");
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        continue;
}

static void hear_order(struct stage_actor *actor, struct tutti_participant *me)
{
    struct tutti_message message;
    struct tutti_window window;
    struct tutti_port *in;
    char *order = actor->data;

    assert_int_equal(tutti_message_input(me, "in", &in), TUTTI_OK);
    assert_int_equal(tutti_start(me), TUTTI_OK);
    while (stage_is_ok(actor, tutti_advance(me, &window)))
        while (tutti_next_message(in, window.end, &message))
            *order++ = (char)('0' + *(const char *)message.bytes);
}

static void messages_of_one_time_keep_the_order_of_sending(void **state)
{
    char order[8] = "";
    struct stage_actor actors[] = {{.name = "a", .play = send_unordered},
                                   {.name = "b", .play = hear_order, .data = order}};
    struct stage stage;

    (void)state;
    run(text, actors, &stage);
    assert_string_equal(stage.sentence, "");
    assert_string_equal(order, "1302");
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_any_size_arrive_whole_and_in_order),
        cmocka_unit_test(more_than_max_queue_names_the_port),
        cmocka_unit_test(messages_of_one_time_keep_the_order_of_sending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
