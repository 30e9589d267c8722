/* What is too long for any transport is refused where it is sent: on the way it would
 * be refused again and again. SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_LIMITS_H
#define LINK_LIMITS_H

#include <stddef.h>

#include "tutti/status.h"

/* TUTTI_BAD_CALL: over TT_LARGEST_MESSAGE. */
enum tutti_status tt_check_message_size(size_t size);
/* TUTTI_BAD_CALL: over TT_LARGEST_FRAME. */
enum tutti_status tt_check_frame_size(size_t size);

#endif
