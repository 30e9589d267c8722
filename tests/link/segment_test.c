/* Segments of shared memory: the stream, its borders, and peers that lie.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "link/segment.h"
#include "link/shared.h"

/* Two sides of a pair in one process: each has a segment and sees the other's. */
struct side {
    struct tt_segment *own;
    int fd;
    const struct tt_segment *peer;
};

struct pair {
    struct side a, b;
};

static void see(struct side *from, struct side *to)
{
    assert_int_equal(tt_segment_open((uint32_t)getpid(), (uint32_t)to->fd, &from->peer),
                     TUTTI_OK);
}

static int open_pair(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);

    assert_int_equal(tt_segment_make(&pair->a.own, &pair->a.fd), TUTTI_OK);
    assert_int_equal(tt_segment_make(&pair->b.own, &pair->b.fd), TUTTI_OK);
    see(&pair->a, &pair->b);
    see(&pair->b, &pair->a);
    *state = pair;
    return 0;
}

static void close_side(struct side *side)
{
    tt_segment_close((const struct tt_segment **)&side->own);
    tt_segment_close(&side->peer);
    close(side->fd);
}

static int close_pair(void **state)
{
    struct pair *pair = *state;

    close_side(&pair->a);
    close_side(&pair->b);
    free(pair);
    return 0;
}

/* Byte i of piece n. */
static uint8_t byte_of(size_t n, size_t i)
{
    return (uint8_t)(n * 13 + i);
}

static void put(struct side *from, size_t n, size_t size, bool is_expected)
{
    uint8_t *bytes = malloc(size + 1);

    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_of(n, i);
    assert_int_equal(tt_segment_put(from->own, from->peer, bytes, size, n % 2),
                     is_expected);
    free(bytes);
}

static void take(struct side *at, size_t n, size_t expected)
{
    uint8_t *bytes = malloc(TT_LONGEST_PIECE);
    bool goes_on;
    size_t size;

    assert_int_equal(tt_segment_look(at->own, at->peer, &size, &goes_on),
                     TT_SEGMENT_PIECE);
    assert_int_equal(size, expected);
    assert_int_equal(goes_on, n % 2);
    tt_segment_take(at->own, at->peer, size, bytes);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], byte_of(n, i));
    free(bytes);
}

static void pieces_come_out_as_they_went_in_also_around_the_end(void **state)
{
    struct pair *pair = *state;
    bool goes_on;
    size_t size;

    for (size_t n = 0; n < 2000; n++) {
        const size_t length = n % 7 == 0 ? 100000 + n : n % 40;

        put(&pair->a, n, length, true);
        put(&pair->b, n, n % 9, true);
        take(&pair->b, n, length);
        take(&pair->a, n, n % 9);
    }
    assert_int_equal(tt_segment_look(pair->b.own, pair->b.peer, &size, &goes_on),
                     TT_SEGMENT_NOTHING);
}

static void a_full_ring_takes_nothing_until_the_reader_has_read(void **state)
{
    struct pair *pair = *state;

    for (size_t n = 0; n < 3; n++)
        put(&pair->a, n, TT_LONGEST_PIECE, true);
    put(&pair->a, 3, TT_LONGEST_PIECE, false);
    put(&pair->a, 3, TT_LONGEST_PIECE - 64, true);
    put(&pair->a, 4, 64, false);
    take(&pair->b, 0, TT_LONGEST_PIECE);
    put(&pair->a, 4, 64, true);
}

static void nobody_else_can_write_or_shrink_a_segment(void **state)
{
    struct pair *pair = *state;
    char path[64];
    int fd;

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), pair->a.fd);
    fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_true(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
                MAP_FAILED);
    assert_int_equal(errno, EPERM);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(errno, EPERM);
    close(fd);
}

static void what_is_no_segment_is_refused(void **state)
{
    const struct tt_segment *segment;
    const int file = open("/proc/self/exe", O_RDONLY);
    const int small = memfd_create("small", MFD_CLOEXEC);

    (void)state;
    assert_int_equal(tt_segment_open((uint32_t)getpid(), (uint32_t)file, &segment),
                     TUTTI_SYSTEM);
    assert_null(segment);
    assert_string_equal(tutti_last_error(), "what a peer offers is no segment of ours");
    assert_int_equal(tt_segment_open((uint32_t)getpid(), (uint32_t)small, &segment),
                     TUTTI_SYSTEM);
    assert_int_equal(tt_segment_open((uint32_t)getpid(), 9999, &segment), TUTTI_SYSTEM);
    assert_non_null(strstr(tutti_last_error(), "cannot be shared: "));
    close(file);
    close(small);
}

/* A peer whose counters or sizes cannot be: nothing of it is believed, nothing is
 * touched beyond the ring. */
static void a_peer_that_lies_is_found_out(void **state)
{
    struct pair *pair = *state;
    static const struct {
        uint64_t written;
        uint32_t size;
    } lies[] = {{TT_RING_SIZE + 8, 8},      {4, 8},          {UINT64_MAX, 8}, {64, 64},
                {64, TT_LONGEST_PIECE + 1}, {64, UINT32_MAX}};
    bool goes_on;
    size_t size;

    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        memcpy(pair->a.own->bytes, &lies[i].size, sizeof lies[i].size);
        atomic_store(&pair->a.own->written, lies[i].written);
        assert_int_equal(tt_segment_look(pair->b.own, pair->b.peer, &size, &goes_on),
                         TT_SEGMENT_BROKEN);
    }
    atomic_store(&pair->a.own->written, 0);
    atomic_store(&pair->b.own->read, 77); /* more than was ever written */
    put(&pair->a, 0, 8, false);
}

static void notes_are_told_from_frames(void **state)
{
    const struct tt_bell bell = {.name = "bell"};
    const struct tt_shared shared = {.own_fd = 5};
    struct tt_shared_note note, read;

    (void)state;
    tt_shared_write(&shared, TT_SHARED_OFFER, &bell, "ipc://@inbox", &note);
    assert_true(tt_shared_is_note(&note, sizeof note, &read));
    assert_int_equal(read.fd, 5);
    assert_int_equal(read.pid, getpid());
    assert_string_equal(read.inbox, "ipc://@inbox");
    assert_false(tt_shared_is_note(&note, sizeof note - 1, &read));
    note.magic[3] = 'F';
    assert_false(tt_shared_is_note(&note, sizeof note, &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            pieces_come_out_as_they_went_in_also_around_the_end, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(
            a_full_ring_takes_nothing_until_the_reader_has_read, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(nobody_else_can_write_or_shrink_a_segment,
                                        open_pair, close_pair),
        cmocka_unit_test(what_is_no_segment_is_refused),
        cmocka_unit_test_setup_teardown(a_peer_that_lies_is_found_out, open_pair,
                                        close_pair),
        cmocka_unit_test(notes_are_told_from_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
