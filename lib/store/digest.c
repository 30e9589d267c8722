/* Digests of what a port carried.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/digest.h"

#include <string.h>
#include <xxhash.h>

#include "base/status.h"

enum tutti_status tt_digest_make(struct tt_store_file *file, const char *name,
                                 struct tt_digest *digest)
{
    const struct tt_column_shape shape = {.name = name,
                                          .type = H5T_NATIVE_UINT8,
                                          .type_size = 1,
                                          .width = sizeof(XXH128_canonical_t),
                                          .chunk_rows = 256};
    hid_t group;

    digest->state = XXH3_createState();
    if (!digest->state)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the digest of '%s'", name);
    XXH3_128bits_reset(digest->state);
    digest->end = TT_DIGEST_INTERVAL;
    group = H5Gopen2(file->id, "/provenance/digests", H5P_DEFAULT);
    if (group < 0)
        return tt_file_fail(file);
    TRY(tt_column_make(file, group, &shape, &digest->column));
    H5Gclose(group);
    return TUTTI_OK;
}

static enum tutti_status end_bin(struct tt_digest *digest)
{
    XXH128_canonical_t bytes;
    size_t room;

    XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(digest->state));
    XXH3_128bits_reset(digest->state);
    digest->end += TT_DIGEST_INTERVAL;
    memcpy(tt_column_rows(&digest->column, &room), &bytes, sizeof bytes);
    return tt_column_add(&digest->column, 1);
}

enum tutti_status tt_digest_turn(struct tt_digest *digest, int64_t due)
{
    while (due > digest->end)
        TRY(end_bin(digest));
    return TUTTI_OK;
}

void tt_digest_add(struct tt_digest *digest, const void *bytes, size_t size)
{
    XXH3_128bits_update(digest->state, bytes, size);
}

enum tutti_status tt_digest_complete(struct tt_digest *digest, int64_t until)
{
    while (until >= digest->end)
        TRY(end_bin(digest));
    return TUTTI_OK;
}

enum tutti_status tt_digest_finish(struct tt_digest *digest, int64_t until)
{
    TRY(tt_digest_complete(digest, until));
    if (until > digest->end - TT_DIGEST_INTERVAL)
        return end_bin(digest);
    return TUTTI_OK;
}

void tt_digest_close(struct tt_digest *digest)
{
    XXH3_freeState(digest->state);
    digest->state = NULL;
    tt_column_close(&digest->column);
}
