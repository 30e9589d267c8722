/* A part of a network as a participant of an experiment.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_PARTICIPATE_H
#define KERNEL_PARTICIPATE_H

#include "tutti/status.h"

struct network;
struct part;

/* Joins as the environment says, builds the part and simulates it to the end of the
 * run. Fails as the calls of tutti/tutti.h do, and then has told the others. */
enum tutti_status participate(const struct network *network, const struct part *part);

#endif
