/* The folder of a run: where its recording, logs and copy of the experiment go.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_RUN_FOLDER_H
#define BROKER_RUN_FOLDER_H

#include "base/text.h"
#include "broker/experiment.h"

/* Makes the folder `out`, or runs/NAME-N with the first N that is free, with the
 * parents it needs, and puts a copy of the experiment file into it. `path` becomes its
 * absolute path. TUTTI_BAD_CONFIG: `out` holds a recording already. TUTTI_SYSTEM: it
 * cannot be made. */
enum tutti_status run_folder_make(const struct experiment *experiment, const char *out,
                                  struct tt_text *path);

#endif
