/* Synapses, stored by source and sorted by delay.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

enum tutti_status rows_open(uint32_t source_count, struct rows *rows)
{
    *rows = (struct rows){.source_count = source_count};
    rows->first_synapse = tt_alloc_array((size_t)source_count + 1, sizeof(size_t));
    rows->first_piece = tt_alloc_array((size_t)source_count + 1, sizeof(size_t));
    if (!rows->first_synapse || !rows->first_piece) {
        rows_free(rows);
        return FAIL(TUTTI_NO_MEMORY, "no memory for the rows of %u sources",
                    source_count);
    }
    return TUTTI_OK;
}

void rows_free(struct rows *rows)
{
    free(rows->first_synapse);
    free(rows->first_piece);
    free(rows->pieces);
    free(rows->sums);
    free(rows->weights);
    free(rows->next);
    free(rows->delays);
    *rows = (struct rows){0};
}

void rows_count(struct rows *rows, uint32_t source)
{
    rows->first_synapse[source + 1]++;
}

enum tutti_status rows_make_room(struct rows *rows)
{
    size_t total;

    for (uint32_t i = 0; i < rows->source_count; i++)
        rows->first_synapse[i + 1] += rows->first_synapse[i];
    total = rows->first_synapse[rows->source_count];
    rows->sums = tt_alloc_array(total, sizeof *rows->sums);
    rows->weights = tt_alloc_array(total, sizeof *rows->weights);
    rows->delays = tt_alloc_array(total, sizeof *rows->delays);
    rows->next = tt_alloc_array(rows->source_count, sizeof *rows->next);
    if (!rows->sums || !rows->weights || !rows->delays || !rows->next)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu synapses", total);
    memcpy(rows->next, rows->first_synapse, rows->source_count * sizeof *rows->next);
    return TUTTI_OK;
}

void rows_place(struct rows *rows, uint32_t source, uint32_t sum, double weight,
                uint32_t delay)
{
    const size_t at = rows->next[source]++;

    rows->sums[at] = sum;
    rows->weights[at] = weight;
    rows->delays[at] = (uint16_t)delay;
}

/* Room to sort one row. */
struct sorting {
    size_t counts[ROWS_LONGEST_DELAY + 1];
    uint32_t *sums;
    double *weights;
};

/* Counting sort. Leaves counts[] zero again, looking only at the delays that occur. */
static void sort_row(struct rows *rows, uint32_t source, struct sorting *sorting,
                     struct rows_piece *pieces)
{
    const size_t begin = rows->first_synapse[source];
    const size_t size = rows->first_synapse[source + 1] - begin;
    const uint16_t *const delays = rows->delays + begin;
    uint32_t shortest = ROWS_LONGEST_DELAY, longest = 0;
    size_t at = 0;

    for (size_t i = 0; i < size; i++) {
        sorting->counts[delays[i]]++;
        shortest = delays[i] < shortest ? delays[i] : shortest;
        longest = delays[i] > longest ? delays[i] : longest;
    }
    for (uint32_t delay = shortest; delay <= longest && size; delay++) {
        const size_t count = sorting->counts[delay];

        if (count)
            *pieces++ = (struct rows_piece){delay, (uint32_t)count};
        sorting->counts[delay] = at;
        at += count;
    }
    for (size_t i = 0; i < size; i++) {
        const size_t to = sorting->counts[delays[i]]++;

        sorting->sums[to] = rows->sums[begin + i];
        sorting->weights[to] = rows->weights[begin + i];
    }
    memcpy(rows->sums + begin, sorting->sums, size * sizeof *rows->sums);
    memcpy(rows->weights + begin, sorting->weights, size * sizeof *rows->weights);
    for (uint32_t delay = shortest; delay <= longest; delay++)
        sorting->counts[delay] = 0;
}

/* The number of different delays of each source, as prefix sums in first_piece. */
static void count_pieces(struct rows *rows, size_t *last_seen)
{
    for (uint32_t source = 0; source < rows->source_count; source++) {
        size_t pieces = 0;

        for (size_t i = rows->first_synapse[source];
             i < rows->first_synapse[source + 1]; i++)
            if (last_seen[rows->delays[i]] != (size_t)source + 1) {
                last_seen[rows->delays[i]] = (size_t)source + 1;
                pieces++;
            }
        rows->first_piece[source + 1] = rows->first_piece[source] + pieces;
    }
    memset(last_seen, 0, (ROWS_LONGEST_DELAY + 1) * sizeof *last_seen);
}

enum tutti_status rows_sort(struct rows *rows)
{
    enum tutti_status status = TUTTI_OK;
    struct sorting *sorting = tt_alloc(sizeof *sorting);
    size_t longest = 0;

    for (uint32_t i = 0; i < rows->source_count; i++) {
        const size_t size = rows->first_synapse[i + 1] - rows->first_synapse[i];

        longest = size > longest ? size : longest;
    }
    if (sorting) {
        count_pieces(rows, sorting->counts);
        sorting->sums = tt_alloc_array(longest, sizeof *sorting->sums);
        sorting->weights = tt_alloc_array(longest, sizeof *sorting->weights);
        rows->pieces =
            tt_alloc_array(rows->first_piece[rows->source_count], sizeof *rows->pieces);
    }
    if (sorting && sorting->sums && sorting->weights && rows->pieces)
        for (uint32_t i = 0; i < rows->source_count; i++)
            sort_row(rows, i, sorting, rows->pieces + rows->first_piece[i]);
    else
        status = FAIL(TUTTI_NO_MEMORY, "no memory to sort %zu synapses",
                      rows->first_synapse[rows->source_count]);
    if (sorting) {
        free(sorting->sums);
        free(sorting->weights);
    }
    free(sorting);
    free(rows->delays);
    free(rows->next);
    rows->delays = NULL;
    rows->next = NULL;
    return status;
}
