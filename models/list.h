/* One line for each model: models/neuron/NAME.c defines `const struct model model_NAME`.
 * SPDX-License-Identifier: GPL-3.0-or-later */
MODEL(iaf_psc_exp)
