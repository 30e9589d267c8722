/* Synapses whose effect changes, stored by source.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/plastic_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

enum tutti_status plastic_rows_open(uint32_t source_count, uint16_t only_delay,
                                    struct plastic_rows *rows)
{
    *rows =
        (struct plastic_rows){.source_count = source_count, .only_delay = only_delay};
    rows->first_synapse =
        tt_alloc_array((size_t)source_count + 1, sizeof *rows->first_synapse);
    rows->first_piece =
        tt_alloc_array((size_t)source_count + 1, sizeof *rows->first_piece);
    if (!rows->first_synapse || !rows->first_piece)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the rows of %" PRIu32 " sources",
                    source_count);
    return TUTTI_OK;
}

void plastic_rows_free(struct plastic_rows *rows)
{
    free(rows->first_piece);
    free(rows->pieces);
    free(rows->targets);
    free(rows->weights);
    free(rows->first_synapse);
    free(rows->next);
    free(rows->delays);
    *rows = (struct plastic_rows){0};
}

void plastic_rows_count(struct plastic_rows *rows, uint32_t source)
{
    rows->first_synapse[source + 1]++;
}

static enum tutti_status no_memory(const struct plastic_rows *rows)
{
    return FAIL(TUTTI_NO_MEMORY, "no memory for %zu plastic synapses",
                rows->synapse_count);
}

enum tutti_status plastic_rows_make_room(struct plastic_rows *rows)
{
    for (uint32_t i = 0; i < rows->source_count; i++)
        rows->first_synapse[i + 1] += rows->first_synapse[i];
    rows->synapse_count = rows->first_synapse[rows->source_count];
    rows->targets = tt_alloc_array(rows->synapse_count, sizeof *rows->targets);
    rows->weights = tt_alloc_array(rows->synapse_count, sizeof *rows->weights);
    if (!rows->only_delay)
        rows->delays = tt_alloc_array(rows->synapse_count, sizeof *rows->delays);
    rows->next = tt_alloc_array(rows->source_count, sizeof *rows->next);
    if (!rows->targets || !rows->weights || !rows->next ||
        (!rows->only_delay && !rows->delays))
        return no_memory(rows);
    memcpy(rows->next, rows->first_synapse, rows->source_count * sizeof *rows->next);
    return TUTTI_OK;
}

void plastic_rows_place(struct plastic_rows *rows, uint32_t source, uint16_t target,
                        double weight, uint16_t delay)
{
    const size_t at = rows->next[source]++;

    rows->targets[at] = target;
    rows->weights[at] = weight;
    if (rows->delays)
        rows->delays[at] = delay;
}

/* Room to sort one row. */
struct sorting {
    size_t places[UINT16_MAX + 1]; /* of each delay: zero between two rows */
    uint16_t *targets;
    double *weights;
};

/* Counting sort; looks only at delays from the shortest to the longest. Appends the
 * pieces of the row, or only counts them where there is no room for pieces yet. */
static uint32_t sort_row(struct plastic_rows *rows, uint32_t source,
                         struct sorting *sorting, struct plastic_piece *pieces)
{
    const size_t begin = rows->first_synapse[source];
    const size_t size = rows->first_synapse[source + 1] - begin;
    const uint16_t *const delays = rows->delays + begin;
    uint32_t shortest = UINT16_MAX, longest = 0, count = 0;
    size_t at = 0;

    for (size_t i = 0; i < size; i++) {
        sorting->places[delays[i]]++;
        shortest = delays[i] < shortest ? delays[i] : shortest;
        longest = delays[i] > longest ? delays[i] : longest;
    }
    for (uint32_t delay = shortest; delay <= longest && size; delay++) {
        const size_t here = sorting->places[delay];

        sorting->places[delay] = at;
        if (here && pieces)
            pieces[count] = (struct plastic_piece){
                .first = begin + at, .count = (uint32_t)here, .delay = (uint16_t)delay};
        count += here > 0;
        at += here;
    }
    for (size_t i = 0; i < size && pieces; i++) {
        const size_t place = sorting->places[delays[i]]++;

        sorting->targets[place] = rows->targets[begin + i];
        sorting->weights[place] = rows->weights[begin + i];
    }
    for (uint32_t delay = shortest; delay <= longest && size; delay++)
        sorting->places[delay] = 0;
    if (pieces && size) {
        pieces[count - 1].is_last = true;
        memcpy(rows->targets + begin, sorting->targets, size * sizeof *rows->targets);
        memcpy(rows->weights + begin, sorting->weights, size * sizeof *rows->weights);
    }
    return count;
}

static enum tutti_status open_sorting(const struct plastic_rows *rows,
                                      struct sorting **sorting)
{
    size_t longest = 0;

    for (uint32_t i = 0; i < rows->source_count; i++) {
        const size_t size = rows->first_synapse[i + 1] - rows->first_synapse[i];

        longest = size > longest ? size : longest;
    }
    *sorting = tt_alloc(sizeof **sorting);
    if (!*sorting)
        return no_memory(rows);
    (*sorting)->targets = tt_alloc_array(longest, sizeof *(*sorting)->targets);
    (*sorting)->weights = tt_alloc_array(longest, sizeof *(*sorting)->weights);
    return (*sorting)->targets && (*sorting)->weights ? TUTTI_OK : no_memory(rows);
}

static void close_sorting(struct sorting *sorting)
{
    if (!sorting)
        return;
    free(sorting->targets);
    free(sorting->weights);
    free(sorting);
}

static enum tutti_status make_pieces(struct plastic_rows *rows, struct sorting *sorting)
{
    size_t count = 0;

    for (uint32_t i = 0; i < rows->source_count; i++)
        count += sort_row(rows, i, sorting, NULL);
    if (count > UINT32_MAX)
        return no_memory(rows);
    rows->pieces = tt_alloc_array(count, sizeof *rows->pieces);
    if (!rows->pieces)
        return no_memory(rows);
    for (uint32_t i = 0; i < rows->source_count; i++)
        rows->first_piece[i + 1] =
            rows->first_piece[i] +
            sort_row(rows, i, sorting, rows->pieces + rows->first_piece[i]);
    return TUTTI_OK;
}

static enum tutti_status sort(struct plastic_rows *rows)
{
    struct sorting *sorting;
    enum tutti_status status = open_sorting(rows, &sorting);

    if (status == TUTTI_OK)
        status = make_pieces(rows, sorting);
    close_sorting(sorting);
    return status;
}

/* One piece for each source that has synapses. */
static enum tutti_status make_single_pieces(struct plastic_rows *rows)
{
    for (uint32_t i = 0; i < rows->source_count; i++)
        rows->first_piece[i + 1] = rows->first_piece[i] + (rows->first_synapse[i + 1] >
                                                           rows->first_synapse[i]);
    rows->pieces =
        tt_alloc_array(rows->first_piece[rows->source_count], sizeof *rows->pieces);
    if (!rows->pieces)
        return no_memory(rows);
    for (uint32_t i = 0; i < rows->source_count; i++)
        if (rows->first_piece[i + 1] > rows->first_piece[i])
            rows->pieces[rows->first_piece[i]] =
                (struct plastic_piece){.first = rows->first_synapse[i],
                                       .count = (uint32_t)(rows->first_synapse[i + 1] -
                                                           rows->first_synapse[i]),
                                       .delay = rows->only_delay,
                                       .is_last = true};
    return TUTTI_OK;
}

enum tutti_status plastic_rows_finish(struct plastic_rows *rows)
{
    const enum tutti_status status =
        rows->only_delay ? make_single_pieces(rows) : sort(rows);

    free(rows->first_synapse);
    free(rows->next);
    free(rows->delays);
    rows->first_synapse = rows->next = NULL;
    rows->delays = NULL;
    return status;
}

size_t plastic_rows_memory(const struct plastic_rows *rows)
{
    return rows->synapse_count * PLASTIC_ROWS_BYTES +
           ((size_t)rows->source_count + 1) * sizeof *rows->first_piece +
           (rows->first_piece ? rows->first_piece[rows->source_count] : 0) *
               sizeof *rows->pieces;
}
