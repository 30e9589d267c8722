/* The distributions from which weights and delays are drawn.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/distribution.h"

#include <math.h>
#include <string.h>

#include "kernel/exponential.h"
#include "kernel/vectors.h"

enum { LOW, HIGH };         /* parameters of uniform */
enum { MEAN, STD, FACTOR }; /* of normal and lognormal */
enum { BETA };              /* of exponential */

/* Every machine gives the same bits, which the C library does not promise. The series
 * is that of the area tangent: with s = (m - 1) / (m + 1), log m = 2 (s + s^3/3 + ...),
 * |s| < 0.172 for m from 1 / sqrt(2) to sqrt(2). For x above 0, finite and normal. */
static inline double logarithm(double x)
{
    const double ln2_high = 0x1.62e42fefa2p-1, ln2_low = 0x1.9ef35793c7673p-41;
    const uint64_t fraction = UINT64_C(0x000fffffffffffff);
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd); /* sqrt(1/2) */
    uint64_t bits, biased;
    double m, exponent, s, s2, rest;

    memcpy(&bits, &x, sizeof bits);
    /* Counted from sqrt(1/2), so that m is near 1; 1024 keeps the exponent above 0. */
    bits += (UINT64_C(1024) << 52) - root_half;
    /* The bits of 2^52 + biased: converts without an instruction that few have. */
    biased = bits >> 52 | UINT64_C(0x4330000000000000);
    memcpy(&exponent, &biased, sizeof exponent);
    exponent -= 0x1p52 + 1024.0;
    bits = (bits & fraction) + root_half;
    memcpy(&m, &bits, sizeof m);
    s = (m - 1.0) / (m + 1.0);
    s2 = s * s;
    rest = 1.0 / 19 + s2 * (1.0 / 21 + s2 * (1.0 / 23));
    rest = 1.0 / 13 + s2 * (1.0 / 15 + s2 * (1.0 / 17 + s2 * rest));
    rest = 1.0 / 7 + s2 * (1.0 / 9 + s2 * (1.0 / 11 + s2 * rest));
    rest = s2 * (1.0 / 3 + s2 * (1.0 / 5 + s2 * rest));
    return exponent * ln2_high + (2.0 * s + (2.0 * s * rest + exponent * ln2_low));
}

/* --- normal */

/* Quantiles by the rational approximations of Wichura 1988 (Algorithm AS 241, Applied
 * Statistics 37, 477-484), relative error about 1e-16: in the middle of the
 * distribution ... */
static inline double middle_quantile(double q)
{
    const double r = 0.180625 - q * q;
    double above = 2509.0809287301226727, below = 5226.4952788528545610;

    above = above * r + 33430.575583588128105;
    above = above * r + 67265.770927008700853;
    above = above * r + 45921.953931549871457;
    above = above * r + 13731.693765509461125;
    above = above * r + 1971.5909503065514427;
    above = above * r + 133.14166789178437745;
    above = above * r + 3.3871328727963666080;
    below = below * r + 28729.085735721942674;
    below = below * r + 39307.895800092710610;
    below = below * r + 21213.794301586595867;
    below = below * r + 5394.1960214247511077;
    below = below * r + 687.18700749205790830;
    below = below * r + 42.313330701600911252;
    below = below * r + 1.0;
    return q * above / below;
}

/* ... and in its tails, as far as 2^-34, which a word reaches. */
static inline double tail_quantile(double share)
{
    const double smaller = share < 0.5 ? share : 1.0 - share;
    const double r = sqrt(-logarithm(smaller < 0x1p-34 ? 0x1p-34 : smaller)) - 1.6;
    double above = 7.74545014278341407640e-4, below = 1.05075007164441684324e-9;

    above = above * r + 2.27238449892691845833e-2;
    above = above * r + 2.41780725177450611770e-1;
    above = above * r + 1.27045825245236838258;
    above = above * r + 3.64784832476320460504;
    above = above * r + 5.76949722146069140550;
    above = above * r + 4.63033784615654529590;
    above = above * r + 1.42343711074968357734;
    below = below * r + 5.47593808499534494600e-4;
    below = below * r + 1.51986665636164571966e-2;
    below = below * r + 1.48103976427480074590e-1;
    below = below * r + 6.89767334985100004550e-1;
    below = below * r + 1.67638483018380384940;
    below = below * r + 2.05319162663775882187;
    below = below * r + 1.0;
    return share < 0.5 ? -above / below : above / below;
}

VECTORS_CLONES
static void middle_quantiles(size_t count, const double *shares, double *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = middle_quantile(shares[i] - 0.5);
}

VECTORS_CLONES
static void tail_quantiles(size_t count, double *shares)
{
    for (size_t i = 0; i < count; i++)
        shares[i] = tail_quantile(shares[i]);
}

/* Standard normal quantiles, a stretch at a time: all as if they were in the middle,
 * then those of the tails, brought together. No branch asks where a share lies. */
static void standard_quantiles(size_t count, double *shares)
{
    enum { STRETCH = 256 };
    double values[STRETCH], tails[STRETCH];
    uint16_t places[STRETCH];

    for (size_t begin = 0; begin < count; begin += STRETCH) {
        const size_t size = count - begin < STRETCH ? count - begin : STRETCH;
        double *const here = shares + begin;
        size_t tail_count = 0;

        middle_quantiles(size, here, values);
        for (size_t i = 0; i < size; i++) {
            places[tail_count] = (uint16_t)i;
            tails[tail_count] = here[i];
            tail_count += fabs(here[i] - 0.5) > 0.425;
        }
        tail_quantiles(tail_count, tails);
        for (size_t i = 0; i < tail_count; i++)
            values[places[i]] = tails[i];
        memcpy(here, values, size * sizeof *here);
    }
}

static const char *check_std(const double *parameters)
{
    return parameters[STD] > 0.0 ? NULL : "std must be above 0";
}

static double normal_share(const double *parameters, double value)
{
    return 0.5 * erfc((parameters[MEAN] - value) / parameters[STD] * sqrt(0.5));
}

static void normal_quantiles(const double *parameters, size_t count, double *shares)
{
    standard_quantiles(count, shares);
    for (size_t i = 0; i < count; i++)
        shares[i] = parameters[MEAN] + parameters[STD] * shares[i];
}

/* --- the others */

static const char *check_lognormal(const double *parameters)
{
    if (!(fabs(parameters[FACTOR]) > 0.0))
        return "factor must not be 0";
    return check_std(parameters);
}

static double lognormal_share(const double *parameters, double value)
{
    const double ratio = value / parameters[FACTOR];

    return ratio > 0.0 ? normal_share(parameters, log(ratio)) : 0.0;
}

VECTORS_CLONES
static void exponentials(double factor, size_t count, double *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = factor * exponential(values[i]);
}

static void lognormal_quantiles(const double *parameters, size_t count, double *shares)
{
    normal_quantiles(parameters, count, shares);
    exponentials(parameters[FACTOR], count, shares);
}

static const char *check_uniform(const double *parameters)
{
    return parameters[LOW] < parameters[HIGH] ? NULL : "high must be above low";
}

static double uniform_share(const double *parameters, double value)
{
    const double share =
        (value - parameters[LOW]) / (parameters[HIGH] - parameters[LOW]);

    return share < 0.0 ? 0.0 : (share > 1.0 ? 1.0 : share);
}

static void uniform_quantiles(const double *parameters, size_t count, double *shares)
{
    const double width = parameters[HIGH] - parameters[LOW];

    for (size_t i = 0; i < count; i++)
        shares[i] = parameters[LOW] + width * shares[i];
}

static const char *check_exponential(const double *parameters)
{
    return fabs(parameters[BETA]) > 0.0 ? NULL : "beta must not be 0";
}

static double exponential_share(const double *parameters, double value)
{
    const double ratio = value / parameters[BETA];

    return ratio > 0.0 ? -expm1(-ratio) : 0.0;
}

VECTORS_CLONES
static void logarithms(double factor, size_t count, double *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = factor * logarithm(values[i]);
}

static void exponential_quantiles(const double *parameters, size_t count,
                                  double *shares)
{
    for (size_t i = 0; i < count; i++)
        shares[i] = 1.0 - shares[i];
    logarithms(-parameters[BETA], count, shares);
}

static const struct distribution_shape table[] = {
    {"uniform", check_uniform, uniform_share, uniform_quantiles},
    {"normal", check_std, normal_share, normal_quantiles},
    {"lognormal", check_lognormal, lognormal_share, lognormal_quantiles},
    {"exponential", check_exponential, exponential_share, exponential_quantiles},
};

const struct distribution_shape *distribution_shape(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

/* --- drawing */

struct distribution distribution_constant(double value)
{
    return (struct distribution){.low = value, .high = value, .share = 1.0};
}

/* What the first and the last word give, without any bounds. */
static void find_extremes(struct distribution *distribution)
{
    const uint32_t words[] = {0, UINT32_MAX};
    double values[2];

    distribution->low = -INFINITY;
    distribution->high = INFINITY;
    distribution_values(distribution, words, 2, values);
    distribution->low = fmin(values[0], values[1]);
    distribution->high = fmax(values[0], values[1]);
}

struct distribution distribution_drawn(const struct distribution_shape *shape,
                                       const double *parameters)
{
    struct distribution distribution = {.shape = shape, .share = 1.0};

    memcpy(distribution.parameters, parameters, sizeof distribution.parameters);
    find_extremes(&distribution);
    return distribution;
}

/* The C library of another machine may differ in the last bit, no further. */
static double rounded_share(double share)
{
    return nearbyint(share * 0x1p40) * 0x1p-40;
}

bool distribution_bound(struct distribution *distribution, double low, double high,
                        enum distribution_bounds bounds)
{
    const double smallest_share = 0.01;

    if (bounds == DISTRIBUTION_REDRAW) {
        const double at_low =
            distribution->shape->share_at(distribution->parameters, low);
        const double at_high =
            distribution->shape->share_at(distribution->parameters, high);

        distribution->first = rounded_share(fmin(at_low, at_high));
        distribution->share = rounded_share(fabs(at_high - at_low));
        if (!(distribution->share >= smallest_share))
            return false;
        find_extremes(distribution);
    }
    distribution->low = fmin(fmax(distribution->low, low), high);
    distribution->high = fmax(fmin(distribution->high, high), low);
    return true;
}

bool distribution_is_constant(const struct distribution *distribution)
{
    return !distribution->shape && !distribution->list;
}

VECTORS_CLONES
static void make_shares(const struct distribution *distribution, const uint32_t *words,
                        size_t count, double *shares)
{
    const double unit = distribution->share * 0x1p-32;
    const double first = distribution->first + 0.5 * unit;

    for (size_t i = 0; i < count; i++)
        shares[i] = first + unit * (double)words[i];
}

VECTORS_CLONES
static void keep_within(double low, double high, size_t count, double *values)
{
    for (size_t i = 0; i < count; i++) {
        const double value = values[i] < low ? low : values[i];

        values[i] = value > high ? high : value;
    }
}

void distribution_values(const struct distribution *distribution, const uint32_t *words,
                         size_t count, double *values)
{
    if (!distribution->shape) {
        for (size_t i = 0; i < count; i++)
            values[i] = distribution->low;
        return;
    }
    make_shares(distribution, words, count, values);
    distribution->shape->quantiles(distribution->parameters, count, values);
    keep_within(distribution->low, distribution->high, count, values);
}

/* --- geometric gaps */

double distribution_gap_scale(double p)
{
    const double scale = 1.0 / log1p(-p);
    int exponent;
    const double fraction = frexp(scale, &exponent);

    return ldexp(rounded_share(fraction), exponent);
}

VECTORS_CLONES
void distribution_gaps(double scale, const uint32_t *words, size_t count, double *gaps)
{
    for (size_t i = 0; i < count; i++) {
        /* 52 bits behind the point of a number from 1 to 2. */
        const uint64_t bits = UINT64_C(0x3ff) << 52 | (uint64_t)words[2 * i] << 20 |
                              words[2 * i + 1] >> 12;
        double shifted;

        memcpy(&shifted, &bits, sizeof shifted);
        gaps[i] = logarithm(shifted - 1.0 + 0x1p-53) * scale;
    }
}
