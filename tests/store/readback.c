/* Events that tests record, and a recording read back by HDF5 alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/store/readback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first. */
#include <cmocka.h>

void expect_ok(enum tutti_status status)
{
    if (status != TUTTI_OK)
        fail_msg("%s: %s", tutti_status_name(status), tutti_last_error());
}

struct tutti_time spike_due(uint64_t k)
{
    return (struct tutti_time){(int64_t)k * 70000};
}

uint32_t spike_id(uint64_t k)
{
    return (uint32_t)(k * 7919 % 1000);
}

enum tutti_status put_spikes(struct tt_spike_record *record, uint64_t first,
                             size_t count)
{
    struct tutti_time *due = calloc(count + 1, sizeof *due);
    uint32_t *ids = calloc(count + 1, sizeof *ids);
    enum tutti_status status;
    size_t i;

    assert_true(due && ids);
    for (i = 0; i < count; i++) {
        due[i] = spike_due(first + i);
        ids[i] = spike_id(first + i);
    }
    status = tt_store_put_spikes(record, count, due, ids);
    free(ids);
    free(due);
    return status;
}

hid_t open_plain(const char *path)
{
    return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
}

hid_t open_beside(const char *path)
{
    return H5Fopen(path, H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, H5P_DEFAULT);
}

double *read_rows(hid_t file, const char *dataset, hsize_t size[2])
{
    const hid_t set = H5Dopen2(file, dataset, H5P_DEFAULT);
    const hid_t space = H5Dget_space(set);
    double *rows;

    assert_true(set >= 0);
    size[0] = size[1] = 1;
    H5Sget_simple_extent_dims(space, size, NULL);
    rows = calloc(size[0] * size[1] + 1, sizeof *rows);
    assert_non_null(rows);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) >=
                0);
    H5Sclose(space);
    H5Dclose(set);
    return rows;
}

double read_number(hid_t file, const char *dataset)
{
    hsize_t size[2];
    double *rows = read_rows(file, dataset, size);
    const double number = rows[0];

    free(rows);
    return number;
}

void read_text(hid_t file, const char *object, const char *attribute, char *text,
               size_t room)
{
    const hid_t opened =
        H5Aopen_by_name(file, object, attribute, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t type = H5Aget_type(opened);

    assert_true(H5Tget_size(type) <= room);
    assert_true(H5Aread(opened, type, text) >= 0);
    H5Tclose(type);
    H5Aclose(opened);
}

uint64_t check_spikes(hid_t file, const char *name)
{
    char path[100];
    hsize_t time_size[2], id_size[2], k;
    double *times, *ids;

    snprintf(path, sizeof path, "/spikes/%s/timestamps", name);
    times = read_rows(file, path, time_size);
    snprintf(path, sizeof path, "/spikes/%s/node_ids", name);
    ids = read_rows(file, path, id_size);
    assert_int_equal(time_size[0], id_size[0]);
    for (k = 0; k < time_size[0]; k++) {
        assert_true(times[k] == (double)spike_due(k).ns / 1e6);
        assert_true(ids[k] == spike_id(k));
    }
    free(ids);
    free(times);
    return time_size[0];
}
