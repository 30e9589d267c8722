/* Random spikes from outside onto many cells at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_DRIVE_H
#define KERNEL_DRIVE_H

#include <stdint.h>

#include "kernel/deal.h"
#include "kernel/random.h"

enum { DRIVE_MOST = 8 * DEAL_PACK }; /* cells of a call */

/* inputs[i] += weight * (count of cell cells[i] in that step), for up to DRIVE_MOST
 * cells of which those of each pack follow each other: what random_poisson_add() gives
 * for each pack, sooner. */
void drive_add(const struct random_poisson *poisson, int64_t step, double weight,
               const uint32_t *cells, uint32_t count, double *inputs);

#endif
