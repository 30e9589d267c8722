/* Which indices of a connection travel between two ranks. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_RANGES_H
#define BROKER_RANGES_H

#include <stdbool.h>

#include "broker/wiring.h"

/* One end of a connection: a port as this rank declared it. */
struct ranges_end {
    const struct tt_port *port;
    uint32_t rank;
};

/* The source's indices that live on `from` and arrive at indices that live on `to`.
 * False in *is_any when there are none. `travel` has no ranges when all of the
 * connection travels; otherwise its numbers are freed with free(). TUTTI_NO_MEMORY. */
enum tutti_status ranges_travel(const struct wiring_connection *connection,
                                struct ranges_end from, struct ranges_end to,
                                struct tt_ranges *travel, bool *is_any);

/* Whether an index is in both. */
bool ranges_overlap(struct tt_ranges a, struct tt_ranges b);

#endif
