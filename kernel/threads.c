/* Threads that work together and sleep in between.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/threads.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

/* Waiting costs next to nothing for the first few microseconds, then lets others have
 * the core, then sleeps: a core that waits for a peer must not burn. */
enum { SPINS = 2000, YIELDS = 50 };

struct worker {
    struct threads *threads;
    pthread_t thread;
    uint32_t number;
    enum tutti_status status;
    char sentence[4096];
};

struct threads {
    uint32_t count, started;
    struct worker *workers;
    enum tutti_status (*work)(void *argument, uint32_t number);
    void *argument;
    bool is_over;
    atomic_uint arrived;    /* at the meeting that is on */
    atomic_uint meetings;   /* that are over */
    atomic_uint sleepers;   /* who wait for `meetings` in the system */
    atomic_bool has_failed; /* somebody, since the work began */
};

static void pause_briefly(void)
{
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

/* Waits until `meetings` is no longer `seen`. */
static void wait_for_end(struct threads *threads, unsigned seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&threads->meetings, memory_order_acquire) != seen)
            return;
        pause_briefly();
    }
    for (int i = 0; i < YIELDS; i++) {
        if (atomic_load_explicit(&threads->meetings, memory_order_acquire) != seen)
            return;
        sched_yield();
    }
    atomic_fetch_add(&threads->sleepers, 1);
    while (atomic_load(&threads->meetings) == seen)
        syscall(SYS_futex, &threads->meetings, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
    atomic_fetch_sub(&threads->sleepers, 1);
}

/* The last one to come ends the meeting. */
static void meet(struct threads *threads)
{
    const unsigned seen =
        atomic_load_explicit(&threads->meetings, memory_order_relaxed);

    if (atomic_fetch_add(&threads->arrived, 1) + 1 < threads->count) {
        wait_for_end(threads, seen);
        return;
    }
    atomic_store_explicit(&threads->arrived, 0, memory_order_relaxed);
    atomic_store(&threads->meetings, seen + 1);
    if (atomic_load(&threads->sleepers))
        syscall(SYS_futex, &threads->meetings, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL,
                0);
}

bool threads_meet(struct threads *threads, enum tutti_status status)
{
    bool has_failed;

    if (status != TUTTI_OK)
        atomic_store(&threads->has_failed, true);
    meet(threads);
    has_failed = atomic_load(&threads->has_failed);
    /* Nobody may go on, and fail, before all have looked. */
    meet(threads);
    return !has_failed;
}

/* Currents that decay reach numbers that processors handle a hundred times slower. */
static unsigned flush_tiny_numbers(void)
{
#if defined __x86_64__
    const unsigned before = __builtin_ia32_stmxcsr();

    __builtin_ia32_ldmxcsr(before | 0x8040); /* results, operands */
    return before;
#else
    return 0;
#endif
}

static void restore_tiny_numbers(unsigned before)
{
#if defined __x86_64__
    __builtin_ia32_ldmxcsr(before);
#else
    (void)before;
#endif
}

static void do_work(struct worker *worker)
{
    struct threads *const threads = worker->threads;

    worker->status = threads->work(threads->argument, worker->number);
    if (worker->status != TUTTI_OK)
        snprintf(worker->sentence, sizeof worker->sentence, "%s", tutti_last_error());
}

static void *live(void *argument)
{
    struct worker *const worker = argument;
    struct threads *const threads = worker->threads;

    flush_tiny_numbers();
    for (;;) {
        meet(threads);
        if (threads->is_over)
            return NULL;
        do_work(worker);
        meet(threads);
    }
}

enum tutti_status threads_open(uint32_t count, struct threads **threads)
{
    struct threads *it = tt_alloc(sizeof *it);

    *threads = it;
    if (it)
        it->workers = tt_alloc_array(count, sizeof *it->workers);
    if (!it || !it->workers) {
        free(it);
        *threads = NULL;
        return FAIL(TUTTI_NO_MEMORY, "no memory for %u threads", count);
    }
    it->count = count;
    it->started = 1;
    for (uint32_t i = 0; i < count; i++)
        it->workers[i] = (struct worker){.threads = it, .number = i};
    for (uint32_t i = 1; i < count; i++) {
        const int error =
            pthread_create(&it->workers[i].thread, NULL, live, &it->workers[i]);

        if (error) {
            threads_close(threads);
            return FAIL(TUTTI_SYSTEM,
                        "thread %u of %u cannot be started (%s); use fewer threads", i,
                        count, strerror(error));
        }
        it->started++;
    }
    return TUTTI_OK;
}

void threads_close(struct threads **threads)
{
    struct threads *const it = *threads;

    if (!it)
        return;
    it->is_over = true;
    /* Those that never started, after a failure, need not be waited for. */
    atomic_fetch_add(&it->arrived, it->count - it->started);
    meet(it);
    for (uint32_t i = 1; i < it->started; i++)
        pthread_join(it->workers[i].thread, NULL);
    free(it->workers);
    free(it);
    *threads = NULL;
}

uint32_t threads_count(const struct threads *threads)
{
    return threads->count;
}

enum tutti_status
threads_run(struct threads *threads,
            enum tutti_status (*work)(void *argument, uint32_t number), void *argument)
{
    const unsigned before = flush_tiny_numbers();

    threads->work = work;
    threads->argument = argument;
    atomic_store(&threads->has_failed, false);
    meet(threads);
    do_work(&threads->workers[0]);
    meet(threads);
    restore_tiny_numbers(before);
    for (uint32_t i = 0; i < threads->count; i++)
        if (threads->workers[i].status != TUTTI_OK)
            return FAIL(threads->workers[i].status, "%s", threads->workers[i].sentence);
    return TUTTI_OK;
}
