/* Any bytes as a frame: refused, or walked without harm.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct tt_frame_rule rules[] = {{1, TUTTI_SPIKES, 10},
                                             {2, TUTTI_SIGNAL, 3},
                                             {7, TUTTI_SPIKES, 1000},
                                             {9, TUTTI_MESSAGE, 1}};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tt_section section;
    size_t cursor = 0;

    if (tt_frame_check(bytes, size, rules, sizeof rules / sizeof *rules) != TUTTI_OK)
        return 0;
    while (tt_frame_next_section(bytes, size, &cursor, &section)) {
        size_t at = 0;

        for (size_t i = 0; i < section.count; i++) {
            uint32_t offset, index;
            double values[3];

            if (section.kind == TUTTI_SIGNAL) {
                tt_section_sample(&section, i, &offset, values);
                continue;
            }
            if (section.kind == TUTTI_MESSAGE) {
                struct tt_piece piece;

                tt_section_next_piece(&section, &at, &piece);
                if (piece.bytes + piece.size > bytes + size)
                    abort();
                continue;
            }
            tt_section_spike(&section, i, &offset, &index);
            if (index >= 1000)
                abort();
        }
    }
    return 0;
}
