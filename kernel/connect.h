/* Draws the synapses of a part of a network.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_CONNECT_H
#define KERNEL_CONNECT_H

#include "tutti/status.h"

struct network;
struct part;
struct rows;

/* Fills one struct rows for each group, zeroed before: all synapses that end in the
 * part, whoever owns the source. TUTTI_NO_MEMORY; the caller frees the rows then too.
 */
enum tutti_status connect_part(const struct network *network, const struct part *part,
                               struct rows *rows);

#endif
