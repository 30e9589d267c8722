/* Plain structs to protobuf.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/message_body.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "wire/utf8.h"

/* protobuf-c has no const; packing does not write. */
static char *borrow(const char *text)
{
    char *borrowed;

    memcpy(&borrowed, &text, sizeof borrowed);
    return borrowed;
}

static double *borrow_doubles(const double *values)
{
    double *borrowed;

    memcpy(&borrowed, &values, sizeof borrowed);
    return borrowed;
}

static uint32_t *borrow_numbers(const uint32_t *numbers)
{
    uint32_t *borrowed;

    memcpy(&borrowed, &numbers, sizeof borrowed);
    return borrowed;
}

static ProtobufCBinaryData borrow_bytes(const uint8_t *bytes, size_t size)
{
    ProtobufCBinaryData data = {.len = size};

    memcpy(&data.data, &bytes, sizeof data.data);
    return data;
}

static Tutti__Step step_of(struct tutti_step step)
{
    Tutti__Step packed = TUTTI__STEP__INIT;

    packed.ns = step.ns;
    packed.divisor = step.divisor;
    return packed;
}

/* Makes `count` structs of `size` bytes for repeated field number `field`, and the
 * array of pointers to them that protobuf-c wants. */
static enum tutti_status make_rows(struct tt_outgoing *outgoing, int field,
                                   size_t count, size_t size)
{
    char *rows = tt_alloc_array(count, size);
    void **pointers = tt_alloc_array(count, sizeof *pointers);

    outgoing->rows[field] = rows;
    outgoing->pointers[field] = pointers;
    if (!rows || !pointers)
        return FAIL(TUTTI_NO_MEMORY, "no memory for a control message of %zu entries",
                    count);
    for (size_t i = 0; i < count; i++)
        pointers[i] = rows + i * size;
    return TUTTI_OK;
}

static enum tutti_status fill_join(struct tt_outgoing *outgoing,
                                   const struct tt_message *message)
{
    const struct tt_join *join = &message->join;
    Tutti__Join *body = &outgoing->body.join;

    tutti__join__init(body);
    body->protocol = join->protocol;
    body->version = borrow(join->version);
    body->name = borrow(join->name);
    body->host = borrow(join->host);
    body->pid = join->pid;
    body->inbox = borrow(join->inbox);
    body->rank = join->rank;
    body->ranks = join->ranks;
    body->shares_memory = join->shares_memory;
    outgoing->envelope.join = body;
    return TUTTI_OK;
}

static enum tutti_status fill_welcome(struct tt_outgoing *outgoing,
                                      const struct tt_message *message)
{
    const struct tt_welcome *welcome = &message->welcome;
    Tutti__Welcome *body = &outgoing->body.welcome;
    Tutti__Option *rows;

    tutti__welcome__init(body);
    body->protocol = welcome->protocol;
    body->session = borrow_bytes(welcome->session, sizeof welcome->session);
    body->experiment = borrow_bytes(welcome->experiment, sizeof welcome->experiment);
    body->process = welcome->process;
    body->stop = welcome->stop;
    body->start_timeout = welcome->start_timeout;
    body->patience = welcome->patience;
    body->max_queue = welcome->max_queue;
    TRY(make_rows(outgoing, 0, welcome->option_count, sizeof *rows));
    rows = outgoing->rows[0];
    for (size_t i = 0; i < welcome->option_count; i++) {
        tutti__option__init(&rows[i]);
        rows[i].key = borrow(welcome->options[i].key);
        rows[i].value = borrow(welcome->options[i].value);
    }
    body->n_options = welcome->option_count;
    body->options = (Tutti__Option **)outgoing->pointers[0];
    outgoing->envelope.welcome = body;
    return TUTTI_OK;
}

static enum tutti_status fill_declare(struct tt_outgoing *outgoing,
                                      const struct tt_message *message)
{
    const struct tt_declare *declare = &message->declare;
    Tutti__Declare *body = &outgoing->body.declare;
    Tutti__Port *rows;

    tutti__declare__init(body);
    body->is_up_to = declare->convention == TUTTI_UP_TO;
    body->has_step = declare->has_step;
    outgoing->step = step_of(declare->step);
    body->step = &outgoing->step;
    TRY(make_rows(outgoing, 0, declare->port_count, sizeof *rows));
    rows = outgoing->rows[0];
    for (size_t i = 0; i < declare->port_count; i++) {
        const struct tt_port *port = &declare->ports[i];

        tutti__port__init(&rows[i]);
        rows[i].name = borrow(port->name);
        rows[i].is_output = port->is_output;
        rows[i].kind = (Tutti__Kind)port->kind;
        rows[i].width = port->width;
        rows[i].unit = borrow(port->unit);
        rows[i].lag = port->lag;
        rows[i].lead = port->lead;
        rows[i].own_delay = port->own_delay;
        rows[i].is_at_step_ends = port->is_at_step_ends;
        rows[i].interpolation = (uint32_t)port->interpolation;
        rows[i].extrapolates = port->extrapolates;
        rows[i].n_initial = port->initial_count;
        rows[i].initial = borrow_doubles(port->initial);
        rows[i].has_ranges = port->has_ranges;
        rows[i].n_ranges = 2 * port->ranges.count;
        rows[i].ranges = borrow_numbers(port->ranges.numbers);
    }
    body->n_ports = declare->port_count;
    body->ports = (Tutti__Port **)outgoing->pointers[0];
    outgoing->envelope.declare = body;
    return TUTTI_OK;
}

static enum tutti_status fill_sources(struct tt_outgoing *outgoing,
                                      const struct tt_message *message)
{
    struct row {
        Tutti__Source source; /* first: the row's pointer is that of the source */
        Tutti__Step step;
    } * rows;
    const struct tt_sources *sources = &message->sources;
    Tutti__Sources *body = &outgoing->body.sources;

    tutti__sources__init(body);
    TRY(make_rows(outgoing, 0, sources->count, sizeof *rows));
    rows = outgoing->rows[0];
    for (size_t i = 0; i < sources->count; i++) {
        const struct tutti_source *source = &sources->sources[i];
        Tutti__Source *row = &rows[i].source;

        tutti__source__init(row);
        row->input = borrow(source->input);
        row->participant = borrow(source->participant);
        row->port = borrow(source->port);
        row->kind = (Tutti__Kind)source->kind;
        row->width = source->width;
        row->first = source->first;
        row->to = source->to;
        row->unit = borrow(source->unit);
        rows[i].step = step_of(source->step);
        row->step = &rows[i].step;
    }
    body->n_sources = sources->count;
    body->sources = (Tutti__Source **)outgoing->pointers[0];
    outgoing->envelope.sources = body;
    return TUTTI_OK;
}

static void fill_wire(Tutti__Wire *row, const struct tt_wire *wire)
{
    tutti__wire__init(row);
    row->number = wire->number;
    row->peer = wire->peer;
    row->is_output = wire->is_output;
    row->port = borrow(wire->port);
    row->peer_port = borrow(wire->peer_port);
    row->first = wire->first;
    row->to = wire->to;
    row->count = wire->count;
    row->delay = wire->delay;
    row->out = wire->out;
    row->need = wire->need;
    row->until = wire->until;
    row->scale = wire->scale;
    row->offset = wire->offset;
    row->n_initial = wire->initial_count;
    row->initial = borrow_doubles(wire->initial);
    row->n_ranges = 2 * wire->ranges.count;
    row->ranges = borrow_numbers(wire->ranges.numbers);
}

static enum tutti_status fill_wiring(struct tt_outgoing *outgoing,
                                     const struct tt_message *message)
{
    const struct tt_wiring *wiring = &message->wiring;
    Tutti__Wiring *body = &outgoing->body.wiring;
    Tutti__PeerAddress *peers;
    Tutti__Wire *wires;

    tutti__wiring__init(body);
    body->steps_per_window = wiring->steps_per_window;
    body->credit = wiring->credit;
    TRY(make_rows(outgoing, 0, wiring->peer_count, sizeof *peers));
    TRY(make_rows(outgoing, 1, wiring->wire_count, sizeof *wires));
    peers = outgoing->rows[0];
    wires = outgoing->rows[1];
    for (size_t i = 0; i < wiring->peer_count; i++) {
        tutti__peer_address__init(&peers[i]);
        peers[i].process = wiring->peers[i].process;
        peers[i].name = borrow(wiring->peers[i].name);
        peers[i].inbox = borrow(wiring->peers[i].inbox);
        peers[i].shares_memory = wiring->peers[i].shares_memory;
    }
    for (size_t i = 0; i < wiring->wire_count; i++)
        fill_wire(&wires[i], &wiring->wires[i]);
    body->n_peers = wiring->peer_count;
    body->peers = (Tutti__PeerAddress **)outgoing->pointers[0];
    body->n_wires = wiring->wire_count;
    body->wires = (Tutti__Wire **)outgoing->pointers[1];
    outgoing->envelope.wiring = body;
    return TUTTI_OK;
}

static enum tutti_status fill_progress(struct tt_outgoing *outgoing,
                                       const struct tt_message *message)
{
    const struct tt_progress *progress = &message->progress;
    Tutti__Progress *body = &outgoing->body.progress;

    tutti__progress__init(body);
    body->reached = progress->reached;
    body->window_end = progress->window_end;
    body->is_waiting = progress->is_waiting;
    body->peer = progress->peer;
    body->connection = progress->connection;
    body->is_credit = progress->is_credit;
    body->peer_reached = progress->peer_reached;
    body->waited = progress->waited;
    outgoing->envelope.progress = body;
    return TUTTI_OK;
}

static enum tutti_status fill_leave(struct tt_outgoing *outgoing,
                                    const struct tt_message *message)
{
    const struct tt_leave *leave = &message->leave;
    Tutti__Leave *body = &outgoing->body.leave;
    Tutti__Wait *rows;

    tutti__leave__init(body);
    body->is_end = leave->is_end;
    body->undelivered = leave->undelivered;
    body->sent = leave->sent;
    body->received = leave->received;
    body->strangers = leave->strangers;
    body->ran = leave->ran;
    TRY(make_rows(outgoing, 0, leave->wait_count, sizeof *rows));
    rows = outgoing->rows[0];
    for (size_t i = 0; i < leave->wait_count; i++) {
        tutti__wait__init(&rows[i]);
        rows[i].peer = leave->waits[i].peer;
        rows[i].waited = leave->waits[i].waited;
        rows[i].windows = leave->waits[i].windows;
    }
    body->n_waits = leave->wait_count;
    body->waits = (Tutti__Wait **)outgoing->pointers[0];
    outgoing->envelope.leave = body;
    return TUTTI_OK;
}

/* The reason of a failure comes from anywhere, and must arrive: what is no text becomes
 * a question mark, what is too long is cut. */
static enum tutti_status fill_failure(struct tt_outgoing *outgoing,
                                      const struct tt_message *message)
{
    const char *from = message->failure.text;
    Tutti__Failure *body = &outgoing->body.failure;
    char *clean = tt_alloc(TT_LONGEST_TEXT + 1);
    size_t size = 0;

    outgoing->text = clean;
    if (!clean)
        return FAIL(TUTTI_NO_MEMORY, "no memory to tell of the failure: %s", from);
    while (*from) {
        const size_t letter = tt_utf8_size(from);
        const size_t taken = letter ? letter : 1;

        if (size + taken > TT_LONGEST_TEXT)
            break;
        if (letter || *from == '\n' || *from == '\t')
            memcpy(clean + size, from, taken);
        else
            clean[size] = '?';
        size += taken;
        from += taken;
    }
    tutti__failure__init(body);
    body->status = (uint32_t)message->failure.status;
    body->text = clean;
    outgoing->envelope.failure = body;
    return TUTTI_OK;
}

static enum tutti_status fill_ask_sources(struct tt_outgoing *outgoing,
                                          const struct tt_message *message)
{
    (void)message;
    tutti__ask_sources__init(&outgoing->body.ask_sources);
    outgoing->envelope.ask_sources = &outgoing->body.ask_sources;
    return TUTTI_OK;
}

static enum tutti_status fill_ready(struct tt_outgoing *outgoing,
                                    const struct tt_message *message)
{
    (void)message;
    tutti__ready__init(&outgoing->body.ready);
    outgoing->envelope.ready = &outgoing->body.ready;
    return TUTTI_OK;
}

static enum tutti_status fill_go(struct tt_outgoing *outgoing,
                                 const struct tt_message *message)
{
    (void)message;
    tutti__go__init(&outgoing->body.go);
    outgoing->envelope.go = &outgoing->body.go;
    return TUTTI_OK;
}

static enum tutti_status fill_ping(struct tt_outgoing *outgoing,
                                   const struct tt_message *message)
{
    (void)message;
    tutti__ping__init(&outgoing->body.ping);
    outgoing->envelope.ping = &outgoing->body.ping;
    return TUTTI_OK;
}

enum tutti_status tt_outgoing_fill(struct tt_outgoing *outgoing,
                                   const struct tt_message *message)
{
    static enum tutti_status (*const fill[])(struct tt_outgoing *,
                                             const struct tt_message *) = {
        [TT_JOIN] = fill_join,         [TT_ASK_SOURCES] = fill_ask_sources,
        [TT_DECLARE] = fill_declare,   [TT_READY] = fill_ready,
        [TT_PROGRESS] = fill_progress, [TT_LEAVE] = fill_leave,
        [TT_WELCOME] = fill_welcome,   [TT_SOURCES] = fill_sources,
        [TT_WIRING] = fill_wiring,     [TT_GO] = fill_go,
        [TT_PING] = fill_ping,         [TT_FAILURE] = fill_failure};

    outgoing->envelope.message_case = (Tutti__Envelope__MessageCase)message->kind;
    return fill[message->kind](outgoing, message);
}

void tt_outgoing_free(struct tt_outgoing *outgoing)
{
    for (int field = 0; field < 2; field++) {
        free(outgoing->rows[field]);
        free(outgoing->pointers[field]);
    }
    free(outgoing->text);
}
