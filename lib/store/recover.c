/* Makes a recording whose writer was killed an ordinary HDF5 file again.
 *
 * Such a file is refused by a plain open and spoiled by `h5clear -s`; opened for
 * reading beside a writer (SWMR_READ) it shows everything that was flushed. So: copy
 * that. SPDX-License-Identifier: Apache-2.0 */
#include "store/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "store/claim.h"
#include "store/column.h"
#include "store/digest.h"
#include "store/file.h"

/* A group on its way into the copy. */
struct copy {
    struct tt_store_file *file;
    double complete; /* ms */
    struct tt_recovery *recovery;
    hid_t target;
    uint64_t rows; /* that count, of a dataset that grows */
    enum tutti_status status;
};

static enum tutti_status copy_group(const struct copy *outer, hid_t source,
                                    hid_t target);

/* --- what counts ---------------------------------------------------------------- */

static uint64_t row_count(hid_t dataset)
{
    const hid_t space = H5Dget_space(dataset);
    hsize_t size[2] = {0};

    if (H5Sget_simple_extent_ndims(space) <= 2)
        H5Sget_simple_extent_dims(space, size, NULL);
    H5Sclose(space);
    return size[0];
}

static bool read_whole(hid_t group, const char *path, double *values)
{
    const hid_t dataset = H5Dopen2(group, path, H5P_DEFAULT);
    bool is_read;

    if (dataset < 0)
        return false;
    is_read =
        H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    H5Dclose(dataset);
    return is_read;
}

static bool read_complete(hid_t file, double *complete)
{
    return read_whole(file, "/provenance/complete_up_to", complete);
}

/* Rows of a dataset of one or two dimensions; ended by release(). */
struct selection {
    hid_t memory, disk;
};

static struct selection select_rows(hid_t dataset, uint64_t from, uint64_t rows)
{
    struct selection selection = {.disk = H5Dget_space(dataset)};
    const hsize_t first[2] = {from};
    hsize_t count[2] = {0};

    H5Sget_simple_extent_dims(selection.disk, count, NULL);
    count[0] = rows;
    H5Sselect_hyperslab(selection.disk, H5S_SELECT_SET, first, NULL, count, NULL);
    selection.memory =
        H5Screate_simple(H5Sget_simple_extent_ndims(selection.disk), count, NULL);
    return selection;
}

static void release(struct selection selection)
{
    H5Sclose(selection.memory);
    H5Sclose(selection.disk);
}

static herr_t read_rows(hid_t dataset, hid_t type, uint64_t from, uint64_t rows,
                        void *values)
{
    const struct selection selection = select_rows(dataset, from, rows);
    const herr_t result =
        H5Dread(dataset, type, selection.memory, selection.disk, H5P_DEFAULT, values);

    if (result >= 0) /* the next call wipes the reason of a failure */
        release(selection);
    return result;
}

static herr_t write_rows(hid_t dataset, hid_t type, uint64_t from, uint64_t rows,
                         const void *values)
{
    const struct selection selection = select_rows(dataset, from, rows);
    const herr_t result =
        H5Dwrite(dataset, type, selection.memory, selection.disk, H5P_DEFAULT, values);

    if (result >= 0)
        release(selection);
    return result;
}

/* Times rise and rows that were never written have none: the first row that is not due
 * by `complete` ends what counts. */
static enum tutti_status count_spikes(struct copy *copy, hid_t group)
{
    const hid_t times = H5Dopen2(group, "timestamps", H5P_DEFAULT);
    double *part = tt_alloc_array(TT_CHUNK, sizeof *part);
    enum tutti_status status = TUTTI_OK;
    uint64_t size, row = 0, in_part = 0, i = 0;

    if (!part)
        return FAIL(TUTTI_NO_MEMORY, "no memory to recover '%s'", copy->file->path);
    if (times < 0)
        status = tt_file_fail(copy->file);
    size = status == TUTTI_OK ? row_count(times) : 0;
    while (status == TUTTI_OK && i == in_part && row < size) {
        in_part = size - row < TT_CHUNK ? size - row : TT_CHUNK;
        if (read_rows(times, H5T_NATIVE_DOUBLE, row, in_part, part) < 0)
            status = tt_file_fail(copy->file);
        for (i = 0; i < in_part && part[i] >= 0 && part[i] <= copy->complete;)
            i++;
        row += i;
    }
    free(part);
    H5Dclose(times);
    copy->rows = row;
    copy->recovery->spikes += row;
    return status;
}

/* Rows that the time axis states, that are there, and that are due by `complete`. */
static enum tutti_status count_samples(struct copy *copy, hid_t group)
{
    const double one_ns = 1e-6;
    const hid_t data = H5Dopen2(group, "data", H5P_DEFAULT);
    double axis[3], stated, due, count;

    if (data < 0 || !read_whole(group, "mapping/time", axis))
        return tt_file_fail(copy->file);
    stated = round((axis[1] - axis[0]) / axis[2]);
    due = floor((copy->complete - axis[0] + one_ns) / axis[2]) + 1;
    count = fmin(fmin(stated, due), (double)row_count(data));
    copy->rows = count > 0 ? (uint64_t)count : 0;
    copy->recovery->samples += copy->rows;
    H5Dclose(data);
    return TUTTI_OK;
}

/* Only intervals that had ended have a digest: the values behind the last one are gone.
 */
static enum tutti_status count_digests(struct copy *copy, hid_t group)
{
    (void)group;
    copy->rows = (uint64_t)(tt_ns_from_ms(copy->complete) / TT_DIGEST_INTERVAL);
    return TUTTI_OK;
}

/* A group is known by something in it. */
static enum tutti_status count_rows(struct copy *copy, hid_t group)
{
    static const struct {
        const char *member;
        enum tutti_status (*count)(struct copy *copy, hid_t group);
    } kinds[] = {{"timestamps", count_spikes},
                 {"data", count_samples},
                 {"complete_up_to", count_digests}};
    size_t i;

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (H5Lexists(group, kinds[i].member, H5P_DEFAULT) > 0)
            return kinds[i].count(copy, group);
    return TUTTI_OK;
}

/* --- copy ----------------------------------------------------------------------- */

/* H5Ocopy() would do most of this, but HDF5 1.10 crashes in it when the disk is full.
 */

static herr_t copy_attribute(hid_t source, const char *name, const H5A_info_t *info,
                             void *target)
{
    const hid_t from = H5Aopen(source, name, H5P_DEFAULT);
    const hid_t type = H5Aget_type(from), space = H5Aget_space(from);
    const hid_t to =
        H5Acreate2(*(hid_t *)target, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    void *values = tt_alloc(info->data_size);
    herr_t result = -1;

    if (values && H5Aread(from, type, values) >= 0)
        result = H5Awrite(to, type, values);
    free(values);
    H5Aclose(to);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(from);
    return result;
}

static enum tutti_status copy_attributes(const struct copy *copy, hid_t source,
                                         hid_t target)
{
    if (H5Aiterate2(source, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, copy_attribute,
                    &target) < 0)
        return tt_file_fail(copy->file);
    return TUTTI_OK;
}

/* A dataset of fixed size, in one piece. */
static enum tutti_status copy_whole(const struct copy *copy, hid_t source, hid_t target,
                                    hid_t type)
{
    const hid_t space = H5Dget_space(source);
    void *values =
        tt_alloc_array((size_t)H5Sget_simple_extent_npoints(space), H5Tget_size(type));
    enum tutti_status status = TUTTI_OK;

    if (!values)
        status = FAIL(TUTTI_NO_MEMORY, "no memory to recover '%s'", copy->file->path);
    else if (H5Dread(source, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0 ||
             H5Dwrite(target, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = tt_file_fail(copy->file);
    free(values);
    H5Sclose(space);
    return status;
}

/* A dataset that grows: the rows that count, chunk by chunk. */
static enum tutti_status copy_rows(const struct copy *copy, hid_t source, hid_t target,
                                   hid_t type)
{
    const hid_t creation = H5Dget_create_plist(source);
    hsize_t chunk[2] = {1, 1};
    const int rank = H5Pget_chunk(creation, 2, chunk);
    const hsize_t size[2] = {copy->rows, chunk[1]};
    void *rows =
        tt_alloc_array(chunk[0] * (rank == 2 ? chunk[1] : 1), H5Tget_size(type));
    enum tutti_status status = TUTTI_OK;
    uint64_t row, part;

    if (!rows)
        status = FAIL(TUTTI_NO_MEMORY, "no memory to recover '%s'", copy->file->path);
    else if (H5Dset_extent(target, size) < 0)
        status = tt_file_fail(copy->file);
    for (row = 0; status == TUTTI_OK && row < copy->rows; row += part) {
        part = copy->rows - row < chunk[0] ? copy->rows - row : chunk[0];
        if (read_rows(source, type, row, part, rows) < 0 ||
            write_rows(target, type, row, part, rows) < 0)
            status = tt_file_fail(copy->file);
    }
    free(rows);
    H5Pclose(creation);
    return status;
}

/* Makes the same dataset, without rows if it is one that grows. */
static hid_t make_like(hid_t source, hid_t type, hid_t group, const char *name,
                       bool *grows)
{
    const hid_t creation = H5Dget_create_plist(source);
    const hid_t space = H5Dget_space(source);
    hsize_t size[2] = {0}, limit[2] = {0};
    hid_t target;

    H5Sget_simple_extent_dims(space, size, limit);
    *grows = H5Pget_layout(creation) == H5D_CHUNKED;
    if (*grows) {
        size[0] = 0;
        H5Sset_extent_simple(space, H5Sget_simple_extent_ndims(space), size, limit);
    }
    target = H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (target >= 0) {
        H5Sclose(space);
        H5Pclose(creation);
    }
    return target;
}

static enum tutti_status copy_dataset(const struct copy *copy, hid_t source,
                                      const char *name)
{
    const hid_t type = H5Dget_type(source);
    bool grows;
    const hid_t target = make_like(source, type, copy->target, name, &grows);

    if (target < 0)
        return tt_file_fail(copy->file);
    TRY(copy_attributes(copy, source, target));
    if (grows)
        TRY(copy_rows(copy, source, target, type));
    else
        TRY(copy_whole(copy, source, target, type));
    H5Dclose(target);
    H5Tclose(type);
    return TUTTI_OK;
}

static enum tutti_status copy_object(const struct copy *copy, hid_t source,
                                     const char *name)
{
    hid_t target;

    if (H5Iget_type(source) == H5I_DATASET)
        return copy_dataset(copy, source, name);
    target = H5Gcreate2(copy->target, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (target < 0)
        return tt_file_fail(copy->file);
    TRY(copy_group(copy, source, target));
    H5Gclose(target);
    return TUTTI_OK;
}

static herr_t copy_link(hid_t group, const char *name, const H5L_info_t *info,
                        void *argument)
{
    struct copy *copy = argument;
    hid_t source;

    (void)info;
    if (!strcmp(name, TT_SECOND_NAME)) /* made with the first one */
        return 0;
    source = H5Oopen(group, name, H5P_DEFAULT);
    copy->status =
        source < 0 ? tt_file_fail(copy->file) : copy_object(copy, source, name);
    if (copy->status != TUTTI_OK)
        return -1;
    H5Oclose(source);
    return 0;
}

/* What the copy of a group needs besides its members. */
static enum tutti_status complete_group(const struct copy *copy)
{
    double axis[3];
    hid_t time;

    if (H5Lexists(copy->target, TT_FIRST_NAME, H5P_DEFAULT) > 0 &&
        H5Lcreate_hard(copy->target, TT_FIRST_NAME, copy->target, TT_SECOND_NAME,
                       H5P_DEFAULT, H5P_DEFAULT) < 0)
        return tt_file_fail(copy->file);
    if (H5Lexists(copy->target, "time", H5P_DEFAULT) <= 0)
        return TUTTI_OK;
    time = H5Dopen2(copy->target, "time", H5P_DEFAULT);
    if (!read_whole(copy->target, "time", axis))
        return tt_file_fail(copy->file);
    axis[1] = axis[0] + (double)copy->rows * axis[2];
    if (H5Dwrite(time, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, axis) < 0)
        return tt_file_fail(copy->file);
    H5Dclose(time);
    return TUTTI_OK;
}

static enum tutti_status copy_group(const struct copy *outer, hid_t source,
                                    hid_t target)
{
    struct copy copy = *outer;

    copy.target = target;
    TRY(count_rows(&copy, source));
    TRY(copy_attributes(&copy, source, target));
    if (H5Literate(source, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_link, &copy) < 0)
        return copy.status != TUTTI_OK ? copy.status : tt_file_fail(copy.file);
    return complete_group(&copy);
}

/* --- files ---------------------------------------------------------------------- */

static hid_t open_file(const char *path, unsigned flags)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t file;

    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    if (flags & H5F_ACC_TRUNC)
        file = H5Fcreate(path, flags, H5P_DEFAULT, access);
    else
        file = H5Fopen(path, flags, access);
    if (file >= 0) /* the next call wipes the reason of a failure */
        H5Pclose(access);
    return file;
}

static enum tutti_status copy_file(hid_t damaged, struct tt_store_file *file,
                                   struct tt_recovery *recovery)
{
    struct copy copy = {.file = file, .recovery = recovery};

    if (!read_complete(damaged, &copy.complete))
        return tt_file_fail(file);
    recovery->complete.ns = tt_ns_from_ms(copy.complete);
    TRY(copy_group(&copy, damaged, file->id));
    if (H5Fclose(file->id) < 0)
        return tt_file_fail(file);
    return TUTTI_OK;
}

/* The copy is on the disk before it takes the old file's place. */
static enum tutti_status replace(const char *path, const char *copy_path)
{
    const int copy = open(copy_path, O_RDONLY | O_CLOEXEC);
    const bool is_done = copy >= 0 && fsync(copy) == 0 && rename(copy_path, path) == 0;
    const int reason = errno;

    if (copy >= 0)
        close(copy);
    if (!is_done)
        return FAIL(TUTTI_SYSTEM,
                    "cannot put the recovered recording in the place of '%s': %s; it "
                    "is unchanged",
                    path, strerror(reason));
    return TUTTI_OK;
}

static enum tutti_status recover_to(const char *path, const char *copy_path,
                                    hid_t damaged, struct tt_recovery *recovery)
{
    struct tt_store_file copy = {.path = tt_copy_text(path), .is_copy = true};
    enum tutti_status status;

    if (!copy.path)
        return FAIL(TUTTI_NO_MEMORY, "no memory to recover '%s'", path);
    copy.id = open_file(copy_path, H5F_ACC_TRUNC);
    status = copy.id < 0 ? tt_file_fail(&copy) : copy_file(damaged, &copy, recovery);
    if (status == TUTTI_OK)
        status = replace(path, copy_path);
    if (status != TUTTI_OK)
        unlink(copy_path);
    free(copy.path);
    return status;
}

/* --- recover -------------------------------------------------------------------- */

static enum tutti_status check_access(const char *path)
{
    if (access(path, R_OK) != 0)
        return FAIL(TUTTI_SYSTEM, "cannot read the recording '%s': %s", path,
                    strerror(errno));
    if (tt_is_claimed(path))
        return FAIL(TUTTI_REFUSED,
                    "the recording '%s' is being written: recover it when the "
                    "recorder has ended",
                    path);
    return TUTTI_OK;
}

/* An ordinary file: only what it says of itself. */
static enum tutti_status describe(hid_t file, const char *path,
                                  struct tt_recovery *recovery)
{
    double complete;

    if (!read_complete(file, &complete))
        return FAIL(TUTTI_REFUSED, "'%s' is an HDF5 file, but no recording", path);
    recovery->complete.ns = tt_ns_from_ms(complete);
    recovery->was_whole = true;
    return TUTTI_OK;
}

enum tutti_status tt_store_recover(const char *path, struct tt_recovery *recovery)
{
    struct tt_text copy_path = {0};
    char reason[TT_REASON_TEXT];
    enum tutti_status status;
    hid_t file;

    *recovery = (struct tt_recovery){0};
    tt_hdf5_quiet();
    TRY(check_access(path));
    file = open_file(path, H5F_ACC_RDONLY);
    if (file >= 0) {
        status = describe(file, path, recovery);
        H5Fclose(file);
        return status;
    }
    file = open_file(path, H5F_ACC_RDONLY | H5F_ACC_SWMR_READ);
    if (file < 0)
        return FAIL(TUTTI_REFUSED,
                    "'%s' cannot be recovered: it is no recording, or its recorder was "
                    "killed before the run began (%s)",
                    path, tt_hdf5_reason(reason));
    tt_text_add(&copy_path, "%s.recovering", path);
    status = recover_to(path, tt_text_get(&copy_path), file, recovery);
    H5Fclose(file);
    tt_text_free(&copy_path);
    return status;
}
