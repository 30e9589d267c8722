/* The samples of one port.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/report.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "base/time.h"

/* --- make ----------------------------------------------------------------------- */

/* Which value of a row belongs to whom: here one value for each id. */
static enum tutti_status write_mapping(struct tt_store_file *file, hid_t mapping,
                                       uint32_t width, const uint32_t *ids)
{
    uint64_t *node_ids = tt_alloc_array(width, sizeof *node_ids);
    uint64_t *pointers = tt_alloc_array((size_t)width + 1, sizeof *pointers);
    uint32_t *elements = tt_alloc_array(width, sizeof *elements);
    enum tutti_status status = TUTTI_OK;
    hid_t dataset[3] = {0};
    uint32_t i;

    if (!node_ids || !pointers || !elements)
        status = FAIL(TUTTI_NO_MEMORY, "no memory for a report of %u values", width);
    for (i = 0; status == TUTTI_OK && i < width; i++) {
        node_ids[i] = ids[i];
        pointers[i + 1] = i + 1;
    }
    if (status == TUTTI_OK)
        status = tt_make_dataset(
            file, mapping, "node_ids",
            &(struct tt_values){H5T_NATIVE_UINT64, width, node_ids}, &dataset[0]);
    if (status == TUTTI_OK)
        status = tt_make_dataset(
            file, mapping, TT_FIRST_NAME,
            &(struct tt_values){H5T_NATIVE_UINT64, (size_t)width + 1, pointers},
            &dataset[1]);
    if (status == TUTTI_OK)
        status = tt_make_dataset(
            file, mapping, "element_ids",
            &(struct tt_values){H5T_NATIVE_UINT32, width, elements}, &dataset[2]);
    for (i = 0; status == TUTTI_OK && i < 3; i++)
        H5Dclose(dataset[i]);
    free(elements);
    free(pointers);
    free(node_ids);
    return status;
}

static void time_axis(const struct tt_report *report, double axis[3])
{
    const int64_t interval = report->interval ? report->interval : 1;
    const double start = tt_ms_from_ns(tt_step_border(report->grid, report->first));
    const double step = (double)interval * (double)report->grid.ns /
                        ((double)report->grid.divisor * 1e6);

    axis[0] = start;
    axis[1] = start + (double)tt_report_count(report) * step;
    axis[2] = step;
}

static enum tutti_status make_mapping(struct tt_report *report, hid_t group,
                                      const uint32_t *ids)
{
    struct tt_store_file *file = report->file;
    double axis[3];
    hid_t mapping;

    mapping = H5Gcreate2(group, "mapping", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (mapping < 0)
        return tt_file_fail(file);
    TRY(write_mapping(file, mapping, report->width, ids));
    if (H5Lcreate_hard(mapping, TT_FIRST_NAME, mapping, TT_SECOND_NAME, H5P_DEFAULT,
                       H5P_DEFAULT) < 0)
        return tt_file_fail(file);
    time_axis(report, axis);
    TRY(tt_make_dataset(file, mapping, "time",
                        &(struct tt_values){H5T_NATIVE_DOUBLE, 3, axis},
                        &report->time));
    TRY(tt_write_text_attribute(file, report->time, "units", "ms"));
    H5Gclose(mapping);
    return TUTTI_OK;
}

static enum tutti_status make_group(struct tt_report *report,
                                    const struct tt_report_shape *shape)
{
    const size_t rows = TT_CHUNK / shape->width;
    const struct tt_column_shape data = {.name = "data",
                                         .type = H5T_NATIVE_FLOAT,
                                         .type_size = sizeof(float),
                                         .width = shape->width,
                                         .chunk_rows = rows ? rows : 1};
    hid_t group;

    TRY(tt_make_group(report->file, "/report", report->name, &group));
    TRY(tt_column_make(report->file, group, &data, &report->data));
    TRY(tt_write_text_attribute(report->file, report->data.dataset, "units",
                                shape->unit));
    TRY(make_mapping(report, group, shape->ids));
    H5Gclose(group);
    return TUTTI_OK;
}

enum tutti_status tt_report_make(struct tt_store_file *file, const char *name,
                                 const struct tt_report_shape *shape,
                                 struct tt_report **report)
{
    enum tutti_status status;

    *report = tt_alloc(sizeof **report);
    if (!*report)
        return FAIL(TUTTI_NO_MEMORY, "no memory to record '%s'", name);
    (*report)->file = file;
    (*report)->width = shape->width;
    (*report)->grid = shape->step;
    (*report)->name = tt_copy_text(name);
    status = (*report)->name ? make_group(*report, shape)
                             : FAIL(TUTTI_NO_MEMORY, "no memory to record '%s'", name);
    if (status == TUTTI_OK)
        status = tt_digest_make(file, name, &(*report)->digest);
    if (status != TUTTI_OK)
        tt_report_close(report);
    return status;
}

/* --- put ------------------------------------------------------------------------ */

static bool is_on_grid(struct tutti_step grid, int64_t ns, int64_t *border)
{
    *border = tt_step_at_or_after(grid, ns);
    return tt_step_border(grid, *border) == ns;
}

/* A source that writes between its borders: its samples are measured in nanoseconds. */
static void leave_grid(struct tt_report *report)
{
    report->first = tt_step_border(report->grid, report->first);
    report->grid = (struct tutti_step){1, 1};
}

/* The first two samples say how far apart all are. */
static enum tutti_status check_distance(struct tt_report *report, int64_t due)
{
    const int64_t count = (int64_t)tt_report_count(report);
    char text[TT_TIME_TEXT], expected[TT_TIME_TEXT];
    bool is_fitting;
    int64_t border, next;

    is_fitting = is_on_grid(report->grid, due, &border);
    if (!is_fitting && count < 2) {
        leave_grid(report);
        border = due;
        is_fitting = true;
    }
    if (count == 0)
        report->first = border;
    else if (count == 1)
        report->interval = border - report->first;
    next = report->first + count * report->interval;
    if (is_fitting && border == next && (count == 0 || report->interval > 0))
        return TUTTI_OK;
    return FAIL(TUTTI_BAD_CALL,
                "cannot record signal '%s': its samples must be equally far apart, but "
                "one is due at %s where %s was expected; write it once every step, or "
                "take it out of 'record'",
                report->name, tt_time_text((struct tutti_time){due}, text),
                tt_time_text((struct tutti_time){tt_step_border(report->grid, next)},
                             expected));
}

enum tutti_status tt_store_put_samples(struct tt_report *report, size_t count,
                                       const struct tutti_time *due,
                                       const double *values)
{
    size_t i, k, room;

    TRY(tt_file_check(report->file));
    for (i = 0; i < count; i++, values += report->width) {
        float *row = tt_column_rows(&report->data, &room);

        TRY(check_distance(report, due[i].ns));
        TRY(tt_digest_turn(&report->digest, due[i].ns));
        tt_digest_add(&report->digest, &due[i].ns, sizeof due[i].ns);
        tt_digest_add(&report->digest, values, report->width * sizeof *values);
        for (k = 0; k < report->width; k++)
            row[k] = (float)values[k];
        TRY(tt_column_add(&report->data, 1));
    }
    return TUTTI_OK;
}

uint64_t tt_report_count(const struct tt_report *report)
{
    return tt_column_count(&report->data);
}

/* --- flush and end -------------------------------------------------------------- */

static enum tutti_status flush_columns(struct tt_report *report)
{
    TRY(tt_column_write(&report->data));
    TRY(tt_column_flush(&report->data));
    TRY(tt_column_write(&report->digest.column));
    return tt_column_flush(&report->digest.column);
}

enum tutti_status tt_report_flush(struct tt_report *report, int64_t complete)
{
    TRY(tt_digest_complete(&report->digest, complete));
    return flush_columns(report);
}

enum tutti_status tt_report_flush_time(struct tt_report *report)
{
    double axis[3];

    if (tt_report_count(report) == report->stated)
        return TUTTI_OK;
    time_axis(report, axis);
    if (H5Dwrite(report->time, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, axis) <
            0 ||
        H5Dflush(report->time) < 0)
        return tt_file_fail(report->file);
    report->stated = tt_report_count(report);
    return TUTTI_OK;
}

enum tutti_status tt_report_finish(struct tt_report *report, int64_t complete)
{
    TRY(tt_digest_finish(&report->digest, complete));
    TRY(flush_columns(report));
    return tt_report_flush_time(report);
}

void tt_report_close(struct tt_report **report)
{
    if (!*report)
        return;
    tt_digest_close(&(*report)->digest);
    if (!(*report)->file->has_failed && (*report)->time > 0)
        H5Dclose((*report)->time);
    tt_column_close(&(*report)->data);
    free((*report)->name);
    free(*report);
    *report = NULL;
}
