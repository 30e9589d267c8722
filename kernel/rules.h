/* Rules that say which sources a target cell has. All draws belong to the target: its
 * sources are the same whoever else is built.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_RULES_H
#define KERNEL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/random.h"
#include "tutti/status.h"

struct network_projection;

/* Room for the draws of one projection. */
struct rules_room {
    uint32_t *sources;   /* of one target, indices of the source group */
    uint32_t *drawn_for; /* of each source of the range: 1 + the last target that drew
                            it */
};

struct rule {
    const char *name, *help;
    bool needs_indegree;
    /* NULL, or how the projection cannot obey the rule: follows "projection 'x': ". */
    const char *(*check)(const struct network_projection *projection);
    /* How many sources a target has at most. */
    uint32_t (*most)(const struct network_projection *projection);
    /* The sources of the cell `target`; returns their number. */
    uint32_t (*draw)(const struct network_projection *projection,
                     struct random_stream stream, uint32_t target,
                     struct rules_room *room);
};

/* Row `index` of the table; NULL behind the last one. */
const struct rule *rules_get(size_t index);

#endif
