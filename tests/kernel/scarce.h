/* Memory that runs out once, for programs that are linked with scarce.c and the hooks
 * of CMakeLists.txt. SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SCARCE_H
#define TESTS_SCARCE_H

#include <stdbool.h>

/* After `calls` more allocations by lib/base/memory.h that succeed, one fails. */
void scarce_begin(int calls);
/* Whether it did; none fails from here on. */
bool scarce_end(void);

#endif
