/* Any bytes as a control message: refused, or a message that survives its own encoding.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tt_message message, again;
    uint8_t *packed;
    size_t packed_size;

    if (tt_message_decode(bytes, size, &message) != TUTTI_OK)
        return 0;
    if (tt_message_encode(&message, &packed, &packed_size) != TUTTI_OK)
        abort();
    if (tt_message_decode(packed, packed_size, &again) != TUTTI_OK ||
        again.kind != message.kind)
        abort();
    free(packed);
    tt_message_free(&again);
    tt_message_free(&message);
    return 0;
}
