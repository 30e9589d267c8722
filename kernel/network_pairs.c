/* Reads the pairs of a projection that lists them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network_parts.h"

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

static enum tutti_status make_room(uint32_t targets, uint32_t count,
                                   struct network_pairs *pairs)
{
    pairs->count = count;
    pairs->first = tt_alloc_array((size_t)targets + 1, sizeof *pairs->first);
    pairs->sources = tt_alloc_array(count, sizeof *pairs->sources);
    pairs->places = tt_alloc_array(count, sizeof *pairs->places);
    if (pairs->first && pairs->sources && pairs->places)
        return TUTTI_OK;
    return FAIL(TUTTI_NO_MEMORY, "no memory for %" PRIu32 " pairs", count);
}

/* By counting; pairs of a target stay in their order. */
static void sort_pairs(const uint32_t (*ends)[2], uint32_t first_target,
                       uint32_t targets, struct network_pairs *pairs)
{
    for (uint32_t i = 0; i < pairs->count; i++)
        pairs->first[ends[i][1] - first_target]++;
    for (uint32_t i = 1; i <= targets; i++)
        pairs->first[i] += pairs->first[i - 1];
    for (uint32_t i = pairs->count; i-- > 0;) {
        const uint32_t at = --pairs->first[ends[i][1] - first_target];

        pairs->sources[at] = ends[i][0];
        pairs->places[at] = i;
    }
}

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

enum tutti_status network_read_pairs(const struct network *network,
                                     const struct tt_value *value,
                                     struct network_projection *projection)
{
    const struct network_range to = projection->to;
    uint32_t(*ends)[2];
    enum tutti_status status;

    TRY(tt_value_expect(value, TT_LIST, "pairs"));
    ends = tt_alloc_array(value->count, sizeof *ends);
    if (!ends)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu pairs", value->count);
    status = read_ends(network, value, projection, ends);
    if (status == TUTTI_OK)
        status =
            make_room(to.end - to.begin, (uint32_t)value->count, &projection->pairs);
    if (status == TUTTI_OK)
        sort_pairs((const uint32_t(*)[2])ends, to.begin, to.end - to.begin,
                   &projection->pairs);
    free(ends);
    return status;
}
