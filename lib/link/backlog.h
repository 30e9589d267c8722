/* Messages that a transport did not take yet, in order.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_BACKLOG_H
#define LINK_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct tt_parcel {
    struct tt_parcel *next;
    size_t size;
    uint8_t bytes[];
};

/* Zero-initialised is empty. */
struct tt_backlog {
    struct tt_parcel *first, *last;
    size_t bytes; /* of all parcels */
};

/* Adds a copy at the end. TUTTI_NO_MEMORY. */
enum tutti_status tt_backlog_add(struct tt_backlog *backlog, const void *bytes,
                                 size_t size);
/* Frees the first parcel; there is one. */
void tt_backlog_drop_first(struct tt_backlog *backlog);
void tt_backlog_clear(struct tt_backlog *backlog);

#endif
