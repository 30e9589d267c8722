/* Inside lib/link: actors, their clock, and messages on their way. Only the actor that
 * has the turn runs, so nothing here needs a lock but the turn itself.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_LOOP_CORE_H
#define LINK_LOOP_CORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "link/backlog.h"
#include "link/loop.h"

enum actor_state { ACTOR_READY, ACTOR_WAITING, ACTOR_PASSING, ACTOR_DONE };

struct tt_actor {
    struct tt_loop *loop;
    char *name;
    void (*body)(void *self);
    void *self;
    pthread_t thread;
    pthread_cond_t turn;
    enum actor_state state;
    int64_t until;   /* end of its wait */
    bool is_cut;     /* its machine is cut off */
    int inbox_count; /* of all stations it has opened */
};

/* One direction between two places: keeps the order. */
struct tt_channel {
    const struct tt_actor *from;
    int64_t last_due;
    size_t bytes; /* on the way */
};

/* Where messages arrive. */
struct tt_mailbox {
    struct tt_actor *owner;
    struct tt_flight *first, *last;
    struct tt_flight *borrowed; /* by the owner, until it asks for the next */
    bool is_closed;
};

/* A message on its way, then in its mailbox. */
struct tt_flight {
    struct tt_flight *next, *previous;
    int64_t due;
    struct tt_channel *channel; /* NULL for a stranger's */
    struct tt_mailbox *to;
    bool *farewell; /* instead of a message: to be set on arrival */
    uint64_t from;
    size_t size;
    uint8_t bytes[];
};

struct tt_loop {
    pthread_mutex_t mutex; /* guards `running` between threads */
    struct tt_actor **actors;
    size_t actor_count, actor_room;
    struct tt_actor *running; /* who has the turn; NULL outside tt_loop_run() */
    uint64_t random;
    int64_t now, limit, shortest, longest;
    struct tt_flight *first, *last; /* on their way, by due time */
    struct tt_station *stations;    /* also closed ones, for what is on its way */
    struct tt_board *boards;
    uint64_t station_count;
    struct tt_text complaint; /* about a limit that was passed */
    bool is_over, is_broken;
};

/* NULL when there is no memory. */
struct tt_flight *tt_flight_make(const void *bytes, size_t size);
/* Takes the flight; `channel` is NULL for a stranger's. */
void tt_loop_launch(struct tt_loop *loop, struct tt_channel *channel,
                    struct tt_mailbox *to, struct tt_flight *flight);

/* The running actor waits: `state` says whether arrivals end it early. */
void tt_loop_wait(struct tt_loop *loop, enum actor_state state, int64_t until);
/* Ends the wait of an actor whose stations or boards have something new. */
void tt_loop_wake(struct tt_actor *actor);

/* The next message of the mailbox, NULL when there is none; borrowed until the next
 * call. */
const struct tt_flight *tt_mailbox_next(struct tt_mailbox *mailbox);
void tt_mailbox_close(struct tt_mailbox *mailbox);

/* Of loop_station.c. */
void tt_loop_cut_stations(struct tt_loop *loop);
void tt_loop_free_stations(struct tt_loop *loop);
struct tt_mailbox *tt_loop_find_inbox(struct tt_loop *loop, const char *inbox);

#endif
