/* Ranges of indices as people write them. SPDX-License-Identifier: Apache-2.0 */
#include "config/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void ranges_are_half_open(void **state)
{
    static const struct {
        const char *text;
        size_t name_size;
        struct tt_slice slice;
    } cases[] = {
        {"E", 1, {0, TT_OPEN_END}},
        {"column.E[0:200]", 8, {0, 200}},
        {"E[100:]", 1, {100, TT_OPEN_END}},
        {"E[:100]", 1, {0, 100}},
        {"E[3]", 1, {3, 4}},
        {"E[0:4294967294]", 1, {0, 4294967294u}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tt_slice slice;
        size_t size;

        assert_int_equal(tt_slice_split(cases[i].text, &size, &slice), TUTTI_OK);
        assert_int_equal(size, cases[i].name_size);
        assert_int_equal(slice.begin, cases[i].slice.begin);
        assert_int_equal(slice.end, cases[i].slice.end);
    }
}

static void what_is_no_range_is_refused(void **state)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "'' does not begin with a name"},
        {"[3]", "'[3]' does not begin with a name"},
        {"E[0:3", "the '[' in 'E[0:3' is not closed by a ']'"},
        {"E[", "the '[' in 'E[' is not closed by a ']'"},
        {"E[]", "'' is not a range of indices; write '0:200', '100:', ':100' or '3'"},
        {"E[:]", "':' is not a range of indices; write '0:200', '100:', ':100' or '3'"},
        {"E[a:b]",
         "'a:b' is not a range of indices; write '0:200', '100:', ':100' or '3'"},
        {"E[-1]",
         "'-1' is not a range of indices; write '0:200', '100:', ':100' or '3'"},
        {"E[0:10:2]",
         "'0:10:2' is not a range of indices; write '0:200', '100:', ':100' or '3'"},
        {"E[4294967295]",
         "'4294967295' is not a range of indices; write '0:200', '100:', ':100' or "
         "'3'"},
        {"E[5:5]", "the range '5:5' is empty; its end is the first index that is not "
                   "in it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tt_slice slice;
        size_t size;

        assert_int_equal(tt_slice_split(cases[i].text, &size, &slice),
                         TUTTI_BAD_CONFIG);
        assert_string_equal(tutti_last_error(), cases[i].sentence);
    }
}

static void a_range_stands_alone(void **state)
{
    struct tt_slice slice;

    (void)state;
    assert_int_equal(tt_slice_parse("0:4000", &slice), TUTTI_OK);
    assert_int_equal(slice.begin, 0);
    assert_int_equal(slice.end, 4000);
    assert_int_equal(tt_slice_parse("4000", &slice), TUTTI_OK);
    assert_int_equal(slice.begin, 4000);
    assert_int_equal(tt_slice_parse("x", &slice), TUTTI_BAD_CONFIG);
    assert_string_equal(
        tutti_last_error(),
        "'x' is not a range of indices; write '0:200', '100:', ':100' or '3'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_half_open),
        cmocka_unit_test(what_is_no_range_is_refused),
        cmocka_unit_test(a_range_stands_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
