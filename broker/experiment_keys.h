/* The keys of the experiment file: tables that read its maps into plain structs, and
 * write its reference page. Only experiment.c uses it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_EXPERIMENT_KEYS_H
#define BROKER_EXPERIMENT_KEYS_H

#include <stdint.h>

#include "config/table.h"

/* What stands in the file, before names are looked up. Values are NULL, texts are NULL
 * and steps are {0, 0} where nothing is written. */
struct experiment_keys {
    const char *name;
    int64_t duration;
    const struct tt_value *participants, *connections, *record;
    int link; /* enum experiment_link */
    int64_t start_timeout, patience;
    uint64_t max_queue;
    const char *afterwards;
};

struct experiment_participant_keys {
    const char *command, *kernel;
    const struct tt_value *owns, *options, *ports;
    struct tutti_step step;
    int windows; /* enum experiment_windows; stays as it is when not written */
    int64_t window;
    uint32_t ranks, threads;
};

struct experiment_port_keys {
    int spikes, signal, message; /* 0: in, 1: out; stays as it is when not written */
    uint32_t width;
    const char *unit;
};

struct experiment_connection_keys {
    const struct tt_value *from, *to;
    int64_t delay;
};

extern const struct tt_table experiment_table;
extern const struct tt_table experiment_participant_table;
extern const struct tt_table experiment_port_table;
extern const struct tt_table experiment_connection_table;

#endif
