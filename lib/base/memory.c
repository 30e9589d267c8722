/* Memory that is zeroed, counted and grows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

void *tt_alloc(size_t size)
{
    return calloc(1, size ? size : 1);
}

void *tt_alloc_array(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

char *tt_copy_text(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = malloc(size);

    if (copy)
        memcpy(copy, text, size);
    return copy;
}

enum tutti_status tt_grow(void *array, size_t *room, size_t needed, size_t size)
{
    void *old, *bigger;
    size_t target = *room + *room / 2 + 8;

    if (needed <= *room)
        return TUTTI_OK;
    if (target < needed)
        target = needed;
    if (target > SIZE_MAX / size)
        return FAIL(TUTTI_NO_MEMORY,
                    "an array of %zu elements of %zu bytes is too large", needed, size);
    memcpy(&old, array, sizeof old);
    bigger = realloc(old, target * size);
    if (!bigger)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu elements of %zu bytes", target,
                    size);
    memcpy(array, &bigger, sizeof bigger);
    *room = target;
    return TUTTI_OK;
}
