/* A network as its file describes it: populations of cells, inputs from outside, and
 * projections, each a rule that draws synapses. Nothing is built yet.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_NETWORK_H
#define KERNEL_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/table.h"
#include "config/yaml.h"
#include "kernel/generator.h"
#include "kernel/model.h"
#include "kernel/network_projection.h"
#include "kernel/network_signal.h"
#include "tutti/status.h"
#include "tutti/time.h"

/* The initial value of a state: `mean`, or normal when `std` is above 0. */
struct network_initial {
    double mean, std;
};

struct network_poisson {
    double rate; /* Hz, of each cell; 0: none */
    double weight;
};

struct network_population {
    const char *name;
    const struct model *model;
    uint32_t size;
    double parameters[MODEL_MAX_PARAMETERS];
    struct network_initial initial[MODEL_MAX_STATES];
    struct network_poisson poisson;
    double tau_minus;               /* ms, of the traces that plastic synapses see */
    struct generator_events events; /* of a generator with lists */
};

struct network_input {
    const char *name;
    uint32_t size;
};

struct network {
    struct tt_document *document; /* all text lives in it */
    const char *name;
    uint64_t seed;
    int64_t step; /* ns */
    size_t population_count, input_count, projection_count, signal_count;
    struct network_population *populations;
    struct network_input *inputs;
    struct network_projection *projections;
    struct network_signal *signals;
};

/* The keys of the file: what `tutti-kernel --reference` prints. */
extern const struct tt_table network_table;

/* Reads and checks a file. TUTTI_BAD_CONFIG: "FILE:LINE:COLUMN: ...". The network is
 * ended by network_free(), also after a failure. */
enum tutti_status network_read(const char *path, const struct tt_units *units,
                               struct network *network);
/* The same from memory. */
enum tutti_status network_parse(const char *path, const char *bytes, size_t size,
                                const struct tt_units *units, struct network *network);
void network_free(struct network *network);

/* Of populations and inputs. */
size_t network_group_count(const struct network *network);
const char *network_group_name(const struct network *network, uint32_t group);
uint32_t network_group_size(const struct network *network, uint32_t group);

/* Whether a group is a source of current; all others are sources of spikes. */
bool network_is_current(const struct network *network, uint32_t group);

/* The unit of the weights of a projection. */
const char *network_weight_unit(const struct network *network, uint32_t from,
                                uint32_t to);

/* The parameter of that name, which the model has. */
double network_parameter(const struct network_population *population, const char *name);

/* Smallest delay in steps of all projections from a group; -1 when there is none. */
int64_t network_smallest_delay(const struct network *network, uint32_t group);

/* A weight as all sums have it: rounded to a multiple of 2^-32 of its unit, so that
 * sums below 2^21 units are exact in any order. */
double network_round_weight(double weight);

/* The receptor on which synapses of that weight end. */
size_t network_receptor(const struct model *model, double weight);

#endif
