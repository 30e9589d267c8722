/* The clocks of a run.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/watch.h"

#include <stdio.h>

#include "base/clock.h"

#define SILENCE (2 * TT_SECOND)

static const char *name_of(const struct roster *roster, size_t member)
{
    return roster->members[member].name;
}

static void explain_wait(const struct roster *roster, size_t member, int64_t now,
                         struct tt_text *text)
{
    const struct experiment_participant *participants =
        roster->experiment->participants;
    const struct roster_member *waiting = &roster->members[member];
    const struct tt_progress *progress = &waiting->progress;
    const double seconds =
        (double)(progress->waited + now - waiting->progress_at) / TT_SECOND;
    char wanted[TT_TIME_TEXT], reached[TT_TIME_TEXT];

    if (progress->connection >= roster->plan.wiring.count ||
        progress->peer >= roster->experiment->process_count)
        return;
    {
        const struct wiring_connection *connection =
            &roster->plan.wiring.connections[progress->connection];

        tt_text_add(text,
                    "'%s' has waited %.1f s for '%s' (%s %s.%s -> %s.%s), to begin its "
                    "window up to %s; it has heard of '%s' up to %s",
                    name_of(roster, member), seconds, name_of(roster, progress->peer),
                    progress->is_credit ? "credit of" : "connection",
                    participants[connection->from_participant].name,
                    connection->from_port->name,
                    participants[connection->to_participant].name,
                    connection->to_port->name,
                    tt_time_text((struct tutti_time){progress->window_end}, wanted),
                    name_of(roster, progress->peer),
                    tt_time_text((struct tutti_time){progress->peer_reached}, reached));
    }
}

/* How far a member has come: by its own word, or by what the others have heard of it.
 */
static int64_t known_reached(const struct roster *roster, size_t member)
{
    int64_t reached = roster->members[member].progress.reached;

    for (size_t i = 0; i < roster->experiment->process_count; i++) {
        const struct tt_progress *progress = &roster->members[i].progress;

        if (progress->is_waiting && progress->peer == member &&
            progress->peer_reached > reached)
            reached = progress->peer_reached;
    }
    return reached;
}

static void explain_work(const struct roster *roster, size_t member, int64_t now,
                         struct tt_text *text)
{
    const struct roster_member *working = &roster->members[member];
    const int64_t heard = working->progress_at ? working->progress_at : roster->began;
    char reached[TT_TIME_TEXT];

    tt_text_add(
        text,
        "'%s' computes, or hangs, in the window after %s (last heard of %.1f s ago)",
        name_of(roster, member),
        tt_time_text((struct tutti_time){known_reached(roster, member)}, reached),
        (double)(now - heard) / TT_SECOND);
}

static void explain_start(const struct roster *roster, size_t member,
                          struct tt_text *text)
{
    static const char *const lacks[] = {
        "has not joined", "has joined, but has not declared its ports",
        "has declared its ports and waits for the others", "is ready"};
    const enum roster_state state = roster->members[member].state;

    if (state == ROSTER_DECLARED && roster->is_planned)
        tt_text_add(text, "'%s' cannot reach all its peers", name_of(roster, member));
    else
        tt_text_add(text, "'%s' %s", name_of(roster, member), lacks[state]);
}

void watch_explain(const struct roster *roster, int64_t now, struct tt_text *text)
{
    const char *separator = "";

    for (size_t i = 0; i < roster->experiment->process_count; i++) {
        const struct roster_member *member = &roster->members[i];

        if (member->state == ROSTER_LEFT)
            continue;
        tt_text_add(text, "%s", separator);
        if (member->state < ROSTER_RUNNING)
            explain_start(roster, i, text);
        else if (member->progress.is_waiting)
            explain_wait(roster, i, now, text);
        else
            explain_work(roster, i, now, text);
        separator = "; ";
    }
}

static void give_up(struct roster *roster, const char *what, int64_t after, int64_t now)
{
    struct tt_text text = {0};
    size_t culprit = watch_limiting(roster);

    for (size_t i = 0; i < roster->experiment->process_count; i++)
        if (roster->phase == ROSTER_GATHERING &&
            roster->members[i].state == ROSTER_AWAITED)
            culprit = i;
    tt_text_add(&text, what, (double)after / TT_SECOND);
    watch_explain(roster, now, &text);
    roster_fail(roster, TUTTI_LOST, culprit, tt_text_get(&text), now);
    tt_text_free(&text);
}

void watch_look(struct roster *roster, int64_t now)
{
    const struct experiment *experiment = roster->experiment;
    const int64_t silent = now - roster->advanced;
    struct tt_text text = {0};

    if (roster->phase == ROSTER_GATHERING &&
        now - roster->opened > experiment->start_timeout)
        give_up(roster, "not all were ready within start_timeout (%g s): ",
                experiment->start_timeout, now);
    if (roster->phase != ROSTER_RUN)
        return;
    if (silent > experiment->patience) {
        give_up(roster, "nothing has advanced for longer than patience (%g s): ",
                experiment->patience, now);
    } else if (silent > SILENCE && !roster->is_explained) {
        roster->is_explained = true;
        tt_text_add(&text,
                    "nothing has advanced for %.0f s: ", (double)silent / TT_SECOND);
        watch_explain(roster, now, &text);
        roster->mouth.notice(roster->mouth.self, tt_text_get(&text));
        tt_text_free(&text);
    }
}

size_t watch_limiting(const struct roster *roster)
{
    size_t limiting = EXPERIMENT_NONE, most = 0;

    for (size_t i = 0; i < roster->experiment->process_count; i++) {
        size_t waiting = 0;

        for (size_t j = 0; j < roster->experiment->process_count; j++)
            waiting += j != i && roster->members[j].state == ROSTER_RUNNING &&
                       roster->members[j].progress.is_waiting &&
                       roster->members[j].progress.peer == i;
        /* Who waits itself only passes the delay on. */
        if (waiting > most && !roster->members[i].progress.is_waiting) {
            limiting = i;
            most = waiting;
        }
    }
    return limiting;
}
