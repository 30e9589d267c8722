/* Decimal numbers as text, exactly. SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFIG_DECIMAL_H
#define CONFIG_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* sign * digits * 10^exponent. */
struct tt_decimal {
    bool is_negative;
    uint64_t digits;
    int exponent;
};

/* Reads the number at the start of `text` ("-1.5e3") and returns its length; 0 when
 * there is none. Unlike strtod() it takes no hexadecimal, "inf" or "nan", and the
 * locale does not matter. */
size_t tt_decimal_size(const char *text);

/* The number in the first `size` bytes, which tt_decimal_size() found; false when it
 * has more than 18 significant digits or an exponent of more than four. */
bool tt_decimal_read(const char *text, size_t size, struct tt_decimal *decimal);

/* The double nearest to the number in the first `size` bytes times 10^shift. */
double tt_decimal_shifted(const char *text, size_t size, int shift);

#endif
