/* Powers for loops over synapses: the compiler makes vector instructions of them, and
 * every processor gives the same bits. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_POWER_H
#define KERNEL_POWER_H

#include <stdint.h>
#include <string.h>

#include "kernel/exponential.h"

/* log(x) of a normal x > 0: x = 2^n m with m from sqrt(1/2) to sqrt(2), and log(m) =
 * 2 artanh((m - 1) / (m + 1)) by its series to the power 21, whose rest is below
 * 2^-60. */
static inline double logarithm(double x)
{
    const double ln2_high = 0x1.62e42fefa2p-1, ln2_low = 0x1.9ef35793c7673p-41;
    const double shift = 0x1.8p52; /* its lowest bits can hold a whole number */
    uint64_t bits, above, number, magic;
    double m, n, s, s2, rest;

    memcpy(&bits, &x, sizeof bits);
    /* Above sqrt(2), one more goes into the exponent. */
    above = (bits + UINT64_C(0x00095f619980c433)) >> 52;
    bits -= (above - 1023) << 52;
    memcpy(&m, &bits, sizeof m);
    memcpy(&magic, &shift, sizeof magic);
    number = magic + above - 1023;
    memcpy(&n, &number, sizeof n);
    n -= shift;
    s = (m - 1.0) / (m + 1.0);
    s2 = s * s;
    rest = 1.0 / 21;
    rest = 1.0 / 19 + s2 * rest;
    rest = 1.0 / 17 + s2 * rest;
    rest = 1.0 / 15 + s2 * rest;
    rest = 1.0 / 13 + s2 * rest;
    rest = 1.0 / 11 + s2 * rest;
    rest = 1.0 / 9 + s2 * rest;
    rest = 1.0 / 7 + s2 * rest;
    rest = 1.0 / 5 + s2 * rest;
    rest = 1.0 / 3 + s2 * rest;
    return n * ln2_high + (2.0 * s + (2.0 * s * s2 * rest + n * ln2_low));
}

/* x^exponent for exponents from 0 to 100; 0 where x is not above the smallest normal
 * number, unless the exponent is 0. The relative error is below 1e-15 times 1 +
 * |exponent * log(x)|. */
static inline double power(double x, double exponent)
{
    const double smallest = 0x1p-1022;
    const double within = x > smallest ? x : smallest;
    const double value = exponential(exponent * logarithm(within));

    return x > smallest || exponent == 0.0 ? value : 0.0;
}

#endif
