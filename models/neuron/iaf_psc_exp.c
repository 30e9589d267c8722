/* Leaky integrate-and-fire cell with currents that decay exponentially, integrated
 * exactly (Rotter and Diesmann 1999). Names, presets and the order of events are NEST's
 * (without its escape noise, `delta` and `rho`).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

#include "kernel/model.h"
#include "models/order.h"
#include "models/propagator.h"
#include "models/receptors.h"

enum { C_M, E_L, I_E, TAU_M, TAU_SYN_EX, TAU_SYN_IN, T_REF, V_TH, V_RESET };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [C_M]        = {"C_m",        "pF", 250.0, DBL_MIN, INFINITY, "above 0 pF"},
    [E_L]        = {"E_L",        "mV", -70.0, -1e6,    1e6,      "from -1e6 mV to 1e6 mV"},
    [I_E]        = {"I_e",        "pA",   0.0, -1e9,    1e9,      "from -1e9 pA to 1e9 pA"},
    [TAU_M]      = {"tau_m",      "ms",  10.0, DBL_MIN, INFINITY, "above 0 ms"},
    [TAU_SYN_EX] = {"tau_syn_ex", "ms",   2.0, DBL_MIN, INFINITY, "above 0 ms"},
    [TAU_SYN_IN] = {"tau_syn_in", "ms",   2.0, DBL_MIN, INFINITY, "above 0 ms"},
    [T_REF]      = {"t_ref",      "ms",   2.0, 0.0,     1e6,      "from 0 ms to 1e6 ms"},
    [V_TH]       = {"V_th",       "mV", -55.0, -1e6,    1e6,      "from -1e6 mV to 1e6 mV"},
    [V_RESET]    = {"V_reset",    "mV", -70.0, -1e6,    1e6,      "from -1e6 mV to 1e6 mV"},
};

enum { V_M, I_SYN_EX, I_SYN_IN, REFRACTORY };

static const struct model_state state_table[] = {
    [V_M]        = {.name = "V_m", .unit = "mV", .preset = -70.0, .is_settable = true},
    [I_SYN_EX]   = {.name = "I_syn_ex", .unit = "pA"},
    [I_SYN_IN]   = {.name = "I_syn_in", .unit = "pA"},
    [REFRACTORY] = {.name = "refractory", .unit = "1"}, /* steps that are left */
};
/* clang-format on */

/* Of one step. */
enum {
    REST,          /* E_L */
    DECAY,         /* of V_m - E_L */
    CURRENT,       /* I_e */
    GAIN,          /* V_m gained for each pA of constant current */
    DECAY_EX,      /* of the synaptic currents */
    DECAY_IN,      /**/
    GAIN_EX,       /* V_m gained for each pA of synaptic current */
    GAIN_IN,       /**/
    THRESHOLD,     /**/
    RESET,         /**/
    REFRACTORINESS /* steps */
};

static const char *check(const double *parameters)
{
    return order_of_reset(parameters[V_RESET], parameters[V_TH]);
}

static void prepare(const double *parameters, double step_ms, double *constants)
{
    const struct propagator_membrane membrane = {
        .tau_m = parameters[TAU_M], .C_m = parameters[C_M], .step_ms = step_ms};

    constants[REST] = parameters[E_L];
    constants[DECAY] = exp(-step_ms / parameters[TAU_M]);
    constants[CURRENT] = parameters[I_E];
    constants[GAIN] = propagator_constant(&membrane);
    constants[DECAY_EX] = exp(-step_ms / parameters[TAU_SYN_EX]);
    constants[DECAY_IN] = exp(-step_ms / parameters[TAU_SYN_IN]);
    constants[GAIN_EX] = propagator_exponential(&membrane, parameters[TAU_SYN_EX]);
    constants[GAIN_IN] = propagator_exponential(&membrane, parameters[TAU_SYN_IN]);
    constants[THRESHOLD] = parameters[V_TH];
    constants[RESET] = parameters[V_RESET];
    constants[REFRACTORINESS] = nearbyint(parameters[T_REF] / step_ms);
}

VECTORS_CLONES
static const char *update(const struct model_block *block)
{
    const double *const c = block->constants;
    const double rest = c[REST], decay = c[DECAY];
    const double constant = c[CURRENT], gain = c[GAIN];
    const double decay_ex = c[DECAY_EX], decay_in = c[DECAY_IN];
    const double gain_ex = c[GAIN_EX], gain_in = c[GAIN_IN];
    const double threshold = c[THRESHOLD], reset = c[RESET];
    const double refractoriness = c[REFRACTORINESS];
    double *const v = block->states[V_M];
    double *const i_ex = block->states[I_SYN_EX];
    double *const i_in = block->states[I_SYN_IN];
    double *const refractory = block->states[REFRACTORY];
    const double *const input_ex = block->input[EXCITATORY];
    const double *const input_in = block->input[INHIBITORY];
    const double *const current = block->current;
    uint16_t *const spikes = block->spikes;
    const size_t size = block->size;

    VECTORS_LOOP
    for (size_t i = 0; i < size; i++) {
        const double held = v[i], left = refractory[i], ex = i_ex[i], in = i_in[i];
        const double moved = (held - rest) * decay + ex * gain_ex + in * gain_in +
                             (constant + current[i]) * gain + rest;
        const double now = left > 0.0 ? held : moved;
        const double next = left > 0.0 ? left - 1.0 : 0.0;

        i_ex[i] = ex * decay_ex + input_ex[i];
        i_in[i] = in * decay_in + input_in[i];
        v[i] = now >= threshold ? reset : now;
        refractory[i] = now >= threshold ? refractoriness : next;
        spikes[i] = now >= threshold;
    }
    return NULL;
}

const struct model model_iaf_psc_exp = {
    .name = "iaf_psc_exp",
    .help = "Leaky integrate-and-fire cell with currents that decay exponentially, "
            "integrated exactly (Rotter and Diesmann 1999, Biol. Cybern. 81:381). A "
            "weight is the jump of the current.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .states = state_table,
    .state_count = sizeof state_table / sizeof *state_table,
    .receptors = receptors_of_current,
    .receptor_count = RECEPTORS,
    .check = check,
    .prepare = prepare,
    .update = update,
};
