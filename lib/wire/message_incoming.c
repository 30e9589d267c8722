/* Protobuf to plain structs, checked. What is checked here needs no knowledge of the
 * experiment. SPDX-License-Identifier: Apache-2.0 */
#include "wire/message_body.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/time.h"
#include "wire/utf8.h"

static enum tutti_status check_letters(const char *what, const char *text,
                                       const char *also)
{
    const char *at = text;

    while (*at) {
        const size_t letter = tt_utf8_size(at);

        if (!letter && !strchr(also, *at))
            return FAIL(TUTTI_REFUSED,
                        "a control message is refused: its %s is no text at byte %td",
                        what, at - text);
        at += letter ? letter : 1;
        if ((size_t)(at - text) > TT_LONGEST_TEXT)
            return FAIL(TUTTI_REFUSED,
                        "a control message is refused: its %s is longer than %zu bytes",
                        what, TT_LONGEST_TEXT);
    }
    return TUTTI_OK;
}

static enum tutti_status check_text(const char *what, const char *text)
{
    return check_letters(what, text, "");
}

static enum tutti_status check_lines(const char *what, const char *text)
{
    return check_letters(what, text, "\n\t");
}

static enum tutti_status check_word(const char *what, const char *text)
{
    if (!*text)
        return FAIL(TUTTI_REFUSED, "a control message is refused: it has no %s", what);
    return check_text(what, text);
}

static enum tutti_status check_span(const char *what, int64_t ns, int64_t lowest)
{
    if (ns >= lowest && ns < TT_LONGEST)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED, "a control message is refused: its %s is %" PRId64, what,
                ns);
}

static enum tutti_status check_time(const char *what, int64_t ns)
{
    return ns == TT_INFINITY ? TUTTI_OK : check_span(what, ns, 0);
}

static enum tutti_status check_length(const char *what, size_t length)
{
    if (length <= TT_LONGEST_ARRAY)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED,
                "a control message is refused: it has %zu %s, the limit is %zu", length,
                what, TT_LONGEST_ARRAY);
}

static enum tutti_status check_kind(int kind)
{
    if (kind >= TUTTI_SPIKES && kind <= TUTTI_MESSAGE)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED,
                "a control message is refused: there is no kind of port with number %d",
                kind);
}

/* `count` indices from `first` on, all of which must fit 32 bits. */
static enum tutti_status check_indices(const char *what, uint32_t first, uint32_t count)
{
    if (count >= 1 && first <= UINT32_MAX - count)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED,
                "a control message is refused: its %s has %u indices from %u on", what,
                count, first);
}

/* Ranges of indices below `width` that rise and do not touch. */
static enum tutti_status check_ranges(const char *what, size_t count,
                                      const uint32_t *numbers, uint32_t width)
{
    TRY(check_length("ends of ranges", count));
    for (size_t i = 1; i < count; i++)
        if (numbers[i] <= numbers[i - 1])
            return FAIL(
                TUTTI_REFUSED,
                "a control message is refused: the ranges of its %s do not rise", what);
    if (count % 2 || (count && numbers[count - 1] > width))
        return FAIL(
            TUTTI_REFUSED,
            "a control message is refused: its %s has %zu ends of ranges up to %u "
            "for width %u",
            what, count, count ? numbers[count - 1] : 0, width);
    return TUTTI_OK;
}

/* Initial values are there or not. */
static enum tutti_status check_initial(const char *what, size_t count, uint32_t width)
{
    TRY(check_length("initial values", count));
    if (count == 0 || count == width)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED,
                "a control message is refused: its %s has %zu initial values for width "
                "%u",
                what, count, width);
}

static enum tutti_status read_step(const Tutti__Step *step, struct tutti_step *to)
{
    if (!step || step->ns < 1 || step->ns >= TT_LONGEST || step->divisor < 1)
        return FAIL(TUTTI_REFUSED,
                    "a control message is refused: its step is %" PRId64 " / %" PRId64
                    " ns",
                    step ? step->ns : 0, step ? step->divisor : 0);
    *to = (struct tutti_step){step->ns, step->divisor};
    return TUTTI_OK;
}

static enum tutti_status read_id(const char *what, const ProtobufCBinaryData *id,
                                 size_t size, uint8_t *to)
{
    if (id->len != size)
        return FAIL(TUTTI_REFUSED,
                    "a control message is refused: its %s has %zu bytes instead of %zu",
                    what, id->len, size);
    memcpy(to, id->data, size);
    return TUTTI_OK;
}

static enum tutti_status make_array(size_t count, size_t size, void **array)
{
    *array = tt_alloc_array(count, size);
    if (!*array)
        return FAIL(TUTTI_NO_MEMORY, "no memory for a control message of %zu entries",
                    count);
    return TUTTI_OK;
}

static enum tutti_status read_join(const Tutti__Envelope *envelope,
                                   struct tt_message *message, void *rows[2])
{
    const Tutti__Join *join = envelope->join;

    (void)rows;
    TRY(check_word("version", join->version));
    TRY(check_word("name", join->name));
    TRY(check_text("host", join->host));
    TRY(check_word("inbox", join->inbox));
    if (join->ranks ? join->rank >= join->ranks : join->rank)
        return FAIL(TUTTI_REFUSED,
                    "a control message is refused: it is of rank %u of %u", join->rank,
                    join->ranks);
    message->join = (struct tt_join){.protocol = join->protocol,
                                     .version = join->version,
                                     .name = join->name,
                                     .host = join->host,
                                     .pid = join->pid,
                                     .inbox = join->inbox,
                                     .rank = join->rank,
                                     .ranks = join->ranks ? join->ranks : 1,
                                     .shares_memory = join->shares_memory};
    return TUTTI_OK;
}

static enum tutti_status read_welcome(const Tutti__Envelope *envelope,
                                      struct tt_message *message, void *rows[2])
{
    const Tutti__Welcome *from = envelope->welcome;
    struct tt_welcome *to = &message->welcome;
    struct tt_option *options;

    to->protocol = from->protocol;
    TRY(read_id("session", &from->session, sizeof to->session, to->session));
    TRY(read_id("experiment", &from->experiment, sizeof to->experiment,
                to->experiment));
    to->process = from->process;
    TRY(check_span("stop time", to->stop = from->stop, 0));
    TRY(check_span("start timeout", to->start_timeout = from->start_timeout, 0));
    TRY(check_span("patience", to->patience = from->patience, 0));
    to->max_queue = from->max_queue;
    TRY(check_length("options", from->n_options));
    TRY(make_array(from->n_options, sizeof *options, &rows[0]));
    options = rows[0];
    for (size_t i = 0; i < from->n_options; i++) {
        options[i].key = from->options[i]->key;
        options[i].value = from->options[i]->value;
        TRY(check_word("option", options[i].key));
        TRY(check_lines("value of an option", options[i].value));
    }
    to->option_count = from->n_options;
    to->options = options;
    return TUTTI_OK;
}

static enum tutti_status read_port(const Tutti__Port *from, struct tt_port *to)
{
    TRY(check_word("port", from->name));
    TRY(check_kind((int)from->kind));
    TRY(check_indices("port", 0, from->width));
    TRY(check_text("unit", from->unit));
    TRY(check_span("lag", from->lag, 0));
    TRY(check_span("lead", from->lead, 0));
    TRY(check_span("own delay", from->own_delay, 0));
    TRY(check_initial("port", from->n_initial, from->width));
    if (from->interpolation > TUTTI_CUBIC)
        return FAIL(
            TUTTI_REFUSED,
            "a control message is refused: there is no interpolation with number "
            "%u",
            from->interpolation);
    TRY(check_ranges("port", from->n_ranges, from->ranges, from->width));
    *to =
        (struct tt_port){.name = from->name,
                         .is_output = from->is_output,
                         .kind = (enum tutti_kind)from->kind,
                         .width = from->width,
                         .unit = from->unit,
                         .lag = from->lag,
                         .lead = from->lead,
                         .own_delay = from->own_delay,
                         .is_at_step_ends = from->is_at_step_ends,
                         .interpolation = (enum tutti_interpolation)from->interpolation,
                         .extrapolates = from->extrapolates,
                         .initial_count = from->n_initial,
                         .initial = from->initial,
                         .has_ranges = from->has_ranges,
                         .ranges = {from->n_ranges / 2, from->ranges}};
    return TUTTI_OK;
}

static enum tutti_status read_declare(const Tutti__Envelope *envelope,
                                      struct tt_message *message, void *rows[2])
{
    const Tutti__Declare *from = envelope->declare;
    struct tt_declare *to = &message->declare;
    struct tt_port *ports;

    to->convention = from->is_up_to ? TUTTI_UP_TO : TUTTI_FROM;
    to->has_step = from->has_step;
    to->step = (struct tutti_step){1, 1};
    if (to->has_step)
        TRY(read_step(from->step, &to->step));
    TRY(check_length("ports", from->n_ports));
    TRY(make_array(from->n_ports, sizeof *ports, &rows[0]));
    ports = rows[0];
    for (size_t i = 0; i < from->n_ports; i++)
        TRY(read_port(from->ports[i], &ports[i]));
    to->port_count = from->n_ports;
    to->ports = ports;
    return TUTTI_OK;
}

static enum tutti_status read_source(const Tutti__Source *from, struct tutti_source *to)
{
    TRY(check_word("input", from->input));
    TRY(check_word("participant", from->participant));
    TRY(check_word("port", from->port));
    TRY(check_kind((int)from->kind));
    TRY(check_indices("source", from->first, from->width));
    TRY(check_indices("input", from->to, from->width));
    TRY(check_text("unit", from->unit));
    *to = (struct tutti_source){.input = from->input,
                                .participant = from->participant,
                                .port = from->port,
                                .kind = (enum tutti_kind)from->kind,
                                .width = from->width,
                                .first = from->first,
                                .to = from->to,
                                .unit = from->unit};
    return read_step(from->step, &to->step);
}

static enum tutti_status read_sources(const Tutti__Envelope *envelope,
                                      struct tt_message *message, void *rows[2])
{
    const Tutti__Sources *from = envelope->sources;
    struct tutti_source *sources;

    TRY(check_length("sources", from->n_sources));
    TRY(make_array(from->n_sources, sizeof *sources, &rows[0]));
    sources = rows[0];
    for (size_t i = 0; i < from->n_sources; i++)
        TRY(read_source(from->sources[i], &sources[i]));
    message->sources = (struct tt_sources){from->n_sources, sources};
    return TUTTI_OK;
}

static enum tutti_status read_wire(const Tutti__Wire *from, struct tt_wire *to)
{
    TRY(check_word("port", from->port));
    TRY(check_word("port of a peer", from->peer_port));
    TRY(check_indices("connection", from->first, from->count));
    TRY(check_indices("connection", from->to, from->count));
    TRY(check_span("delay", from->delay, 0));
    TRY(check_span("out", from->out, -TT_LONGEST + 1));
    TRY(check_span("need", from->need, -TT_LONGEST + 1));
    TRY(check_span("end of a reader", from->until, -TT_LONGEST + 1));
    TRY(check_initial("connection", from->n_initial, from->count));
    TRY(check_ranges("connection", from->n_ranges, from->ranges,
                     from->first + from->count));
    if (!isfinite(from->scale) || !isfinite(from->offset))
        return FAIL(TUTTI_REFUSED,
                    "a control message is refused: connection %u converts units with "
                    "%g x + %g",
                    from->number, from->scale, from->offset);
    *to = (struct tt_wire){.number = from->number,
                           .peer = from->peer,
                           .is_output = from->is_output,
                           .port = from->port,
                           .peer_port = from->peer_port,
                           .first = from->first,
                           .to = from->to,
                           .count = from->count,
                           .delay = from->delay,
                           .out = from->out,
                           .need = from->need,
                           .until = from->until,
                           .scale = from->scale,
                           .offset = from->offset,
                           .initial_count = from->n_initial,
                           .initial = from->initial,
                           .ranges = {from->n_ranges / 2, from->ranges}};
    return TUTTI_OK;
}

static enum tutti_status read_peers(const Tutti__Wiring *from, struct tt_wiring *to,
                                    void **row)
{
    struct tt_peer_address *peers;

    TRY(check_length("peers", from->n_peers));
    TRY(make_array(from->n_peers, sizeof *peers, row));
    peers = *row;
    for (size_t i = 0; i < from->n_peers; i++) {
        peers[i] =
            (struct tt_peer_address){.process = from->peers[i]->process,
                                     .name = from->peers[i]->name,
                                     .inbox = from->peers[i]->inbox,
                                     .shares_memory = from->peers[i]->shares_memory};
        TRY(check_word("name of a peer", peers[i].name));
        TRY(check_word("inbox of a peer", peers[i].inbox));
    }
    to->peer_count = from->n_peers;
    to->peers = peers;
    return TUTTI_OK;
}

static enum tutti_status read_wiring(const Tutti__Envelope *envelope,
                                     struct tt_message *message, void *rows[2])
{
    const Tutti__Wiring *from = envelope->wiring;
    struct tt_wiring *to = &message->wiring;
    struct tt_wire *wires;

    to->steps_per_window = from->steps_per_window;
    TRY(check_span("number of steps in a window", to->steps_per_window, 1));
    TRY(check_time("credit", to->credit = from->credit));
    TRY(read_peers(from, to, &rows[0]));
    TRY(check_length("connections", from->n_wires));
    TRY(make_array(from->n_wires, sizeof *wires, &rows[1]));
    wires = rows[1];
    for (size_t i = 0; i < from->n_wires; i++) {
        TRY(read_wire(from->wires[i], &wires[i]));
        if (i && wires[i].number < wires[i - 1].number)
            return FAIL(TUTTI_REFUSED,
                        "a control message is refused: connection %u comes after %u",
                        wires[i].number, wires[i - 1].number);
    }
    to->wire_count = from->n_wires;
    to->wires = wires;
    return TUTTI_OK;
}

static enum tutti_status read_progress(const Tutti__Envelope *envelope,
                                       struct tt_message *message, void *rows[2])
{
    const Tutti__Progress *progress = envelope->progress;

    (void)rows;
    TRY(check_time("time reached", progress->reached));
    TRY(check_time("end of the window", progress->window_end));
    TRY(check_time("peer's time", progress->peer_reached));
    TRY(check_span("waiting time", progress->waited, 0));
    message->progress = (struct tt_progress){.reached = progress->reached,
                                             .window_end = progress->window_end,
                                             .is_waiting = progress->is_waiting,
                                             .peer = progress->peer,
                                             .connection = progress->connection,
                                             .is_credit = progress->is_credit,
                                             .peer_reached = progress->peer_reached,
                                             .waited = progress->waited};
    return TUTTI_OK;
}

static enum tutti_status read_leave(const Tutti__Envelope *envelope,
                                    struct tt_message *message, void *rows[2])
{
    const Tutti__Leave *from = envelope->leave;
    struct tt_wait *waits;

    TRY(check_span("running time", from->ran, 0));
    TRY(check_length("waits", from->n_waits));
    TRY(make_array(from->n_waits, sizeof *waits, &rows[0]));
    waits = rows[0];
    for (size_t i = 0; i < from->n_waits; i++) {
        TRY(check_span("waiting time", from->waits[i]->waited, 0));
        waits[i] = (struct tt_wait){from->waits[i]->peer, from->waits[i]->waited,
                                    from->waits[i]->windows};
    }
    message->leave = (struct tt_leave){.is_end = from->is_end,
                                       .undelivered = from->undelivered,
                                       .sent = from->sent,
                                       .received = from->received,
                                       .strangers = from->strangers,
                                       .ran = from->ran,
                                       .wait_count = from->n_waits,
                                       .waits = waits};
    return TUTTI_OK;
}

static enum tutti_status read_failure(const Tutti__Envelope *envelope,
                                      struct tt_message *message, void *rows[2])
{
    const Tutti__Failure *failure = envelope->failure;

    (void)rows;
    if (failure->status <= TUTTI_AGAIN || failure->status > TUTTI_SYSTEM)
        return FAIL(TUTTI_REFUSED,
                    "a control message is refused: there is no failure with number %u",
                    failure->status);
    TRY(check_lines("sentence", failure->text));
    message->failure =
        (struct tt_failure){(enum tutti_status)failure->status, failure->text};
    return TUTTI_OK;
}

static enum tutti_status read_nothing(const Tutti__Envelope *envelope,
                                      struct tt_message *message, void *rows[2])
{
    (void)envelope;
    (void)message;
    (void)rows;
    return TUTTI_OK;
}

enum tutti_status tt_incoming_read(const Tutti__Envelope *envelope,
                                   struct tt_message *message, void *rows[2])
{
    static enum tutti_status (*const read[])(const Tutti__Envelope *,
                                             struct tt_message *, void *[2]) = {
        [TT_JOIN] = read_join,         [TT_ASK_SOURCES] = read_nothing,
        [TT_DECLARE] = read_declare,   [TT_READY] = read_nothing,
        [TT_PROGRESS] = read_progress, [TT_LEAVE] = read_leave,
        [TT_WELCOME] = read_welcome,   [TT_SOURCES] = read_sources,
        [TT_WIRING] = read_wiring,     [TT_GO] = read_nothing,
        [TT_PING] = read_nothing,      [TT_FAILURE] = read_failure};

    if (envelope->message_case == TUTTI__ENVELOPE__MESSAGE__NOT_SET)
        return FAIL(TUTTI_REFUSED, "a control message is refused: it is empty or of a "
                                   "kind that this version does not know");
    message->kind = (enum tt_message_kind)envelope->message_case;
    return read[message->kind](envelope, message, rows);
}
