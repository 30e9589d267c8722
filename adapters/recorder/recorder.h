/* Takes part in the run, and writes what the experiment records into the run's folder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

#include "tutti/status.h"

/* Joins by the environment and records until the end of the run, SIGTERM or SIGINT;
 * then prints a line for each port on the standard output. However it ends, the file is
 * closed and complete up to the time that it states. Any failure: its sentence. */
enum tutti_status recorder_run(void);

#endif
