/* Maps of a file, read by tables of rows. SPDX-License-Identifier: Apache-2.0 */
#include "config/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct cell {
    const char *model;
    int64_t count;
    uint32_t size;
    double weight;
    bool is_on;
    int64_t delay, wait;
    struct tutti_step step;
    uint64_t room;
    int mode;
    const struct tt_value *map, *list;
};

static const char *const modes[] = {"slow", "fast", NULL};

/* clang-format off */
static const struct tt_row inner_rows[] = {
    {.key = "n", .form = &tt_form_integer, .help = "A number."},
};
static const struct tt_table inner_table = {"An inner map", "Help.", inner_rows, 1};

#define FIELD(name) .offset = offsetof(struct cell, name)
static const struct tt_row rows[] = {
    {.key = "model", .form = &tt_form_text, .is_required = true, FIELD(model),
     .help = "Its name."},
    {.key = "count", .form = &tt_form_integer, FIELD(count), .help = "How many."},
    {.key = "size", .form = &tt_form_size, FIELD(size), .standard = "5",
     .help = "Width."},
    {.key = "weight", .form = &tt_form_quantity, .unit = "pA", FIELD(weight),
     .help = "W."},
    {.key = "on", .form = &tt_form_boolean, FIELD(is_on), .help = "Or off."},
    {.key = "delay", .form = &tt_form_time, FIELD(delay), .standard = "1 ms",
     .help = "How late."},
    {.key = "wait", .form = &tt_form_positive_time, FIELD(wait), .help = "How long."},
    {.key = "step", .form = &tt_form_step, FIELD(step), .help = "Grid."},
    {.key = "room", .form = &tt_form_bytes, FIELD(room), .help = "Bytes."},
    {.key = "mode", .form = &tt_form_choice, .choices = modes, FIELD(mode),
     .help = "Mode."},
    {.key = "map", .form = &tt_form_map, .inside = &inner_table, FIELD(map),
     .help = "M."},
    {.key = "list", .form = &tt_form_list, .inside = &inner_table, FIELD(list),
     .help = "L."},
};
/* clang-format on */
static const struct tt_table table = {"A cell", "", rows, sizeof rows / sizeof *rows};

struct fixture {
    struct tt_units *units;
    struct tt_document *document;
};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    *state = fixture;
    return tt_units_open(&fixture->units) != TUTTI_OK;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;

    tt_document_free(&fixture->document);
    tt_units_close(&fixture->units);
    free(fixture);
    return 0;
}

static enum tutti_status read_cell(struct fixture *fixture, const char *text,
                                   struct cell *cell)
{
    const struct tt_reader reader = {fixture->units};

    *cell = (struct cell){.mode = -1};
    tt_document_free(&fixture->document);
    assert_int_equal(
        tt_document_parse("f.yaml", text, strlen(text), &fixture->document), TUTTI_OK);
    return tt_table_read(&table, &reader, "cell 'c'",
                         tt_document_root(fixture->document), cell);
}

static void a_table_fills_a_struct(void **state)
{
    struct cell cell;

    assert_int_equal(read_cell(*state,
                               "model: iaf\ncount: -3\nsize: 7\n"
                               "weight: 0.2 nA\non: true\ndelay: 0 ms\nwait: 1 us\n"
                               "step: 1/60 s\nroom: 1 KiB\nmode: fast\nmap: {n: 1}\n"
                               "list: [1, 2]\n",
                               &cell),
                     TUTTI_OK);
    assert_string_equal(cell.model, "iaf");
    assert_int_equal(cell.count, -3);
    assert_int_equal(cell.size, 7);
    assert_float_equal(cell.weight, 200, 0);
    assert_true(cell.is_on);
    assert_int_equal(cell.delay, 0);
    assert_int_equal(cell.wait, 1000);
    assert_int_equal(cell.step.divisor, 60);
    assert_int_equal(cell.room, 1024);
    assert_int_equal(cell.mode, 1);
    assert_int_equal(cell.map->count, 1);
    assert_int_equal(cell.list->count, 2);
}

static void what_is_not_written_gets_its_standard_or_stays(void **state)
{
    struct cell cell;

    assert_int_equal(read_cell(*state, "model: iaf\n", &cell), TUTTI_OK);
    assert_int_equal(cell.size, 5);
    assert_int_equal(cell.delay, 1000000);
    assert_int_equal(cell.mode, -1);
    assert_int_equal(cell.step.ns, 0);
    assert_null(cell.map);
}

static void each_wrong_value_has_its_sentence(void **state)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"[1]", "f.yaml:1:1: cell 'c' must be a map, 'key: value'"},
        {"size: 1", "f.yaml:1:1: cell 'c' has no 'model', which it must have"},
        {"moddel: x", "f.yaml:1:1: unknown key 'moddel' in cell 'c'; did you mean "
                      "'model'?"},
        {"qqqqqq: x",
         "f.yaml:1:1: unknown key 'qqqqqq' in cell 'c'; the keys are: model, count, "
         "size, weight, on, delay, wait, step, room, mode, map, list"},
        {"model: ", "f.yaml:1:7: 'model' has no value; it should be a single value"},
        {"model: ''", "f.yaml:1:8: 'model' is an empty text; write something"},
        {"model: [a]", "f.yaml:1:8: 'model' is a list, should be a single value"},
        {"model: {a: b}", "f.yaml:1:8: 'model' is a map, should be a single value"},
        {"map: 3", "f.yaml:1:6: 'map' is a single value, should be a map, '{key: "
                   "value}'"},
        {"list: {a: b}", "f.yaml:1:7: 'list' is a map, should be a list, '[a, b]'"},
        {"count: 1.5", "f.yaml:1:8: 'count' is '1.5', should be a whole number"},
        {"count: 0x1", "f.yaml:1:8: 'count' is '0x1', should be a whole number"},
        {"count: 99999999999999999999",
         "f.yaml:1:8: 'count' is '99999999999999999999', should be a whole number"},
        {"size: 0", "f.yaml:1:7: 'size' is 0, should lie between 1 and 4294967294"},
        {"weight: 200", "f.yaml:1:9: 'weight': '200' has no unit; write '200 pA'"},
        {"on: yes", "f.yaml:1:5: 'on' is 'yes', should be true or false"},
        {"delay: 1.5", "f.yaml:1:8: 'delay': '1.5' has no unit; write '1.5 ms'"},
        {"delay: -1 ms", "f.yaml:1:8: 'delay' is '-1 ms', must not be negative"},
        {"wait: 0 s", "f.yaml:1:7: 'wait' is '0 s', must be above 0"},
        {"step: 0 s", "f.yaml:1:7: 'step': the step '0 s' is shorter than 1 ns"},
        {"room: 1", "f.yaml:1:7: 'room': '1' is not a number of bytes; write a number "
                    "and one of B, kB, MB, GB, KiB, MiB and GiB, such as '256 MB'"},
        {"mode: fsat", "f.yaml:1:7: unknown mode 'fsat'; did you mean 'fast'?"},
        {"mode: zzzzzz", "f.yaml:1:7: unknown mode 'zzzzzz'; there are slow and fast"},
    };
    struct cell cell;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_cell(*state, cases[i].text, &cell), TUTTI_BAD_CONFIG);
        assert_string_equal(tutti_last_error(), cases[i].sentence);
    }
}

static void a_missing_key_comes_with_an_example(void **state)
{
    static const struct tt_row row = {
        .key = "delay", .form = &tt_form_time, .is_required = true, .help = ""};
    static const struct tt_table small = {"A wire", "", &row, 1};
    const struct tt_reader reader = {NULL};
    const struct tt_value map = {.kind = TT_MAP, .place = {"f.yaml", 2, 3}};
    int64_t delay;

    (void)state;
    assert_int_equal(tt_table_read(&small, &reader, "this wire", &map, &delay),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "f.yaml:2:3: this wire has no 'delay'; write 'delay: 1.5 ms'");
}

static void a_long_list_of_known_words_is_cut(void **state)
{
    const char *known[25];
    const struct tt_place place = {"f.yaml", 1, 2};

    (void)state;
    for (size_t i = 0; i < 25; i++)
        known[i] = "E";
    assert_int_equal(tt_unknown_word(place, "population", "xyz", known, 25),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "f.yaml:1:2: unknown population 'xyz'; there are E, E, E, E, "
                        "E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E and 5 more");
    assert_int_equal(tt_unknown_word(place, "population", "xyz", known, 1),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "f.yaml:1:2: unknown population 'xyz'; there is E");
    assert_int_equal(tt_unknown_word(place, "population", "xyz", known, 0),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "f.yaml:1:2: unknown population 'xyz'; there is none");
}

static void the_reference_page_follows_from_the_table(void **state)
{
    struct tt_text page = {0};
    const char *text;

    (void)state;
    tt_table_write_page(&table, &page);
    text = tt_text_get(&page);
    assert_non_null(strstr(text, "\n## A cell\n\n| key | value | default | meaning |\n"
                                 "|---|---|---|---|\n"
                                 "| `model` | text | required | Its name. |\n"));
    assert_non_null(strstr(text, "| `weight` | number with a unit that converts to "
                                 "`pA` |  | W. |\n"));
    assert_non_null(strstr(text, "| `size` | whole number above 0 | `5` | Width. |\n"));
    assert_non_null(strstr(text, "| `mode` | one of `slow`, `fast` |  | Mode. |\n"));
    assert_non_null(
        strstr(text, "| `map` | map: [An inner map](#an-inner-map) |  | M. |\n"));
    assert_non_null(strstr(text, "\n## An inner map\n\nHelp.\n\n| key |"));
    assert_null(strstr(strstr(text, "## An inner map") + 1, "## An inner map"));
    tt_text_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_fills_a_struct),
        cmocka_unit_test(what_is_not_written_gets_its_standard_or_stays),
        cmocka_unit_test(each_wrong_value_has_its_sentence),
        cmocka_unit_test(a_missing_key_comes_with_an_example),
        cmocka_unit_test(a_long_list_of_known_words_is_cut),
        cmocka_unit_test(the_reference_page_follows_from_the_table),
    };

    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
