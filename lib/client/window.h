/* Where windows end and when one may begin: decisions over numbers, nothing else.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_WINDOW_H
#define CLIENT_WINDOW_H

#include "client/participant.h"

/* The window that follows the one that ended: fills in begin and end. */
struct tutti_window tt_window_next(const struct tutti_participant *me);

/* What keeps a participant from running to `border`: the end of a connection whose
 * other side has not come far enough; NULL when nothing does. *needed is the time that
 * the other side must reach. */
const struct tt_end *tt_window_blocked(const struct tutti_participant *me,
                                       int64_t border, int64_t *needed);

/* The first stamp that the window allows at an output of which `end` is one end. */
int64_t tt_window_first_stamp(const struct tutti_participant *me,
                              const struct tt_end *end);

#endif
