/* Short-term plasticity with a resource that is recovered, active or inactive, and a
 * release that facilitates (Tsodyks, Uziel and Markram 2000, J. Neurosci. 20:RC50,
 * equations 3 and 4), integrated exactly between spikes. Names, presets and the order
 * of events are NEST's; tau_psc should be the time constant of the target's current.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

#include "kernel/synapse.h"

enum { RELEASE, TAU_FAC, TAU_PSC, TAU_REC, FACILITATION, RECOVERED, ACTIVE };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [RELEASE]      = {"U",       "1",    0.5, 0.0,     1.0, "from 0 to 1"},
    [TAU_FAC]      = {"tau_fac", "ms",   0.0, 0.0,     1e9, "from 0 ms to 1e9 ms"},
    [TAU_PSC]      = {"tau_psc", "ms",   3.0, DBL_MIN, 1e9, "above 0 ms"},
    [TAU_REC]      = {"tau_rec", "ms", 800.0, DBL_MIN, 1e9, "above 0 ms"},
    [FACILITATION] = {"u",       "1",    0.0, 0.0,     1.0, "from 0 to 1"},
    [RECOVERED]    = {"x",       "1",    1.0, 0.0,     1.0, "from 0 to 1"},
    [ACTIVE]       = {"y",       "1",    0.0, 0.0,     1.0, "from 0 to 1"},
};
/* clang-format on */

enum {
    U,
    X,
    Y,
    SENT,
    STATES
}; /* of the source; SENT: the share that a spike releases */

/* The constants are the parameters up to TAU_REC, and the step in ms. */
enum { STEP = TAU_REC + 1 };

static const char *check(const double *parameters, double smallest, double largest)
{
    (void)smallest;
    (void)largest;
    if (parameters[RECOVERED] + parameters[ACTIVE] > 1.0)
        return "x + y must be at most 1";
    return NULL;
}

static void prepare(const double *parameters, double step_ms, double *constants)
{
    for (int i = RELEASE; i <= TAU_REC; i++)
        constants[i] = parameters[i];
    constants[STEP] = step_ms;
}

static void start(const double *parameters, double *source)
{
    source[U] = parameters[FACILITATION];
    source[X] = parameters[RECOVERED];
    source[Y] = parameters[ACTIVE];
    source[SENT] = 0.0;
}

/* (1 - exp(-q)) / q, q >= 0. */
static double mean_decay(double q)
{
    if (q < 1e-3)
        return 1.0 - q / 2 * (1.0 - q / 3 * (1.0 - q / 4 * (1.0 - q / 5)));
    return (1.0 - exponential(-q)) / q;
}

static void spike(const double *constants, int64_t steps, double *source)
{
    const double *const c = constants;
    const double t = (double)steps * c[STEP];
    const double to_inactive = t / c[TAU_PSC], to_recovered = t / c[TAU_REC];
    const double active = exponential(-to_inactive);
    const double inactive = exponential(-to_recovered);
    /* The share of what was active that is inactive now; finite for equal time
     * constants. */
    const double passed = to_inactive * (active > inactive ? active : inactive) *
                          mean_decay(fabs(to_inactive - to_recovered));
    const double z = 1.0 - source[X] - source[Y];

    source[U] *= c[TAU_FAC] > 0.0 ? exponential(-t / c[TAU_FAC]) : 0.0;
    source[X] += (1.0 - active - passed) * source[Y] + (1.0 - inactive) * z;
    source[Y] *= active;
    source[U] += c[RELEASE] * (1.0 - source[U]);
    source[SENT] = source[U] * source[X];
    source[X] -= source[SENT];
    source[Y] += source[SENT];
}

static void send(const double *constants, const double *source, const double *traces,
                 double *weights, double *amounts)
{
    (void)constants;
    (void)traces;
    for (int i = 0; i < SYNAPSE_LANES; i++)
        amounts[i] = source[SENT] * weights[i];
}

const struct synapse synapse_tsodyks_synapse = {
    .name = "tsodyks_synapse",
    .help = "Each spike releases a share of a resource that recovers (Tsodyks et al. "
            "2000); the weight stays.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .state_count = STATES,
    .check = check,
    .prepare = prepare,
    .start = start,
    .spike = spike,
    .send = send,
};
