/* Which bytes are text. SPDX-License-Identifier: Apache-2.0 */
#include "wire/utf8.h"

#include <stdint.h>

size_t tt_utf8_size(const char *text)
{
    /* The smallest code point of each length: a longer form of it is no valid text. */
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = 1;
    uint32_t point = bytes[0];

    if (point < 0x80)
        return point >= 0x20 && point != 0x7f;
    if (point >= 0xf0 && point < 0xf8)
        size = 4;
    else if (point >= 0xe0 && point < 0xf0)
        size = 3;
    else if (point >= 0xc0 && point < 0xe0)
        size = 2;
    else
        return 0;
    point &= 0x7fu >> size;
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    if (point < smallest[size] || point > 0x10ffff)
        return 0;
    if ((point >= 0xd800 && point <= 0xdfff) || (point >= 0x80 && point < 0xa0))
        return 0; /* halves of UTF-16 pairs; control characters */
    return size;
}
