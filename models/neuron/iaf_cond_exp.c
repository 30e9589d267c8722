/* Leaky integrate-and-fire cell with conductances that decay exponentially. Names,
 * presets and the order of events are NEST's; the equations are
 *     C_m dV/dt = -g_L (V - E_L) - g_ex (V - E_ex) - g_in (V - E_in) + I_e + I(t),
 *     dg/dt = -g / tau_syn
 * (Meffin, Burkitt and Grayden 2004, J. Comput. Neurosci. 16:159).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

#include "kernel/model.h"
#include "models/order.h"
#include "models/receptors.h"

enum { C_M, E_EX, E_IN, E_L, G_L, I_E, TAU_SYN_EX, TAU_SYN_IN, T_REF, V_TH, V_RESET };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [C_M]        = {"C_m",        "pF", 250.0,    DBL_MIN, INFINITY, "above 0 pF"},
    [E_EX]       = {"E_ex",       "mV",   0.0,    -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [E_IN]       = {"E_in",       "mV", -85.0,    -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [E_L]        = {"E_L",        "mV", -70.0,    -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [G_L]        = {"g_L",        "nS",  16.6667, -1e6, 1e6, "from -1e6 nS to 1e6 nS"},
    [I_E]        = {"I_e",        "pA",   0.0,    -1e9, 1e9, "from -1e9 pA to 1e9 pA"},
    [TAU_SYN_EX] = {"tau_syn_ex", "ms",   0.2,    DBL_MIN, INFINITY, "above 0 ms"},
    [TAU_SYN_IN] = {"tau_syn_in", "ms",   2.0,    DBL_MIN, INFINITY, "above 0 ms"},
    [T_REF]      = {"t_ref",      "ms",   2.0,    0.0,  1e6, "from 0 ms to 1e6 ms"},
    [V_TH]       = {"V_th",       "mV", -55.0,    -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [V_RESET]    = {"V_reset",    "mV", -60.0,    -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
};

/* The first three are integrated; the solver knows the current behind the states. */
enum { V_M, G_EX, G_IN, REFRACTORY, INNER_STEP, DRIVE };

static const struct model_state state_table[] = {
    [V_M]        = {"V_m",  "mV", -70.0, true, 0.0, 0.0, NULL},
    [G_EX]       = {"g_ex", "nS",   0.0, true, 0.0, 0.0, NULL},
    [G_IN]       = {"g_in", "nS",   0.0, true, 0.0, 0.0, NULL},
    [REFRACTORY] = {.name = "refractory", .unit = "1"}, /* steps that are left */
    [INNER_STEP] = {.name = "inner_step", .unit = "1", .preset = 1.0},
};
/* clang-format on */

/* The parameters, and then these. */
enum {
    DECAY_EX = V_RESET + 1, /* of the conductances in one step */
    DECAY_IN,
    REFRACTORINESS, /* steps */
    STEP
};

static const double TOLERANCE = 1e-6; /* mV and nS */

static const char *check(const double *parameters)
{
    return order_of_reset(parameters[V_RESET], parameters[V_TH]);
}

static void prepare(const double *parameters, double step_ms, double *constants)
{
    for (size_t i = 0; i <= V_RESET; i++)
        constants[i] = parameters[i];
    constants[DECAY_EX] = exp(-step_ms / parameters[TAU_SYN_EX]);
    constants[DECAY_IN] = exp(-step_ms / parameters[TAU_SYN_IN]);
    constants[REFRACTORINESS] = nearbyint(parameters[T_REF] / step_ms);
    constants[STEP] = step_ms;
}

VECTORS_CLONES
static void derive(const double *restrict c, size_t lanes,
                   const struct solver_lanes *restrict values,
                   struct solver_lanes *restrict slopes)
{
    const double *const v = values->values[V_M], *const drive = values->values[DRIVE];
    const double *const g_ex = values->values[G_EX], *const g_in = values->values[G_IN];

    for (size_t i = 0; i < lanes; i++) {
        const double current = c[I_E] + drive[i] - c[G_L] * (v[i] - c[E_L]) -
                               g_ex[i] * (v[i] - c[E_EX]) - g_in[i] * (v[i] - c[E_IN]);

        slopes->values[V_M][i] = current / c[C_M];
        slopes->values[G_EX][i] = -g_ex[i] / c[TAU_SYN_EX];
        slopes->values[G_IN][i] = -g_in[i] / c[TAU_SYN_IN];
    }
}

static void finish(const struct model_block *block, size_t cell, size_t lane,
                   struct solver_lanes *values)
{
    const double *const c = block->constants;
    double *const v = &values->values[V_M][lane];
    double *const refractory = &values->values[REFRACTORY][lane];
    const bool is_free = *refractory == 0.0, fires = is_free && *v >= c[V_TH];

    /* Conductances decay exactly; what the solver made of them served V_m. */
    values->values[G_EX][lane] =
        block->states[G_EX][cell] * c[DECAY_EX] + block->input[EXCITATORY][cell];
    values->values[G_IN][lane] =
        block->states[G_IN][cell] * c[DECAY_IN] - block->input[INHIBITORY][cell];
    *v = is_free && !fires ? *v : c[V_RESET];
    *refractory = fires ? c[REFRACTORINESS] : is_free ? 0.0 : *refractory - 1.0;
    block->spikes[cell] = fires;
}

static const char *update(const struct model_block *block)
{
    static const struct solver_system system = {.state_count = DRIVE,
                                                .slope_count = G_IN + 1,
                                                .inner_step = INNER_STEP,
                                                .derive = derive,
                                                .finish = finish};

    return solver_advance(&system, block, block->constants[STEP], TOLERANCE);
}

const struct model model_iaf_cond_exp = {
    .name = "iaf_cond_exp",
    .help = "Leaky integrate-and-fire cell with conductances that decay exponentially "
            "(Meffin, Burkitt and Grayden 2004, J. Comput. Neurosci. 16:159). A weight "
            "is the jump of the conductance.",
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
