/* What is put into a recording is what HDF5 reads back.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first. */
#include <cmocka.h>

#include <math.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/store/readback.h"
#include "tutti/tutti.h"

static const char path[] = "store_test.h5", other_path[] = "store_test_other.h5";
static const char experiment[] = "experiment: test\n";
static const struct tutti_step step = {100000, 1};

static int remove_files(void **state)
{
    (void)state;
    unlink(path);
    unlink(other_path);
    return 0;
}

static struct tt_store *create(const char *at)
{
    struct tt_store *store;

    expect_ok(tt_store_create(at, experiment, &store));
    return store;
}

static void finish(struct tt_store **store, int64_t complete)
{
    tt_store_complete(*store, (struct tutti_time){complete});
    expect_ok(tt_store_finish(*store));
    tt_store_close(store);
    assert_null(*store);
}

/* Spikes `0..total` in windows of random length, now and then flushed. */
static void record(const char *at, uint64_t total, unsigned seed)
{
    struct tt_store *store = create(at);
    struct tt_spike_record *spikes;
    uint64_t done = 0;

    expect_ok(tt_store_add_spikes(store, "column.E", &spikes));
    expect_ok(tt_store_begin(store));
    while (done < total) {
        const uint64_t wish = (uint64_t)rand_r(&seed) % 20000;
        const uint64_t part = wish < total - done ? wish : total - done;

        expect_ok(put_spikes(spikes, done, part));
        done += part;
        if (part)
            tt_store_complete(store, spike_due(done - 1));
        if (rand_r(&seed) % 2)
            expect_ok(tt_store_flush(store));
    }
    assert_int_equal(tt_spike_record_count(spikes), total);
    finish(&store, spike_due(total).ns);
}

static void spikes_are_read_back_however_windows_and_flushes_fall(void **state)
{
    static const uint64_t totals[] = {0, 1, 16383, 16384, 16385, 100000};
    unsigned i;

    (void)state;
    for (i = 0; i < sizeof totals / sizeof *totals; i++) {
        hid_t file;

        record(path, totals[i], i);
        file = open_plain(path);
        assert_true(file >= 0);
        assert_int_equal(check_spikes(file, "column.E"), totals[i]);
        assert_true(read_number(file, "/provenance/complete_up_to") ==
                    (double)spike_due(totals[i]).ns / 1e6);
        H5Fclose(file);
    }
}

static void the_file_says_what_made_it(void **state)
{
    char text[100];
    hid_t file, set, type;

    (void)state;
    record(path, 10, 1);
    file = open_plain(path);
    read_text(file, "/spikes/column.E/timestamps", "units", text, sizeof text);
    assert_string_equal(text, "ms");
    read_text(file, "/provenance", "tutti_version", text, sizeof text);
    assert_string_equal(text, tutti_version());
    read_text(file, "/provenance", "experiment_xxh3_128", text, sizeof text);
    assert_int_equal(strlen(text), 32);
    set = H5Dopen2(file, "/provenance/experiment", H5P_DEFAULT);
    type = H5Dget_type(set);
    assert_true(H5Tget_size(type) <= sizeof text);
    assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0);
    assert_string_equal(text, experiment);
    H5Tclose(type);
    H5Dclose(set);
    H5Fclose(file);
}

/* --- digests -------------------------------------------------------------------- */

static void digests_depend_on_the_events_alone(void **state)
{
    const uint64_t total = 30000; /* 2.1 s */
    hsize_t size[2], other_size[2];
    double *digests, *others;
    hid_t file, other;

    (void)state;
    record(path, total, 1);
    record(other_path, total, 2);
    file = open_plain(path);
    other = open_plain(other_path);
    digests = read_rows(file, "/provenance/digests/column.E", size);
    others = read_rows(other, "/provenance/digests/column.E", other_size);
    assert_int_equal(size[0], 21);
    assert_int_equal(size[1], 16);
    assert_memory_equal(size, other_size, sizeof size);
    assert_memory_equal(digests, others, size[0] * size[1] * sizeof *digests);
    assert_memory_not_equal(digests, digests + size[1], size[1] * sizeof *digests);
    free(others);
    free(digests);
    H5Fclose(other);
    H5Fclose(file);
}

/* The digests of three intervals with one spike, due at `due`. */
static void digest_one(int64_t due, uint32_t id, double digests[3][16])
{
    struct tt_store *store = create(path);
    struct tt_spike_record *spikes;
    hsize_t size[2];
    double *rows;
    hid_t file;

    expect_ok(tt_store_add_spikes(store, "a.x", &spikes));
    expect_ok(tt_store_begin(store));
    expect_ok(tt_store_put_spikes(spikes, 1, &(struct tutti_time){due}, &id));
    finish(&store, 300000000);
    file = open_plain(path);
    rows = read_rows(file, "/provenance/digests/a.x", size);
    assert_int_equal(size[0], 3);
    memcpy(digests, rows, 3 * sizeof *digests);
    free(rows);
    H5Fclose(file);
}

static void a_digest_covers_an_interval_with_its_end(void **state)
{
    double at_end[3][16], after_end[3][16], index[3][16];

    (void)state;
    digest_one(100000000, 1, at_end);
    digest_one(100000001, 1, after_end);
    digest_one(100000000, 2, index);
    assert_memory_not_equal(at_end[0], at_end[1], sizeof *at_end);
    assert_memory_equal(at_end[1], at_end[2], sizeof *at_end);
    assert_memory_equal(after_end[0], after_end[2], sizeof *at_end);
    assert_memory_not_equal(after_end[1], after_end[2], sizeof *at_end);
    assert_memory_not_equal(index[0], at_end[0], sizeof *at_end);
    assert_memory_equal(index[1], at_end[1], sizeof *at_end);
}

/* --- signals -------------------------------------------------------------------- */

static struct tt_report *add_report(struct tt_store *store, uint32_t width,
                                    struct tutti_step grid)
{
    uint32_t *ids = calloc(width, sizeof *ids);
    const struct tt_report_shape shape = {width, ids, "mV", grid};
    struct tt_report *report;
    uint32_t i;

    assert_non_null(ids);
    for (i = 0; i < width; i++)
        ids[i] = 5 + i;
    expect_ok(tt_store_add_report(store, "cell.v", &shape, &report));
    free(ids);
    return report;
}

/* Samples of which value i of number k is k + i / 8. */
static enum tutti_status put_sample(struct tt_report *report, uint32_t width,
                                    uint64_t k, int64_t due)
{
    double *values = calloc(width, sizeof *values);
    enum tutti_status status;
    uint32_t i;

    assert_non_null(values);
    for (i = 0; i < width; i++)
        values[i] = (double)k + i / 8.0;
    status = tt_store_put_samples(report, 1, &(struct tutti_time){due}, values);
    free(values);
    return status;
}

static void check_report(uint32_t width, uint64_t total, const double axis[3])
{
    const hid_t file = open_plain(path);
    hsize_t size[2], k, i;
    double *rows;

    assert_true(file >= 0);
    rows = read_rows(file, "/report/cell.v/data", size);
    assert_int_equal(size[0], total);
    assert_int_equal(size[1], width);
    for (k = 0; k < total; k++)
        for (i = 0; i < width; i++)
            assert_true(rows[k * width + i] == (double)k + (double)i / 8.0);
    free(rows);
    rows = read_rows(file, "/report/cell.v/mapping/time", size);
    for (i = 0; i < 3; i++)
        assert_true(fabs(rows[i] - axis[i]) < 1e-9);
    free(rows);
    rows = read_rows(file, "/report/cell.v/mapping/node_ids", size);
    assert_int_equal(size[0], width);
    assert_true(rows[0] == 5);
    free(rows);
    rows = read_rows(file, "/report/cell.v/mapping/index_pointer", size);
    assert_int_equal(size[0], width + 1);
    assert_true(rows[width] == width);
    free(rows);
    H5Fclose(file);
}

static void samples_are_read_back_for_narrow_and_wide_signals(void **state)
{
    static const struct {
        uint32_t width;
        uint64_t total;
    } rows[] = {{3, 12000}, {1, 2}, {20000, 5}};
    size_t r;

    (void)state;
    for (r = 0; r < sizeof rows / sizeof *rows; r++) {
        struct tt_store *store = create(path);
        struct tt_report *report = add_report(store, rows[r].width, step);
        const double axis[3] = {0.1, 0.1 + 0.2 * (double)rows[r].total, 0.2};
        uint64_t k;

        expect_ok(tt_store_begin(store));
        for (k = 0; k < rows[r].total; k++) {
            const int64_t due = 100000 + (int64_t)k * 200000;

            expect_ok(put_sample(report, rows[r].width, k, due));
            tt_store_complete(store, (struct tutti_time){due});
            if (k % 1000 == 999)
                expect_ok(tt_store_flush(store));
        }
        assert_int_equal(tt_report_count(report), rows[r].total);
        finish(&store, 2400000000);
        check_report(rows[r].width, rows[r].total, axis);
    }
}

static void a_report_of_a_ratio_step_has_an_exact_interval(void **state)
{
    const struct tutti_step sixtieth = {1000000000, 60};
    const double axis[3] = {0, 1000, 1000.0 / 60};
    struct tt_store *store = create(path);
    struct tt_report *report = add_report(store, 1, sixtieth);
    int64_t k;

    (void)state;
    expect_ok(tt_store_begin(store));
    for (k = 0; k < 60; k++)
        expect_ok(put_sample(report, 1, (uint64_t)k, k * 1000000000 / 60));
    finish(&store, 1000000000);
    check_report(1, 60, axis);
}

static void a_report_between_the_borders_is_measured_in_nanoseconds(void **state)
{
    const double axis[3] = {0.1, 0.4, 0.15};
    struct tt_store *store = create(path);
    struct tt_report *report = add_report(store, 1, step);

    (void)state;
    expect_ok(tt_store_begin(store));
    expect_ok(put_sample(report, 1, 0, 100000));
    expect_ok(put_sample(report, 1, 1, 250000));
    finish(&store, 1000000);
    check_report(1, 2, axis);
}

static void unequal_distances_are_refused_and_the_rest_stays(void **state)
{
    const double axis[3] = {0.1, 0.3, 0.1};
    struct tt_store *store = create(path);
    struct tt_report *report = add_report(store, 2, step);

    (void)state;
    expect_ok(tt_store_begin(store));
    expect_ok(put_sample(report, 2, 0, 100000));
    expect_ok(put_sample(report, 2, 1, 200000));
    assert_int_equal(put_sample(report, 2, 2, 400000), TUTTI_BAD_CALL);
    assert_string_equal(
        tutti_last_error(),
        "cannot record signal 'cell.v': its samples must be equally "
        "far apart, but one is due at 400 us where 300 us was expected; "
        "write it once every step, or take it out of 'record'");
    finish(&store, 300000);
    check_report(2, 2, axis);
}

/* --- errors --------------------------------------------------------------------- */

static void a_folder_that_is_not_there_is_named(void **state)
{
    struct tt_store *store;

    (void)state;
    assert_int_equal(tt_store_create("nowhere/recording.h5", experiment, &store),
                     TUTTI_SYSTEM);
    assert_null(store);
    assert_string_equal(tutti_last_error(),
                        "cannot write the recording 'nowhere/recording.h5': No such "
                        "file or directory; nothing is in it yet: make room or choose "
                        "another folder");
}

static void a_name_with_a_slash_is_refused(void **state)
{
    struct tt_store *store = create(path);
    struct tt_spike_record *spikes;

    (void)state;
    assert_int_equal(tt_store_add_spikes(store, "a/b", &spikes), TUTTI_BAD_CALL);
    assert_string_equal(tutti_last_error(),
                        "'a/b' cannot be the name of a recorded port: HDF5 wants at "
                        "least one character, and no '/'");
    tt_store_close(&store);
}

static void a_recording_that_is_being_written_is_not_replaced(void **state)
{
    struct tt_store *store = create(path), *second;

    (void)state;
    expect_ok(tt_store_begin(store));
    assert_int_equal(tt_store_create(path, experiment, &second), TUTTI_REFUSED);
    assert_string_equal(tutti_last_error(),
                        "the recording 'store_test.h5' is being written by another "
                        "process: choose another folder, or wait for its end");
    tt_store_close(&store);
    store = create(path);
    tt_store_close(&store);
}

/* Readers of HDF5 hold such a lock from the moment when they open the file. */
static void who_looks_in_early_does_not_stop_a_recording(void **state)
{
    struct tt_store *store = create(path);
    const int reader = open(path, O_RDONLY);

    (void)state;
    assert_true(reader >= 0);
    assert_int_equal(flock(reader, LOCK_SH | LOCK_NB), 0);
    expect_ok(tt_store_begin(store));
    finish(&store, 0);
    close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spikes_are_read_back_however_windows_and_flushes_fall),
        cmocka_unit_test(the_file_says_what_made_it),
        cmocka_unit_test(digests_depend_on_the_events_alone),
        cmocka_unit_test(a_digest_covers_an_interval_with_its_end),
        cmocka_unit_test(samples_are_read_back_for_narrow_and_wide_signals),
        cmocka_unit_test(a_report_of_a_ratio_step_has_an_exact_interval),
        cmocka_unit_test(a_report_between_the_borders_is_measured_in_nanoseconds),
        cmocka_unit_test(unequal_distances_are_refused_and_the_rest_stays),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(a_name_with_a_slash_is_refused),
        cmocka_unit_test(a_recording_that_is_being_written_is_not_replaced),
        cmocka_unit_test(who_looks_in_early_does_not_stop_a_recording),
    };

    return cmocka_run_group_tests(tests, NULL, remove_files);
}
