/* What a file of models/synapse sees of the kernel: a synapse model is a const table
 * with a few functions. All synapses of a projection share its parameters; each has a
 * weight of its own. What a model keeps of the source's past is the same for all its
 * synapses of one delay, so it is kept once for all of them.
 *
 * The delay of a synapse is dendritic, as in NEST: it sees a spike of its source at
 * once and one of its target a delay later, both at whole steps. For each spike of the
 * source the kernel calls meet() for the spikes of targets that came since the one
 * before, in their order, then spike(), then send(). Spikes that reach a synapse at the
 * same time do not meet: that of the target comes first, and its trace does not count
 * yet. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_SYNAPSE_H
#define KERNEL_SYNAPSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/model.h"
#include "kernel/power.h"

enum {
    SYNAPSE_MAX_PARAMETERS = 16,
    SYNAPSE_MAX_STATES = 4,
    SYNAPSE_MAX_CONSTANTS = 16,
    SYNAPSE_LANES = 32 /* synapses that the functions work on at once */
};

/* Unit of a parameter that has the unit of the weights. */
#define SYNAPSE_WEIGHT_UNIT "weight"

struct synapse {
    const char *name, *help; /* a sentence for the reference page */
    const struct model_parameter *parameters;
    size_t parameter_count;
    size_t state_count; /* numbers kept for each source and delay */
    bool is_static;     /* weights never change and arrive as they are: no functions */
    bool sees_targets;  /* meet() and the traces of targets are used */

    /* What parameters that are legal one by one, and weights between the two, must obey
     * together: NULL when they do, else the rule they break, as it follows
     * "parameters of ...: ". */
    const char *(*check)(const double *parameters, double smallest, double largest);
    /* Computes what the functions below need and what does not change. */
    void (*prepare)(const double *parameters, double step_ms, double *constants);
    /* Sets the state of a source before its first spike. */
    void (*start)(const double *parameters, double *source);
    /* Moves it on by `steps` to a spike of the source, which it then includes. The
     * first one counts from time 0. */
    void (*spike)(const double *constants, int64_t steps, double *source);
    /* A spike of the target reaches lane i since[i] steps after the last one of the
     * source; -1: no spike, the weight stays. `source` is the state after that one. */
    void (*meet)(const double *constants, const double *source, const int32_t *since,
                 double *weights);
    /* The spike of the source: what it adds to each target. `traces` are those of the
     * targets, which decay with tau_minus and gain 1 at each spike. */
    void (*send)(const double *constants, const double *source, const double *traces,
                 double *weights, double *amounts);
};

#endif
