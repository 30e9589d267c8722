/* bench-triad THREADS: the memory rate of this machine. Each thread computes
 * a[i] = b[i] + s c[i] over arrays far larger than a cache (the triad of McCalpin's
 * STREAM). Prints {"gb_per_s": N}, the best of some rounds; the store is counted once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LENGTH = 1 << 22, ROUNDS = 8, MOST_THREADS = 64 };

struct shared {
    pthread_barrier_t all;
    double best_s; /* of the threads together; written by the first one */
};

struct worker {
    struct shared *shared;
    int is_first;
    int has_memory;
    pthread_t thread;
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void triad(double *restrict a, const double *restrict b,
                  const double *restrict c)
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
        double begin;

        pthread_barrier_wait(&self->shared->all);
        begin = now_s();
        if (self->has_memory)
            triad(a, b, c);
        pthread_barrier_wait(&self->shared->all);
        if (self->is_first && now_s() - begin < self->shared->best_s)
            self->shared->best_s = now_s() - begin;
    }
    free(a);
    free(b);
    free(c);
    return NULL;
}

int main(int argc, char **argv)
{
    const int threads = argc == 2 ? atoi(argv[1]) : 0;
    struct shared shared = {.best_s = 1e9};
    struct worker workers[MOST_THREADS];
    int is_complete = 1;

    if (threads < 1 || threads > MOST_THREADS) {
        fprintf(stderr, "usage: bench-triad THREADS, from 1 to %d\n", MOST_THREADS);
        return EXIT_FAILURE;
    }
    pthread_barrier_init(&shared.all, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){.shared = &shared, .is_first = i == 0};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            fprintf(stderr, "bench-triad: cannot start thread %d\n", i);
            return EXIT_FAILURE; /* ends those that wait, too */
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        is_complete = is_complete && workers[i].has_memory;
    }
    pthread_barrier_destroy(&shared.all);
    if (!is_complete) {
        fprintf(stderr, "bench-triad: no memory for the arrays\n");
        return EXIT_FAILURE;
    }
    printf("{\"gb_per_s\": %.2f}\n",
           24e-9 * (double)LENGTH * (double)threads / shared.best_s);
    return EXIT_SUCCESS;
}
