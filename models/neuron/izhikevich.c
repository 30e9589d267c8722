/* Simple model of spiking neurons (Izhikevich 2003, IEEE Trans. Neural Netw. 14:1569).
 * The Euler step is the model: names, presets and the order of events are NEST's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "kernel/model.h"

enum { A, B, C, D, I_E, V_TH, V_MIN, CONSISTENT };

/* Voltages, currents and rates have the units of the paper: V_m moves by mV per ms. */
/* clang-format off */
static const struct model_parameter parameter_table[] = {
    [A]     = {"a",     "1",    0.02, -1e6, 1e6, "from -1e6 to 1e6"},
    [B]     = {"b",     "1",    0.2,  -1e6, 1e6, "from -1e6 to 1e6"},
    [C]     = {"c",     "mV", -65.0,  -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [D]     = {"d",     "mV",   8.0,  -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [I_E]   = {"I_e",   "pA",   0.0,  -1e9, 1e9, "from -1e9 pA to 1e9 pA"},
    [V_TH]  = {"V_th",  "mV",  30.0,  -1e6, 1e6, "from -1e6 mV to 1e6 mV"},
    [V_MIN] = {"V_min", "mV", -INFINITY, -INFINITY, 1e6, "at most 1e6 mV"},
    [CONSISTENT] = {"consistent_integration", NULL, 1.0, 0.0, 1.0, NULL},
};

enum { V_M, U_M };

static const struct model_state state_table[] = {
    [V_M] = {.name = "V_m", .unit = "mV", .preset = -65.0, .is_settable = true},
    [U_M] = {.name = "U_m", .unit = "mV", .preset = -13.0, .is_settable = true},
};

static const struct model_receptor receptor_table[] = {
    {.name = "spikes", .unit = "mV", .sign = 0},
};
/* clang-format on */

/* The parameters, and then this. */
enum { STEP = CONSISTENT + 1 };

static void prepare(const double *parameters, double step_ms, double *constants)
{
    for (size_t i = 0; i < STEP; i++)
        constants[i] = parameters[i];
    constants[STEP] = step_ms;
}

/* Slope of V_m without input. */
static inline double slope(double v, double u)
{
    return 0.04 * v * v + 5.0 * v + 140.0 - u;
}

static inline void settle(const struct model_block *block, size_t i, double v, double u)
{
    const double *const c = block->constants;
    const double bound = v < c[V_MIN] ? c[V_MIN] : v;
    const bool fires = bound >= c[V_TH];

    block->states[V_M][i] = fires ? c[C] : bound;
    block->states[U_M][i] = fires ? u + c[D] : u;
    block->spikes[i] = fires;
}

/* One Euler step of both from the old values, then V_m jumps by the weights. */
static void move_consistently(const struct model_block *block)
{
    const double *const c = block->constants;
    const double h = c[STEP];

    for (size_t i = 0; i < block->size; i++) {
        const double v = block->states[V_M][i], u = block->states[U_M][i];
        const double current = c[I_E] + block->current[i];

        settle(block, i, v + h * (slope(v, u) + current) + block->input[0][i],
               u + h * c[A] * (c[B] * v - u));
    }
}

/* As in the paper: two half steps of V_m with the weights as a current, then one whole
 * step of U_m from the new V_m. */
static void move_as_published(const struct model_block *block)
{
    const double *const c = block->constants;
    const double h = c[STEP];

    for (size_t i = 0; i < block->size; i++) {
        const double u = block->states[U_M][i];
        const double current = c[I_E] + block->current[i] + block->input[0][i];
        double v = block->states[V_M][i];

        v += 0.5 * h * (slope(v, u) + current);
        v += 0.5 * h * (slope(v, u) + current);
        settle(block, i, v, u + h * c[A] * (c[B] * v - u));
    }
}

static const char *update(const struct model_block *block)
{
    if (block->constants[CONSISTENT] != 0.0)
        move_consistently(block);
    else
        move_as_published(block);
    return NULL;
}

const struct model model_izhikevich = {
    .name = "izhikevich",
    .help = "Simple model of spiking neurons (Izhikevich 2003, IEEE Trans. Neural "
            "Netw. 14:1569). The Euler step is the model; without "
            "`consistent_integration` the steps are those of the paper.",
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof *parameter_table,
    .states = state_table,
    .state_count = sizeof state_table / sizeof *state_table,
    .receptors = receptor_table,
    .receptor_count = sizeof receptor_table / sizeof *receptor_table,
    .prepare = prepare,
    .update = update,
};
