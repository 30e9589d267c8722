/* Where the fields of a frame lie; docs/protocol.md is the specification.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_FRAME_LAYOUT_H
#define WIRE_FRAME_LAYOUT_H

#include <stdint.h>

#define FRAME_MAGIC UINT32_C(0x46545554) /* the bytes "TUTF" */

enum frame_field {
    FRAME_AT_MAGIC = 0,
    FRAME_AT_VERSION = 4,
    FRAME_AT_FLAGS = 6,
    FRAME_AT_SESSION = 8,
    FRAME_AT_SOURCE = 24,
    FRAME_AT_SECTIONS = 28,
    FRAME_AT_SEQUENCE = 32,
    FRAME_AT_REACHED = 40,
    FRAME_AT_SIZE = 48,
    FRAME_HEADER_SIZE = 56
};

enum section_field {
    SECTION_AT_CONNECTION = 0,
    SECTION_AT_KIND = 4,
    SECTION_AT_ZERO = 6,
    SECTION_AT_COUNT = 8,
    SECTION_AT_WIDTH = 12,
    SECTION_AT_BYTES = 16,
    SECTION_HEADER_SIZE = 24
};

enum { SPIKE_SIZE = 8 };

enum piece_field {
    PIECE_AT_OFFSET = 0,
    PIECE_AT_GOES_ON = 4,
    PIECE_AT_SIZE = 8, /* of the bytes behind it, which are padded to a multiple of 8 */
    PIECE_HEADER_SIZE = 16
};

static inline uint64_t tt_padded(uint64_t size)
{
    return (size + 7) / 8 * 8;
}

/* The offsets of a signal's samples, padded so that the values lie on 8 bytes. */
static inline uint64_t tt_sample_offsets_size(uint64_t count)
{
    return tt_padded(count * 4);
}

#endif
