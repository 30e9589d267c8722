/* Which bytes are text. SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_UTF8_H
#define WIRE_UTF8_H

#include <stddef.h>

/* Bytes of the UTF-8 character at `text`, which ends in NUL; 0 when there is none: the
 * end, a control character, or no valid UTF-8. */
size_t tt_utf8_size(const char *text);

#endif
