/* Short-term plasticity with a resource that is used up and recovers, and a release
 * that facilitates (Tsodyks and Markram 1997, Proc. Natl. Acad. Sci. 94:719; Fuhrmann,
 * Segev, Markram and Tsodyks 2002, J. Neurophysiol. 87:140, equations 1 to 4). Names,
 * presets and the order of events are NEST's. SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <float.h>

#include "kernel/synapse.h"

enum { RELEASE, TAU_FAC, TAU_REC, FACILITATION, RECOVERED };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [RELEASE]      = {"U",       "1",    0.5, 0.0,     1.0, "from 0 to 1"},
    [TAU_FAC]      = {"tau_fac", "ms",   0.0, 0.0,     1e9, "from 0 ms to 1e9 ms"},
    [TAU_REC]      = {"tau_rec", "ms", 800.0, DBL_MIN, 1e9, "above 0 ms"},
    [FACILITATION] = {"u",       "1",    0.5, 0.0,     1.0, "from 0 to 1"},
    [RECOVERED]    = {"x",       "1",    1.0, 0.0,     1.0, "from 0 to 1"},
};
/* clang-format on */

enum { U, X, HAS_FIRED, STATES }; /* of the source */

/* The constants are the parameters up to TAU_REC, and the step in ms. */
enum { STEP = TAU_REC + 1 };

static const char *check(const double *parameters, double smallest, double largest)
{
    (void)parameters;
    (void)smallest;
    (void)largest;
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
    source[HAS_FIRED] = 0.0;
}

/* The first spike finds u and x as they were set. */
static void spike(const double *constants, int64_t steps, double *source)
{
    const double *const c = constants;
    const double t = (double)steps * c[STEP];

    if (source[HAS_FIRED] > 0.0) {
        const double facilitated =
            c[TAU_FAC] > 0.0 ? exponential(-t / c[TAU_FAC]) : 0.0;
        const double left = source[X] * (1.0 - source[U]);

        source[X] = 1.0 + (left - 1.0) * exponential(-t / c[TAU_REC]);
        source[U] = c[RELEASE] + source[U] * (1.0 - c[RELEASE]) * facilitated;
    }
    source[HAS_FIRED] = 1.0;
}

static void send(const double *constants, const double *source, const double *traces,
                 double *weights, double *amounts)
{
    (void)constants;
    (void)traces;
    for (int i = 0; i < SYNAPSE_LANES; i++)
        amounts[i] = source[U] * source[X] * weights[i];
}

const struct synapse synapse_tsodyks2_synapse = {
    .name = "tsodyks2_synapse",
    .help = "Each spike releases a share of a resource that recovers (Fuhrmann et al. "
            "2002); the weight stays.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .state_count = STATES,
    .check = check,
    .prepare = prepare,
    .start = start,
    .spike = spike,
    .send = send,
};
