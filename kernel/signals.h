/* Samples the signals of a network while it runs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_SIGNALS_H
#define KERNEL_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

#include "tutti/status.h"

struct exchange;
struct network;
struct network_signal;
struct part;
struct signals;
struct simulation;

/* All three are borrowed until the signals are closed. TUTTI_NO_MEMORY. Ended by
 * signals_close(), which accepts NULL inside. */
enum tutti_status signals_open(const struct network *network, const struct part *part,
                               const struct simulation *simulation,
                               struct signals **signals);
void signals_close(struct signals **signals);

/* The first step after `done` in which a signal has a sample, or `last` when none has
 * one before. */
int64_t signals_next_step(const struct network *network, int64_t done, int64_t last);

/* Whether a signal has a sample at the end of the last step; false before the first. */
bool signals_are_due(const struct signals *signals,
                     const struct network_signal *signal);

/* The values at the end of the last step, or before the first: state by state, cell by
 * cell; NaN of cells that the part does not have. Borrowed until the next call. */
const double *signals_sample(struct signals *signals,
                             const struct network_signal *signal);

/* The same with the cells of all ranks, on each of them; all call it. Fails as
 * exchange_bytes(). */
enum tutti_status signals_share(struct signals *signals, struct exchange *exchange,
                                const struct network_signal *signal,
                                const double **values);

#endif
