/* The exponential function for loops over cells: the compiler makes vector instructions
 * of it, and every processor gives the same bits, which the vector functions of the C
 * library do not promise. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_EXPONENTIAL_H
#define KERNEL_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* exp(x) within one unit of the last place from -708 to 709; beyond, the value at the
 * nearer of these ends. Not a number stays so.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, so that exp(x) = 2^n exp(r); exp(r) is its
 * Taylor series to the power 13, whose rest is below 2^-57. */
static inline double exponential(double x)
{
    const double log2_e = 0x1.71547652b82fep+0;
    const double ln2_high =
        0x1.62e42fefa2p-1; /* 40 bits: its product with n is exact */
    const double ln2_low = 0x1.9ef35793c7673p-41;
    const double shift = 0x1.8p52; /* added, it leaves the nearest whole number */
    const double within = x < -708.0 ? -708.0 : (x > 709.0 ? 709.0 : x);
    const double shifted = within * log2_e + shift;
    const double n = shifted - shift;
    const double r = (within - n * ln2_high) - n * ln2_low;
    const double r2 = r * r, r4 = r2 * r2;
    const double terms_2_5 =
        (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
    const double terms_6_9 =
        (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
    const double terms_10_13 = (1.0 / 3628800 + r * (1.0 / 39916800)) +
                               r2 * (1.0 / 479001600 + r * (1.0 / 6227020800.0));
    const double rest = terms_2_5 + r4 * (terms_6_9 + r4 * terms_10_13);
    const double factor = 1.0 + (r + r2 * rest);
    uint64_t bits;
    double power;

    /* The lowest bits of `shifted` are n; here they become the exponent of 2^n. */
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(&power, &bits, sizeof power);
    return factor * power;
}

#endif
