/* Ranges of indices as people write them, half-open as in Python: "E", "E[3]",
 * "E[0:200]", "E[100:]", "E[:100]".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFIG_SLICE_H
#define CONFIG_SLICE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define TT_OPEN_END UINT32_MAX /* up to the width, whatever it is */

struct tt_slice {
    uint32_t begin, end; /* begin < end */
};

/* Splits "NAME[RANGE]": the name is the first *name_size bytes of `text`, at least one.
 * Without brackets the slice is the whole, {0, TT_OPEN_END}. TUTTI_BAD_CONFIG, without
 * a place. */
enum tutti_status tt_slice_split(const char *text, size_t *name_size,
                                 struct tt_slice *slice);

/* The range alone, "0:4000", as in `owns: {E: "0:4000"}`. */
enum tutti_status tt_slice_parse(const char *text, struct tt_slice *slice);

#endif
