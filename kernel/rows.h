/* Synapses of one format onto one tile of sums, stored by source: the row of a source
 * is one piece of memory, sorted by delay, so that what arrives in one step is one run
 * of it. Filled in four passes: count, make room, place, finish. Between two passes,
 * all threads must have met; within a pass, threads may work on different sources.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_ROWS_H
#define KERNEL_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/format.h"
#include "tutti/status.h"

#define ROWS_LONGEST_DELAY 65535 /* steps */
#define ROWS_NONE UINT32_MAX

/* Where the row of a source begins. */
struct rows_start {
    uint32_t place; /* in units of 8 bytes; ROWS_NONE: it has no synapse */
    uint16_t delay; /* of its first piece, */
    uint16_t lines; /* which takes so many lines of memory */
};

/* What becomes of a row while it is filled. */
struct rows_filling {
    size_t count, end; /* synapses; end of what is placed */
};

/* The rows of the sources of one group. */
struct rows_group {
    uint32_t size;
    struct rows_start *starts; /* NULL: no synapse of this group ends here */
    struct rows_filling *fillings;
    size_t most_pieces; /* of one row */
};

struct rows {
    const struct format *format;
    size_t group_count;
    struct rows_group *groups;
    double *weights; /* of FORMAT_SHARED */
    size_t weight_count, weight_room;
    unsigned char *bytes;
    size_t size;
    uint64_t synapse_count;
    /* Of formats whose sums may overflow: the largest sum of all weights onto one
     * target, in units and without their signs. */
    uint64_t largest_input;
    uint16_t longest_delay; /* of all synapses, once they are finished */
};

/* Some synapses to be placed: of each its source, its sum in the tile, weight, delay.
 */
struct rows_batch {
    uint32_t count;
    const uint32_t *sources;
    const uint16_t *sums;
    const double *weights;
    const uint16_t *delays;
    uint16_t shared; /* place of their weight, of FORMAT_SHARED */
    double quantum;  /* weight of one unit, of formats with units */
};

/* TUTTI_NO_MEMORY. Ended by rows_free(), also after a failure. */
enum tutti_status rows_open(const struct format *format, size_t group_count,
                            struct rows *rows);
void rows_free(struct rows *rows);

/* Synapses of a group of `size` sources are to come, with up to `delays` different
 * delays more. */
enum tutti_status rows_expect(struct rows *rows, uint32_t group, uint32_t size,
                              size_t delays);
/* Of FORMAT_SHARED: one weight more, and its place. */
enum tutti_status rows_add_weight(struct rows *rows, double weight, uint16_t *place);

/* One more synapse of each of the sources is to come. */
void rows_count(struct rows *rows, uint32_t group, const uint32_t *sources,
                uint32_t count);
enum tutti_status rows_make_room(struct rows *rows);
/* As many for each source as were counted. False: a weight has more units than the
 * format can hold. */
bool rows_place(struct rows *rows, uint32_t group, const struct rows_batch *batch);
/* Within a delay, synapses stay in the order in which they were placed. */
enum tutti_status rows_finish(struct rows *rows);

/* What all rows take in memory, in bytes. */
size_t rows_memory(const struct rows *rows);

#endif
