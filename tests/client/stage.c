/* A whole experiment inside one process.
 * SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/participant.h"

static void keep_notice(void *viewer, const char *text)
{
    struct stage *stage = viewer;
    const size_t used = strlen(stage->notices);

    snprintf(stage->notices + used, sizeof stage->notices - used, "%s\n", text);
}

static void play_broker(void *self)
{
    struct stage *stage = self;

    stage->status = server_open(stage->experiment, stage->units, &tt_transport_loop,
                                stage->loop, "loop://broker", &stage->server);
    stage->server.say_notice = keep_notice;
    stage->server.viewer = stage;
    if (stage->status == TUTTI_OK)
        stage->status = server_run(&stage->server);
    if (stage->status != TUTTI_OK)
        snprintf(stage->sentence, sizeof stage->sentence, "%s", tutti_last_error());
    server_close(&stage->server);
}

static void play_actor(void *self)
{
    struct stage_actor *actor = self;
    struct tutti_participant *me;

    const struct tt_join_as as = {"loop://broker",
                                  actor->joins_as ? actor->joins_as : actor->name,
                                  actor->rank, actor->ranks ? actor->ranks : 1};

    if (!stage_is_ok(actor, tt_join(&tt_transport_loop, actor->stage->loop, &as, &me)))
        return;
    actor->play(actor, me);
    if (!actor->has_left)
        tutti_leave(&me);
}

bool stage_is_ok(struct stage_actor *actor, enum tutti_status status)
{
    if (status == TUTTI_OK || status == TUTTI_END || status == TUTTI_AGAIN)
        return status != TUTTI_END;
    actor->status = status;
    snprintf(actor->sentence, sizeof actor->sentence, "%s", tutti_last_error());
    return false;
}

void stage_open(struct stage *stage, uint64_t seed, const char *text)
{
    memset(stage, 0, sizeof *stage);
    if (experiment_parse("experiment.yaml", text, strlen(text), &stage->experiment) !=
            TUTTI_OK ||
        tt_units_open(&stage->units) != TUTTI_OK ||
        tt_loop_open(seed, &stage->loop) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    assert_int_equal(tt_loop_add(stage->loop, "broker", play_broker, stage), TUTTI_OK);
}

void stage_add(struct stage *stage, struct stage_actor *actor)
{
    actor->stage = stage;
    assert_int_equal(tt_loop_add(stage->loop, actor->name, play_actor, actor),
                     TUTTI_OK);
}

void stage_run(struct stage *stage, int64_t limit)
{
    if (tt_loop_run(stage->loop, limit) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
}

void stage_close(struct stage *stage)
{
    tt_loop_close(&stage->loop);
    tt_units_close(&stage->units);
    experiment_free(&stage->experiment);
}
