/* How the parts of a network file are read; for network.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_NETWORK_PARTS_H
#define KERNEL_NETWORK_PARTS_H

#include "config/table.h"
#include "kernel/network.h"

/* For forms whose values are read once units and names are known; the field is a const
 * struct tt_value *, borrowed. */
enum tutti_status network_keep_value(const struct tt_reader *reader,
                                     const struct tt_row *row,
                                     const struct tt_value *value, void *field);
/* A number with the unit of the model. */
extern const struct tt_form network_form_amount;

extern const struct tt_table network_population_table;
extern const struct tt_table network_projection_table;
extern const struct tt_table network_signal_table;

/* `network` holds the populations before this one, which `like` may name. */
enum tutti_status network_read_population(const struct tt_reader *reader,
                                          const struct network *network,
                                          const struct tt_entry *entry,
                                          struct network_population *population);

/* The lists of a population of generators, and what its parameters must obey because
 * the network has a step; `map` is what the file says under `parameters`, or NULL.
 * Takes a copy of the events that the population shares with the one it is like. */
enum tutti_status network_read_generator(const struct tt_reader *reader,
                                         const struct network *network,
                                         const struct tt_entry *entry,
                                         const struct tt_value *map,
                                         struct network_population *population);
void network_free_events(struct generator_events *events);
/* Whether a key under `parameters` names a list, which network_read_generator() reads.
 */
bool network_is_list(const struct model *model, const char *key);

/* `network` holds all populations and inputs. */
enum tutti_status network_read_projection(const struct tt_reader *reader,
                                          const struct network *network,
                                          const struct tt_value *map,
                                          struct network_projection *projection);

/* Some of them still sum up exactly. */
#define NETWORK_LARGEST_WEIGHT 1e6

/* "E" or "E[0:200]", under `key`. */
enum tutti_status network_read_range(const struct network *network, const char *key,
                                     const struct tt_value *value,
                                     struct network_range *range);

/* The same: `network` holds all populations and inputs. */
enum tutti_status network_read_signal(const struct tt_reader *reader,
                                      const struct network *network,
                                      const struct tt_entry *entry,
                                      struct network_signal *signal);

/* A weight, rounded. */
enum tutti_status network_read_weight(const struct tt_reader *reader, const char *unit,
                                      const struct tt_value *value, double *weight);

/* Weights or delays: what they are called, their unit, and from where to where. */
struct network_quantity {
    const char *name, *unit, *example;
    double scale;     /* how many of what is drawn make the unit */
    double low, high; /* legal values, of what is drawn */
    bool cuts_low; /* whether smaller ones are beyond a bound even if none is stated */
};

extern const struct tt_table network_distribution_table;

/* {normal: ...} and so on, with bounds. */
enum tutti_status network_read_distribution(const struct tt_reader *reader,
                                            const struct network_quantity *quantity,
                                            const struct tt_value *value,
                                            struct distribution *distribution);

/* [[0, 3], [1, 3], ...] or the name of a file, which may give weights and delays as
 * lists too; the projection has its ranges. */
enum tutti_status network_read_pairs(const struct tt_reader *reader,
                                     const struct network *network,
                                     const struct tt_value *value,
                                     struct network_projection *projection);

/* A delay of the projection in steps: a multiple of the step, long enough. */
enum tutti_status network_read_delay(const struct network *network,
                                     const struct network_projection *projection,
                                     const struct tt_value *value, uint32_t *steps);

#endif
