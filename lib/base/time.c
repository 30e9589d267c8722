/* Arithmetic of simulated time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <math.h>

__extension__ typedef __int128 wide; /* products of two times */

int64_t tt_time_add(int64_t a, int64_t b)
{
    if (a == TT_INFINITY || b == TT_INFINITY)
        return TT_INFINITY;
    return a + b;
}

int64_t tt_step_border(struct tutti_step step, int64_t k)
{
    wide border;

    /* Divisions of 128 bits take longer than all the rest of a window. */
    if (step.divisor == 1 && k < TT_LONGEST / step.ns)
        return k * step.ns;
    border = (wide)k * step.ns / step.divisor;
    return border < TT_LONGEST ? (int64_t)border : TT_INFINITY;
}

int64_t tt_step_at_or_after(struct tutti_step step, int64_t ns)
{
    /* floor(k * n / d) >= ns exactly if k * n >= ns * d. */
    wide k;

    if (step.divisor == 1 && ns < TT_LONGEST)
        return ns / step.ns + (ns % step.ns != 0);
    k = ((wide)ns * step.divisor + step.ns - 1) / step.ns;
    return k < INT64_MAX ? (int64_t)k : INT64_MAX;
}

bool tt_step_is_equal(struct tutti_step a, struct tutti_step b)
{
    return (wide)a.ns * b.divisor == (wide)b.ns * a.divisor;
}

int64_t tt_step_shortest(struct tutti_step step)
{
    return step.ns / step.divisor;
}

int64_t tt_step_longest(struct tutti_step step)
{
    return step.ns / step.divisor + (step.ns % step.divisor != 0);
}

bool tt_time_from_ms(double ms, int64_t *ns)
{
    const double value = nearbyint(ms * 1e6);

    if (!(fabs(value) < (double)TT_LONGEST))
        return false;
    *ns = (int64_t)value;
    return true;
}
