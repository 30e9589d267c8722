/* Quantities in all other units, by UDUNITS.
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <udunits2.h>

#include "base/memory.h"
#include "config/decimal.h"

struct tt_units {
    ut_system *system;
};

enum tutti_status tt_units_open(struct tt_units **units)
{
    *units = tt_alloc(sizeof **units);
    if (!*units)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the database of units");
    ut_set_error_message_handler(ut_ignore); /* a library does not print */
    (*units)->system = ut_read_xml(NULL);
    if (!(*units)->system) {
        tt_units_close(units);
        return FAIL(TUTTI_SYSTEM, "cannot read the database of units; install the "
                                  "package libudunits2-data");
    }
    return TUTTI_OK;
}

void tt_units_close(struct tt_units **units)
{
    if (!*units)
        return;
    if ((*units)->system)
        ut_free_system((*units)->system);
    free(*units);
    *units = NULL;
}

/* value in `to` = value in `from` * scale + offset; false: not so, as with decibels. */
static bool fit_line(const cv_converter *converter, double *scale, double *offset)
{
    const double far = 1e9; /* or the offset would cost digits of the scale */
    double half, power;

    *offset = cv_convert_double(converter, 0);
    *scale = (cv_convert_double(converter, far) - *offset) / far;
    half = cv_convert_double(converter, far / 2);
    if (!isfinite(*offset) || !isfinite(*scale) || *scale == 0 ||
        !(fabs(*offset + *scale * far / 2 - half) <= 1e-9 * fabs(half)))
        return false;
    /* UDUNITS multiplies rounded factors; ours are the exact powers of ten. */
    power = tt_decimal_shifted("1", 1, (int)nearbyint(log10(fabs(*scale))));
    if (fabs(fabs(*scale) - power) < 1e-12 * power)
        *scale = *scale < 0 ? -power : power;
    return true;
}

static bool convert(ut_unit *from, ut_unit *to, double *scale, double *offset)
{
    cv_converter *converter = NULL;
    bool is_done;

    if (ut_are_convertible(from, to))
        converter = ut_get_converter(from, to);
    is_done = converter && fit_line(converter, scale, offset);
    cv_free(converter);
    return is_done;
}

static ut_unit *parse_unit(const struct tt_units *units, const char *text)
{
    /* No unit is that long, and their parser is recursive. */
    enum { LONGEST = 64 };

    if (!*text || strlen(text) > LONGEST)
        return NULL;
    return ut_parse(units->system, text, UT_UTF8);
}

enum tutti_status tt_unit_conversion(const struct tt_units *units, const char *from,
                                     const char *to, double *scale, double *offset)
{
    enum tutti_status status = TUTTI_OK;
    ut_unit *unit_from, *unit_to;

    if (strcmp(from, to) == 0) {
        *scale = 1;
        *offset = 0;
        return TUTTI_OK;
    }
    unit_from = parse_unit(units, from);
    unit_to = parse_unit(units, to);
    if (!unit_from || !unit_to)
        status = FAIL(TUTTI_BAD_CONFIG, "'%s' is no unit that UDUNITS knows",
                      unit_from ? to : from);
    else if (!convert(unit_from, unit_to, scale, offset))
        status = FAIL(TUTTI_BAD_CONFIG, "'%s' cannot be converted to '%s'", from, to);
    ut_free(unit_from);
    ut_free(unit_to);
    return status;
}

enum tutti_status tt_quantity_in(const struct tt_units *units, const char *text,
                                 const char *unit, double *value)
{
    const size_t size = tt_decimal_size(text);
    const char *own = text + size + strspn(text + size, " ");
    double scale, offset, number, power;

    if (size == 0)
        return FAIL(TUTTI_BAD_CONFIG, "'%s' is not a number%s%s", text,
                    strcmp(unit, "1") ? " with the unit " : "",
                    strcmp(unit, "1") ? unit : "");
    if (!*own && strcmp(unit, "1") == 0)
        own = unit;
    if (!*own)
        return FAIL(TUTTI_BAD_CONFIG, "'%s' has no unit; write '%s %s'", text, text,
                    unit);
    TRY(tt_unit_conversion(units, own, unit, &scale, &offset));
    power = scale > 0 ? nearbyint(log10(scale)) : 0;
    /* A shifted decimal point rounds once, a product twice. */
    if (offset == 0 && scale == tt_decimal_shifted("1", 1, (int)power))
        number = tt_decimal_shifted(text, size, (int)power);
    else
        number = tt_decimal_shifted(text, size, 0) * scale + offset;
    if (!isfinite(number))
        return FAIL(TUTTI_BAD_CONFIG, "'%s' is too large", text);
    *value = number;
    return TUTTI_OK;
}
