/* Spike-timing dependent plasticity of all pairs, with weight dependence from additive
 * to multiplicative (Guetig, Aharonov, Rotter and Sompolinsky 2003, J. Neurosci.
 * 23:3697, equations 1 and 4; traces as in Morrison, Diesmann and Gerstner 2008, Biol.
 * Cybern. 98:459). Names, presets and the order of events are NEST's; tau_minus belongs
 * to the population of the targets.
 *
 * A spike of the target: w += lambda * Wmax * (1 - w / Wmax)^mu_plus * Kplus; one of
 * the source: w -= alpha * lambda * Wmax * (w / Wmax)^mu_minus * Kminus; w / Wmax stays
 * from 0 to 1. SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>

#include "kernel/synapse.h"

enum { KPLUS, WMAX, ALPHA, LAMBDA, MU_MINUS, MU_PLUS, TAU_PLUS };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [KPLUS]    = {"Kplus",    "1",   0.0, 0.0,     1e9, "from 0 to 1e9"},
    [WMAX]     = {"Wmax",     SYNAPSE_WEIGHT_UNIT,
                                   100.0, -1e9,    1e9, "from -1e9 to 1e9"},
    [ALPHA]    = {"alpha",    "1",   1.0, -1e9,    1e9, "from -1e9 to 1e9"},
    [LAMBDA]   = {"lambda",   "1",  0.01, -1e9,    1e9, "from -1e9 to 1e9"},
    [MU_MINUS] = {"mu_minus", "1",   1.0, 0.0,   100.0, "from 0 to 100"},
    [MU_PLUS]  = {"mu_plus",  "1",   1.0, 0.0,   100.0, "from 0 to 100"},
    [TAU_PLUS] = {"tau_plus", "ms", 20.0, DBL_MIN, 1e9, "above 0 ms"},
};
/* clang-format on */

enum { TRACE, STATES }; /* of the source: Kplus */

enum { LARGEST, SCALE, UP, DOWN, POWER_UP, POWER_DOWN, RATE };

static const char *check(const double *parameters, double smallest, double largest)
{
    if (parameters[WMAX] == 0.0)
        return "Wmax must not be 0";
    if ((parameters[WMAX] > 0.0 && smallest < 0.0) ||
        (parameters[WMAX] < 0.0 && largest > 0.0))
        return "weights and Wmax must have the same sign";
    return NULL;
}

static void prepare(const double *parameters, double step_ms, double *constants)
{
    const double up = parameters[LAMBDA] * parameters[WMAX];

    constants[LARGEST] = parameters[WMAX];
    constants[SCALE] = 1.0 / parameters[WMAX];
    constants[UP] = up;
    constants[DOWN] = parameters[ALPHA] * up;
    constants[POWER_UP] = parameters[MU_PLUS];
    constants[POWER_DOWN] = parameters[MU_MINUS];
    constants[RATE] = -step_ms / parameters[TAU_PLUS];
}

static void start(const double *parameters, double *source)
{
    source[TRACE] = parameters[KPLUS];
}

static void spike(const double *constants, int64_t steps, double *source)
{
    source[TRACE] = source[TRACE] * exponential(constants[RATE] * (double)steps) + 1.0;
}

/* changes[i] = factor * bases[i]^exponent * traces[i] */
static inline void weigh(double factor, double exponent, const double *bases,
                         const double *traces, double *changes)
{
    if (exponent == 1.0)
        for (int i = 0; i < SYNAPSE_LANES; i++)
            changes[i] = factor * bases[i] * traces[i];
    else if (exponent == 0.0)
        for (int i = 0; i < SYNAPSE_LANES; i++)
            changes[i] = factor * traces[i];
    else
        for (int i = 0; i < SYNAPSE_LANES; i++)
            changes[i] = factor * power(bases[i], exponent) * traces[i];
}

VECTORS_CLONES
static void meet(const double *constants, const double *source, const int32_t *since,
                 double *weights)
{
    const double *const c = constants;
    const double largest = c[LARGEST], scale = c[SCALE], rate = c[RATE];
    const double trace = source[TRACE];
    double traces[SYNAPSE_LANES], bases[SYNAPSE_LANES], changes[SYNAPSE_LANES];

    for (int i = 0; i < SYNAPSE_LANES; i++) {
        traces[i] = trace * exponential(rate * since[i]);
        bases[i] = 1.0 - weights[i] * scale;
    }
    weigh(c[UP], c[POWER_UP], bases, traces, changes);
    for (int i = 0; i < SYNAPSE_LANES; i++) {
        const double changed = weights[i] + changes[i];
        const double within = changed * scale < 1.0 ? changed : largest;

        weights[i] = since[i] < 0 ? weights[i] : within;
    }
}

VECTORS_CLONES
static void send(const double *constants, const double *source, const double *traces,
                 double *weights, double *amounts)
{
    const double *const c = constants;
    const double scale = c[SCALE];
    double bases[SYNAPSE_LANES], changes[SYNAPSE_LANES];

    (void)source;
    for (int i = 0; i < SYNAPSE_LANES; i++)
        bases[i] = weights[i] * scale;
    weigh(c[DOWN], c[POWER_DOWN], bases, traces, changes);
    for (int i = 0; i < SYNAPSE_LANES; i++) {
        const double changed = weights[i] - changes[i];

        weights[i] = changed * scale > 0.0 ? changed : 0.0;
        amounts[i] = weights[i];
    }
}

const struct synapse synapse_stdp_synapse = {
    .name = "stdp_synapse",
    .help = "Weights change with the times between spikes of source and target, all "
            "pairs (Guetig et al. 2003).",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .state_count = STATES,
    .sees_targets = true,
    .check = check,
    .prepare = prepare,
    .start = start,
    .spike = spike,
    .meet = meet,
    .send = send,
};
