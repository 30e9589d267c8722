/* What a model file sees of the kernel: a model is a const table with three functions
 * over blocks of cells. The kernel owns all arrays; a model keeps nothing.
 *
 * Order within a step, as NEST has it: the state is propagated with what it was at the
 * beginning of the step; then input that arrives at the end of the step is added; then
 * the threshold is tested. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_MODEL_H
#define KERNEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/exponential.h"
#include "kernel/solver.h"
#include "kernel/vectors.h"

/* No model may have more; a test walks over all models. */
enum {
    MODEL_MAX_PARAMETERS = 32,
    MODEL_MAX_STATES = 16,
    MODEL_MAX_RECEPTORS = 4,
    MODEL_MAX_CONSTANTS = 32
};

/* A value that all cells of a population share, legal from `low` to `high`. */
struct model_parameter {
    const char *name;
    const char *unit; /* NULL: true or false, kept as 1 or 0 */
    double preset;
    double low, high;
    const char *range; /* the same in words that follow "must be": "above 0 ms" */
};

/* A value that each cell has for itself. */
struct model_state {
    const char *name, *unit;
    double preset;
    bool is_settable;  /* a network file may give its initial value, */
    double low, high;  /* from `low` to `high`, */
    const char *range; /* which in words is this; NULL: any number */
};

/* Where synapses end. A cell takes the sum of all weights that arrive in a step. */
struct model_receptor {
    const char *name, *unit;
    int sign; /* weights below zero go to the receptor with -1, others to that with 1;
                 0: the only receptor takes both */
    bool counts_spikes; /* each spike adds 1, whatever the weight of its synapse */
};

/* Some cells of one population during one step. What becomes of a cell does not depend
 * on which others are in its block, so blocks may be of any size: large ones are faster
 * where a solver shares its work among cells. */
struct model_block {
    size_t size;
    const double *constants;    /* what prepare() left */
    double *const *states;      /* states[k][cell], in the order of the table */
    const double *const *input; /* input[r][cell]: arrives at the end of this step */
    const double *current;      /* pA, from its beginning to its end; never NULL */
    uint16_t *spikes;           /* to be set: how often each cell fires in it */
};

struct generator;

struct model {
    const char *name;
    const char *help; /* for the reference page, in Markdown: what it is, and the source
                         of its equations */
    const struct generator *generator; /* NULL: a neuron; else kernel/generator.h says
                                          what it gives, and only check() is used */
    const struct model_parameter *parameters;
    size_t parameter_count;
    const struct model_state *states;
    size_t state_count;
    const struct model_receptor *receptors;
    size_t receptor_count;

    /* What parameters that are legal one by one must obey together: NULL when they do,
     * else the rule they break, as it follows "parameters of ...: ". NULL: no such
     * rule. */
    const char *(*check)(const double *parameters);
    /* Computes what update() needs and what does not change from step to step. */
    void (*prepare)(const double *parameters, double step_ms, double *constants);
    /* Moves all cells of the block one step on. NULL, or why that cannot be done, as it
     * follows "population ... at ... ms: ", with what to do. From any thread. */
    const char *(*update)(const struct model_block *block);
};

#endif
