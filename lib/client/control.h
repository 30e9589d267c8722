/* The control line: what the broker says, and what it is told.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CONTROL_H
#define CLIENT_CONTROL_H

#include "client/participant.h"

enum tutti_status tt_control_say(struct tutti_participant *me,
                                 const struct tt_message *message);

/* Takes in all that has come on both planes. Fails with the sentence of a failure that
 * the broker told, or that was found here (the broker is told then). */
enum tutti_status tt_control_read(struct tutti_participant *me);

/* Reads and waits until *is_there is true; at most until wall time `until`. `what` says
 * for the sentence of TUTTI_LOST what did not come. */
enum tutti_status tt_control_await(struct tutti_participant *me, const bool *is_there,
                                   int64_t until, const char *what);

/* Tells the broker where the participant stands at wall time `now`, but not more often
 * than ten times a second. `blocked` is NULL when it does not wait. */
void tt_control_report(struct tutti_participant *me, int64_t now, int64_t window_end,
                       const struct tt_end *blocked, int64_t waited);

/* TUTTI_LOST, for good, once the broker's program or the line to it has ended. */
enum tutti_status tt_control_check_broker(struct tutti_participant *me);

#endif
