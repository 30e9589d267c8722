/* Memory that runs out once. The linker hands every call of lib/base/memory.c from
 * outside to the functions here. SPDX-License-Identifier: Apache-2.0 */
#include "scarce.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/status.h"

/* Calls that still succeed; below zero: all do. The linker's hook has no argument that
 * could carry it. */
static atomic_int calls_left = -1;

void *__real_tt_alloc(size_t size);
void *__real_tt_alloc_array(size_t count, size_t size);
enum tutti_status __real_tt_grow(void *array, size_t *room, size_t needed, size_t size);
void *__wrap_tt_alloc(size_t size);
void *__wrap_tt_alloc_array(size_t count, size_t size);
enum tutti_status __wrap_tt_grow(void *array, size_t *room, size_t needed, size_t size);

void scarce_begin(int calls)
{
    atomic_store(&calls_left, calls);
}

bool scarce_end(void)
{
    return atomic_exchange(&calls_left, -1) < 0;
}

static bool fails_now(void)
{
    return atomic_load(&calls_left) >= 0 && atomic_fetch_sub(&calls_left, 1) == 0;
}

void *__wrap_tt_alloc(size_t size)
{
    return fails_now() ? NULL : __real_tt_alloc(size);
}

void *__wrap_tt_alloc_array(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_tt_alloc_array(count, size);
}

enum tutti_status __wrap_tt_grow(void *array, size_t *room, size_t needed, size_t size)
{
    if (needed > *room && fails_now())
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu elements of %zu bytes", needed,
                    size);
    return __real_tt_grow(array, room, needed, size);
}
