/* The life of a participant: join - declare - start - advance ... - leave.
 * One participant belongs to one thread at a time. No call prints, exits, or waits
 * without a limit. A call that fails returns a status; tutti_last_error() has the
 * sentence. SPDX-License-Identifier: Apache-2.0 */
#ifndef TUTTI_PARTICIPANT_H
#define TUTTI_PARTICIPANT_H

#include <stdbool.h>
#include <stddef.h>

#include "tutti/status.h"
#include "tutti/time.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tutti_participant;

/* Joins the experiment of the broker at `broker` ("ipc://@..." or "tcp://host:port") as
 * `name`. Either may be NULL: then TUTTI_BROKER and TUTTI_NAME of the environment say
 * it, as they do for programs that `tutti run` started. Waits for the broker, at most
 * 300 s or TUTTI_START_TIMEOUT seconds. The participant is ended by tutti_leave().
 * TUTTI_REFUSED: the broker does not know the name, or it has joined already, or speaks
 * another protocol. TUTTI_LOST: no broker answered. */
TUTTI_API enum tutti_status tutti_join(const char *broker, const char *name,
                                       struct tutti_participant **me);

/* The same for one rank of a parallel participant: each of its `ranks` processes joins
 * once, with its own `rank` from 0 to ranks - 1. All declare the same step and the same
 * ports, in the same order, and each says with tutti_port_set_indices() which indices
 * live on it. TUTTI_REFUSED also: the experiment file gives the participant another
 * number of ranks. */
TUTTI_API enum tutti_status tutti_join_rank(const char *broker, const char *name,
                                            int rank, int ranks,
                                            struct tutti_participant **me);

/* What the experiment file says under this participant's `options`, as text; NULL when
 * it says nothing. Borrowed until leave. */
TUTTI_API const char *tutti_option(const struct tutti_participant *me, const char *key);

/* The participant's name in the experiment. Borrowed until leave. */
TUTTI_API const char *tutti_name(const struct tutti_participant *me);

/* The folder of this run for files that the participant writes; NULL when the
 * participant was not started by a launcher. Borrowed until leave. */
TUTTI_API const char *tutti_run_folder(const struct tutti_participant *me);

/* When the run stops: for simulators that are started once with a duration. */
TUTTI_API struct tutti_time tutti_stop_time(const struct tutti_participant *me);

/* The integration step and the convention of the windows; before tutti_start(). Without
 * it: no step (a grid of 1 ns) and TUTTI_FROM. TUTTI_BAD_CALL: step not positive, or
 * started. */
TUTTI_API enum tutti_status tutti_set_step(struct tutti_participant *me,
                                           struct tutti_step step,
                                           enum tutti_convention convention);

/* Declares the ports and waits until everybody is wired and may go; at most
 * start_timeout of the experiment (300 s). TUTTI_BAD_CONFIG, TUTTI_REFUSED: the wiring
 * does not fit the declared ports. TUTTI_LOST: a participant did not come. Never
 * TUTTI_END. */
TUTTI_API enum tutti_status tutti_start(struct tutti_participant *me);

/* Ends the current window (what was written leaves) and waits for the next one.
 * TUTTI_END: the run is over; everything that was sent has left. TUTTI_LOST: a
 * participant or the broker is gone, or the run was stopped; the sentence says why. */
TUTTI_API enum tutti_status tutti_advance(struct tutti_participant *me,
                                          struct tutti_window *window);

/* The same with a limit on the wall clock: TUTTI_AGAIN when the next window cannot
 * begin within `wall_limit` (0 to ask only). The call is then repeated; the window that
 * ended stays ended. */
TUTTI_API enum tutti_status tutti_advance_within(struct tutti_participant *me,
                                                 struct tutti_time wall_limit,
                                                 struct tutti_window *window);

/* Says that no more will come, and ends the participant with all its ports; *me becomes
 * NULL. Accepts NULL inside. Never fails; waits 2 s at most for peers to take the last
 * frames. */
TUTTI_API void tutti_leave(struct tutti_participant **me);

/* The same because of a failure: everybody is told `reason`, a sentence, and the run
 * stops. */
TUTTI_API void tutti_abort(struct tutti_participant **me, const char *reason);

#ifdef __cplusplus
}
#endif
#endif
