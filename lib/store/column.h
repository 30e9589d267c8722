/* A dataset that grows by rows, written in whole chunks where that is possible. Private
 * to the store layer. SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_COLUMN_H
#define STORE_COLUMN_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/file.h"
#include "tutti/status.h"

/* HDF5 with SWMR is fastest at chunks of this many records. */
#define TT_CHUNK 16384

struct tt_column_shape {
    const char *name;
    hid_t type;
    size_t type_size;
    size_t width; /* values of a row; 0: a dataset of one dimension */
    size_t chunk_rows;
    const double *fill; /* value of rows not written yet, NULL: zeros; one dimension */
};

struct tt_column {
    struct tt_store_file *file;
    struct tt_column_shape shape; /* `name` and `fill` only while it is made */
    hid_t dataset;
    size_t row_size;
    uint8_t *buffer; /* the rows of chunk number `chunk` */
    size_t filled;   /* rows of the buffer */
    size_t written;  /* rows of the buffer that HDF5 has */
    uint64_t chunk;
    double fill;
    bool has_fill, is_unflushed;
};

/* Makes the dataset in `group`. Ended by tt_column_close(), also after a failure. */
enum tutti_status tt_column_make(struct tt_store_file *file, hid_t group,
                                 const struct tt_column_shape *shape,
                                 struct tt_column *column);

/* Where the next rows go, and how many fit (at least one). */
void *tt_column_rows(const struct tt_column *column, size_t *room);

/* `count` rows have been put there, at most as many as fit. */
enum tutti_status tt_column_add(struct tt_column *column, size_t count);

/* Hands all rows to HDF5; then makes them readable. */
enum tutti_status tt_column_write(struct tt_column *column);
enum tutti_status tt_column_flush(struct tt_column *column);

/* Rows that were added. */
uint64_t tt_column_count(const struct tt_column *column);

/* Accepts a column that was never made. After a failure of its file HDF5's handle stays
 * open. */
void tt_column_close(struct tt_column *column);

#endif
