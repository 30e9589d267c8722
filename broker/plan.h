/* Everything that follows from the experiment and the declared ports: the wiring and
 * the schedule. Pure. SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_PLAN_H
#define BROKER_PLAN_H

#include "broker/experiment.h"
#include "broker/schedule.h"
#include "broker/wiring.h"
#include "wire/message.h"

struct plan {
    struct wiring wiring;     /* connection i of the experiment at place i */
    struct schedule schedule; /* its arrays are owned by the plan, see below */
    /* Place of the experiment's connection in the schedule; SIZE_MAX for one of which
     * an end is not known. */
    size_t *scheduled;
};

/* `declared` as in wiring_resolve(). Connections and participants that are not known
 * are left out of the schedule. TUTTI_BAD_CONFIG with the sentence of wiring or
 * schedule. Ended by plan_free(), also after a failure. */
enum tutti_status plan_make(const struct experiment *experiment,
                            const struct tt_units *units,
                            const struct tt_declare *const *declared,
                            struct plan *plan);
void plan_free(struct plan *plan);

/* What the processes of an experiment are, one of each for every process. */
struct plan_processes {
    const char *const *names; /* for sentences */
    const struct tt_join *const *joins;
    const struct tt_declare *const *declared;
};

/* The wiring message of one process: all it needs to know. Texts and arrays inside are
 * borrowed from plan, experiment and processes, but for the arrays that
 * plan_free_wiring() frees. TUTTI_NO_MEMORY; then, too, it is to be freed. */
enum tutti_status plan_wiring(const struct plan *plan,
                              const struct experiment *experiment,
                              const struct plan_processes *processes, size_t process,
                              struct tt_wiring *wiring);
void plan_free_wiring(struct tt_wiring *wiring);

#endif
