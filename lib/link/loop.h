/* A network inside one process, for tests: every actor is a thread, but only one runs
 * at a time, and the wall clock moves only while all of them wait (a wait takes 1 us at
 * least); so a test is a function of its seed. Messages take a drawn time to arrive;
 * links can be slowed, and cut. SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_LOOP_H
#define LINK_LOOP_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

struct tt_loop;

enum tutti_status tt_loop_open(uint64_t seed, struct tt_loop **loop);
void tt_loop_close(struct tt_loop **loop);

/* Flight time of every message: drawn uniformly in [shortest, longest] wall ns for each
 * one; messages of one line never overtake each other, those of different lines do. */
void tt_loop_set_flight(struct tt_loop *loop, int64_t shortest, int64_t longest);

/* Adds an actor: `body(self)` runs in a thread of its own once tt_loop_run() gives it
 * the turn. It opens stations or boards on this loop with tt_transport_loop: boards at
 * addresses "loop://...", its own first station has the inbox "loop://NAME/1", the next
 * "loop://NAME/2". */
enum tutti_status tt_loop_add(struct tt_loop *loop, const char *name,
                              void (*body)(void *self), void *self);

/* Called by an actor: lets `wall` ns pass for it (a computation), while others run. */
void tt_loop_pass(struct tt_loop *loop, int64_t wall);

/* Called by an actor, or before run: nothing that `name` sends arrives any more, and it
 * gets nothing: as if its machine had been cut off; its board line is gone. */
void tt_loop_cut(struct tt_loop *loop, const char *name);

/* Puts `bytes` into the inbox `inbox` as a stranger would. */
void tt_loop_inject(struct tt_loop *loop, const char *inbox, const void *bytes,
                    size_t size);

/* Runs, once, until all bodies have returned. TUTTI_BAD_CALL when all that are left
 * wait and nothing would end that before the loop's clock says `limit`, with a sentence
 * that says who; from then on every wait returns at once, with the clock on its end. */
enum tutti_status tt_loop_run(struct tt_loop *loop, int64_t limit);

/* Wall time of the loop's clock. */
int64_t tt_loop_now(const struct tt_loop *loop);

#endif
