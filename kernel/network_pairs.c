/* Reads the pairs of a projection, from a list or from a file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network_parts.h"

/* --- pairs, wherever they are from */

/* An index of a cell within the range. */
static enum tutti_status read_end(const struct network *network, const char *name,
                                  const struct tt_value *value,
                                  struct network_range range, uint32_t *cell)
{
    int64_t index;

    TRY(tt_value_integer(value, name, &index));
    if (index < range.begin || index >= range.end)
        return FAIL_AT(value->place,
                       "%s %" PRId64 " of '%s' lies beyond its range; the projection "
                       "has %" PRIu32 " to %" PRIu32,
                       name, index, network_group_name(network, range.group),
                       range.begin, range.end - 1);
    *cell = (uint32_t)index;
    return TUTTI_OK;
}

static enum tutti_status no_memory(size_t count)
{
    return FAIL(TUTTI_NO_MEMORY, "no memory for %zu pairs", count);
}

/* By counting; pairs of a target stay in their order. */
static enum tutti_status sort_pairs(const uint32_t (*ends)[2], size_t count,
                                    struct network_projection *projection)
{
    struct network_pairs *const pairs = &projection->pairs;
    const uint32_t targets = network_range_size(projection->to);
    const uint32_t first_target = projection->to.begin;

    pairs->first = tt_alloc_array((size_t)targets + 1, sizeof *pairs->first);
    pairs->sources = tt_alloc_array(count, sizeof *pairs->sources);
    pairs->places = tt_alloc_array(count, sizeof *pairs->places);
    if (!pairs->first || !pairs->sources || !pairs->places)
        return no_memory(count);
    pairs->count = (uint32_t)count;
    for (uint32_t i = 0; i < pairs->count; i++)
        pairs->first[ends[i][1] - first_target]++;
    for (uint32_t i = 1; i <= targets; i++)
        pairs->first[i] += pairs->first[i - 1];
    for (uint32_t i = pairs->count; i-- > 0;) {
        const uint32_t at = --pairs->first[ends[i][1] - first_target];

        pairs->sources[at] = ends[i][0];
        pairs->places[at] = i;
    }
    return TUTTI_OK;
}

/* --- a list */

static enum tutti_status read_ends(const struct network *network,
                                   const struct tt_value *list,
                                   const struct network_projection *projection,
                                   uint32_t (*ends)[2])
{
    for (size_t i = 0; i < list->count; i++) {
        const struct tt_value *const pair = &list->items[i];

        if (pair->kind != TT_LIST || pair->count != 2)
            return FAIL_AT(pair->place,
                           "a pair is a source and a target, such as [0, 3]");
        TRY(read_end(network, "source", &pair->items[0], projection->from,
                     &ends[i][0]));
        TRY(read_end(network, "target", &pair->items[1], projection->to, &ends[i][1]));
    }
    return TUTTI_OK;
}

static enum tutti_status read_list(const struct network *network,
                                   const struct tt_value *list,
                                   struct network_projection *projection)
{
    uint32_t(*ends)[2] = tt_alloc_array(list->count, sizeof *ends);
    enum tutti_status status;

    if (!ends)
        return no_memory(list->count);
    status = read_ends(network, list, projection, ends);
    if (status == TUTTI_OK)
        status = sort_pairs((const uint32_t(*)[2])ends, list->count, projection);
    free(ends);
    return status;
}

/* --- a file */

enum { SOURCE, TARGET, WEIGHT, DELAY, COLUMNS };

static const char *const column_names[COLUMNS] = {"source", "target", "weight",
                                                  "delay"};
static const char gaps[] = " \t,\r\n"; /* between the values of a line */

struct pair_file {
    const struct tt_reader *reader;
    const struct network *network;
    struct network_projection *projection;
    FILE *stream;
    struct tt_place place;
    char *line;
    size_t line_room;
    size_t column_count;
    int columns[COLUMNS];    /* in the order of the file */
    char units[COLUMNS][32]; /* of the same: "" or " pA" */
    bool has[COLUMNS];
    size_t count, ends_room, list_room[COLUMNS];
    uint32_t (*ends)[2];
    double *lists[COLUMNS]; /* of weights and delays */
};

/* The next line that says something; false at the end. */
static bool next_line(struct pair_file *file)
{
    while (getline(&file->line, &file->line_room, file->stream) > 0) {
        file->place.line++;
        file->line[strcspn(file->line, "#")] = '\0';
        if (file->line[strspn(file->line, gaps)])
            return true;
    }
    return false;
}

/* "weight/pA" */
static enum tutti_status read_column(struct pair_file *file, char *text)
{
    char *const slash = strchr(text, '/');
    int column = 0;

    if (slash)
        *slash = '\0';
    while (column < COLUMNS && strcmp(column_names[column], text) != 0)
        column++;
    if (column == COLUMNS)
        return tt_unknown_word(file->place, "column", text, column_names, COLUMNS);
    if (file->has[column])
        return FAIL_AT(file->place, "there are two columns '%s'; leave one out", text);
    if (slash)
        snprintf(file->units[file->column_count], sizeof *file->units, " %s",
                 slash + 1);
    file->has[column] = true;
    file->columns[file->column_count++] = column;
    return TUTTI_OK;
}

static enum tutti_status read_columns(struct pair_file *file)
{
    char *rest = NULL;

    if (!next_line(file))
        file->place.line = 1;
    else
        for (char *word = strtok_r(file->line, gaps, &rest); word;
             word = strtok_r(NULL, gaps, &rest))
            TRY(read_column(file, word));
    if (file->has[SOURCE] && file->has[TARGET])
        return TUTTI_OK;
    return FAIL_AT(file->place, "the first line of a file of pairs names its columns, "
                                "such as 'source target weight/pA delay/ms'");
}

/* Room for one more pair. */
static enum tutti_status grow(struct pair_file *file)
{
    if (file->count == UINT32_MAX)
        return FAIL_AT(file->place, "a projection has at most %" PRIu32 " pairs",
                       UINT32_MAX);
    TRY(tt_grow(&file->ends, &file->ends_room, file->count + 1, sizeof *file->ends));
    for (int column = WEIGHT; column <= DELAY; column++)
        if (file->has[column])
            TRY(tt_grow(&file->lists[column], &file->list_room[column], file->count + 1,
                        sizeof(double)));
    return TUTTI_OK;
}

static enum tutti_status read_value(struct pair_file *file, int column,
                                    const struct tt_value *value)
{
    const struct network_projection *const projection = file->projection;
    const struct network *const network = file->network;
    uint32_t steps;

    switch (column) {
    case SOURCE:
        return read_end(network, "source", value, projection->from,
                        &file->ends[file->count][0]);
    case TARGET:
        return read_end(network, "target", value, projection->to,
                        &file->ends[file->count][1]);
    case WEIGHT:
        return network_read_weight(
            file->reader,
            network_weight_unit(network, projection->from.group, projection->to.group),
            value, &file->lists[WEIGHT][file->count]);
    default:
        TRY(network_read_delay(network, projection, value, &steps));
        file->lists[DELAY][file->count] = steps;
        return TUTTI_OK;
    }
}

static enum tutti_status read_pair(struct pair_file *file)
{
    char *rest = NULL;
    char *word = strtok_r(file->line, gaps, &rest);

    TRY(grow(file));
    for (size_t i = 0; i < file->column_count; i++) {
        char text[80];

        if (!word)
            break;
        snprintf(text, sizeof text, "%s%s", word, file->units[i]);
        TRY(read_value(
            file, file->columns[i],
            &(struct tt_value){.kind = TT_SCALAR, .place = file->place, .text = text}));
        word = i + 1 < file->column_count ? strtok_r(NULL, gaps, &rest) : word;
    }
    if (!word || strtok_r(NULL, gaps, &rest))
        return FAIL_AT(file->place, "each line has %zu values, one for each column",
                       file->column_count);
    file->count++;
    return TUTTI_OK;
}

static void take_list(struct pair_file *file, int column,
                      struct distribution *distribution)
{
    if (!file->has[column] || file->count == 0)
        return;
    *distribution = (struct distribution){
        .low = INFINITY, .high = -INFINITY, .share = 1.0, .list = file->lists[column]};
    for (size_t i = 0; i < file->count; i++) {
        distribution->low = fmin(distribution->low, distribution->list[i]);
        distribution->high = fmax(distribution->high, distribution->list[i]);
    }
    file->lists[column] = NULL;
}

static enum tutti_status read_file(struct pair_file *file)
{
    TRY(read_columns(file));
    while (next_line(file))
        TRY(read_pair(file));
    if (file->count == 0)
        return FAIL_AT(file->place, "the file lists no pairs");
    TRY(sort_pairs((const uint32_t(*)[2])file->ends, file->count, file->projection));
    take_list(file, WEIGHT, &file->projection->weight);
    take_list(file, DELAY, &file->projection->delay);
    return TUTTI_OK;
}

/* Names of files start in the folder of the network's. */
static char *path_beside(const char *network_path, const char *name)
{
    const char *const slash = strrchr(network_path, '/');
    const size_t folder =
        slash && name[0] != '/' ? (size_t)(slash - network_path) + 1 : 0;
    char *const path = tt_alloc(folder + strlen(name) + 1);

    if (path) {
        memcpy(path, network_path, folder);
        memcpy(path + folder, name, strlen(name));
    }
    return path;
}

static enum tutti_status open_and_read(struct pair_file *file,
                                       const struct tt_value *value)
{
    char *const path =
        path_beside(tt_document_path(file->network->document), value->text);
    enum tutti_status status;

    if (!path)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the name of a file");
    file->place = (struct tt_place){.file = path, .column = 1};
    file->stream = fopen(path, "r");
    if (file->stream)
        status = read_file(file);
    else
        status =
            FAIL_AT(value->place, "pairs: cannot read '%s': %s", path, strerror(errno));
    if (file->stream)
        fclose(file->stream);
    free(path);
    return status;
}

enum tutti_status network_read_pairs(const struct tt_reader *reader,
                                     const struct network *network,
                                     const struct tt_value *value,
                                     struct network_projection *projection)
{
    struct pair_file file = {
        .reader = reader, .network = network, .projection = projection};
    enum tutti_status status;

    if (value->kind == TT_LIST)
        return read_list(network, value, projection);
    if (value->kind != TT_SCALAR || value->is_empty)
        return FAIL_AT(value->place, "pairs is a list, such as [[0, 3], [1, 3]], or "
                                     "the name of a file");
    status = open_and_read(&file, value);
    free(file.line);
    free(file.ends);
    for (int column = 0; column < COLUMNS; column++)
        free(file.lists[column]);
    return status;
}
