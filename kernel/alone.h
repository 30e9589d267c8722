/* A network that runs by itself, without an experiment around it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_ALONE_H
#define KERNEL_ALONE_H

#include <stdint.h>

#include "tutti/status.h"

struct exchange;
struct network;
struct part;

struct alone_settings {
    uint32_t threads;
    const char *duration; /* such as "1 s" */
    const char *out;      /* folder of recording.h5; NULL: record nothing */
    const char *record;   /* names with commas between; NULL: everything */
    const char *restore;  /* file of the state to go on from; NULL: the beginning */
    const char *save;     /* file for the state at the end; NULL: it is not saved */
    const char *weights;  /* file for plastic weights at the end; NULL: none */
};

/* Builds the whole network, simulates it as one of the ranks of `exchange`, and prints
 * counts, rates and speed; its inputs stay silent. The first rank records and prints
 * for all of them. On a terminal a line on standard error tells how far it is. SIGINT
 * and SIGTERM end the run early: TUTTI_SYSTEM, with a recording that is whole up to
 * there. TUTTI_BAD_CONFIG: the settings do not fit the network. */
enum tutti_status alone_run(const struct network *network, const struct part *part,
                            const struct alone_settings *settings,
                            struct exchange *exchange);

#endif
