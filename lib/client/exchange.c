/* Frames to and from the peers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "client/port.h"
#include "client/window.h"

enum {
    FULL_FRAME = 8 << 20, /* bytes: what is beyond goes into another frame */
    MOST_EARLY = 16 << 20 /* bytes that are kept aside before the wiring is known */
};

/* --- open and close */

static struct tt_peer *find_peer(const struct tutti_participant *me, uint32_t process)
{
    for (size_t i = 0; i < me->peer_count; i++)
        if (me->peers[i].address.process == process)
            return &me->peers[i];
    return NULL;
}

static enum tutti_status open_end(struct tutti_participant *me,
                                  const struct tt_wire *wire, struct tt_end *end)
{
    struct tutti_port *port = tt_port_find(me, wire->port, wire->is_output);
    struct tt_peer *peer = find_peer(me, wire->peer);

    if (!port || !peer || wire->count > port->declared.width ||
        (wire->is_output ? wire->first : wire->to) > port->declared.width - wire->count)
        return FAIL(TUTTI_LOST,
                    "the broker's wiring of connection %" PRIu32 " does not fit '%s'",
                    wire->number, me->name);
    end->wire = *wire;
    end->peer = peer;
    end->effective = wire->delay + wire->out - wire->need;
    TRY(tt_port_connect(port, end));
    if (wire->is_output)
        return TUTTI_OK;
    peer->inputs[peer->rule_count] = end;
    peer->rules[peer->rule_count++] =
        (struct tt_frame_rule){wire->number, port->kind->kind, port->declared.width};
    /* A spike may arrive anywhere in the range of its connection, a sample has its
     * size. */
    peer->rules[peer->rule_count - 1].width =
        port->kind->kind == TUTTI_SPIKES ? wire->to + wire->count : end->width;
    return TUTTI_OK;
}

enum tutti_status tt_exchange_open(struct tutti_participant *me)
{
    const struct tt_wiring *wiring = &me->wiring.wiring;

    me->ends = tt_alloc_array(wiring->wire_count, sizeof *me->ends);
    me->peers = tt_alloc_array(wiring->peer_count, sizeof *me->peers);
    if (!me->ends || !me->peers)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu connections",
                    wiring->wire_count);
    for (size_t i = 0; i < wiring->peer_count; i++) {
        struct tt_peer *peer = &me->peers[me->peer_count];

        peer->address = wiring->peers[i];
        peer->line = i;
        peer->rules = tt_alloc_array(wiring->wire_count, sizeof *peer->rules);
        peer->inputs = tt_alloc_array(wiring->wire_count, sizeof *peer->inputs);
        me->peer_count++;
        if (!peer->rules || !peer->inputs)
            return FAIL(TUTTI_NO_MEMORY, "no memory for peer '%s'", peer->address.name);
        TRY(me->transport->add_line(me->station, peer->address.inbox));
        if (peer->address.shares_memory)
            me->transport->share_line(me->station, peer->line);
    }
    for (size_t i = 0; i < wiring->wire_count; i++, me->end_count++)
        TRY(open_end(me, &wiring->wires[i], &me->ends[i]));
    return TUTTI_OK;
}

void tt_exchange_close(struct tutti_participant *me)
{
    /* One more than the whole ones: opening an end may have failed half-way. */
    for (size_t i = 0; me->ends && i < me->wiring.wiring.wire_count; i++) {
        if (me->ends[i].port)
            me->ends[i].port->kind->clear(&me->ends[i]);
        free(me->ends[i].parcels);
        free(me->ends[i].times);
        free(me->ends[i].indices);
        free(me->ends[i].values);
        free(me->ends[i].held);
        free(me->ends[i].travels);
        free(me->ends[i].places);
    }
    for (size_t i = 0; i < me->peer_count; i++) {
        free(me->peers[i].rules);
        free(me->peers[i].inputs);
    }
    free(me->ends);
    free(me->peers);
    tt_frame_writer_free(&me->writer);
    free(me->offsets);
    while (me->early) {
        struct tt_early_frame *frame = me->early;

        me->early = frame->next;
        free(frame);
    }
}

/* --- send */

static enum tutti_status send(struct tutti_participant *me, struct tt_peer *peer,
                              int flags, int64_t reached)
{
    struct tt_frame_header header = {.flags = (uint16_t)flags,
                                     .source = me->welcome.welcome.process,
                                     .sequence = peer->sent,
                                     .reached = reached};

    memcpy(header.session, me->welcome.welcome.session, sizeof header.session);
    tt_frame_end(&me->writer, &header);
    TRY(me->transport->send(me->station, peer->line, me->writer.bytes,
                            me->writer.size));
    peer->sent++;
    if (me->transport->queued(me->station, peer->line) > me->welcome.welcome.max_queue)
        return FAIL(TUTTI_LOST,
                    "more than max_queue (%" PRIu64
                    " bytes) wait for '%s', which does not "
                    "take them: raise max_queue or shorten the windows",
                    me->welcome.welcome.max_queue, peer->address.name);
    return TUTTI_OK;
}

static enum tutti_status send_empty(struct tutti_participant *me, struct tt_peer *peer,
                                    int flags, int64_t reached)
{
    TRY(tt_frame_begin(&me->writer));
    return send(me, peer, flags, reached);
}

/* The events of one end; a frame that gets full leaves without extending the promise.
 */
static enum tutti_status write_end(struct tutti_participant *me, struct tt_peer *peer,
                                   struct tt_end *end)
{
    const struct tt_port_kind *kind = end->port->kind;
    const int64_t base = tt_window_first_stamp(me, end);

    while (end->sent < end->count) {
        if (me->writer.size >= FULL_FRAME) {
            TRY(send(me, peer, 0, me->window.begin.ns));
            TRY(tt_frame_begin(&me->writer));
        }
        TRY(kind->write(end, base, FULL_FRAME - me->writer.size, &me->writer));
    }
    me->events_sent += end->count;
    kind->clear(end);
    end->sent = 0;
    return TUTTI_OK;
}

enum tutti_status tt_exchange_hello(struct tutti_participant *me)
{
    for (size_t i = 0; i < me->peer_count; i++)
        TRY(send_empty(me, &me->peers[i], TT_FRAME_HELLO, 0));
    return TUTTI_OK;
}

/* Events of this window that find no reader; the same number in every run, whether or
 * not the reader has ended already. */
static uint64_t count_late(const struct tt_end *end)
{
    uint64_t late = 0;

    for (size_t i = 0; i < end->count; i++)
        late += end->times[i] + end->wire.delay >= end->wire.until;
    return late;
}

enum tutti_status tt_exchange_promise(struct tutti_participant *me, int64_t reached)
{
    const int flags = TT_FRAME_COMPLETE | (reached == TT_INFINITY ? TT_FRAME_END : 0);

    for (size_t i = 0; i < me->peer_count; i++) {
        struct tt_peer *peer = &me->peers[i];

        TRY(tt_frame_begin(&me->writer));
        for (size_t e = 0; e < me->end_count; e++) {
            struct tt_end *end = &me->ends[e];

            if (end->peer != peer || !end->wire.is_output)
                continue;
            me->undelivered += count_late(end);
            if (peer->has_ended)
                end->port->kind->clear(end); /* it takes nothing more: no error */
            TRY(write_end(me, peer, end));
        }
        if (!peer->has_ended || reached == TT_INFINITY)
            TRY(send(me, peer, flags, reached));
    }
    return TUTTI_OK;
}

/* --- receive */

static enum tutti_status check_queue(const struct tutti_participant *me,
                                     const struct tt_end *end)
{
    if (end->port->kind->held(end) <= me->welcome.welcome.max_queue)
        return TUTTI_OK;
    return FAIL(TUTTI_LOST,
                "more than max_queue (%" PRIu64
                " bytes) wait at input '%s' of '%s': raise "
                "max_queue or shorten the delay of connection %" PRIu32,
                me->welcome.welcome.max_queue, end->port->declared.name, me->name,
                end->wire.number);
}

static enum tutti_status take_sections(struct tutti_participant *me,
                                       struct tt_peer *peer, const void *bytes,
                                       size_t size)
{
    struct tt_section section;
    size_t cursor = 0, rule = 0;

    while (tt_frame_next_section(bytes, size, &cursor, &section)) {
        struct tt_end *end;

        while (peer->rules[rule].connection != section.connection)
            rule++; /* both rise, and the frame was checked */
        end = peer->inputs[rule];
        TRY(end->port->kind->take(end, peer->reached + end->wire.out, &section));
        TRY(check_queue(me, end));
    }
    return TUTTI_OK;
}

/* A frame of this run from a known peer: what it says must be right. */
static enum tutti_status check_peer_frame(const struct tt_peer *peer,
                                          const struct tt_frame_header *header,
                                          const void *bytes, size_t size)
{
    if (header->sequence != peer->received)
        return FAIL(TUTTI_REFUSED,
                    "frame %" PRIu64 " from '%s' came where frame %" PRIu64 " was due",
                    header->sequence, peer->address.name, peer->received);
    if (peer->has_ended && header->sections)
        return FAIL(TUTTI_REFUSED,
                    "frame %" PRIu64 " from '%s' has events after its end",
                    header->sequence, peer->address.name);
    if (header->flags & TT_FRAME_COMPLETE && header->reached < peer->reached)
        return FAIL(TUTTI_REFUSED, "frame %" PRIu64 " from '%s' takes its promise back",
                    header->sequence, peer->address.name);
    if (tt_frame_check(bytes, size, peer->rules, peer->rule_count) != TUTTI_OK)
        return FAIL(TUTTI_REFUSED, "frame %" PRIu64 " from '%s' is damaged: %s",
                    header->sequence, peer->address.name, tutti_last_error());
    return TUTTI_OK;
}

static enum tutti_status take_frame(struct tutti_participant *me, const void *bytes,
                                    size_t size)
{
    struct tt_frame_header header;
    struct tt_peer *peer = NULL;

    if (tt_frame_read_header(bytes, size, &header) == TUTTI_OK &&
        memcmp(header.session, me->welcome.welcome.session, sizeof header.session) == 0)
        peer = find_peer(me, header.source);
    if (!peer) {
        me->strangers++;
        return TUTTI_OK;
    }
    TRY(check_peer_frame(peer, &header, bytes, size));
    peer->received++;
    peer->is_up = true;
    if (me->phase != TT_PHASE_ENDED)
        TRY(take_sections(me, peer, bytes, size));
    if (header.flags & TT_FRAME_COMPLETE)
        peer->reached = header.reached;
    if (header.flags & TT_FRAME_ANSWER)
        peer->has_answered = true;
    if (header.flags & TT_FRAME_END && !peer->has_ended) {
        peer->has_ended = true;
        peer->reached = TT_INFINITY;
        TRY(send_empty(me, peer, TT_FRAME_ANSWER, 0));
    }
    return TUTTI_OK;
}

static enum tutti_status keep_aside(struct tutti_participant *me, const void *bytes,
                                    size_t size)
{
    struct tt_early_frame *frame;

    if (me->early_size + size > MOST_EARLY) {
        me->strangers++; /* peers say one hello; whoever says so much is none */
        return TUTTI_OK;
    }
    frame = tt_alloc(sizeof *frame + size);
    if (!frame)
        return FAIL(TUTTI_NO_MEMORY, "no memory for a frame of %zu bytes", size);
    frame->size = size;
    memcpy(frame->bytes, bytes, size);
    frame->next = me->early;
    me->early = frame;
    me->early_size += size;
    return TUTTI_OK;
}

static enum tutti_status take_early(struct tutti_participant *me)
{
    struct tt_early_frame *oldest_first = NULL;
    enum tutti_status status = TUTTI_OK;

    while (me->early) {
        struct tt_early_frame *frame = me->early;

        me->early = frame->next;
        frame->next = oldest_first;
        oldest_first = frame;
    }
    while (oldest_first) {
        struct tt_early_frame *frame = oldest_first;

        oldest_first = frame->next;
        if (status == TUTTI_OK)
            status = take_frame(me, frame->bytes, frame->size);
        free(frame);
    }
    return status;
}

static void look_at_peers(struct tutti_participant *me)
{
    me->is_met = me->is_answered = true;
    for (size_t i = 0; i < me->peer_count; i++) {
        me->is_met &= me->peers[i].is_up;
        /* One that has ended wants no frame, and may be gone. */
        me->is_answered &= me->peers[i].has_answered || me->peers[i].has_ended;
    }
}

enum tutti_status tt_exchange_read(struct tutti_participant *me)
{
    const void *bytes;
    size_t size;

    if (me->is_wired && me->early)
        TRY(take_early(me));
    while (me->transport->receive(me->station, &bytes, &size))
        TRY(me->is_wired ? take_frame(me, bytes, size) : keep_aside(me, bytes, size));
    if (me->is_wired)
        look_at_peers(me);
    return TUTTI_OK;
}

enum tutti_status tt_exchange_deliver(struct tutti_participant *me, int64_t end)
{
    for (struct tutti_port *port = me->ports; port; port = port->next)
        if (!port->declared.is_output)
            TRY(port->kind->deliver(port, end));
    return TUTTI_OK;
}
