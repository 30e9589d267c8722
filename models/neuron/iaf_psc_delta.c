/* Leaky integrate-and-fire cell whose potential jumps with each spike, integrated
 * exactly (Rotter and Diesmann 1999, Biol. Cybern. 81:381). Names, presets and the
 * order of events are NEST's. SPDX-License-Identifier: GPL-3.0-or-later */
#include <float.h>
#include <math.h>

#include "kernel/model.h"
#include "models/order.h"
#include "models/propagator.h"

enum { C_M, E_L, I_E, TAU_M, T_REF, V_TH, V_RESET, V_MIN, REFRACTORY_INPUT };

/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [C_M]     = {"C_m",     "pF", 250.0, DBL_MIN, INFINITY, "above 0 pF"},
    [E_L]     = {"E_L",     "mV", -70.0, -1e6,    1e6,      "from -1e6 mV to 1e6 mV"},
    [I_E]     = {"I_e",     "pA",   0.0, -1e9,    1e9,      "from -1e9 pA to 1e9 pA"},
    [TAU_M]   = {"tau_m",   "ms",  10.0, DBL_MIN, INFINITY, "above 0 ms"},
    [T_REF]   = {"t_ref",   "ms",   2.0, 0.0,     1e6,      "from 0 ms to 1e6 ms"},
    [V_TH]    = {"V_th",    "mV", -55.0, -1e6,    1e6,      "from -1e6 mV to 1e6 mV"},
    [V_RESET] = {"V_reset", "mV", -70.0, -1e6,    1e6,      "from -1e6 mV to 1e6 mV"},
    [V_MIN]   = {"V_min",   "mV", -INFINITY, -INFINITY, 1e6, "at most 1e6 mV"},
    [REFRACTORY_INPUT] = {"refractory_input", NULL, 0.0, 0.0, 1.0, NULL},
};

enum { V_M, REFRACTORY, KEPT };

static const struct model_state state_table[] = {
    [V_M]        = {.name = "V_m", .unit = "mV", .preset = -70.0, .is_settable = true},
    [REFRACTORY] = {.name = "refractory", .unit = "1"}, /* steps that are left */
    /* With refractory_input: what has arrived since the spike, decayed to its end. */
    [KEPT]       = {.name = "kept_input", .unit = "mV"},
};

static const struct model_receptor receptor_table[] = {
    {.name = "spikes", .unit = "mV", .sign = 0},
};
/* clang-format on */

/* Of one step. */
enum {
    REST,    /* E_L */
    DECAY,   /* of V_m - E_L */
    CURRENT, /* I_e */
    GAIN,    /* V_m gained for each pA of constant current */
    THRESHOLD,
    RESET,
    LOWEST,
    REFRACTORINESS, /* steps */
    KEEPS,          /* 1: input is kept while the cell is refractory */
    RATE            /* of the membrane's decay: step / tau_m */
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
    constants[THRESHOLD] = parameters[V_TH];
    constants[RESET] = parameters[V_RESET];
    constants[LOWEST] = parameters[V_MIN];
    constants[REFRACTORINESS] = nearbyint(parameters[T_REF] / step_ms);
    constants[KEEPS] = parameters[REFRACTORY_INPUT];
    constants[RATE] = step_ms / parameters[TAU_M];
}

/* Keeps the input of refractory cells as it will have decayed when they are free. */
VECTORS_CLONES
static void keep_input(const struct model_block *block)
{
    const double rate = block->constants[RATE];
    const double *const refractory = block->states[REFRACTORY];
    const double *const input = block->input[0];
    double *const kept = block->states[KEPT];
    const size_t size = block->size;

    VECTORS_LOOP
    for (size_t i = 0; i < size; i++) {
        const double left = refractory[i];
        const double later = input[i] * exponential(-left * rate);

        kept[i] += left > 0.0 ? later : 0.0;
    }
}

VECTORS_CLONES
static void move(const struct model_block *block)
{
    const double *const c = block->constants;
    const double rest = c[REST], decay = c[DECAY];
    const double constant = c[CURRENT], gain = c[GAIN];
    const double threshold = c[THRESHOLD], reset = c[RESET], lowest = c[LOWEST];
    const double refractoriness = c[REFRACTORINESS];
    double *const v = block->states[V_M];
    double *const refractory = block->states[REFRACTORY];
    double *const kept = block->states[KEPT];
    const double *const input = block->input[0];
    const double *const current = block->current;
    uint16_t *const spikes = block->spikes;
    const size_t size = block->size;

    VECTORS_LOOP
    for (size_t i = 0; i < size; i++) {
        const double held = v[i], left = refractory[i], late = kept[i];
        const double moved = (held - rest) * decay + (constant + current[i]) * gain +
                             rest + input[i] + late;
        const double bound = moved < lowest ? lowest : moved;
        const double now = left > 0.0 ? held : bound;
        const double next = left > 0.0 ? left - 1.0 : 0.0;

        kept[i] = left > 0.0 ? late : 0.0;
        v[i] = now >= threshold ? reset : now;
        refractory[i] = now >= threshold ? refractoriness : next;
        spikes[i] = now >= threshold;
    }
}

static const char *update(const struct model_block *block)
{
    if (block->constants[KEEPS] != 0.0)
        keep_input(block);
    move(block);
    return NULL;
}

const struct model model_iaf_psc_delta = {
    .name = "iaf_psc_delta",
    .help =
        "Leaky integrate-and-fire cell whose potential jumps with each spike, "
        "integrated exactly (Rotter and Diesmann 1999, Biol. Cybern. 81:381). Input "
        "that arrives while it is refractory is lost, or with `refractory_input` kept.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .states = state_table,
    .state_count = sizeof state_table / sizeof *state_table,
    .receptors = receptor_table,
    .receptor_count = sizeof receptor_table / sizeof *receptor_table,
    .check = check,
    .prepare = prepare,
    .update = update,
};
