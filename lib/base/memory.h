/* Memory that is zeroed, counted and grows. An allocation that fails returns NULL or a
 * status, never ends the program. SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

#include "tutti/status.h"

/* Zeroed; NULL when there is none (or the product overflows). Freed with free(). */
void *tt_alloc(size_t size);
void *tt_alloc_array(size_t count, size_t size);
char *tt_copy_text(const char *text);

/* Makes room for `needed` elements of `size` bytes in *array, which has room for *room;
 * grows by half at least. The content stays. TUTTI_NO_MEMORY leaves both unchanged. */
enum tutti_status tt_grow(void *array, size_t *room, size_t needed, size_t size);

#endif
