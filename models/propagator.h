/* Exact steps of a leaky membrane (Rotter and Diesmann 1999, Biol. Cybern. 81:381):
 * what V_m gains in one step from a current, finite for equal time constants.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_PROPAGATOR_H
#define MODELS_PROPAGATOR_H

/* Times in ms, capacitance in pF, results in mV per pA. */
struct propagator_membrane {
    double tau_m, C_m, step_ms;
};

/* Of a constant current of 1 pA. */
double propagator_constant(const struct propagator_membrane *membrane);

/* Of exp(-t / tau) pA. */
double propagator_exponential(const struct propagator_membrane *membrane, double tau);

/* Of (t / ms) exp(-t / tau) pA. */
double propagator_alpha(const struct propagator_membrane *membrane, double tau);

#endif
