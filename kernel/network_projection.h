/* A projection of a network: which cells it connects, by which rule, with which weights
 * and delays. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_NETWORK_PROJECTION_H
#define KERNEL_NETWORK_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/yaml.h"
#include "kernel/distribution.h"
#include "kernel/format.h"
#include "kernel/network_synapse.h"

struct rule;

/* Sources are numbered as groups: the populations, then the inputs. */
struct network_range {
    uint32_t group, begin, end;
};

static inline uint32_t network_range_size(struct network_range range)
{
    return range.end - range.begin;
}

/* Pairs as a file lists them, sorted by target; those of a target keep their order. */
struct network_pairs {
    uint32_t count;
    uint32_t *first;   /* of each target of the range, and one more: the end */
    uint32_t *sources; /* of each pair: index in its group */
    uint32_t *places;  /* of each pair: its place in the list */
};

struct network_projection {
    const char *name;
    struct tt_place place;
    struct network_range from, to; /* `to` is a population */
    const struct rule *rule;
    uint32_t indegree, outdegree, total; /* 0 where the rule has none */
    double probability;
    struct network_pairs pairs;
    struct distribution weight;      /* rounded to multiples of 2^-32 when drawn */
    struct distribution delay;       /* in steps, rounded when drawn */
    uint32_t delay_low, delay_steps; /* delays of delay_low + 0 .. delay_steps - 1 */
    bool allow_autapses, allow_multapses;
    enum format_id precision; /* of weights and their sums */
    struct network_synapse synapse;
};

/* What a projection holds besides the document. */
void network_projection_free(struct network_projection *projection);

#endif
