/* bench-triad THREADS: the memory rate of this machine. Each thread computes
 * a[i] = b[i] + s c[i] over arrays far larger than a cache (the triad of McCalpin's
 * STREAM). Prints {"gb_per_s": N}, the best of some rounds; the store is counted once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LENGTH = 1 << 22, ROUNDS = 8, MOST_THREADS = 64 };

struct worker {
    pthread_barrier_t *all;
    double begin_s[ROUNDS], end_s[ROUNDS];
    bool has_memory;
    pthread_t thread;
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A function of its own: nobody reads `a`, and the compiler must not know that. */
__attribute__((noinline)) static void
triad(double *restrict a, const double *restrict b, const double *restrict c)
{
    for (size_t i = 0; i < LENGTH; i++)
        a[i] = b[i] + 3.0 * c[i];
}

static void *work(void *argument)
{
    struct worker *const self = argument;
    double *const a = malloc(LENGTH * sizeof *a);
    double *const b = malloc(LENGTH * sizeof *b);
    double *const c = malloc(LENGTH * sizeof *c);

    self->has_memory = a && b && c;
    for (size_t i = 0; self->has_memory && i < LENGTH; i++) {
        a[i] = 0.0;
        b[i] = 1.0;
        c[i] = (double)i;
    }
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(self->all);
        self->begin_s[round] = now_s();
        if (self->has_memory)
            triad(a, b, c);
        self->end_s[round] = now_s();
    }
    free(a);
    free(b);
    free(c);
    return NULL;
}

/* Of the quickest round, from the first that begins to the last that ends. */
static double best_s(const struct worker *workers, int threads)
{
    double best = INFINITY;

    for (int round = 0; round < ROUNDS; round++) {
        double begin = INFINITY, end = 0.0;

        for (int i = 0; i < threads; i++) {
            begin = fmin(begin, workers[i].begin_s[round]);
            end = fmax(end, workers[i].end_s[round]);
        }
        best = fmin(best, end - begin);
    }
    return best;
}

int main(int argc, char **argv)
{
    static struct worker workers[MOST_THREADS];
    const int threads = argc == 2 ? atoi(argv[1]) : 0;
    pthread_barrier_t all;
    bool is_complete = true;

    if (threads < 1 || threads > MOST_THREADS) {
        fprintf(stderr, "usage: bench-triad THREADS, from 1 to %d\n", MOST_THREADS);
        return EXIT_FAILURE;
    }
    pthread_barrier_init(&all, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        workers[i].all = &all;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            fprintf(stderr, "bench-triad: cannot start thread %d\n", i);
            return EXIT_FAILURE; /* ends those that wait, too */
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        is_complete = is_complete && workers[i].has_memory;
    }
    pthread_barrier_destroy(&all);
    if (!is_complete) {
        fprintf(stderr, "bench-triad: no memory for the arrays\n");
        return EXIT_FAILURE;
    }
    printf("{\"gb_per_s\": %.2f}\n",
           24e-9 * (double)LENGTH * (double)threads / best_s(workers, threads));
    return EXIT_SUCCESS;
}
