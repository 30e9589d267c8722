/* The generators of a network while it runs. Nothing here changes after the opening:
 * all functions may be called from any thread, for any cell and step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_GENERATORS_H
#define KERNEL_GENERATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct generators;
struct network;

/* The network is borrowed until the generators are closed. TUTTI_NO_MEMORY. Ended by
 * generators_close(), which accepts NULL inside. */
enum tutti_status generators_open(const struct network *network,
                                  struct generators **generators);
void generators_close(struct generators **generators);

/* Of a population that is a source of spikes: spikes[i] says how often cell `first` + i
 * fires in step `step`, which ends at `step` steps. */
void generators_fire(const struct generators *generators, size_t population,
                     int64_t step, uint32_t first, uint32_t size, uint16_t *spikes);

/* Of a population that is a source of current: pA of a cell in the step that begins at
 * `step` steps, before any delay; and whether that may differ from the step before. */
double generators_current(const struct generators *generators, size_t population,
                          int64_t step, uint32_t cell);
bool generators_change(const struct generators *generators, size_t population,
                       int64_t step);

#endif
