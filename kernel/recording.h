/* The recording of a network that runs alone: recording.h5, as tutti-recorder would
 * write it (docs/recording.md), with names NETWORK.PORT.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_RECORDING_H
#define KERNEL_RECORDING_H

#include "tutti/status.h"

struct all_fired;
struct exchange;
struct network;
struct part;
struct recording;
struct simulation;

/* All borrowed until the recording is closed. Of several ranks all do the same; the
 * first one has the file. */
struct recording_source {
    const struct network *network;
    const struct part *part;
    const struct simulation *simulation;
    struct exchange *exchange;
    struct all_fired *fired;
};

/* Creates `folder` if it is missing, and the file in it. `names` are populations and
 * signals with commas between; NULL: all. TUTTI_BAD_CONFIG: an unknown name;
 * TUTTI_SYSTEM: folder or file cannot be made; TUTTI_NO_MEMORY. Ended by
 * recording_close(), which accepts NULL inside. */
enum tutti_status recording_open(const struct recording_source *source,
                                 const char *folder, const char *names,
                                 struct recording **recording);
void recording_close(struct recording **recording);

const char *recording_path(const struct recording *recording);

/* Takes what the last simulation_run() gave, which ended at the latest at the next
 * sample of a signal, and all_fired_take(). TUTTI_SYSTEM: it cannot be written. */
enum tutti_status recording_take(struct recording *recording);
/* Makes everything taken so far readable. */
enum tutti_status recording_flush(struct recording *recording);
/* Makes the file an ordinary one; only recording_close() is left then. */
enum tutti_status recording_finish(struct recording *recording);

#endif
