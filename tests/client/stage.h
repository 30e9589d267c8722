/* A whole experiment inside one process: a broker and participants as actors of the
 * loop, so that a test is a function of its seed. SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_CLIENT_STAGE_H
#define TESTS_CLIENT_STAGE_H

#include "broker/server.h"
#include "link/loop.h"
#include "tutti/tutti.h"

/* What a participant does between join and leave: declares, starts, and advances to the
 * end. */
struct stage_actor {
    const char *name; /* of the actor, and of the participant if joins_as is NULL */
    const char *joins_as;
    uint32_t rank, ranks; /* 0 and 0: not a parallel participant */
    void (*play)(struct stage_actor *actor, struct tutti_participant *me);
    void *data;

    bool has_left; /* play() has ended the participant itself */
    struct stage *stage;
    enum tutti_status status; /* of the last call that failed, or TUTTI_OK */
    char sentence[1024];      /* that goes with it */
};

struct stage {
    struct tt_loop *loop;
    struct experiment *experiment;
    struct tt_units *units;
    struct server server;
    enum tutti_status status; /* of the broker */
    char sentence[2048];
    char notices[4096];
};

/* Opens a stage for the experiment file `text`. */
void stage_open(struct stage *stage, uint64_t seed, const char *text);
void stage_add(struct stage *stage, struct stage_actor *actor);
/* Runs until all have returned; at most `limit` wall ns of the loop's clock. */
void stage_run(struct stage *stage, int64_t limit);
void stage_close(struct stage *stage);

/* Keeps status and sentence of a failure; true when there was none. */
bool stage_is_ok(struct stage_actor *actor, enum tutti_status status);

#endif
