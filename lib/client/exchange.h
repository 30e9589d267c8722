/* Frames to and from the peers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include "client/participant.h"

/* Makes ends and peers from the wiring message, and opens the lines. */
enum tutti_status tt_exchange_open(struct tutti_participant *me);
void tt_exchange_close(struct tutti_participant *me);

/* A frame without sections to every peer. */
enum tutti_status tt_exchange_hello(struct tutti_participant *me);
/* Everything written since the last call leaves, with the promise `reached`. */
enum tutti_status tt_exchange_promise(struct tutti_participant *me, int64_t reached);

/* Takes in every frame that has come. Before the wiring is known they are kept aside. A
 * peer that breaks the protocol is named; its frame is not believed. Keeps me->is_met
 * and me->is_answered. */
enum tutti_status tt_exchange_read(struct tutti_participant *me);

/* Hands the events of the window that ends at `end` over to the input ports. */
enum tutti_status tt_exchange_deliver(struct tutti_participant *me, int64_t end);

#endif
