/* Digests of what a port carried, one for each 100 ms of simulated time, to compare
 * runs by: they depend on the events alone, not on how windows cut them. Private to the
 * store layer. SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "store/column.h"

#define TT_DIGEST_INTERVAL INT64_C(100000000) /* ns */

/* Bin k holds what is due in (k, k + 1] intervals; the first one time 0 as well. */
struct tt_digest {
    struct tt_column column; /* 16 bytes for each bin that has ended */
    void *state;             /* of XXH3-128, for the bin that has not */
    int64_t end;             /* ns: of that bin */
};

/* Ended by tt_digest_close(), also after a failure. */
enum tutti_status tt_digest_make(struct tt_store_file *file, const char *name,
                                 struct tt_digest *digest);

/* Ends all bins before the one of `due`. */
enum tutti_status tt_digest_turn(struct tt_digest *digest, int64_t due);

/* Adds bytes to the bin that has not ended. */
void tt_digest_add(struct tt_digest *digest, const void *bytes, size_t size);

/* Everything due up to `until` has been added: ends the bins that end by then. */
enum tutti_status tt_digest_complete(struct tt_digest *digest, int64_t until);

/* The same for the last time: also ends the bin that `until` cuts. */
enum tutti_status tt_digest_finish(struct tt_digest *digest, int64_t until);

void tt_digest_close(struct tt_digest *digest);

#endif
