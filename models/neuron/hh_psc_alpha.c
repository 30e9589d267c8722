/* Cell of Hodgkin and Huxley (1952, J. Physiol. 117:500) with currents of the form of
 * an alpha function, in the units and with the voltages of NEST, as are names, presets
 * and the order of events: a weight is the peak of the current. The equations are C_m
 * dV/dt = -g_Na m^3 h (V - E_Na) - g_K n^4 (V - E_K) - g_L (V - E_L)
 *                 + I_ex + I_in + I_e + I(t),
 *     dx/dt = alpha_x(V) (1 - x) - beta_x(V) x   for x = m, h, n,
 *     dI/dt = r - I / tau_syn,  dr/dt = -r / tau_syn.
 * The cell fires when V_m has passed a maximum above 0 mV; nothing is reset.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <float.h>
#include <math.h>

#include "kernel/model.h"
#include "models/receptors.h"

enum {
    C_M,
    E_K,
    E_L,
    E_NA,
    G_K,
    G_L,
    G_NA,
    I_E,
    T_REF,
    TAU_SYN_EX,
    TAU_SYN_IN,
    PARAMETERS
};

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [C_M]        = {"C_m",        "pF",   100.0,   DBL_MIN, INFINITY, "above 0 pF"},
    [E_K]        = {"E_K",        "mV",   -77.0,   -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [E_L]        = {"E_L",        "mV",   -54.402, -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [E_NA]       = {"E_Na",       "mV",    50.0,   -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [G_K]        = {"g_K",        "nS",  3600.0,   0.0,  1e9, "from 0 nS to 1e9 nS"},
    [G_L]        = {"g_L",        "nS",    30.0,   0.0,  1e9, "from 0 nS to 1e9 nS"},
    [G_NA]       = {"g_Na",       "nS", 12000.0,   0.0,  1e9, "from 0 nS to 1e9 nS"},
    [I_E]        = {"I_e",        "pA",     0.0,   -1e9, 1e9, "from -1e9 pA to 1e9 pA"},
    [T_REF]      = {"t_ref",      "ms",     2.0,   0.0,  1e6, "from 0 ms to 1e6 ms"},
    [TAU_SYN_EX] = {"tau_syn_ex", "ms",     0.2,   DBL_MIN, INFINITY, "above 0 ms"},
    [TAU_SYN_IN] = {"tau_syn_in", "ms",     2.0,   DBL_MIN, INFINITY, "above 0 ms"},
};

/* Integrated until RISE_IN; the solver knows the current behind the states. */
enum {
    V_M, ACT_M, INACT_H, ACT_N, I_SYN_EX, RISE_EX, I_SYN_IN, RISE_IN,
    REFRACTORY, INNER_STEP, DRIVE
};

/* The gates are at rest at -65 mV. */
static const struct model_state state_table[] = {
    [V_M]        = {"V_m",     "mV", -65.0, true, 0.0, 0.0, NULL},
    [ACT_M]      = {"Act_m",   "1", 0.05293248525724958, true, 0.0, INFINITY, "0 or above"},
    [INACT_H]    = {"Inact_h", "1", 0.5961207535084603,  true, 0.0, INFINITY, "0 or above"},
    [ACT_N]      = {"Act_n",   "1", 0.3176769140606974,  true, 0.0, INFINITY, "0 or above"},
    [I_SYN_EX]   = {.name = "I_syn_ex", .unit = "pA"},
    [RISE_EX]    = {.name = "dI_syn_ex", .unit = "pA/ms"},
    [I_SYN_IN]   = {.name = "I_syn_in", .unit = "pA"},
    [RISE_IN]    = {.name = "dI_syn_in", .unit = "pA/ms"},
    [REFRACTORY] = {.name = "refractory", .unit = "1"}, /* steps that are left */
    [INNER_STEP] = {.name = "inner_step", .unit = "1", .preset = 1.0},
};
/* clang-format on */

/* The parameters, and then these. */
enum {
    DECAY_EX = PARAMETERS, /* of current and rise in one step */
    DECAY_IN,
    RISE_OF_EX, /* rise that a weight of 1 pA brings: it peaks at 1 pA */
    RISE_OF_IN,
    REFRACTORINESS, /* steps */
    STEP,
    CONSTANTS
};

static_assert((int)CONSTANTS <= (int)MODEL_MAX_CONSTANTS,
              "the kernel has room for them");

static const double TOLERANCE = 1e-6; /* mV, pA, and 1 for the gates */

static void prepare(const double *parameters, double step_ms, double *constants)
{
    for (size_t i = 0; i < PARAMETERS; i++)
        constants[i] = parameters[i];
    constants[DECAY_EX] = exp(-step_ms / parameters[TAU_SYN_EX]);
    constants[DECAY_IN] = exp(-step_ms / parameters[TAU_SYN_IN]);
    constants[RISE_OF_EX] = exp(1.0) / parameters[TAU_SYN_EX];
    constants[RISE_OF_IN] = exp(1.0) / parameters[TAU_SYN_IN];
    constants[REFRACTORINESS] = nearbyint(parameters[T_REF] / step_ms);
    constants[STEP] = step_ms;
}

/* x / (1 - exp(-x)), given exp(-x); 1 at 0, where the quotient has no digits left. */
static inline double opening(double x, double exp_minus_x)
{
    const double quotient = x / (1.0 - exp_minus_x);

    return fabs(x) < 1e-5 ? 1.0 + 0.5 * x : quotient;
}

VECTORS_CLONES
static void derive(const double *restrict c, size_t lanes,
                   const struct solver_lanes *restrict values,
                   struct solver_lanes *restrict slopes)
{
    const double(*const y)[SOLVER_LANES] = values->values;
    double(*const f)[SOLVER_LANES] = slopes->values;

    for (size_t i = 0; i < lanes; i++) {
        const double v = y[V_M][i], m = y[ACT_M][i], h = y[INACT_H][i], n = y[ACT_N][i];
        /* Six exponentials are powers and multiples of three: exp(-(V + 55)/10),
         * exp(-(V + 65)/80) and exp(-(V + 65)/18). */
        const double e_10 = exponential((v + 55.0) * -0.1);
        const double e_80 = exponential((v + 65.0) * (-1.0 / 80.0));
        const double e_18 = exponential((v + 65.0) * (-1.0 / 18.0));
        const double e_40 = e_80 * e_80;
        const double alpha_n = 0.1 * opening((v + 55.0) * 0.1, e_10);
        const double beta_n = 0.125 * e_80;
        const double alpha_m = opening((v + 40.0) * 0.1, e_10 * 4.4816890703380645);
        const double beta_m = 4.0 * e_18;
        const double alpha_h = 0.07 * e_40 * e_40;
        const double beta_h = 1.0 / (1.0 + e_10 * 7.38905609893065);
        const double sodium = c[G_NA] * m * m * m * h * (v - c[E_NA]);
        const double potassium = c[G_K] * (n * n) * (n * n) * (v - c[E_K]);
        const double leak = c[G_L] * (v - c[E_L]);
        const double current = c[I_E] + y[DRIVE][i] + y[I_SYN_EX][i] + y[I_SYN_IN][i];

        f[V_M][i] = (current - sodium - potassium - leak) / c[C_M];
        f[ACT_M][i] = alpha_m * (1.0 - m) - beta_m * m;
        f[INACT_H][i] = alpha_h * (1.0 - h) - beta_h * h;
        f[ACT_N][i] = alpha_n * (1.0 - n) - beta_n * n;
        f[I_SYN_EX][i] = y[RISE_EX][i] - y[I_SYN_EX][i] / c[TAU_SYN_EX];
        f[RISE_EX][i] = -y[RISE_EX][i] / c[TAU_SYN_EX];
        f[I_SYN_IN][i] = y[RISE_IN][i] - y[I_SYN_IN][i] / c[TAU_SYN_IN];
        f[RISE_IN][i] = -y[RISE_IN][i] / c[TAU_SYN_IN];
    }
}

static void finish(const struct model_block *block, size_t cell, size_t lane,
                   struct solver_lanes *values)
{
    const double *const c = block->constants;
    const double h = c[STEP], v = values->values[V_M][lane];
    const double i_ex = block->states[I_SYN_EX][cell];
    const double rise_ex = block->states[RISE_EX][cell];
    const double i_in = block->states[I_SYN_IN][cell];
    const double rise_in = block->states[RISE_IN][cell];
    double *const refractory = &values->values[REFRACTORY][lane];
    const bool is_free = *refractory == 0.0;
    const bool fires = is_free && v >= 0.0 && block->states[V_M][cell] > v;

    /* Currents move exactly; what the solver made of them served V_m. */
    values->values[I_SYN_EX][lane] = (i_ex + h * rise_ex) * c[DECAY_EX];
    values->values[RISE_EX][lane] =
        rise_ex * c[DECAY_EX] + block->input[EXCITATORY][cell] * c[RISE_OF_EX];
    values->values[I_SYN_IN][lane] = (i_in + h * rise_in) * c[DECAY_IN];
    values->values[RISE_IN][lane] =
        rise_in * c[DECAY_IN] + block->input[INHIBITORY][cell] * c[RISE_OF_IN];
    *refractory = fires ? c[REFRACTORINESS] : is_free ? 0.0 : *refractory - 1.0;
    block->spikes[cell] = fires;
}

static const char *update(const struct model_block *block)
{
    static const struct solver_system system = {.state_count = DRIVE,
                                                .slope_count = RISE_IN + 1,
                                                .inner_step = INNER_STEP,
                                                .derive = derive,
                                                .finish = finish};

    return solver_advance(&system, block, block->constants[STEP], TOLERANCE);
}

const struct model model_hh_psc_alpha = {
    .name = "hh_psc_alpha",
    .help = "Cell of Hodgkin and Huxley (1952, J. Physiol. 117:500) with currents of "
            "the form of an alpha function. It fires when the potential has passed a "
            "maximum above 0 mV. A weight is the peak of the current.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .states = state_table,
    .state_count = sizeof state_table / sizeof *state_table,
    .receptors = receptors_of_current,
    .receptor_count = RECEPTORS,
    .prepare = prepare,
    .update = update,
};
