/* Plastic synapses at work, of one projection onto cells of one shard: spikes of their
 * sources go in, what they add to the targets comes out.
 *
 * A spike of the source changes the weights when its effect is due, from what was then
 * known for long: the spikes of the targets up to twice the delay earlier. So every
 * synapse sees all spikes in the order that kernel/synapse.h states, whoever owns
 * source and target. Weights are doubles as the rule leaves them; what is added is
 * rounded to multiples of 2^-32 of their unit, so that sums are exact in any order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_PLASTIC_H
#define KERNEL_PLASTIC_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/agenda.h"
#include "kernel/plastic_rows.h"
#include "kernel/synapse.h"
#include "tutti/status.h"

struct history;

struct plastic {
    const struct synapse *synapse;
    struct history
        *history;        /* of the targets; NULL where the synapse does not see them */
    uint32_t first_cell; /* target 0, in `history` */
    bool counts_spikes;  /* each spike adds 1, whatever the weight */
    uint16_t only_delay; /* of all synapses, in steps; 0: they differ */
    const double *parameters;
    double constants[SYNAPSE_MAX_CONSTANTS];
    struct plastic_rows rows;
    double *states;       /* of each piece: what the synapse keeps of its source */
    struct agenda agenda; /* pieces */
};

/* What stands above `constants` is set; the rows are open and may be filled then.
 * TUTTI_NO_MEMORY. Ended by plastic_close(), also after a failure. */
enum tutti_status plastic_open(uint32_t source_count, double step_ms,
                               struct plastic *plastic);
void plastic_close(struct plastic *plastic);

/* Once the rows are filled. TUTTI_NO_MEMORY. */
enum tutti_status plastic_start(struct plastic *plastic);

/* A spike of a source at the end of step `step`. TUTTI_NO_MEMORY. */
enum tutti_status plastic_receive(struct plastic *plastic, uint32_t source,
                                  int64_t step);

/* The same for a spike whose effects that were due up to the last step are over.
 * TUTTI_NO_MEMORY. */
enum tutti_status plastic_resume(struct plastic *plastic, uint32_t source,
                                 int64_t step);

/* Adds what is due in the next step to the sums of the targets. All spikes of targets
 * before that step are in the history. TUTTI_NO_MEMORY. */
enum tutti_status plastic_deliver(struct plastic *plastic, double *sums);

/* Lets all synapses see the spikes of their targets up to `step`, which is at least
 * twice the longest delay before the next one to be delivered. */
void plastic_catch_up(struct plastic *plastic, int64_t step);

#endif
