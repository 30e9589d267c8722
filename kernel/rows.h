/* Synapses, stored by source: the row of a source is one piece of memory, sorted by
 * delay, so that what arrives in one step is one run of it. Filled in four passes:
 * count, make room, place, sort. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_ROWS_H
#define KERNEL_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

#define ROWS_LONGEST_DELAY 65535 /* steps */

/* A run of synapses with one delay. */
struct rows_piece {
    uint32_t delay; /* steps */
    uint32_t count;
};

struct rows {
    uint32_t source_count;
    size_t *first_synapse; /* of each source, and one more: the end */
    size_t *first_piece;   /* the same; once sorted */
    struct rows_piece *pieces;
    uint32_t *sums;  /* of each synapse: the sum it adds to */
    double *weights; /* of each synapse */
    size_t *next;    /* while filling: where the next synapse of a source goes */
    uint16_t *delays;
};

/* What one synapse takes at most while rows are filled. */
#define ROWS_BYTES_PER_SYNAPSE (sizeof(uint32_t) + sizeof(double) + sizeof(uint16_t))

/* TUTTI_NO_MEMORY. Ended by rows_free(). */
enum tutti_status rows_open(uint32_t source_count, struct rows *rows);
void rows_free(struct rows *rows);

/* One more synapse of `source` is to come. */
void rows_count(struct rows *rows, uint32_t source);
enum tutti_status rows_make_room(struct rows *rows);
/* As many for each source as were counted; delay <= ROWS_LONGEST_DELAY. */
void rows_place(struct rows *rows, uint32_t source, uint32_t sum, double weight,
                uint32_t delay);
/* Within a delay, synapses stay in the order in which they were placed. */
enum tutti_status rows_sort(struct rows *rows);

#endif
