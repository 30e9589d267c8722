/* Arithmetic of simulated time: steps, borders, conversion.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "tutti/time.h"

#define TT_INFINITY INT64_MAX
#define TT_LONGEST (INT64_C(1) << 61) /* every finite time and delay lies below */

/* a + b; infinity stays infinity. Both below TT_LONGEST otherwise. */
int64_t tt_time_add(int64_t a, int64_t b);

/* Border k of a step: floor(k * ns / divisor), computed in 128 bits. k >= 0. Infinity
 * when it does not lie below TT_LONGEST. */
int64_t tt_step_border(struct tutti_step step, int64_t k);

/* The smallest k whose border is at or after `ns` (ns >= 0). */
int64_t tt_step_at_or_after(struct tutti_step step, int64_t ns);

/* Whether two steps have the same length, in lowest terms or not. */
bool tt_step_is_equal(struct tutti_step a, struct tutti_step b);

/* The length of a step rounded down or up to whole nanoseconds. */
int64_t tt_step_shortest(struct tutti_step step);
int64_t tt_step_longest(struct tutti_step step);

/* Nearest nanosecond to `ms`; false for NaN, infinity and what does not lie below
 * TT_LONGEST. */
bool tt_time_from_ms(double ms, int64_t *ns);

#endif
