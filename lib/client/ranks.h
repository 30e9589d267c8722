/* Indices of parallel participants: which live on this rank, which travel on a
 * connection. SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_RANKS_H
#define CLIENT_RANKS_H

#include "client/participant.h"

/* Without tutti_port_set_indices() rank 0 has all indices. */
uint32_t tt_ranks_size(const struct tutti_participant *me,
                       const struct tt_port *declared);

/* Fills in what the end of a connection must know of the indices that travel on it.
 * After end->port and end->wire. TUTTI_NO_MEMORY; TUTTI_LOST: the wiring does not fit
 * the port. */
enum tutti_status tt_ranks_open_end(struct tt_end *end);

#endif
