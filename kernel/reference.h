/* The reference page of the network file, printed by the tables that read it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_REFERENCE_H
#define KERNEL_REFERENCE_H

#include "base/text.h"
#include "tutti/status.h"

/* Appends keys, models and rules, in Markdown. TUTTI_NO_MEMORY. */
enum tutti_status reference_write(struct tt_text *page);

#endif
