/* Frames: what is written is read, what is broken is refused with its reason.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "wire/frame.h"

static const struct tt_frame_rule rules[] = {
    {3, TUTTI_SPIKES, 10}, {5, TUTTI_SIGNAL, 2}, {8, TUTTI_SPIKES, 1000}};
enum { RULES = sizeof rules / sizeof *rules };

static const struct tt_frame_header plain = {.session = "0123456789abcde",
                                             .flags = TT_FRAME_COMPLETE,
                                             .source = 4,
                                             .sequence = 7,
                                             .reached = 1500000};

/* Two spikes on connection 3, one sample on connection 5. */
static void write_example(struct tt_frame_writer *writer)
{
    const uint32_t offsets[] = {100, 250}, indices[] = {9, 0};
    const double values[] = {-65.5, 1.0};

    assert_int_equal(tt_frame_begin(writer), TUTTI_OK);
    assert_int_equal(tt_frame_add_spikes(writer, 3, 2, offsets, indices), TUTTI_OK);
    assert_int_equal(tt_frame_add_samples(writer, 5, 1, 2, offsets, values), TUTTI_OK);
    tt_frame_end(writer, &plain);
}

static void a_frame_is_read_as_it_was_written(void **state)
{
    struct tt_frame_writer writer = {0};
    struct tt_frame_header header;
    struct tt_section section;
    size_t cursor = 0;
    uint32_t offset, index;
    double values[2];

    (void)state;
    write_example(&writer);
    assert_int_equal(writer.size, 56 + 24 + 16 + 24 + 8 + 16);
    assert_int_equal(tt_frame_check(writer.bytes, writer.size, rules, RULES), TUTTI_OK);
    assert_int_equal(tt_frame_read_header(writer.bytes, writer.size, &header),
                     TUTTI_OK);
    assert_memory_equal(header.session, plain.session, TT_SESSION_SIZE);
    assert_int_equal(header.flags, TT_FRAME_COMPLETE);
    assert_int_equal(header.source, 4);
    assert_int_equal(header.sections, 2);
    assert_int_equal(header.sequence, 7);
    assert_int_equal(header.reached, 1500000);
    assert_int_equal(header.size, writer.size);

    assert_true(tt_frame_next_section(writer.bytes, writer.size, &cursor, &section));
    assert_int_equal(section.connection, 3);
    assert_int_equal(section.kind, TUTTI_SPIKES);
    assert_int_equal(section.count, 2);
    tt_section_spike(&section, 1, &offset, &index);
    assert_int_equal(offset, 250);
    assert_int_equal(index, 0);
    assert_true(tt_frame_next_section(writer.bytes, writer.size, &cursor, &section));
    assert_int_equal(section.connection, 5);
    assert_int_equal(section.width, 2);
    tt_section_sample(&section, 0, &offset, values);
    assert_int_equal(offset, 100);
    assert_true(values[0] == -65.5 && values[1] == 1.0);
    assert_false(tt_frame_next_section(writer.bytes, writer.size, &cursor, &section));
    tt_frame_writer_free(&writer);
}

/* The bytes behind "```hex" of docs/protocol.md: an offset, pairs of digits with one
 * space before each, and words. */
static size_t read_page(uint8_t *bytes, size_t room)
{
    FILE *page = fopen(PROTOCOL_PAGE, "r");
    bool is_inside = false;
    char line[512];
    size_t size = 0;

    assert_non_null(page);
    while (fgets(line, sizeof line, page)) {
        if (is_inside && line[0] == '`')
            break;
        for (size_t at = 3; is_inside && line[at] == ' ' && line[at + 1] != ' ';
             at += 3) {
            assert_true(size < room);
            bytes[size++] = (uint8_t)strtoul(line + at, NULL, 16);
        }
        is_inside = is_inside || strcmp(line, "```hex\n") == 0;
    }
    fclose(page);
    return size;
}

static void the_example_of_the_documentation_decodes(void **state)
{
    struct tt_frame_writer writer = {0};
    uint8_t bytes[200];
    const size_t size = read_page(bytes, sizeof bytes);

    (void)state;
    assert_int_equal(tt_frame_check(bytes, size, rules, RULES), TUTTI_OK);
    write_example(&writer);
    assert_int_equal(writer.size, size);
    assert_memory_equal(writer.bytes, bytes, size);
    tt_frame_writer_free(&writer);
}

static void what_has_nothing_to_say_makes_no_section(void **state)
{
    struct tt_frame_writer writer = {0};
    struct tt_section section;
    size_t cursor = 0;

    (void)state;
    assert_int_equal(tt_frame_begin(&writer), TUTTI_OK);
    assert_int_equal(tt_frame_add_spikes(&writer, 3, 0, NULL, NULL), TUTTI_OK);
    assert_int_equal(tt_frame_add_samples(&writer, 5, 0, 2, NULL, NULL), TUTTI_OK);
    tt_frame_end(&writer, &plain);
    assert_int_equal(writer.size, 56);
    assert_int_equal(tt_frame_check(writer.bytes, writer.size, NULL, 0), TUTTI_OK);
    assert_false(tt_frame_next_section(writer.bytes, writer.size, &cursor, &section));
    tt_frame_writer_free(&writer);
}

static void more_than_a_section_holds_is_refused_by_the_writer(void **state)
{
    const uint32_t nothing = 0;
    struct tt_frame_writer writer = {0};

    (void)state;
    assert_int_equal(tt_frame_begin(&writer), TUTTI_OK);
    assert_int_equal(
        tt_frame_add_spikes(&writer, 3, (size_t)1 << 32, &nothing, &nothing),
        TUTTI_BAD_CALL);
    assert_string_equal(tutti_last_error(),
                        "4294967296 elements in one window are too many for connection "
                        "3; use shorter windows");
    assert_int_equal(writer.size, 56);
    tt_frame_writer_free(&writer);
}

/* One change to the example, and the reason for which it is refused. */
struct wrong {
    size_t at, size;
    uint64_t value;
    const char *reason;
};

static void check_wrong(const struct wrong *wrong)
{
    struct tt_frame_writer writer = {0};

    write_example(&writer);
    memcpy(writer.bytes + wrong->at, &wrong->value, wrong->size);
    assert_int_equal(tt_frame_check(writer.bytes, writer.size, rules, RULES),
                     TUTTI_REFUSED);
    assert_string_equal(tutti_last_error(), wrong->reason);
    tt_frame_writer_free(&writer);
}

static void every_broken_field_is_refused_with_its_reason(void **state)
{
    static const struct wrong cases[] = {
        {0, 1, 'X', "144 bytes are no frame: they do not begin with TUTF"},
        {4, 2, 2,
         "a frame has version 2, this library speaks version 1: install the same Tutti "
         "everywhere"},
        {6, 2, 0x12, "a frame of process 4 has unknown flags 0x12"},
        {6, 2, TT_FRAME_HELLO, "the first frame of process 4 has 2 sections"},
        {6, 2, TT_FRAME_END,
         "the last frame of process 4 ends at 1500000 ns instead of infinity"},
        {28, 4, 4,
         "a frame of process 4 says that it has 4 sections, but 144 bytes do not hold "
         "so many"},
        {28, 4, 3, "a frame of process 4 ends within section 2"},
        {28, 4, 1, "a frame of process 4 has 48 bytes behind its last section"},
        {40, 8, UINT64_MAX, "a frame of process 4 has the impossible time -1 ns"},
        {40, 8, UINT64_C(1) << 61,
         "a frame of process 4 has the impossible time 2305843009213693952 ns"},
        {48, 8, 152, "a frame of process 4 says that it has 152 bytes, but 144 came"},
        {56, 4, 4,
         "a frame of process 4 has a section for connection 4, which is unknown, "
         "doubled or out of order"},
        {60, 2, 2, "a frame of process 4 has another kind than connection 3"},
        {62, 2, 1, "a frame of process 4 has another kind than connection 3"},
        {64, 4, 0,
         "a frame of process 4: 16 bytes do not hold 0 elements of connection 3"},
        {64, 4, UINT32_MAX,
         "a frame of process 4: 16 bytes do not hold 4294967295 elements of connection "
         "3"},
        {68, 4, 2, "a frame of process 4 has width 2 for connection 3, which has 1"},
        {72, 8, 24,
         "a frame of process 4: 24 bytes do not hold 2 elements of connection 3"},
        {84, 4, 10,
         "a frame of process 4: index 10 is beyond connection 3, which has 10"},
        {92, 4, UINT32_MAX,
         "a frame of process 4: index 4294967295 is beyond connection 3, which has 10"},
        {96, 4, 3,
         "a frame of process 4 has a section for connection 3, which is unknown, "
         "doubled or out of order"},
        {108, 4, 3, "a frame of process 4 has width 3 for connection 5, which has 2"},
        {104, 4, 2,
         "a frame of process 4: 24 bytes do not hold 2 elements of connection 5"},
        {104, 4, UINT32_MAX,
         "a frame of process 4: 24 bytes do not hold 4294967295 elements of connection "
         "5"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_wrong(&cases[i]);
}

static void a_frame_that_was_cut_is_refused(void **state)
{
    struct tt_frame_writer writer = {0};

    (void)state;
    write_example(&writer);
    for (size_t size = 0; size < writer.size; size++)
        assert_int_equal(tt_frame_check(writer.bytes, size, rules, RULES),
                         TUTTI_REFUSED);
    assert_int_equal(tt_frame_check(writer.bytes, 55, rules, RULES), TUTTI_REFUSED);
    assert_string_equal(tutti_last_error(),
                        "55 bytes are no frame: its header alone has 56");
    tt_frame_writer_free(&writer);
}

/* A seeded stream; xorshift. */
static uint64_t draw(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

enum { MOST = 40 };

struct content {
    size_t counts[RULES];
    uint32_t offsets[RULES][MOST], indices[RULES][MOST];
    double values[RULES][MOST * 2];
};

static void write_random(struct tt_frame_writer *writer, struct content *content,
                         uint64_t *random)
{
    assert_int_equal(tt_frame_begin(writer), TUTTI_OK);
    for (size_t i = 0; i < RULES; i++) {
        const size_t count = draw(random) % MOST;

        content->counts[i] = count;
        for (size_t k = 0; k < count; k++) {
            content->offsets[i][k] = (uint32_t)draw(random);
            content->indices[i][k] = (uint32_t)(draw(random) % rules[i].width);
            content->values[i][2 * k] = (double)draw(random);
            content->values[i][2 * k + 1] = -(double)draw(random);
        }
        if (rules[i].kind == TUTTI_SPIKES)
            assert_int_equal(tt_frame_add_spikes(writer, rules[i].connection, count,
                                                 content->offsets[i],
                                                 content->indices[i]),
                             TUTTI_OK);
        else
            assert_int_equal(tt_frame_add_samples(writer, rules[i].connection, count, 2,
                                                  content->offsets[i],
                                                  content->values[i]),
                             TUTTI_OK);
    }
    tt_frame_end(writer, &plain);
}

static void compare(const struct tt_frame_writer *writer, const struct content *content)
{
    struct tt_section section;
    size_t cursor = 0;

    for (size_t i = 0; i < RULES; i++) {
        if (content->counts[i] == 0)
            continue;
        assert_true(
            tt_frame_next_section(writer->bytes, writer->size, &cursor, &section));
        assert_int_equal(section.connection, rules[i].connection);
        assert_int_equal(section.count, content->counts[i]);
        for (size_t k = 0; k < section.count; k++) {
            uint32_t offset, index;
            double values[2];

            if (section.kind == TUTTI_SPIKES) {
                tt_section_spike(&section, k, &offset, &index);
                assert_int_equal(index, content->indices[i][k]);
            } else {
                tt_section_sample(&section, k, &offset, values);
                assert_memory_equal(values, &content->values[i][2 * k], sizeof values);
            }
            assert_int_equal(offset, content->offsets[i][k]);
        }
    }
    assert_false(tt_frame_next_section(writer->bytes, writer->size, &cursor, &section));
}

static void random_frames_come_back_as_they_were(void **state)
{
    struct tt_frame_writer writer = {0};
    struct content content;
    uint64_t random = 12345;

    (void)state;
    for (int round = 0; round < 500; round++) {
        write_random(&writer, &content, &random);
        assert_int_equal(writer.size % 8, 0);
        assert_int_equal(tt_frame_check(writer.bytes, writer.size, rules, RULES),
                         TUTTI_OK);
        compare(&writer, &content);
    }
    tt_frame_writer_free(&writer);
}

static void random_damage_is_refused_or_harmless(void **state)
{
    struct tt_frame_writer writer = {0};
    struct content content;
    uint64_t random = 54321;
    int refused = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct tt_section section;
        size_t cursor = 0, size;
        uint8_t *copy;

        write_random(&writer, &content, &random);
        size = draw(&random) % 4 ? writer.size : draw(&random) % (writer.size + 1);
        copy = malloc(size + 1); /* exact, so that a sanitizer sees a step too far */
        assert_non_null(copy);
        memcpy(copy, writer.bytes, size);
        for (uint64_t i = draw(&random) % 4; size && i < 4; i++)
            copy[draw(&random) % size] = (uint8_t)draw(&random);
        copy = realloc(copy, size ? size : 1);
        assert_non_null(copy);
        if (tt_frame_check(copy, size, rules, RULES) != TUTTI_OK)
            refused++;
        else
            while (tt_frame_next_section(copy, size, &cursor, &section))
                for (size_t k = 0; k < section.count; k++) {
                    uint32_t offset, index;
                    double values[2];

                    if (section.kind == TUTTI_SIGNAL)
                        tt_section_sample(&section, k, &offset, values);
                    else
                        tt_section_spike(&section, k, &offset, &index);
                }
        free(copy);
    }
    assert_in_range(refused, 500, 2999);
    tt_frame_writer_free(&writer);
}

/* --- messages */

static const struct tt_frame_rule message_rules[] = {{2, TUTTI_MESSAGE, 1}};

static void write_messages(struct tt_frame_writer *writer)
{
    const struct tt_piece pieces[] = {{5, false, (const uint8_t *)"hello", 5},
                                      {6, false, NULL, 0},
                                      {7, true, (const uint8_t *)"a long one", 10}};

    assert_int_equal(tt_frame_begin(writer), TUTTI_OK);
    assert_int_equal(tt_frame_add_pieces(writer, 2, 3, pieces), TUTTI_OK);
    tt_frame_end(writer, &plain);
}

static void messages_come_back_piece_by_piece(void **state)
{
    struct tt_frame_writer writer = {0};
    struct tt_section section;
    struct tt_piece piece;
    size_t cursor = 0, at = 0;

    (void)state;
    write_messages(&writer);
    assert_int_equal(writer.size, 56 + 24 + 16 + 8 + 16 + 16 + 16);
    assert_int_equal(tt_frame_check(writer.bytes, writer.size, message_rules, 1),
                     TUTTI_OK);
    assert_true(tt_frame_next_section(writer.bytes, writer.size, &cursor, &section));
    assert_int_equal(section.count, 3);
    tt_section_next_piece(&section, &at, &piece);
    assert_int_equal(piece.offset, 5);
    assert_false(piece.goes_on);
    assert_int_equal(piece.size, 5);
    assert_memory_equal(piece.bytes, "hello", 5);
    tt_section_next_piece(&section, &at, &piece);
    assert_int_equal(piece.size, 0);
    tt_section_next_piece(&section, &at, &piece);
    assert_true(piece.goes_on);
    assert_memory_equal(piece.bytes, "a long one", 10);
    tt_frame_writer_free(&writer);
}

static void a_piece_that_does_not_fit_is_refused(void **state)
{
    /* Where a byte is changed, and to what. */
    static const struct {
        size_t at;
        uint8_t to;
    } damages[] = {
        {80 + 4, 1},    /* the first of three goes on */
        {80 + 4, 2},    /* neither yes nor no */
        {80 + 8, 200},  /* longer than the section */
        {80 + 15, 255}, /* longer than anything */
        {80 + 8, 9},    /* into the next one */
        {56 + 8, 4},    /* one more than there are */
        {56 + 8, 2},    /* one less */
    };
    struct tt_frame_writer writer = {0};

    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        write_messages(&writer);
        writer.bytes[damages[i].at] = damages[i].to;
        assert_int_equal(tt_frame_check(writer.bytes, writer.size, message_rules, 1),
                         TUTTI_REFUSED);
        assert_string_equal(
            tutti_last_error(),
            "a frame of process 4: the messages of connection 2 do not fit "
            "their section");
    }
    tt_frame_writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_read_as_it_was_written),
        cmocka_unit_test(the_example_of_the_documentation_decodes),
        cmocka_unit_test(what_has_nothing_to_say_makes_no_section),
        cmocka_unit_test(more_than_a_section_holds_is_refused_by_the_writer),
        cmocka_unit_test(every_broken_field_is_refused_with_its_reason),
        cmocka_unit_test(a_frame_that_was_cut_is_refused),
        cmocka_unit_test(random_frames_come_back_as_they_were),
        cmocka_unit_test(random_damage_is_refused_or_harmless),
        cmocka_unit_test(messages_come_back_piece_by_piece),
        cmocka_unit_test(a_piece_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
