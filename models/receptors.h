/* The two receptors of a cell that tells excitation from inhibition by the sign of a
 * weight, in the unit that its synapses have.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MODELS_RECEPTORS_H
#define MODELS_RECEPTORS_H

#include "kernel/model.h"

enum { EXCITATORY, INHIBITORY, RECEPTORS };

extern const struct model_receptor receptors_of_current[RECEPTORS];     /* pA */
extern const struct model_receptor receptors_of_conductance[RECEPTORS]; /* nS */

#endif
