/* A peer of the bench of windows: in each window it checks what came and sends as many
 * spikes as its option `spikes` says, all through the public API. After `warm` windows
 * it times those that follow in chunks, and prints one JSON object: microseconds for
 * each window of the median chunk, and the spikes that came.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tutti/tutti.h"

enum { MOST_SPIKES = 100000, MOST_CHUNKS = 200 };

struct peer {
    struct tutti_participant *me;
    struct tutti_port *in, *out;
    long warm, windows, spikes; /* of the options */
    struct tutti_time *stamps;
    uint32_t *indices;
    double chunks_us[MOST_CHUNKS];
    int chunk_count;
    uint64_t received, wrong;
};

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static long number(const struct peer *peer, const char *key, long standard)
{
    const char *text = tutti_option(peer->me, key);

    return text ? strtol(text, NULL, 10) : standard;
}

/* Everything in the order in which it was sent, due inside of the window. */
static void receive(struct peer *peer, const struct tutti_window *window)
{
    const struct tutti_time *due;
    const uint32_t *indices;
    const size_t count = tutti_spikes(peer->in, &due, &indices);

    for (size_t i = 0; i < count; i++)
        peer->wrong += indices[i] != i || due[i].ns <= window->begin.ns ||
                       due[i].ns > window->end.ns;
    peer->received += count;
}

static enum tutti_status send_spikes(struct peer *peer,
                                     const struct tutti_window *window)
{
    if (peer->spikes == 0)
        return TUTTI_OK;
    for (long i = 0; i < peer->spikes; i++) {
        peer->stamps[i] = window->end;
        peer->indices[i] = (uint32_t)i;
    }
    return tutti_send_spikes(peer->out, (size_t)peer->spikes, peer->stamps,
                             peer->indices);
}

static enum tutti_status run_windows(struct peer *peer)
{
    const long chunk = peer->windows > MOST_CHUNKS ? peer->windows / MOST_CHUNKS : 1;
    struct tutti_window window;
    enum tutti_status status;
    double last = now_us();

    for (long k = 0; (status = tutti_advance(peer->me, &window)) == TUTTI_OK; k++) {
        const long done = k - peer->warm;

        if (done == 0)
            last = now_us();
        if (done > 0 && done % chunk == 0 && peer->chunk_count < MOST_CHUNKS) {
            const double now = now_us();

            peer->chunks_us[peer->chunk_count++] = (now - last) / (double)chunk;
            last = now;
        }
        receive(peer, &window);
        status = send_spikes(peer, &window);
        if (status != TUTTI_OK)
            return status;
    }
    return status == TUTTI_END ? TUTTI_OK : status;
}

static enum tutti_status declare(struct peer *peer)
{
    const struct tutti_step step = {1000000, 1};
    enum tutti_status status = tutti_set_step(peer->me, step, TUTTI_UP_TO);

    if (status == TUTTI_OK)
        status = tutti_spike_input(peer->me, "in", MOST_SPIKES, &peer->in);
    if (status == TUTTI_OK)
        status = tutti_spike_output(peer->me, "out", MOST_SPIKES, &peer->out);
    if (status == TUTTI_OK)
        status = tutti_start(peer->me);
    return status;
}

static bool read_options(struct peer *peer)
{
    peer->warm = number(peer, "warm", 0);
    peer->windows = number(peer, "windows", 0);
    peer->spikes = number(peer, "spikes", 0);
    peer->stamps = calloc(MOST_SPIKES, sizeof *peer->stamps);
    peer->indices = calloc(MOST_SPIKES, sizeof *peer->indices);
    return peer->stamps && peer->indices && peer->warm >= 0 && peer->windows > 0 &&
           peer->spikes >= 0 && peer->spikes <= MOST_SPIKES;
}

static void print_result(struct peer *peer)
{
    qsort(peer->chunks_us, (size_t)peer->chunk_count, sizeof(double), by_size);
    printf("{\"window_us\": %.4f, \"received\": %" PRIu64 ", \"wrong\": %" PRIu64 "}\n",
           peer->chunk_count ? peer->chunks_us[peer->chunk_count / 2] : 0.0,
           peer->received, peer->wrong);
}

int main(void)
{
    struct peer peer = {0};
    enum tutti_status status = tutti_join(NULL, NULL, &peer.me);
    bool is_right = status == TUTTI_OK && read_options(&peer);

    if (is_right) {
        status = declare(&peer);
        if (status == TUTTI_OK)
            status = run_windows(&peer);
    }
    is_right = is_right && status == TUTTI_OK;
    if (is_right)
        print_result(&peer);
    else
        fprintf(stderr, "bench-window: %s\n",
                status == TUTTI_OK
                    ? "its options are 'windows' (above 0), 'warm' and 'spikes'"
                    : tutti_last_error());
    tutti_leave(&peer.me);
    free(peer.stamps);
    free(peer.indices);
    return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
