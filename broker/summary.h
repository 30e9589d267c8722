/* What is left to say when a run is over.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_SUMMARY_H
#define BROKER_SUMMARY_H

#include "broker/roster.h"

/* Prints speed, where each process spent its time, what the recorder counted (the lines
 * of its log that say "recorded
 * ..."), and where the recording is. `folder` is that of the run. */
void summary_print(const struct roster *roster, const char *folder);

#endif
