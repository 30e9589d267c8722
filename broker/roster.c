/* Who takes part in a run.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/roster.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "broker/ranges.h"

static enum tutti_status name_member(const struct experiment *experiment,
                                     size_t process, struct roster_member *member)
{
    const struct experiment_participant *participant;
    struct tt_text name = {0};

    member->participant = experiment_of_process(experiment, process, &member->rank);
    participant = &experiment->participants[member->participant];
    tt_text_add(&name, "%s", participant->name);
    if (participant->ranks > 1)
        tt_text_add(&name, " (rank %" PRIu32 ")", member->rank);
    member->name = name.bytes;
    if (name.is_cut)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the name of a participant");
    return TUTTI_OK;
}

enum tutti_status roster_open(const struct experiment *experiment,
                              const struct tt_units *units, struct roster_mouth mouth,
                              int64_t now, struct roster *roster)
{
    *roster = (struct roster){.experiment = experiment,
                              .units = units,
                              .mouth = mouth,
                              .opened = now,
                              .advanced = now};
    roster->failure.culprit = EXPERIMENT_NONE;
    roster->members =
        tt_alloc_array(experiment->process_count, sizeof *roster->members);
    roster->declared =
        tt_alloc_array(experiment->process_count, sizeof *roster->declared);
    roster->first =
        tt_alloc_array(experiment->participant_count, sizeof *roster->first);
    if (!roster->members || !roster->declared || !roster->first)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu processes",
                    experiment->process_count);
    for (size_t i = 0; i < experiment->process_count; i++)
        TRY(name_member(experiment, i, &roster->members[i]));
    if (getrandom(roster->session, sizeof roster->session, 0) != sizeof roster->session)
        return FAIL(TUTTI_SYSTEM, "the system gave no random numbers for the session");
    return TUTTI_OK;
}

void roster_close(struct roster *roster)
{
    for (size_t i = 0; roster->members && i < roster->experiment->process_count; i++) {
        if (roster->members[i].join.kind)
            tt_message_free(&roster->members[i].join);
        if (roster->members[i].declare.kind)
            tt_message_free(&roster->members[i].declare);
        if (roster->members[i].leave.kind)
            tt_message_free(&roster->members[i].leave);
        free(roster->members[i].name);
    }
    free(roster->members);
    free(roster->declared);
    free(roster->first);
    plan_free(&roster->plan);
    *roster = (struct roster){0};
}

size_t roster_member_of(const struct roster *roster, uint64_t line)
{
    for (size_t i = 0; i < roster->experiment->process_count; i++)
        if (roster->members[i].line == line &&
            roster->members[i].state > ROSTER_AWAITED &&
            roster->members[i].state < ROSTER_LEFT)
            return i;
    return EXPERIMENT_NONE;
}

static void say(const struct roster *roster, size_t member,
                const struct tt_message *message)
{
    roster->mouth.say(roster->mouth.self, roster->members[member].line, message);
}

static bool is_in(const struct roster *roster, size_t member)
{
    const enum roster_state state = roster->members[member].state;

    return state != ROSTER_AWAITED && state != ROSTER_LEFT;
}

static bool have_all(const struct roster *roster, enum roster_state state)
{
    for (size_t i = 0; i < roster->experiment->process_count; i++)
        if (roster->members[i].state < state)
            return false;
    return true;
}

/* --- failure */

void roster_refuse(struct roster *roster, uint64_t line, const char *text)
{
    struct tt_message message = {.kind = TT_FAILURE};

    message.failure.status = TUTTI_REFUSED;
    message.failure.text = text;
    roster->mouth.say(roster->mouth.self, line, &message);
    roster->mouth.notice(roster->mouth.self, text);
}

void roster_fail(struct roster *roster, enum tutti_status status, size_t culprit,
                 const char *text, int64_t now)
{
    struct tt_message message = {.kind = TT_FAILURE};

    if (roster->phase == ROSTER_FAILED || roster->phase == ROSTER_OVER)
        return;
    roster->phase = ROSTER_FAILED;
    roster->ended = now;
    roster->failure.status = status;
    roster->failure.culprit = culprit;
    snprintf(roster->failure.text, sizeof roster->failure.text, "%s", text);
    message.failure.status = status;
    message.failure.text = roster->failure.text;
    for (size_t i = 0; i < roster->experiment->process_count; i++)
        if (is_in(roster, i))
            say(roster, i, &message);
}

void roster_lose(struct roster *roster, size_t member, const char *how, int64_t now)
{
    struct roster_member *lost = &roster->members[member];
    const char *name = lost->name;
    struct tt_text text = {0};
    char at[TT_TIME_TEXT];

    if (lost->state == ROSTER_AWAITED)
        tt_text_add(&text, "participant '%s' %s before it joined", name, how);
    else if (lost->state < ROSTER_RUNNING)
        tt_text_add(&text, "participant '%s' %s before the start", name, how);
    else
        tt_text_add(&text, "participant '%s' %s after %s", name, how,
                    tt_time_text((struct tutti_time){lost->progress.reached}, at));
    lost->state = ROSTER_LEFT;
    roster_fail(roster, TUTTI_LOST, member, tt_text_get(&text), now);
    tt_text_free(&text);
}

/* --- gather */

static void welcome(struct roster *roster, size_t member)
{
    const struct experiment *experiment = roster->experiment;
    const struct experiment_participant *participant =
        &experiment->participants[roster->members[member].participant];
    struct tt_message message = {.kind = TT_WELCOME};

    message.welcome.protocol = TT_PROTOCOL_VERSION;
    memcpy(message.welcome.session, roster->session, sizeof roster->session);
    memcpy(message.welcome.experiment, experiment->hash, sizeof experiment->hash);
    message.welcome.process = (uint32_t)member;
    message.welcome.stop = experiment->duration;
    message.welcome.start_timeout = experiment->start_timeout;
    message.welcome.patience = experiment->patience;
    message.welcome.max_queue = experiment->max_queue;
    message.welcome.option_count = participant->option_count;
    message.welcome.options = participant->options;
    say(roster, member, &message);
}

/* The process of a rank; one that there is not gets another that is judged by its
 * number of ranks. */
static size_t process_of(const struct experiment *experiment, size_t participant,
                         uint32_t rank)
{
    const struct experiment_participant *it = &experiment->participants[participant];

    return it->first_process + (rank < it->ranks ? rank : 0);
}

/* Why this participant may not join; empty when it may. */
static void judge_join(const struct roster *roster, const struct tt_join *join,
                       size_t named, struct tt_text *why)
{
    const struct experiment *experiment = roster->experiment;
    const size_t member =
        named == EXPERIMENT_NONE ? named : process_of(experiment, named, join->rank);

    if (join->protocol != TT_PROTOCOL_VERSION)
        tt_text_add(why,
                    "participant '%s' speaks protocol %" PRIu32
                    " (Tutti %s), this broker speaks %d (Tutti %s): install the same "
                    "version of Tutti for both",
                    join->name, join->protocol, join->version, TT_PROTOCOL_VERSION,
                    tutti_version());
    else if (named == EXPERIMENT_NONE) {
        tt_text_add(why, "'%s' has no participant '%s'; it has", experiment->path,
                    join->name);
        for (size_t i = 0; i < experiment->participant_count; i++)
            tt_text_add(why, "%s '%s'", i ? "," : "", experiment->participants[i].name);
    } else if (roster->phase == ROSTER_FAILED)
        tt_text_add(why, "'%s' comes too late: %s", join->name, roster->failure.text);
    else if (join->ranks != experiment->participants[named].ranks)
        tt_text_add(why,
                    "participant '%s' joins with %" PRIu32 " ranks, '%s' gives it "
                    "%" PRIu32 ": start as many, or change 'ranks'",
                    join->name, join->ranks, experiment->path,
                    experiment->participants[named].ranks);
    else if (roster->members[member].state != ROSTER_AWAITED)
        tt_text_add(why,
                    "participant '%s' has joined already, as process %" PRId64
                    ": it can join once only (process %" PRId64 " tried it again)",
                    roster->members[member].name, roster->members[member].join.join.pid,
                    join->pid);
}

static void take_join(struct roster *roster, uint64_t line, struct tt_message *message)
{
    const size_t named = experiment_find(roster->experiment, message->join.name);
    struct tt_text why = {0};

    judge_join(roster, &message->join, named, &why);
    if (why.size) {
        roster_refuse(roster, line, tt_text_get(&why));
        tt_message_free(message);
    } else {
        const size_t member = process_of(roster->experiment, named, message->join.rank);

        roster->members[member].state = ROSTER_JOINED;
        roster->members[member].line = line;
        roster->members[member].join = *message;
        welcome(roster, member);
    }
    tt_text_free(&why);
}

static void answer_sources(struct roster *roster, int64_t now)
{
    for (size_t i = 0; i < roster->experiment->process_count; i++) {
        struct tt_message message = {.kind = TT_SOURCES};
        struct tutti_source *sources;

        if (!roster->members[i].asks_sources || !is_in(roster, i) ||
            !wiring_knows_sources(roster->experiment, roster->first,
                                  roster->members[i].participant))
            continue;
        roster->members[i].asks_sources = false;
        if (wiring_sources(roster->experiment, roster->first,
                           roster->members[i].participant, &sources,
                           &message.sources.count) != TUTTI_OK) {
            roster_fail(roster, TUTTI_BAD_CONFIG, i, tutti_last_error(), now);
            return;
        }
        message.sources.sources = sources;
        say(roster, i, &message);
        free(sources);
    }
}

static enum tutti_status say_wiring(struct roster *roster, size_t member,
                                    const char **names, const struct tt_join **joins)
{
    const struct plan_processes processes = {names, joins, roster->declared};
    struct tt_message message = {.kind = TT_WIRING};
    enum tutti_status status = plan_wiring(&roster->plan, roster->experiment,
                                           &processes, member, &message.wiring);

    if (status == TUTTI_OK)
        say(roster, member, &message);
    plan_free_wiring(&message.wiring);
    return status;
}

static enum tutti_status say_all_wiring(struct roster *roster)
{
    const size_t count = roster->experiment->process_count;
    const char **names = tt_alloc_array(count, sizeof *names);
    const struct tt_join **joins = tt_alloc_array(count, sizeof *joins);
    enum tutti_status status = TUTTI_OK;

    if (!names || !joins)
        status = FAIL(TUTTI_NO_MEMORY, "no memory for %zu addresses", count);
    for (size_t i = 0; i < count && status == TUTTI_OK; i++) {
        names[i] = roster->members[i].name;
        joins[i] = &roster->members[i].join.join;
    }
    for (size_t i = 0; i < count && status == TUTTI_OK; i++)
        status = say_wiring(roster, i, names, joins);
    free(names);
    free(joins);
    return status;
}

static enum tutti_status wire(struct roster *roster)
{
    TRY(plan_make(roster->experiment, roster->units, roster->first, &roster->plan));
    roster->is_planned = true;
    return say_all_wiring(roster);
}

static bool are_same_ports(const struct tt_port *a, const struct tt_port *b)
{
    return strcmp(a->name, b->name) == 0 && a->is_output == b->is_output &&
           a->kind == b->kind && a->width == b->width &&
           strcmp(a->unit, b->unit) == 0 && a->lag == b->lag && a->lead == b->lead &&
           a->own_delay == b->own_delay && a->is_at_step_ends == b->is_at_step_ends &&
           a->interpolation == b->interpolation && a->extrapolates == b->extrapolates;
}

/* Whether two ranks of one participant fit together: the same ports, and no index of an
 * output on both. */
static enum tutti_status check_ranks(const struct roster_member *a,
                                     const struct roster_member *b)
{
    const struct tt_declare *first = &a->declare.declare, *second = &b->declare.declare;
    bool is_same = first->convention == second->convention &&
                   first->step.ns == second->step.ns &&
                   first->step.divisor == second->step.divisor &&
                   first->port_count == second->port_count;

    for (size_t i = 0; is_same && i < first->port_count; i++)
        is_same = are_same_ports(&first->ports[i], &second->ports[i]);
    if (!is_same)
        return FAIL(
            TUTTI_BAD_CONFIG,
            "'%s' and '%s' declare different steps or ports: all ranks declare "
            "the same, in the same order, but for the indices that live on them",
            a->name, b->name);
    for (size_t i = 0; i < first->port_count; i++)
        if (first->ports[i].is_output &&
            ranges_overlap(first->ports[i].ranges, second->ports[i].ranges))
            return FAIL(
                TUTTI_BAD_CONFIG,
                "an index of output '%s' lives on '%s' and on '%s'; it can be on "
                "one rank only",
                first->ports[i].name, a->name, b->name);
    return TUTTI_OK;
}

/* When the last rank of a participant has declared, they are held against each other.
 */
static enum tutti_status join_ranks(struct roster *roster, size_t participant)
{
    const struct experiment_participant *it =
        &roster->experiment->participants[participant];
    const struct roster_member *members = &roster->members[it->first_process];

    for (uint32_t i = 0; i < it->ranks; i++)
        if (members[i].state < ROSTER_DECLARED)
            return TUTTI_OK;
    for (uint32_t i = 0; i < it->ranks; i++)
        for (uint32_t j = 0; j < i; j++)
            TRY(check_ranks(&members[j], &members[i]));
    roster->first[participant] = &members[0].declare.declare;
    return wiring_check_declared(roster->experiment, participant,
                                 roster->first[participant]);
}

static void take_declare(struct roster *roster, size_t member,
                         struct tt_message *message, int64_t now)
{
    struct roster_member *from = &roster->members[member];
    enum tutti_status status;

    from->declare = *message;
    from->state = ROSTER_DECLARED;
    roster->declared[member] = &from->declare.declare;
    status = join_ranks(roster, from->participant);
    if (status == TUTTI_OK)
        answer_sources(roster, now);
    if (status == TUTTI_OK && roster->phase == ROSTER_GATHERING &&
        have_all(roster, ROSTER_DECLARED))
        status = wire(roster);
    if (status != TUTTI_OK)
        roster_fail(roster, status, member, tutti_last_error(), now);
}

static void begin(struct roster *roster, int64_t now)
{
    const struct tt_message go = {.kind = TT_GO};

    roster->phase = ROSTER_RUN;
    roster->began = now;
    for (size_t i = 0; i < roster->experiment->process_count; i++) {
        roster->members[i].state = ROSTER_RUNNING;
        say(roster, i, &go);
    }
}

/* --- run */

static void take_progress(struct roster *roster, size_t member,
                          const struct tt_progress *progress, int64_t now)
{
    struct roster_member *from = &roster->members[member];

    if (progress->reached != from->progress.reached || !from->progress_at) {
        roster->advanced = now;
        roster->is_explained = false;
    }
    from->progress = *progress;
    from->progress_at = now;
}

/* Keeps the message. */
static void take_leave(struct roster *roster, size_t member, struct tt_message *message,
                       int64_t now)
{
    struct roster_member *from = &roster->members[member];
    char text[256];

    from->leave = *message;
    if (from->state != ROSTER_RUNNING) {
        from->state = ROSTER_LEFT;
        snprintf(text, sizeof text, "participant '%s' left before the start",
                 from->name);
        roster_fail(roster, TUTTI_LOST, member, text, now);
        return;
    }
    from->state = ROSTER_LEFT;
    from->has_said_leave = true;
    from->progress.reached = TT_INFINITY;
    if (roster->phase == ROSTER_RUN && have_all(roster, ROSTER_LEFT)) {
        roster->phase = ROSTER_OVER;
        roster->ended = now;
    }
}

static void take_failure(struct roster *roster, size_t member,
                         const struct tt_failure *failure, int64_t now)
{
    struct tt_text text = {0};

    tt_text_add(&text, "participant '%s' gave up: %s", roster->members[member].name,
                failure->text);
    roster->members[member].state = ROSTER_LEFT;
    roster_fail(roster, failure->status, member, tt_text_get(&text), now);
    tt_text_free(&text);
}

void roster_take(struct roster *roster, uint64_t line, struct tt_message *message,
                 int64_t now)
{
    const size_t member = roster_member_of(roster, line);
    const enum tt_message_kind kind = message->kind;

    if (kind == TT_JOIN && member == EXPERIMENT_NONE) {
        take_join(roster, line, message);
    } else if (member == EXPERIMENT_NONE) {
        tt_message_free(message); /* of one that was refused or lost */
        return;
    } else if (kind == TT_DECLARE && roster->members[member].state == ROSTER_JOINED) {
        take_declare(roster, member, message, now);
    } else if (kind == TT_LEAVE) {
        take_leave(roster, member, message, now);
    } else {
        if (kind == TT_ASK_SOURCES) {
            roster->members[member].asks_sources = true;
            answer_sources(roster, now);
        } else if (kind == TT_READY &&
                   roster->members[member].state == ROSTER_DECLARED) {
            roster->members[member].state = ROSTER_READY;
            if (roster->phase == ROSTER_GATHERING && have_all(roster, ROSTER_READY))
                begin(roster, now);
        } else if (kind == TT_PROGRESS) {
            take_progress(roster, member, &message->progress, now);
        } else if (kind == TT_FAILURE) {
            take_failure(roster, member, &message->failure, now);
        }
        tt_message_free(message);
        if (kind == TT_PROGRESS)
            return;
    }
    roster->advanced = now;
    roster->is_explained = false;
}

int64_t roster_reached(const struct roster *roster)
{
    int64_t reached = TT_INFINITY;

    for (size_t i = 0; i < roster->experiment->process_count; i++)
        if (roster->members[i].progress.reached < reached)
            reached = roster->members[i].progress.reached;
    return reached < roster->experiment->duration ? reached
                                                  : roster->experiment->duration;
}
