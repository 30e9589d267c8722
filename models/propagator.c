/* Exact steps of a leaky membrane.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/propagator.h"

#include <math.h>

double propagator_constant(const struct propagator_membrane *membrane)
{
    return membrane->tau_m / membrane->C_m *
           -expm1(-membrane->step_ms / membrane->tau_m);
}

/* (exp(-h/tau) - exp(-h/tau_m)) / (C_m (1/tau_m - 1/tau)), written with expm1(x) / x,
 * which is 1 for equal time constants. */
double propagator_exponential(const struct propagator_membrane *membrane, double tau)
{
    const double h = membrane->step_ms;
    const double x = h / membrane->tau_m - h / tau;
    const double ratio = fabs(x) < 1e-15 ? 1.0 : expm1(x) / x;

    return h / membrane->C_m * exp(-h / membrane->tau_m) * ratio;
}

/* The integral of s exp(xs) from 0 to 1: by its series where the closed form cancels.
 */
static double first_moment(double x)
{
    double term = 1.0, sum = 0.5;

    if (fabs(x) > 1.0)
        return (exp(x) * (x - 1.0) + 1.0) / (x * x);
    for (int k = 1; k < 20; k++) {
        term *= x / k;
        sum += term / (k + 2);
    }
    return sum;
}

double propagator_alpha(const struct propagator_membrane *membrane, double tau)
{
    const double h = membrane->step_ms;

    return h * h / membrane->C_m * exp(-h / membrane->tau_m) *
           first_moment(h / membrane->tau_m - h / tau);
}
