/* The life of a participant.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/participant.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "client/control.h"
#include "client/exchange.h"
#include "client/port.h"
#include "client/window.h"

#define START_TIMEOUT (300 * TT_SECOND) /* until the broker has said another one */
#define LEAVE_TIMEOUT (2 * TT_SECOND)
#define LINGER (500 * TT_MILLISECOND)

/* --- join */

static int64_t start_timeout(const struct tutti_participant *me)
{
    const char *text = getenv("TUTTI_START_TIMEOUT");
    const double seconds = text ? strtod(text, NULL) : 0;

    if (me->is_welcome)
        return me->welcome.welcome.start_timeout +
               10 * TT_SECOND; /* the broker is first */
    return seconds > 0 && seconds < 1e6 ? (int64_t)(seconds * 1e9) : START_TIMEOUT;
}

/* Equal for all processes of one machine, and for those only. */
static void read_host(char host[64])
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");

    host[0] = '\0';
    if (file) {
        if (!fgets(host, 64, file))
            host[0] = '\0';
        fclose(file);
    }
    host[strcspn(host, "\n")] = '\0';
}

static enum tutti_status ask_to_join(struct tutti_participant *me, const char *broker)
{
    struct tt_message message = {.kind = TT_JOIN};
    const int64_t until = me->transport->now(me->station) + start_timeout(me);
    char host[64], what[512];

    read_host(host);
    message.join.protocol = TT_PROTOCOL_VERSION;
    message.join.version = tutti_version();
    message.join.name = me->name;
    message.join.host = host;
    message.join.pid = getpid();
    message.join.inbox = me->transport->inbox(me->station);
    message.join.rank = me->rank;
    message.join.ranks = me->ranks;
    message.join.shares_memory = true;
    TRY(tt_control_say(me, &message));
    snprintf(
        what, sizeof what,
        "the broker at '%s'; start it with 'tutti broker', or give the address that "
        "it prints",
        broker);
    TRY(tt_control_await(me, &me->is_welcome, until, what));
    if (me->welcome.welcome.protocol != TT_PROTOCOL_VERSION)
        return FAIL(TUTTI_REFUSED,
                    "the broker speaks protocol %" PRIu32 ", this library speaks %d: "
                    "install the same version of Tutti for both",
                    me->welcome.welcome.protocol, TT_PROTOCOL_VERSION);
    return TUTTI_OK;
}

static void close_participant(struct tutti_participant *me)
{
    tt_exchange_close(me); /* needs the ports */
    while (me->ports) {
        struct tutti_port *port = me->ports;

        me->ports = port->next;
        tt_port_free(port);
    }
    if (me->is_welcome)
        tt_message_free(&me->welcome);
    if (me->has_sources)
        tt_message_free(&me->sources);
    if (me->is_wiring)
        tt_message_free(&me->wiring);
    if (me->station)
        me->transport->close_station(&me->station, LINGER);
    free(me->name);
    free(me->run_folder);
    free(me);
}

static enum tutti_status make_participant(const struct tt_transport *transport,
                                          const struct tt_join_as *as,
                                          struct tutti_participant **me)
{
    const char *run_folder = getenv("TUTTI_RUN");

    *me = tt_alloc(sizeof **me);
    if (!*me)
        return FAIL(TUTTI_NO_MEMORY, "no memory to join as '%s'", as->name);
    (*me)->transport = transport;
    (*me)->rank = as->rank;
    (*me)->ranks = as->ranks;
    (*me)->step = (struct tutti_step){1, 1};
    (*me)->last_port = &(*me)->ports;
    (*me)->name = tt_copy_text(as->name);
    (*me)->run_folder = run_folder ? tt_copy_text(run_folder) : NULL;
    if (!(*me)->name || (run_folder && !(*me)->run_folder))
        return FAIL(TUTTI_NO_MEMORY, "no memory to join as '%s'", as->name);
    return TUTTI_OK;
}

enum tutti_status tt_join(const struct tt_transport *transport, void *network,
                          const struct tt_join_as *as, struct tutti_participant **me)
{
    enum tutti_status status = make_participant(transport, as, me);

    if (status == TUTTI_OK)
        status = transport->open_station(network, as->broker, &(*me)->station);
    if (status == TUTTI_OK)
        status = ask_to_join(*me, as->broker);
    if (status != TUTTI_OK && *me) {
        close_participant(*me);
        *me = NULL;
    }
    return status;
}

static const char *from_environment(const char *given, const char *variable)
{
    const char *value = given ? given : getenv(variable);

    return value && *value ? value : NULL;
}

enum tutti_status tutti_join_rank(const char *broker, const char *name, int rank,
                                  int ranks, struct tutti_participant **me)
{
    broker = from_environment(broker, "TUTTI_BROKER");
    name = from_environment(name, "TUTTI_NAME");
    *me = NULL;
    if (!broker)
        return FAIL(TUTTI_BAD_CALL,
                    "no broker to join: start this program with 'tutti run', or set "
                    "TUTTI_BROKER to the address that 'tutti broker' prints");
    if (!name)
        return FAIL(TUTTI_BAD_CALL,
                    "no name to join with: start this program with 'tutti run', or set "
                    "TUTTI_NAME to its name in the experiment file");
    if (rank < 0 || rank >= ranks)
        return FAIL(TUTTI_BAD_CALL, "'%s' joins as rank %d of %d: ranks are 0 to %d",
                    name, rank, ranks, ranks - 1);
    return tt_join(&tt_transport_zmq, NULL,
                   &(struct tt_join_as){broker, name, (uint32_t)rank, (uint32_t)ranks},
                   me);
}

enum tutti_status tutti_join(const char *broker, const char *name,
                             struct tutti_participant **me)
{
    return tutti_join_rank(broker, name, 0, 1, me);
}

/* --- ask */

const char *tutti_option(const struct tutti_participant *me, const char *key)
{
    const struct tt_welcome *welcome = &me->welcome.welcome;

    for (size_t i = 0; i < welcome->option_count; i++)
        if (strcmp(welcome->options[i].key, key) == 0)
            return welcome->options[i].value;
    return NULL;
}

const char *tutti_name(const struct tutti_participant *me)
{
    return me->name;
}

const char *tutti_run_folder(const struct tutti_participant *me)
{
    return me->run_folder;
}

struct tutti_time tutti_stop_time(const struct tutti_participant *me)
{
    return (struct tutti_time){me->welcome.welcome.stop};
}

enum tutti_status tutti_sources(struct tutti_participant *me,
                                const struct tutti_source **sources, size_t *count)
{
    const struct tt_message message = {.kind = TT_ASK_SOURCES};

    *sources = NULL;
    *count = 0;
    if (me->phase != TT_PHASE_JOINED)
        return FAIL(TUTTI_BAD_CALL, "tutti_sources() comes too late: call it before "
                                    "tutti_start()");
    if (!me->has_sources) {
        TRY(tt_control_say(me, &message));
        TRY(tt_control_await(me, &me->has_sources,
                             me->transport->now(me->station) + start_timeout(me),
                             "its sources to declare their ports"));
    }
    *sources = me->sources.sources.sources;
    *count = me->sources.sources.count;
    return TUTTI_OK;
}

/* --- start */

enum tutti_status tutti_set_step(struct tutti_participant *me, struct tutti_step step,
                                 enum tutti_convention convention)
{
    if (me->phase != TT_PHASE_JOINED)
        return FAIL(TUTTI_BAD_CALL,
                    "the step comes too late: set it before tutti_start()");
    if (step.divisor < 1 || step.ns < step.divisor || step.ns >= TT_LONGEST)
        return FAIL(TUTTI_BAD_CALL,
                    "the step %" PRId64 "/%" PRId64
                    " ns of '%s' is shorter than 1 ns or "
                    "longer than 2^61 ns",
                    step.ns, step.divisor, me->name);
    me->step = step;
    me->convention = convention;
    me->has_step = step.ns != 1 || step.divisor != 1;
    return TUTTI_OK;
}

static enum tutti_status declare(struct tutti_participant *me)
{
    struct tt_message message = {.kind = TT_DECLARE};
    enum tutti_status status;
    struct tt_port *ports;
    size_t count = 0;

    for (struct tutti_port *port = me->ports; port; port = port->next)
        count++;
    ports = tt_alloc_array(count, sizeof *ports);
    if (!ports)
        return FAIL(TUTTI_NO_MEMORY, "no memory to declare %zu ports", count);
    count = 0;
    for (struct tutti_port *port = me->ports; port; port = port->next)
        ports[count++] = port->declared;
    message.declare.convention = me->convention;
    message.declare.step = me->step;
    message.declare.has_step = me->has_step;
    message.declare.port_count = count;
    message.declare.ports = ports;
    status = tt_control_say(me, &message);
    free(ports);
    return status;
}

static enum tutti_status meet_peers(struct tutti_participant *me, int64_t until)
{
    const struct tt_message ready = {.kind = TT_READY};

    TRY(tt_exchange_open(me));
    me->is_wired = true;
    TRY(tt_exchange_hello(me));
    TRY(tt_control_await(me, &me->is_met, until, "the first frame of each peer"));
    return tt_control_say(me, &ready);
}

enum tutti_status tutti_start(struct tutti_participant *me)
{
    const int64_t until = me->transport->now(me->station) + start_timeout(me);

    if (me->phase != TT_PHASE_JOINED)
        return FAIL(TUTTI_BAD_CALL, "tutti_start() was called twice");
    me->phase = TT_PHASE_STARTING;
    TRY(declare(me));
    TRY(tt_control_await(me, &me->is_wiring, until, "all participants to join"));
    TRY(meet_peers(me, until));
    TRY(tt_control_await(me, &me->may_go, until, "all participants to be ready"));
    me->last_border = tt_step_at_or_after(me->step, me->welcome.welcome.stop);
    me->began = me->transport->now(me->station);
    me->phase = TT_PHASE_BETWEEN;
    return TUTTI_OK;
}

/* --- advance */

/* What was written leaves; the participant stands on the window's end. */
static enum tutti_status end_window(struct tutti_participant *me)
{
    const int64_t border = tt_step_at_or_after(me->step, me->window.end.ns);
    const bool is_last = border >= me->last_border;
    enum tutti_status status =
        tt_exchange_promise(me, is_last ? TT_INFINITY : me->window.end.ns);

    if (status != TUTTI_OK)
        return status;
    me->border = border;
    me->phase = is_last ? TT_PHASE_ENDED : TT_PHASE_BETWEEN;
    return TUTTI_OK;
}

/* Until something comes, or `until`; the time goes to whoever is to blame. */
static enum tutti_status wait_for(struct tutti_participant *me, struct tt_peer *peer,
                                  int64_t now, int64_t until)
{
    const int64_t wake = now + 100 * TT_MILLISECOND;

    me->transport->wait(me->station, until < wake ? until : wake);
    peer->waited += me->transport->now(me->station) - now;
    return tt_control_check_broker(me);
}

static enum tutti_status await_window(struct tutti_participant *me, int64_t border,
                                      int64_t until)
{
    int64_t since = 0;

    for (;;) {
        const struct tt_end *blocked;
        int64_t needed, now;

        TRY(tt_control_read(me));
        blocked = tt_window_blocked(me, border, &needed);
        if (!blocked)
            return TUTTI_OK;
        now = me->transport->now(me->station);
        blocked->peer->windows_held_up += since == 0;
        since = since ? since : now;
        tt_control_report(me, now, border, blocked, now - since);
        if (now >= until)
            return TUTTI_AGAIN;
        TRY(wait_for(me, blocked->peer, now, until));
    }
}

enum tutti_status tutti_advance_within(struct tutti_participant *me,
                                       struct tutti_time wall_limit,
                                       struct tutti_window *window)
{
    const int64_t now = me->transport->now(me->station);
    struct tutti_window next;

    if (me->failure != TUTTI_OK)
        return FAIL(me->failure, "%s", me->failure_text);
    if (me->phase < TT_PHASE_BETWEEN)
        return FAIL(TUTTI_BAD_CALL, "tutti_advance() before tutti_start()");
    if (me->phase == TT_PHASE_INSIDE)
        TRY(end_window(me));
    if (me->phase == TT_PHASE_ENDED)
        return TUTTI_END;
    next = tt_window_next(me);
    TRY(await_window(me, next.end.ns,
                     wall_limit.ns < TT_LONGEST ? now + wall_limit.ns : TT_INFINITY));
    TRY(tt_exchange_deliver(me, next.end.ns));
    me->window = next;
    me->phase = TT_PHASE_INSIDE;
    tt_control_report(me, now, next.end.ns, NULL, 0);
    *window = next;
    return TUTTI_OK;
}

enum tutti_status tutti_advance(struct tutti_participant *me,
                                struct tutti_window *window)
{
    return tutti_advance_within(me, (struct tutti_time){TT_INFINITY}, window);
}

/* --- leave */

/* For the report after the run; without memory it has none. */
static void list_waits(const struct tutti_participant *me, struct tt_leave *leave)
{
    struct tt_wait *waits = tt_alloc_array(me->peer_count, sizeof *waits);

    leave->ran = me->began ? me->transport->now(me->station) - me->began : 0;
    leave->waits = waits;
    for (size_t i = 0; waits && i < me->peer_count; i++)
        if (me->peers[i].windows_held_up)
            waits[leave->wait_count++] =
                (struct tt_wait){me->peers[i].address.process, me->peers[i].waited,
                                 me->peers[i].windows_held_up};
}

/* Says the end on every link and gives the peers time to take it. */
static void say_end(struct tutti_participant *me)
{
    const int64_t until = me->transport->now(me->station) + LEAVE_TIMEOUT;
    struct tt_message message = {.kind = TT_LEAVE};

    message.leave.is_end = me->phase == TT_PHASE_ENDED;
    if (me->phase == TT_PHASE_BETWEEN || me->phase == TT_PHASE_INSIDE) {
        if (tt_exchange_promise(me, TT_INFINITY) != TUTTI_OK)
            return;
        me->phase = TT_PHASE_ENDED;
    }
    message.leave.undelivered = me->undelivered;
    message.leave.sent = me->events_sent;
    message.leave.received = me->events_received;
    message.leave.strangers = me->strangers;
    list_waits(me, &message.leave);
    if (me->is_wired)
        tt_control_await(me, &me->is_answered, until,
                         "its peers to take the last frames");
    tt_control_say(me, &message);
    free((struct tt_wait *)message.leave.waits);
}

void tutti_leave(struct tutti_participant **me)
{
    if (!me || !*me)
        return;
    if ((*me)->failure == TUTTI_OK)
        say_end(*me);
    close_participant(*me);
    *me = NULL;
}

void tutti_abort(struct tutti_participant **me, const char *reason)
{
    struct tt_message message = {.kind = TT_FAILURE};

    if (!me || !*me)
        return;
    message.failure.status = TUTTI_LOST;
    message.failure.text = reason;
    if ((*me)->failure == TUTTI_OK)
        tt_control_say(*me, &message);
    close_participant(*me);
    *me = NULL;
}
