/* Makes a recording whose writer was killed an ordinary HDF5 file again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_RECOVER_H
#define STORE_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "tutti/status.h"
#include "tutti/time.h"

struct tt_recovery {
    bool was_whole;             /* nothing had to be done, nothing was changed */
    struct tutti_time complete; /* everything due up to here is there; -1: nothing */
    uint64_t spikes, samples;   /* in the recovered file */
};

/* Copies what was flushed into a new file beside `path`, which then takes the place of
 * the old one in a single step: at every instant one of the two is there. What is due
 * after the time up to which the recording is complete is left out. TUTTI_REFUSED: it
 * is no recording, or is being written. TUTTI_SYSTEM: the copy cannot be written;
 * the old file is untouched. */
enum tutti_status tt_store_recover(const char *path, struct tt_recovery *recovery);

#endif
