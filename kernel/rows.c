/* Synapses, stored by source and sorted by delay.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

/* A synapse while rows are filled: delay, target, then the weight or its place. */
struct record {
    uint16_t delay, sum;
    unsigned char weight[8];
};

static size_t round_up(size_t size)
{
    return (size + 7) / 8 * 8;
}

enum tutti_status rows_open(const struct format *format, size_t group_count,
                            struct rows *rows)
{
    *rows = (struct rows){.format = format, .group_count = group_count};
    rows->groups = tt_alloc_array(group_count, sizeof *rows->groups);
    if (!rows->groups)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the rows of %zu populations",
                    group_count);
    return TUTTI_OK;
}

static void free_fillings(struct rows *rows)
{
    for (size_t i = 0; rows->groups && i < rows->group_count; i++) {
        free(rows->groups[i].fillings);
        rows->groups[i].fillings = NULL;
    }
}

void rows_free(struct rows *rows)
{
    free_fillings(rows);
    for (size_t i = 0; rows->groups && i < rows->group_count; i++)
        free(rows->groups[i].starts);
    free(rows->groups);
    free(rows->weights);
    free(rows->bytes);
    *rows = (struct rows){0};
}

enum tutti_status rows_expect(struct rows *rows, uint32_t group, uint32_t size,
                              size_t delays)
{
    struct rows_group *const it = &rows->groups[group];

    it->most_pieces += delays;
    if (it->starts)
        return TUTTI_OK;
    it->size = size;
    it->starts = tt_alloc_array(size, sizeof *it->starts);
    it->fillings = tt_alloc_array(size, sizeof *it->fillings);
    if (!it->starts || !it->fillings)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the rows of %u sources", size);
    return TUTTI_OK;
}

enum tutti_status rows_add_weight(struct rows *rows, double weight, uint16_t *place)
{
    if (rows->weight_count > UINT16_MAX)
        return FAIL(TUTTI_BAD_CONFIG,
                    "more than %d projections with precision: shared end on the same "
                    "cells; let some be exact",
                    UINT16_MAX + 1);
    TRY(tt_grow(&rows->weights, &rows->weight_room, rows->weight_count + 1,
                sizeof *rows->weights));
    *place = (uint16_t)rows->weight_count;
    rows->weights[rows->weight_count++] = weight;
    return TUTTI_OK;
}

void rows_count(struct rows *rows, uint32_t group, const uint32_t *sources,
                uint32_t count)
{
    struct rows_filling *const fillings = rows->groups[group].fillings;

    for (uint32_t i = 0; i < count; i++)
        fillings[sources[i]].count++;
}

/* Records and the finished row both have to fit into the place of a row. */
static size_t place_bytes(const struct rows *rows, const struct rows_group *group,
                          size_t count)
{
    const size_t pieces = count < group->most_pieces ? count : group->most_pieces;
    const size_t synapse = sizeof(uint16_t) + rows->format->weight_bytes;
    const size_t finished = count * synapse + pieces * (sizeof(struct format_piece) +
                                                        FORMAT_CHUNK * synapse);
    const size_t records = count * format_record_bytes(rows->format);

    return round_up(finished > records ? finished : records);
}

/* Pages of 2 MiB where there are some: rows begin all over the memory. */
static void use_large_pages(unsigned char *bytes, size_t size)
{
    const size_t page = 2u << 20;
    const size_t skip = (page - (uintptr_t)bytes % page) % page;

    if (size >= skip + page)
        madvise(bytes + skip, (size - skip) / page * page, MADV_HUGEPAGE);
}

enum tutti_status rows_make_room(struct rows *rows)
{
    size_t total = 0;

    for (size_t i = 0; i < rows->group_count; i++) {
        struct rows_group *const group = &rows->groups[i];

        for (uint32_t source = 0; group->starts && source < group->size; source++) {
            group->fillings[source].end = total;
            total += place_bytes(rows, group, group->fillings[source].count);
            rows->synapse_count += group->fillings[source].count;
        }
    }
    rows->bytes = tt_alloc(total);
    if (!rows->bytes)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %llu synapses",
                    (unsigned long long)rows->synapse_count);
    rows->size = total;
    use_large_pages(rows->bytes, total);
    return TUTTI_OK;
}

/* Places synapses whose weights take `size` bytes; inlined for each size. */
static inline __attribute__((always_inline)) bool place(struct rows *rows,
                                                        struct rows_filling *fillings,
                                                        const struct rows_batch *batch,
                                                        size_t size)
{
    const double units = batch->quantum > 0.0 ? 1.0 / batch->quantum : 0.0;
    bool is_in_range = true;

    for (uint32_t i = 0; i < batch->count; i++) {
        struct rows_filling *const filling = &fillings[batch->sources[i]];
        unsigned char *const at = rows->bytes + filling->end;
        struct record record = {.delay = batch->delays[i], .sum = batch->sums[i]};

        if (size == 8) {
            memcpy(record.weight, &batch->weights[i], size);
        } else if (size == 0) {
            memcpy(record.weight, &batch->shared, sizeof batch->shared);
        } else {
            const double weight = nearbyint(batch->weights[i] * units);
            const int32_t whole = (int32_t)weight;

            is_in_range = is_in_range && fabs(weight) <= rows->format->largest;
            memcpy(record.weight, &whole, size); /* the low bytes come first */
        }
        memcpy(at, &record, 4 + (size ? size : 2));
        filling->end += 4 + (size ? size : 2);
    }
    return is_in_range;
}

bool rows_place(struct rows *rows, uint32_t group, const struct rows_batch *batch)
{
    struct rows_filling *const fillings = rows->groups[group].fillings;

    switch (rows->format->weight_bytes) {
    case 0:
        return place(rows, fillings, batch, 0);
    case 2:
        return place(rows, fillings, batch, 2);
    case 4:
        return place(rows, fillings, batch, 4);
    default:
        return place(rows, fillings, batch, 8);
    }
}

/* --- finish */

/* Room for the records of one row, and again for them in another order. */
struct finishing {
    unsigned char *records, *other;
    size_t room, other_room;
    uint64_t *inputs; /* of each target, in units; NULL: no matter */
    size_t out;       /* end of the rows that are finished */
};

static uint16_t delay_of(const unsigned char *record)
{
    uint16_t delay;

    memcpy(&delay, record, sizeof delay);
    return delay;
}

/* One pass of a sort by the bits of the delay from `shift` on; keeps the order of
 * equals. */
static void sort_by_byte(struct finishing *finishing, size_t count, size_t bytes,
                         int shift)
{
    size_t places[257] = {0};
    unsigned char *const sorted = finishing->other;

    for (size_t i = 0; i < count; i++)
        places[(delay_of(finishing->records + i * bytes) >> shift & 0xff) + 1]++;
    for (size_t i = 1; i < 257; i++)
        places[i] += places[i - 1];
    for (size_t i = 0; i < count; i++) {
        const unsigned char *const record = finishing->records + i * bytes;

        memcpy(sorted + places[delay_of(record) >> shift & 0xff]++ * bytes, record,
               bytes);
    }
    finishing->other = finishing->records;
    finishing->records = sorted;
}

static void sort_records(struct finishing *finishing, size_t count, size_t bytes)
{
    uint16_t lowest = UINT16_MAX, highest = 0, all = 0;

    for (size_t i = 0; i < count; i++) {
        const uint16_t delay = delay_of(finishing->records + i * bytes);

        lowest = delay < lowest ? delay : lowest;
        highest = delay > highest ? delay : highest;
        all |= delay;
    }
    if (lowest == highest)
        return;
    sort_by_byte(finishing, count, bytes, 0);
    if (all > 0xff)
        sort_by_byte(finishing, count, bytes, 8);
}

/* Whether two records may stand in one piece. */
static bool is_alike(const struct format *format, const unsigned char *a,
                     const unsigned char *b)
{
    return delay_of(a) == delay_of(b) &&
           (format->weight_bytes || memcmp(a + 4, b + 4, sizeof(uint16_t)) == 0);
}

/* Writes the chunks of a piece; inlined for each size of a weight. Spare places repeat
 * targets of the piece, with no weight. */
static inline __attribute__((always_inline)) void
write_chunks(const unsigned char *records, size_t count, unsigned char *out,
             size_t size)
{
    const size_t bytes = 4 + (size ? size : 2);

    for (size_t first = 0; first < count; first += FORMAT_CHUNK) {
        for (size_t i = 0; i < FORMAT_CHUNK; i++) {
            const bool is_spare = first + i >= count;
            const unsigned char *const record =
                records + (is_spare ? i % count : first + i) * bytes;

            memcpy(out + 2 * i, record + 2, 2);
            if (is_spare)
                memset(out + 2 * FORMAT_CHUNK + size * i, 0, size);
            else
                memcpy(out + 2 * FORMAT_CHUNK + size * i, record + 4, size);
        }
        out += FORMAT_CHUNK * (2 + size);
    }
}

static void write_piece(const struct format *format, const unsigned char *records,
                        size_t count, unsigned char *out)
{
    switch (format->weight_bytes) {
    case 0:
        write_chunks(records, count, out, 0);
        break;
    case 2:
        write_chunks(records, count, out, 2);
        break;
    case 4:
        write_chunks(records, count, out, 4);
        break;
    default:
        write_chunks(records, count, out, 8);
    }
}

/* Number of records from the first one on that make one piece. */
static uint32_t count_alike(const struct format *format, const unsigned char *records,
                            size_t count)
{
    const size_t bytes = format_record_bytes(format);
    uint32_t same = 1;

    while (same < count && same < FORMAT_MOST_SYNAPSES &&
           is_alike(format, records, records + same * bytes))
        same++;
    return same;
}

/* Writes the pieces of a row; returns how many bytes they take. */
static size_t write_row(const struct format *format, const unsigned char *records,
                        size_t count, unsigned char *out)
{
    const size_t bytes = format_record_bytes(format);
    uint32_t same = count_alike(format, records, count);
    size_t written = 0;

    while (count > 0) {
        struct format_piece piece = {.count = same & 0x1ffffff,
                                     .is_last = same == count};
        const unsigned char *const rest = records + same * bytes;

        if (format->weight_bytes == 0)
            memcpy(&piece.weight, records + 4, sizeof piece.weight);
        count -= same;
        same = count ? count_alike(format, rest, count) : 0;
        if (count) {
            piece.next_delay = delay_of(rest);
            piece.next_lines = format_lines(format, same) & 0x3f;
        }
        memcpy(out + written, &piece, sizeof piece);
        write_piece(format, records, piece.count, out + written + sizeof piece);
        written += sizeof piece + format_bytes(format, piece.count);
        records = rest;
    }
    return written;
}

static void add_inputs(const struct format *format, const unsigned char *records,
                       size_t count, uint64_t *inputs)
{
    const size_t bytes = format_record_bytes(format);

    for (size_t i = 0; i < count; i++) {
        uint16_t sum;
        int16_t weight;

        memcpy(&sum, records + i * bytes + 2, sizeof sum);
        memcpy(&weight, records + i * bytes + 4, sizeof weight);
        inputs[sum] += (uint64_t)(weight < 0 ? -weight : weight);
    }
}

static enum tutti_status finish_row(struct rows *rows, struct rows_filling filling,
                                    struct finishing *finishing,
                                    struct rows_start *start)
{
    const size_t bytes = format_record_bytes(rows->format);
    const size_t size = filling.count * bytes;
    uint16_t longest;

    start->place = ROWS_NONE;
    if (filling.count == 0)
        return TUTTI_OK;
    if (finishing->out / 8 >= ROWS_NONE)
        return FAIL(TUTTI_NO_MEMORY,
                    "more than 34 GB of synapses in one thread; use more threads, or "
                    "another precision");
    TRY(tt_grow(&finishing->records, &finishing->room, size, 1));
    TRY(tt_grow(&finishing->other, &finishing->other_room, size, 1));
    memcpy(finishing->records, rows->bytes + filling.end - size, size);
    sort_records(finishing, filling.count, bytes);
    if (finishing->inputs)
        add_inputs(rows->format, finishing->records, filling.count, finishing->inputs);
    start->place = (uint32_t)(finishing->out / 8);
    start->delay = delay_of(finishing->records);
    start->lines = (uint16_t)format_lines(
        rows->format, count_alike(rows->format, finishing->records, filling.count));
    longest = delay_of(finishing->records + size - bytes);
    if (longest > rows->longest_delay)
        rows->longest_delay = longest;
    finishing->out += write_row(rows->format, finishing->records, filling.count,
                                rows->bytes + finishing->out);
    return TUTTI_OK;
}

/* Rows move to the front: a finished row takes no more than its place. */
static enum tutti_status finish_all(struct rows *rows, struct finishing *finishing)
{
    for (size_t i = 0; i < rows->group_count; i++) {
        struct rows_group *const group = &rows->groups[i];

        for (uint32_t source = 0; group->starts && source < group->size; source++)
            TRY(finish_row(rows, group->fillings[source], finishing,
                           &group->starts[source]));
    }
    return TUTTI_OK;
}

enum tutti_status rows_finish(struct rows *rows)
{
    const uint32_t targets = format_tile[rows->format->sums];
    struct finishing finishing = {0};
    enum tutti_status status = TUTTI_OK;
    unsigned char *smaller;

    if (rows->format->add_checked) {
        finishing.inputs = tt_alloc_array(targets, sizeof *finishing.inputs);
        if (!finishing.inputs)
            return FAIL(TUTTI_NO_MEMORY, "no memory to sort synapses");
    }
    status = finish_all(rows, &finishing);
    for (uint32_t i = 0; finishing.inputs && i < targets; i++)
        if (finishing.inputs[i] > rows->largest_input)
            rows->largest_input = finishing.inputs[i];
    free(finishing.inputs);
    free(finishing.records);
    free(finishing.other);
    if (status != TUTTI_OK)
        return status;
    free_fillings(rows);
    smaller = realloc(rows->bytes, finishing.out ? finishing.out : 1);
    if (smaller)
        rows->bytes = smaller;
    rows->size = finishing.out;
    return TUTTI_OK;
}

size_t rows_memory(const struct rows *rows)
{
    size_t bytes = rows->size + rows->weight_count * sizeof *rows->weights;

    for (size_t i = 0; i < rows->group_count; i++)
        if (rows->groups[i].starts)
            bytes += rows->groups[i].size * sizeof *rows->groups[i].starts;
    return bytes;
}
