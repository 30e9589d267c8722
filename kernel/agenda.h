/* What is to be done when: entries for each of the coming steps.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_AGENDA_H
#define KERNEL_AGENDA_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

/* The entries of one step; what they mean is up to who puts them there. */
struct agenda_day {
    uint32_t *entries;
    size_t count, room;
};

struct agenda {
    int64_t done; /* the step taken last; 0 before the first */
    size_t span;  /* number of days, a power of two */
    struct agenda_day *days;
    struct agenda_day today; /* taken last */
};

/* TUTTI_NO_MEMORY. Ended by agenda_free(), also after a failure. */
enum tutti_status agenda_open(struct agenda *agenda);
void agenda_free(struct agenda *agenda);

/* An entry for step `due`, or for done + 1 when that is over. TUTTI_NO_MEMORY. */
enum tutti_status agenda_put(struct agenda *agenda, int64_t due, uint32_t entry);

/* The entries of step done + 1, which is done then, in the order in which they were put
 * there. Borrowed until the next take; others may be put meanwhile. */
const struct agenda_day *agenda_take(struct agenda *agenda);

#endif
