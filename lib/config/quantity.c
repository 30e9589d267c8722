/* Times, steps and bytes: exact decimals with a unit of ours.
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/quantity.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "config/decimal.h"

__extension__ typedef unsigned __int128 wide; /* products on the way to 2^61 */

/* One unit is factor * 10^exponent of the smallest. */
struct unit {
    const char *name;
    uint64_t factor;
    int exponent;
};

/* clang-format off */
static const struct unit times[] = {
    {"ns",  1,  0},
    {"us",  1,  3},
    {"ms",  1,  6},
    {"s",   1,  9},
    {"min", 6, 10},
    {"h",  36, 11},
};

static const struct unit sizes[] = {
    {"B",   1,                 0},
    {"kB",  1,                 3},
    {"MB",  1,                 6},
    {"GB",  1,                 9},
    {"KiB", UINT64_C(1) << 10, 0},
    {"MiB", UINT64_C(1) << 20, 0},
    {"GiB", UINT64_C(1) << 30, 0},
};
/* clang-format on */

static const struct unit *find_unit(const struct unit *units, size_t count,
                                    const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

static const char *skip_space(const char *text)
{
    return text + strspn(text, " ");
}

/* decimal * unit, rounded down, as a whole number of the smallest unit; false when it
 * does not lie below 2^61. */
static bool multiply(struct tt_decimal decimal, const struct unit *unit, wide *whole,
                     bool *is_exact)
{
    wide value = (wide)decimal.digits * unit->factor;
    int exponent = decimal.exponent + unit->exponent;

    *is_exact = true;
    for (; exponent < 0 && value; exponent++) {
        *is_exact = *is_exact && value % 10 == 0;
        value /= 10;
    }
    for (; exponent > 0 && value; exponent--) {
        if (value >= TT_LONGEST)
            return false;
        value *= 10;
    }
    *whole = value;
    return value < TT_LONGEST;
}

static enum tutti_status off_grid(const char *text, int64_t below, int64_t above)
{
    char low[TT_TIME_TEXT], high[TT_TIME_TEXT];

    return FAIL(TUTTI_BAD_CONFIG,
                "'%s' is not a whole number of nanoseconds; the nearest times are "
                "'%s' and '%s'",
                text, tt_time_text((struct tutti_time){below}, low),
                tt_time_text((struct tutti_time){above}, high));
}

/* The time in `text` where the number is the first `size` bytes and `unit` follows. */
static enum tutti_status read_time(const char *text, size_t size, const char *unit_name,
                                   int64_t *ns)
{
    const struct unit *unit = find_unit(times, sizeof times / sizeof *times, unit_name);
    struct tt_decimal decimal;
    wide whole;
    bool is_exact;
    int64_t below;

    if (!*unit_name)
        return FAIL(TUTTI_BAD_CONFIG, "'%s' has no unit; write '%s ms'", text, text);
    if (!unit)
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%s' is no unit of time; there are ns, us, ms, s, min and h",
                    unit_name);
    if (!tt_decimal_read(text, size, &decimal) ||
        !multiply(decimal, unit, &whole, &is_exact))
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%s' is too long or has too many digits; times stay below 2^61 "
                    "ns (73 years)",
                    text);
    below = decimal.is_negative ? -(int64_t)whole : (int64_t)whole;
    if (!is_exact && decimal.is_negative)
        return off_grid(text, below - 1, below);
    if (!is_exact)
        return off_grid(text, below, below + 1);
    *ns = below;
    return TUTTI_OK;
}

enum tutti_status tt_time_parse(const char *text, int64_t *ns)
{
    const size_t size = tt_decimal_size(text);

    if (size == 0)
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%s' is not a time; write a number and a unit, such as '1.5 ms'",
                    text);
    return read_time(text, size, skip_space(text + size), ns);
}

/* The denominator of "1/60 s"; *end is behind it. 0 when it is none. */
static int64_t read_divisor(const char *text, const char **end)
{
    int64_t divisor = 0;

    for (*end = text; **end >= '0' && **end <= '9'; (*end)++) {
        divisor = divisor * 10 + (**end - '0');
        if (divisor > 1000000000)
            return 0;
    }
    return divisor;
}

enum tutti_status tt_step_parse(const char *text, struct tutti_step *step)
{
    const size_t size = tt_decimal_size(text);
    const char *rest = skip_space(text + size);
    struct tutti_step result = {0, 1};

    if (size && *rest == '/') {
        result.divisor = read_divisor(skip_space(rest + 1), &rest);
        if (result.divisor == 0)
            return FAIL(TUTTI_BAD_CONFIG,
                        "'%s' is not a step; the number behind the '/' is whole, from "
                        "1 to 1000000000, as in '1/60 s'",
                        text);
        TRY(read_time(text, size, skip_space(rest), &result.ns));
    } else {
        TRY(tt_time_parse(text, &result.ns));
    }
    if (result.ns < result.divisor)
        return FAIL(TUTTI_BAD_CONFIG, "the step '%s' is shorter than 1 ns", text);
    if (result.ns % result.divisor == 0)
        result = (struct tutti_step){result.ns / result.divisor, 1};
    *step = result;
    return TUTTI_OK;
}

enum tutti_status tt_bytes_parse(const char *text, uint64_t *bytes)
{
    const size_t size = tt_decimal_size(text);
    const struct unit *unit =
        find_unit(sizes, sizeof sizes / sizeof *sizes, skip_space(text + size));
    struct tt_decimal decimal;
    wide whole;
    bool is_exact;

    if (size == 0 || !unit)
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%s' is not a number of bytes; write a number and one of B, kB, "
                    "MB, GB, KiB, MiB and GiB, such as '256 MB'",
                    text);
    if (!tt_decimal_read(text, size, &decimal) || decimal.is_negative ||
        !multiply(decimal, unit, &whole, &is_exact) || !is_exact || whole == 0)
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%s' is not a whole number of bytes from 1 to 2^61", text);
    *bytes = (uint64_t)whole;
    return TUTTI_OK;
}
