/* Builds frames in memory that is kept from frame to frame.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "wire/bytes.h"
#include "wire/frame_layout.h"

enum tutti_status tt_frame_begin(struct tt_frame_writer *writer)
{
    TRY(tt_grow(&writer->bytes, &writer->room, FRAME_HEADER_SIZE, 1));
    writer->size = FRAME_HEADER_SIZE;
    writer->sections = 0;
    return TUTTI_OK;
}

/* Room for a section and its header; *payload is where its content goes. */
static enum tutti_status add_section(struct tt_frame_writer *writer,
                                     const struct tt_section *section, uint64_t bytes,
                                     uint8_t **payload)
{
    uint8_t *header;

    TRY(tt_grow(&writer->bytes, &writer->room,
                writer->size + SECTION_HEADER_SIZE + bytes, 1));
    header = writer->bytes + writer->size;
    tt_put_u32(header + SECTION_AT_CONNECTION, section->connection);
    tt_put_u16(header + SECTION_AT_KIND, (uint16_t)section->kind);
    tt_put_u16(header + SECTION_AT_ZERO, 0);
    tt_put_u32(header + SECTION_AT_COUNT, (uint32_t)section->count);
    tt_put_u32(header + SECTION_AT_WIDTH, section->width);
    tt_put_u64(header + SECTION_AT_BYTES, bytes);
    *payload = header + SECTION_HEADER_SIZE;
    writer->size += SECTION_HEADER_SIZE + bytes;
    writer->sections++;
    return TUTTI_OK;
}

/* The count has 32 bits on the wire, and sizes must not overflow 64. */
static enum tutti_status check_count(uint32_t connection, size_t count, uint64_t width)
{
    if (count <= UINT32_MAX && count <= (UINT64_C(1) << 60) / (width + 1))
        return TUTTI_OK;
    return FAIL(TUTTI_BAD_CALL,
                "%zu elements in one window are too many for connection %u; use "
                "shorter windows",
                count, connection);
}

enum tutti_status tt_frame_add_spikes(struct tt_frame_writer *writer,
                                      uint32_t connection, size_t count,
                                      const uint32_t *offsets, const uint32_t *indices)
{
    const struct tt_section section = {
        .connection = connection, .kind = TUTTI_SPIKES, .count = count, .width = 1};
    uint8_t *payload;

    if (count == 0)
        return TUTTI_OK;
    TRY(check_count(connection, count, 1));
    TRY(add_section(writer, &section, (uint64_t)count * SPIKE_SIZE, &payload));
    for (size_t i = 0; i < count; i++) {
        tt_put_u32(payload + i * SPIKE_SIZE, offsets[i]);
        tt_put_u32(payload + i * SPIKE_SIZE + 4, indices[i]);
    }
    return TUTTI_OK;
}

enum tutti_status tt_frame_add_samples(struct tt_frame_writer *writer,
                                       uint32_t connection, size_t count,
                                       uint32_t width, const uint32_t *offsets,
                                       const double *values)
{
    const struct tt_section section = {
        .connection = connection, .kind = TUTTI_SIGNAL, .count = count, .width = width};
    const uint64_t head = tt_sample_offsets_size(count);
    uint64_t body;
    uint8_t *payload;

    if (count == 0)
        return TUTTI_OK;
    TRY(check_count(connection, count, width));
    body = (uint64_t)count * width * sizeof *values;
    TRY(add_section(writer, &section, head + body, &payload));
    memset(payload + head - 8, 0,
           8); /* the padding, before the offsets cover the rest */
    memcpy(payload, offsets, count * sizeof *offsets);
    memcpy(payload + head, values, body);
    return TUTTI_OK;
}

enum tutti_status tt_frame_add_pieces(struct tt_frame_writer *writer,
                                      uint32_t connection, size_t count,
                                      const struct tt_piece *pieces)
{
    const struct tt_section section = {
        .connection = connection, .kind = TUTTI_MESSAGE, .count = count, .width = 1};
    uint64_t bytes = 0;
    uint8_t *payload;

    if (count == 0)
        return TUTTI_OK;
    TRY(check_count(connection, count, 1));
    for (size_t i = 0; i < count; i++)
        bytes += PIECE_HEADER_SIZE + tt_padded(pieces[i].size);
    TRY(add_section(writer, &section, bytes, &payload));
    for (size_t i = 0; i < count; i++) {
        const size_t padded = tt_padded(pieces[i].size);

        tt_put_u32(payload + PIECE_AT_OFFSET, pieces[i].offset);
        tt_put_u32(payload + PIECE_AT_GOES_ON, pieces[i].goes_on);
        tt_put_u64(payload + PIECE_AT_SIZE, pieces[i].size);
        payload += PIECE_HEADER_SIZE;
        if (padded)
            memset(payload + padded - 8, 0, 8); /* the padding, before it is covered */
        if (pieces[i].size)
            memcpy(payload, pieces[i].bytes, pieces[i].size);
        payload += padded;
    }
    return TUTTI_OK;
}

void tt_frame_end(struct tt_frame_writer *writer, const struct tt_frame_header *header)
{
    uint8_t *bytes = writer->bytes;

    tt_put_u32(bytes + FRAME_AT_MAGIC, FRAME_MAGIC);
    tt_put_u16(bytes + FRAME_AT_VERSION, TT_FRAME_VERSION);
    tt_put_u16(bytes + FRAME_AT_FLAGS, header->flags);
    memcpy(bytes + FRAME_AT_SESSION, header->session, TT_SESSION_SIZE);
    tt_put_u32(bytes + FRAME_AT_SOURCE, header->source);
    tt_put_u32(bytes + FRAME_AT_SECTIONS, writer->sections);
    tt_put_u64(bytes + FRAME_AT_SEQUENCE, header->sequence);
    tt_put_u64(bytes + FRAME_AT_REACHED, (uint64_t)header->reached);
    tt_put_u64(bytes + FRAME_AT_SIZE, writer->size);
}

void tt_frame_writer_free(struct tt_frame_writer *writer)
{
    free(writer->bytes);
    *writer = (struct tt_frame_writer){0};
}
