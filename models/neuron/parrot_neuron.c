/* Repeats every spike that it gets, at once: what arrives at the end of a step is sent
 * with that stamp, as often as it came (in one step at most 65,535 times).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/model.h"

static const struct model_receptor receptor_table[] = {
    {.name = "spikes", .unit = "1", .counts_spikes = true},
};

static void prepare(const double *parameters, double step_ms, double *constants)
{
    (void)parameters;
    (void)step_ms;
    (void)constants;
}

static const char *update(const struct model_block *block)
{
    for (size_t i = 0; i < block->size; i++)
        block->spikes[i] =
            (uint16_t)(block->input[0][i] < UINT16_MAX ? block->input[0][i]
                                                       : UINT16_MAX);
    return NULL;
}

const struct model model_parrot_neuron = {
    .name = "parrot_neuron",
    .help = "Repeats every spike that it gets, at once and as often as it came, in one "
            "step at most 65,535 times.",
    .receptors = receptor_table,
    .receptor_count = sizeof receptor_table / sizeof *receptor_table,
    .prepare = prepare,
    .update = update,
};
