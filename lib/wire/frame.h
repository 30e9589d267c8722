/* Frames: what travels from participant to participant. The bytes are specified in
 * docs/protocol.md. Fixed little-endian, one frame per link and window, a section per
 * connection that has something to say.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/port.h"
#include "tutti/status.h"

#define TT_SESSION_SIZE 16
#define TT_FRAME_VERSION 1

enum tt_frame_flag {
    TT_FRAME_HELLO = 1,    /* the link is up; nothing else in it */
    TT_FRAME_COMPLETE = 2, /* extends the promise to time reached */
    TT_FRAME_END = 4,      /* the sender's last frame; time reached is infinity */
    TT_FRAME_ANSWER = 8    /* the receiver's end was seen: it may close the link */
};

/* 56 bytes: magic u32, version u16, flags u16, session 16 bytes, source u32, sections
 * u32, sequence u64, reached i64, size u64 (of the whole frame). */
struct tt_frame_header {
    uint8_t session[TT_SESSION_SIZE];
    uint16_t flags;
    uint32_t source; /* process number of the sender */
    uint32_t sections;
    uint64_t sequence; /* 0, 1, 2 ... on this link and direction */
    int64_t reached;   /* ns; INT64_MAX is infinity */
    uint64_t size;
};

/* --- write */

/* Zero-initialised is empty; keeps its memory from frame to frame. */
struct tt_frame_writer {
    uint8_t *bytes;
    size_t size, room;
    uint32_t sections;
};

enum tutti_status tt_frame_begin(struct tt_frame_writer *writer);

/* A section of `count` spikes: offsets[i] ns after the section's base, and indices[i].
 * The base is no part of it: both sides know it (the sender's previous promise). */
enum tutti_status tt_frame_add_spikes(struct tt_frame_writer *writer,
                                      uint32_t connection, size_t count,
                                      const uint32_t *offsets, const uint32_t *indices);

/* A section of `count` samples of `width` values: row i is due offsets[i] ns after the
 * base. */
enum tutti_status tt_frame_add_samples(struct tt_frame_writer *writer,
                                       uint32_t connection, size_t count,
                                       uint32_t width, const uint32_t *offsets,
                                       const double *values);

/* A message, or a part of one that is too long for a frame. */
struct tt_piece {
    uint32_t offset; /* ns after the base; all pieces of a message have the same */
    bool goes_on; /* the first piece of the connection's next section belongs to it */
    const uint8_t *bytes;
    size_t size;
};

/* A section of `count` pieces, of which only the last one may go on. */
enum tutti_status tt_frame_add_pieces(struct tt_frame_writer *writer,
                                      uint32_t connection, size_t count,
                                      const struct tt_piece *pieces);

/* Fills in the header (sections and size are the writer's): writer->bytes is the frame.
 */
void tt_frame_end(struct tt_frame_writer *writer, const struct tt_frame_header *header);
void tt_frame_writer_free(struct tt_frame_writer *writer);

/* --- read */

/* What a receiver knows of a connection before a frame comes. */
struct tt_frame_rule {
    uint32_t connection;
    enum tutti_kind kind;
    uint32_t width; /* indices of spikes lie below; a signal's samples have this many
                       values */
};

/* Reads the header alone, to find out from whom the frame is. TUTTI_REFUSED: these
 * bytes are no frame of this version, with the reason. */
enum tutti_status tt_frame_read_header(const void *bytes, size_t size,
                                       struct tt_frame_header *header);

/* Checks everything behind the header: sizes, kinds, counts, every index, connections
 * known and rising. `rules` are sorted by connection. TUTTI_REFUSED with the reason.
 * After TUTTI_OK the sections can be walked without further checks. */
enum tutti_status tt_frame_check(const void *bytes, size_t size,
                                 const struct tt_frame_rule *rules, size_t rule_count);

struct tt_section {
    uint32_t connection;
    enum tutti_kind kind;
    size_t count;
    uint32_t width; /* values of a sample; 1 for spikes */
    const uint8_t *payload;
};

/* Section number `*cursor`... of a checked frame: starts with *cursor = 0, returns
 * false after the last one. */
bool tt_frame_next_section(const void *bytes, size_t size, size_t *cursor,
                           struct tt_section *section);
/* Element i of a section. */
void tt_section_spike(const struct tt_section *section, size_t i, uint32_t *offset,
                      uint32_t *index);
void tt_section_sample(const struct tt_section *section, size_t i, uint32_t *offset,
                       double *values);

/* The next piece of a section of messages: *at is 0 for the first, and moved on; called
 * section->count times. The bytes are those of the frame. */
void tt_section_next_piece(const struct tt_section *section, size_t *at,
                           struct tt_piece *piece);

#endif
