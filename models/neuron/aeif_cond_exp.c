/* Adaptive exponential integrate-and-fire cell (Brette and Gerstner 2005,
 * J. Neurophysiol. 94:3637) with conductances that decay exponentially. Names, presets
 * and the order of events are NEST's; the equations are
 *     C_m dV/dt = -g_L (V - E_L) + g_L Delta_T exp((V - V_th) / Delta_T) - w
 *                 - g_ex (V - E_ex) - g_in (V - E_in) + I_e + I(t),
 *     tau_w dw/dt = a (V - E_L) - w,  dg/dt = -g / tau_syn;
 * at V_peak V becomes V_reset and w grows by b, at once, between two inner steps.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <float.h>
#include <math.h>

#include "kernel/model.h"
#include "models/receptors.h"

enum {
    C_M,
    T_REF,
    V_RESET,
    G_L,
    E_L,
    I_E,
    A,
    B,
    DELTA_T,
    TAU_W,
    V_TH,
    V_PEAK,
    E_EX,
    TAU_SYN_EX,
    E_IN,
    TAU_SYN_IN,
    TOLERANCE
};

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [C_M]        = {"C_m",        "pF", 281.0, DBL_MIN, INFINITY, "above 0 pF"},
    [T_REF]      = {"t_ref",      "ms",   0.0, 0.0,     1e6, "from 0 ms to 1e6 ms"},
    [V_RESET]    = {"V_reset",    "mV", -60.0, -1e6,    1e6, "from -1e6 mV to 1e6 mV"},
    [G_L]        = {"g_L",        "nS",  30.0, -1e6,    1e6, "from -1e6 nS to 1e6 nS"},
    [E_L]        = {"E_L",        "mV", -70.6, -1e6,    1e6, "from -1e6 mV to 1e6 mV"},
    [I_E]        = {"I_e",        "pA",   0.0, -1e9,    1e9, "from -1e9 pA to 1e9 pA"},
    [A]          = {"a",          "nS",   4.0, -1e6,    1e6, "from -1e6 nS to 1e6 nS"},
    [B]          = {"b",          "pA",  80.5, -1e6,    1e6, "from -1e6 pA to 1e6 pA"},
    [DELTA_T]    = {"Delta_T",    "mV",   2.0, 0.0,     1e6, "from 0 mV to 1e6 mV"},
    [TAU_W]      = {"tau_w",      "ms", 144.0, DBL_MIN, INFINITY, "above 0 ms"},
    [V_TH]       = {"V_th",       "mV", -50.4, -1e6,    1e6, "from -1e6 mV to 1e6 mV"},
    [V_PEAK]     = {"V_peak",     "mV",   0.0, -1e6,    1e6, "from -1e6 mV to 1e6 mV"},
    [E_EX]       = {"E_ex",       "mV",   0.0, -1e6,    1e6, "from -1e6 mV to 1e6 mV"},
    [TAU_SYN_EX] = {"tau_syn_ex", "ms",   0.2, DBL_MIN, INFINITY, "above 0 ms"},
    [E_IN]       = {"E_in",       "mV", -85.0, -1e6,    1e6, "from -1e6 mV to 1e6 mV"},
    [TAU_SYN_IN] = {"tau_syn_in", "ms",   2.0, DBL_MIN, INFINITY, "above 0 ms"},
    [TOLERANCE]  = {"gsl_error_tol", "1", 1e-6, 1e-12,  1.0, "from 1e-12 to 1"},
};

/* The first four are integrated; the solver knows the current behind the states. */
enum { V_M, G_EX, G_IN, W, REFRACTORY, FIRED, INNER_STEP, DRIVE };

static const struct model_state state_table[] = {
    [V_M]        = {"V_m",  "mV", -70.6, true, 0.0, 0.0, NULL},
    [G_EX]       = {"g_ex", "nS",   0.0, true, 0.0, 1e6, "from 0 nS to 1e6 nS"},
    [G_IN]       = {"g_in", "nS",   0.0, true, 0.0, 1e6, "from 0 nS to 1e6 nS"},
    [W]          = {"w",    "pA",   0.0, true, 0.0, 0.0, NULL},
    [REFRACTORY] = {.name = "refractory", .unit = "1"}, /* steps that are left */
    [FIRED]      = {.name = "fired", .unit = "1"}, /* spikes of the step under way */
    [INNER_STEP] = {.name = "inner_step", .unit = "1", .preset = 1.0},
};
/* clang-format on */

/* The parameters, and then these. */
enum {
    DECAY_EX = TOLERANCE + 1, /* of the conductances in one step */
    DECAY_IN,
    REFRACTORINESS, /* steps */
    STEP,
    PEAK,      /* where the cell fires: V_peak, or V_th when Delta_T is 0 */
    UPSTROKE,  /* g_L Delta_T */
    STEEPNESS, /* 1 / Delta_T; 0 when Delta_T is 0 */
    CONSTANTS
};

static_assert((int)CONSTANTS <= (int)MODEL_MAX_CONSTANTS,
              "the kernel has room for them");

/* So much more careful than gsl_error_tol asks for: by the spike, the solver would be
 * less exact than one that does not look at the slope. */
static const double CAUTION = 0.05;

static const char *check(const double *parameters)
{
    if (!(parameters[V_RESET] < parameters[V_PEAK]))
        return "V_reset must be below V_peak";
    if (!(parameters[V_PEAK] >= parameters[V_TH]))
        return "V_peak must not be below V_th";
    /* The slope at V_peak must be a number, with room for factors up to 1e20. */
    if (parameters[DELTA_T] > 0.0 && (parameters[V_PEAK] - parameters[V_TH]) >=
                                         parameters[DELTA_T] * log(DBL_MAX / 1e20))
        return "V_peak - V_th must be below 663 Delta_T, else exp() overflows";
    return NULL;
}

static void prepare(const double *parameters, double step_ms, double *constants)
{
    const double delta_t = parameters[DELTA_T];

    for (size_t i = 0; i <= TOLERANCE; i++)
        constants[i] = parameters[i];
    constants[DECAY_EX] = exp(-step_ms / parameters[TAU_SYN_EX]);
    constants[DECAY_IN] = exp(-step_ms / parameters[TAU_SYN_IN]);
    constants[REFRACTORINESS] = nearbyint(parameters[T_REF] / step_ms);
    constants[STEP] = step_ms;
    constants[PEAK] = delta_t > 0.0 ? parameters[V_PEAK] : parameters[V_TH];
    constants[UPSTROKE] = parameters[G_L] * delta_t;
    constants[STEEPNESS] = delta_t > 0.0 ? 1.0 / delta_t : 0.0;
}

VECTORS_CLONES
static void derive(const double *restrict c, size_t lanes,
                   const struct solver_lanes *restrict values,
                   struct solver_lanes *restrict slopes)
{
    const double *const v_of = values->values[V_M], *const w = values->values[W];
    const double *const g_ex = values->values[G_EX], *const g_in = values->values[G_IN];
    const double *const refractory = values->values[REFRACTORY];
    const double *const drive = values->values[DRIVE];

    const double peak = c[PEAK], reset = c[V_RESET], rest = c[E_L];

    for (size_t i = 0; i < lanes; i++) {
        const double below = v_of[i] < peak ? v_of[i] : peak;
        const double v = refractory[i] == 0.0 ? below : reset;
        const double upstroke = c[UPSTROKE] * exponential((v - c[V_TH]) * c[STEEPNESS]);
        const double current = c[I_E] + drive[i] - w[i] + upstroke -
                               c[G_L] * (v - rest) - g_ex[i] * (v - c[E_EX]) -
                               g_in[i] * (v - c[E_IN]);
        const double slope = current / c[C_M];

        slopes->values[V_M][i] = refractory[i] == 0.0 ? slope : 0.0;
        slopes->values[G_EX][i] = -g_ex[i] / c[TAU_SYN_EX];
        slopes->values[G_IN][i] = -g_in[i] / c[TAU_SYN_IN];
        slopes->values[W][i] = (c[A] * (v - rest) - w[i]) / c[TAU_W];
    }
}

/* The step of the spike counts as a refractory one more; without any the cell goes on
 * in this very step and may fire again. */
static void settle(const double *c, size_t lane, struct solver_lanes *values)
{
    double *const v = &values->values[V_M][lane];
    double *const refractory = &values->values[REFRACTORY][lane];

    if (*refractory > 0.0 || *v < c[PEAK])
        return;
    *v = c[V_RESET];
    values->values[W][lane] += c[B];
    values->values[FIRED][lane] += 1.0;
    *refractory = c[REFRACTORINESS] > 0.0 ? c[REFRACTORINESS] + 1.0 : 0.0;
}

static void finish(const struct model_block *block, size_t cell, size_t lane,
                   struct solver_lanes *values)
{
    const double *const c = block->constants;
    double *const refractory = &values->values[REFRACTORY][lane];
    double *const fired = &values->values[FIRED][lane];

    *refractory = *refractory > 0.0 ? *refractory - 1.0 : 0.0;
    /* Conductances decay exactly; what the solver made of them served V_m. */
    values->values[G_EX][lane] =
        block->states[G_EX][cell] * c[DECAY_EX] + block->input[EXCITATORY][cell];
    values->values[G_IN][lane] =
        block->states[G_IN][cell] * c[DECAY_IN] - block->input[INHIBITORY][cell];
    block->spikes[cell] = (uint16_t)*fired;
    *fired = 0.0;
}

/* Bounds of NEST: who is beyond them will not come back. */
static bool has_run_away(const struct model_block *block)
{
    bool is_beyond = false;

    for (size_t i = 0; i < block->size; i++)
        is_beyond |= block->states[V_M][i] < -1e3 || fabs(block->states[W][i]) > 1e6;
    return is_beyond;
}

static const char *update(const struct model_block *block)
{
    static const struct solver_system system = {.state_count = DRIVE,
                                                .slope_count = W + 1,
                                                .inner_step = INNER_STEP,
                                                .derive = derive,
                                                .settle = settle,
                                                .finish = finish};
    const char *const trouble = solver_advance(&system, block, block->constants[STEP],
                                               CAUTION * block->constants[TOLERANCE]);

    if (trouble)
        return trouble;
    if (has_run_away(block))
        return "V_m is below -1e3 mV or w beyond 1e6 pA: the cell has run away; use a "
               "smaller step, smaller weights, or a and b that are not so far from 0";
    return NULL;
}

const struct model model_aeif_cond_exp = {
    .name = "aeif_cond_exp",
    .help = "Adaptive exponential integrate-and-fire cell (Brette and Gerstner 2005, "
            "J. Neurophysiol. 94:3637) with conductances that decay exponentially. It "
            "fires at `V_peak`, between two inner steps of the solver, and may fire "
            "more than once in a step.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .states = state_table,
    .state_count = sizeof state_table / sizeof *state_table,
    .receptors = receptors_of_conductance,
    .receptor_count = RECEPTORS,
    .check = check,
    .prepare = prepare,
    .update = update,
};
