/* Message ports.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "client/port.h"

/* --- declare and send */

enum tutti_status tutti_message_output(struct tutti_participant *me, const char *name,
                                       struct tutti_port **port)
{
    const struct tt_port declared = {
        .name = name, .is_output = true, .width = 1, .unit = ""};

    return tt_port_add(me, &tt_port_message, &declared, port);
}

enum tutti_status tutti_message_input(struct tutti_participant *me, const char *name,
                                      struct tutti_port **port)
{
    const struct tt_port declared = {.name = name, .width = 1, .unit = ""};

    return tt_port_add(me, &tt_port_message, &declared, port);
}

/* Room for one more message at an end, whose bytes come later. */
static enum tutti_status make_room(struct tt_end *end)
{
    TRY(tt_grow(&end->times, &end->times_room, end->count + 1, sizeof *end->times));
    return tt_grow(&end->parcels, &end->parcels_room, end->count + 1,
                   sizeof *end->parcels);
}

static enum tutti_status append(struct tt_body *parcel, const void *bytes, size_t size)
{
    TRY(tt_grow(&parcel->bytes, &parcel->room, parcel->size + size, 1));
    if (size)
        memcpy(parcel->bytes + parcel->size, bytes, size);
    parcel->size += size;
    return TUTTI_OK;
}

enum tutti_status tutti_send_message(struct tutti_port *port, struct tutti_time stamp,
                                     const void *bytes, size_t size)
{
    TRY(tt_port_may_send(port, &tt_port_message));
    TRY(tt_port_check_stamp(port, stamp.ns));
    if (size > TUTTI_LONGEST_MESSAGE)
        return FAIL(
            TUTTI_BAD_CALL,
            "a message of %zu bytes at output '%s' of '%s' is too long, the limit "
            "is %zu: send it in parts",
            size, port->declared.name, port->me->name, TUTTI_LONGEST_MESSAGE);
    for (size_t e = 0; e < port->end_count; e++) {
        struct tt_end *end = port->ends[e];
        struct tt_body parcel = {0};
        enum tutti_status status = make_room(end);

        if (status == TUTTI_OK)
            status = append(&parcel, bytes, size);
        if (status != TUTTI_OK) {
            free(parcel.bytes);
            return status;
        }
        end->times[end->count] = stamp.ns;
        end->parcels[end->count++] = parcel;
    }
    return TUTTI_OK;
}

/* --- frames */

/* One piece after the other: what is left of a message, or as much as there is room. */
static enum tutti_status write_messages(struct tt_end *end, int64_t base, size_t room,
                                        struct tt_frame_writer *writer)
{
    struct tt_piece pieces[64];
    size_t count = 0, used = 0;

    while (end->sent < end->count && count < 64 && used < room) {
        const struct tt_body *parcel = &end->parcels[end->sent];
        const size_t left = parcel->size - end->sent_bytes;
        struct tt_piece *piece = &pieces[count++];

        piece->offset = (uint32_t)(end->times[end->sent] - base);
        /* An empty message has no bytes to point into. */
        piece->bytes = parcel->size ? parcel->bytes + end->sent_bytes : NULL;
        piece->goes_on = left > room - used;
        piece->size = piece->goes_on ? room - used : left;
        used += piece->size;
        end->sent_bytes += piece->size;
        if (piece->goes_on)
            break;
        end->sent++;
        end->sent_bytes = 0;
    }
    return tt_frame_add_pieces(writer, end->wire.number, count, pieces);
}

/* A message is whole: its due time is that of its first piece. */
static enum tutti_status finish_part(struct tt_end *end, int64_t due)
{
    TRY(make_room(end));
    end->times[end->count] = due;
    end->parcels[end->count++] = end->part;
    end->part = (struct tt_body){0};
    return TUTTI_OK;
}

static enum tutti_status take_messages(struct tt_end *end, int64_t base,
                                       const struct tt_section *section)
{
    size_t at = 0;

    for (size_t i = 0; i < section->count; i++) {
        struct tt_piece piece;

        tt_section_next_piece(section, &at, &piece);
        TRY(append(&end->part, piece.bytes, piece.size));
        end->held_bytes += piece.size;
        if (!piece.goes_on)
            TRY(finish_part(end, base + piece.offset + end->wire.delay));
    }
    return TUTTI_OK;
}

/* --- deliver */

/* Puts a message behind all that are due no later. */
static void insert(struct tutti_port *port, int64_t due, struct tt_body parcel)
{
    size_t place = port->count++;

    for (; place > 0 && port->due[place - 1].ns > due; place--) {
        port->due[place] = port->due[place - 1];
        port->parcels[place] = port->parcels[place - 1];
    }
    port->due[place].ns = due;
    port->parcels[place] = parcel;
}

static void collect(struct tutti_port *port, struct tt_end *end, int64_t limit)
{
    size_t kept = 0;

    for (size_t i = 0; i < end->count; i++) {
        if (end->times[i] < limit) {
            end->held_bytes -= end->parcels[i].size;
            insert(port, end->times[i], end->parcels[i]);
        } else {
            end->times[kept] = end->times[i];
            end->parcels[kept++] = end->parcels[i];
        }
    }
    end->count = kept;
}

static enum tutti_status deliver_messages(struct tutti_port *port, int64_t window_end)
{
    for (size_t i = 0; i < port->count; i++)
        free(port->parcels[i].bytes);
    port->count = port->cursor = 0;
    for (size_t e = 0; e < port->end_count; e++) { /* one, see broker/wiring.c */
        struct tt_end *end = port->ends[e];

        TRY(tt_grow(&port->due, &port->due_room, port->count + end->count,
                    sizeof *port->due));
        TRY(tt_grow(&port->parcels, &port->parcels_room, port->count + end->count,
                    sizeof *port->parcels));
        collect(port, end, window_end + end->wire.need);
    }
    port->me->events_received += port->count;
    return TUTTI_OK;
}

static size_t held_messages(const struct tt_end *end)
{
    return end->held_bytes + end->count * sizeof *end->parcels;
}

static void clear_messages(struct tt_end *end)
{
    for (size_t i = 0; i < end->count; i++)
        free(end->parcels[i].bytes);
    free(end->part.bytes);
    end->part = (struct tt_body){0};
    end->count = end->held_bytes = 0;
}

const struct tt_port_kind tt_port_message = {
    .name = "message",
    .kind = TUTTI_MESSAGE,
    .write = write_messages,
    .take = take_messages,
    .deliver = deliver_messages,
    .held = held_messages,
    .clear = clear_messages,
};

bool tutti_next_message(struct tutti_port *port, struct tutti_time until,
                        struct tutti_message *message)
{
    int64_t next;

    if (tt_port_may_read(port, &tt_port_message) != TUTTI_OK ||
        port->cursor == port->count)
        return false;
    next = port->due[port->cursor].ns;
    if (next > until.ns || (next == until.ns && port->me->convention == TUTTI_FROM))
        return false;
    message->due = port->due[port->cursor];
    message->bytes = port->parcels[port->cursor].bytes;
    message->size = port->parcels[port->cursor++].size;
    return true;
}
