/* Synapses whose effect changes, of one projection onto at most 65,536 cells of one
 * shard: stored by source, sorted by delay. Filled in four passes: count, make room,
 * place, finish. Within a pass, threads may work on different sources.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_PLASTIC_ROWS_H
#define KERNEL_PLASTIC_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

#define PLASTIC_ROWS_CELLS 65536

/* The synapses of one source and delay. */
struct plastic_piece {
    int64_t last; /* step of the last spike of the source that they have seen */
    size_t first; /* synapse */
    uint32_t count;
    uint16_t delay; /* steps */
    bool is_last;   /* of its row; the piece behind it has a longer delay otherwise */
};

struct plastic_rows {
    uint32_t source_count;
    uint32_t *first_piece; /* of each source, and one more: the end */
    struct plastic_piece *pieces;
    size_t synapse_count;
    uint16_t *targets; /* of each synapse */
    double *weights;
    size_t *first_synapse; /* while filling: of each source, and one more: the end */
    size_t *next;          /* while filling: where the next one of a source goes */
    uint16_t *delays;      /* while filling; NULL where all are the same: */
    uint16_t only_delay;   /* 0: they are not */
};

/* What one synapse takes while rows are filled, and then. */
#define PLASTIC_ROWS_FILLING_BYTES (2 * sizeof(uint16_t) + sizeof(double))
#define PLASTIC_ROWS_BYTES (sizeof(uint16_t) + sizeof(double))

/* `only_delay`: that of all synapses, or 0. TUTTI_NO_MEMORY. Ended by
 * plastic_rows_free(), also after a failure. */
enum tutti_status plastic_rows_open(uint32_t source_count, uint16_t only_delay,
                                    struct plastic_rows *rows);
void plastic_rows_free(struct plastic_rows *rows);

/* One more synapse of `source` is to come. */
void plastic_rows_count(struct plastic_rows *rows, uint32_t source);
enum tutti_status plastic_rows_make_room(struct plastic_rows *rows);
/* As many for each source as were counted. */
void plastic_rows_place(struct plastic_rows *rows, uint32_t source, uint16_t target,
                        double weight, uint16_t delay);
/* Within a delay, synapses stay in the order in which they were placed. */
enum tutti_status plastic_rows_finish(struct plastic_rows *rows);

/* What they take in memory, in bytes. */
size_t plastic_rows_memory(const struct plastic_rows *rows);

#endif
