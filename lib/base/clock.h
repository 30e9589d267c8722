/* Wall-clock time, as a value that tests can turn by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define TT_SECOND INT64_C(1000000000)
#define TT_MILLISECOND INT64_C(1000000)

/* Nanoseconds of the monotonic clock of the operating system. */
int64_t tt_clock_now(void);

#endif
