/* The file of a saved state: what is written comes back, what is broken is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "kernel/state_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/status.h"

static const char path[] = "kernel_state_file_test.state";
static const struct state_file_head head = {.network = 17, .step = 1234};

/* Two sections, written one after the other by two writers. */
static void write_file(void)
{
    struct state_file *file;

    assert_int_equal(state_file_begin(path, &head), TUTTI_OK);
    assert_int_equal(state_file_continue(path, &file), TUTTI_OK);
    assert_int_equal(state_file_put(file, 3, 7, "hello", 5), TUTTI_OK);
    assert_int_equal(state_file_pause(&file), TUTTI_OK);
    assert_null(file);
    assert_int_equal(state_file_continue(path, &file), TUTTI_OK);
    assert_int_equal(state_file_put(file, 4, 0, NULL, 0), TUTTI_OK);
    assert_int_equal(state_file_pause(&file), TUTTI_OK);
    assert_int_equal(state_file_end(path), TUTTI_OK);
}

static size_t read_bytes(unsigned char bytes[1000])
{
    FILE *const stream = fopen(path, "rb");
    const size_t size = stream ? fread(bytes, 1, 1000, stream) : 0;

    assert_non_null(stream);
    fclose(stream);
    return size;
}

static void write_bytes(const unsigned char *bytes, size_t size)
{
    FILE *const stream = fopen(path, "wb");

    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    fclose(stream);
}

/* Reads the file to its end or to the first failure. */
static enum tutti_status read_file(void)
{
    struct state_file_section section = {.kind = 1};
    struct state_file_head found;
    struct state_file *file;
    enum tutti_status status = state_file_open(path, &found, &file);

    while (status == TUTTI_OK && section.kind != 0)
        status = state_file_next(file, &section);
    state_file_close(&file);
    return status;
}

static void what_was_put_comes_back(void **state)
{
    struct state_file_section section;
    struct state_file_head found;
    struct state_file *file;

    (void)state;
    write_file();
    assert_int_equal(access("kernel_state_file_test.state.new", F_OK), -1);
    assert_int_equal(state_file_open(path, &found, &file), TUTTI_OK);
    assert_int_equal(found.network, 17);
    assert_int_equal(found.step, 1234);
    assert_int_equal(state_file_next(file, &section), TUTTI_OK);
    assert_int_equal(section.kind, 3);
    assert_int_equal(section.number, 7);
    assert_int_equal(section.size, 5);
    assert_memory_equal(section.bytes, "hello", 5);
    assert_int_equal(state_file_next(file, &section), TUTTI_OK);
    assert_int_equal(section.kind, 4);
    assert_int_equal(section.size, 0);
    assert_int_equal(state_file_next(file, &section), TUTTI_OK);
    assert_int_equal(section.kind, 0);
    state_file_close(&file);
}

static void a_file_gets_its_name_when_it_is_complete(void **state)
{
    (void)state;
    unlink(path);
    assert_int_equal(state_file_begin(path, &head), TUTTI_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(state_file_end(path), TUTTI_OK);
    assert_int_equal(access(path, F_OK), 0);
}

static void any_byte_that_changes_is_noticed(void **state)
{
    unsigned char bytes[1000];
    size_t size;

    (void)state;
    write_file();
    size = read_bytes(bytes);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 0x40;
        write_bytes(bytes, size);
        bytes[i] ^= 0x40;
        assert_int_equal(read_file(), TUTTI_BAD_CONFIG);
    }
    bytes[20] ^= 1;
    write_bytes(bytes, size);
    read_file();
    assert_string_equal(
        tutti_last_error(),
        "state file 'kernel_state_file_test.state' is damaged; save again");
    bytes[20] ^= 1;
    bytes[size - 30] ^= 1;
    write_bytes(bytes, size);
    read_file();
    assert_string_equal(
        tutti_last_error(),
        "state file 'kernel_state_file_test.state' is damaged; save again");
}

static void a_file_that_was_cut_is_noticed(void **state)
{
    unsigned char bytes[1000];
    size_t size;

    (void)state;
    write_file();
    size = read_bytes(bytes);
    for (size_t i = 0; i < size; i++) {
        write_bytes(bytes, i);
        assert_int_equal(read_file(), TUTTI_BAD_CONFIG);
    }
    assert_string_equal(
        tutti_last_error(),
        "state file 'kernel_state_file_test.state' is not complete; save again");
}

static void a_file_of_another_kind_is_refused(void **state)
{
    unsigned char bytes[1000];
    size_t size;

    (void)state;
    write_bytes((const unsigned char *)"network: column\n", 16);
    assert_int_equal(read_file(), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "'kernel_state_file_test.state' is no saved state; give a file "
                        "that --save wrote");
    write_file();
    size = read_bytes(bytes);
    bytes[12] = 9;
    write_bytes(bytes, size);
    assert_int_equal(read_file(), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "state file 'kernel_state_file_test.state' has version 9, this "
                        "kernel reads version 1; save again with this kernel");
    bytes[8] = 1;
    bytes[11] = 4;
    write_bytes(bytes, size);
    assert_int_equal(read_file(), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "state file 'kernel_state_file_test.state' was written by a "
                        "machine with another byte order; save again on this one");
}

static void a_file_that_cannot_be_used_is_named(void **state)
{
    struct state_file_head found;
    struct state_file *file;

    (void)state;
    assert_int_equal(state_file_open("no/such.state", &found, &file), TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(), "state file 'no/such.state' cannot be "
                                            "opened: No such file or directory");
    assert_int_equal(state_file_begin("no/such.state", &head), TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(), "state file 'no/such.state' cannot be "
                                            "opened: No such file or directory");
    assert_int_equal(state_file_open("/", &found, &file), TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(),
                        "state file '/' cannot be read: Is a directory");
}

static void a_disk_that_is_full_is_named(void **state)
{
    static const char bytes[100000];
    struct state_file *file;
    enum tutti_status status;

    (void)state;
    unlink("kernel_full.state.new");
    assert_int_equal(symlink("/dev/full", "kernel_full.state.new"), 0);
    assert_int_equal(state_file_continue("kernel_full.state", &file), TUTTI_OK);
    status = state_file_put(file, 1, 0, bytes, sizeof bytes);
    state_file_close(&file);
    assert_int_equal(status, TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(), "state file 'kernel_full.state.new' cannot "
                                            "be written: No space left on device");
    unlink("kernel_full.state.new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_comes_back),
        cmocka_unit_test(a_file_gets_its_name_when_it_is_complete),
        cmocka_unit_test(any_byte_that_changes_is_noticed),
        cmocka_unit_test(a_file_that_was_cut_is_noticed),
        cmocka_unit_test(a_file_of_another_kind_is_refused),
        cmocka_unit_test(a_file_that_cannot_be_used_is_named),
        cmocka_unit_test(a_disk_that_is_full_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
