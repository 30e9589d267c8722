/* Spike-timing dependent plasticity of all pairs with a power law for potentiation
 * (Morrison, Aertsen and Diesmann 2007, Neural Comput. 19:1437). Names, presets and the
 * order of events are NEST's; tau_minus belongs to the population of the targets.
 *
 * A spike of the target: w += lambda * w^mu * Kplus; one of the source: w -= alpha *
 * lambda * w * Kminus, but never below 0. SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>

#include "kernel/synapse.h"

enum { KPLUS, ALPHA, LAMBDA, MU, TAU_PLUS };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [KPLUS]    = {"Kplus",    "1",   0.0, 0.0,     1e9, "from 0 to 1e9"},
    [ALPHA]    = {"alpha",    "1",   1.0, -1e9,    1e9, "from -1e9 to 1e9"},
    [LAMBDA]   = {"lambda",   "1",   0.1, -1e9,    1e9, "from -1e9 to 1e9"},
    [MU]       = {"mu",       "1",   0.4, 0.0,   100.0, "from 0 to 100"},
    [TAU_PLUS] = {"tau_plus", "ms", 20.0, DBL_MIN, 1e9, "above 0 ms"},
};
/* clang-format on */

enum { TRACE, STATES }; /* of the source: Kplus */

enum { UP, DOWN, POWER, RATE };

static const char *check(const double *parameters, double smallest, double largest)
{
    (void)parameters;
    (void)largest;
    return smallest < 0.0 ? "weights must not be below 0" : NULL;
}

static void prepare(const double *parameters, double step_ms, double *constants)
{
    constants[UP] = parameters[LAMBDA];
    constants[DOWN] = parameters[LAMBDA] * parameters[ALPHA];
    constants[POWER] = parameters[MU];
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

VECTORS_CLONES
static void meet(const double *constants, const double *source, const int32_t *since,
                 double *weights)
{
    const double up = constants[UP] * source[TRACE];
    const double exponent = constants[POWER], rate = constants[RATE];

    for (int i = 0; i < SYNAPSE_LANES; i++) {
        const double left = exponential(rate * since[i]);
        const double changed = weights[i] + up * left * power(weights[i], exponent);

        weights[i] = since[i] < 0 ? weights[i] : changed;
    }
}

VECTORS_CLONES
static void send(const double *constants, const double *source, const double *traces,
                 double *weights, double *amounts)
{
    const double down = constants[DOWN];

    (void)source;
    for (int i = 0; i < SYNAPSE_LANES; i++) {
        const double changed = weights[i] - down * weights[i] * traces[i];

        weights[i] = changed > 0.0 ? changed : 0.0;
        amounts[i] = weights[i];
    }
}

const struct synapse synapse_stdp_pl_synapse_hom = {
    .name = "stdp_pl_synapse_hom",
    .help = "Weights change with the times between spikes of source and target, all "
            "pairs, potentiation by a power law (Morrison et al. 2007).",
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
