/* The public contract of Tutti: all that a participant may see.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TUTTI_TUTTI_H
#define TUTTI_TUTTI_H

#include "tutti/participant.h"
#include "tutti/port.h"
#include "tutti/status.h"
#include "tutti/time.h"

#endif
