/* The weights of all plastic synapses of a network, as a table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_WEIGHTS_H
#define KERNEL_WEIGHTS_H

#include "tutti/status.h"

struct exchange;
struct network;
struct simulation;

/* TUTTI_BAD_CONFIG: the network has no plastic projection. */
enum tutti_status weights_check(const struct network *network);

/* Writes a file of lines "projection,source,target,delay_ms,weight", by projection,
 * source, target, delay, order of drawing; weights as simulation_visit() has them. All
 * ranks of `exchange` call it, the first one writes. TUTTI_SYSTEM: the file cannot be
 * written; TUTTI_NO_MEMORY; and what exchange_bytes() says. */
enum tutti_status weights_write(const struct network *network,
                                struct simulation *simulation,
                                struct exchange *exchange, const char *path);

#endif
