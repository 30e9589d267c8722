/* Control messages as bytes, within stated limits of size and memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/message.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "wire/message_body.h"

enum tutti_status tt_message_encode(const struct tt_message *message, uint8_t **bytes,
                                    size_t *size)
{
    struct tt_outgoing outgoing = {.envelope = TUTTI__ENVELOPE__INIT};
    enum tutti_status status = tt_outgoing_fill(&outgoing, message);
    uint8_t *packed = NULL;
    size_t packed_size = 0;

    if (status == TUTTI_OK) {
        packed_size = tutti__envelope__get_packed_size(&outgoing.envelope);
        if (packed_size > TT_MESSAGE_LIMIT)
            status = FAIL(TUTTI_BAD_CONFIG,
                          "a control message would have %zu bytes, the limit is %zu: "
                          "use fewer connections or smaller initial values",
                          packed_size, TT_MESSAGE_LIMIT);
    }
    if (status == TUTTI_OK) {
        packed = tt_alloc(packed_size);
        if (packed)
            tutti__envelope__pack(&outgoing.envelope, packed);
        else
            status = FAIL(TUTTI_NO_MEMORY,
                          "no memory for a control message of %zu bytes", packed_size);
    }
    tt_outgoing_free(&outgoing);
    if (status != TUTTI_OK)
        return status;
    *bytes = packed;
    *size = packed_size;
    return TUTTI_OK;
}

/* What a decoded message holds. */
struct owned {
    ProtobufCAllocator allocator;
    size_t allowance; /* bytes that protobuf may still take */
    bool is_exhausted;
    Tutti__Envelope *envelope;
    void *rows[2];
};

/* Two hostile bytes can ask for a struct of a hundred; honest messages take less than
 * 24 bytes of memory for each of their own. */
static size_t allowance_of(size_t size)
{
    return size * 24 + ((size_t)64 << 10);
}

static void *take(void *data, size_t size)
{
    struct owned *owned = data;

    if (size > owned->allowance) {
        owned->is_exhausted = true;
        return NULL;
    }
    owned->allowance -= size;
    return malloc(size ? size : 1);
}

static void give_back(void *data, void *memory)
{
    (void)data;
    free(memory);
}

static void free_owned(struct owned *owned)
{
    if (!owned)
        return;
    if (owned->envelope)
        tutti__envelope__free_unpacked(owned->envelope, &owned->allocator);
    free(owned->rows[0]);
    free(owned->rows[1]);
    free(owned);
}

static enum tutti_status unpack(struct owned *owned, const void *bytes, size_t size)
{
    owned->allowance = allowance_of(size);
    owned->envelope =
        tutti__envelope__unpack(&owned->allocator, size, (const uint8_t *)bytes);
    if (owned->envelope)
        return TUTTI_OK;
    if (owned->is_exhausted)
        return FAIL(TUTTI_REFUSED,
                    "a control message of %zu bytes asks for more memory than such a "
                    "message needs",
                    size);
    return FAIL(TUTTI_REFUSED, "%zu bytes are no control message of Tutti", size);
}

enum tutti_status tt_message_decode(const void *bytes, size_t size,
                                    struct tt_message *message)
{
    struct tt_message found = {0};
    struct owned *owned;
    enum tutti_status status;

    if (size > TT_MESSAGE_LIMIT)
        return FAIL(TUTTI_REFUSED, "a control message has %zu bytes, the limit is %zu",
                    size, TT_MESSAGE_LIMIT);
    owned = tt_alloc(sizeof *owned);
    if (!owned)
        return FAIL(TUTTI_NO_MEMORY, "no memory to read a control message");
    owned->allocator =
        (ProtobufCAllocator){.alloc = take, .free = give_back, .allocator_data = owned};

    status = unpack(owned, bytes, size);
    if (status == TUTTI_OK)
        status = tt_incoming_read(owned->envelope, &found, owned->rows);
    if (status != TUTTI_OK) {
        free_owned(owned);
        return status;
    }
    found.owned = owned;
    *message = found;
    return TUTTI_OK;
}

void tt_message_free(struct tt_message *message)
{
    free_owned(message->owned);
    *message = (struct tt_message){0};
}
