/* What is left of a recording when its writer is killed or the disk is full.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first. */
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "store/recover.h"
#include "tests/store/readback.h"
#include "tutti/tutti.h"

static const char path[] = "loss_test.h5", copy_path[] = "loss_test.h5.recovering";
static const struct tutti_step step = {1000000, 1};

static int remove_files(void **state)
{
    (void)state;
    unlink(path);
    unlink(copy_path);
    return 0;
}

/* --- a writer in a process of its own ------------------------------------------- */

struct writer {
    struct tt_store *store;
    struct tt_spike_record *spikes;
    struct tt_report *report;
    uint64_t spike_count;
    int64_t ms; /* that have been put */
};

static enum tutti_status begin(struct writer *writer)
{
    const uint32_t ids[] = {0, 1, 2};
    const struct tt_report_shape shape = {3, ids, "mV", step};
    enum tutti_status status =
        tt_store_create(path, "experiment: test\n", &writer->store);

    if (status == TUTTI_OK)
        status = tt_store_add_spikes(writer->store, "column.E", &writer->spikes);
    if (status == TUTTI_OK)
        status = tt_store_add_report(writer->store, "cell.v", &shape, &writer->report);
    if (status == TUTTI_OK)
        status = tt_store_begin(writer->store);
    return status;
}

/* A window (ms, ms + 1]; the first one with time 0. */
static enum tutti_status put_window(struct writer *writer)
{
    const int64_t end = (writer->ms + 1) * 1000000;
    const double values[] = {(double)writer->ms, -65, 0.5};
    enum tutti_status status;
    size_t count = 0;

    while (spike_due(writer->spike_count + count).ns <= end)
        count++;
    status = put_spikes(writer->spikes, writer->spike_count, count);
    if (status == TUTTI_OK)
        status =
            tt_store_put_samples(writer->report, 1, &(struct tutti_time){end}, values);
    writer->spike_count += count;
    writer->ms++;
    tt_store_complete(writer->store, (struct tutti_time){end});
    return status;
}

/* Flushes after 1 to `most` windows for ever; says through the pipe how far it has
 * come. */
static void write_for_ever(int pipe_end, unsigned seed, int most)
{
    struct writer writer = {0};
    enum tutti_status status = begin(&writer);

    while (status == TUTTI_OK) {
        int windows = 1 + rand_r(&seed) % most;

        while (status == TUTTI_OK && windows-- > 0)
            status = put_window(&writer);
        if (status == TUTTI_OK)
            status = tt_store_flush(writer.store);
        if (status == TUTTI_OK &&
            write(pipe_end, &writer.ms, sizeof writer.ms) != sizeof writer.ms)
            break;
    }
    _exit(1);
}

/* Starts a writer and kills it after `notes` flushes, somewhere on the way to the next;
 * returns how far its last flush came. */
static int64_t kill_a_writer(unsigned seed, int notes, int most)
{
    int ends[2];
    int64_t ms = 0, note;
    pid_t writer;

    assert_int_equal(pipe(ends), 0);
    writer = fork();
    assert_true(writer >= 0);
    if (writer == 0)
        write_for_ever(ends[1], seed, most);
    close(ends[1]);
    while (notes-- > 0)
        assert_int_equal(read(ends[0], &ms, sizeof ms), sizeof ms);
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    while (read(ends[0], &note, sizeof note) == sizeof note)
        ms = note;
    close(ends[0]);
    return ms;
}

/* The recovered file holds exactly what is due by the time that it states. */
static void check_recovered(int64_t at_least_ms, const struct tt_recovery *recovery)
{
    const hid_t file = open_plain(path);
    const int64_t ms = recovery->complete.ns / 1000000;
    hsize_t size[2], i;
    uint64_t spikes;
    double *rows;

    assert_true(file >= 0);
    assert_true(ms >= at_least_ms);
    assert_true(read_number(file, "/provenance/complete_up_to") == (double)ms);
    spikes = check_spikes(file, "column.E");
    assert_int_equal(recovery->spikes, spikes);
    assert_true(spike_due(spikes - 1).ns <= recovery->complete.ns);
    assert_true(spike_due(spikes).ns > recovery->complete.ns);

    rows = read_rows(file, "/report/cell.v/data", size);
    assert_int_equal(size[0], ms);
    assert_int_equal(recovery->samples, ms);
    for (i = 0; i < size[0]; i++)
        assert_true(rows[3 * i] == (double)i && rows[3 * i + 1] == -65);
    free(rows);
    rows = read_rows(file, "/report/cell.v/mapping/time", size);
    assert_true(fabs(rows[1] - (double)(ms + 1)) < 1e-9);
    free(rows);
    free(read_rows(file, "/provenance/digests/column.E", size));
    assert_int_equal(size[0], ms / 100);
    H5Fclose(file);
}

/* --- killed --------------------------------------------------------------------- */

static void every_flushed_record_of_a_killed_writer_is_recovered(void **state)
{
    unsigned seed;

    (void)state;
    for (seed = 1; seed <= 10; seed++) {
        unsigned draw = seed;
        const int notes = 1 + rand_r(&draw) % 100, most = 1 + rand_r(&draw) % 300;
        const int64_t flushed = kill_a_writer(seed, notes, most);
        struct tt_recovery recovery;

        expect_ok(tt_store_recover(path, &recovery));
        assert_false(recovery.was_whole);
        check_recovered(flushed, &recovery);
        assert_int_equal(access(copy_path, F_OK), -1);
    }
}

static void recovering_twice_changes_nothing(void **state)
{
    struct tt_recovery recovery, again;

    (void)state;
    kill_a_writer(1, 5, 10);
    expect_ok(tt_store_recover(path, &recovery));
    expect_ok(tt_store_recover(path, &again));
    assert_true(again.was_whole);
    assert_true(again.complete.ns == recovery.complete.ns);
}

static void a_writer_killed_before_its_first_flush_leaves_nothing(void **state)
{
    struct tt_recovery recovery;
    struct writer writer = {0};
    pid_t child = fork();
    hid_t file;

    (void)state;
    assert_true(child >= 0);
    if (child == 0) {
        begin(&writer);
        put_window(&writer);
        raise(SIGKILL);
    }
    waitpid(child, NULL, 0);
    expect_ok(tt_store_recover(path, &recovery));
    assert_true(recovery.complete.ns == -1);
    assert_int_equal(recovery.spikes, 0);
    assert_int_equal(recovery.samples, 0);
    file = open_plain(path);
    assert_int_equal(check_spikes(file, "column.E"), 0);
    H5Fclose(file);
}

static void a_reader_beside_the_writer_sees_what_was_flushed(void **state)
{
    struct writer writer = {0};
    int status;
    pid_t reader;

    (void)state;
    expect_ok(begin(&writer));
    while (writer.ms < 2000)
        expect_ok(put_window(&writer));
    expect_ok(tt_store_flush(writer.store));
    reader = fork();
    assert_true(reader >= 0);
    if (reader == 0) {
        /* A program of its own: this one's HDF5 has the file open. */
        execl("/proc/self/exe", "loss_test", path, NULL);
        _exit(1);
    }
    waitpid(reader, &status, 0);
    assert_int_equal(status, 0);
    tt_store_close(&writer.store);
}

static int read_beside(const char *at)
{
    const hid_t file = open_beside(at);

    return file >= 0 && read_number(file, "/provenance/complete_up_to") == 2000 &&
                   check_spikes(file, "column.E") == 2000 * 100 / 7 + 1
               ? 0
               : 1;
}

/* --- a full disk ---------------------------------------------------------------- */

static void limit_files(rlim_t bytes)
{
    const struct rlimit limit = {bytes, bytes};

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Runs `body` in a process that may write files of `bytes` only; *text is what it
 * says. */
static void run_on_a_full_disk(rlim_t bytes, void (*body)(int pipe_end), char *text,
                               size_t room)
{
    int ends[2];
    size_t size = 0;
    ssize_t part;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        limit_files(bytes);
        body(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    while ((part = read(ends[0], text + size, room - 1 - size)) > 0)
        size += (size_t)part;
    text[size] = '\0';
    close(ends[0]);
    waitpid(child, NULL, 0);
}

/* The first failure, then the one of a further call. */
static void write_until_full(int pipe_end)
{
    struct writer writer = {0};
    enum tutti_status status = begin(&writer);

    while (status == TUTTI_OK) {
        status = put_window(&writer);
        if (status == TUTTI_OK && writer.ms % 10 == 0)
            status = tt_store_flush(writer.store);
    }
    dprintf(pipe_end, "%s: %s\n", tutti_status_name(status), tutti_last_error());
    if (tt_store_finish(writer.store) == TUTTI_SYSTEM)
        dprintf(pipe_end, "%s", tutti_last_error());
    tt_store_close(&writer.store);
}

static void a_full_disk_ends_in_a_sentence_and_a_readable_file(void **state)
{
    static const rlim_t limits[] = {600000, 601234, 1000003, 1048576};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct tt_recovery recovery;
        char text[2000], expected[1000], time[TT_TIME_TEXT];

        run_on_a_full_disk(limits[i], write_until_full, text, sizeof text);
        expect_ok(tt_store_recover(path, &recovery));
        snprintf(expected, sizeof expected,
                 "TUTTI_SYSTEM: cannot write the recording 'loss_test.h5': File too "
                 "large; it is complete up to %s: make room, then run "
                 "'tutti-recorder --recover loss_test.h5'\n"
                 "the recording 'loss_test.h5' cannot be continued: writing to it "
                 "failed before",
                 tt_time_text(recovery.complete, time));
        assert_string_equal(text, expected);
        check_recovered(1, &recovery);
    }
}

static void recover_here(int pipe_end)
{
    struct tt_recovery recovery;

    if (tt_store_recover(path, &recovery) == TUTTI_SYSTEM)
        dprintf(pipe_end, "%s", tutti_last_error());
}

static void a_recovery_without_room_leaves_the_file_as_it_was(void **state)
{
    struct tt_recovery recovery;
    char text[1000];
    const int64_t flushed = kill_a_writer(3, 20, 200);

    (void)state;
    run_on_a_full_disk(50000, recover_here, text, sizeof text);
    assert_string_equal(text, "cannot recover the recording 'loss_test.h5': File too "
                              "large; it is unchanged: make room, then try again");
    assert_int_equal(access(copy_path, F_OK), -1);
    expect_ok(tt_store_recover(path, &recovery));
    check_recovered(flushed, &recovery);
}

/* --- what recovery refuses ------------------------------------------------------ */

static void a_recording_that_is_being_written_is_not_recovered(void **state)
{
    struct writer writer = {0};
    struct tt_recovery recovery;

    (void)state;
    expect_ok(begin(&writer));
    assert_int_equal(tt_store_recover(path, &recovery), TUTTI_REFUSED);
    assert_string_equal(tutti_last_error(),
                        "the recording 'loss_test.h5' is being written: recover it "
                        "when the recorder has ended");
    tt_store_close(&writer.store);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct tt_recovery recovery;

    (void)state;
    assert_int_equal(tt_store_recover("nowhere.h5", &recovery), TUTTI_SYSTEM);
    assert_string_equal(
        tutti_last_error(),
        "cannot read the recording 'nowhere.h5': No such file or directory");
}

static void a_file_of_something_else_is_refused(void **state)
{
    static const char begin_of_sentence[] =
        "'loss_test.h5' cannot be recovered: it is no recording, or its recorder was "
        "killed before the run began (";
    struct tt_recovery recovery;
    FILE *file = fopen(path, "w");

    (void)state;
    assert_non_null(file);
    fputs("not an HDF5 file", file);
    fclose(file);
    assert_int_equal(tt_store_recover(path, &recovery), TUTTI_REFUSED);
    assert_memory_equal(tutti_last_error(), begin_of_sentence,
                        sizeof begin_of_sentence - 1);

    H5Fclose(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    assert_int_equal(tt_store_recover(path, &recovery), TUTTI_REFUSED);
    assert_string_equal(tutti_last_error(),
                        "'loss_test.h5' is an HDF5 file, but no recording");
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flushed_record_of_a_killed_writer_is_recovered),
        cmocka_unit_test(recovering_twice_changes_nothing),
        cmocka_unit_test(a_writer_killed_before_its_first_flush_leaves_nothing),
        cmocka_unit_test(a_reader_beside_the_writer_sees_what_was_flushed),
        cmocka_unit_test(a_full_disk_ends_in_a_sentence_and_a_readable_file),
        cmocka_unit_test(a_recovery_without_room_leaves_the_file_as_it_was),
        cmocka_unit_test(a_recording_that_is_being_written_is_not_recovered),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(a_file_of_something_else_is_refused),
    };

    if (argument_count == 2)
        return read_beside(arguments[1]);
    return cmocka_run_group_tests(tests, NULL, remove_files);
}
