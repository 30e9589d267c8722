/* What the recorder records: one track for each port, made of what the experiment
 * connects to the recorder. Pure: no files, no waiting.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORDER_TRACK_H
#define RECORDER_TRACK_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/tutti.h"

struct tt_spike_record;
struct tt_report;

struct track {
    const char *input; /* the recorder's port; borrowed from the sources */
    char *name;        /* of the source: participant.port */
    enum tutti_kind kind;
    uint32_t width;
    uint32_t *ids; /* index at the recorder -> index at the source */
    const char *unit;
    struct tutti_step step; /* of the source */

    struct tutti_port *port; /* owned by the participant */
    struct tt_spike_record *spikes;
    struct tt_report *report; /* both owned by the store */
};

/* One track for each input, in the order of the sources; several sources of an input
 * are ranges of one port. TUTTI_BAD_CONFIG: they are not, or leave a gap, or overlap.
 * Ended by tracks_free(), also after a failure. */
enum tutti_status tracks_make(const struct tutti_source *sources, size_t source_count,
                              struct track **tracks, size_t *count);
void tracks_free(struct track **tracks, size_t *count);

#endif
