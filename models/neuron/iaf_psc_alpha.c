/* Leaky integrate-and-fire cell with currents of the form of an alpha function,
 * integrated exactly (Rotter and Diesmann 1999, Biol. Cybern. 81:381). Names, presets
 * and the order of events are NEST's: a weight is the peak of the current.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

#include "kernel/model.h"
#include "models/order.h"
#include "models/propagator.h"
#include "models/receptors.h"

enum { C_M, E_L, I_E, TAU_M, TAU_SYN_EX, TAU_SYN_IN, T_REF, V_TH, V_RESET, V_MIN };

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
    [V_MIN]      = {"V_min",      "mV", -INFINITY, -INFINITY, 1e6, "at most 1e6 mV"},
};

enum { V_M, I_SYN_EX, RISE_EX, I_SYN_IN, RISE_IN, REFRACTORY };

/* A current is I exp(-t/tau) + R t exp(-t/tau): R is the rise. */
static const struct model_state state_table[] = {
    [V_M]        = {.name = "V_m", .unit = "mV", .preset = -70.0, .is_settable = true},
    [I_SYN_EX]   = {.name = "I_syn_ex", .unit = "pA"},
    [RISE_EX]    = {.name = "dI_syn_ex", .unit = "pA/ms"},
    [I_SYN_IN]   = {.name = "I_syn_in", .unit = "pA"},
    [RISE_IN]    = {.name = "dI_syn_in", .unit = "pA/ms"},
    [REFRACTORY] = {.name = "refractory", .unit = "1"}, /* steps that are left */
};
/* clang-format on */

/* Of one step; the constants of a receptor follow each other. */
enum {
    REST,    /* E_L */
    DECAY,   /* of V_m - E_L */
    CURRENT, /* I_e */
    GAIN,    /* V_m gained for each pA of constant current */
    THRESHOLD,
    RESET,
    LOWEST,
    REFRACTORINESS, /* steps */
    EX,
    IN = EX + 5
};

/* Of a receptor. */
enum {
    FALL,       /* decay of current and rise */
    RISE,       /* current gained for each pA/ms of rise */
    GAIN_I,     /* V_m gained for each pA of current */
    GAIN_RISE,  /* V_m gained for each pA/ms of rise */
    RISE_OF_ONE /* rise that a weight of 1 pA brings: it peaks at 1 pA */
};

static const char *check(const double *parameters)
{
    return order_of_reset(parameters[V_RESET], parameters[V_TH]);
}

static void prepare_receptor(const struct propagator_membrane *membrane, double tau,
                             double *constants)
{
    constants[FALL] = exp(-membrane->step_ms / tau);
    constants[RISE] = membrane->step_ms * constants[FALL];
    constants[GAIN_I] = propagator_exponential(membrane, tau);
    constants[GAIN_RISE] = propagator_alpha(membrane, tau);
    constants[RISE_OF_ONE] = exp(1.0) / tau;
}

static void prepare(const double *parameters, double step_ms, double *constants)
{
    const struct propagator_membrane membrane = {
        .tau_m = parameters[TAU_M], .C_m = parameters[C_M], .step_ms = step_ms};

    constants[REST] = parameters[E_L];
    constants[DECAY] = exp(-step_ms / parameters[TAU_M]);
    constants[CURRENT] = parameters[I_E];
    constants[GAIN] = propagator_constant(&membrane);
    constants[THRESHOLD] = parameters[V_TH];
    constants[RESET] = parameters[V_RESET];
    constants[LOWEST] = parameters[V_MIN];
    constants[REFRACTORINESS] = nearbyint(parameters[T_REF] / step_ms);
    prepare_receptor(&membrane, parameters[TAU_SYN_EX], constants + EX);
    prepare_receptor(&membrane, parameters[TAU_SYN_IN], constants + IN);
}

VECTORS_CLONES
static const char *update(const struct model_block *block)
{
    const double *const c = block->constants;
    const double rest = c[REST], decay = c[DECAY];
    const double constant = c[CURRENT], gain = c[GAIN];
    const double threshold = c[THRESHOLD], reset = c[RESET], lowest = c[LOWEST];
    const double refractoriness = c[REFRACTORINESS];
    const double fall_ex = c[EX + FALL], grow_ex = c[EX + RISE];
    const double gain_ex = c[EX + GAIN_I], gain_rise_ex = c[EX + GAIN_RISE];
    const double one_ex = c[EX + RISE_OF_ONE];
    const double fall_in = c[IN + FALL], grow_in = c[IN + RISE];
    const double gain_in = c[IN + GAIN_I], gain_rise_in = c[IN + GAIN_RISE];
    const double one_in = c[IN + RISE_OF_ONE];
    double *const v = block->states[V_M], *const refractory = block->states[REFRACTORY];
    double *const i_ex = block->states[I_SYN_EX], *const i_in = block->states[I_SYN_IN];
    double *const rise_ex = block->states[RISE_EX];
    double *const rise_in = block->states[RISE_IN];
    const double *const input_ex = block->input[EXCITATORY];
    const double *const input_in = block->input[INHIBITORY];
    const double *const current = block->current;
    uint16_t *const spikes = block->spikes;
    const size_t size = block->size;

    VECTORS_LOOP
    for (size_t i = 0; i < size; i++) {
        const double held = v[i], left = refractory[i];
        const double ex = i_ex[i], in = i_in[i], up_ex = rise_ex[i], up_in = rise_in[i];
        const double moved = (held - rest) * decay + up_ex * gain_rise_ex +
                             ex * gain_ex + up_in * gain_rise_in + in * gain_in +
                             (constant + current[i]) * gain + rest;
        const double bound = moved < lowest ? lowest : moved;
        const double now = left > 0.0 ? held : bound;
        const double next = left > 0.0 ? left - 1.0 : 0.0;

        i_ex[i] = ex * fall_ex + up_ex * grow_ex;
        i_in[i] = in * fall_in + up_in * grow_in;
        rise_ex[i] = up_ex * fall_ex + input_ex[i] * one_ex;
        rise_in[i] = up_in * fall_in + input_in[i] * one_in;
        v[i] = now >= threshold ? reset : now;
        refractory[i] = now >= threshold ? refractoriness : next;
        spikes[i] = now >= threshold;
    }
    return NULL;
}

const struct model model_iaf_psc_alpha = {
    .name = "iaf_psc_alpha",
    .help = "Leaky integrate-and-fire cell with currents of the form of an alpha "
            "function, integrated exactly (Rotter and Diesmann 1999, Biol. Cybern. "
            "81:381). A weight is the peak of the current.",
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
