/* A dataset that grows by rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/column.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* Reading programs may meet rows of which HDF5 knows but which it does not have yet. */
static void fill_buffer(struct tt_column *column)
{
    size_t i;

    if (!column->has_fill)
        return;
    for (i = 0; i < column->shape.chunk_rows; i++)
        memcpy(column->buffer + i * column->row_size, &column->fill,
               sizeof column->fill);
}

static hid_t make_dataset(hid_t group, const struct tt_column_shape *shape)
{
    const int rank = shape->width ? 2 : 1;
    const hsize_t size[2] = {0, shape->width};
    const hsize_t limit[2] = {H5S_UNLIMITED, shape->width};
    const hsize_t chunk[2] = {shape->chunk_rows, shape->width};
    const hid_t space = H5Screate_simple(rank, size, limit);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    hid_t dataset = H5I_INVALID_HID;

    /* Without HDF5's chunk cache the rows behind a flush are written by themselves, not
     * with their whole chunk. */
    if (H5Pset_chunk(creation, rank, chunk) >= 0 &&
        H5Pset_chunk_cache(access, 0, 0, H5D_CHUNK_CACHE_W0_DEFAULT) >= 0 &&
        (!shape->fill || H5Pset_fill_value(creation, shape->type, shape->fill) >= 0))
        dataset = H5Dcreate2(group, shape->name, shape->type, space, H5P_DEFAULT,
                             creation, access);
    H5Pclose(access);
    H5Pclose(creation);
    H5Sclose(space);
    return dataset;
}

enum tutti_status tt_column_make(struct tt_store_file *file, hid_t group,
                                 const struct tt_column_shape *shape,
                                 struct tt_column *column)
{
    *column = (struct tt_column){.file = file, .shape = *shape};
    column->row_size = shape->type_size * (shape->width ? shape->width : 1);
    column->dataset = make_dataset(group, shape);
    if (column->dataset < 0)
        return tt_file_fail(file);
    column->buffer = tt_alloc_array(shape->chunk_rows, column->row_size);
    if (!column->buffer)
        return FAIL(TUTTI_NO_MEMORY, "no memory to record %zu rows of %zu bytes",
                    shape->chunk_rows, column->row_size);
    if (shape->fill) {
        column->has_fill = true;
        column->fill = *shape->fill;
    }
    fill_buffer(column);
    return TUTTI_OK;
}

void *tt_column_rows(const struct tt_column *column, size_t *room)
{
    *room = column->shape.chunk_rows - column->filled;
    return column->buffer + column->filled * column->row_size;
}

enum tutti_status tt_column_add(struct tt_column *column, size_t count)
{
    column->filled += count;
    if (column->filled < column->shape.chunk_rows)
        return TUTTI_OK;
    TRY(tt_column_write(column));
    column->chunk++;
    column->filled = 0;
    column->written = 0;
    fill_buffer(column);
    return TUTTI_OK;
}

static herr_t write_rows(const struct tt_column *column)
{
    const int rank = column->shape.width ? 2 : 1;
    const hsize_t first[2] = {column->chunk * column->shape.chunk_rows +
                              column->written};
    const hsize_t count[2] = {column->filled - column->written, column->shape.width};
    const hid_t source = H5Screate_simple(rank, count, NULL);
    const hid_t target = H5Dget_space(column->dataset);
    herr_t result =
        H5Sselect_hyperslab(target, H5S_SELECT_SET, first, NULL, count, NULL);

    if (result >= 0)
        result =
            H5Dwrite(column->dataset, column->shape.type, source, target, H5P_DEFAULT,
                     column->buffer + column->written * column->row_size);
    if (result >= 0) { /* closing would wipe the reason of a failure */
        H5Sclose(target);
        H5Sclose(source);
    }
    return result;
}

enum tutti_status tt_column_write(struct tt_column *column)
{
    const hsize_t first[2] = {column->chunk * column->shape.chunk_rows, 0};
    const hsize_t size[2] = {first[0] + column->filled, column->shape.width};
    herr_t result;

    if (column->filled == column->written)
        return TUTTI_OK;
    if (H5Dset_extent(column->dataset, size) < 0)
        return tt_file_fail(column->file);
    if (column->written == 0)
        result =
            H5Dwrite_chunk(column->dataset, H5P_DEFAULT, 0, first,
                           column->shape.chunk_rows * column->row_size, column->buffer);
    else
        result = write_rows(column);
    if (result < 0)
        return tt_file_fail(column->file);
    column->written = column->filled;
    column->is_unflushed = true;
    return TUTTI_OK;
}

enum tutti_status tt_column_flush(struct tt_column *column)
{
    if (!column->is_unflushed)
        return TUTTI_OK;
    if (H5Dflush(column->dataset) < 0)
        return tt_file_fail(column->file);
    column->is_unflushed = false;
    return TUTTI_OK;
}

uint64_t tt_column_count(const struct tt_column *column)
{
    return column->chunk * column->shape.chunk_rows + column->filled;
}

void tt_column_close(struct tt_column *column)
{
    if (!column->file)
        return;
    if (!column->file->has_failed && column->dataset > 0)
        H5Dclose(column->dataset);
    free(column->buffer);
    *column = (struct tt_column){0};
}
