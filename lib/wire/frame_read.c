/* Reads frames. Bytes come from anywhere: nothing is believed before it was checked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "base/time.h"
#include "wire/bytes.h"
#include "wire/frame_layout.h"

#define ALL_FLAGS (TT_FRAME_HELLO | TT_FRAME_COMPLETE | TT_FRAME_END | TT_FRAME_ANSWER)

/* What the fields of the header say together. */
static enum tutti_status check_header(const struct tt_frame_header *header, size_t size)
{
    if (header->flags & ~ALL_FLAGS)
        return FAIL(TUTTI_REFUSED, "a frame of process %u has unknown flags 0x%x",
                    header->source, header->flags);
    if (header->size != size || size % 8 != 0)
        return FAIL(TUTTI_REFUSED,
                    "a frame of process %u says that it has %" PRIu64
                    " bytes, but %zu came",
                    header->source, header->size, size);
    if (header->sections > (size - FRAME_HEADER_SIZE) / SECTION_HEADER_SIZE)
        return FAIL(TUTTI_REFUSED,
                    "a frame of process %u says that it has %u sections, but %zu bytes "
                    "do not hold so many",
                    header->source, header->sections, size);
    if (header->reached < 0 ||
        (header->reached >= TT_LONGEST && header->reached != TT_INFINITY))
        return FAIL(TUTTI_REFUSED,
                    "a frame of process %u has the impossible time %" PRId64 " ns",
                    header->source, header->reached);
    if (header->flags & TT_FRAME_END && header->reached != TT_INFINITY)
        return FAIL(TUTTI_REFUSED,
                    "the last frame of process %u ends at %" PRId64
                    " ns instead of infinity",
                    header->source, header->reached);
    if (header->flags & TT_FRAME_HELLO && header->sections)
        return FAIL(TUTTI_REFUSED, "the first frame of process %u has %u sections",
                    header->source, header->sections);
    return TUTTI_OK;
}

enum tutti_status tt_frame_read_header(const void *bytes, size_t size,
                                       struct tt_frame_header *header)
{
    const uint8_t *at = bytes;
    struct tt_frame_header found;

    if (size < FRAME_HEADER_SIZE)
        return FAIL(TUTTI_REFUSED, "%zu bytes are no frame: its header alone has %d",
                    size, FRAME_HEADER_SIZE);
    if (tt_get_u32(at + FRAME_AT_MAGIC) != FRAME_MAGIC)
        return FAIL(TUTTI_REFUSED,
                    "%zu bytes are no frame: they do not begin with TUTF", size);
    if (tt_get_u16(at + FRAME_AT_VERSION) != TT_FRAME_VERSION)
        return FAIL(TUTTI_REFUSED,
                    "a frame has version %u, this library speaks version %d: install "
                    "the same Tutti everywhere",
                    tt_get_u16(at + FRAME_AT_VERSION), TT_FRAME_VERSION);

    memcpy(found.session, at + FRAME_AT_SESSION, TT_SESSION_SIZE);
    found.flags = tt_get_u16(at + FRAME_AT_FLAGS);
    found.source = tt_get_u32(at + FRAME_AT_SOURCE);
    found.sections = tt_get_u32(at + FRAME_AT_SECTIONS);
    found.sequence = tt_get_u64(at + FRAME_AT_SEQUENCE);
    found.reached = (int64_t)tt_get_u64(at + FRAME_AT_REACHED);
    found.size = tt_get_u64(at + FRAME_AT_SIZE);
    TRY(check_header(&found, size));
    *header = found;
    return TUTTI_OK;
}

/* The largest index; without branches, so that it costs a fraction of a ns per spike.
 */
static uint32_t largest_index(const uint8_t *spikes, size_t count)
{
    uint32_t largest = 0;

    for (size_t i = 0; i < count; i++) {
        const uint32_t index = tt_get_u32(spikes + i * SPIKE_SIZE + 4);

        largest = index > largest ? index : largest;
    }
    return largest;
}

/* Walks the sections of a frame whose header is right. */
struct check {
    const uint8_t *at; /* header of the section */
    uint64_t left;     /* bytes of the frame from there on */
    uint32_t source;
    const struct tt_frame_rule *rule;
    size_t rules_left;
};

static void pass_rule(struct check *check)
{
    check->rule++;
    check->rules_left--;
}

static enum tutti_status find_rule(struct check *check)
{
    const uint32_t connection = tt_get_u32(check->at + SECTION_AT_CONNECTION);

    /* Rules and sections rise: whoever is passed once does not come any more. */
    while (check->rules_left && check->rule->connection < connection)
        pass_rule(check);
    if (check->rules_left && check->rule->connection == connection)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED,
                "a frame of process %u has a section for connection %u, which is "
                "unknown, doubled or out of order",
                check->source, connection);
}

/* The bytes that `count` elements of the section must have, as far as its head tells.
 */
static enum tutti_status size_section(const struct check *check, uint32_t count,
                                      uint32_t width, uint64_t *bytes)
{
    const uint64_t room = check->left - SECTION_HEADER_SIZE;
    const uint64_t told = tt_get_u64(check->at + SECTION_AT_BYTES);
    bool fits = count > 0 && (uint64_t)count * width <= room / 8;

    *bytes = (uint64_t)count * SPIKE_SIZE;
    if (check->rule->kind == TUTTI_SIGNAL && fits)
        *bytes = tt_sample_offsets_size(count) + (uint64_t)count * width * 8;
    if (check->rule->kind == TUTTI_MESSAGE) /* its pieces are counted one by one */
        *bytes = told;
    if (fits && *bytes <= room && told == *bytes)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED,
                "a frame of process %u: %" PRIu64
                " bytes do not hold %u elements of connection %u",
                check->source, told, count, check->rule->connection);
}

static enum tutti_status check_spikes(const struct check *check, uint32_t count)
{
    const uint32_t largest = largest_index(check->at + SECTION_HEADER_SIZE, count);

    if (largest < check->rule->width)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED,
                "a frame of process %u: index %u is beyond connection %u, which has %u",
                check->source, largest, check->rule->connection, check->rule->width);
}

static enum tutti_status check_pieces(const struct check *check, uint32_t count,
                                      uint64_t bytes)
{
    const uint8_t *at = check->at + SECTION_HEADER_SIZE;
    uint64_t left = bytes;
    bool is_right = true;

    for (uint32_t i = 0; i < count && is_right; i++) {
        uint64_t size;
        uint32_t goes_on;

        is_right = left >= PIECE_HEADER_SIZE;
        if (!is_right)
            break;
        size = tt_get_u64(at + PIECE_AT_SIZE);
        goes_on = tt_get_u32(at + PIECE_AT_GOES_ON);
        left -= PIECE_HEADER_SIZE;
        is_right =
            size <= left && tt_padded(size) <= left && goes_on <= (i + 1 == count);
        if (is_right) {
            at += PIECE_HEADER_SIZE + tt_padded(size);
            left -= tt_padded(size);
        }
    }
    if (is_right && left == 0)
        return TUTTI_OK;
    return FAIL(TUTTI_REFUSED,
                "a frame of process %u: the messages of connection %u do not fit their "
                "section",
                check->source, check->rule->connection);
}

static enum tutti_status check_section(struct check *check)
{
    const uint32_t count = tt_get_u32(check->at + SECTION_AT_COUNT);
    const uint32_t width = tt_get_u32(check->at + SECTION_AT_WIDTH);
    uint32_t connection, expected = 1;
    enum tutti_kind kind;
    uint64_t bytes;

    TRY(find_rule(check));
    connection = check->rule->connection;
    kind = check->rule->kind;
    if (tt_get_u16(check->at + SECTION_AT_KIND) != kind ||
        tt_get_u16(check->at + SECTION_AT_ZERO) != 0)
        return FAIL(TUTTI_REFUSED,
                    "a frame of process %u has another kind than connection %u",
                    check->source, connection);
    if (kind == TUTTI_SIGNAL)
        expected = check->rule->width;
    if (width != expected)
        return FAIL(TUTTI_REFUSED,
                    "a frame of process %u has width %u for connection %u, which has "
                    "%u",
                    check->source, width, connection, expected);
    TRY(size_section(check, count, width, &bytes));
    if (kind == TUTTI_SPIKES)
        TRY(check_spikes(check, count));
    if (kind == TUTTI_MESSAGE)
        TRY(check_pieces(check, count, bytes));

    check->at += SECTION_HEADER_SIZE + bytes;
    check->left -= SECTION_HEADER_SIZE + bytes;
    pass_rule(check);
    return TUTTI_OK;
}

enum tutti_status tt_frame_check(const void *bytes, size_t size,
                                 const struct tt_frame_rule *rules, size_t rule_count)
{
    struct tt_frame_header header;
    struct check check;

    TRY(tt_frame_read_header(bytes, size, &header));
    check = (struct check){.at = (const uint8_t *)bytes + FRAME_HEADER_SIZE,
                           .left = size - FRAME_HEADER_SIZE,
                           .source = header.source,
                           .rule = rules,
                           .rules_left = rule_count};
    for (uint32_t i = 0; i < header.sections; i++) {
        if (check.left < SECTION_HEADER_SIZE)
            return FAIL(TUTTI_REFUSED, "a frame of process %u ends within section %u",
                        header.source, i);
        TRY(check_section(&check));
    }
    if (check.left)
        return FAIL(TUTTI_REFUSED,
                    "a frame of process %u has %" PRIu64
                    " bytes behind its last section",
                    header.source, check.left);
    return TUTTI_OK;
}

bool tt_frame_next_section(const void *bytes, size_t size, size_t *cursor,
                           struct tt_section *section)
{
    const uint8_t *at;

    if (*cursor == 0)
        *cursor = FRAME_HEADER_SIZE;
    if (*cursor >= size)
        return false;
    at = (const uint8_t *)bytes + *cursor;
    section->connection = tt_get_u32(at + SECTION_AT_CONNECTION);
    section->kind = (enum tutti_kind)tt_get_u16(at + SECTION_AT_KIND);
    section->count = tt_get_u32(at + SECTION_AT_COUNT);
    section->width = tt_get_u32(at + SECTION_AT_WIDTH);
    section->payload = at + SECTION_HEADER_SIZE;
    *cursor += SECTION_HEADER_SIZE + tt_get_u64(at + SECTION_AT_BYTES);
    return true;
}

void tt_section_spike(const struct tt_section *section, size_t i, uint32_t *offset,
                      uint32_t *index)
{
    *offset = tt_get_u32(section->payload + i * SPIKE_SIZE);
    *index = tt_get_u32(section->payload + i * SPIKE_SIZE + 4);
}

void tt_section_sample(const struct tt_section *section, size_t i, uint32_t *offset,
                       double *values)
{
    const size_t row = section->width * sizeof *values;

    *offset = tt_get_u32(section->payload + i * 4);
    memcpy(values, section->payload + tt_sample_offsets_size(section->count) + i * row,
           row);
}

void tt_section_next_piece(const struct tt_section *section, size_t *at,
                           struct tt_piece *piece)
{
    const uint8_t *head = section->payload + *at;

    piece->offset = tt_get_u32(head + PIECE_AT_OFFSET);
    piece->goes_on = tt_get_u32(head + PIECE_AT_GOES_ON) != 0;
    piece->size = tt_get_u64(head + PIECE_AT_SIZE);
    piece->bytes = head + PIECE_HEADER_SIZE;
    *at += PIECE_HEADER_SIZE + tt_padded(piece->size);
}
