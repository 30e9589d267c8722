/* Times the kernel on the network of a file, beside whatever simulates the same one:
 *
 *   bench-kernel NETWORK WARM CHUNK CHUNKS THREADS
 *
 * WARM steps, then CHUNKS times CHUNK steps. Prints one JSON object: seconds to build,
 * bytes that the process grew by while it built and ran, and that it had at most,
 * microseconds of the median chunk on the clock and of all processors together, spikes
 * in all chunks.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/simulation.h"

struct plan {
    const char *path;
    int warm, chunk, chunks, threads;
};

struct times {
    double build_s;
    double grown_bytes, peak_bytes;
    double *chunks_us, *chunks_cpu_us;
    uint64_t spikes;
};

static double now_s(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Memory of the process: "VmRSS:" is what it has, "VmHWM:" what it had at most. */
static double memory_bytes(const char *name)
{
    FILE *const file = fopen("/proc/self/status", "r");
    char line[256];
    double bytes = 0.0;

    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            bytes = 1024.0 * (double)strtoull(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return bytes;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return values[count / 2];
}

static uint64_t count_fired(const struct network *network,
                            const struct simulation *simulation)
{
    const int64_t last = simulation_step(simulation);
    uint64_t spikes = 0;

    for (int64_t step = simulation_first_step(simulation); step <= last; step++)
        for (size_t i = 0; i < network->population_count; i++) {
            const uint32_t *cells;

            spikes += simulation_fired(simulation, step, i, &cells);
        }
    return spikes;
}

static enum tutti_status run_steps(const struct network *network,
                                   struct simulation *simulation, int steps,
                                   uint64_t *spikes)
{
    const int64_t last = simulation_step(simulation) + steps;

    while (simulation_step(simulation) < last) {
        TRY(simulation_run(simulation, last));
        *spikes += count_fired(network, simulation);
    }
    return TUTTI_OK;
}

static enum tutti_status time_chunks(const struct plan *plan,
                                     const struct network *network,
                                     struct simulation *simulation, struct times *times)
{
    uint64_t ignored = 0;

    TRY(run_steps(network, simulation, plan->warm, &ignored));
    for (int i = 0; i < plan->chunks; i++) {
        const double begin = now_s(CLOCK_MONOTONIC);
        const double cpu_begin = now_s(CLOCK_PROCESS_CPUTIME_ID);

        TRY(run_steps(network, simulation, plan->chunk, &times->spikes));
        times->chunks_us[i] = 1e6 * (now_s(CLOCK_MONOTONIC) - begin);
        times->chunks_cpu_us[i] = 1e6 * (now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin);
    }
    return TUTTI_OK;
}

static enum tutti_status build_and_run(const struct plan *plan,
                                       const struct network *network,
                                       struct times *times)
{
    const double before = memory_bytes("VmRSS:"), begin = now_s(CLOCK_MONOTONIC);
    struct simulation *simulation = NULL;
    struct part part = {0};
    enum tutti_status status = part_open(network, NULL, 0, &part);

    if (status == TUTTI_OK)
        status = simulation_open_threads(network, &part, (uint32_t)plan->threads,
                                         &simulation);
    times->build_s = now_s(CLOCK_MONOTONIC) - begin;
    if (status == TUTTI_OK)
        status = time_chunks(plan, network, simulation, times);
    times->grown_bytes = memory_bytes("VmRSS:") - before;
    times->peak_bytes = memory_bytes("VmHWM:");
    simulation_close(&simulation);
    part_free(&part);
    return status;
}

static enum tutti_status measure(const struct plan *plan, struct times *times)
{
    struct tt_units *units;
    struct network network;
    enum tutti_status status;

    times->chunks_us = tt_alloc_array((size_t)plan->chunks, sizeof(double));
    times->chunks_cpu_us = tt_alloc_array((size_t)plan->chunks, sizeof(double));
    if (!times->chunks_us || !times->chunks_cpu_us)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %d chunks", plan->chunks);
    TRY(tt_units_open(&units));
    status = network_read(plan->path, units, &network);
    tt_units_close(&units);
    if (status == TUTTI_OK)
        status = build_and_run(plan, &network, times);
    network_free(&network);
    return status;
}

int main(int argc, char **argv)
{
    struct plan plan = {0};
    struct times times = {0};
    enum tutti_status status;

    if (argc == 6)
        plan = (struct plan){argv[1], atoi(argv[2]), atoi(argv[3]), atoi(argv[4]),
                             atoi(argv[5])};
    if (!plan.path || plan.warm < 0 || plan.chunk < 1 || plan.chunks < 1 ||
        plan.threads < 1) {
        fprintf(stderr, "usage: bench-kernel NETWORK WARM CHUNK CHUNKS THREADS\n");
        return EXIT_FAILURE;
    }
    status = measure(&plan, &times);
    if (status == TUTTI_OK) {
        printf("{\"build_s\": %.6f, \"grown_bytes\": %.0f, \"peak_bytes\": %.0f, "
               "\"chunk_us\": %.3f, \"chunk_cpu_us\": %.3f, \"spikes\": %" PRIu64 "}\n",
               times.build_s, times.grown_bytes, times.peak_bytes,
               median(times.chunks_us, plan.chunks),
               median(times.chunks_cpu_us, plan.chunks), times.spikes);
    } else {
        fprintf(stderr, "bench-kernel: %s\n", tutti_last_error());
    }
    free(times.chunks_us);
    free(times.chunks_cpu_us);
    return status == TUTTI_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
