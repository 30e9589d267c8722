/* The broker at work.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/server.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "broker/watch.h"

#define LOOK_AROUND (100 * TT_MILLISECOND)
#define PING_EVERY (500 * TT_MILLISECOND)
#define SETTLE                                                                         \
    (150 * TT_MILLISECOND)           /* for the last words of a child that has ended   \
                                      */
#define END_IN_ORDER (3 * TT_SECOND) /* after a failure, before SIGTERM */
#define END_AT_ALL (2 * TT_SECOND)   /* after SIGTERM, before SIGKILL */
#define LINGER (500 * TT_MILLISECOND)

static int64_t now(const struct server *server)
{
    return server->transport->board_now(server->board);
}

/* --- the roster's mouth */

static void say(void *self, uint64_t line, const struct tt_message *message)
{
    struct server *server = self;
    uint8_t *bytes;
    size_t size;

    if (tt_message_encode(message, &bytes, &size) != TUTTI_OK) {
        server->say_notice(server->viewer, tutti_last_error());
        return;
    }
    /* A lost line shows at the next ping, where it is dealt with. */
    (void)server->transport->board_say(server->board, line, bytes, size);
    free(bytes);
}

static void notice(void *self, const char *text)
{
    struct server *server = self;

    if (server->say_notice)
        server->say_notice(server->viewer, text);
}

enum tutti_status server_open(const struct experiment *experiment,
                              const struct tt_units *units,
                              const struct tt_transport *transport, void *network,
                              const char *address, struct server *server)
{
    const struct roster_mouth mouth = {say, notice, server};

    *server = (struct server){.transport = transport, .signals = -1};
    TRY(transport->open_board(network, address, &server->board));
    return roster_open(experiment, units, mouth, now(server), &server->roster);
}

void server_close(struct server *server)
{
    for (size_t i = 0; i < server->child_count; i++)
        launch_close(&server->children[i]);
    if (server->board)
        server->transport->close_board(&server->board, LINGER);
    if (server->roster.experiment)
        roster_close(&server->roster);
    free(server->children);
    free(server->ended);
    server->children = NULL;
    server->ended = NULL;
    server->child_count = 0;
}

/* --- hear */

static void hear(struct server *server)
{
    struct roster *roster = &server->roster;
    const void *bytes;
    uint64_t line;
    size_t size;

    while (server->transport->board_hear(server->board, &line, &bytes, &size)) {
        struct tt_message message;
        char text[1024];

        if (tt_message_decode(bytes, size, &message) == TUTTI_OK) {
            roster_take(roster, line, &message, now(server));
            continue;
        }
        snprintf(text, sizeof text, "a control message that cannot be read: %s",
                 tutti_last_error());
        if (roster_member_of(roster, line) == EXPERIMENT_NONE)
            roster_refuse(roster, line, text);
        else
            roster_fail(roster, TUTTI_REFUSED, roster_member_of(roster, line), text,
                        now(server));
    }
}

static void ping(struct server *server)
{
    const struct tt_message message = {.kind = TT_PING};
    struct roster *roster = &server->roster;
    uint8_t *bytes;
    size_t size;

    if (now(server) < server->pinged + PING_EVERY ||
        tt_message_encode(&message, &bytes, &size) != TUTTI_OK)
        return;
    server->pinged = now(server);
    for (size_t i = 0; i < roster->experiment->process_count; i++) {
        const enum roster_state state = roster->members[i].state;

        if (state == ROSTER_AWAITED || state == ROSTER_LEFT)
            continue;
        /* A child is judged by its end, which tells more than its line. */
        if (server->transport->board_ping(server->board, roster->members[i].line, bytes,
                                          size) == TUTTI_LOST &&
            !(server->child_count && server->ended[roster->members[i].participant]))
            roster_lose(roster, i, "is gone: its line to the broker has ended",
                        now(server));
    }
    free(bytes);
}

/* --- children */

/* The first process of a child that has not said goodbye; the last one when all have. A
 * child that stands for several ranks is the program that started them. */
static size_t process_of(const struct roster *roster, size_t child)
{
    const struct experiment_participant *participant =
        &roster->experiment->participants[child];
    size_t process = participant->first_process;

    for (uint32_t rank = 1; rank < participant->ranks; rank++)
        if (roster->members[process].state == ROSTER_LEFT)
            process++;
    return process;
}

/* A child that has ended: in order, or lost. Its last words may still be under way. */
static void judge_end(struct server *server, size_t child)
{
    struct roster *roster = &server->roster;
    const size_t process = process_of(roster, child);
    const struct roster_member *member = &roster->members[process];
    struct tt_text how = {0};

    if (member->state != ROSTER_LEFT && now(server) < server->ended[child] + SETTLE)
        return;
    launch_describe_end(&server->children[child], &how);
    if (member->state != ROSTER_LEFT) {
        roster_lose(roster, process, tt_text_get(&how), now(server));
    } else if (member->has_said_leave && server->children[child].status &&
               roster->phase != ROSTER_FAILED) {
        struct tt_text text = {0};

        tt_text_add(&text, "participant '%s' %s after it had left the run",
                    member->name, tt_text_get(&how));
        notice(server, tt_text_get(&text));
        tt_text_free(&text);
        server->has_bad_exit = true;
    }
    tt_text_free(&how);
    server->ended[child] = INT64_MAX - SETTLE; /* judged */
}

static void look_at_children(struct server *server)
{
    for (size_t i = 0; i < server->child_count; i++) {
        if (launch_look(&server->children[i]))
            server->ended[i] = now(server);
        if (server->ended[i])
            judge_end(server, i);
    }
}

static bool all_children_are_gone(const struct server *server)
{
    for (size_t i = 0; i < server->child_count; i++)
        if (server->children[i].pid &&
            (!server->children[i].has_ended || server->ended[i] != INT64_MAX - SETTLE))
            return false;
    return true;
}

static void signal_children(const struct server *server, int signal_number)
{
    for (size_t i = 0; i < server->child_count; i++)
        launch_signal(&server->children[i], signal_number);
}

/* After the end of the run children get time to end in order, and then no more. Who
 * never joined does not hear of the end. */
static void press_children(const struct server *server)
{
    const bool is_failed = server->roster.phase == ROSTER_FAILED;
    const int64_t since = now(server) - server->roster.ended;
    const int64_t patient =
        is_failed ? END_IN_ORDER : server->roster.experiment->patience;

    for (size_t i = 0; i < server->child_count; i++) {
        const size_t process = process_of(&server->roster, i);
        const bool has_joined = server->roster.members[process].state != ROSTER_AWAITED;

        if (since > patient + END_AT_ALL)
            launch_signal(&server->children[i], SIGKILL);
        else if (since > patient || !has_joined)
            launch_signal(&server->children[i], SIGTERM);
    }
}

static void take_signals(struct server *server)
{
    struct signalfd_siginfo information;

    while (server->signals >= 0 && read(server->signals, &information,
                                        sizeof information) == sizeof information) {
        char text[128];

        if (server->interrupted)
            signal_children(server, SIGKILL);
        server->interrupted = (int)information.ssi_signo;
        snprintf(text, sizeof text, "stopped by the user (%s)",
                 strsignal(server->interrupted));
        roster_fail(&server->roster, TUTTI_LOST, EXPERIMENT_NONE, text, now(server));
    }
}

/* --- run */

static void wait(struct server *server, struct pollfd *fds)
{
    for (size_t i = 0; i < server->child_count; i++)
        launch_poll(&server->children[i], &fds[2 * i]);
    fds[2 * server->child_count] =
        (struct pollfd){.fd = server->signals, .events = POLLIN};
    server->transport->board_wait(server->board, now(server) + LOOK_AROUND, fds,
                                  2 * server->child_count + 1);
}

static bool is_done(const struct server *server)
{
    const enum roster_phase phase = server->roster.phase;

    return (phase == ROSTER_OVER || phase == ROSTER_FAILED) &&
           all_children_are_gone(server);
}

enum tutti_status server_run(struct server *server)
{
    struct roster *roster = &server->roster;
    struct pollfd *fds = tt_alloc_array(2 * server->child_count + 1, sizeof *fds);

    if (!fds)
        return FAIL(TUTTI_NO_MEMORY, "no memory to watch %zu children",
                    server->child_count);
    while (!is_done(server)) {
        hear(server);
        take_signals(server);
        look_at_children(server);
        ping(server);
        watch_look(roster, now(server));
        if (roster->phase == ROSTER_FAILED || roster->phase == ROSTER_OVER)
            press_children(server);
        if (server->say_progress && now(server) >= server->shown + LOOK_AROUND) {
            server->shown = now(server);
            server->say_progress(server->viewer, roster, server->shown);
        }
        if (!is_done(server))
            wait(server, fds);
    }
    free(fds);
    if (roster->phase == ROSTER_FAILED)
        return FAIL(roster->failure.status, "%s", roster->failure.text);
    return TUTTI_OK;
}
