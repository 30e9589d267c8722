/* Decimal numbers as text, exactly. SPDX-License-Identifier: Apache-2.0 */
#include "config/decimal.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_size(const char *text)
{
    size_t size = 0;

    while (is_digit(text[size]))
        size++;
    return size;
}

size_t tt_decimal_size(const char *text)
{
    size_t size = text[0] == '-' || text[0] == '+', whole, fraction = 0, sign;

    whole = digits_size(text + size);
    size += whole;
    if (text[size] == '.') {
        fraction = digits_size(text + size + 1);
        if (whole || fraction)
            size += 1 + fraction;
    }
    if (!whole && !fraction)
        return 0;
    if (text[size] == 'e' || text[size] == 'E') {
        sign = text[size + 1] == '-' || text[size + 1] == '+';
        if (is_digit(text[size + 1 + sign]))
            size += 1 + sign + digits_size(text + size + 1 + sign);
    }
    return size;
}

/* The part behind the "e", cut to what an int takes without overflow. */
static int exponent_of(const char *text)
{
    const long exponent = strtol(text, NULL, 10);

    if (exponent > 100000)
        return 100000;
    return exponent < -100000 ? -100000 : (int)exponent;
}

bool tt_decimal_read(const char *text, size_t size, struct tt_decimal *decimal)
{
    struct tt_decimal result = {.is_negative = text[0] == '-'};
    bool is_fraction = false;
    int zeros = 0; /* held back: those at the end belong to the exponent */

    for (size_t i = text[0] == '-' || text[0] == '+'; i < size; i++) {
        if (text[i] == '.') {
            is_fraction = true;
            continue;
        }
        if (!is_digit(text[i])) {
            result.exponent += exponent_of(text + i + 1);
            break;
        }
        result.exponent -= is_fraction;
        if (text[i] == '0') {
            zeros++;
            continue;
        }
        for (; zeros >= 0; zeros--) {
            if (result.digits > UINT64_MAX / 10 - 1)
                return false;
            result.digits *= 10;
        }
        zeros = 0;
        result.digits += (uint64_t)(text[i] - '0');
    }
    result.exponent += zeros;
    if (result.digits == 0)
        result.exponent = 0;
    if (abs(result.exponent) > 9999)
        return false;
    *decimal = result;
    return true;
}

double tt_decimal_shifted(const char *text, size_t size, int shift)
{
    const char *end = memchr(text, 'e', size);
    char *shifted;
    double value;

    if (!end)
        end = memchr(text, 'E', size);
    if (end)
        shift += exponent_of(end + 1);
    shifted = malloc(size + 16);
    if (!shifted)
        return NAN;
    snprintf(shifted, size + 16, "%.*se%d", end ? (int)(end - text) : (int)size, text,
             shift);
    value = strtod(shifted, NULL);
    free(shifted);
    return value;
}
