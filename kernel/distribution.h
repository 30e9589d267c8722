/* The distributions from which weights and delays are drawn. A value is the quantile of
 * one 32-bit word: which value a synapse has depends on no other. Redrawing until a
 * value lies within bounds gives the distribution cut off at them, so that its
 * quantiles need no loop. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_DISTRIBUTION_H
#define KERNEL_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DISTRIBUTION_PARAMETERS = 3 };

/* A kind of distribution, with the parameters that NEST gives it. */
struct distribution_shape {
    const char *name;
    /* NULL, or what is wrong with the parameters: follows "uniform: ". */
    const char *(*check)(const double *parameters);
    /* The share of the unit interval below which quantiles lie on one side of `value`.
     */
    double (*share_at)(const double *parameters, double value);
    /* Turns shares into the values below which they lie. */
    void (*quantiles)(const double *parameters, size_t count, double *shares);
};

struct distribution {
    const struct distribution_shape *shape; /* NULL: constant, or a list */
    double parameters[DISTRIBUTION_PARAMETERS];
    double low, high;    /* the smallest and the largest value that it gives */
    double first, share; /* the part of the unit interval that is drawn from */
    double *list; /* NULL, or a value for each synapse in the order of the rule */
};

/* uniform: low, high. normal: mean, std. lognormal: mean and std of the logarithm, and
 * a factor. exponential: beta, the mean, which may be negative. NULL: no such shape. */
const struct distribution_shape *distribution_shape(const char *name);

struct distribution distribution_constant(double value);

/* `parameters` pass the check of the shape. */
struct distribution distribution_drawn(const struct distribution_shape *shape,
                                       const double *parameters);

enum distribution_bounds { DISTRIBUTION_REDRAW, DISTRIBUTION_CLIP };

/* Keeps values from `low` to `high`. False when redrawing would have to throw away more
 * than 99 % of all values. */
bool distribution_bound(struct distribution *distribution, double low, double high,
                        enum distribution_bounds bounds);

bool distribution_is_constant(const struct distribution *distribution);

/* The values of as many words; not for a list. */
void distribution_values(const struct distribution *distribution, const uint32_t *words,
                         size_t count, double *values);

/* How many failures precede each success of probability p, from two words each:
 * floor(log(u) / log(1 - p)). `scale` is distribution_gap_scale(p). */
double distribution_gap_scale(double p);
void distribution_gaps(double scale, const uint32_t *words, size_t count, double *gaps);

#endif
