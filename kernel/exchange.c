/* The ranks of a kernel. Everything goes in rounds: all ranks hand in one block of the
 * same size and get those of all. What needs several blocks takes several rounds, and a
 * rank that gives up says so in the round that is next, whatever the others do in it:
 * so nobody is left waiting.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/arrivals.h"
#include "kernel/exchange_job.h"

enum state { LAST, MORE, FAILED };

/* A page: what small networks exchange fits into one. */
enum { BLOCK = 4096, BLOCK_ROOM = BLOCK - 2 * sizeof(uint32_t) };

struct block {
    uint32_t state;
    uint32_t size; /* bytes that count */
    unsigned char bytes[BLOCK_ROOM];
};

struct exchange {
    const struct exchange_job *job; /* NULL: the only rank */
    int rank, ranks;
    bool is_over; /* somebody gave up: no more rounds */
    struct block mine;
    struct block *all; /* of all ranks, of this round */
    size_t *sizes;     /* of what all ranks have handed in, in all rounds of a call */
    unsigned char **parts;
    size_t *rooms; /* of the parts */
    unsigned char *joined;
    size_t joined_room;
};

/* By what Open MPI, MPICH and Slurm set for the processes that they start. */
static bool is_in_job(void)
{
    return getenv("OMPI_COMM_WORLD_RANK") || getenv("PMIX_RANK") || getenv("PMI_RANK");
}

static void release(struct exchange **exchange)
{
    struct exchange *const it = *exchange;

    if (it->job)
        it->job->close();
    for (int i = 0; it->parts && i < it->ranks; i++)
        free(it->parts[i]);
    free(it->all);
    free(it->sizes);
    free(it->parts);
    free(it->rooms);
    free(it->joined);
    free(it);
    *exchange = NULL;
}

static enum tutti_status make_room(struct exchange *exchange)
{
    const size_t ranks = (size_t)exchange->ranks;

    exchange->all = tt_alloc_array(ranks, sizeof *exchange->all);
    exchange->sizes = tt_alloc_array(ranks, sizeof *exchange->sizes);
    exchange->parts = tt_alloc_array(ranks, sizeof *exchange->parts);
    exchange->rooms = tt_alloc_array(ranks, sizeof *exchange->rooms);
    if (!exchange->all || !exchange->sizes || !exchange->parts || !exchange->rooms)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %d ranks of the kernel",
                    exchange->ranks);
    return TUTTI_OK;
}

enum tutti_status exchange_open(struct exchange **exchange)
{
    enum tutti_status status;
    struct exchange *it;

    *exchange = NULL;
    if (is_in_job() && !exchange_job())
        return FAIL(TUTTI_BAD_CONFIG,
                    "started as a rank of an MPI job, but built without MPI; install "
                    "libopenmpi-dev and build again, or start without mpirun and srun");
    it = tt_alloc(sizeof *it);
    if (!it)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the ranks of the kernel");
    it->ranks = 1;
    if (is_in_job()) {
        it->job = exchange_job();
        it->job->open(&it->rank, &it->ranks);
    }
    *exchange = it;
    status = make_room(it);
    if (status != TUTTI_OK) {
        /* A rank that ends without closing its job ends the job. */
        it->job = NULL;
        release(exchange);
    }
    return status;
}

int exchange_rank(const struct exchange *exchange)
{
    return exchange->rank;
}

int exchange_ranks(const struct exchange *exchange)
{
    return exchange->ranks;
}

/* Fills and hands in this rank's block. */
static void go_round(struct exchange *exchange, enum state state, const void *bytes,
                     size_t size)
{
    exchange->mine.state = state;
    exchange->mine.size = (uint32_t)size;
    if (size > 0)
        memcpy(exchange->mine.bytes, bytes, size);
    if (exchange->job)
        exchange->job->gather(&exchange->mine, sizeof exchange->mine, exchange->all);
    else
        exchange->all[0] = exchange->mine;
}

/* The first rank that gave up speaks for all that did. */
static enum tutti_status judge_round(struct exchange *exchange)
{
    for (int i = 0; i < exchange->ranks; i++)
        if (exchange->all[i].state == FAILED) {
            exchange->is_over = true;
            return FAIL(TUTTI_LOST, "rank %d of the kernel gave up: %.*s", i,
                        (int)exchange->all[i].size,
                        (const char *)exchange->all[i].bytes);
        }
    return TUTTI_OK;
}

/* Appends what the round brought; says whether more is to come. */
static enum tutti_status keep_round(struct exchange *exchange, bool *is_more)
{
    *is_more = false;
    for (int i = 0; i < exchange->ranks; i++) {
        const struct block *const block = &exchange->all[i];

        TRY(tt_grow(&exchange->parts[i], &exchange->rooms[i],
                    exchange->sizes[i] + block->size, 1));
        if (block->size > 0)
            memcpy(exchange->parts[i] + exchange->sizes[i], block->bytes, block->size);
        exchange->sizes[i] += block->size;
        *is_more = *is_more || block->state == MORE;
    }
    return TUTTI_OK;
}

/* Every rank's bytes to every rank, in parts[] and sizes[]. */
static enum tutti_status share(struct exchange *exchange, const void *mine, size_t size)
{
    const unsigned char *bytes = mine;
    bool is_more;

    memset(exchange->sizes, 0, (size_t)exchange->ranks * sizeof *exchange->sizes);
    do {
        const size_t now = size < BLOCK_ROOM ? size : BLOCK_ROOM;

        go_round(exchange, now < size ? MORE : LAST, bytes, now);
        TRY(judge_round(exchange));
        TRY(keep_round(exchange, &is_more));
        if (now > 0)
            bytes += now;
        size -= now;
    } while (is_more);
    return TUTTI_OK;
}

/* Joins the parts of all ranks, but of rank `without`. */
static enum tutti_status join(struct exchange *exchange, int without, size_t *size)
{
    *size = 0;
    for (int i = 0; i < exchange->ranks; i++) {
        if (i == without)
            continue;
        TRY(tt_grow(&exchange->joined, &exchange->joined_room,
                    *size + exchange->sizes[i], 1));
        if (exchange->sizes[i] > 0)
            memcpy(exchange->joined + *size, exchange->parts[i], exchange->sizes[i]);
        *size += exchange->sizes[i];
    }
    return TUTTI_OK;
}

enum tutti_status exchange_spikes(struct exchange *exchange,
                                  const struct arrivals_spike *mine, size_t count,
                                  const struct arrivals_spike **theirs,
                                  size_t *their_count)
{
    size_t size;

    TRY(share(exchange, mine, count * sizeof *mine));
    TRY(join(exchange, exchange->rank, &size));
    *theirs = (const struct arrivals_spike *)(const void *)exchange->joined;
    *their_count = size / sizeof **theirs;
    return TUTTI_OK;
}

enum tutti_status exchange_wait(struct exchange *exchange)
{
    go_round(exchange, LAST, NULL, 0);
    return judge_round(exchange);
}

enum tutti_status exchange_bytes(struct exchange *exchange, const void *mine,
                                 size_t size, const void **all, const size_t **sizes)
{
    TRY(share(exchange, mine, size));
    TRY(join(exchange, -1, &size));
    *all = exchange->joined;
    *sizes = exchange->sizes;
    return TUTTI_OK;
}

enum tutti_status exchange_close(struct exchange **exchange)
{
    enum tutti_status status = TUTTI_OK;

    if (!*exchange)
        return TUTTI_OK;
    if (!(*exchange)->is_over)
        status = exchange_wait(*exchange);
    release(exchange);
    return status;
}

bool exchange_give_up(struct exchange *exchange)
{
    const char *const sentence = tutti_last_error();
    size_t size = strlen(sentence);
    bool is_first;

    if (!exchange)
        return true;
    if (size > BLOCK_ROOM)
        size = BLOCK_ROOM;
    is_first = !exchange->is_over;
    if (is_first)
        go_round(exchange, FAILED, sentence, size);
    exchange->is_over = true;
    for (int i = 0; i < exchange->rank; i++)
        is_first = is_first && exchange->all[i].state != FAILED;
    return is_first;
}
