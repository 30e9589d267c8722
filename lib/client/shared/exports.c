/* libtutti.so needs one source of its own; what it exports is marked TUTTI_API in its
 * layers. SPDX-License-Identifier: Apache-2.0 */
#include "tutti/tutti.h"

_Static_assert(TUTTI_OK == 0, "a status is false when all is well");
