/* What is too long for any transport.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/limits.h"

#include "base/status.h"
#include "link/station.h"

enum tutti_status tt_check_message_size(size_t size)
{
    if (size <= TT_LARGEST_MESSAGE)
        return TUTTI_OK;
    return FAIL(TUTTI_BAD_CALL,
                "a control message of %zu bytes is over the limit of %zu", size,
                TT_LARGEST_MESSAGE);
}

enum tutti_status tt_check_frame_size(size_t size)
{
    if (size <= TT_LARGEST_FRAME)
        return TUTTI_OK;
    return FAIL(TUTTI_BAD_CALL,
                "a frame of %zu bytes is over the limit of %zu: use shorter windows or "
                "a larger step",
                size, TT_LARGEST_FRAME);
}
