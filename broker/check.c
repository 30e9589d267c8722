/* What `tutti check` prints.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/time.h"
#include "broker/cycles.h"

#define CYCLES_SHOWN 10 /* the others have more room */

/* One report while it is written. */
struct report {
    const struct experiment *experiment;
    const struct tt_declare *const *declared;
    const struct plan *plan;
    struct tt_text *text;
    struct tt_text *names; /* of the connections of the experiment */
    int name_width, participant_width;
    size_t known; /* participants whose step and ports are known */
};

static const char *time_text(int64_t ns, char room[TT_TIME_TEXT])
{
    return tt_time_text((struct tutti_time){ns}, room);
}

static void add_end(struct tt_text *name, const struct experiment *experiment,
                    const struct experiment_end *end)
{
    tt_text_add(name, "%s.%s", experiment->participants[end->participant].name,
                end->port);
    if (end->slice.end != TT_OPEN_END)
        tt_text_add(name, "[%u:%u]", end->slice.begin, end->slice.end);
    else if (end->slice.begin)
        tt_text_add(name, "[%u:]", end->slice.begin);
}

static enum tutti_status name_all(struct report *report)
{
    const struct experiment *experiment = report->experiment;

    report->names =
        tt_alloc_array(experiment->connection_count + 1, sizeof *report->names);
    if (!report->names)
        return FAIL(TUTTI_NO_MEMORY, "no memory to name %zu connections",
                    experiment->connection_count);
    for (size_t i = 0; i < experiment->connection_count; i++) {
        struct tt_text *name = &report->names[i];

        add_end(name, experiment, &experiment->connections[i].from);
        tt_text_add(name, " -> ");
        add_end(name, experiment, &experiment->connections[i].to);
        if ((int)name->size > report->name_width)
            report->name_width = (int)name->size;
    }
    for (size_t i = 0; i < experiment->participant_count; i++) {
        const int size = (int)strlen(experiment->participants[i].name);

        if (size > report->participant_width)
            report->participant_width = size;
        report->known += report->declared[i] != NULL;
    }
    return TUTTI_OK;
}

/* Name of a connection by its place in the schedule. */
static const char *scheduled_name(const struct report *report, size_t place)
{
    size_t number = 0;

    while (report->plan->scheduled[number] != place)
        number++;
    return tt_text_get(&report->names[number]);
}

static void add_step(const struct schedule_participant *participant,
                     struct tt_text *text)
{
    char room[TT_TIME_TEXT];

    if (!participant->has_step)
        tt_text_add(text, "no step");
    else if (participant->step.divisor == 1)
        tt_text_add(text, "step %s", time_text(participant->step.ns, room));
    else
        tt_text_add(text, "step %s / %" PRId64, time_text(participant->step.ns, room),
                    participant->step.divisor);
}

static void write_participants(const struct report *report)
{
    const struct experiment *experiment = report->experiment;
    const struct schedule *schedule = &report->plan->schedule;

    tt_text_add(report->text, "\nparticipants\n");
    for (size_t i = 0; i < experiment->participant_count; i++) {
        const struct schedule_participant *p = &schedule->participants[i];
        const int64_t window = tt_step_border(p->step, p->steps_per_window);
        char room[TT_TIME_TEXT];

        tt_text_add(report->text, "  %-*s  ", report->participant_width, p->name);
        if (!report->declared[i]) {
            tt_text_add(report->text, "known at join only\n");
            continue;
        }
        add_step(p, report->text);
        tt_text_add(report->text,
                    ", windows %s of %s%s, %.4g per second of simulated time\n",
                    p->convention == TUTTI_FROM ? "[begin, end)" : "(begin, end]",
                    time_text(window, room),
                    p->window ? " (as the file says)"
                              : (p->is_on_cycle ? "" : " (on no cycle)"),
                    (double)p->step.divisor / (double)p->step.ns /
                        (double)p->steps_per_window * (double)TT_SECOND);
    }
}

static void write_connections(const struct report *report)
{
    const struct plan *plan = report->plan;

    tt_text_add(report->text, "\nconnections (effective delay = delay + out - need)\n");
    for (size_t i = 0; i < report->experiment->connection_count; i++) {
        char delay[TT_TIME_TEXT], out[TT_TIME_TEXT], need[TT_TIME_TEXT];
        char effective[TT_TIME_TEXT];

        tt_text_add(report->text, "  %zu  %-*s  delay %s", i, report->name_width,
                    tt_text_get(&report->names[i]),
                    time_text(report->experiment->connections[i].delay, delay));
        if (plan->scheduled[i] == SIZE_MAX) {
            tt_text_add(report->text, ", the rest is known at join only\n");
        } else {
            const struct schedule_connection *c =
                &plan->schedule.connections[plan->scheduled[i]];

            tt_text_add(report->text, ", out %s, need %s, effective %s\n",
                        time_text(c->out, out), time_text(c->need, need),
                        time_text(c->effective, effective));
        }
    }
}

/* The input that lets a participant run least far; SIZE_MAX without inputs. */
static size_t tightest_input(const struct schedule *schedule, size_t participant)
{
    size_t tightest = SIZE_MAX;

    for (size_t i = 0; i < schedule->connection_count; i++) {
        const struct schedule_connection *c = &schedule->connections[i];

        if (c->to == participant &&
            (tightest == SIZE_MAX ||
             c->effective < schedule->connections[tightest].effective))
            tightest = i;
    }
    return tightest;
}

static void write_limits(const struct report *report)
{
    const struct schedule *schedule = &report->plan->schedule;

    tt_text_add(report->text, "\nwho limits whom\n");
    for (size_t i = 0; i < schedule->participant_count; i++) {
        const struct schedule_participant *p = &schedule->participants[i];
        const size_t tightest = tightest_input(schedule, i);
        const struct schedule_connection *c;
        int64_t slack;
        char room[TT_TIME_TEXT];

        if (!report->declared[i])
            continue;
        if (tightest == SIZE_MAX) {
            tt_text_add(report->text,
                        "  %-*s  waits for no input, only for credit of its readers\n",
                        report->participant_width, p->name);
            continue;
        }
        c = &schedule->connections[tightest];
        slack = c->effective - schedule_longest_window(p);
        tt_text_add(
            report->text,
            "  %-*s  is limited by %s: begins a window once that is %s%s%s (%s)\n",
            report->participant_width, p->name,
            c->from == i ? "itself" : schedule->participants[c->from].name,
            slack > 0 ? "no more than " : (slack < 0 ? "at least " : "as far"),
            slack ? time_text(slack < 0 ? -slack : slack, room) : "",
            slack > 0 ? " behind" : (slack < 0 ? " ahead" : ""),
            scheduled_name(report, tightest));
    }
}

static void write_cycle(const struct report *report, const struct cycle *cycle)
{
    const struct schedule *schedule = &report->plan->schedule;
    const double lookahead = (double)cycle->delays / (double)cycle->windows;
    char delays[TT_TIME_TEXT], windows[TT_TIME_TEXT];

    tt_text_add(report->text, "  ");
    for (size_t i = 0; i < cycle->length; i++) {
        const struct schedule_connection *c =
            &schedule->connections[cycle->connections[i]];

        tt_text_add(report->text, "%s -> ", schedule->participants[c->from].name);
    }
    tt_text_add(
        report->text, "%s: delays of %s for windows of %s, lookahead %.3g windows%s\n",
        schedule->participants[schedule->connections[cycle->connections[0]].from].name,
        time_text(cycle->delays, delays), time_text(cycle->windows, windows), lookahead,
        2 * cycle->windows <= cycle->delays
            ? ": frames fly while others compute"
            : ": below 2, computing waits for the flight of frames");
}

static enum tutti_status write_cycles(const struct report *report)
{
    struct cycles cycles;
    const enum tutti_status status = cycles_find(&report->plan->schedule, &cycles);

    if (status == TUTTI_OK && cycles.count) {
        tt_text_add(report->text, "\ncycles\n");
        for (size_t i = 0; i < cycles.count && i < CYCLES_SHOWN; i++)
            write_cycle(report, &cycles.cycles[i]);
        if (cycles.count > CYCLES_SHOWN)
            tt_text_add(report->text, "  and %zu with more lookahead\n",
                        cycles.count - CYCLES_SHOWN);
    }
    cycles_free(&cycles);
    return status;
}

static void write_speed(const struct report *report)
{
    static const char *const links[] = {
        [EXPERIMENT_SHM] = "shared memory on one host, ZeroMQ otherwise",
        [EXPERIMENT_IPC] = "ZeroMQ over local sockets",
        [EXPERIMENT_TCP] = "ZeroMQ over TCP"};
    const struct schedule *schedule = &report->plan->schedule;
    double windows = 0;
    char room[TT_TIME_TEXT];

    for (size_t i = 0; i < schedule->participant_count; i++) {
        const struct schedule_participant *p = &schedule->participants[i];

        if (report->declared[i])
            windows += (double)((p->last_step - 1) / p->steps_per_window + 1);
    }
    tt_text_add(
        report->text,
        "\ncredit: a sender runs at most %s ahead of its reader\n"
        "speed: %.0f windows in all; how long one takes to compute shows when it "
        "runs\n"
        "link: %s\n",
        time_text(schedule->credit, room), windows, links[report->experiment->link]);
}

/* What the windows depend on and nobody has said yet. */
static void write_unknown(const struct report *report)
{
    const size_t count = report->experiment->participant_count;

    if (report->known == 0)
        tt_text_add(report->text, "\nknown at join only: steps and ports, and so the "
                                  "windows and whether all can run to the end\n");
    else if (report->known < count)
        tt_text_add(
            report->text,
            "known at join only: step and ports of %zu of %zu participants; all "
            "windows and the credit hold if these close no tighter cycle\n",
            count - report->known, count);
}

enum tutti_status check_write(const struct experiment *experiment,
                              const struct tt_declare *const *declared,
                              const struct plan *plan, struct tt_text *text)
{
    struct report report = {
        .experiment = experiment, .declared = declared, .plan = plan, .text = text};
    char room[TT_TIME_TEXT];
    enum tutti_status status = name_all(&report);

    if (status == TUTTI_OK) {
        tt_text_add(text, "%s: %s of simulated time\n", experiment->name,
                    time_text(experiment->duration, room));
        write_participants(&report);
        write_connections(&report);
    }
    if (status == TUTTI_OK && report.known) {
        write_limits(&report);
        status = write_cycles(&report);
    }
    if (status == TUTTI_OK && report.known)
        write_speed(&report);
    if (status == TUTTI_OK)
        write_unknown(&report);
    if (status == TUTTI_OK && text->is_cut)
        status = FAIL(TUTTI_NO_MEMORY, "no memory for the text of the check");
    for (size_t i = 0; report.names && i < experiment->connection_count; i++)
        tt_text_free(&report.names[i]);
    free(report.names);
    return status;
}
