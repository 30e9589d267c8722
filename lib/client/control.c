/* The control line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "client/exchange.h"

/* Wall time after which a wait looks around whether or not anything came. */
#define LOOK_AROUND (100 * TT_MILLISECOND)
#define REPORT_EVERY (100 * TT_MILLISECOND)

enum tutti_status tt_control_say(struct tutti_participant *me,
                                 const struct tt_message *message)
{
    enum tutti_status status;
    uint8_t *bytes;
    size_t size;

    TRY(tt_message_encode(message, &bytes, &size));
    status = me->transport->say(me->station, bytes, size);
    free(bytes);
    return status;
}

/* The failure stays: every later call that could go on returns it again. */
static enum tutti_status fail_for_good(struct tutti_participant *me,
                                       enum tutti_status status, const char *text)
{
    me->failure = status;
    snprintf(me->failure_text, sizeof me->failure_text, "%s", text);
    return FAIL(status, "%s", me->failure_text);
}

/* Keeps the answer; a second one of its kind is not expected and thrown away. */
static void keep(struct tt_message *message, struct tt_message *place, bool *is_there)
{
    if (*is_there) {
        tt_message_free(message);
        return;
    }
    *place = *message;
    *is_there = true;
}

static enum tutti_status take_message(struct tutti_participant *me,
                                      struct tt_message *message)
{
    enum tutti_status status = TUTTI_OK;

    switch (message->kind) {
    case TT_WELCOME:
        keep(message, &me->welcome, &me->is_welcome);
        return TUTTI_OK;
    case TT_SOURCES:
        keep(message, &me->sources, &me->has_sources);
        return TUTTI_OK;
    case TT_WIRING:
        keep(message, &me->wiring, &me->is_wiring);
        return TUTTI_OK;
    case TT_GO:
        me->may_go = true;
        break;
    case TT_FAILURE:
        status = fail_for_good(me, message->failure.status, message->failure.text);
        break;
    default: /* pings, and what a broker should not say */
        break;
    }
    tt_message_free(message);
    return status;
}

static enum tutti_status read_all(struct tutti_participant *me)
{
    const void *bytes;
    size_t size;

    while (me->transport->hear(me->station, &bytes, &size)) {
        struct tt_message message;

        TRY(tt_message_decode(bytes, size, &message));
        TRY(take_message(me, &message));
    }
    return tt_exchange_read(me);
}

enum tutti_status tt_control_read(struct tutti_participant *me)
{
    enum tutti_status status;

    if (me->failure != TUTTI_OK)
        return FAIL(me->failure, "%s", me->failure_text);
    status = read_all(me);
    if (status != TUTTI_OK && me->failure == TUTTI_OK) {
        struct tt_message message = {.kind = TT_FAILURE};

        fail_for_good(me, status, tutti_last_error());
        message.failure.status = status;
        message.failure.text = me->failure_text;
        tt_control_say(me, &message);
        return FAIL(status, "%s", me->failure_text);
    }
    return status;
}

enum tutti_status tt_control_check_broker(struct tutti_participant *me)
{
    if (!me->transport->broker_is_gone(me->station))
        return TUTTI_OK;
    TRY(tt_control_read(me)); /* its last word says more */
    return fail_for_good(
        me, TUTTI_LOST,
        "the broker is gone: its program has ended, or the line to it is "
        "cut");
}

enum tutti_status tt_control_await(struct tutti_participant *me, const bool *is_there,
                                   int64_t until, const char *what)
{
    for (;;) {
        const int64_t now = me->transport->now(me->station);

        TRY(tt_control_read(me));
        if (*is_there)
            return TUTTI_OK;
        TRY(tt_control_check_broker(me));
        if (now >= until)
            return FAIL(TUTTI_LOST, "'%s' has waited too long for %s", me->name, what);
        me->transport->wait(me->station,
                            until < now + LOOK_AROUND ? until : now + LOOK_AROUND);
    }
}

void tt_control_report(struct tutti_participant *me, int64_t now, int64_t window_end,
                       const struct tt_end *blocked, int64_t waited)
{
    struct tt_message message = {.kind = TT_PROGRESS};
    struct tt_progress *progress = &message.progress;

    if (now < me->reported + REPORT_EVERY)
        return;
    me->reported = now;
    progress->reached = me->window.end.ns;
    progress->window_end = window_end;
    progress->peer = me->welcome.welcome.process;
    if (blocked) {
        progress->is_waiting = true;
        progress->peer = blocked->peer->address.process;
        progress->connection = blocked->wire.number;
        progress->is_credit = blocked->wire.is_output;
        progress->peer_reached = blocked->peer->reached;
        progress->waited = waited;
    }
    tt_control_say(me, &message); /* it is news only: the next one will do */
}
