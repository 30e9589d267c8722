/* Which of two parameters must not pass the other: the rule that they break, or NULL,
 * as a model's check() returns it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_ORDER_H
#define MODELS_ORDER_H

#include <stddef.h>

/* In mV. */
static inline const char *order_of_reset(double v_reset, double v_th)
{
    return v_reset < v_th ? NULL : "V_reset must be below V_th";
}

/* In ms. */
static inline const char *order_of_stop(double start, double stop)
{
    return stop < start ? "stop must not be before start" : NULL;
}

#endif
