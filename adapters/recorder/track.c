/* What the recorder records.
 * SPDX-License-Identifier: Apache-2.0 */
#include "adapters/recorder/track.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

static const uint32_t nobody = UINT32_MAX; /* sends to this index */

static enum tutti_status start_track(const struct tutti_source *source,
                                     struct track *track)
{
    struct tt_text name = {0};

    tt_text_add(&name, "%s.%s", source->participant, source->port);
    track->input = source->input;
    track->name = tt_copy_text(tt_text_get(&name));
    track->kind = source->kind;
    track->unit = source->unit;
    track->step = source->step;
    tt_text_free(&name);
    if (!track->name)
        return FAIL(TUTTI_NO_MEMORY, "no memory to record '%s'", source->input);
    return TUTTI_OK;
}

static enum tutti_status widen(struct track *track, uint32_t width)
{
    uint32_t *ids;

    if (width <= track->width)
        return TUTTI_OK;
    ids = realloc(track->ids, width * sizeof *ids);
    if (!ids)
        return FAIL(TUTTI_NO_MEMORY, "no memory to record '%s'", track->name);
    track->ids = ids;
    while (track->width < width)
        ids[track->width++] = nobody;
    return TUTTI_OK;
}

static enum tutti_status add_source(const struct tutti_source *source,
                                    struct track *track)
{
    const size_t part = strlen(source->participant);
    uint32_t i;

    if (strncmp(track->name, source->participant, part) != 0 ||
        track->name[part] != '.' || strcmp(track->name + part + 1, source->port) != 0)
        return FAIL(TUTTI_BAD_CONFIG,
                    "input '%s' of the recorder gets '%s' and '%s.%s': give each "
                    "recorded port an input of its own",
                    track->input, track->name, source->participant, source->port);
    if (source->width > UINT32_MAX - source->to)
        return FAIL(TUTTI_BAD_CONFIG,
                    "input '%s' of the recorder gets more indices than a port can have",
                    track->input);
    TRY(widen(track, source->to + source->width));
    for (i = 0; i < source->width; i++) {
        if (track->ids[source->to + i] != nobody)
            return FAIL(TUTTI_BAD_CONFIG,
                        "index %" PRIu32 " at input '%s' of the recorder has two "
                        "sources: let the recorded ranges not overlap",
                        source->to + i, track->input);
        track->ids[source->to + i] = source->first + i;
    }
    return TUTTI_OK;
}

static enum tutti_status check_gaps(const struct track *track)
{
    uint32_t i;

    for (i = 0; i < track->width; i++)
        if (track->ids[i] == nobody)
            return FAIL(TUTTI_BAD_CONFIG,
                        "index %" PRIu32 " at input '%s' of the recorder has no "
                        "source: connect the recorded ranges one behind the other",
                        i, track->input);
    return TUTTI_OK;
}

enum tutti_status tracks_make(const struct tutti_source *sources, size_t source_count,
                              struct track **tracks, size_t *count)
{
    size_t s, t;

    *count = 0;
    *tracks = tt_alloc_array(source_count, sizeof **tracks);
    if (!*tracks)
        return FAIL(TUTTI_NO_MEMORY, "no memory to record %zu ports", source_count);
    for (s = 0; s < source_count; s++) {
        for (t = 0; t < *count; t++)
            if (!strcmp((*tracks)[t].input, sources[s].input))
                break;
        if (t == *count) {
            ++*count;
            TRY(start_track(&sources[s], &(*tracks)[t]));
        }
        TRY(add_source(&sources[s], &(*tracks)[t]));
    }
    for (t = 0; t < *count; t++)
        TRY(check_gaps(&(*tracks)[t]));
    return TUTTI_OK;
}

void tracks_free(struct track **tracks, size_t *count)
{
    while (*count > 0) {
        --*count;
        free((*tracks)[*count].ids);
        free((*tracks)[*count].name);
    }
    free(*tracks);
    *tracks = NULL;
}
