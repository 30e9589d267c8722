/* Threads that work together.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "kernel/threads.h"

enum { MOST = 5, ROUNDS = 300 };

struct board {
    struct threads *threads;
    uint32_t count;
    int written[MOST]; /* not atomic: meetings must order it */
    atomic_int calls[MOST];
    uint32_t failing; /* bits */
};

static struct threads *start(struct board *board, uint32_t count)
{
    *board = (struct board){.count = count};
    assert_int_equal(threads_open(count, &board->threads), TUTTI_OK);
    assert_int_equal(threads_count(board->threads), count);
    return board->threads;
}

static enum tutti_status count_call(void *argument, uint32_t number)
{
    struct board *const board = argument;

    atomic_fetch_add(&board->calls[number], 1);
    return TUTTI_OK;
}

static void every_thread_does_every_work_once(void **state)
{
    (void)state;
    for (uint32_t count = 1; count <= MOST; count++) {
        struct board board;
        struct threads *threads = start(&board, count);

        for (int round = 1; round <= ROUNDS; round++) {
            assert_int_equal(threads_run(threads, count_call, &board), TUTTI_OK);
            for (uint32_t i = 0; i < MOST; i++)
                assert_int_equal(atomic_load(&board.calls[i]), i < count ? round : 0);
        }
        threads_close(&threads);
        assert_null(threads);
    }
}

/* In each round all write, all meet, all read what the others wrote, all meet. */
static enum tutti_status write_and_read(void *argument, uint32_t number)
{
    struct board *const board = argument;

    for (int round = 1; round <= ROUNDS; round++) {
        enum tutti_status status = TUTTI_OK;

        board->written[number] = round;
        if (!threads_meet(board->threads, TUTTI_OK))
            return TUTTI_BAD_CALL;
        for (uint32_t i = 0; i < board->count; i++)
            if (board->written[i] != round)
                status = FAIL(TUTTI_BAD_CALL, "%d is not %d", board->written[i], round);
        if (!threads_meet(board->threads, status))
            return status;
    }
    return TUTTI_OK;
}

static void a_meeting_ends_when_all_have_come(void **state)
{
    (void)state;
    for (uint32_t count = 1; count <= MOST; count++) {
        struct board board;
        struct threads *threads = start(&board, count);

        assert_int_equal(threads_run(threads, write_and_read, &board), TUTTI_OK);
        threads_close(&threads);
    }
}

static enum tutti_status fail_some(void *argument, uint32_t number)
{
    struct board *const board = argument;
    enum tutti_status status = TUTTI_OK;

    if (board->failing & 1u << number)
        status = FAIL(TUTTI_NO_MEMORY, "thread %u has no memory", number);
    if (!threads_meet(board->threads, status))
        return status;
    atomic_fetch_add(&board->calls[number], 1);
    return TUTTI_OK;
}

static void who_fails_first_by_number_says_why_and_nobody_goes_on(void **state)
{
    struct board board;
    struct threads *threads = start(&board, MOST);

    (void)state;
    board.failing = 1u << 3 | 1u << 2;
    assert_int_equal(threads_run(threads, fail_some, &board), TUTTI_NO_MEMORY);
    assert_string_equal(tutti_last_error(), "thread 2 has no memory");
    for (uint32_t i = 0; i < MOST; i++)
        assert_int_equal(atomic_load(&board.calls[i]), 0);
    board.failing = 0;
    assert_int_equal(threads_run(threads, fail_some, &board), TUTTI_OK);
    for (uint32_t i = 0; i < MOST; i++)
        assert_int_equal(atomic_load(&board.calls[i]), 1);
    threads_close(&threads);
}

static enum tutti_status halve_to_nothing(void *argument, uint32_t number)
{
    volatile double *const value = (volatile double *)argument + number;

    for (int i = 0; i < 1100; i++)
        *value *= 0.5;
    return TUTTI_OK;
}

/* Decaying currents must not become slow; the thread of the caller is not ours. */
static void tiny_numbers_count_as_zero_in_the_work_only(void **state)
{
    double values[2] = {1.0, 1.0};
    volatile double outside = 0x1p-1022;
    struct board board;
    struct threads *threads = start(&board, 2);

    (void)state;
    assert_int_equal(threads_run(threads, halve_to_nothing, values), TUTTI_OK);
    assert_true(values[0] == 0.0 && values[1] == 0.0);
    outside *= 0.5;
    assert_true(outside > 0.0);
    threads_close(&threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_thread_does_every_work_once),
        cmocka_unit_test(a_meeting_ends_when_all_have_come),
        cmocka_unit_test(who_fails_first_by_number_says_why_and_nobody_goes_on),
        cmocka_unit_test(tiny_numbers_count_as_zero_in_the_work_only),
    };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
