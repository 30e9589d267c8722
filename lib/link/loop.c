/* The loop's clock, its actors and who has the turn.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/loop.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/time.h"
#include "link/loop_core.h"

/* What a wait takes at least, so that an actor that only asks does not stop the clock.
 */
#define SHORTEST_WAIT INT64_C(1000)

/* splitmix64 */
static uint64_t draw(struct tt_loop *loop)
{
    uint64_t mixed = loop->random += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

enum tutti_status tt_loop_open(uint64_t seed, struct tt_loop **loop)
{
    *loop = tt_alloc(sizeof **loop);
    if (!*loop)
        return FAIL(TUTTI_NO_MEMORY, "no memory for a loop");
    (*loop)->random = seed;
    pthread_mutex_init(&(*loop)->mutex, NULL);
    tt_loop_set_flight(*loop, 10000, 10000);
    return TUTTI_OK;
}

void tt_loop_set_flight(struct tt_loop *loop, int64_t shortest, int64_t longest)
{
    loop->shortest = shortest;
    loop->longest = longest;
}

int64_t tt_loop_now(const struct tt_loop *loop)
{
    return loop->now;
}

static void free_actor(struct tt_actor *actor)
{
    if (!actor)
        return;
    pthread_cond_destroy(&actor->turn);
    free(actor->name);
    free(actor);
}

void tt_loop_close(struct tt_loop **loop)
{
    struct tt_loop *closing = *loop;

    *loop = NULL;
    if (!closing)
        return;
    while (closing->first) {
        struct tt_flight *flight = closing->first;

        closing->first = flight->next;
        free(flight);
    }
    tt_loop_free_stations(closing);
    for (size_t i = 0; i < closing->actor_count; i++)
        free_actor(closing->actors[i]);
    free(closing->actors);
    tt_text_free(&closing->complaint);
    pthread_mutex_destroy(&closing->mutex);
    free(closing);
}

enum tutti_status tt_loop_add(struct tt_loop *loop, const char *name,
                              void (*body)(void *self), void *self)
{
    struct tt_actor *actor;

    TRY(tt_grow(&loop->actors, &loop->actor_room, loop->actor_count + 1,
                sizeof *loop->actors));
    actor = tt_alloc(sizeof *actor);
    if (actor) {
        *actor = (struct tt_actor){.loop = loop,
                                   .name = tt_copy_text(name),
                                   .body = body,
                                   .self = self,
                                   .state = ACTOR_READY};
        pthread_cond_init(&actor->turn, NULL);
    }
    if (!actor || !actor->name) {
        free_actor(actor);
        return FAIL(TUTTI_NO_MEMORY, "no memory for the actor '%s'", name);
    }
    loop->actors[loop->actor_count++] = actor;
    return TUTTI_OK;
}

void tt_loop_cut(struct tt_loop *loop, const char *name)
{
    for (size_t i = 0; i < loop->actor_count; i++)
        if (strcmp(loop->actors[i]->name, name) == 0)
            loop->actors[i]->is_cut = true;
    tt_loop_cut_stations(loop);
}

void tt_loop_inject(struct tt_loop *loop, const char *inbox, const void *bytes,
                    size_t size)
{
    struct tt_mailbox *mailbox = tt_loop_find_inbox(loop, inbox);
    struct tt_flight *flight = mailbox ? tt_flight_make(bytes, size) : NULL;

    if (flight)
        tt_loop_launch(loop, NULL, mailbox, flight);
}

struct tt_flight *tt_flight_make(const void *bytes, size_t size)
{
    struct tt_flight *flight = tt_alloc(sizeof *flight + size);

    if (flight && size)
        memcpy(flight->bytes, bytes, size);
    if (flight)
        flight->size = size;
    return flight;
}

void tt_loop_launch(struct tt_loop *loop, struct tt_channel *channel,
                    struct tt_mailbox *to, struct tt_flight *flight)
{
    const uint64_t span = (uint64_t)(loop->longest - loop->shortest) + 1;
    struct tt_flight *before = loop->last;

    flight->channel = channel;
    flight->to = to;
    flight->due = loop->now + loop->shortest + (int64_t)(draw(loop) % span);
    if (channel) {
        if (flight->due < channel->last_due)
            flight->due = channel->last_due;
        channel->last_due = flight->due;
        channel->bytes += flight->size;
    }
    while (before && before->due > flight->due)
        before = before->previous;
    flight->previous = before;
    flight->next = before ? before->next : loop->first;
    if (flight->next)
        flight->next->previous = flight;
    else
        loop->last = flight;
    if (before)
        before->next = flight;
    else
        loop->first = flight;
}

void tt_loop_wake(struct tt_actor *actor)
{
    if (actor->state == ACTOR_WAITING)
        actor->state = ACTOR_READY;
}

/* The first flight has arrived, if both ends are still there. */
static void deliver_first(struct tt_loop *loop)
{
    struct tt_flight *flight = loop->first;
    struct tt_mailbox *to = flight->to;

    loop->first = flight->next;
    if (loop->first)
        loop->first->previous = NULL;
    else
        loop->last = NULL;
    if (flight->channel)
        flight->channel->bytes -= flight->size;
    if (to->is_closed || to->owner->is_cut ||
        (flight->channel && flight->channel->from->is_cut)) {
        free(flight);
        return;
    }
    tt_loop_wake(to->owner);
    if (flight->farewell) {
        *flight->farewell = true;
        free(flight);
        return;
    }
    flight->next = NULL;
    if (to->last)
        to->last->next = flight;
    else
        to->first = flight;
    to->last = flight;
}

const struct tt_flight *tt_mailbox_next(struct tt_mailbox *mailbox)
{
    struct tt_flight *flight = mailbox->first;

    free(mailbox->borrowed);
    mailbox->borrowed = flight;
    if (!flight)
        return NULL;
    mailbox->first = flight->next;
    if (!mailbox->first)
        mailbox->last = NULL;
    return flight;
}

void tt_mailbox_close(struct tt_mailbox *mailbox)
{
    mailbox->is_closed = true;
    while (tt_mailbox_next(mailbox))
        continue;
}

/* Moves the clock to the next arrival or the next end of a wait. */
static void move_clock(struct tt_loop *loop, int64_t to)
{
    if (loop->now < to)
        loop->now = to;
    while (loop->first && loop->first->due <= loop->now)
        deliver_first(loop);
    for (size_t i = 0; i < loop->actor_count; i++) {
        struct tt_actor *actor = loop->actors[i];

        if (actor->state != ACTOR_DONE && actor->until <= loop->now)
            actor->state = ACTOR_READY;
    }
}

static int64_t next_event(const struct tt_loop *loop)
{
    int64_t next = loop->first ? loop->first->due : TT_INFINITY;

    for (size_t i = 0; i < loop->actor_count; i++)
        if (loop->actors[i]->state != ACTOR_DONE && loop->actors[i]->until < next)
            next = loop->actors[i]->until;
    return next;
}

static void end_all_waits(struct tt_loop *loop)
{
    char limit[TT_TIME_TEXT], until[TT_TIME_TEXT];

    loop->is_over = true;
    tt_text_add(&loop->complaint, "the loop's clock would pass %s, and these wait:",
                tt_time_text((struct tutti_time){loop->limit}, limit));
    for (size_t i = 0; i < loop->actor_count; i++) {
        struct tt_actor *actor = loop->actors[i];

        if (actor->state == ACTOR_DONE)
            continue;
        tt_text_add(&loop->complaint, " '%s' until %s,", actor->name,
                    tt_time_text((struct tutti_time){actor->until}, until));
        actor->state = ACTOR_READY;
    }
    tt_text_add(&loop->complaint, " since %s",
                tt_time_text((struct tutti_time){loop->now}, until));
}

/* Who is next: one of those that can go on, by lot; NULL when all are done. */
static struct tt_actor *next_actor(struct tt_loop *loop)
{
    for (;;) {
        size_t ready = 0, done = 0;

        for (size_t i = 0; i < loop->actor_count; i++) {
            ready += loop->actors[i]->state == ACTOR_READY;
            done += loop->actors[i]->state == ACTOR_DONE;
        }
        if (ready) {
            size_t lot = (size_t)(draw(loop) % ready);

            for (size_t i = 0;; i++)
                if (loop->actors[i]->state == ACTOR_READY && lot-- == 0)
                    return loop->actors[i];
        }
        if (done == loop->actor_count)
            return NULL;
        if (next_event(loop) > loop->limit)
            end_all_waits(loop);
        else
            move_clock(loop, next_event(loop));
    }
}

/* Gives the turn away, and comes back when it is one's own again. */
static void pass_turn(struct tt_actor *self)
{
    struct tt_loop *loop = self->loop;

    pthread_mutex_lock(&loop->mutex);
    loop->running = next_actor(loop);
    if (loop->running && loop->running != self)
        pthread_cond_signal(&loop->running->turn);
    while (self->state != ACTOR_DONE && loop->running != self)
        pthread_cond_wait(&self->turn, &loop->mutex);
    pthread_mutex_unlock(&loop->mutex);
}

void tt_loop_wait(struct tt_loop *loop, enum actor_state state, int64_t until)
{
    struct tt_actor *self = loop->running;

    if (until < loop->now + SHORTEST_WAIT)
        until = loop->now + SHORTEST_WAIT;
    self->until = until;
    self->state = state;
    if (loop->is_over) {
        move_clock(loop, until < TT_LONGEST ? until : loop->now + TT_SECOND);
        self->state = ACTOR_READY;
    }
    pass_turn(self);
}

void tt_loop_pass(struct tt_loop *loop, int64_t wall)
{
    tt_loop_wait(loop, ACTOR_PASSING, loop->now + wall);
}

static void *run_actor(void *argument)
{
    struct tt_actor *self = argument;
    struct tt_loop *loop = self->loop;

    pthread_mutex_lock(&loop->mutex);
    while (loop->running != self && !loop->is_broken)
        pthread_cond_wait(&self->turn, &loop->mutex);
    pthread_mutex_unlock(&loop->mutex);
    if (loop->is_broken)
        return NULL;
    self->body(self->self);
    self->state = ACTOR_DONE;
    pass_turn(self);
    return NULL;
}

/* Gives the first turn, or sends all threads home. */
static void give_first_turn(struct tt_loop *loop, bool is_broken)
{
    pthread_mutex_lock(&loop->mutex);
    loop->is_broken = is_broken;
    loop->running = is_broken ? NULL : next_actor(loop);
    for (size_t i = 0; i < loop->actor_count; i++)
        pthread_cond_signal(&loop->actors[i]->turn);
    pthread_mutex_unlock(&loop->mutex);
}

enum tutti_status tt_loop_run(struct tt_loop *loop, int64_t limit)
{
    size_t started = 0;

    loop->limit = limit;
    while (started < loop->actor_count) {
        struct tt_actor *actor = loop->actors[started];

        if (pthread_create(&actor->thread, NULL, run_actor, actor) != 0)
            break;
        started++;
    }
    give_first_turn(loop, started < loop->actor_count);
    for (size_t i = 0; i < started; i++)
        pthread_join(loop->actors[i]->thread, NULL);
    if (loop->is_broken)
        return FAIL(TUTTI_SYSTEM, "the system starts no thread for the actor '%s'",
                    loop->actors[started]->name);
    if (loop->is_over)
        return FAIL(TUTTI_BAD_CALL, "%s", tt_text_get(&loop->complaint));
    return TUTTI_OK;
}
