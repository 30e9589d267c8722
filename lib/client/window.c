/* Where windows end and when one may begin.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/window.h"

#include "base/time.h"

struct tutti_window tt_window_next(const struct tutti_participant *me)
{
    const int64_t steps = me->wiring.wiring.steps_per_window;
    int64_t border = me->border;
    struct tutti_window next;

    if (me->phase == TT_PHASE_INSIDE)
        border = tt_step_at_or_after(me->step, me->window.end.ns);
    next.begin.ns = tt_step_border(me->step, border);
    if (border >= me->last_border - steps)
        next.end.ns = tt_step_border(me->step, me->last_border);
    else
        next.end.ns = tt_step_border(me->step, border + steps);
    return next;
}

const struct tt_end *tt_window_blocked(const struct tutti_participant *me,
                                       int64_t border, int64_t *needed)
{
    for (size_t i = 0; i < me->end_count; i++) {
        const struct tt_end *end = &me->ends[i];
        const int64_t ahead =
            end->wire.is_output ? me->wiring.wiring.credit : end->effective;

        *needed = border - ahead;
        if (end->peer->reached < *needed)
            return end;
    }
    return NULL;
}

int64_t tt_window_first_stamp(const struct tutti_participant *me,
                              const struct tt_end *end)
{
    return me->window.begin.ns + end->wire.out;
}
