/* Messages that a transport did not take yet, in order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/backlog.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

enum tutti_status tt_backlog_add(struct tt_backlog *backlog, const void *bytes,
                                 size_t size)
{
    struct tt_parcel *parcel = tt_alloc(sizeof *parcel + size);

    if (!parcel)
        return FAIL(TUTTI_NO_MEMORY,
                    "no memory to keep %zu bytes for a peer that is slow to take them",
                    size);
    parcel->size = size;
    memcpy(parcel->bytes, bytes, size);
    if (backlog->last)
        backlog->last->next = parcel;
    else
        backlog->first = parcel;
    backlog->last = parcel;
    backlog->bytes += size;
    return TUTTI_OK;
}

void tt_backlog_drop_first(struct tt_backlog *backlog)
{
    struct tt_parcel *parcel = backlog->first;

    backlog->first = parcel->next;
    if (!backlog->first)
        backlog->last = NULL;
    backlog->bytes -= parcel->size;
    free(parcel);
}

void tt_backlog_clear(struct tt_backlog *backlog)
{
    while (backlog->first)
        tt_backlog_drop_first(backlog);
}
