/* Who is connected to whom: the connections of the experiment file meet the ports that
 * the participants declared. Pure functions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_WIRING_H
#define BROKER_WIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/experiment.h"
#include "config/quantity.h"
#include "wire/message.h"

/* A connection with its two ports: `count` indices of the source, from `first` on,
 * arrive at `to` and following. */
struct wiring_connection {
    uint32_t number;
    size_t from_participant, to_participant; /* indices in the experiment */
    const struct tt_port *from_port, *to_port;
    uint32_t first, to, count;
    int64_t delay;
    double scale, offset; /* value at the reader = value * scale + offset */
};

/* Connection number i at place i; ports borrowed from the declarations. */
struct wiring {
    size_t count;
    struct wiring_connection *connections;
};

/* Resolves all connections. `declared` has one pointer for each participant of the
 * experiment; NULL for one whose ports are not known: connections that touch it come
 * out with both ports NULL and count 0, after the checks that one end allows.
 * TUTTI_BAD_CONFIG, with the place of the connection: no such port, wrong direction,
 * kinds differ, index beyond the width, lengths differ, units do not convert, an index
 * of a signal input with two sources or none beside connected ones; or a declaration
 * disagrees with what the file states. Ended by wiring_free(). */
enum tutti_status wiring_resolve(const struct experiment *experiment,
                                 const struct tt_units *units,
                                 const struct tt_declare *const *declared,
                                 struct wiring *wiring);
void wiring_free(struct wiring *wiring);

/* Whether a declaration agrees with the ports, step, windows and window that the file
 * states for this participant, and has the ports that connections use; to be asked when
 * it arrives. wiring_resolve() asks it for all. */
enum tutti_status wiring_check_declared(const struct experiment *experiment,
                                        size_t participant,
                                        const struct tt_declare *declared);

/* Whether all participants that feed this one have declared their ports. */
bool wiring_knows_sources(const struct experiment *experiment,
                          const struct tt_declare *const *declared, size_t participant);

/* The answer to a participant that asks for its sources, in the order of the
 * connections, once wiring_knows_sources(). The names are borrowed from experiment and
 * declarations; the array is the caller's, freed with free(). Several recorded ranges
 * of one port follow each other in the recorder's input: `to` counts on. */
enum tutti_status wiring_sources(const struct experiment *experiment,
                                 const struct tt_declare *const *declared,
                                 size_t participant, struct tutti_source **sources,
                                 size_t *count);

/* The declaration that the file alone allows to expect, for checks before anybody has
 * joined. `ports` has room for port_count of the participant; NULL when the file does
 * not state its ports. */
const struct tt_declare *wiring_stated(const struct experiment_participant *participant,
                                       struct tt_port *ports,
                                       struct tt_declare *declared);

#endif
