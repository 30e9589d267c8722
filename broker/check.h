/* What `tutti check` prints: the plan of an experiment in words, before anything runs.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_CHECK_H
#define BROKER_CHECK_H

#include "base/text.h"
#include "broker/experiment.h"
#include "broker/plan.h"
#include "tutti/status.h"

/* Appends participants with their windows, connections with their delays, who limits
 * whom, the cycles, the credit and the number of windows; and what shows at join only.
 * `declared` and `plan` as plan_make() took and made them. TUTTI_NO_MEMORY. */
enum tutti_status check_write(const struct experiment *experiment,
                              const struct tt_declare *const *declared,
                              const struct plan *plan, struct tt_text *text);

#endif
