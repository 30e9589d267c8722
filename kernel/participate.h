/* A part of a network as a participant of an experiment.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_PARTICIPATE_H
#define KERNEL_PARTICIPATE_H

#include <stdint.h>

#include "tutti/status.h"

struct exchange;
struct network;
struct part;

/* Joins as the environment says, builds the part and simulates it to the end of the
 * run, with so many threads, as one of the ranks of `exchange`. Fails as the calls of
 * tutti/tutti.h and kernel/exchange.h do, and then has told the others. */
enum tutti_status participate(const struct network *network, const struct part *part,
                              uint32_t threads, struct exchange *exchange);

#endif
