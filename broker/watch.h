/* The clocks of a run: who is late to join, what a silence means, and who holds up
 * whom. Decides only; wall times are given. SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_WATCH_H
#define BROKER_WATCH_H

#include <stdint.h>

#include "base/text.h"
#include "broker/roster.h"

/* Looks at the clocks: fails the run when start_timeout or patience is over. A silence
 * of 2 s is explained once, through the notice of the roster's mouth. */
void watch_look(struct roster *roster, int64_t now);

/* Who waits for whom, on which connection, for which time, since when; one sentence for
 * each participant. */
void watch_explain(const struct roster *roster, int64_t now, struct tt_text *text);

/* The participant for which most others wait now; EXPERIMENT_NONE when nobody waits. */
size_t watch_limiting(const struct roster *roster);

#endif
