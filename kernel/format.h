/* How synapses lie in memory, and how a step adds them. A format is a row of a table: a
 * projection chooses by its precision which one its synapses get.
 *
 * A row is a run of pieces, one for each delay: a head of 8 bytes, then chunks of four
 * targets and, where the format has them, their four weights. Spare places of the last
 * chunk have weight zero.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_FORMAT_H
#define KERNEL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORMAT_CHUNK 4                  /* synapses */
#define FORMAT_MOST_SYNAPSES (1u << 24) /* of a piece */
#define FORMAT_MOST_LINES 63u           /* that are fetched before a piece is added */

/* What sums of a receptor are made of, the widest first. */
enum format_sums {
    FORMAT_SUMS_DOUBLE, /* of weights themselves */
    FORMAT_SUMS_LONG,   /* int64_t, of units */
    FORMAT_SUMS_INT,    /* int32_t, of units */
    FORMAT_SUMS_KINDS
};

/* Sums that one row may reach: 256 KiB, which stay in the second-level cache. */
extern const uint32_t format_tile[FORMAT_SUMS_KINDS];
extern const size_t format_sum_bytes[FORMAT_SUMS_KINDS];

/* Head of a piece. */
struct format_piece {
    uint16_t next_delay; /* of the piece behind this one */
    uint16_t weight;     /* of FORMAT_SHARED: place of the one weight of its synapses */
    uint32_t count : 25; /* synapses */
    uint32_t next_lines : 6; /* of memory that the piece behind this one takes */
    uint32_t is_last : 1;
};

enum format_id {
    FORMAT_EXACT,  /* weights in double */
    FORMAT_SHARED, /* one weight for all synapses of a projection, in double */
    FORMAT_SINGLE, /* 32-bit units */
    FORMAT_PACKED, /* 16-bit units */
    FORMAT_COUNT
};

struct format {
    const char *name, *help; /* as `precision` of a projection says */
    enum format_sums sums;
    size_t weight_bytes; /* of a synapse */
    double largest;      /* units; 0: weights are no units */

    /* Adds the chunks of a piece to the sums of a tile; `weight` is that of a piece of
     * FORMAT_SHARED. */
    void (*add)(const unsigned char *chunks, uint32_t count, double weight, void *sums);
    /* The same where the sums may not hold it: false, and the sum that ran over. NULL:
     * they always do. */
    bool (*add_checked)(const unsigned char *chunks, uint32_t count, void *sums,
                        uint16_t *sum);
};

/* Row `id` of the table. */
const struct format *format_get(enum format_id id);

/* Bytes of the chunks of `count` synapses. */
size_t format_bytes(const struct format *format, uint32_t count);

/* Lines of 64 bytes that a piece takes, at most FORMAT_MOST_LINES. */
uint32_t format_lines(const struct format *format, uint32_t count);

/* Bytes of a synapse while rows are filled. */
size_t format_record_bytes(const struct format *format);

/* Bytes that rows need at most while they are filled, and then: of `count` synapses in
 * `pieces` pieces at most. */
double format_estimate(const struct format *format, double count, double pieces);

#endif
