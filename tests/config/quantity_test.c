/* Quantities as people write them. SPDX-License-Identifier: Apache-2.0 */
#include "config/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "base/time.h"

static struct tt_units *units_of(void **state)
{
    return *state;
}

static int open_units(void **state)
{
    return tt_units_open((struct tt_units **)state) != TUTTI_OK;
}

static int close_units(void **state)
{
    tt_units_close((struct tt_units **)state);
    return 0;
}

static void times_are_exact(void **state)
{
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"1.5 ms", 1500000},
        {"1.5ms", 1500000},
        {"1 s", 1000000000},
        {"20 us", 20000},
        {"100 ns", 100},
        {"0 ms", 0},
        {"-0.0 s", 0},
        {"-2 ms", -2000000},
        {"0.000001 ms", 1},
        {"1e-3 s", 1000000},
        {"1.25E+2 us", 125000},
        {"2 min", INT64_C(120000000000)},
        {"1 h", INT64_C(3600000000000)},
        {".5 s", 500000000},
        {"0.100 s", 100000000},
        {"1000000.000000001 s", INT64_C(1000000000000001)},
        {"2305843009213693951 ns", TT_LONGEST - 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ns = -1;

        assert_int_equal(tt_time_parse(cases[i].text, &ns), TUTTI_OK);
        assert_int_equal(ns, cases[i].ns);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"soon", "'soon' is not a time; write a number and a unit, such as '1.5 ms'"},
        {"0x10 ms", "'x10 ms' is no unit of time; there are ns, us, ms, s, min and h"},
        {"inf ms",
         "'inf ms' is not a time; write a number and a unit, such as '1.5 ms'"},
        {"1.5", "'1.5' has no unit; write '1.5 ms'"},
        {"1.5 msec", "'msec' is no unit of time; there are ns, us, ms, s, min and h"},
        {"0.5 ns", "'0.5 ns' is not a whole number of nanoseconds; the nearest times "
                   "are '0 ms' and '1 ns'"},
        {"1.0000005 ms", "'1.0000005 ms' is not a whole number of nanoseconds; the "
                         "nearest times are '1 ms' and '1.000001 ms'"},
        {"-1.5 ns", "'-1.5 ns' is not a whole number of nanoseconds; the nearest times "
                    "are '-2 ns' and '-1 ns'"},
        {"1e300 s", "'1e300 s' is too long or has too many digits; times stay below "
                    "2^61 ns (73 years)"},
        {"1e99999999999 s", "'1e99999999999 s' is too long or has too many digits; "
                            "times stay below 2^61 ns (73 years)"},
        {"2305843009213693952 ns", "'2305843009213693952 ns' is too long or has too "
                                   "many digits; times stay below 2^61 ns (73 years)"},
        {"1.00000000000000000000001 s",
         "'1.00000000000000000000001 s' is too long or has too many digits; times stay "
         "below 2^61 ns (73 years)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ns = 7;

        assert_int_equal(tt_time_parse(cases[i].text, &ns), TUTTI_BAD_CONFIG);
        assert_string_equal(tutti_last_error(), cases[i].sentence);
        assert_int_equal(ns, 7);
    }
}

static void a_step_may_be_a_ratio(void **state)
{
    struct tutti_step step;

    (void)state;
    assert_int_equal(tt_step_parse("0.1 ms", &step), TUTTI_OK);
    assert_int_equal(step.ns, 100000);
    assert_int_equal(step.divisor, 1);
    assert_int_equal(tt_step_parse("1/60 s", &step), TUTTI_OK);
    assert_int_equal(step.ns, 1000000000);
    assert_int_equal(step.divisor, 60);
    assert_int_equal(tt_step_parse("1 / 10 s", &step), TUTTI_OK);
    assert_int_equal(step.ns, 100000000);
    assert_int_equal(step.divisor, 1);
}

static void what_is_no_step_is_refused(void **state)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"0 ms", "the step '0 ms' is shorter than 1 ns"},
        {"-1 ms", "the step '-1 ms' is shorter than 1 ns"},
        {"1/3 ns", "the step '1/3 ns' is shorter than 1 ns"},
        {"1/0 s", "'1/0 s' is not a step; the number behind the '/' is whole, from 1 "
                  "to 1000000000, as in '1/60 s'"},
        {"1/x s", "'1/x s' is not a step; the number behind the '/' is whole, from 1 "
                  "to 1000000000, as in '1/60 s'"},
        {"1/60", "'1/60' has no unit; write '1/60 ms'"},
        {"/60 s", "'/60 s' is not a time; write a number and a unit, such as '1.5 ms'"},
    };
    struct tutti_step step;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(tt_step_parse(cases[i].text, &step), TUTTI_BAD_CONFIG);
        assert_string_equal(tutti_last_error(), cases[i].sentence);
    }
}

static void a_step_is_written_as_it_is_read(void **state)
{
    static const char *const texts[] = {"1.5 ms", "1/60 s", "25 us", "2.5/3 ms"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct tutti_step step;
        char room[TT_STEP_TEXT];

        assert_int_equal(tt_step_parse(texts[i], &step), TUTTI_OK);
        assert_string_equal(tt_step_text(step, room), texts[i]);
    }
}

static void steps_of_one_length_are_equal_in_any_terms(void **state)
{
    const struct tutti_step sixtieth = {1000000000, 60}, reduced = {50000000, 3};

    (void)state;
    assert_true(tt_step_is_equal(sixtieth, reduced));
    assert_false(tt_step_is_equal(sixtieth, (struct tutti_step){16666667, 1}));
}

static void bytes_have_binary_and_decimal_units(void **state)
{
    static const char *const wrong[] = {"1.5 B", "0 MB", "-1 kB", "1e30 GB"};
    uint64_t bytes;

    (void)state;
    assert_int_equal(tt_bytes_parse("256 MB", &bytes), TUTTI_OK);
    assert_int_equal(bytes, 256000000);
    assert_int_equal(tt_bytes_parse("1.5 KiB", &bytes), TUTTI_OK);
    assert_int_equal(bytes, 1536);
    assert_int_equal(tt_bytes_parse("256", &bytes), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "'256' is not a number of bytes; write a number and one of B, "
                        "kB, MB, GB, KiB, MiB and GiB, such as '256 MB'");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(tt_bytes_parse(wrong[i], &bytes), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "'1e30 GB' is not a whole number of bytes from 1 to 2^61");
}

/* Bit for bit: the same double as the compiler makes of the literal. */
static void quantities_are_rounded_once(void **state)
{
    static const struct {
        const char *text, *unit;
        double value;
    } cases[] = {
        {"200 pA", "pA", 200},     {"0.2 nA", "pA", 200},  {"0.1 nA", "pA", 100},
        {"40.3 pA", "nA", 0.0403}, {"-58 mV", "mV", -58},  {"-0.0583 V", "mV", -58.3},
        {"8000 Hz", "Hz", 8000},   {"8 kHz", "1/s", 8000}, {"20 ms", "ms", 20},
        {"1.7e-3 s", "ms", 1.7},   {"0.1", "1", 0.1},      {"12 %", "1", 0.12},
        {"250 pF", "pF", 250},     {"1 min", "s", 60},     {"0.3 uS", "nS", 300},
        {"0.7 MOhm", "kOhm", 700},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 0;

        assert_int_equal(
            tt_quantity_in(units_of(state), cases[i].text, cases[i].unit, &value),
            TUTTI_OK);
        assert_memory_equal(&value, &cases[i].value, sizeof value);
    }
}

static void a_quantity_needs_a_fitting_unit(void **state)
{
    static const struct {
        const char *text, *unit, *sentence;
    } cases[] = {
        {"200", "pA", "'200' has no unit; write '200 pA'"},
        {"much", "pA", "'much' is not a number with the unit pA"},
        {"much", "1", "'much' is not a number"},
        {"200 mV", "pA", "'mV' cannot be converted to 'pA'"},
        {"200 mV", "1", "'mV' cannot be converted to '1'"},
        {"200 pq", "pA", "'pq' is no unit that UDUNITS knows"},
        {"1e400 pA", "pA", "'1e400 pA' is too large"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 7;

        assert_int_equal(
            tt_quantity_in(units_of(state), cases[i].text, cases[i].unit, &value),
            TUTTI_BAD_CONFIG);
        assert_string_equal(tutti_last_error(), cases[i].sentence);
        assert_true(value > 6 && value < 8);
    }
}

static void units_convert_by_scale_and_offset(void **state)
{
    double scale, offset;

    assert_int_equal(tt_unit_conversion(units_of(state), "mV", "V", &scale, &offset),
                     TUTTI_OK);
    assert_memory_equal(&scale, &(double){0.001}, sizeof scale);
    assert_memory_equal(&offset, &(double){0}, sizeof offset);
    assert_int_equal(
        tt_unit_conversion(units_of(state), "celsius", "K", &scale, &offset), TUTTI_OK);
    assert_memory_equal(&scale, &(double){1}, sizeof scale);
    assert_float_equal(offset, 273.15, 1e-9);
    assert_int_equal(
        tt_unit_conversion(units_of(state), "spikes", "spikes", &scale, &offset),
        TUTTI_OK);
    assert_memory_equal(&scale, &(double){1}, sizeof scale);
}

static void what_is_no_line_does_not_convert(void **state)
{
    double scale, offset;

    assert_int_equal(
        tt_unit_conversion(units_of(state), "lg(re mW)", "W", &scale, &offset),
        TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), "'lg(re mW)' cannot be converted to 'W'");
    assert_int_equal(tt_unit_conversion(units_of(state), "s", "Hz", &scale, &offset),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), "'s' cannot be converted to 'Hz'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_exact),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_step_may_be_a_ratio),
        cmocka_unit_test(what_is_no_step_is_refused),
        cmocka_unit_test(a_step_is_written_as_it_is_read),
        cmocka_unit_test(steps_of_one_length_are_equal_in_any_terms),
        cmocka_unit_test(bytes_have_binary_and_decimal_units),
        cmocka_unit_test(quantities_are_rounded_once),
        cmocka_unit_test(a_quantity_needs_a_fitting_unit),
        cmocka_unit_test(units_convert_by_scale_and_offset),
        cmocka_unit_test(what_is_no_line_does_not_convert),
    };

    return cmocka_run_group_tests(tests, open_units, close_units);
}
